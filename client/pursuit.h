// From the answers of attempts to what became of a request, as far as a client can know it (S10).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "model/ids.h"
#include "model/request.h"

namespace smalldb::client {

// An answer in HTTP, and what the client has a use for in its header.
struct Reply {
  unsigned status = 0;
  std::string body;
  std::string etag;
  std::string outcome;  // Smalldb-Outcome
  std::string primary;  // Smalldb-Primary
  bool keep_alive = false;
};
// No answer.
struct Silence {
  bool sent = false;  // the request, or a part of it, has left: it may have arrived
  std::string why;
};
using Heard = std::variant<Reply, Silence>;

enum class Outcome : std::uint8_t {
  done,
  absent,      // there is no such key
  mismatched,  // the condition does not hold; nothing changed
  failed,      // it did not take effect and never will
  unknown,     // it may have taken effect, or still may
};
std::string_view name(Outcome outcome);

struct Result {
  Outcome outcome = Outcome::failed;
  std::string body;
  // Of the value that was read, of the write; of what stands there instead if the condition does not hold.
  std::optional<Revision> revision;
  std::string message;  // for people, unless it is done
};

// One request, attempted until it has an answer that lasts. All attempts carry the same Idempotency-Key, so that it is
// executed once at most; therefore:
//
//   answer                           says                                               then
//   -------------------------------  -------------------------------------------------  ------------
//   200 201 204 304 404 412 of ours  what became of it, whichever attempt did it        over
//   409 whose outcome is unknown     nobody remembers whether an attempt was executed   over: unknown
//   307, 503, 408, 409               this attempt took no effect                        try again
//   504, or anything unexpected      this attempt may have taken effect                 try again
//   another 4xx                      no attempt is taken in this form                   over: failed
//   none, and nothing was sent       nothing                                            try again
//   none                             this attempt may have taken effect                 try again
//
// A success is ours if it is what our server says to that verb, with all that is read in it.
//
// Who gives up, or is told "failed", after an attempt that may have taken effect does not know. A request that changes
// nothing (a read) has then failed: it took no effect.
class Pursuit {
 public:
  // `knows`: it is a read that tells which revision is known already, and may be answered without a value.
  explicit Pursuit(Verb verb, bool knows = false) : verb_(verb), knows_(knows) {}

  // Takes what an attempt came to. A result if the request is over.
  std::optional<Result> take(const Heard& heard);
  // What is known when no more attempts are made. `why`: what kept it from an answer.
  Result give_up(const std::string& why) const;

 private:
  bool is_done(const Reply& reply) const;
  Result fail(const std::string& why) const;

  Verb verb_;
  bool knows_;
  bool may_have_happened_ = false;
};

// The session that an answer to POST /sessions has opened.
std::optional<SessionId> session_in(const std::string& body);
// What an answer says to people; never empty.
std::string message_of(const Reply& reply);

}  // namespace smalldb::client
