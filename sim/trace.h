// The trace: what happened, as one flat list of small typed events, each with the event that caused it.
//
// The world writes it; no machine does. Everything that judges or tells of a run (properties, stories, diagrams, diffs)
// reads this list and nothing else. A world keeps the events of the current step only, and a rolling hash of all of
// them; whoever wants the list collects it.
//
// Reading the table: `process` is where it happened. `link` is the number by which `process` knows the connection;
// `peer` is the process at the other end. Bytes of a stream are counted from 0 per direction of a connection: `offset`
// is the position of the first byte of `payload` in what was sent, so a message counts as delivered when the bytes
// delivered reach the end of it. `connection` is the same number at both ends.
//
//   kind                 process   peer     a            b            payload / name
//   ---- processes
//   started              p                  incarnation
//   crashed              p                  incarnation               the machine is gone; unsynced data is decided
//   stopped              p                  incarnation               why it stopped itself; empty: it was told to
//   paused, resumed      p
//   timer_fired          p                  timer
//   input, report        p                  number                    the bytes, counted per process
//   note                 p                  index        what + role  index of World::notes() of the same call; `b` is
//                                                                    what + 65536 * role; the text
//   assertion_failed     p                                            the message
//   ---- streams
//   connecting           p         q        connection   port
//   accepted             q         p        connection   port
//   connected            p         q        connection   port
//   refused              q         p        connection   port         nobody at q takes what p opens: a reset goes back
//   closed               p         q        connection   CloseReason
//   link_closed          p         q        connection                p closed it itself
//   sent                 p         q        connection   offset       one message as the machine handed it over
//   replied              p         q        connection   offset       the same, an Output or Refusal to a client
//   received             q         p        connection   offset       a piece of the stream, as the machine sees it
//   stream_lost          p         q        connection   offset       bytes that p sent and q will never see
//   ---- datagrams
//   datagram_sent        p         q        number                    counted per direction
//   datagram_received    q         p        number       copy         copy 0 is the first
//   datagram_lost        q         p        number       LossReason
//   ---- disk (name: the file)
//   disk_written         p                  offset       size         the bytes, now in the volatile cache
//   disk_synced          p                  write count               all written to the file so far is durable
//   disk_read            p                  offset       DiskStatus   what the machine sees
//   disk_listed          p                                            the files' names, each ended by a zero byte
//   disk_truncated       p                  new size
//   disk_renamed, disk_linked               p                         name and new name, separated by a zero byte
//   disk_removed         p
//   disk_directory_synced p
//   disk_failed          p                  DiskVerb     DiskStatus   the operation did not succeed
//   disk_kept            p                  offset       size         at a crash: unsynced bytes that survived
//   disk_lost            p                  offset       size         at a crash: unsynced bytes that did not
//   disk_name_lost       p                                            at a crash: a rename, link, remove or new file
//                                                                    that was not durable and is undone
//   ---- faults
//   fault_injected       p or none  q       FaultId      FaultKind
//   fault_took_effect    p or none  q       FaultId      FaultKind    something really differed because of it
//   fault_ended          p or none  q       FaultId      FaultKind
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/bytes.h"
#include "model/machine.h"
#include "sim/time.h"

namespace smalldb::sim {

enum class EventKind : std::uint8_t {
  started,
  crashed,
  stopped,
  paused,
  resumed,
  timer_fired,
  input,
  report,
  note,
  assertion_failed,
  connecting,
  accepted,
  connected,
  refused,
  closed,
  link_closed,
  sent,
  replied,
  received,
  stream_lost,
  datagram_sent,
  datagram_received,
  datagram_lost,
  disk_written,
  disk_synced,
  disk_read,
  disk_listed,
  disk_truncated,
  disk_renamed,
  disk_linked,
  disk_removed,
  disk_directory_synced,
  disk_failed,
  disk_kept,
  disk_lost,
  disk_name_lost,
  fault_injected,
  fault_took_effect,
  fault_ended,
};

inline constexpr std::size_t event_kinds = static_cast<std::size_t>(EventKind::fault_ended) + 1;

// The event's name as it stands in the table, in trace files and in scenarios.
std::string_view name(EventKind kind);

// Why a datagram did not arrive.
enum class LossReason : std::uint8_t {
  loss,           // of the link, as set or by a fault
  cut,            // the link was cut
  queue_full,     // more was waiting than the link's queue holds
  receiver_down,  // nobody was there
};
std::string_view name(LossReason reason);

// Position of an event in the trace of its world, from 0. `no_event` causes what only the scenario causes.
using EventIndex = std::uint64_t;
inline constexpr EventIndex no_event = ~EventIndex{0};

// A file of a world, numbered by first use; the name is World::file_name(FileId).
enum class FileId : std::uint32_t {};
inline constexpr FileId no_file{0xffffffff};

struct TraceEvent {
  EventIndex index = 0;
  EventIndex cause = no_event;
  Time time;
  EventKind kind = EventKind::started;
  Volume volume = Volume::own;  // disk events
  ProcessId process = no_process;
  ProcessId peer = no_process;
  FileId file = no_file;  // disk events
  Link link{0};           // stream events: the connection as `process` numbers it
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  Bytes payload;
  std::uint64_t digest = 0;  // chance::hash_of the payload, where that is known already; 0: it is not
};

}  // namespace smalldb::sim
