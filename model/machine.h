// The edge: all that crosses between a machine of smalldb and whatever hosts it.
//
// A machine (node, arbiter, client) is a state machine with one verb, `step(moment, event, effects)`. It owns no clock,
// socket, file, thread or random number: time arrives with every event, durability arrives as an event, and what the
// machine wants done it records in `Effects`, which its host carries out *after* step has returned. The simulator
// (`sim/host.h`) and the server host the same machines; neither knows what they are for. What only they may do
// stands in `model/host_side.h`.
//
//     event  ->  machine.step(moment, event, effects)  ->  effects  ->  host
//
// What a host promises:
//   1. Steps of one machine never overlap, and effects are carried out in the order in which they were recorded.
//   2. `Started` is the first event that a machine gets, and it gets it once; a crash drops the machine, and what the
//      disk kept is all that its successor learns of it.
//   3. A link delivers the bytes sent on it in order and without gaps, in pieces of any size, until it closes. Whether
//      the last bytes arrived before it closed, nobody says.
//   4. Datagrams may be lost, repeated and reordered.
//   5. Disk operations on one file are carried out in the order in which they were recorded; those on different files
//      in any order. Each is answered by one `DiskDone`, unless the process dies first. Only what a sync reported `ok`
//      covers is durable; names (create, rename, link, remove) are durable only after a `sync_directory`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/assert.h"
#include "model/bytes.h"
#include "model/time.h"

namespace smalldb {

// ---- Names of things ------------------------------------------------------------------------------------------------

// A process of the cluster: a node, the arbiter or a client. Chosen by the host, the same at all processes and after
// every restart; a machine knows no more of it than whether two are the same.
enum class ProcessId : std::uint32_t {};
inline constexpr ProcessId no_process{0xffffffff};

// What a connection is for; a process listens on each port it accepts links on.
enum class Port : std::uint8_t { client, replication, arbiter };

// One end of a connection, numbered by the process that holds it, never used twice in the life of a machine.
enum class Link : std::uint64_t {};

// A link that any message may be sent on: to another node or the arbiter, or from a client to a node.
class PeerLink {
 public:
  Link link() const { return link_; }
  friend bool operator==(PeerLink, PeerLink) = default;

 private:
  explicit PeerLink(Link link) : link_(link) {}
  friend class Effects;
  friend class Accepted;
  Link link_;
};

// A link to a client of the store. Nothing but an `Output` or a `Refusal` can be sent on it (see below).
class ClientLink {
 public:
  Link link() const { return link_; }
  friend bool operator==(ClientLink, ClientLink) = default;

 private:
  explicit ClientLink(Link link) : link_(link) {}
  friend class Accepted;
  Link link_;
};

// A timer of one machine. A machine numbers its timers from 0, densely: a host keeps a slot for each.
enum class TimerId : std::uint32_t {};

// Which directory a disk operation means: the process's own, or the one that several processes mount (shared_lock).
enum class Volume : std::uint8_t { own, shared };

// Chosen by the machine for each disk operation and handed back with the answer.
enum class DiskToken : std::uint64_t {};

// ---- What may be shown to a client ----------------------------------------------------------------------------------

// An answer that has passed the output gate, to the client for whom it was held there. Only `OutputGate`
// (model/output_gate.h) can make one; what that keeps out, and what it cannot, is told in
// docs/decisions/0039-what-the-type-of-an-output-keeps.md.
class Output {
 public:
  ClientLink to() const { return to_; }
  const Bytes& bytes() const { return bytes_; }

 private:
  Output(ClientLink to, Bytes bytes) : to_(to), bytes_(std::move(bytes)) {}
  friend class OutputGate;
  ClientLink to_;
  Bytes bytes_;
};

// "Not here": an answer that says nothing of the store's state. Made by `RefusalMaker` (model/refusal.h) from the name
// of a request, a reason and a process, and from nothing else.
class Refusal {
 public:
  const Bytes& bytes() const { return bytes_; }

 private:
  explicit Refusal(Bytes bytes) : bytes_(std::move(bytes)) {}
  friend struct RefusalMaker;
  Bytes bytes_;
};

// ---- Events: what the host tells a machine -----------------------------------------------------------------------

// The process has begun. `entropy` is fresh for every start: the machine's only source of identity.
struct Started {
  std::uint64_t entropy[2];
};

struct TimerFired {
  TimerId timer;
};

// Somebody connected to `port`. Made by the host alone (model/host_side.h): a machine that could make one could call
// a client's link a peer's.
class Accepted {
 public:
  Accepted() = default;  // nobody

  Link link() const { return link_; }
  ProcessId from() const { return from_; }
  Port port() const { return port_; }

  // REQUIRES: not Port::client: what a client is told passes the output gate.
  PeerLink as_peer() const {
    SMALLDB_ASSERT(port_ != Port::client, static_cast<std::uint64_t>(link_));
    return PeerLink(link_);
  }
  // REQUIRES: Port::client.
  ClientLink as_client() const {
    SMALLDB_ASSERT(port_ == Port::client, static_cast<std::uint64_t>(link_));
    return ClientLink(link_);
  }

