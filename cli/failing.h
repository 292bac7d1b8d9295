// Failures that a command line names: a capsule, a scenario that fails, or a seed; and what becomes of one when it is
// shrunk.
#pragma once

#include <optional>
#include <string>

#include "cli/watch.h"
#include "scenarios/campaign/capsule.h"
#include "scenarios/scenario.h"

namespace smalldb::cli {

// How long --hang is if it is not said, of commands that take a capsule.
inline constexpr const char* as_the_capsule_says = "as long as the capsule says, or 60s";

struct Failing {
  std::string file;  // as the user named it
  scenarios::Scenario scenario;
  std::optional<scenarios::Capsule> capsule;  // if the file is one
};

// Nothing after every problem has been written to standard error. `taken`: what the command takes, for who names
// something else.
std::optional<Failing> load_failing(const std::string& file, const char* taken = "a capsule or a scenario");

// How long a run of it may take in real time: as `wished` for, or as long as it was given when the capsule was made.
std::uint64_t hang_after_ms(const std::optional<std::uint64_t>& wished, const Failing& failing);

// Why it cannot be shrunk: no scenario says all that it fails by. Empty if it can.
std::string why_not_shrunk(const scenarios::Capsule& capsule);

struct SmallFailure {
  std::string text;     // YAML, ready to be kept among the regressions
  std::string summary;  // "8 elements and 2 settings left, none of which can be dropped; 412 candidates in 0.9 s"
};

// `name` is what the scenario will be called. Each run is told to `pulse`: what is left of a failure may hang.
SmallFailure make_small(const scenarios::Capsule& capsule, const std::string& name, Pulse& pulse);

}  // namespace smalldb::cli
