// What the nodes of a cluster must have been told alike: where they differ, a promise of the store is none.
#pragma once

#include <string>
#include <vector>

#include "server/config.h"

namespace smalldb::server {

struct Term {
  std::string setting;
  std::string value;
  friend bool operator==(const Term&, const Term&) = default;
};

// Of a node; nothing of an arbiter, which has none of these. In an order that is everybody's. `lock`: the identity of
// the directory of --shared-lock (lock_directory.h); its path, which each may have mounted elsewhere, says nothing.
//
// Who decides who may go on alone: of two that ask different ones, both may. --acknowledge: an answer would promise
// less than was asked for. --reads, and the lease if they are leased: a backup could claim while the primary trusts in
// its promise. --heartbeat-every and --suspect-after: each is held against the other one's. The rest is the primary's
// alone, and may be changed at one node after the other.
std::vector<Term> terms_of(const Config& config, const std::string& lock);

// What differs, for people at either side; empty if nothing does. `whom`: the name of who has `theirs`.
std::string disagreement(const std::vector<Term>& ours, const std::vector<Term>& theirs, const std::string& whom);

}  // namespace smalldb::server
