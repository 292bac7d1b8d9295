// What recorded lives prove of each other, whatever their clocks say: which connections of theirs are two ends of one,
// and which of the lives of a process came first.
//
// Two ends are one connection if what arrived at each is what had left the other. Every message carries the incarnation
// of its sender, which no two lives share, and a node's first one on a connection the number of its greeting: so where
// anything arrived there is one end that fits. Ends at which nothing arrived stay alone.
//
// Of two lives of a process one came first if the other found on the disk what only it had written; or if the other had
// heard of it, by whatever way: through the connections of others, and through what came after them, a life of theirs
// that followed on one that had heard; or if the recorder itself has moved its recording aside for the other's
// (Life::aside). Where none of that says anything, one that has left nothing on the disk came before one that has: it
// had not found that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "model/ids.h"
#include "model/machine.h"
#include "properties/cast.h"
#include "scenarios/lives/life.h"

namespace smalldb::scenarios {

struct Evidence {
  using End = std::pair<std::size_t, Link>;  // the life, by its place in what was given

  // Of each end that has one, the other: its life, its link, and how many bytes it sent in all.
  struct OtherEnd {
    End end;
    std::uint64_t sent = 0;
  };
  std::map<End, OtherEnd> other_ends;
  // An operation of a client, by the session and number of its request; outside of sessions by the life as well.
  using Operation = std::tuple<std::uint64_t, std::uint64_t, std::size_t>;
  static Operation operation(SessionId session, std::uint64_t number, std::size_t life) {
    return {session.value, number, session.value != 0 ? SIZE_MAX : life};
  }
  // How often nodes were asked for it, if that was more than once.
  std::map<Operation, std::size_t> attempts;
  // All lives, those of a process in the order in which they were lived.
  std::vector<std::size_t> order;
  // Processes of which two lives could have come in either order, and it would matter.
  std::set<ProcessId> in_doubt;
};

// `processes`: whose each life is, by its place in the cast.
Evidence evidence_of(const std::vector<Life>& lives, const std::vector<ProcessId>& processes,
                     const properties::Cast& cast);

}  // namespace smalldb::scenarios
