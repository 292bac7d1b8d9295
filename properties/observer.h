// Turns trace events into observations, once for all properties, and keeps the mirror they look into.
//
// Each frame is decoded once, when it is sent; a record once, when it is first written anywhere. Nothing is asked of a
// machine. What cannot be decoded says nothing: a machine that sent it will be judged by what comes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/ids.h"
#include "model/machine.h"
#include "model/record.h"
#include "model/request.h"
#include "properties/cast.h"
#include "properties/fingerprint.h"
#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/streams.h"
#include "properties/users.h"
#include "sim/trace.h"

namespace smalldb::properties {

class Observer {
 public:
  explicit Observer(Cast cast);

  // Tells `listener` what the next event shows. `files` is asked for the names of files not met before.
  void observe(const sim::TraceEvent& event, const FileNames& files, Listener& listener);

  const Mirror& mirror() const { return mirror_; }

 private:
  // What a file's name says of it.
  struct File {
    enum class Kind : std::uint8_t { not_asked, log, checkpoint, checkpoint_being_made, meta, epoch_lock, other };
    Kind kind = Kind::not_asked;
    std::uint64_t generation = 0;
    Lsn lsn;
  };
  struct Waiting {  // a request that a node has received and not answered
    std::uint64_t connection;
    ProcessId node;
    Request request;
    sim::EventIndex received;
  };
  struct Making {  // a checkpoint on its way to its name
    ProcessId node;
    sim::FileId file;
    Fingerprint fingerprint;
  };

  void on_process(const sim::TraceEvent& event);
  void on_note(const sim::TraceEvent& event);
  void take_note(ProcessId process, NoteKind kind);
  void on_input(const sim::TraceEvent& event);
  void on_report(const sim::TraceEvent& event);
  void on_sent(const sim::TraceEvent& event);
  void tell_operation(const sim::TraceEvent& event, const Request& request);
  void on_replied(const sim::TraceEvent& event);
  void on_received(const sim::TraceEvent& event);
  void on_delivered(const sim::TraceEvent& event, const InFlight& arrived);
  void on_closed(const sim::TraceEvent& event);
  void on_datagram(const sim::TraceEvent& event);
  void on_written(const sim::TraceEvent& event, const FileNames& files);
  void on_synced(const sim::TraceEvent& event, const FileNames& files);
  void on_disk_failed(const sim::TraceEvent& event, const FileNames& files);
  void on_read(const sim::TraceEvent& event, const FileNames& files);
  void on_listed(const sim::TraceEvent& event);
  void on_shrunk(const sim::TraceEvent& event);
  void on_renamed(const sim::TraceEvent& event);
  void on_fault(const sim::TraceEvent& event);

  void take_records(const sim::TraceEvent& event);
  bool known_elsewhere(ProcessId node, const NodeLog::Found& found, LogEntry& entry) const;
  Line line_of(ProcessId node, const NodeLog::Found& found, const Record* record, sim::EventIndex event);
  void learn(Line line, const Record& record);
  void tell_durable(const sim::TraceEvent& event, Lsn was_durable);
  void learn_directory(const sim::TraceEvent& event);
  // It is `process` that has that epoch, and not a directory that it ran with before.
  bool is_of(ProcessId process, const Tenure& tenure) const;
  void take_received(ProcessId node, const Message& message, sim::EventIndex event);
  void tell_granted(const sim::TraceEvent& event, Epoch epoch, DirectoryId directory);

  const File& file(const sim::TraceEvent& event, const FileNames& files);
  NodeLog& log(ProcessId process) { return mirror_.logs[static_cast<std::size_t>(process)]; }
  Observation begin(ObservationKind kind, const sim::TraceEvent& event) const;
  void tell(const Observation& observation) { listener_->on(observation, mirror_); }

  Mirror mirror_;
  Streams streams_;
  Datagrams datagrams_;
  std::vector<File> files_;  // by FileId
  std::vector<Waiting> waiting_;
  std::vector<Making> making_;
  // By process, since it started: the line of the primary that it had records or a snapshot from last; its own once it
  // leads one. What it makes a checkpoint of need not stand in its log yet.
  std::vector<Line> followed_;
  // By process, since it started: the directory that it runs with, which is another one when its disk was wiped; none:
  // not known.
  std::vector<std::optional<DirectoryId>> directories_;
  Listener* listener_ = nullptr;  // during observe only
};

}  // namespace smalldb::properties
