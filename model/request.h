// What a client asks of the store, and what it is told. Sent in frames (model/messages.h) on Port::client.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/bytes.h"
#include "model/ids.h"
#include "model/machine.h"

namespace smalldb {

enum class Verb : std::uint8_t { open_session, get, put, remove };  // users say `delete`, which is a word of C++

// When a put or a remove may take effect (HTTP's If-Match and If-None-Match).
struct Condition {
  enum class Kind : std::uint8_t {
    none,
    revision_is,  // the key's revision is `revision`: compare-and-set
    exists,
    absent,
  };
  Kind kind = Kind::none;
  Revision revision;

  friend bool operator==(const Condition&, const Condition&) = default;
};

// (session, number) names a request for ever: a retry carries the same pair and is not executed again (F3, S9). Another
// request under the same pair is none: see fingerprint().
struct Request {
  SessionId session;
  std::uint64_t number = 0;             // from 1, rising within a session; chosen by the client
  std::uint64_t oldest_unanswered = 0;  // the client has all answers below: their results may be dropped
  Verb verb = Verb::get;
  Bytes key;
  Bytes value;
  Condition condition;

  friend bool operator==(const Request&, const Request&) = default;
};

enum class Status : std::uint8_t {
  ok,                // open_session: revision is the session's id. put, remove: revision of the write. get: the value
  not_found,         // get, remove: no such key
  condition_failed,  // nothing changed; `revision` is the key's present one
  session_expired,   // this attempt was not executed; whether an earlier one was is no longer known
  number_taken,      // another request has this number, so this one was not executed and will not be
  // Refusals: this attempt was not executed and will not be (S10). They say nothing of the store's state.
  not_primary,  // "I am a backup"; `primary` says where to go, if known
  not_serving,  // nobody may serve here now: no epoch is held
  overloaded,   // the queue of waiting requests is full (F8)
  too_large,    // key, value or window beyond the limits
};

bool is_refusal(Status status);
std::string_view name(Status status);
std::string_view name(Verb verb);

// Tells requests of the same number apart: a checksum of what is asked for, as a record has it. A retry has the same
// one, though it may say that its client has more answers by now.
std::uint32_t fingerprint(const Request& request);

struct Response {
  SessionId session;
  std::uint64_t number = 0;
  Status status = Status::ok;
  Epoch epoch;                     // in which it was answered; 0 in a refusal
  Revision revision;               // see Status
  Lsn position;                    // the last record the answer depends on; 0 in a refusal
  ProcessId primary = no_process;  // not_primary: where to go
  Bytes value;

  friend bool operator==(const Response&, const Response&) = default;
};

// Limits on what is taken from a client.
inline constexpr std::size_t key_size_max = 1024;
inline constexpr std::size_t value_size_max = 1024 * 1024;

}  // namespace smalldb
