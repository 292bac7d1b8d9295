// What the tests of this folder share: golden files, and a world's names made by hand.
#pragma once

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "reports/names.h"

namespace smalldb::reports {

// Holds `actual` against the file, named from the root of the tree. REWRITE_GOLDEN=1 in the environment writes the file
// instead; whoever does that reads the diff.
inline void check_golden(const std::string& path, const std::string& actual) {
  if (std::getenv("REWRITE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << actual;
  std::ifstream file(path, std::ios::binary);
  INFO("golden file " << path);
  REQUIRE(file.good());
  CHECK(actual == std::string(std::istreambuf_iterator<char>(file), {}));
}

inline std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
  return count;
}

class TestNames final : public Names {
 public:
  std::string_view process(ProcessId process) const override {
    if (process == sim::shared_volume) return "disk";
    return processes.at(static_cast<std::size_t>(process));
  }
  std::string_view file(sim::FileId file) const override { return files.at(static_cast<std::size_t>(file)); }
  const sim::Fault& fault(sim::FaultId fault) const override { return faults.at(static_cast<std::size_t>(fault)); }

  std::vector<std::string> processes{"a", "b", "arbiter", "c1"};
  std::vector<std::string> files{"log-1-1", "checkpoint-20"};
  std::vector<sim::Fault> faults;
};

inline constexpr ProcessId a{0};
inline constexpr ProcessId b{1};
inline constexpr ProcessId arbiter{2};
inline constexpr ProcessId c1{3};

}  // namespace smalldb::reports
