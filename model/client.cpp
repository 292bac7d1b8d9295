#include "model/client.h"

#include <algorithm>
#include <utility>

#include "model/codec.h"
#include "model/fields.h"

namespace smalldb {

// ---- Invocations and completions ------------------------------------------------------------------------------------

template <>
inline constexpr Outcome last_of<Outcome> = Outcome::unknown;

template <class Archive>
void fields(Archive& archive, Like<Invocation> auto& x) {
  archive(x.number, x.verb, x.condition, x.key, x.value);
}
template <class Archive>
void fields(Archive& archive, Like<Completion> auto& x) {
  archive(x.number, x.outcome, x.revision, x.value);
}

namespace {

template <class Value>
std::optional<Value> decode(const Bytes& bytes) {
  Reader reader(bytes.view());
  std::optional<Value> value(std::in_place);
  FieldsIn archive(reader, &bytes);
  archive(*value);
  if (!reader.complete()) value.reset();
  return value;
}

}  // namespace

Bytes encode(const Invocation& invocation) {
  return encode_exactly([&](auto& writer) { put_fields(writer, invocation); });
}
Bytes encode(const Completion& completion) {
  return encode_exactly([&](auto& writer) { put_fields(writer, completion); });
}
std::optional<Invocation> decode_invocation(const Bytes& bytes) { return decode<Invocation>(bytes); }
std::optional<Completion> decode_completion(const Bytes& bytes) { return decode<Completion>(bytes); }

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::not_found: return "not_found";
    case Outcome::condition_failed: return "condition_failed";
    case Outcome::failed: return "failed";
    case Outcome::unknown: return "unknown";
  }
  return "?";
}

// ---- The client ---------------------------------------------------------------------------------------------------

namespace {

constexpr TimerId timer(std::uint32_t number) { return TimerId{number}; }

}  // namespace

Outcome outcome_of(Status status) {
  if (status == Status::ok) return Outcome::ok;
  if (status == Status::not_found) return Outcome::not_found;
  if (status == Status::number_taken) return Outcome::failed;
  return Outcome::condition_failed;
}

Client::Client(ClientConfig config) : config_(std::move(config)) {}

std::unique_ptr<Machine> Client::clone() const { return std::make_unique<Client>(*this); }

void Client::step(const Moment& moment, const Event& event, Effects& effects) {
  moment_ = moment;
  if (const auto* started = std::get_if<Started>(&event)) incarnation_ = {started->entropy[0]};
  if (const auto* input = std::get_if<Input>(&event)) on_input(*input, effects);
  if (std::get_if<Connected>(&event) != nullptr) on_connected(effects);
  if (std::get_if<Closed>(&event) != nullptr) on_closed(effects);
  if (const auto* received = std::get_if<Received>(&event)) on_received(*received, effects);
  if (const auto* fired = std::get_if<TimerFired>(&event)) {
    if (fired->timer == timer(attempt_timer)) on_attempt_timer(effects);
    if (fired->timer == timer(give_up_timer)) on_give_up_timer(effects);
  }
}

void Client::on_input(const Input& input, Effects& effects) {
  const std::optional<Invocation> invocation = decode_invocation(input.bytes);
  if (!invocation) return;
  waiting_.push_back({*invocation, moment_.now + config_.settings.give_up_after});
  arm_give_up_timer(effects);
  work(effects);
}

// Sends whatever can be sent now, over the link there is or the one to be opened.
void Client::work(Effects& effects) {
  while (!waiting_.empty() && pending_.size() < config_.settings.in_flight_max) {
    pending_.emplace(next_request_++, std::move(waiting_.front()));
    waiting_.pop_front();
  }
  if (pending_.empty() || resting_) return;
  if (!link_) {
    link_ = effects.connect(config_.nodes[target_], Port::client);
    frames_ = {};
    arm_attempt_timer(effects);
    return;
  }
  if (!connected_) return;
  if (config_.in_session && session_.value == 0) {
    if (!opening_session_) send_open_session(effects);
    return;
  }
  for (auto& [number, pending] : pending_) {
    if (!pending.sent) send_request(number, pending, effects);
  }
}

void Client::send_open_session(Effects& effects) {
  Request request;
  request.verb = Verb::open_session;
  effects.send(*link_, encode(Epoch{}, incarnation_, RequestMessage{request}));
  opening_session_ = true;
  arm_attempt_timer(effects);
}

