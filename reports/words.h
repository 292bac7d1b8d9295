// Numbers and enumerators in words, the same ones in every report.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/machine.h"
#include "model/time.h"
#include "reports/names.h"
#include "sim/chance.h"
#include "sim/fault.h"
#include "sim/time.h"

namespace smalldb::reports {

std::string_view word(Port port);
std::string_view word(CloseReason reason);
std::string_view word(DiskStatus status);
std::string_view word(effect::DiskVerb verb);

// Seconds with six decimals, "3.204117": what a column of times shows. Cut off, not rounded, so that order is kept.
std::string seconds_text(sim::Time time);

// "1/50", "always", "never".
std::string ratio_text(sim::Ratio ratio);

// "2 ms", "1 ms .. 5 ms", "about 2 ms", each with its tail if there is one.
std::string distribution_text(const sim::Distribution& distribution);

// The largest unit that keeps the number whole or short: "250 ms", "1.5 s", "80 us", "0".
std::string duration_text(Duration duration);

// With three digits, for how long something took: "1.61 s", "980 us". Cut off, not rounded.
std::string rounded_text(Duration duration);

// Directions as a person would write them: "a <-> b", "a -> b, c -> b", "all links".
std::string links_text(const std::optional<std::vector<sim::Direction>>& links, const Names& names);

}  // namespace smalldb::reports
