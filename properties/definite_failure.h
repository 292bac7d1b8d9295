// A definite failure never takes effect (S10): when a client reports that an operation failed, no record that executes
// it is part of what later answers depend on, then or ever.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/client.h"
#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"

namespace smalldb::properties {

class DefiniteFailure : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::operation_sent, ObservationKind::operation_completed,
                                              ObservationKind::record_written, ObservationKind::answer_released,
                                              ObservationKind::process_ended};

  void observe(const Observation& observation, const Mirror& mirror);
  void finish(sim::Time, const Mirror&) {}

 private:
  struct Executed {
    Line line;
    Lsn lsn;
    sim::EventIndex event;
  };
  // An operation that writes, under all the names that its client sent it by. What was never sent cannot take effect.
  struct Operation {
    ProcessId client;
    Invocation invocation;
    boost::container::small_vector<std::pair<SessionId, std::uint64_t>, 1> names;  // nearly always one
    boost::container::small_vector<Executed, 2> executed;                          // by the primary and its backup
    sim::Time failed_at;
    sim::EventIndex failed = sim::no_event;
  };

  void on_sent(const Observation& sent);
  void on_completed(const Observation& completed);
  void on_written(const Observation& written);
  void on_answer(const Observation& answer, const Mirror& mirror);

  std::vector<Operation> running_;
  std::vector<Operation> failed_;  // the latest ones
  std::size_t failed_and_executed_ = 0;
};

}  // namespace smalldb::properties
