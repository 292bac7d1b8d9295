// Is a history linearizable? And if not: why not, in few operations.
//
//     Verdict verdict = check(history);
//     if (verdict.conclusion == Conclusion::violated) explain(history, *verdict.violation);
//
// A history is linearizable if each operation can be given one instant between its invocation and its return such that
// all answers are those of one store that executes them one after the other at these instants (Herlihy and Wing 1990).
// That is a question per key (locality, ibid., theorem 1): keys are judged by themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "properties/checker/conclusion.h"
#include "properties/checker/history.h"

namespace smalldb::checker {

// Which way a key was judged. `automatic` takes the first that can say something, from the cheapest on.
enum class Engine : std::uint8_t {
  automatic,
  certificate,  // the revisions that the store claims give an order; it explains everything
  zones,        // every read names its write
  greedy,       // one way through, without a look at any other
  frontier,     // two searches, advanced in turn
  generic,      // just-in-time search of a model (generic.h)
};
std::string_view name(Engine engine);

// What is wrong, in the words of the field.
enum class Anomaly : std::uint8_t {
  stale_read,          // a value that had been overwritten before the read began
  lost_update,         // the same, by a write that nobody ever saw; or what was appended is missing
  dirty_read,          // a value whose write definitely failed, or was refused
  phantom_value,       // a value that nobody wrote
  future_read,         // a value read before its write began
  non_monotonic_read,  // new, then old
  duplicate_effect,    // one write that took effect twice
  exclusive_writes,    // two conditional writes of which each must come first
  no_order,            // none of these alone: no order explains them together
};
std::string_view name(Anomaly anomaly);

// A proof that a key's operations have no order. `operations` are positions in History::operations(), by invocation.
// With the operations of the history changed by sound steps only (checker/reason.h), they alone have no order; and
// with any one step more, they have: the set is 1-minimal. (But a value that no write could have left is proved by its
// culprit alone, and by all that the history does not hold: of a dirty read and a future read, `other` is not needed.)
// Where values are distinct, at most 4; and one more for each
// of two compare-and-sets that had not returned by then, a read that shows that it took effect; where there are puts
// among appends, two more, reads that show what was appended to what.
struct Violation {
  KeyId key{};
  Engine engine = Engine::automatic;
  Anomaly anomaly = Anomaly::no_order;
  // The one of the operations below that the anomaly sets against the culprit (checker/anomaly.h): what it says of both
  // is true. None for a phantom value, and where no order is all that can be said.
  std::optional<std::size_t> other;
  std::vector<std::size_t> operations;
  // Or else steps did not suffice to tell, and perhaps not all of them are needed, `other` of a value that no write
  // could have left aside.
  bool is_minimal = false;
  // The writes, by invocation, that count only for what they write and that they happen at most once: the proof lets
  // them take effect at any instant, before their invocation too, or never. Who wrote what `operations` have seen.
  std::vector<std::size_t> writers;
  // Not even their conditions count: these wrote what `operations` have seen, and what they needed does not matter.
  bool writers_are_free = false;
  std::size_t culprit = 0;  // the operation that found all possible states against it
  // The last instant at which anything happened, to any key, and up to which there is an order, and what the key may
  // have held then; or, as far as steps suffice, the last up to which the key's operations are known to have one, and
  // what cannot be ruled out.
  Instant good_until = 0;
  bool good_until_is_last = false;  // or else there may be an order up to a later one
  std::vector<ValueId> states;
  std::vector<std::string> appended_states;  // likewise: no operation says them, so they have no number
  bool has_all_states = false;               // or else it may have held something else
};

// The store numbered its writes otherwise than it executed them. A finding of its own: the history may be linearizable.
struct WrongRevision {
  std::size_t operation = 0;
  std::size_t other = 0;  // the operation that contradicts it; `operation` itself if all of them do
  std::string what;       // a sentence
};

struct KeyVerdict {
  KeyId key{};
  Conclusion conclusion = Conclusion::unknown;
  Engine engine = Engine::automatic;
  std::uint64_t operations = 0;
  std::uint64_t steps = 0;
  Instant judged_until = 0;         // unknown: up to here there is an order; else `never`
  std::uint32_t too_many_open = 0;  // so many are open at a time, more than 8,192 from there on: no budget would do
};

struct Options {
  Engine engine = Engine::automatic;
  std::uint64_t steps_max = 100'000'000;  // for all keys together; the same on every machine
  bool witness = false;                   // keep the order of a history that holds
  bool explain = true;
  // Calls the task once for each number below `count`, in any order, at the same time if it likes; empty: one after the
  // other. Keys are judged by it, with the same verdict whatever it does. Threads are its owner's business.
  std::function<void(std::size_t count, const std::function<void(std::size_t)>& task)> run_tasks;
};

struct Verdict {
  Conclusion conclusion = Conclusion::unknown;  // violated if any key is, else unknown if any key is, else holds
  std::vector<KeyVerdict> keys;                 // by KeyId
  std::optional<Violation> violation;           // the earliest: by the return of its culprit, then by KeyId
  std::vector<WrongRevision> wrong_revisions;
  // If asked for: per key, by KeyId, the positions of its operations in an order that explains all answers. Operations
  // that never took effect are left out.
  std::vector<std::vector<std::size_t>> order;
};

Verdict check(const History& history, const Options& options = {});

// What matters to one user: the order in which each process saw its own writes of a key and what it had read of it
// before, by the revisions that the store claims (Terry et al. 1994).
enum class Guarantee : std::uint8_t { read_your_writes, monotonic_reads, monotonic_writes, writes_follow_reads };
std::string_view name(Guarantee guarantee);

struct BrokenGuarantee {
  Guarantee guarantee{};
  std::size_t earlier = 0;  // positions of the two operations of one process
  std::size_t later = 0;
};

// Judges what can be judged: operations without a claimed revision say nothing. At most `most` findings, in order.
std::vector<BrokenGuarantee> check_sessions(const History& history, std::size_t most = 10);

// What crosses keys: the order of its writes that a store claims which numbers all of them together (its log's
// positions, etcd's revisions). Of two operations of different keys, of which one had returned before the other was
// called, the later one was not told of an earlier place in that order; and no two writes have one number. What is
// wrong of one key is check()'s. At most `most`.
std::vector<WrongRevision> check_order_of_revisions(const History& history, std::size_t most = 10);

}  // namespace smalldb::checker
