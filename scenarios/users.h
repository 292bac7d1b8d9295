// The users: what a scenario's clients are asked to do, and what comes back.
//
// Each work of each client is a user of its own. Operations are handed to the client as inputs; a user goes on when the
// client reports. What is drawn (kinds, keys, sizes, times to think) is drawn by the client's name, the work's place
// among its own and the operation's number, so that one user's choices do not depend on another's.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/client.h"
#include "scenarios/lookout.h"
#include "scenarios/scenario.h"
#include "scenarios/stage.h"
#include "sim/world.h"

namespace smalldb::scenarios {

// How the cluster served its users, by what they asked for in the story.
struct Service {
  std::uint64_t invoked = 0;
  std::uint64_t answered = 0;    // by the store
  std::uint64_t unanswered = 0;  // the client gave up, or died
  std::uint64_t open = 0;        // waits still
  std::uint64_t over = 0;        // answered or not, or forgotten by a client that died before it began
  Duration slowest;              // from invocation to answer
  // From when an operation was invoked, and no other waited, to the next answer. Giving up is none: whoever asks next
  // goes on waiting.
  Duration longest_outage;
};

class Users {
 public:
  Users(std::shared_ptr<const Scenario> scenario, const Numbers& numbers, const sim::Dice& dice, Lookout& lookout);

  // All users begin. To be called once, before the first step.
  void begin(sim::World& world, const Lookout& lookout);
  // Looks at what happened to clients; schedules inputs in `world`.
  void observe(const sim::TraceEvent& event, sim::World& world, const Lookout& lookout);
  // Occurrences have occurred: users that waited for one may go on.
  void on_seen(const std::vector<WatchId>& seen, sim::World& world, const Lookout& lookout);

  // Every user has done all of its work, or is a client's that is down and does not come back by itself.
  bool done(const sim::World& world) const;
  // Whose scripts wait for what: "c1 waits until c2 has an answer"; empty if none does.
  std::string waits() const;
  // No operation is on its way, but those of dead clients.
  bool idle() const;
  // A client runs, who can be asked; or there are none.
  bool is_anybody_there() const;
  // From now on no new operation begins.
  void retire();

  // ---- At the end, through the client that was answered last, or the first that runs. Asked again until the store has
  // answered; no part of service().

  // The keys of all operations so far, in order: `most` of them, spread over all, if there are more.
  std::vector<std::string> keys(std::size_t most) const;
  // Reads `key`; its answer is final_value(key).
  void read(const std::string& key, sim::World& world);
  // Writes a value that nobody else writes.
  void write(const std::string& key, sim::World& world);
  struct FinalValue {
    bool known = false;
    std::optional<std::string> value;
  };
  FinalValue final_value(const std::string& key) const;

  // As of `now`, operations that still wait included.
  Service service(sim::Time now) const;

 private:
  struct Pending {  // an operation that was handed to a client
    std::uint64_t number;
    std::size_t user;  // no_user: at the end
    sim::Time due;     // when it reaches the client
    bool invoked;      // it has reached it, at `due` or later
    sim::Time invoked_at;
    Verb verb;
    std::string key;
    std::string value;  // at the end: to ask again
  };
  struct ClientState {
    ProcessId process;
    bool running = true;
    std::uint64_t issued = 0;
    std::vector<Pending> pending;                    // by rising numbers
    std::map<std::string, std::uint64_t> revisions;  // last learned, by key; 0: absent

    std::vector<Pending>::iterator find(std::uint64_t number) {
      const auto found = std::lower_bound(pending.begin(), pending.end(), number,
                                          [](const Pending& one, std::uint64_t of) { return one.number < of; });
      return found != pending.end() && found->number == number ? found : pending.end();
    }
  };
  struct User {
    std::size_t client;  // in clients_
    std::size_t work;
    sim::Key key;  // of its draws
    std::size_t step = 0;
    std::uint64_t generated = 0;
    std::uint32_t on_their_way = 0;
    sim::Time not_before;
    std::vector<WatchId> waits;  // of the script's WaitUntil steps, in their order
    std::size_t waits_done = 0;
    std::uint64_t wait_count = 0;  // of the next wait, when the step before it began
  };
  static constexpr std::size_t no_user = ~std::size_t{0};

  void go_on(std::size_t user, sim::World& world, const Lookout& lookout);
  bool may_issue(const User& user) const;
  Operation generate(const User& user, std::uint64_t n) const;
  void issue(std::size_t user, const Operation& operation, sim::World& world, const Lookout& lookout);
  void ask(ClientState& client, Verb verb, const std::string& key, const std::string& value, sim::World& world);
  ClientState* who_asks();
  void on_report(ClientState& client, const sim::TraceEvent& event, sim::World& world, const Lookout& lookout);
  void on_restart(ClientState& client, sim::World& world, const Lookout& lookout);
  bool finished(const User& user, const sim::World& world) const;

  std::shared_ptr<const Scenario> scenario_;
  std::shared_ptr<const std::vector<std::vector<std::uint64_t>>> cumulative_;  // zipf, by work
  sim::Dice dice_;
  std::size_t first_client_;  // ProcessId of the first
  std::vector<ClientState> clients_;
  std::size_t answered_last_ = 0;  // in clients_
  std::vector<User> users_;
  std::set<std::string> keys_;
  std::map<std::string, FinalValue> final_values_;
  Service service_;
  std::uint64_t waiting_ = 0;  // invoked and not over
  std::optional<sim::Time> unserved_since_;
  bool has_given_up_ = false;  // somebody, since then
  bool retired_ = false;
};

}  // namespace smalldb::scenarios
