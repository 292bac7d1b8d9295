#include "properties/words.h"

#include <algorithm>

#include "properties/epochs.h"

namespace smalldb::properties {
namespace {

std::string seconds_text(std::int64_t nanoseconds) {
  constexpr std::int64_t second = 1'000'000'000;
  const std::string sign = nanoseconds < 0 ? "-" : "";
  const std::uint64_t length =
      nanoseconds < 0 ? 0 - static_cast<std::uint64_t>(nanoseconds) : static_cast<std::uint64_t>(nanoseconds);
  std::string fraction = std::to_string(length % second + second).substr(1);
  while (fraction.size() > 3 && fraction.back() == '0') fraction.pop_back();
  return sign + std::to_string(length / second) + "." + fraction + " s";
}

std::string condition_text(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::none: return "";
    case Condition::Kind::revision_is: return " if its revision is " + std::to_string(condition.revision.value);
    case Condition::Kind::exists: return " if it exists";
    case Condition::Kind::absent: return " if it is absent";
  }
  return "";
}

}  // namespace

Answer answer_of(const Observation& observation) {
  const Response& response = *observation.response;
  return {observation.process, observation.peer,  response.number,  response.status,
          response.revision,   response.position, observation.time, observation.event};
}

std::string text(const Answer& answer, const Mirror& mirror) {
  const std::string asked = answer.number == 0 ? "wish for a session" : "request " + std::to_string(answer.number);
  std::string words = std::string(mirror.name(answer.node)) + " answered " + std::string(mirror.name(answer.client)) +
                      "'s " + asked + " with " + std::string(name(answer.status));
  if (answer.revision.value != 0) words += " (revision " + std::to_string(answer.revision.value) + ")";
  return words + " at " + text(answer.at) + ", which depends on " + text(answer.position);
}

std::string text(sim::Time time) { return seconds_text(time.nanoseconds); }
std::string text(Duration duration) { return seconds_text(duration.nanoseconds); }
std::string text(Lsn lsn) { return "record " + std::to_string(lsn.value); }
std::string text(Epoch epoch) { return "epoch " + std::to_string(epoch.value); }

std::string text(const Mirror& mirror, Line line) {
  if (line == no_line) return "an unknown epoch";
  const Tenure& tenure = mirror.epochs[line];
  return text(tenure.epoch) + " of " + std::string(mirror.name(tenure.node));
}

std::string text(const Completion& completion) {
  std::string words(name(completion.outcome));
  if (!completion.value.empty()) words += " " + shown(completion.value.view());
  if (completion.revision.value != 0) words += " (revision " + std::to_string(completion.revision.value) + ")";
  return words;
}

std::string text(const Invocation& invocation) {
  std::string words(name(invocation.verb));
  if (invocation.verb != Verb::open_session) words += " " + shown(invocation.key.view());
  if (invocation.verb == Verb::put) words.append("=").append(shown(invocation.value.view()));
  return words + condition_text(invocation.condition);
}

std::string shown(std::string_view bytes) {
  constexpr std::size_t shown_max = 40;
  const bool plain =
      !bytes.empty() && std::all_of(bytes.begin(), bytes.end(), [](char c) { return c > ' ' && c <= '~' && c != '"'; });
  if (plain && bytes.size() <= shown_max) return std::string(bytes);
  std::string words = "\"";
  for (const char c : bytes.substr(0, shown_max)) words += c >= ' ' && c <= '~' && c != '"' ? c : '.';
  words += "\"";
  if (bytes.size() > shown_max) words += " (" + std::to_string(bytes.size()) + " bytes)";
  return words;
}

}  // namespace smalldb::properties
