// How quantities are written in a scenario: in the notation that a person would try, read into integers without a
// detour over floating point.
//
//   durations      100ms   1.5s   2 min   1h 30min   -20ms (where a sign makes sense)
//   sizes          512   512 B   4 KiB   1.5 MiB   64 kB        bandwidths  10 MiB/s
//   ratios         1/50   2 %   0.02   never   always           drifts      100 ppm   -1/10000   50 ppb
//   distributions  5ms   1ms..5ms   exponential 2ms   exponential 2ms from 1ms up to 50ms   pareto 1ms..10s
//                  1ms..5ms, 1/100 of them 50ms..100ms
//   rates          100/s   6000/min   exponential 100/s
//   links          a -> b   a <-> b   a, b -> c1   all -> b
//   skews          uniform   zipf   80 % on 20 % of the keys
//   operations     put x=1   put x=1 if absent   get x   delete x if unchanged   put x=2 if revision 7
//                 put x="1 if any" if absent
//
// Each read function gives nothing for what it cannot read, and says in `expected` what it can. Each write function
// gives the shortest text that is read back as the same value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/time.h"
#include "scenarios/scenario.h"
#include "sim/chance.h"

namespace smalldb::scenarios::notation {

// No length of time in a scenario is longer; sums of many still fit their type.
inline constexpr Duration duration_max = seconds(1000LL * 24 * 3600);

enum class Sign { none, allowed };

std::optional<Duration> read_duration(std::string_view text, std::string& expected, Sign sign = Sign::none);
std::string write_duration(Duration duration);

std::optional<std::uint64_t> read_size(std::string_view text, std::string& expected);
std::string write_size(std::uint64_t size);

std::optional<std::uint64_t> read_bandwidth(std::string_view text, std::string& expected);
std::string write_bandwidth(std::uint64_t bytes_a_second);

// In lowest terms.
std::optional<sim::Ratio> read_ratio(std::string_view text, std::string& expected);
std::string write_ratio(sim::Ratio ratio);

// In billionths.
std::optional<std::int64_t> read_drift(std::string_view text, std::string& expected);
std::string write_drift(std::int64_t billionths);

std::optional<sim::Distribution> read_distribution(std::string_view text, std::string& expected);
std::string write_distribution(const sim::Distribution& distribution);

// The interval between two of so many a second.
std::optional<sim::Distribution> read_rate(std::string_view text, std::string& expected);

std::optional<Links> read_links(std::string_view text, std::string& expected);
std::string write_links(const Links& links);

std::optional<Skew> read_skew(std::string_view text, std::string& expected);
std::string write_skew(const Skew& skew);

std::optional<SizeRange> read_size_range(std::string_view text, std::string& expected);
std::string write_size_range(const SizeRange& range);

std::optional<ScriptStep> read_step(std::string_view text, std::string& expected);
std::string write_step(const ScriptStep& step);

// What to say of a text that is not read: `form`, or how long (or large) at most, if a length of time (or a size) in it
// is only too much.
std::string form_or_longest(std::string_view text, std::string_view form);
std::string form_or_largest(std::string_view text, std::string_view form);

// Whether it is a unit of sizes above those that there are, as TiB.
bool is_unit_beyond(std::string_view word);

// Whether a number begins there that is too large for 64 bits.
bool is_beyond_numbers(std::string_view text);

// A whole number without sign, of at most `most`; underscores may group its digits.
std::optional<std::uint64_t> read_count(std::string_view text, std::string& expected, std::uint64_t most = ~0ull);

// `first`, `2nd`, `third`, `4th`, `17`; 0 for what is none.
std::uint64_t read_ordinal(std::string_view word);
std::string write_ordinal(std::uint64_t nth);

// A name: letters, digits, `_`, `-` and `.`, beginning with a letter.
bool is_name(std::string_view text);

}  // namespace smalldb::scenarios::notation
