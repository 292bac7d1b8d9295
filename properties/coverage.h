// "Sometimes": conditions that a run should have been through, so that a green one is not vacuous.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "properties/mirror.h"
#include "properties/observation.h"

namespace smalldb::properties {

// A condition that may be seen: its name as scenarios write it, and what it means.
struct CoverageCondition {
  std::string_view name;
  std::string_view what;
};

// All conditions, in the order in which coverage is reported.
std::span<const CoverageCondition> conditions();

struct Seen {
  std::string_view name;
  std::uint64_t count = 0;
};

class Coverage {
 public:
  static constexpr std::size_t conditions_max = 96;

  static constexpr ObservationKinds interests{ObservationKind::noted,
                                              ObservationKind::answer_delivered,
                                              ObservationKind::refusal_released,
                                              ObservationKind::record_written,
                                              ObservationKind::operation_completed,
                                              ObservationKind::checkpoint_written,
                                              ObservationKind::message_delivered,
                                              ObservationKind::log_cut,
                                              ObservationKind::epoch_started,
                                              ObservationKind::fault_took_effect,
                                              ObservationKind::process_started,
                                              ObservationKind::process_ended};

  void observe(const Observation& observation, const Mirror& mirror);

  // How often the condition of this name has been seen. REQUIRES: it is one of conditions().
  std::uint64_t count(std::string_view name) const;
  // All of them, in the order of conditions(), those never seen included.
  std::vector<Seen> seen() const;

 private:
  void on_answer(const Observation& answer, const Mirror& mirror);
  void on_process(const Observation& observation, const Mirror& mirror);

  static std::uint64_t process_bit(ProcessId process) {
    return std::uint64_t{1} << (static_cast<std::uint32_t>(process) % 64);
  }

  std::array<std::uint64_t, conditions_max> counts_{};
  std::uint64_t started_ = 0;      // processes that have been started
  std::uint64_t sync_failed_ = 0;  // processes of which a sync failed in their present life
};

}  // namespace smalldb::properties
