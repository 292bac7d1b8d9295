#include "properties/words.h"

#include "properties/data_text.h"
#include "properties/epochs.h"

namespace smalldb::properties {

std::string awaited_operator(const Mirror& mirror) {
  return std::string(mirror.name(mirror.waiting_for_operator())) + " waits for an operator to promote it, and none has";
}
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
  Answer answer{observation.process, observation.peer, {},
                response.status,     response.value,   response.revision,
                response.position,   observation.time, observation.event};
  answer.asked.number = response.number;
  answer.asked.verb = Verb::open_session;
  if (const Request* request = observation.request) {
    answer.asked = {request->number, request->verb, request->key, request->value, request->condition};
  }
  return answer;
}

std::string text(const Answer& answer, const Mirror& mirror) {
  std::string given(name(answer.status));
  if (!answer.value.empty()) given += " " + data_text(answer.value.view());
  if (answer.revision.value != 0 && answer.asked.number != 0)
    given += " (revision " + std::to_string(answer.revision.value) + ")";
  const bool unseen = answer.asked.verb == Verb::open_session && answer.asked.number != 0;
  const std::string asked = answer.asked.number == 0 ? "its wish for a session"
                            : unseen                 ? "request " + std::to_string(answer.asked.number)
                                                     : text(answer.asked);
  return "client " + std::string(mirror.name(answer.client)) + " was given " + given + " for " + asked + " by " +
         std::string(mirror.name(answer.node)) + " at " + text(answer.at);
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
  if (!completion.value.empty()) words += " " + data_text(completion.value.view());
  if (completion.revision.value != 0) words += " (revision " + std::to_string(completion.revision.value) + ")";
  return words;
}

std::string text(const Invocation& invocation) {
  std::string words(name(invocation.verb));
  if (invocation.verb != Verb::open_session) words += " " + data_text(invocation.key.view());
  if (invocation.verb == Verb::put) words.append("=").append(data_text(invocation.value.view()));
  return words + condition_text(invocation.condition);
}

std::string text(const Request& request) {
  return text(Invocation{request.number, request.verb, request.key, request.value, request.condition});
}

}  // namespace smalldb::properties