void Client::send_request(std::uint64_t number, Pending& pending, Effects& effects) {
  Request request;
  request.session = session_;
  request.number = number;
  request.oldest_unanswered = oldest_unanswered();
  request.verb = pending.invocation.verb;
  request.key = pending.invocation.key;
  request.value = pending.invocation.value;
  request.condition = pending.invocation.condition;
  if (++pending.attempts > 1) note(NoteKind::client_retries, number, pending.attempts, effects);
  if (!waits_for_an_answer()) arm_attempt_timer(effects);
  pending.sent = true;
  effects.send(*link_, encode(Epoch{}, incarnation_, RequestMessage{std::move(request)}));
}

void Client::on_connected(Effects& effects) {
  connected_ = true;
  effects.cancel_timer(timer(attempt_timer));
  work(effects);
}

void Client::on_closed(Effects& effects) {
  leave(effects);
  go_to_next();
  resting_ = true;
  effects.set_timer(timer(attempt_timer), moment_.now + config_.settings.retry_after);
}

// The target did not answer, or it refused and has been given its rest.
void Client::on_attempt_timer(Effects& effects) {
  if (!resting_ && link_) {
    effects.close(*link_);
    leave(effects);
    go_to_next();
  }
  resting_ = false;
  work(effects);
  if (waits_for_an_answer()) arm_attempt_timer(effects);
}

void Client::on_received(const Received& received, Effects& effects) {
  if (!link_ || received.link != link_->link()) return;
  frames_.take(received.bytes);
  while (link_ && !frames_.broken()) {
    const std::optional<Bytes> frame = frames_.next();
    if (!frame && frames_.broken()) break;
    if (!frame) return;
    const std::optional<Message> message = decode_frame(*frame);
    if (!message) break;
    if (const auto* response = std::get_if<ResponseMessage>(&message->body)) on_response(response->response, effects);
  }
  if (link_) {
    effects.close(*link_);
    on_closed(effects);
  }
}

void Client::on_response(const Response& response, Effects& effects) {
  if (opening_session_ && response.number == 0) {
    opening_session_ = false;
    if (response.status == Status::ok) {
      session_ = {response.revision.value};
      effects.cancel_timer(timer(attempt_timer));
      work(effects);
    } else {
      on_refusal(pending_.end(), response, effects);
    }
    return;
  }
  const auto pending = pending_.find(response.number);
  if (pending == pending_.end() || response.session != session_ || !pending->second.sent) return;
  if (response.status == Status::session_expired) {
    on_session_expired(pending, effects);
  } else if (is_refusal(response.status)) {
    on_refusal(pending, response, effects);
  } else {
    on_answer(pending, response, effects);
  }
}

void Client::on_answer(PendingByNumber::iterator pending, const Response& response, Effects& effects) {
  if (!std::exchange(answered_here_, true)) {
    note(NoteKind::client_found_primary, static_cast<std::uint64_t>(config_.nodes[target_]), 0, effects);
  }
  complete(pending->second, outcome_of(response.status), response, effects);
  pending_.erase(pending);
  if (!resting_) {
    effects.cancel_timer(timer(attempt_timer));
    if (waits_for_an_answer()) arm_attempt_timer(effects);
  }
  work(effects);
}

// This attempt was not executed. `pending` is past the end for the opening of a session.
void Client::on_refusal(PendingByNumber::iterator pending, const Response& response, Effects& effects) {
  if (pending != pending_.end()) {
    pending->second.sent = false;
    if (response.status == Status::too_large) {
      give_up(pending->second, effects);
      pending_.erase(pending);
      return work(effects);
    }
  }
  if (response.status != Status::overloaded) {
    effects.close(*link_);
    leave(effects);
    // One name is followed, and whom that one names is asked in its turn: two may name each other for ever.
    const bool is_named = response.status == Status::not_primary && response.primary != no_process;
    if (is_named && target_ == round_) {
      go_to(response.primary);
    } else {
      go_to_next();
    }
  }
  resting_ = true;
  effects.set_timer(timer(attempt_timer), moment_.now + config_.settings.retry_after);
}

