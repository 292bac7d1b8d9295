#include "sim/chance.h"

#include <algorithm>
#include <array>
#include <bit>

namespace smalldb::sim {
namespace {

// log2(1 + i / 256) in 1/2^32, by squaring: each squaring of a number in [1, 2) brings out one more binary digit.
constexpr std::uint64_t log2_of_mantissa(std::uint64_t i) {
  std::uint64_t x = (256 + i) << 23;  // 1.31 fixed point
  std::uint64_t digits = 0;
  for (int digit = 31; digit >= 0; --digit) {
    x = (x * x) >> 31;
    if (x >> 32) {
      digits |= std::uint64_t{1} << digit;
      x >>= 1;
    }
  }
  return digits;
}

constexpr std::array<std::uint64_t, 257> make_log2_table() {
  std::array<std::uint64_t, 257> table{};
  for (std::uint64_t i = 0; i < 256; ++i) table[i] = log2_of_mantissa(i);
  table[256] = std::uint64_t{1} << 32;
  return table;
}

constexpr std::array<std::uint64_t, 257> log2_table = make_log2_table();

// -ln(drawn / 2^64) in 1/2^32: exponentially distributed with mean 1 when `drawn` is even.
std::uint64_t memoryless(std::uint64_t drawn) {
  const std::uint64_t u = drawn | 1;
  const int zeros = std::countl_zero(u);
  const std::uint64_t mantissa = u << zeros;  // the leading one at bit 63
  const std::uint64_t i = (mantissa >> 55) & 0xff;
  const std::uint64_t within = (mantissa >> 23) & 0xffffffff;
  const std::uint64_t log2 = log2_table[i] + (((log2_table[i + 1] - log2_table[i]) * within) >> 32);
  const std::uint64_t minus_log2 = (static_cast<std::uint64_t>(zeros + 1) << 32) - log2;
  constexpr std::uint64_t ln_2 = 2977044472;  // ln 2 in 1/2^32
  return chance::high(minus_log2, ln_2 << 32);
}

Duration within(std::uint64_t drawn, Duration least, Duration most) {
  if (most <= least) return least;
  return least + nanoseconds(static_cast<std::int64_t>(
                     below(drawn, static_cast<std::uint64_t>((most - least).nanoseconds) + 1)));
}

Duration bounded(Duration least, std::uint64_t more, Duration most) {
  constexpr std::uint64_t longest = std::uint64_t{1} << 62;
  const Duration length = least + nanoseconds(static_cast<std::int64_t>(std::min(more, longest)));
  return most.nanoseconds > 0 ? std::min(length, most) : length;
}

}  // namespace

Duration Distribution::at_other(std::uint64_t drawn) const {
  if (!tail.never()) {
    if (hits(drawn, tail)) return within(again(drawn), tail_least, tail_most);
    drawn = again(drawn);
  }
  switch (shape) {
    case Shape::constant: return least;
    case Shape::uniform: return within(drawn, least, most);
    case Shape::exponential: {
      if (mean <= least) return least;
      const auto rest = static_cast<std::uint64_t>((mean - least).nanoseconds);
      const auto scaled = (static_cast<chance::Wide>(rest) * memoryless(drawn)) >> 32;
      return bounded(least, static_cast<std::uint64_t>(scaled), most);
    }
    case Shape::pareto: {
      const auto scaled =
          (static_cast<chance::Wide>(static_cast<std::uint64_t>(least.nanoseconds)) << 32) / ((drawn >> 32) + 1);
      return bounded({}, static_cast<std::uint64_t>(scaled), most);
    }
  }
  return least;
}

Dice::Dice(std::uint64_t seed, std::vector<Pin> pins) : seed_(seed) {
  for (const Pin& each : pins) pin(each.decision, each.value);
}

void Dice::pin(Decision decision, std::uint64_t value) {
  const auto place = std::lower_bound(pins_.begin(), pins_.end(), decision,
                                      [](const Pin& pin, const Decision& wanted) { return pin.decision < wanted; });
  if (place != pins_.end() && place->decision == decision) {
    place->value = value;
  } else {
    pins_.insert(place, Pin{decision, value});
  }
}

std::uint64_t Dice::draw_unless_pinned(Decision decision) const {
  const auto place = std::lower_bound(pins_.begin(), pins_.end(), decision,
                                      [](const Pin& pin, const Decision& wanted) { return pin.decision < wanted; });
  if (place != pins_.end() && place->decision == decision) return place->value;
  return sim::draw(seed_, decision.what, decision.who, decision.n);
}

}  // namespace smalldb::sim
