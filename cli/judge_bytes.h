// Bytes as decisions of the generator: what coverage-guided fuzzers (libFuzzer, AFL++, ClusterFuzz) feed the simulator.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "scenarios/generator/generate.h"

namespace smalldb::cli {

struct JudgeOfBytes {
  std::optional<scenarios::Template> fixed;  // what a file says of every scenario
  std::string prefix;                        // of the capsules' names

  // Runs the scenario that the bytes stand for. True if it did not fail. If it did, says so on standard error and
  // writes its capsule: then `smalldb-sim replay` and `shrink` go on from there.
  bool judge(std::span<const std::uint8_t> bytes) const;
};

}  // namespace smalldb::cli
