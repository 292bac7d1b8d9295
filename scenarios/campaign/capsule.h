// A capsule: a failure in one file, with all that it takes to see it again and to tell whether it is still the same.
//
// Two YAML documents. The first says what failed, where, and how the trace grew; the second is the scenario as a person
// would write it, and can be cut out and run by itself. The last line says that all of it is there.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/campaign/failure.h"
#include "scenarios/campaign/hash_chain.h"
#include "scenarios/problem.h"
#include "scenarios/scenario.h"

namespace smalldb::scenarios {

struct Capsule {
  std::string program;   // with its version and commit
  std::string compiler;  // and its settings
  std::string origin;    // where it comes from: "seed 18523, survivable"
  FailureClass kind;
  std::string witness;
  std::uint64_t hang_after_ms =
      usual_hang_after_ms;  // of real time, that the run was given: who runs it again gives it
  std::uint64_t events = 0;
  HashChain chain;
  Scenario scenario;

  friend bool operator==(const Capsule&, const Capsule&) = default;
};

std::string write_capsule(const Capsule& capsule);

bool is_capsule(std::string_view text);

// Nothing if there are problems.
std::optional<Capsule> read_capsule(std::string_view text, const std::string& file, std::vector<Problem>& problems);

// Runs `scenario` and seals what came of it; nothing if it did not fail, or was interrupted.
struct Origin {
  std::string program;
  std::string compiler;
  std::string origin;
  std::uint64_t events_max = 2'000'000;
  std::uint64_t hang_after_ms = usual_hang_after_ms;
  std::function<bool()> interrupted = {};  // as in RunOptions
};
std::optional<Capsule> seal(const Scenario& scenario, const Origin& origin);

}  // namespace smalldb::scenarios
