#include "reports/history_words.h"

#include <fmt/format.h>

#include <optional>

#include "model/assert.h"
#include "properties/checker/steps.h"
#include "properties/data_text.h"
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
  const std::string key = properties::data_text(history.name(operation.key));
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

// The value that it says it has found, where that is not in what is told of it already.
std::string found_text(const History& history, const Operation& operation) {
  if (operation.verb == Verb::get || operation.has_result) return "that";
  const std::optional<checker::Step> step = checker::step_of(operation);
  return step ? value_text(history, step->need.value) : "that";
}

bool found_nothing(const Operation& operation) {
  const std::optional<checker::Step> step = checker::step_of(operation);
  return step && step->need.of_value == checker::Need::Kind::is && step->need.value == ValueId::absent;
}

std::string rest_of(const History& history, const Violation& violation) {
  const auto& operations = history.operations();
  const Operation& culprit = operations[violation.culprit];
  if (violation.anomaly == Anomaly::no_order) {
    const std::size_t count = violation.operations.size() + violation.writers.size();
    return count <= 1 ? std::string(", which no order of the operations explains")
                      : fmt::format(", and no order of these {} operations explains all their answers", count);
  }
  if (violation.anomaly == Anomaly::phantom_value) {
    return found_nothing(culprit) ? ", but nobody ever deleted it"
                                  : fmt::format(", but nobody ever wrote {}", found_text(history, culprit));
  }
  SMALLDB_ASSERT(violation.other);
  const Operation& other = operations[*violation.other];
  const std::string whose = whose_text(history, *violation.other);
  const bool appends = other.verb == Verb::append;
  switch (violation.anomaly) {
    case Anomaly::stale_read:
      return fmt::format(", but {} had {} before the call", whose, appends ? "been acknowledged" : "overwritten that");
    case Anomaly::lost_update:
      // What was appended would be in all that was read later; what was put may have been overwritten unseen.
      return fmt::format("{}{}, acknowledged before the call, {}", appends ? ": of " : ", and ", whose,
                         appends ? "nothing is left" : "was never seen by anybody");
    case Anomaly::dirty_read:
      return fmt::format(", but {} {}", whose,
                         other.outcome == Outcome::mismatched ? "was refused" : "had definitely failed");
    case Anomaly::future_read: return fmt::format(", but {} had not begun yet", whose);
    case Anomaly::non_monotonic_read:
      return fmt::format(", but {} had read {} before, which is newer", process_text(history, other.process),
                         value_text(history, other.result));
    case Anomaly::duplicate_effect: return fmt::format(": {} took effect twice", whose);
    case Anomaly::exclusive_writes: {
      const bool did_both = culprit.outcome == Outcome::ok && other.outcome == Outcome::ok;
      return fmt::format(", and {}{}{}: no order lets both find it so", did_both ? "so did " : "", whose,
                         did_both ? "" : " took effect too");
    }
    case Anomaly::phantom_value:
    case Anomaly::no_order: break;
  }
  return "";
}

}  // namespace

std::string value_text(const History& history, ValueId value) {
  if (value == ValueId::absent) return "nothing";
  const std::string_view bytes = history.bytes(value);
  return bytes == "nothing" ? "\"nothing\"" : properties::data_text(bytes);
}

std::string process_text(const History& history, checker::ProcessId process) {
  const std::string_view name = history.name(process);
  const bool is_number = !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
  return (is_number ? "process " : "") + properties::data_text(name);
}

std::string operation_text(const History& history, const Operation& operation) {
  const std::string key = properties::data_text(history.name(operation.key));
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
