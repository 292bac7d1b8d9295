#include "model/sessions.h"

#include <algorithm>
#include <utility>

#include "model/assert.h"

namespace smalldb {
namespace {

// Where the result of a request stands, or would.
template <class Results>
auto place_of(Results& results, std::uint64_t number) {
  // Nearly always the newest.
  if (results.empty() || results.back().number < number) return results.end();
  return std::lower_bound(results.begin(), results.end(), number,
                          [](const Remembered& result, std::uint64_t bound) { return result.number < bound; });
}

}  // namespace

Sessions::Recall Sessions::recall(const Request& request) const {
  const Session* const session = sessions_.find(request.session);
  if (session == nullptr) return {Standing::no_session, nullptr};
  if (request.number < session->oldest_unanswered) return {Standing::forgotten, nullptr};
  const auto place = place_of(session->results, request.number);
  if (place == session->results.end() || place->number != request.number) return {Standing::unseen, nullptr};
  if (place->fingerprint != fingerprint(request)) return {Standing::taken, nullptr};
  return {Standing::answered, &*place};
}

std::uint64_t Sessions::ahead(const Request& request) const {
  const Session* const session = sessions_.find(request.session);
  SMALLDB_ASSERT(session != nullptr, request.session.value);
  const std::uint64_t oldest =
      std::max(session->oldest_unanswered, std::min(request.oldest_unanswered, request.number));
  return request.number - oldest;
}

void Sessions::open(SessionId session, WallTime stamp) { restore(session, {stamp, 0, {}}); }

void Sessions::restore(SessionId id, Session session) {
  SMALLDB_ASSERT(sessions_.find(id) == nullptr, id.value);
  by_activity_.set({session.last_activity, id}, {});
  sessions_.set(id, std::move(session));
}

void Sessions::touch(const Request& request, WallTime stamp) {
  Session* const session = sessions_.find_to_change(request.session);
  if (session == nullptr) return;
  if (session->last_activity != stamp) {
    by_activity_.erase({session->last_activity, request.session});
    by_activity_.set({stamp, request.session}, {});
    session->last_activity = stamp;
  }
  // Whatever a client says it has, it does not have the answer to what it is asking now.
  const std::uint64_t oldest = std::min(request.oldest_unanswered, request.number);
  if (oldest <= session->oldest_unanswered) return;
  session->oldest_unanswered = oldest;
  session->results.erase(session->results.begin(), place_of(session->results, oldest));
}

void Sessions::remember(const Request& request, Remembered result) {
  const SessionId id = request.session;
  Session* const session = sessions_.find_to_change(id);
  SMALLDB_ASSERT(session != nullptr, id.value);
  const auto place = place_of(session->results, result.number);
  SMALLDB_ASSERT(result.number >= session->oldest_unanswered, id.value, result.number, session->oldest_unanswered);
  SMALLDB_ASSERT(place == session->results.end() || place->number != result.number, id.value, result.number);
  result.fingerprint = fingerprint(request);
  session->results.insert(place, result);
}

void Sessions::expire(WallTime cutoff) {
  while (!by_activity_.empty()) {
    const Activity longest_idle = by_activity_.begin()->key;
    if (longest_idle.last >= cutoff) return;
    by_activity_.erase(longest_idle);
    sessions_.erase(longest_idle.session);
  }
}

std::optional<WallTime> Sessions::oldest_activity() const {
  if (by_activity_.empty()) return std::nullopt;
  return by_activity_.begin()->key.last;
}

}  // namespace smalldb
