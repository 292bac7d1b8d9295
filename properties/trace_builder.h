// Writes traces by hand, for tests of properties: what could have happened, in a few words per event.
//
//     TraceBuilder trace;                      // nodes a and b, an arbiter, clients c1 and c2
//     trace.a_pair();                          // a has founded epoch 1, and declared b in sync
//     trace.asks(c1, a, put(1, "x"));
//     const Lsn lsn = trace.appends(a, put(1, "x"));
//     trace.copies(a, b); trace.syncs(b); trace.acks(b, a);
//     trace.answers(a, c1, 1, lsn);
//     REQUIRE(trace.verdict("output_rule").conclusion == Conclusion::holds);
//
// Every verb makes events a millisecond apart. What is sent arrives at once unless the verb says otherwise.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/client.h"
#include "model/ids.h"
#include "model/machine.h"
#include "model/messages.h"
#include "model/notes.h"
#include "model/record.h"
#include "model/request.h"
#include "properties/cast.h"
#include "properties/properties.h"
#include "properties/verdict.h"
#include "sim/fault.h"
#include "sim/trace.h"

namespace smalldb::properties {

inline constexpr ProcessId a{0};
inline constexpr ProcessId b{1};
inline constexpr ProcessId arbiter{2};
inline constexpr ProcessId c1{3};
inline constexpr ProcessId c2{4};

// Requests of session 2, which a_pair() opens.
Request put(std::uint64_t number, std::string_view key, std::string_view value = "v");

class TraceBuilder {
 public:
  explicit TraceBuilder(ArbiterKind kind = ArbiterKind::tie_breaker, Acknowledge acknowledge = Acknowledge::durable);

  // Bounds that the settings promise (Cast).
  void promises(std::uint64_t log_buffer_bytes, Duration session_kept_for) {
    cast_.log_buffer_bytes = log_buffer_bytes;
    cast_.session_kept_for = session_kept_for;
  }

  // ---- Stories that many tests begin with
  void a_alone();  // a is granted epoch 1, begins it, and has opened session 2
  void a_pair();   // and has declared b in sync

  // ---- Processes
  void starts(ProcessId process);
  void crashes(ProcessId process);
  void stops(ProcessId process);  // as it was told to
  void fails_an_assertion(ProcessId process, std::string_view message);
  void fault(sim::FaultKind kind, ProcessId process, sim::EventKind what = sim::EventKind::fault_injected);
  void notes(ProcessId node, NoteKind what);
  void promotes(ProcessId node);
  void waits(Duration length) { now_ = now_ + length; }

  // ---- Epochs
  void grants(Epoch epoch, ProcessId node);                        // the arbiter's word, delivered to the node
  void reads_lock(ProcessId node, Epoch epoch, ProcessId winner);  // shared_lock
  void reads_lock(ProcessId node, const std::string& file, const Bytes& claim);
  Lsn begins(ProcessId node, Epoch epoch);  // writes and syncs EpochStarted

  // ---- Logs
  Lsn appends(ProcessId node, const Request& request);
  Lsn appends(ProcessId node, RecordBody body);
  Lsn writes(ProcessId node, Record record);
  // What `to` lacks, up to `last` if that is given, is sent to it and written there.
  void copies(ProcessId from, ProcessId to, std::optional<Lsn> last = {});
  void syncs(ProcessId node);
  void fails_to_sync(ProcessId node);
  void writes_again(ProcessId node);  // its last record, where it stands
  void cuts(ProcessId node, Lsn end);
  void forgets(ProcessId node, Lsn end);  // without a word in the trace: what it writes next goes behind `end`
  void loses_unsynced(ProcessId node);    // a crash, and a restart that reads the log back
  // A crash; an empty disk in its place, which it finds at its restart, and makes another directory() there.
  void loses_disk(ProcessId node);
  void takes_snapshot(ProcessId to, ProcessId from);  // of all that `from` has; its log begins again behind that
  void writes_checkpoint(ProcessId node, Lsn lsn, std::string_view bytes, std::uint64_t generation = 1);

  // ---- Messages
  void acks(ProcessId backup, ProcessId primary);
  void acks(ProcessId backup, ProcessId primary, Epoch epoch, Lsn durable);  // whatever it has
  void asks(ProcessId client, ProcessId node, const Request& request);
  void answers(ProcessId node, ProcessId client, std::uint64_t number, Lsn position, Status status = Status::ok);
  void ships_nothing(ProcessId from, ProcessId to, Epoch epoch);            // an empty Records message
  void ships_snapshot(ProcessId from, ProcessId to, Epoch epoch, Lsn lsn);  // all of it in one chunk, no bytes
  void welcomes(ProcessId from, ProcessId to, Epoch epoch, Lsn cut);

  // ---- Users. An operation is sent to a when it is invoked; nothing comes of that by itself.
  void invokes(ProcessId client, std::uint64_t number, Verb verb, std::string_view key, std::string_view value = {},
               Condition condition = {});
  void completes(ProcessId client, std::uint64_t number, Outcome outcome, std::uint64_t revision = 0,
                 std::string_view value = {});

  // ---- What comes of it
  const std::vector<sim::TraceEvent>& events() const { return events_; }
  const std::vector<std::string>& files() const { return file_names_; }
  const Cast& cast() const { return cast_; }
  sim::Time now() const { return now_; }
  Lsn end(ProcessId node) const;
  DirectoryId directory(ProcessId node) const;

  // Judged from the beginning to here. `heal_at`: as Properties::heal; none: never.
  Properties judged(std::optional<sim::Time> heal_at = {}, const Bounds& bounds = {}) const;
  Verdict verdict(std::string_view property, std::optional<sim::Time> heal_at = {}) const;
  // The names of the properties that are violated, in the order of names().
  std::vector<std::string_view> violated() const;

 private:
  struct Log {
    std::vector<Record> records;
    std::vector<Bytes> encoded;
    std::string file;
    std::size_t before = 0;  // records that stood before the file
    std::uint64_t size = 0;  // of the file
    std::size_t synced = 0;  // records
    bool named = false;
  };
  struct Direction {
    std::uint64_t offset = 0;
  };

  sim::TraceEvent& event(sim::EventKind kind, ProcessId process, ProcessId peer = no_process);
  sim::TraceEvent& disk_event(sim::EventKind kind, ProcessId process, const std::string& file);
  void sends(ProcessId from, ProcessId to, Epoch epoch, const MessageBody& body,
             sim::EventKind kind = sim::EventKind::sent);
  sim::FileId file(const std::string& name);
  std::string file_of(ProcessId node);

  Cast cast_;
  sim::Time now_;
  std::vector<sim::TraceEvent> events_;
  std::vector<std::string> file_names_;
  std::map<ProcessId, Log> logs_;
  std::map<ProcessId, std::uint64_t> disks_lost_;
  std::map<std::pair<ProcessId, ProcessId>, Direction> directions_;
};

}  // namespace smalldb::properties
