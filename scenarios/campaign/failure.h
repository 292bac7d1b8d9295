// What a run failed by, and which failures are the same.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scenarios/run.h"

namespace smalldb::scenarios {

// Two failures are of one class if the same property was violated in the same way (properties::Verdict::kind). What is
// not a property's is called by one of the words below, and its shape is what was judged, but for names and numbers.
struct FailureClass {
  std::string property;
  std::string shape;

  friend auto operator<=>(const FailureClass&, const FailureClass&) = default;
};

// Beside properties.
inline constexpr std::string_view hang = "hang";                   // the run came to no end
inline constexpr std::string_view expectation = "expectation";     // of the scenario, and of no property
inline constexpr std::string_view simulator_failed = "simulator";  // which failed itself
inline constexpr std::string_view unjudged = "unjudged";  // a property could not be judged: unknown, not violated

// How long a run may take in real time, if nobody says how long.
inline constexpr std::uint64_t usual_hang_after_ms = 60'000;

// The shape of a hang that nothing but a watch on the real time ended.
inline constexpr std::string_view no_end_in_real_time = "no end in real time";

struct Failure {
  FailureClass kind;
  std::string witness;  // in plain words
};

// The first thing that was not as expected, the certain before the unknown; nothing if all was. What was interrupted
// from outside has not failed.
std::optional<Failure> failure_of(const Result& result);

// Words with what differs from run to run replaced: "N" for nodes, "C" for clients, "#" for numbers and times.
std::string shape_of(std::string_view judged, const Cluster& cluster);

// "no_lost_write: an epoch began without it" in one line.
std::string to_text(const FailureClass& kind);

// Whether this class says that something is wrong, rather than that nothing can be said.
bool is_certain(const FailureClass& kind);

// A hang that nothing but a bound on its events ended: who runs it again must set that bound.
bool is_endless(const FailureClass& kind);

}  // namespace smalldb::scenarios
