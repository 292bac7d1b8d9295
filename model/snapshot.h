// A Store as bytes: the contents of a checkpoint file, and what is sent to a node that joins (F7, F9). docs/wal.md has
// the format byte by byte with an example.
//
// The bytes are a function of the state alone: the same store at the same position gives the same bytes on every
// replica, whatever path led there (S1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/bytes.h"
#include "model/ids.h"
#include "model/settings.h"
#include "model/store.h"

namespace smalldb {

// Gives the bytes of a store piece by piece, while the original goes on: each piece costs what it is long, however
// large the store (or one value in it) is. Copies go on by themselves.
class SnapshotWriter {
 public:
  // A copy of the store, taken in O(1).
  explicit SnapshotWriter(Store store);

  // The position as of which the snapshot is.
  Lsn lsn() const { return store_.applied(); }

  // The next `max_bytes` bytes; fewer only in the last piece. REQUIRES: !finished(), max_bytes > 0.
  Bytes next(std::size_t max_bytes);
  // All has been given.
  bool finished() const;
  // Bytes given so far.
  std::uint64_t size() const { return size_; }

 private:
  enum class Part : std::uint8_t { head, entries, sessions, footer, finished };

  // Puts the next item into head_ and tail_.
  void advance();
  bool item_is_given() const { return head_given_ == head_.size() && tail_given_ == tail_.size(); }

  // Never changes, so the iterators into it stay good, in copies too: those share its nodes.
  Store store_;
  Store::Entries::Iterator entry_;
  Sessions::Map::Iterator session_;

  Part part_ = Part::head;
  std::string head_;  // of the item being given: all of it but a value
  std::size_t head_given_ = 0;
  Bytes tail_;  // of the item being given: a value
  std::size_t tail_given_ = 0;
  std::uint64_t size_ = 0;
  std::uint32_t checksum_ = 0;  // of all given
};

// Makes a store of the bytes again. Nothing of it can be had before the last byte has arrived and all checks have held.
class SnapshotReader {
 public:
  // The settings that the store will have.
  explicit SnapshotReader(const Settings& settings = {}, const RuleSwitches& rules = {});

  // The next bytes, in pieces of any size. Costs what they are long.
  void take(std::string_view bytes);
  // What was taken is no snapshot, or a damaged one: why, in words; empty while all is well. It stays so.
  std::string_view problem() const { return problem_; }
  // All has been taken: the store, or nothing if there is a problem or the end is missing (then that is the problem).
  std::optional<Store> finish();

 private:
  enum class Part : std::uint8_t { head, entries, sessions, footer, finished };

  // Takes the items that `bytes` begins with, and gives the length of those that are whole.
  std::size_t take_items(std::string_view bytes);
  // Each takes one item and gives its length; 0 if it is not whole yet, or if there is a problem.
  std::size_t take_head(std::string_view bytes);
  std::size_t take_entry(std::string_view bytes);
  std::size_t take_session(std::string_view bytes);
  std::size_t take_footer(std::string_view bytes);
  std::size_t fail(std::string_view why);

  Store store_;
  Part part_ = Part::head;
  std::string buffer_;  // an item that is not whole yet
  std::uint64_t size_ = 0;
  std::uint32_t checksum_ = 0;  // of the items taken
  std::string_view problem_;

  Lsn lsn_;
  WallTime stamp_;
  Configuration configuration_;
  std::uint64_t entries_left_ = 0;
  std::uint64_t sessions_left_ = 0;
  Store::Entries entries_;
  Sessions sessions_;
  std::optional<Bytes> last_key_;
  SessionId last_session_;
};

}  // namespace smalldb