 private:
  Accepted(Link link, ProcessId from, Port port) : link_(link), from_(from), port_(port) {}
  friend struct HostEvents;
  Link link_{};
  ProcessId from_ = no_process;
  Port port_ = Port::client;
};

// A link that this machine asked for is open.
struct Connected {
  Link link;
};

enum class CloseReason : std::uint8_t { refused, timed_out, reset, closed_by_peer };

// A link is gone: nothing more arrives on it, and what is sent on it goes nowhere. Not sent for links that this machine
// closed itself.
struct Closed {
  Link link;
  CloseReason reason;
};

// The next bytes of a link's stream: any number of messages, pieces of messages included.
struct Received {
  Link link;
  Bytes bytes;
};

struct DatagramReceived {
  ProcessId from;
  Bytes bytes;
};

enum class DiskStatus : std::uint8_t {
  ok,
  not_found,    // no such file
  exists,       // link: the new name is taken
  no_space,     // nothing of this write took effect
  failed,       // read: these bytes cannot be had. write, sync: what is on the disk is unknown from now on (S11)
  unreachable,  // the shared volume did not answer; whether the operation took effect is unknown
};

struct FileEntry {
  std::string name;
  std::uint64_t size;
};

// The answer to one disk operation. `bytes` for a read (fewer than asked at the end of the file), `entries` for a list,
// in the order of their names.
struct DiskDone {
  DiskToken token;
  DiskStatus status;
  Bytes bytes;
  std::shared_ptr<const std::vector<FileEntry>> entries;
};

// A word from outside the cluster: the next operation of a client's user, or an operator's command to a node.
struct Input {
  Bytes bytes;
};

using Event =
    std::variant<Started, TimerFired, Accepted, Connected, Closed, Received, DatagramReceived, DiskDone, Input>;

// ---- Effects: what a machine wants done ----------------------------------------------------------------------------

namespace effect {

struct Connect {
  Link link;
  ProcessId to;
  Port port;
};
struct Send {
  Link link;
  Bytes bytes;
};
struct Reply {  // an Output or a Refusal on its way to a client
  Link link;
  Bytes bytes;
};
struct Close {
  Link link;
};
struct SendDatagram {
  ProcessId to;
  Bytes bytes;
};
struct SetTimer {
  TimerId timer;
  Instant at;
};
struct CancelTimer {
  TimerId timer;
};

enum class DiskVerb : std::uint8_t {
  list,
  read,
  write,
  write_synced,
  truncate,
  sync,
  rename,
  link,
  remove,
  sync_directory
};

struct Disk {
  DiskVerb verb;
  Volume volume;
  DiskToken token;
  std::string name;      // the file; for rename and link the existing one
  std::string new_name;  // rename and link only
  std::uint64_t offset;  // read, write; truncate: the new size
  std::uint64_t length;  // read
  Bytes bytes;           // write
};

struct Report {  // to whoever gave the Input
  Bytes bytes;
};

// A word for readers of the trace: what the machine is doing, for the story and for coverage. No safety property reads
// notes. `what` and `role` are the model's own numbers (model/notes.h); a host only carries them.
struct Note {
  std::uint16_t what;
  std::uint8_t role;
  std::uint64_t epoch;
  std::uint64_t position;
  std::uint64_t a;
  std::uint64_t b;
  Bytes text;
};

struct Stop {  // the process ends itself, as after a failed sync (S11); `why` is for people, empty: it was told to
  Bytes why;
};

}  // namespace effect

using Effect =
    std::variant<effect::Send, effect::Reply, effect::SetTimer, effect::CancelTimer, effect::Disk, effect::Note,
                 effect::Report, effect::SendDatagram, effect::Connect, effect::Close, effect::Stop>;

// The list of effects that a step records. Recording does nothing yet: every verb means "have this done when I return".
// Who can only record cannot put an answer there that the output gate has not let through. The host makes and copies
// it: the links of another list could be anybody's in this one.
class Effects {
 public:
  // Asks for a connection; `Connected` or `Closed` follows. The link may be sent on at once: a host queues.
  PeerLink connect(ProcessId to, Port port) {
    const Link link{next_link_++};
    record(effect::Connect{link, to, port});
    return PeerLink(link);
  }
  void send(PeerLink link, Bytes message) { record(effect::Send{link.link(), std::move(message)}); }
  void reply(const Output& output) { record(effect::Reply{output.to().link(), output.bytes()}); }
  void reply(ClientLink link, const Refusal& refusal) { record(effect::Reply{link.link(), refusal.bytes()}); }
  void close(PeerLink link) { record(effect::Close{link.link()}); }
  void close(ClientLink link) { record(effect::Close{link.link()}); }
  void send_datagram(ProcessId to, Bytes message) { record(effect::SendDatagram{to, std::move(message)}); }

