#include "reports/history_words.h"

#include <fmt/format.h>

#include <optional>

#include "model/assert.h"
#include "properties/checker/steps.h"
#include "reports/layout.h"

namespace smalldb::reports {
namespace {

using checker::Anomaly;
using checker::History;
using checker::Operation;
using checker::Outcome;
using checker::ValueId;
using checker::Verb;
using checker::Violation;

Phrase key_text(const History& history, const Operation& operation) {
  return Phrase::data(history.name(operation.key));
}

Phrase condition_text(const History& history, const Operation& operation) {
  switch (operation.verb) {
    case Verb::swap_if_value:
    case Verb::remove_if_value:
      if (operation.expected == ValueId::absent) return " if absent";
      return said(" if it is ", value_text(history, operation.expected));
    case Verb::swap_if_revision:
    case Verb::remove_if_revision:
      if (operation.expected_revision == 0) return " if absent";
      if (operation.expected_revision == checker::any_revision) return " if present";
      return fmt::format(" if revision {}", operation.expected_revision);
    default: return "";
  }
}

// What an operation says of the state that it met.
Phrase saw_text(const History& history, const Operation& operation) {
  const Phrase key = key_text(history, operation);
  if (operation.verb == Verb::get) return said("read ", key, " as ", value_text(history, operation.result));
  if (operation.outcome == Outcome::mismatched && operation.has_result) {
    return said("found ", key, " to be ", value_text(history, operation.result));
  }
  const Phrase what = operation_text(history, operation);
  return operation.outcome == Outcome::mismatched ? said("found the condition of ", what, " false")
                                                  : said("got ok for ", what);
}

// An operation with who and where: "c2's put x=17 (line 12)".
Phrase whose_text(const History& history, std::size_t position) {
  const Operation& operation = history.operations()[position];
  return said(process_text(history, operation.process), "'s ", operation_text(history, operation), " (",
              place_text(history, position), ")");
}

// The value that it says it has found, where that is not in what is told of it already.
Phrase found_text(const History& history, const Operation& operation) {
  if (operation.verb == Verb::get || operation.has_result) return "that";
  const std::optional<checker::Step> step = checker::step_of(operation);
  return step ? value_text(history, step->need.value) : "that";
}

bool found_nothing(const Operation& operation) {
  const std::optional<checker::Step> step = checker::step_of(operation);
  return step && step->need.of_value == checker::Need::Kind::is && step->need.value == ValueId::absent;
}

Phrase rest_of(const History& history, const Violation& violation) {
  const auto& operations = history.operations();
  const Operation& culprit = operations[violation.culprit];
  if (violation.anomaly == Anomaly::no_order) {
    const std::size_t count = violation.operations.size() + violation.writers.size();
    return count <= 1 ? std::string(", which no order of the operations explains")
                      : fmt::format(", and no order of these {} operations explains all their answers", count);
  }
  if (violation.anomaly == Anomaly::phantom_value) {
    return found_nothing(culprit) ? ", but nobody ever deleted it"
                                  : said(", but nobody ever wrote ", found_text(history, culprit));
  }
  SMALLDB_ASSERT(violation.other);
  const Operation& other = operations[*violation.other];
  const Phrase whose = whose_text(history, *violation.other);
  const bool appends = other.verb == Verb::append;
  switch (violation.anomaly) {
    case Anomaly::stale_read:
      return said(", but ", whose, " had ", appends ? "been acknowledged" : "overwritten that", " before the call");
    case Anomaly::lost_update:
      // What was appended would be in all that was read later; what was put may have been overwritten unseen.
      return said(appends ? ": of " : ", and ", whose, ", acknowledged before the call, ",
                  appends ? "nothing is left" : "was never seen by anybody");
    case Anomaly::dirty_read:
      return said(", but ", whose, other.outcome == Outcome::mismatched ? " was refused" : " had definitely failed");
    case Anomaly::future_read: return said(", but ", whose, " had not begun yet");
    case Anomaly::non_monotonic_read:
      return said(", but ", process_text(history, other.process), " had read ", value_text(history, other.result),
                  " before, which is newer");
    case Anomaly::duplicate_effect: return said(": ", whose, " took effect twice");
    case Anomaly::exclusive_writes: {
      const bool did_both = culprit.outcome == Outcome::ok && other.outcome == Outcome::ok;
      return said(", and ", did_both ? "so did " : "", whose, did_both ? "" : " took effect too",
                  ": no order lets both find it so");
    }
    case Anomaly::phantom_value:
    case Anomaly::no_order: break;
  }
  return "";
}

}  // namespace

Phrase value_text(const History& history, ValueId value) {
  return value == ValueId::absent ? "nothing" : Phrase::data(history.bytes(value));
}

Phrase process_text(const History& history, checker::ProcessId process) {
  const std::string_view name = history.name(process);
  const bool is_number = !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
  return said(is_number ? "process " : "", Phrase::data(name));
}

Phrase operation_text(const History& history, const Operation& operation) {
  const Phrase key = key_text(history, operation);
  switch (operation.verb) {
    case Verb::get: return said("get ", key);
    case Verb::append: return said("append ", key, "+=", value_text(history, operation.argument));
    case Verb::put:
    case Verb::swap_if_value:
    case Verb::swap_if_revision:
      return said("put ", key, "=", value_text(history, operation.argument), condition_text(history, operation));
    case Verb::remove:
    case Verb::remove_if_value:
    case Verb::remove_if_revision: return said("delete ", key, condition_text(history, operation));
  }
  return "?";
}

Phrase answer_text(const History& history, const Operation& operation) {
  Phrase text;
  switch (operation.outcome) {
    case Outcome::ok: text = operation.verb == Verb::get ? value_text(history, operation.result) : "ok"; break;
    case Outcome::mismatched:
      text = "mismatched";
      if (operation.has_result) text += said(": it is ", value_text(history, operation.result));
      break;
    case Outcome::failed: text = "failed"; break;
    case Outcome::unknown: text = "unknown"; break;
  }
  if (operation.revision != 0) text += fmt::format(", revision {}", operation.revision);
  return text;
}

std::string place_text(const History& history, std::size_t position) {
  if (const auto line = history.line(position); line != 0) return "line " + grouped(line);
  return fmt::format("at {}", history.operations()[position].invoked);
}

std::string span_text(checker::Instant from, checker::Instant to) {
  return from == to ? fmt::format("at {}", from) : fmt::format("{} to {}", from, to);
}

std::string_view word(Anomaly anomaly) {
  switch (anomaly) {
    case Anomaly::stale_read: return "stale read";
    case Anomaly::lost_update: return "lost update";
    case Anomaly::dirty_read: return "dirty read of a failed write";
    case Anomaly::phantom_value: return "phantom value";
    case Anomaly::future_read: return "read from the future";
    case Anomaly::non_monotonic_read: return "non-monotonic read";
    case Anomaly::duplicate_effect: return "duplicate effect";
    case Anomaly::exclusive_writes: return "two writes that exclude each other";
    case Anomaly::no_order: return "no order";
  }
  return "?";
}

Phrase sentence(const History& history, const Violation& violation) {
  const Operation& culprit = history.operations()[violation.culprit];
  std::string what(word(violation.anomaly));
  what.front() = static_cast<char>(what.front() - 'a' + 'A');
  return said(what, ": ", process_text(history, culprit.process), " ", saw_text(history, culprit), " (",
              place_text(history, violation.culprit), ")", rest_of(history, violation), ".");
}

Phrase sentence(const History& history, const checker::BrokenGuarantee& broken) {
  const auto told = [&](std::size_t position) {
    const Operation& operation = history.operations()[position];
    return said(operation_text(history, operation),
                fmt::format(" said revision {} ({})", operation.revision, place_text(history, position)));
  };
  return said("to ", process_text(history, history.operations()[broken.later].process), ", ", told(broken.later),
              " after ", told(broken.earlier), ".");
}

Phrase sentence(const History& history, const checker::WrongRevision& wrong) {
  const Phrase one = whose_text(history, wrong.operation);
  if (wrong.other == wrong.operation) return said(wrong.what, ": ", one, ".");
  return said(wrong.what, ": ", one, ", ", whose_text(history, wrong.other), ".");
}

}  // namespace smalldb::reports
