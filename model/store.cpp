#include "model/store.h"

#include <utility>
#include <variant>

#include "model/assert.h"

namespace smalldb {

Store::Store(const Settings& settings, const RuleSwitches& rules)
    : session_window_(settings.session_window),
      sessions_max_(settings.sessions_max),
      exactly_once_(rules.exactly_once) {}

Response Store::apply(const Record& record) {
  SMALLDB_ASSERT(record.lsn == applied_.next(), record.lsn.value, applied_.value);
  SMALLDB_ASSERT(applied_ == Lsn{} || record.stamp >= stamp_, record.lsn.value, record.stamp.nanoseconds,
                 stamp_.nanoseconds);
  configuration_.apply(record);
  applied_ = record.lsn;
  stamp_ = record.stamp;
  if (const auto* operation = std::get_if<Operation>(&record.body)) return apply_operation(*operation);
  if (const auto* expired = std::get_if<SessionsExpired>(&record.body)) sessions_.expire(expired->cutoff);
  return {};
}

Response Store::apply_operation(const Operation& operation) {
  const Request& request = operation.request;
  if (!is_in_session(request)) return answer(request, execute(request));

  const Sessions::Recall known = sessions_.recall(request);
  if (known.standing == Sessions::Standing::answered) {
    const Response response = answer(request, *known.result);
    sessions_.touch(request, stamp_);
    return response;
  }
  sessions_.touch(request, stamp_);
  if (known.standing != Sessions::Standing::unseen) return denied(request, known.standing);
  const Remembered result = execute(request);
  sessions_.remember(request, result);
  return answer(request, result);
}

// S9. With the rule off, sessions are as good as not there.
bool Store::is_in_session(const Request& request) const {
  if (!exactly_once_) return false;
  return request.session != SessionId{} && request.verb != Verb::open_session;
}

Remembered Store::execute(const Request& request) {
  SMALLDB_ASSERT(request.verb != Verb::get, applied_.value);
  Remembered result{.number = request.number, .revision = applied_, .position = applied_};
  if (request.verb == Verb::open_session) {
    sessions_.open(SessionId{applied_.value}, stamp_);
    return result;
  }

  if (request.condition.kind != Condition::Kind::none) {
    const Entry* const entry = entries_.find(request.key);
    const Revision present = entry == nullptr ? Revision{} : entry->revision;
    if (!holds(request.condition, present)) {
      result.status = Status::condition_failed;
      result.revision = present;
      return result;
    }
  }
  if (request.verb == Verb::put) {
    entries_.set(request.key, Entry{request.value, applied_});
  } else if (!entries_.erase(request.key)) {
    result.status = Status::not_found;
    result.revision = {};
  }
  return result;
}

bool Store::holds(const Condition& condition, Revision present) {
  switch (condition.kind) {
    case Condition::Kind::none: return true;
    case Condition::Kind::revision_is: return present == condition.revision;
    case Condition::Kind::exists: return present != Revision{};
    case Condition::Kind::absent: return present == Revision{};
  }
  return false;
}

Response Store::get(const Request& request, Epoch epoch) const {
  SMALLDB_ASSERT(request.verb == Verb::get, name(request.verb));
  Response response;
  response.session = request.session;
  response.number = request.number;
  response.epoch = epoch;
  response.position = applied_;
  const Entry* const entry = entries_.find(request.key);
  if (entry == nullptr) {
    response.status = Status::not_found;
  } else {
    response.revision = entry->revision;
    response.value = entry->value;
  }
  return response;
}

Admission Store::admit(const Request& request) const {
  Admission admission;
  const auto refuse = [&admission](Status reason) {
    admission.kind = Admission::Kind::refused;
    admission.reason = reason;
    return admission;
  };
  if (request.key.size() > key_size_max || request.value.size() > value_size_max) return refuse(Status::too_large);
  if (request.verb == Verb::get) return admission;
  if (request.verb == Verb::open_session) {
    return sessions_.size() < sessions_max_ ? admission : refuse(Status::overloaded);
  }
  if (!is_in_session(request)) return admission;

  const Sessions::Recall known = sessions_.recall(request);
  switch (known.standing) {
    case Sessions::Standing::unseen:
      if (sessions_.ahead(request) >= session_window_) return refuse(Status::too_large);
      break;
    case Sessions::Standing::answered:
      admission.kind = Admission::Kind::answered;
      admission.response = answer(request, *known.result);
      break;
    case Sessions::Standing::taken:
    case Sessions::Standing::forgotten:
    case Sessions::Standing::no_session:
      admission.kind = Admission::Kind::denied;
      admission.response = denied(request, known.standing);
      break;
  }
  return admission;
}

Response Store::answer(const Request& request, const Remembered& result) const {
  Response response;
  response.session = request.session;
  response.number = request.number;
  response.status = result.status;
  response.epoch = configuration_.epoch();
  response.revision = result.revision;
  response.position = result.position;
  return response;
}

Response Store::denied(const Request& request, Sessions::Standing standing) const {
  const bool taken = standing == Sessions::Standing::taken;
  return answer(request, {.status = taken ? Status::number_taken : Status::session_expired, .position = applied_});
}

void Store::restore(Lsn applied, WallTime stamp, Configuration configuration, Entries entries, Sessions sessions) {
  applied_ = applied;
  stamp_ = stamp;
  configuration_ = std::move(configuration);
  entries_ = std::move(entries);
  sessions_ = std::move(sessions);
}

}  // namespace smalldb
