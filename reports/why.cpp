#include "reports/why.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ostream>
#include <string_view>
#include <utility>

#include "model/messages.h"
#include "model/record.h"
#include "properties/words.h"
#include "reports/layout.h"
#include "reports/spoken.h"
#include "reports/words.h"

namespace smalldb::reports {
namespace {

using properties::Provenance;
using sim::EventKind;
using sim::TraceEvent;

constexpr std::size_t time_width = 12;

// The record at `position` among encoded ones; empty if it is not there.
std::string record_at(Lsn position, std::string_view bytes, const Names& names) {
  while (const auto header = decode_header(bytes)) {
    if (header->record_size() > bytes.size()) break;
    const auto record = header->lsn == position ? decode_record(bytes) : std::nullopt;
    if (record) return fmt::format("record {}: {}", position.value, record_text(*record, names));
    bytes.remove_prefix(header->record_size());
  }
  return {};
}

// What an event of a chain says to a person; empty where the events around it say it already.
std::string sentence(const TraceEvent& event, Lsn position, const Names& names) {
  const std::string_view who = names.process(event.process);
  switch (event.kind) {
    case EventKind::input: {
      const auto invocation = decode_invocation(event.payload);
      return invocation ? fmt::format("{} asks: {}", who, operation_text(*invocation)) : std::string();
    }
    case EventKind::sent:
    case EventKind::replied: {
      const auto message = decode_frame(event.payload);
      if (!message) return {};
      return fmt::format("{} -> {}: {}", who, names.process(event.peer), message_text(*message, names));
    }
    case EventKind::disk_written: {
      const std::string record = record_at(position, event.payload.view(), names);
      return record.empty() ? std::string() : fmt::format("{} writes {}", who, record);
    }
    case EventKind::disk_synced: return fmt::format("{} makes record {} durable", who, position.value);
    default: return {};
  }
}

// `record`: how it is called, in front of its position.
std::string need_text(const Provenance& provenance, const Names& names, std::string_view record = "record") {
  const std::string_view who = names.process(provenance.of);
  if (provenance.need == Provenance::Need::grant) {
    return fmt::format("{} is given epoch {}", who, provenance.epoch.value);
  }
  const std::uint64_t position = provenance.answer.position.value;
  return provenance.acknowledge == Acknowledge::durable ? fmt::format("{} makes {} {} durable", who, record, position)
                                                        : fmt::format("{} receives {} {}", who, record, position);
}

// "only at 0.411003 s, 317 us after the answer"; nothing if it was in time.
std::optional<std::string> too_late(const std::optional<Provenance::Moment>& moment, const properties::Answer& answer) {
  if (!moment) return "never in this run";
  if (moment->event <= answer.event) return std::nullopt;
  return fmt::format("only at {} s, {} after the answer", seconds_text(moment->at),
                     rounded_text(moment->at - answer.at));
}

// What should have been before the answer, and was not.
std::vector<std::string> missing_links(const Provenance& provenance, const Names& names) {
  const properties::Answer& answer = provenance.answer;
  const std::string_view node = names.process(answer.node);
  if (provenance.need == Provenance::Need::none) return {fmt::format("{} begins an epoch: not since it started", node)};
  std::vector<std::string> links;
  // Whoever never had it may well have another record at its position, since it went on by itself.
  constexpr std::string_view that_one = "that record";
  if (const auto late = too_late(provenance.own, answer)) {
    links.push_back(fmt::format("{} makes {} {} durable: {}", node, that_one, answer.position.value, *late));
  }
  if (const auto late = too_late(provenance.met, answer)) {
    links.push_back(need_text(provenance, names, that_one) + ": " + *late);
  } else if (provenance.word.empty()) {
    std::string text = fmt::format("word of it: {} at {} s, and nothing leads from there to the answer",
                                   need_text(provenance, names), seconds_text(provenance.met->at));
    if (provenance.last_word) {
      text += fmt::format("; the last that {} had heard was sent at {} s: {}", node,
                          seconds_text(provenance.last_word->time),
                          sentence(*provenance.last_word, answer.position, names));
    }
    links.push_back(std::move(text));
  }
  return links;
}

}  // namespace

Why why_of(const Provenance& provenance, std::vector<std::string> properties, const Names& names) {
  Why why{std::move(properties), {}};
  for (const TraceEvent& event : provenance.chain) {
    if (std::string text = sentence(event, provenance.answer.position, names); !text.empty())
      why.lines.push_back({event.time, std::move(text)});
  }
  if (!provenance.word.empty()) {
    why.lines.push_back(
        {provenance.met->at, need_text(provenance, names) + fmt::format(", and word of it reaches {} before the answer",
                                                                        names.process(provenance.answer.node))});
    std::stable_sort(why.lines.begin(), why.lines.end(),
                     [](const auto& one, const auto& other) { return one.at < other.at; });
  }
  for (std::string& link : missing_links(provenance, names)) why.lines.push_back({std::nullopt, std::move(link)});
  return why;
}

void write_why(const Why& why, const Style& style, std::ostream& out) {
  out << style.paint(Colour::bold,
                     fmt::format("Why {} {} violated: what the answer rests on", fmt::join(why.properties, " and "),
                                 why.properties.size() == 1 ? "is" : "are"))
      << '\n';
  for (const WhyLine& line : why.lines) {
    const std::string at = fmt::format("{:>{}}", line.at ? seconds_text(*line.at) : "missing", time_width);
    write_paragraph(style.paint(line.at ? Colour::none : Colour::red, at) + "  ", time_width + 2,
                    shortened(line.text, 400), out, style.width());
  }
}

}  // namespace smalldb::reports
