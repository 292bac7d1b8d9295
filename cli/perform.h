// Runs one scenario and makes the report of it.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "cli/load.h"
#include "cli/watch.h"
#include "cli/wishes.h"
#include "reports/report.h"
#include "scenarios/run.h"
#include "sim/world.h"

namespace smalldb::cli {

// What is written beside the report, null or empty: not wanted; and how long the run may become.
struct Outputs {
  std::ostream* trace = nullptr;
  std::ostream* history = nullptr;
  std::ostream* picture = nullptr;
  std::function<void(const sim::World& world)> reader = {};  // scenarios::RunOptions::reader
  std::uint64_t events_max = scenarios::RunOptions{}.events_max;
  Pulse* pulse = nullptr;                                             // of the run, told if it is wished for
  std::optional<std::uint64_t> last_step = {};                        // the run is ended behind it
  scenarios::EndReason ended_by = scenarios::EndReason::interrupted;  // then
};

// Throws what the simulator throws when it fails itself.
reports::Report perform(const NamedScenario& what, const Wishes& wishes, const std::string& program,
                        const Outputs& outputs);

// As a shell takes it for one word.
std::string in_shell(std::string_view word);

}  // namespace smalldb::cli
