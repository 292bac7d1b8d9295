// The store as a client sees it: addresses, one of which is the primary's at present.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/caller.h"
#include "client/pursuit.h"
#include "model/request.h"

namespace smalldb::client {

struct Operation {
  Verb verb = Verb::get;
  std::string key;
  std::string value;
  Condition condition;
  std::optional<Revision> unless;  // of a get: this one is known already, and comes without its value
};

struct StoreOptions {
  std::vector<Address> servers;  // at least one
  std::string tls_authority;
  std::chrono::nanoseconds timeout{std::chrono::seconds(10)};  // for an operation, with all its attempts
  std::chrono::nanoseconds attempt{std::chrono::seconds(2)};   // for one of them
};

// What a node says of itself (GET /status), or why it says nothing.
struct NodeView {
  Address address;
  std::string status;  // JSON; empty if there is none
  std::string why;
};

class Store {
 public:
  explicit Store(const StoreOptions& options);

  // Finds the primary, and asks it until the outcome is known or time is up. A write opens a session first, and all its
  // attempts carry the same Idempotency-Key: it is executed once at most, whoever is the primary meanwhile.
  // Not later than `end`, if that comes before the time of an operation is up.
  Result perform(const Operation& operation, Clock::time_point end = Clock::time_point::max());
  // All servers that are known, and those that they tell of.
  std::vector<NodeView> look();
  // Asks one node to go on alone (POST /promote); done if it agrees to. `epoch`: in which it must be, if any. `force`:
  // even if it does not wait for that. `token`: the operator's, or empty.
  Result promote(const Address& node, std::optional<std::uint64_t> epoch, bool force, const std::string& token);

  // False if a signal cut it short.
  bool rest(Clock::duration time) { return caller_.rest(time); }
  bool interrupted() const { return caller_.interrupted(); }
  const StoreOptions& options() const { return options_; }

 private:
  Result pursue(const Call& call, Pursuit pursuit, Clock::time_point until);
  std::optional<Address> find_primary(Clock::time_point until);
  NodeView view_of(const Address& node, const Heard& heard);
  Clock::time_point attempt_end(Clock::time_point until) const;
  void learn(const std::string& address);
  // "10.0.0.1:8080: connection refused; ..."
  std::string last_words() const;

  StoreOptions options_;
  Caller caller_;
  std::vector<Address> servers_;              // in the order in which they were met
  std::optional<Address> primary_;            // as far as known
  std::map<std::string, std::string> words_;  // what kept each server from answering, in the present operation
};

std::string percent_encoded(const std::string& key);

}  // namespace smalldb::client
