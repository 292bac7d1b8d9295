// Writes the trace of lives that are gone through again: what each step shows, in the words of sim/trace.h.
//
// Knows connections by both their ends where both processes were recorded, and otherwise takes what arrived for what
// was sent. What a recorded process sent or wrote in no recorded life is counted. For clients, requests and answers
// at the nodes are the beginnings and ends of operations.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "model/client.h"
#include "model/messages.h"
#include "scenarios/lives/evidence.h"
#include "scenarios/lives/known_disk.h"
#include "scenarios/lives/life.h"
#include "sim/trace.h"

namespace smalldb::scenarios {

struct Joined;

class Script {
 public:
  // Names files in `joined`, whose cast is complete, and counts there what is missing. REQUIRES: `evidence` outlives
  // it.
  Script(Joined& joined, const Evidence& evidence);

  // It is this late, or as late as it was, whichever is later.
  void at(sim::Time time);
  sim::Time now() const { return now_; }

  // How a life came to its end, as far as its recording and those behind it say.
  enum class Ending : std::uint8_t {
    crashed,
    stopped,       // as it was told to, or by itself
    failed,        // an assertion
    out_of_sight,  // the recording ends, and the process may have gone on
  };

  // `life`: by its place in what the evidence is of.
  void begin_life(ProcessId process, std::size_t life);
  void step(ProcessId process, const Reenactor::Step& step);
  // `failure`: the assertion, if that is how it ended.
  void end_life(ProcessId process, Ending ending, std::string_view failure);
  void finish();

  // Calls reader(events, notes) with what has been written since it last did.
  template <class Reader>
  void pass_on(const Reader& reader) {
    reader(std::span<const sim::TraceEvent>(events_), std::span<const effect::Note>(notes_));
    events_.clear();
    notes_.clear();
  }

  // What the event shows was done by others has been done by then, as far as that is ever to be seen.
  bool has_been_sent(ProcessId process, const Event& event) const;

 private:
  using Operation = Evidence::Operation;
  // A process and the number by which it knows a connection; none if that was not recorded.
  struct End {
    ProcessId process = no_process;
    std::optional<Link> link;
  };
  // ends[0] connected. flows[i] leads from ends[i] to the other.
  struct Connection {
    std::uint64_t number = 0;
    Port port = Port::client;
    End ends[2];
    bool is_known = false;  // both its ends, to be the same one's
    struct Flow {
      std::uint64_t sent = 0;
      std::uint64_t received = 0;
      std::string on_its_way;  // where both ends are known
      FrameReader frames;      // of a sender who was not
      sim::EventIndex cause = sim::no_event;
    } flows[2];
    std::vector<Operation> under_way;  // requests of clients without an answer
  };
  struct Place {
    std::size_t connection;
    int side;
  };
  struct Datagram {
    std::uint64_t number;
    sim::EventIndex cause;
    Bytes bytes;
  };
  struct Process {
    std::uint64_t lives = 0;
    std::size_t life = 0;  // the present one
    bool running = false;
    std::uint64_t inputs = 0;
    std::uint64_t syncs = 0;
    std::map<Link, Place> links;
    std::map<DiskToken, std::pair<effect::Disk, sim::EventIndex>> disk;
    std::set<sim::FileId> unsynced;
    KnownDisk known_disk;
    std::uint64_t bytes_in_doubt = 0;  // read in this life, and in no recording of who wrote them
  };
  // What became of an operation of a client. When no attempt is under way and none will be made it is settled: it has
  // failed if all were refused, else it is unknown.
  struct Begun {
    std::uint64_t number = 0;
    bool ended = false;
    std::size_t attempts = 0;   // so far
    std::size_t under_way = 0;  // those without an answer
    bool may_have_happened = false;
  };

  void show(ProcessId process, const Started& started);
  void show(ProcessId process, const TimerFired& fired);
  void show(ProcessId process, const Accepted& accepted);
  void show(ProcessId process, const Connected& connected);
  void show(ProcessId process, const Closed& closed);
  void show(ProcessId process, const Received& received);
  void show(ProcessId process, const DatagramReceived& datagram);
  void show(ProcessId process, const DiskDone& done);
  void show(ProcessId process, const Input& input);

  void show(ProcessId process, const effect::Connect& connect);
  void show(ProcessId process, const effect::Send& send);
  void show(ProcessId process, const effect::Reply& reply);
  void show(ProcessId process, const effect::Close& close);
  void show(ProcessId process, const effect::SendDatagram& datagram);
  void show(ProcessId process, const effect::Disk& disk);
  void show(ProcessId process, const effect::Note& note);
  void show(ProcessId process, const effect::Stop& stop);
  void show(ProcessId, const effect::SetTimer&) {}
  void show(ProcessId, const effect::CancelTimer&) {}
  void show(ProcessId, const effect::Report&) {}

  sim::TraceEvent& add(sim::EventKind kind, ProcessId process, sim::EventIndex cause);
  sim::TraceEvent& add(sim::EventKind kind, const Connection& connection, int side, sim::EventIndex cause);
  sim::TraceEvent& add(sim::EventKind kind, ProcessId process, const effect::Disk& disk, sim::EventIndex cause);
  void send(ProcessId process, Link link, const Bytes& bytes, sim::EventKind kind);
  void receive(Connection& connection, int side, const Bytes& bytes);
  void take_unrecorded(Connection& connection, int side, const Bytes& bytes);
  sim::EventIndex begin_operation(Connection& connection, int side, const Bytes& frame);
  void end_operation(Connection& connection, int side, const Bytes& frame);
  void settle(const Operation& name, sim::EventIndex cause);
  void lose_operations(Connection& connection, sim::EventIndex cause);
  void report(const Begun& begun, Outcome outcome, const Response& response, sim::EventIndex cause);
  Operation operation(const Connection& connection, int side, SessionId session, std::uint64_t number) const;
  Connection& open(Port port, End from, End to);
  const Evidence::OtherEnd* other_end(ProcessId process, Link link) const;
  const Connection* connection_of(ProcessId process, Link link, int& side) const;
  sim::FileId file(std::string_view name);

  Process& of(ProcessId process) { return processes_[static_cast<std::size_t>(process)]; }
  const Process& of(ProcessId process) const { return processes_[static_cast<std::size_t>(process)]; }
  ProcessId place_of(ProcessId called) const;
  bool is_recorded(ProcessId process) const;

  Joined& joined_;
  const Evidence& evidence_;
  std::vector<sim::TraceEvent> events_;  // since the last call of pass_on
  std::vector<effect::Note> notes_;
  sim::EventIndex written_ = 0;  // events in all
  sim::Time now_;
  sim::EventIndex cause_ = sim::no_event;  // what the machine was told in the step being shown
  ProcessId clients_;
  std::vector<Process> processes_;
  std::vector<Connection> connections_;
  std::map<Evidence::End, std::size_t> unaccepted_;                            // connections by the end that made them
  std::set<std::size_t> begun_;                                                // lives
  std::map<std::pair<ProcessId, ProcessId>, std::deque<Datagram>> datagrams_;  // on their way, from and to
  std::map<std::pair<ProcessId, ProcessId>, std::uint64_t> datagram_count_;
  std::map<std::string, sim::FileId, std::less<>> files_;
  std::map<Operation, Begun> operations_;
  std::uint64_t operation_count_ = 0;
};

}  // namespace smalldb::scenarios
