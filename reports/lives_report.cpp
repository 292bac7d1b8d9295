#include "reports/lives_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "model/assert.h"
#include "properties/properties.h"
#include "reports/layout.h"
#include "reports/story_text.h"
#include "reports/words.h"

namespace smalldb::reports {
namespace {

using properties::Conclusion;
using scenarios::Life;

constexpr std::size_t word_width = 10;  // "not judged"
constexpr std::size_t name_width = 21;
constexpr std::size_t head_width = 2 + word_width + 2 + name_width;

std::string_view how_it_ended(Life::End end) {
  switch (end) {
    case Life::End::died: return "killed, or it goes on";
    case Life::End::process_ended: return "the process ended";
    case Life::End::failed: return "an assertion failed";
    case Life::End::bound_reached: return "the recording reached its bound; the process went on";
    case Life::End::cannot_write: return "the recording could not be written any more; the process went on";
    case Life::End::damaged: return "the recording is damaged there";
  }
  return "?";
}

class Writer {
 public:
  Writer(const LivesReport& report, const Style& style, std::ostream& out)
      : report_(report), joined_(report.joined), style_(style), out_(out) {}

  void write() const {
    for (const std::size_t i : joined_.order) write_life(i);
    if (report_.story) {
      out_ << '\n';
      write_story(*report_.story, style_, out_);
    }
    write_properties();
    write_coverage();
  }

 private:
  void write_life(std::size_t i) const {
    const Life& life = report_.lives[i];
    const scenarios::LifeAccount& account = joined_.lives[i];
    out_ << style_.paint(Colour::bold, joined_.cast.members[account.process].name)
         << fmt::format(", {} ({})\n", life.machine.kind == RecordedMachine::Kind::node ? "a node" : "an arbiter",
                        report_.files[i]);
    line("recorded",
         fmt::format("by {}: {}, {} s to {} s; {}", life.machine.program, counted(life.steps.size(), "step"),
                     seconds_text(account.began), seconds_text(account.ended), how_it_ended(life.end)));
    if (life.bytes_after > 0) {
      line("not read", fmt::format("{} from byte {} on, which {} no whole event", counted(life.bytes_after, "byte"),
                                   life.bytes, life.bytes_after == 1 ? "is" : "are"));
    }
    if (account.divergence) {
      line("differs", style_.paint(Colour::red, fmt::format("at step {} of {}: {}", account.divergence->step + 1,
                                                            life.steps.size(), account.divergence->what)));
    } else {
      line("the same", style_.paint(Colour::green, "every step has had the effects that it had, to the byte"));
    }
  }

  void line(std::string_view word, const std::string& text) const {
    write_paragraph(fmt::format("  {:<{}}  ", word, word_width), 2 + word_width + 2, text, out_, style_.width());
  }

  void write_properties() const {
    out_ << '\n' << style_.paint(Colour::bold, "Properties") << '\n';
    const auto described = properties::descriptions();
    for (std::size_t i = 0; i < report_.judged.verdicts.size(); ++i) {
      const scenarios::LivesVerdict& each = report_.judged.verdicts[i];
      const bool judged = each.not_judged.empty();
      const Conclusion conclusion = each.verdict.conclusion;
      const Colour colour = !judged                              ? Colour::dim
                            : conclusion == Conclusion::holds    ? Colour::green
                            : conclusion == Conclusion::violated ? Colour::red
                                                                 : Colour::yellow;
      const std::string word = fmt::format("{:<{}}", judged ? name(conclusion) : "not judged", word_width);
      const std::string head = fmt::format("  {}  {:<{}}  ", style_.paint(colour, word), described[i].name, name_width);
      write_paragraph(head, head_width + 2, judged ? std::string(described[i].what) : each.not_judged, out_,
                      style_.width());
      if (!judged || each.verdict.witness.empty()) continue;
      const std::string at =
          conclusion == Conclusion::violated ? fmt::format("at {} s: ", seconds_text(each.verdict.at)) : std::string();
      write_paragraph(std::string(head_width + 2, ' '), head_width + 2, at + each.verdict.witness, out_,
                      style_.width());
    }
  }

  void write_coverage() const {
    std::string seen;
    for (const properties::Seen& condition : report_.judged.coverage) {
      if (condition.count == 0) continue;
      seen += fmt::format("{}{} {}", seen.empty() ? "" : ", ", condition.name, grouped(condition.count));
    }
    out_ << '\n' << style_.paint(Colour::bold, "Seen") << '\n';
    write_paragraph("  ", 2, seen.empty() ? "nothing of note" : seen, out_, style_.width());
  }

  const LivesReport& report_;
  const scenarios::Joined& joined_;
  const Style& style_;
  std::ostream& out_;
};

}  // namespace

std::string_view JoinedNames::process(ProcessId process) const {
  if (joined_.cast.has(process) || process == no_process) return joined_.cast.name(process);
  if (const auto known = joined_.names.find(process); known != joined_.names.end()) return known->second;
  return "an unknown process";
}

std::string_view JoinedNames::file(sim::FileId file) const {
  return joined_.file_names[static_cast<std::size_t>(file)];
}

const sim::Fault& JoinedNames::fault(sim::FaultId fault) const {
  SMALLDB_ASSERT(false, static_cast<std::uint32_t>(fault));  // what really happened has no faults that somebody planned
  static const sim::Fault none;
  return none;
}

std::vector<StoryColumn> story_columns(const properties::Cast& cast) {
  std::vector<StoryColumn> columns;
  for (std::size_t i = 0; i < cast.size(); ++i) {
    if (cast.members[i].part == properties::Part::node) {
      columns.push_back({ProcessId{static_cast<std::uint32_t>(i)}, cast.members[i].name});
    }
  }
  return columns;
}

void write_lives(const LivesReport& report, const Style& style, std::ostream& out) {
  Writer(report, style, out).write();
}

}  // namespace smalldb::reports
