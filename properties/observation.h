// What the trace says of the store: trace events, decoded once, for all properties.
//
// An Observation is one fact, flat and cheap. The table says which fields a kind fills; all others keep their defaults.
// What the pointers and the text refer to lives as long as the call that hands the observation over.
//
//   kind                  process    peer       fields
//   ---- processes
//   process_started       p
//   process_ended         p                     a: 1 if it crashed; text: why, if it stopped itself
//   assertion_failed      p                     text: the message
//   noted                 p                     a: NoteKind, b: Role. For coverage and stories, never for safety
//   ---- messages
//   message_sent          p          q          epoch, message (requests, responses and datagrams included)
//   message_delivered     q          p          epoch, message, since: when it was sent
//   request_received      node       client     message
//   answer_released       node       client     epoch, lsn: its position, response, since: request_received, request:
//                                               what it answers, if the trace shows that
//   answer_delivered      client     node       epoch, lsn, response, since: answer_released
//   refusal_released      node       client     response, since: request_received
//   ---- logs, as they stand on the nodes' disks
//   record_written        node                  epoch, lsn, a: fingerprint, line; session, number of an operation,
//                                               request when it is first written anywhere; record of all other kinds
//   log_durable           node                  epoch, lsn, line: all up to this record is durable
//   log_cut               node                  epoch, lsn, line: the log ends here now; a: records dropped, b: the
//                                               first line dropped
//   checkpoint_written    node                  epoch, lsn, line, a: fingerprint, b: size: it has its final name;
//                                               number: the kind of the record at lsn in the node's own log (place in
//                                               RecordBody, plus one); 0 if the log does not hold it
//   ---- epochs
//   epoch_granted         node                  epoch, directory: of the winner, by the arbiter or the shared directory
//   epoch_started         node                  epoch, lsn, directory, line: its EpochStarted record is durable there
//   ---- users
//   operation_invoked     client                invocation
//   operation_sent        client                invocation, session, number: sent for the first time under this name
//   operation_completed   client                completion, since: operation_invoked
//   ---- faults
//   fault_injected        p or none             a: FaultId, b: FaultKind
//   fault_took_effect     p or none             a: FaultId, b: FaultKind
//   fault_ended           p or none             a: FaultId, b: FaultKind
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "model/ids.h"
#include "model/machine.h"
#include "sim/time.h"
#include "sim/trace.h"

namespace smalldb {
struct Completion;
struct Invocation;
struct Message;
struct Record;
struct Request;
struct Response;
}  // namespace smalldb

namespace smalldb::properties {

enum class ObservationKind : std::uint8_t {
  process_started,
  process_ended,
  assertion_failed,
  noted,
  message_sent,
  message_delivered,
  request_received,
  answer_released,
  answer_delivered,
  refusal_released,
  record_written,
  log_durable,
  log_cut,
  checkpoint_written,
  epoch_granted,
  epoch_started,
  operation_invoked,
  operation_sent,
  operation_completed,
  fault_injected,
  fault_took_effect,
  fault_ended,
};
inline constexpr std::size_t observation_kinds = static_cast<std::size_t>(ObservationKind::fault_ended) + 1;

// The kinds that somebody, nearly always a property, wants to see.
class ObservationKinds {
 public:
  constexpr ObservationKinds(std::initializer_list<ObservationKind> kinds) {
    for (const ObservationKind kind : kinds) bits_ |= bit(kind);
  }
  constexpr bool has(ObservationKind kind) const { return (bits_ & bit(kind)) != 0; }

 private:
  static constexpr std::uint32_t bit(ObservationKind kind) { return std::uint32_t{1} << static_cast<int>(kind); }
  std::uint32_t bits_ = 0;
};

// One directory's tenure of one epoch, numbered in the order of first sight (properties/epochs.h). Records of one line
// at one position are the same; those of one epoch are too, unless two directories both had it.
using Line = std::uint32_t;
inline constexpr Line no_line = 0xffffffff;

struct Observation {
  ObservationKind kind = ObservationKind::process_started;
  ProcessId process = no_process;
  ProcessId peer = no_process;
  Line line = no_line;
  sim::EventIndex event = sim::no_event;  // the trace event that shows it
  sim::EventIndex since = sim::no_event;  // an earlier one that it belongs to
  sim::Time time;
  Epoch epoch;
  Lsn lsn;
  SessionId session;
  std::uint64_t number = 0;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  DirectoryId directory;
  const Message* message = nullptr;
  const Response* response = nullptr;
  const Request* request = nullptr;
  const Record* record = nullptr;
  const Invocation* invocation = nullptr;
  const Completion* completion = nullptr;
  std::string_view text;
};

struct Mirror;

// Who wants to hear. `mirror` (properties/mirror.h) is what all observations so far add up to, this one included.
class Listener {
 public:
  virtual void on(const Observation& observation, const Mirror& mirror) = 0;

 protected:
  ~Listener() = default;
};

}  // namespace smalldb::properties
