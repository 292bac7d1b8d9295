// The nouns of the protocol that are numbers, each a type of its own so that they cannot be swapped.
#pragma once

#include <compare>
#include <cstdint>

namespace smalldb {

// Position of a record in the log, from 1. 0: before the first.
struct Lsn {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(Lsn, Lsn) = default;
  constexpr Lsn next() const { return {value + 1}; }
  constexpr Lsn previous() const { return {value - 1}; }
};

// Raised at every change of who may serve, from 1; each is won by at most one directory (S2). 0: none yet.
struct Epoch {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(Epoch, Epoch) = default;
  constexpr Epoch next() const { return {value + 1}; }
  constexpr Epoch previous() const { return {value - 1}; }
};

// The identity of a data directory, made when the directory was created (S2): a node whose disk was wiped is another.
struct DirectoryId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend constexpr auto operator<=>(DirectoryId, DirectoryId) = default;
  constexpr bool none() const { return high == 0 && low == 0; }
};

// Which life of a process sent a message (S12): drawn at random at every start.
struct Incarnation {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(Incarnation, Incarnation) = default;
};

// A client's session (S9): the position of the record that opened it. 0: a request outside any session.
struct SessionId {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(SessionId, SessionId) = default;
};

// The version of a key's value: the position of the record that wrote it. 0: the key is absent.
using Revision = Lsn;

}  // namespace smalldb
