// The histories that judging is measured on, by name: made by the generator from fixed seeds.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "properties/checker/check.h"
#include "properties/checker/testing/compare_stream.h"
#include "properties/checker/testing/generator.h"

namespace smalldb::checker {

struct Case {
  const char* name;
  testing::Workload workload;
  std::uint32_t broken_at = 0;  // permille of it at which an answer is made wrong; 0: nowhere
  Engine engine = Engine::automatic;
  testing::Breakage breakage = testing::Breakage::stale_read;
  testing::TellsUnknown tells_unknown = testing::TellsUnknown::at_once;  // as it happens
  bool is_too_hard = false;                                              // the budget ends: the verdict is unknown
};

// Nothing if no answer of it can be made wrong in that way.
std::optional<History> history_of(const Case& one, std::uint64_t seed);

// The goals, then how cost grows, then what is hard.
std::span<const Case> cases();
// What a reason costs, in terms of the verdict, where values are few: histories of one kind, told apart by their seeds.
std::span<const Case> cases_of_reasons();
// Some of the first judged while they happen, with what it costs there; and how what is remembered grows: not at all.
std::span<const Case> cases_as_it_happens();

}  // namespace smalldb::checker
