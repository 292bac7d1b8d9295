#include "reports/history_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "properties/checker/steps.h"
#include "reports/layout.h"
#include "reports/spoken.h"

namespace smalldb::reports {
namespace {

using checker::Anomaly;
using checker::History;
using checker::Operation;
using checker::Outcome;
using checker::ValueId;
using checker::Verb;
using checker::Violation;

bool writes(const Operation& operation) { return operation.verb != Verb::get; }

// Whether it may have changed something.
bool may_have_written(const Operation& operation) {
  return writes(operation) && (operation.outcome == Outcome::ok || operation.outcome == Outcome::unknown);
}

// What it leaves, but for an append.
ValueId left_by(const Operation& operation) {
  return checker::removes(operation) ? ValueId::absent : operation.argument;
}

std::string condition_text(const History& history, const Operation& operation) {
  switch (operation.verb) {
    case Verb::swap_if_value:
    case Verb::remove_if_value:
      if (operation.expected == ValueId::absent) return " if absent";
      return fmt::format(" if it is {}", value_text(history, operation.expected));
    case Verb::swap_if_revision:
    case Verb::remove_if_revision:
      if (operation.expected_revision == 0) return " if absent";
      if (operation.expected_revision == checker::any_revision) return " if present";
      return fmt::format(" if revision {}", operation.expected_revision);
    default: return "";
  }
}

// What an operation says of the state that it met.
std::string saw_text(const History& history, const Operation& operation) {
  const std::string key = data_text(history.name(operation.key));
  if (operation.verb == Verb::get) return fmt::format("read {} as {}", key, value_text(history, operation.result));
  if (operation.outcome == Outcome::mismatched && operation.has_result) {
    return fmt::format("found {} to be {}", key, value_text(history, operation.result));
  }
  const std::string what = operation_text(history, operation);
  return operation.outcome == Outcome::mismatched ? fmt::format("found the condition of {} false", what)
                                                  : fmt::format("got ok for {}", what);
}

// An operation with who and where: "c2's put x=17 (line 12)".
std::string whose_text(const History& history, std::size_t position) {
  const Operation& operation = history.operations()[position];
  return fmt::format("{}'s {} ({})", process_text(history, operation.process), operation_text(history, operation),
                     place_text(history, position));
}

// The one of the violation's operations, other than the culprit, that `fits` and was invoked last.
template <class Fits>
std::optional<std::size_t> last_that(const History& history, const Violation& violation, Fits fits) {
  std::optional<std::size_t> found;
  for (const auto* positions : {&violation.operations, &violation.writers}) {
    for (const std::size_t position : *positions) {
      if (position == violation.culprit || !fits(history.operations()[position])) continue;
      if (!found || history.operations()[position].invoked >= history.operations()[*found].invoked) found = position;
    }
  }
  return found;
}

std::string rest_of(const History& history, const Violation& violation) {
  const Operation& culprit = history.operations()[violation.culprit];
  const auto before = [&](const Operation& operation) { return operation.returned < culprit.invoked; };
  switch (violation.anomaly) {
    case Anomaly::stale_read: {
      const auto other = last_that(history, violation, [&](const Operation& operation) {
        return may_have_written(operation) && before(operation) && left_by(operation) != culprit.result;
      });
      if (!other) return ", but that had been overwritten before the call";
      const bool appends = history.operations()[*other].verb == Verb::append;
      return fmt::format(", but {} had {} before the call", whose_text(history, *other),
                         appends ? "been acknowledged" : "overwritten that");
    }
    case Anomaly::lost_update: {
      const auto other = last_that(history, violation, [&](const Operation& operation) {
        return may_have_written(operation) && before(operation);
      });
      if (!other) return ": a write that had been acknowledged before the call was never seen by anybody";
      // What was appended would be in all that was read later; what was put may have been overwritten unseen.
      const bool appends = history.operations()[*other].verb == Verb::append;
      return fmt::format("{}{}, acknowledged before the call, {}", appends ? ": of " : ", and ",
                         whose_text(history, *other), appends ? "nothing is left" : "was never seen by anybody");
    }
    case Anomaly::dirty_read: {
      const auto other = last_that(history, violation, [](const Operation& operation) {
        return writes(operation) && checker::has_no_effect(operation.outcome);
      });
      if (!other) return ", but the write of that had definitely failed";
      const bool refused = history.operations()[*other].outcome == Outcome::mismatched;
      return fmt::format(", but {} {}", whose_text(history, *other), refused ? "was refused" : "had definitely failed");
    }
    case Anomaly::phantom_value: return ", but nobody ever wrote that";
    case Anomaly::future_read: {
      const auto other = last_that(history, violation, [&](const Operation& operation) {
        return writes(operation) && operation.invoked > culprit.returned;
      });
      return other ? fmt::format(", but {} had not begun yet", whose_text(history, *other))
                   : std::string(", but no write of that had begun yet");
    }
    case Anomaly::non_monotonic_read: {
      const auto other = last_that(history, violation, [&](const Operation& operation) {
        return operation.verb == Verb::get && before(operation) && operation.result != culprit.result;
      });
      if (!other) return ", but a newer value had been read before";
      return fmt::format(", but {} had read {} before, which is newer",
                         process_text(history, history.operations()[*other].process),
                         value_text(history, history.operations()[*other].result));
    }
    case Anomaly::duplicate_effect: {
      const auto other = last_that(history, violation, [](const Operation& operation) { return writes(operation); });
      return other ? fmt::format(": {} took effect twice", whose_text(history, *other))
                   : std::string(": one write took effect twice");
    }
    case Anomaly::exclusive_writes: {
      const auto other = last_that(history, violation, [&](const Operation& operation) {
        return writes(operation) && checker::is_conditional(operation.verb) == checker::is_conditional(culprit.verb);
      });
      if (!other) return ", and so did another: no order lets both find it so";
      const bool did_both = writes(culprit) && history.operations()[*other].outcome == Outcome::ok;
      return fmt::format(", and {}{}{}: no order lets both find it so", did_both ? "so did " : "",
                         whose_text(history, *other), did_both ? "" : " took effect too");
    }
    case Anomaly::no_order:
      return violation.operations.size() + violation.writers.size() <= 1
                 ? std::string(", which no order of the operations explains")
                 : fmt::format(", and no order of these {} operations explains all their answers",
                               violation.operations.size() + violation.writers.size());
  }
  return "";
}

}  // namespace

std::string value_text(const History& history, ValueId value) {
  if (value == ValueId::absent) return "nothing";
  const std::string_view bytes = history.bytes(value);
  return bytes == "nothing" ? "\"nothing\"" : data_text(bytes);
}

std::string process_text(const History& history, checker::ProcessId process) {
  const std::string_view name = history.name(process);
  const bool is_number = !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
  return (is_number ? "process " : "") + data_text(name);
}

std::string operation_text(const History& history, const Operation& operation) {
  const std::string key = data_text(history.name(operation.key));
  switch (operation.verb) {
    case Verb::get: return "get " + key;
    case Verb::append: return fmt::format("append {}+={}", key, value_text(history, operation.argument));
    case Verb::put:
    case Verb::swap_if_value:
    case Verb::swap_if_revision:
      return fmt::format("put {}={}{}", key, value_text(history, operation.argument),
                         condition_text(history, operation));
    case Verb::remove:
    case Verb::remove_if_value:
    case Verb::remove_if_revision: return fmt::format("delete {}{}", key, condition_text(history, operation));
  }
  return "?";
}

std::string answer_text(const History& history, const Operation& operation) {
  std::string text;
  switch (operation.outcome) {
    case Outcome::ok:
      text = operation.verb == Verb::get ? value_text(history, operation.result) : std::string("ok");
      break;
    case Outcome::mismatched:
      text = "mismatched";
      if (operation.has_result) text += ": it is " + value_text(history, operation.result);
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

std::string sentence(const History& history, const Violation& violation) {
  const Operation& culprit = history.operations()[violation.culprit];
  std::string what(word(violation.anomaly));
  what.front() = static_cast<char>(what.front() - 'a' + 'A');
  return fmt::format("{}: {} {} ({}){}.", what, process_text(history, culprit.process), saw_text(history, culprit),
                     place_text(history, violation.culprit), rest_of(history, violation));
}

std::string sentence(const History& history, const checker::BrokenGuarantee& broken) {
  const auto told = [&](std::size_t position) {
    const Operation& operation = history.operations()[position];
    return fmt::format("{} said revision {} ({})", operation_text(history, operation), operation.revision,
                       place_text(history, position));
  };
  return fmt::format("to {}, {} after {}.", process_text(history, history.operations()[broken.later].process),
                     told(broken.later), told(broken.earlier));
}

std::string sentence(const History& history, const checker::WrongRevision& wrong) {
  const std::string one = whose_text(history, wrong.operation);
  if (wrong.other == wrong.operation) return fmt::format("{}: {}.", wrong.what, one);
  return fmt::format("{}: {}, {}.", wrong.what, one, whose_text(history, wrong.other));
}

}  // namespace smalldb::reports
