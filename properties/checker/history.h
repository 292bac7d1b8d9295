// A history: what the users of a key-value store asked for and what they were told, of any store, in the order in which
// it happened. What the checker judges.
//
// Keys, values and processes are interned: an operation names them by small numbers, so that it takes 56 bytes however
// long they are, and so that to compare two values is to compare two numbers.
//
// Instants are any numbers that grow with time: positions of events where they are known (a simulator's, a log's),
// nanoseconds where they are not. Two operations of which one returned before the other was invoked happened in that
// order; all others overlapped. Intervals are closed: equal instants overlap.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "properties/checker/large_memory.h"

namespace smalldb::checker {

enum class KeyId : std::uint32_t {};
enum class ProcessId : std::uint32_t {};
// `absent` is the value of a key that is not there: what a remove leaves, and what a get that found nothing has read.
enum class ValueId : std::uint32_t { absent = 0 };

enum class Verb : std::uint8_t {
  get,
  put,
  remove,            // users say `delete`, which is a word of C++
  append,            // to what is there; to nothing: the key then has `argument` as its value
  swap_if_value,     // compare-and-set: `argument` if the value is `expected`
  swap_if_revision,  // compare-and-set: `argument` if the revision is `expected_revision` (0: if absent)
  remove_if_value,
  remove_if_revision,
};

enum class Outcome : std::uint8_t {
  ok,          // it took effect between its invocation and its return
  mismatched,  // a conditional one found its condition false between its invocation and its return, and changed nothing
  failed,      // it never took effect and never will; says nothing of the state
  unknown,     // it may take effect at any instant from its invocation on, or never
};

// It changed nothing, and that is known.
inline bool has_no_effect(Outcome outcome) { return outcome == Outcome::mismatched || outcome == Outcome::failed; }

// What a state's revision is: 0 if the key is absent, else what the write that made it claimed; where that claimed
// none, any other than 0. To expect `any_revision` is to expect that the key is there (HTTP's `If-Match: *`).
inline constexpr std::uint64_t any_revision = std::numeric_limits<std::uint64_t>::max();

using Instant = std::int64_t;
inline constexpr Instant never = std::numeric_limits<Instant>::max();

struct Operation {
  Instant invoked = 0;
  Instant returned = never;             // `never` exactly if the outcome is unknown
  std::uint64_t revision = 0;           // the store's claim: of the state read, or of the write; 0: no claim
  std::uint64_t expected_revision = 0;  // swap_if_revision, remove_if_revision
  KeyId key{};
  ProcessId process{};
  ValueId argument{};  // put, append, swap_*: what it writes or appends
  ValueId expected{};  // *_if_value
  ValueId result{};    // get with outcome ok: what it read. mismatched with `has_result`: what was there instead
  Verb verb = Verb::get;
  Outcome outcome = Outcome::ok;
  bool has_result = false;
};
static_assert(sizeof(Operation) == 56);
using Operations = LargeVector<Operation>;

// Strings by number and numbers by string. Numbers are given from 0 in the order of first use.
class Names {
 public:
  std::uint32_t intern(std::string_view name);
  std::optional<std::uint32_t> find(std::string_view name) const;
  // Valid as long as the Names.
  std::string_view operator[](std::uint32_t number) const;
  std::uint32_t size() const { return static_cast<std::uint32_t>(names_.size()); }

 private:
  std::string_view keep(std::string_view name);
  void grow();
  // Where it is in the table, or would be. REQUIRES: the table is not full.
  std::size_t place_of(std::string_view name) const;

  std::vector<std::string_view> names_;
  std::vector<std::uint32_t> table_;  // open addressing: a number plus one, or 0; a power of two, at most half full
  std::vector<std::unique_ptr<char[]>> blocks_;  // hold the bytes
  std::size_t left_ = 0;                         // of the last block
};

class History {
 public:
  KeyId key(std::string_view name);
  ProcessId process(std::string_view name);
  ValueId value(std::string_view bytes);                            // of a value that is there; the empty string is one
  std::optional<ValueId> find_value(std::string_view bytes) const;  // nothing if it has no number yet

  std::string_view name(KeyId key) const;
  std::string_view name(ProcessId process) const;
  std::string_view bytes(ValueId value) const;  // REQUIRES: not absent
  std::size_t key_count() const;
  std::size_t process_count() const;
  std::size_t value_count() const;  // absent counts

  // What keys hold before the first operation: absent, unless said otherwise.
  void start_all_keys_with(ValueId value);
  void start_with(KeyId key, ValueId value);
  ValueId initial(KeyId key) const;
  ValueId initial() const { return initial_; }  // of keys that start_with() was not told of

  // REQUIRES: in the order of invocation; where two have the same instant, any order.
  void add(const Operation& operation, std::uint32_t line = 0);
  // In place of all there are, under the same conditions. They have no lines.
  void replace_operations(Operations operations);
  // By position; `line` is where the operation's invocation stands in the file it was read from, 0 if in none.
  const Operations& operations() const { return operations_; }
  std::uint32_t line(std::size_t position) const;

  // What else happened, for the reader of a report: faults, takeovers. Judged by nobody.
  struct Mark {
    Instant from = 0;
    Instant to = 0;
    std::string text;
  };
  void add(Mark mark);
  const std::vector<Mark>& marks() const { return marks_; }

 private:
  static void check_next(const Operation* before, const Operation& operation);

  Names keys_;
  Names processes_;
  Names values_;  // numbers less one: 0 is `absent`
  ValueId initial_{};
  std::unordered_map<std::uint32_t, ValueId> initial_of_;
  Operations operations_;
  std::vector<std::uint32_t> lines_;  // empty as long as no operation has one
  std::vector<Mark> marks_;
};

}  // namespace smalldb::checker