// The store no longer knows what became of this session's requests. Those that may have been executed are given up as
// unknown, reads and those never executed go on in a new session under new numbers.
void Client::on_session_expired(PendingByNumber::iterator refused, Effects& effects) {
  refused->second.sent = false;
  session_ = {};
  std::deque<Pending> again;
  for (auto& [number, pending] : pending_) {
    const bool executed_perhaps = pending.sent || pending.may_take_effect;
    if (executed_perhaps && pending.invocation.verb != Verb::get) {
      give_up(pending, effects);
    } else {
      pending.sent = false;
      pending.may_take_effect = false;
      again.push_back(std::move(pending));
    }
  }
  pending_.clear();
  waiting_.insert(waiting_.begin(), again.begin(), again.end());
  work(effects);
}

void Client::on_give_up_timer(Effects& effects) {
  const auto due = [this](const Pending& pending) { return pending.give_up_at <= moment_.now; };
  for (auto pending = pending_.begin(); pending != pending_.end();) {
    if (due(pending->second)) {
      note(NoteKind::client_gave_up, pending->first, 0, effects);
      give_up(pending->second, effects);
      pending = pending_.erase(pending);
    } else {
      ++pending;
    }
  }
  while (!waiting_.empty() && due(waiting_.front())) {
    give_up(waiting_.front(), effects);
    waiting_.pop_front();
  }
  arm_give_up_timer(effects);
  work(effects);
}

// S10: what was never sent without an answer, and a read, has failed for certain.
void Client::give_up(const Pending& pending, Effects& effects) {
  const bool executed_perhaps = pending.sent || pending.may_take_effect;
  const bool unknown = executed_perhaps && pending.invocation.verb != Verb::get;
  complete(pending, unknown ? Outcome::unknown : Outcome::failed, {}, effects);
}

void Client::complete(const Pending& pending, Outcome outcome, const Response& response, Effects& effects) {
  effects.report(encode(Completion{pending.invocation.number, outcome, response.revision, response.value}));
}

// Forgets the link. What was sent on it and not answered may yet take effect.
void Client::leave(Effects& effects) {
  link_.reset();
  connected_ = false;
  opening_session_ = false;
  answered_here_ = false;
  effects.cancel_timer(timer(attempt_timer));
  for (auto& [number, pending] : pending_) {
    if (std::exchange(pending.sent, false)) pending.may_take_effect = true;
  }
  if (config_.in_session) return;
  std::erase_if(pending_, [&](const auto& entry) {
    const bool is_over = entry.second.may_take_effect && entry.second.invocation.verb != Verb::get;
    if (is_over) give_up(entry.second, effects);
    return is_over;
  });
}

void Client::go_to(ProcessId node) {
  const auto found = std::find(config_.nodes.begin(), config_.nodes.end(), node);
  if (found == config_.nodes.end()) return go_to_next();
  target_ = static_cast<std::size_t>(found - config_.nodes.begin());
}

// The round goes on behind the last one whose turn it was: behind one that was named, and is not there or does not
// serve, it might come to the same few for ever.
void Client::go_to_next() {
  const std::size_t left = target_;
  do round_ = (round_ + 1) % config_.nodes.size();
  while (round_ == left && config_.nodes.size() > 1);
  target_ = round_;
}

void Client::arm_attempt_timer(Effects& effects) {
  effects.set_timer(timer(attempt_timer), moment_.now + config_.settings.answer_within);
}

void Client::arm_give_up_timer(Effects& effects) {
  std::optional<Instant> first;
  const auto consider = [&first](const Pending& pending) {
    if (!first || pending.give_up_at < *first) first = pending.give_up_at;
  };
  for (const auto& [number, pending] : pending_) consider(pending);
  if (!waiting_.empty()) consider(waiting_.front());
  if (first) {
    effects.set_timer(timer(give_up_timer), *first);
  } else {
    effects.cancel_timer(timer(give_up_timer));
  }
}

bool Client::waits_for_an_answer() const {
  return std::any_of(pending_.begin(), pending_.end(), [](const auto& entry) { return entry.second.sent; });
}

std::uint64_t Client::oldest_unanswered() const { return pending_.empty() ? next_request_ : pending_.begin()->first; }

void Client::note(NoteKind kind, std::uint64_t a, std::uint64_t b, Effects& effects) const {
  effects.note({static_cast<std::uint16_t>(kind), static_cast<std::uint8_t>(Role::none), 0, 0, a, b, {}});
}

}  // namespace smalldb
