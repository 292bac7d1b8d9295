// What many runs come to: counts that can be added up in any order, and the findings, one for each class of failure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "properties/fault_matrix.h"
#include "scenarios/campaign/failure.h"
#include "scenarios/generator/generate.h"
#include "scenarios/run.h"

namespace smalldb::scenarios {

// A run that failed, as it is kept for its class: of several the one with the fewest events, then the smallest seed.
struct FoundRun {
  std::uint64_t seed = 0;
  Budget budget = Budget::survivable;
  std::uint64_t events = 0;
  std::string witness;

  friend bool operator==(const FoundRun&, const FoundRun&) = default;
};

struct FoundClass {
  std::uint64_t count = 0;  // runs that failed this way
  std::uint64_t first = 0;  // the smallest of their seeds
  FoundRun fastest;

  friend bool operator==(const FoundClass&, const FoundClass&) = default;
};

struct Tally {
  std::uint64_t runs = 0;
  std::uint64_t events = 0;
  std::uint64_t simulated_us = 0;
  std::uint64_t operations = 0;                    // answered
  std::set<std::uint64_t> out_of_memory;           // seeds whose runs ended for want of it: neither good nor bad
  std::map<std::string, std::uint64_t> coverage;   // by condition: how often it was seen
  std::map<std::string, std::uint64_t> runs_with;  // by condition: in how many runs
  std::map<std::string, std::uint64_t> judged;     // by property: in how many runs it could have failed
  properties::FaultMatrix::Rows faults{};
  std::map<std::string, std::uint64_t> shapes;  // runs by the shapes of their scenarios
  std::map<FailureClass, FoundClass> findings;

  void add(std::uint64_t seed, Budget budget, const Result& result);
  void add_failure(const FailureClass& kind, const FoundRun& run);
  // What others have found of a class.
  void add_class(const FailureClass& kind, const FoundClass& of_others);
  void add(const Tally& other);
};

}  // namespace smalldb::scenarios
