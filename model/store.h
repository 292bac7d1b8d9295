// The replicated state as of one position of the log: keys, sessions and configuration.
//
// A pure function of the records applied: no clock, no setting and no order but the log's has a say in it, so two
// replicas that applied the same records hold the same, byte for byte (F1, S1). Settings bound only what a primary
// admits. A Store is a value; copying one costs O(1) and the copy never changes, which is how checkpoints and snapshots
// are taken while the service goes on (F7, F9).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/bytes.h"
#include "model/configuration.h"
#include "model/ids.h"
#include "model/persistent_map.h"
#include "model/record.h"
#include "model/request.h"
#include "model/sessions.h"
#include "model/settings.h"
#include "model/time.h"

namespace smalldb {

// What a key holds.
struct Entry {
  Bytes value;
  Revision revision;
  friend bool operator==(const Entry&, const Entry&) = default;
};

// What a primary is to do with a request.
struct Admission {
  enum class Kind : std::uint8_t {
    execute,   // a get: answer it with Store::get. All others: append and apply
    answered,  // executed before: `response` is what was answered then, to be held in the gate at its position
    denied,  // `response` is session_expired or number_taken. It tells of the state as a get does: to be confirmed (S8)
    refused,  // `reason`: not executed, and says nothing of the state
  };
  Kind kind = Kind::execute;
  Response response;           // answered, denied
  Status reason = Status::ok;  // refused: too_large (key, value or window), overloaded (no room for another session)
};

class Store {
 public:
  using Entries = PersistentMap<Bytes, Entry>;

  // The state before the first record. Of the settings it takes session_window and sessions_max, of the rules
  // exactly_once: with it off, a retry is executed again, at every replica the same.
  explicit Store(const Settings& settings = {}, const RuleSwitches& rules = {});

  // Executes the next record. For an Operation gives its answer, which depends on this record and so carries its
  // position (an operation that was executed before: the answer it had then); for control records a default Response.
  // Conditions are judged here, on every replica the same.
  // REQUIRES: record.lsn == applied().next(), a stamp that is not before stamp() (F10), and no get.
  Response apply(const Record& record);

  // The answer to a get, which depends on all that is applied. `epoch`: in which it is given.
  Response get(const Request& request, Epoch epoch) const;

  // Judges a request before it is appended. REQUIRES: all that was appended has been applied.
  Admission admit(const Request& request) const;

  Lsn applied() const { return applied_; }
  // Stamp of the last record applied; 0 before the first.
  WallTime stamp() const { return stamp_; }
  const Configuration& configuration() const { return configuration_; }
  // Number of keys.
  std::size_t size() const { return entries_.size(); }
  // When the session that has been idle for longest was last active: the primary ships a SessionsExpired record when
  // that is too long ago. Nothing if there is no session.
  std::optional<WallTime> oldest_session_activity() const { return sessions_.oldest_activity(); }

  // All of it, for snapshots.
  const Entries& entries() const { return entries_; }
  const Sessions& sessions() const { return sessions_; }
  // This store's settings with the contents of another, as a snapshot had them.
  void restore(Lsn applied, WallTime stamp, Configuration configuration, Entries entries, Sessions sessions);

 private:
  // These all speak of the record that is being applied, which is applied_.
  Response apply_operation(const Operation& operation);
  Remembered execute(const Request& request);

  bool is_in_session(const Request& request) const;
  static bool holds(const Condition& condition, Revision present);
  Response answer(const Request& request, const Remembered& result) const;
  // REQUIRES: neither unseen nor answered.
  Response denied(const Request& request, Sessions::Standing standing) const;

  std::uint32_t session_window_;
  std::uint32_t sessions_max_;
  bool exactly_once_;

  Lsn applied_;
  WallTime stamp_;
  Configuration configuration_;
  Entries entries_;
  Sessions sessions_;
};

}  // namespace smalldb
