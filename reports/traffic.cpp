#include "reports/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <variant>

#include "model/client.h"
#include "model/messages.h"
#include "model/record.h"
#include "properties/data_text.h"
#include "reports/sentences.h"
#include "reports/spoken.h"
#include "reports/words.h"

namespace smalldb::reports {
namespace {

using sim::EventKind;
using sim::TraceEvent;
using Fate = Transmission::Fate;
using Kind = Transmission::Kind;

// A datagram comes so many events after it was sent at most, or it is not remembered.
constexpr std::size_t datagrams_max = 10'000;

struct Label {
  Kind kind = Kind::other;
  std::string text;
};

std::string range_text(std::string_view one, std::uint64_t first, std::uint64_t count) {
  if (count <= 1) return fmt::format("{} {}", one, first);
  return fmt::format("{}s {}..{}", one, first, first + count - 1);
}

Label label_of(const MessageBody& body) {
  const auto label = [](const auto& what) -> Label {
    using Body = std::decay_t<decltype(what)>;
    if constexpr (std::is_same_v<Body, RequestMessage>) {
      const Request& request = what.request;
      if (request.verb == Verb::open_session) return {Kind::request, "open a session"};
      return {Kind::request, fmt::format("{} {}", name(request.verb), properties::data_text(request.key.view()))};
    } else if constexpr (std::is_same_v<Body, ResponseMessage>) {
      const Response& response = what.response;
      if (response.position.value == 0) return {Kind::answer, std::string(name(response.status))};
      return {Kind::answer, fmt::format("{} @{}", name(response.status), response.position.value)};
    } else if constexpr (std::is_same_v<Body, Records>) {
      if (what.bytes.empty()) return {Kind::records, fmt::format("safe {}", what.safe.value)};
      return {Kind::records, range_text("record", what.first.value, count_records(what.bytes.view()))};
    } else if constexpr (std::is_same_v<Body, Ack>) {
      return {Kind::acknowledgement, fmt::format("ack {}", what.durable.value)};
    } else if constexpr (std::is_same_v<Body, Heartbeat>) {
      return {Kind::heartbeat, {}};
    } else if constexpr (std::is_same_v<Body, Claim>) {
      return {Kind::other, fmt::format("claim {}", what.wanted.value)};
    } else if constexpr (std::is_same_v<Body, Verdict>) {
      return {Kind::other, fmt::format("verdict {}", what.claimed.value)};
    } else if constexpr (std::is_same_v<Body, SnapshotChunk>) {
      return {Kind::other, "snapshot"};
    } else if constexpr (std::is_same_v<Body, SnapshotTaken>) {
      return {Kind::acknowledgement, "taken"};
    } else if constexpr (std::is_same_v<Body, Hello>) {
      return {Kind::other, "hello"};
    } else if constexpr (std::is_same_v<Body, NotPrimary>) {
      return {Kind::other, "not primary"};
    } else if constexpr (std::is_same_v<Body, Leaving>) {
      return {Kind::other, "leaving"};
    } else if constexpr (std::is_same_v<Body, Ping>) {
      return {Kind::other, "ping"};
    } else if constexpr (std::is_same_v<Body, Pong>) {
      return {Kind::other, "pong"};
    } else if constexpr (std::is_same_v<Body, Welcome>) {
      return {Kind::other, "welcome"};
    } else {
      static_assert(std::is_same_v<Body, Ready>);
      return {Kind::other, "ready"};
    }
  };
  return std::visit(label, body);
}

Asking::End end_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
    case Outcome::not_found: return Asking::End::ok;
    case Outcome::condition_failed: return Asking::End::refused;
    case Outcome::failed: return Asking::End::failed;
    case Outcome::unknown: return Asking::End::unknown;
  }
  return Asking::End::unknown;
}

Moment moment_of(const TraceEvent& event) { return {event.index, event.time}; }

}  // namespace

void Traffic::see(std::span<const TraceEvent> events, const Names& names) {
  for (const TraceEvent& event : events) see(event, names);
}

std::string_view name(Transmission::Kind kind) {
  switch (kind) {
    case Transmission::Kind::request: return "request";
    case Transmission::Kind::answer: return "answer";
    case Transmission::Kind::records: return "records";
    case Transmission::Kind::acknowledgement: return "acknowledgement";
    case Transmission::Kind::heartbeat: return "heartbeat";
    case Transmission::Kind::other: return "other";
  }
  return "?";
}

std::string_view name(Transmission::Fate fate) {
  switch (fate) {
    case Transmission::Fate::under_way: return "under_way";
    case Transmission::Fate::arrived: return "arrived";
    case Transmission::Fate::lost: return "lost";
  }
  return "?";
}

std::string_view name(Asking::End end) {
  switch (end) {
    case Asking::End::none: return "none";
    case Asking::End::ok: return "ok";
    case Asking::End::refused: return "refused";
    case Asking::End::failed: return "failed";
    case Asking::End::unknown: return "unknown";
  }
  return "?";
}

Moment Traffic::last_of(ProcessId process) const {
  const auto last = last_.find(process);
  return last == last_.end() ? Moment{} : last->second;
}

