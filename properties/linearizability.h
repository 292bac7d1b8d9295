// Linearizability: the answers that clients got are those of one store that executes every operation at one instant
// between its invocation and its completion. Judged per key (keys are independent), online, from what users saw. An
// operation counts as invoked when its client first sends it: before that it cannot take effect, however long it
// waited.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "model/bytes.h"
#include "properties/key_search.h"
#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"

namespace smalldb::properties {

class Linearizability : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::operation_sent, ObservationKind::operation_completed,
                                              ObservationKind::process_ended};

  // `steps`: what the searches may take in the whole run before the verdict is unknown.
  explicit Linearizability(std::uint64_t steps = 20'000'000) : steps_left_(steps) {}

  void observe(const Observation& observation, const Mirror& mirror);
  void finish(sim::Time at, const Mirror& mirror);

 private:
  struct Open {
    ProcessId client;
    std::uint64_t number;
    Bytes key;
    KeySearch::Slot slot;
  };

  void on_sent(const Observation& sent);
  void complete(const Open& open, Outcome outcome, Revision revision, const Bytes& result, const Observation& by,
                const Mirror& mirror);
  void search(const Bytes& key, const Mirror& mirror);

  std::uint64_t steps_left_;
  std::map<Bytes, KeySearch> keys_;
  std::vector<Open> open_;
};

}  // namespace smalldb::properties
