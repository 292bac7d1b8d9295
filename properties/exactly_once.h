// Exactly once (F3, S9): in one log, a request of a session is executed by one record at most, however often it was
// sent.
//
// A request may stand in two logs at different positions when the first was cut before it was released; what must not
// be is that one log holds both.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"
#include "sim/time.h"

namespace smalldb::properties {

class ExactlyOnce : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::record_written};

  void observe(const Observation& observation, const Mirror& mirror);
  void finish(sim::Time, const Mirror&) {}

 private:
  struct Execution {
    std::uint64_t number;
    Line line;
    Lsn lsn;
    sim::Time at;
    sim::EventIndex event;
  };

  // By session; of each, the requests executed last, by number.
  std::map<SessionId, std::vector<Execution>> executions_;
};

}  // namespace smalldb::properties
