// A host for several machines that does only what it is told: messages wait in a queue for each direction until they
// are delivered, disks work at once or are held, and time passes when somebody says so. What the machines do is told in
// words, one line each. Tests speak to it in the commands of model/testing/script.h.
//
// Not told, because they would drown the story: heartbeats, connecting, and signs of life that say nothing new.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/arbiter.h"
#include "model/client.h"
#include "model/host_side.h"
#include "model/machine.h"
#include "model/messages.h"
#include "model/node.h"
#include "model/operator_command.h"
#include "model/settings.h"
#include "model/testing/memory_disk.h"
#include "model/testing/words.h"

namespace smalldb::testing {

class Stage {
 public:
  // ---- Casting, before anybody starts

  Settings settings;
  RuleSwitches rules;
  ClientSettings client_settings;
  ArbiterKind arbiter_kind = ArbiterKind::tie_breaker;

  Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // "arbiter" is the tie breaker, c and a digit a client, all others are nodes, of which the first may found.
  void cast(const std::vector<std::string>& names);
  std::vector<std::string> cast_in_order() const;
  bool knows(const std::string& name) const { return by_name_.contains(name); }

  // ---- Processes

  void start(const std::string& name);
  // Ends the process; `power_too`: and its machine loses what was not synced.
  void crash(const std::string& name, bool power_too);
  bool runs(const std::string& name) const { return process(name).machine != nullptr; }
  void input(const std::string& name, Bytes bytes);
  // The next operation of a client's user.
  void invoke(const std::string& client, Invocation invocation);

  // ---- Messages

  enum class Hold : std::uint8_t {
    none,
    held,     // everything waits
    cut,      // streams wait, datagrams are lost
    deaf,     // datagrams are lost
    stalled,  // streams wait
  };
  // Delivers what waits from one to the other: `count` things at most.
  void deliver(const std::string& from, const std::string& to, std::size_t count);
  // Delivers all that is not held, until nothing moves any more. No time passes.
  void settle();
  // What is held is delivered by `deliver` alone.
  void set_hold(const std::string& from, const std::string& to, Hold hold);
  // Breaks all connections between the two; what was on its way is lost.
  void close(const std::string& one, const std::string& other);
  // Loses what waits in this direction, and with it the connections concerned.
  void drop(const std::string& from, const std::string& to);
  // Hands bytes to `to` as a datagram from `from`, who has not sent them.
  void forge_datagram(const std::string& from, const std::string& to, Bytes bytes);

  // ---- Disks

  void hold_disk(const std::string& name, bool hold);
  // Carries out what waits, and what comes of it: `count` operations at most.
  void work_disk(const std::string& name, std::size_t count);
  MemoryDisk& disk(const std::string& name) { return process(name).disk; }
  MemoryDisk& shared_disk() { return shared_disk_; }
  // The shared volume answers nobody, and does nothing.
  void set_shared_down(bool down) { shared_down_ = down; }
  // The next operation of this kind on the shared volume takes effect, and its answer is lost.
  void lose_shared_answer(effect::DiskVerb verb) { lost_shared_answer_ = verb; }

  // ---- Time

  // Lets time pass and timers fire; with `delivering`, all that is not held is delivered as it comes.
  void pass(Duration duration, bool delivering);
  void shift_wall_clock(Duration by) { wall_offset_ = wall_offset_ + by; }
  Instant now() const { return now_; }

  // ---- What has been told

  std::vector<std::string>& told() { return told_; }
  // One line for each node: its role, and what its disk holds durably.
  void tell_status();
  // The log that a node would find after a loss of power: its records in words.
  std::vector<std::string> durable_log(const std::string& name);
  // The same as bytes.
  std::string durable_log_bytes(const std::string& name);
  // The state that its checkpoint and log add up to: key=value, in order.
  std::vector<std::string> durable_state(const std::string& name);
  Role role(const std::string& name) const { return process(name).role; }
  void say(std::string line) { told_.push_back(std::move(line)); }

 private:
  enum class Kind : std::uint8_t { node, arbiter, client };
  struct Process {
    std::string name;
    ProcessId id = no_process;
    Kind kind = Kind::node;
    std::uint64_t lives = 0;
    std::unique_ptr<Machine> machine;
    HostEffects effects;
    std::map<TimerId, Instant> timers;
    MemoryDisk disk;
    bool disk_held = false;
    std::deque<effect::Disk> disk_waits;  // what the disk has not been handed yet
    std::deque<Event> events;
    bool stepping = false;
    Role role = Role::none;
    std::map<std::uint64_t, std::string> invocations;  // in words
  };
  struct Connection {
    std::size_t from;
    std::size_t to;
    Link at_from;
    std::optional<Link> at_to;  // when accepted
    Port port;
    bool open_at_from = true;
    bool open_at_to = false;
    std::map<std::size_t, Message> last;  // that was sent by each, by kind of its body
  };
  struct Item {
    enum class What : std::uint8_t { connect, connected, data, closed, datagram } what;
    std::size_t connection = 0;
    Bytes bytes;
    CloseReason reason = CloseReason::closed_by_peer;
  };
  using Direction = std::pair<std::size_t, std::size_t>;

  Process& process(const std::string& name);
  const Process& process(const std::string& name) const;
  std::unique_ptr<Machine> make_machine(const Process& process) const;
  Moment moment() const;

  void step(Process& process, Event event);
  void carry_out(Process& process);
  void carry_out_disk(Process& process);
  void on_shared_disk(Process& process, const effect::Disk& operation);
  void on(Process& process, const effect::Connect& connect);
  void send(Process& process, Link link, const Bytes& bytes);
  void close_from(Process& process, Link link);
  void end(Process& process);
  void deliver(Direction direction, Item item);
  bool deliver_one(Direction direction);
  bool deliver_datagrams(Direction direction);
  void tell_message(const Process& from, std::size_t to, const Bytes& bytes, Connection& connection);
  bool says_nothing_new(const Message& message, Connection& connection, std::size_t from) const;
  Names names() const;

  std::vector<std::unique_ptr<Process>> processes_;
  std::map<std::string, std::size_t> by_name_;
  std::vector<Connection> connections_;
  std::map<std::pair<std::size_t, Link>, std::size_t> by_link_;
  std::map<Direction, std::deque<Item>> queues_;
  std::map<Direction, Hold> holds_;
  std::map<std::uint64_t, std::string> sessions_;  // client by session
  MemoryDisk shared_disk_;
  bool shared_down_ = false;
  std::optional<effect::DiskVerb> lost_shared_answer_;
  Instant now_{};
  Duration wall_offset_ = seconds(1'000'000);
  std::vector<std::string> told_;
};

}  // namespace smalldb::testing