void Traffic::see(const TraceEvent& event, const Names& names) {
  last_[event.process] = moment_of(event);
  switch (event.kind) {
    case EventKind::sent:
    case EventKind::replied:
    case EventKind::datagram_sent: return leaves(event, names);
    case EventKind::received: return stream_ends(event, event.peer, Fate::arrived);
    case EventKind::stream_lost: return stream_ends(event, event.process, Fate::lost);
    case EventKind::datagram_received:
    case EventKind::datagram_lost: return datagram_ends(event);
    case EventKind::input: return asks(event);
    case EventKind::report: return tells(event);
    case EventKind::crashed:
    case EventKind::stopped: return is_no_more(event);
    case EventKind::disk_synced:
      disk_marks_.add({event.process, moment_of(event), false,
                       fmt::format("{} has synced {}", names.process(event.process), names.file(event.file))});
      return;
    case EventKind::disk_failed:
      if (static_cast<DiskStatus>(event.b) == DiskStatus::not_found) return;  // a disk that is new
      disk_marks_.add(
          {event.process, moment_of(event), true,
           fmt::format("{} cannot {}: {}", names.process(event.process), word(static_cast<effect::DiskVerb>(event.a)),
                       word(static_cast<DiskStatus>(event.b)))});
      return;
    case EventKind::fault_injected: {
      const sim::FaultId id{static_cast<std::uint32_t>(event.a)};
      const sim::Fault& fault = names.fault(id);
      lasting_[id] = spells_.add({id, fault, fault_text(fault, names), moment_of(event), {}});
      return;
    }
    case EventKind::fault_ended: return fault_ends(event);
    default: return;
  }
}

void Traffic::leaves(const TraceEvent& event, const Names& names) {
  Transmission sent{.from = event.process,
                    .to = event.peer,
                    .left = moment_of(event),
                    .ended = {},
                    .label = {},
                    .text = {},
                    .about = {}};
  if (const auto message = decode_frame(event.payload)) {
    Label label = label_of(message->body);
    sent.kind = label.kind;
    sent.label = std::move(label.text);
    sent.text = message_text(*message, names);
  } else {
    sent.label = sent.text = fmt::format("{} bytes", event.payload.size());
  }
  if (sent.kind == Kind::records || sent.kind == Kind::acknowledgement) {
    std::string& last = last_said_[{event.a, event.process}];
    if (last == sent.text) sent.kind = Kind::heartbeat;
    last = sent.text;
  }
  const std::uint64_t number = transmissions_.add(std::move(sent));
  if (event.kind == EventKind::datagram_sent) {
    datagrams_[event.index] = number;
    if (datagrams_.size() > datagrams_max) datagrams_.erase(datagrams_.begin());
  } else {
    streams_[{event.a, event.process}].push_back({number, event.b + event.payload.size()});
  }
}

// A message has arrived when its last byte has.
void Traffic::stream_ends(const TraceEvent& event, ProcessId sender, Fate fate) {
  const auto stream = streams_.find({event.a, sender});
  if (stream == streams_.end()) return;
  std::deque<Open>& open = stream->second;
  for (; !open.empty() && open.front().end <= event.b + event.payload.size(); open.pop_front()) {
    end(open.front().number, event, fate);
  }
  if (open.empty()) streams_.erase(stream);
}

void Traffic::datagram_ends(const TraceEvent& event) {
  const auto sent = datagrams_.find(event.cause);
  if (sent == datagrams_.end()) return;
  Transmission* one = transmissions_.find(sent->second);
  if (one == nullptr) return;
  std::uint64_t number = sent->second;
  std::string about;
  if (one->fate != Fate::under_way) {  // the other one of two
    number = transmissions_.add(*one);
    one = transmissions_.find(number);
    about = "a copy";
  }
  if (event.kind == EventKind::datagram_lost) {
    about += fmt::format("{}{}", about.empty() ? "" : ", ", sim::name(static_cast<sim::LossReason>(event.b)));
  }
  one->about = std::move(about);
  end(number, event, event.kind == EventKind::datagram_lost ? Fate::lost : Fate::arrived);
}

void Traffic::end(std::uint64_t number, const TraceEvent& event, Fate fate) {
  if (Transmission* const one = transmissions_.find(number)) {
    one->fate = fate;
    one->ended = moment_of(event);
  }
}

void Traffic::asks(const TraceEvent& event) {
  const auto invocation = decode_invocation(event.payload);
  if (!invocation) return;
  asked_[{event.process, invocation->number}] = askings_.add({.client = event.process,
                                                              .verb = invocation->verb,
                                                              .asked = moment_of(event),
                                                              .told = {},
                                                              .what = operation_text(*invocation),
                                                              .answer = {}});
}

void Traffic::tells(const TraceEvent& event) {
  const auto completion = decode_completion(event.payload);
  if (!completion) return;
  const auto asked = asked_.find({event.process, completion->number});
  if (asked == asked_.end()) return;
  if (Asking* const one = askings_.find(asked->second)) {
    one->told = moment_of(event);
    one->end = end_of(completion->outcome);
    one->answer = completion_text(one->verb, *completion);
  }
  asked_.erase(asked);
}

void Traffic::is_no_more(const TraceEvent& event) {
  std::erase_if(asked_, [&](const auto& asked) {
    if (asked.first.first != event.process) return false;
    if (Asking* const one = askings_.find(asked.second)) one->told = moment_of(event);
    return true;
  });
}

void Traffic::fault_ends(const TraceEvent& event) {
  const auto lasting = lasting_.find(sim::FaultId{static_cast<std::uint32_t>(event.a)});
  if (lasting == lasting_.end()) return;
  if (Spell* const spell = spells_.find(lasting->second)) spell->ended = moment_of(event);
  lasting_.erase(lasting);
}

}  // namespace smalldb::reports