  // Arms a timer, or moves it if it is armed. It fires once, at the first event at or after `at`.
  void set_timer(TimerId timer, Instant at) { record(effect::SetTimer{timer, at}); }
  void cancel_timer(TimerId timer) { record(effect::CancelTimer{timer}); }

  // All files with their sizes.
  void list(DiskToken token, Volume volume = Volume::own) { disk(effect::DiskVerb::list, volume, token, {}); }
  void read(DiskToken token, std::string name, std::uint64_t offset, std::uint64_t length,
            Volume volume = Volume::own) {
    disk(effect::DiskVerb::read, volume, token, std::move(name), {}, offset, length);
  }
  // Writes at `offset`, making the file or lengthening it (with zeros in between) where needed. Not durable.
  void write(DiskToken token, std::string name, std::uint64_t offset, Bytes bytes, Volume volume = Volume::own) {
    disk(effect::DiskVerb::write, volume, token, std::move(name), {}, offset, 0, std::move(bytes));
  }
  // The same, and then a sync of that file: `ok` says that all written to it so far is durable.
  void write_synced(DiskToken token, std::string name, std::uint64_t offset, Bytes bytes, Volume volume = Volume::own) {
    disk(effect::DiskVerb::write_synced, volume, token, std::move(name), {}, offset, 0, std::move(bytes));
  }
  void truncate(DiskToken token, std::string name, std::uint64_t size, Volume volume = Volume::own) {
    disk(effect::DiskVerb::truncate, volume, token, std::move(name), {}, size);
  }
  void sync(DiskToken token, std::string name, Volume volume = Volume::own) {
    disk(effect::DiskVerb::sync, volume, token, std::move(name));
  }
  // Replaces `new_name` if there is such a file, atomically.
  void rename(DiskToken token, std::string name, std::string new_name, Volume volume = Volume::own) {
    disk(effect::DiskVerb::rename, volume, token, std::move(name), std::move(new_name));
  }
  // A second name for a file; `exists` if the new name is taken, by whomever: the test-and-set of shared_lock.
  void link(DiskToken token, std::string name, std::string new_name, Volume volume = Volume::own) {
    disk(effect::DiskVerb::link, volume, token, std::move(name), std::move(new_name));
  }
  void remove(DiskToken token, std::string name, Volume volume = Volume::own) {
    disk(effect::DiskVerb::remove, volume, token, std::move(name));
  }
  // Makes all names durable as they are now.
  void sync_directory(DiskToken token, Volume volume = Volume::own) {
    disk(effect::DiskVerb::sync_directory, volume, token, {});
  }

  void report(Bytes bytes) { record(effect::Report{std::move(bytes)}); }
  void note(effect::Note note) { record(std::move(note)); }
  void stop(Bytes why) { record(effect::Stop{std::move(why)}); }

  const std::vector<Effect>& recorded() const { return list_; }

 private:
  friend class HostEffects;
  Effects() = default;
  Effects(const Effects&) = default;
  Effects(Effects&&) = default;
  Effects& operator=(const Effects&) = default;
  Effects& operator=(Effects&&) = default;
  ~Effects() = default;

  // The compiler sees that there is room only with all of emplace_back before it.
  template <class One>
  [[gnu::flatten]] void record(One&& effect) {
    if (list_.size() == list_.capacity()) [[unlikely]]
      return record_with_more_room(std::forward<One>(effect));
    list_.emplace_back(std::forward<One>(effect));
  }
  // Apart, so that what records saves no registers for it.
  template <class One>
  [[gnu::noinline]] void record_with_more_room(One&& effect) {
    list_.reserve(list_.empty() ? 4 : 2 * list_.size());
    list_.emplace_back(std::forward<One>(effect));
  }
  void disk(effect::DiskVerb verb, Volume volume, DiskToken token, std::string name, std::string new_name = {},
            std::uint64_t offset = 0, std::uint64_t length = 0, Bytes bytes = {}) {
    record(effect::Disk{verb, volume, token, std::move(name), std::move(new_name), offset, length, std::move(bytes)});
  }

  std::vector<Effect> list_;
  std::uint64_t next_link_ = 1;
};

// ---- The machine -------------------------------------------------------------------------------------------------

class Machine {
 public:
  virtual ~Machine() = default;

  // Handles one event, to completion. Deterministic: the same machine, moment and event record the same effects.
  // Throws AssertionFailed when the machine finds itself in a state that cannot be, and nothing else.
  virtual void step(const Moment& moment, const Event& event, Effects& effects) = 0;

  // A machine in the same state that goes on by itself. A clone of a machine that was never stepped starts afresh, so a
  // host keeps one as the pattern for restarts.
  virtual std::unique_ptr<Machine> clone() const = 0;

 protected:
  Machine() = default;
  Machine(const Machine&) = default;
  Machine& operator=(const Machine&) = default;
};

}  // namespace smalldb
