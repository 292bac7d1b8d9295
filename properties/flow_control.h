// Flow control (F8): the primary of a pair, or of one that is forming, takes no request while its log is
// `log_buffer_bytes` or more ahead of what its backup has acknowledged as durable.
//
// Counted from the record with which the backup joins, so that a comer that still catches up is nobody's burden; and
// not while a backup that has come back takes a snapshot.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"

namespace smalldb::properties {

class FlowControl : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::record_written, ObservationKind::message_sent,
                                              ObservationKind::message_delivered, ObservationKind::process_ended};

  void observe(const Observation& observation, const Mirror& mirror);
  void finish(sim::Time, const Mirror&) {}

 private:
  struct Waiting {
    Lsn lsn;
    std::uint64_t bytes;
  };
  // What a primary has written since its backup began to join.
  struct Lead {
    Line line = no_line;  // no_line: none is there
    Lsn acknowledged;
    std::deque<Waiting> waiting;  // for an acknowledgement, rising
    std::uint64_t bytes = 0;      // of these
  };

  // What was acknowledged to a process in its present life. A backup may be ahead of a disk that is slow, and
  // acknowledge the record with which it joins before that is written.
  struct Heard {
    Epoch epoch;
    Lsn durable;
  };

  void on_written(const Observation& written, const Mirror& mirror);
  void on_sent(const Observation& sent);
  void on_delivered(const Observation& delivered, const Mirror& mirror);
  static void acknowledge(Lead& lead, Lsn lsn);
  static std::uint64_t bytes_that_came_with_it(const Lead& lead, const Observation& written, const Mirror& mirror);

  std::vector<Lead> leads_;   // by process
  std::vector<Heard> heard_;  // likewise
};

}  // namespace smalldb::properties
