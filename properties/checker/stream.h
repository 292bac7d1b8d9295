// Is a history linearizable, so far? Judged while it happens, key by key, in memory that does not grow with its length.
//
//     Stream stream;
//     Operation put; ... put.argument = stream.value("17");
//     const Stream::Ticket ticket = stream.invoke(put);
//     put.outcome = Outcome::ok; put.returned = 15;
//     if (!stream.complete(ticket, put)) explain(*stream.contradiction());
//
// It says that a history is violated at the first answer of which check() would say so, of all that had happened up to
// then: what has not returned may have taken effect or not. Only where so much is open that nearly any order may yet be
// the right one it waits with that until more outcomes are known (search_stream.h).
//
// Values are numbers of the stream's own. Those that nobody can read any more are forgotten: a number is good from
// value() to the next invoke() or complete().
//
// A Stream is a value; a copy goes on by itself.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "properties/checker/check.h"
#include "properties/checker/claims.h"
#include "properties/checker/key_stream.h"
#include "properties/checker/live_values.h"

namespace smalldb::checker {

class Stream {
 public:
  // `steps_max`: what all searches together may take before the verdict is unknown, the same on every machine.
  explicit Stream(std::uint64_t steps_max = Options().steps_max, const StreamOptions& options = {})
      : options_(options), steps_left_(steps_max) {}

  ValueId value(std::string_view bytes) { return values_.intern(bytes); }
  // REQUIRES: not absent.
  std::string bytes(ValueId value) const { return values_.bytes(value); }

  // What keys hold that are not met yet.
  void start_all_keys_with(ValueId value) { initial_ = value; }
  void start_with(KeyId key, ValueId value) { judging(key, value); }

  struct Ticket {
    KeyId key{};
    KeyStream::Slot slot = 0;
    Claims::Floor floor;        // what answers had claimed before
    std::uint64_t invoked = 0;  // where revisions are promised: tells it from another one of this slot
  };
  // The next event: an operation begins. Its outcome and what its answer says do not count yet. Keys are numbers that
  // are close together.
  Ticket invoke(const Operation& operation);
  // The next event: its outcome is known. True if all is well, or cannot be told any more. After the first
  // contradiction nothing more is judged. REQUIRES: where instants are equal, all that are invoked then have been.
  bool complete(const Ticket& ticket, const Operation& operation);

  // The answer that no order explains. Values are good until the next event.
  struct Contradiction {
    Operation culprit;
    std::vector<State> states;  // the key may have been in before it
    bool late = false;          // it was waited with: an answer before it may be the first that has no explanation
  };
  const std::optional<Contradiction>& contradiction() const { return contradiction_; }
  // Where revisions are promised, after a contradiction. Whether that ticket's is the first answer that no order
  // explains; and whether one would, but for its revision.
  bool is_culprit(const Ticket& ticket) const;
  bool is_revision_wrong(const Operation& culprit);
  // The store numbered its writes otherwise than it executed them. A finding of its own: the first one.
  const std::optional<WrongClaim>& wrong_claim() const { return wrong_claim_; }

  // The key may be in now, if its answers do not wait to be judged and it is not given up. REQUIRES: it has been met.
  std::vector<State> states(KeyId key) const { return keys_[static_cast<std::size_t>(key)].stream->states(); }
  // Answers of this key wait to be judged.
  bool is_behind(KeyId key) const;
  // Steps did not suffice for this key: its answers are judged no more.
  bool is_given_up(KeyId key) const { return keys_[static_cast<std::size_t>(key)].given_up; }
  // violated after a contradiction; else unknown if any key was given up for want of steps, or is behind (where much is
  // open, answers may wait until more outcomes are known: in the end complete all, as unknown if need be); else holds.
  Conclusion conclusion() const;
  std::uint64_t steps_left() const { return steps_left_; }
  // How much is remembered, in things: operations, configurations, claims.
  std::size_t size() const;

 private:
  struct Key {
    std::optional<KeyStream> stream;  // nothing: not met yet, or given up
    Claims claims;
    bool given_up = false;
  };

  Key& judging(KeyId key, ValueId initial);
  void give_up(Key& key);
  void forget_values();

  LiveValues values_;
  std::vector<Key> keys_;
  ValueId initial_{};
  StreamOptions options_;
  std::uint64_t steps_left_;
  std::optional<Contradiction> contradiction_;
  std::optional<WrongClaim> wrong_claim_;
  bool any_given_up_ = false;
};

}  // namespace smalldb::checker
