// Exactly once (S9): which requests have been executed, and what their clients were told.
//
// A session is opened by a record and named by its position. For each session the results of all requests from
// `oldest_unanswered` on are remembered: the client says with every write below which number it has all answers, and
// only what it has is dropped. So a result is never dropped while its client may still ask for it, unless the whole
// session is, by a record that says so. How many results that can be is bounded by the primary, which takes no request
// `session_window` or more beyond the oldest unanswered one.
//
// All of this is replicated state: it depends on the records applied and on nothing else, settings included.
// Copied in O(1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/ids.h"
#include "model/persistent_map.h"
#include "model/request.h"
#include "model/time.h"

namespace smalldb {

// What a client was told of a write. (The answer to a write has no value.)
struct Remembered {
  std::uint64_t number = 0;
  std::uint32_t fingerprint = 0;  // of the request: another one under its number is not answered with this
  Status status = Status::ok;
  Revision revision;
  Lsn position;  // of the record that was executed
  friend bool operator==(const Remembered&, const Remembered&) = default;
};

struct Session {
  WallTime last_activity;               // stamp of its last record
  std::uint64_t oldest_unanswered = 0;  // as far as the client has said; results below are dropped
  std::vector<Remembered> results;      // by number, rising
  friend bool operator==(const Session&, const Session&) = default;
};

class Sessions {
 public:
  using Map = PersistentMap<SessionId, Session>;

  // What is known of a request that names a session.
  enum class Standing : std::uint8_t {
    unseen,      // to be executed
    answered,    // executed, and the result is here
    taken,       // another request was executed under its number
    forgotten,   // its client has said that it has the answer, so the result is gone
    no_session,  // the session was never opened, or has expired: nobody knows
  };
  struct Recall {
    Standing standing;
    const Remembered* result;  // answered only; good until the next change
  };
  Recall recall(const Request& request) const;

  // Requests that `request` is ahead of the oldest one whose answer its client may still want. REQUIRES: unseen.
  std::uint64_t ahead(const Request& request) const;

  // Begins a session. REQUIRES: a session of its own.
  void open(SessionId session, WallTime stamp);
  // Notes that a record of `request` stood in the log: the session is active, and what its client has is dropped.
  // Nothing happens if there is no such session.
  void touch(const Request& request, WallTime stamp);
  // REQUIRES: the request is unseen, and touched.
  void remember(const Request& request, Remembered result);
  // Drops all sessions whose last activity lies before `cutoff`.
  void expire(WallTime cutoff);

  // When the session that has been idle for longest was last active; nothing if there is none.
  std::optional<WallTime> oldest_activity() const;
  std::size_t size() const { return sessions_.size(); }

  // For snapshots: all of it, in the order of the sessions' ids.
  const Map& all() const { return sessions_; }
  // Takes a session as it stood in a snapshot. REQUIRES: a session of its own.
  void restore(SessionId id, Session session);

 private:
  struct Activity {
    WallTime last;
    SessionId session;
    friend auto operator<=>(const Activity&, const Activity&) = default;
  };
  struct Nothing {};

  Map sessions_;
  PersistentMap<Activity, Nothing> by_activity_;  // the same sessions, longest idle first
};

}  // namespace smalldb
