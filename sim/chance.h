// Chance as a function of names.
//
// Every decision that the world leaves to chance has a name: what is decided (`Chance`), about whom (`who`: a process,
// a path, a file, a fault) and for the how-manieth time (`n`). Its outcome is `draw(seed, what, who, n)`, a keyed hash:
// there is no generator whose state one more draw would shift. Whom it is about is told by names as well, never by
// numbers that somebody counted out: so a seed survives an edit of the code, and taking one fault or one idle process
// out of a run leaves all other decisions as they were. A decision can be pinned by its name (`Dice::pin`): that is
// how a shrinker changes one and nothing else.
//
// Integers only: the same outcome on every compiler and machine.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "model/time.h"

namespace smalldb::sim {

// What can be decided. The numbers are part of every draw: add at the end, never renumber.
enum class Chance : std::uint16_t {
  entropy = 1,         // who: process; n: 2 * start, 2 * start + 1
  tie = 2,             // who: process, or fault that ends; n: its events so far
  priority = 3,        // who: process, or fault that ends; n: how often its priority has changed
  latency = 4,         // who: path; n: packets on it so far
  loss = 5,            // who: path, and fault if by one; n: packets on it so far
  retransmission = 6,  // who: path; n: packets on it so far (how long after a loss, or after a heal)
  duplication = 7,     // who: path, and fault if by one; n: packets on it so far
  reordering = 8,      // who: path, and fault if by one; n: packets on it so far (whether, and by how much)
  copy_latency = 9,    // who: path; n: packets on it so far (of the second copy)
  piece = 10,          // who: connection and side; n: pieces so far (how many bytes arrive together)
  disk_latency = 11,   // who: process and volume; n: operations so far
  in_flight = 12,      // who: process and volume; n: operations so far (did it happen before the crash?)
  unsynced = 13,       // who: crash and file (what becomes of its unsynced bytes)
  sector = 14,         // who: crash and file, or fault and file; n: the sector (does it survive, or sync)
  name = 15,           // who: crash and volume; n: names judged
  sync_failure = 17,   // who: fault and process; n: syncs so far
  read_failure = 18,   // who: fault and process; n: reads so far
  misdirection = 19,   // who: fault and process; n: writes so far (whether, and where to)
  phantom = 20,        // who: fault and process; n: writes so far
  rot = 21,            // who: fault and file; n: syncs so far and sector (whether, and which bit); or fault and volume
  bad_sector = 22,     // who: the same
  stall = 23,          // who: fault and process; n: operations so far
  delay = 24,          // who: fault and path; n: packets on it so far
  step_cost = 25,      // who: process, and fault if by one; n: steps so far
  lost_segment = 26,   // who: path; n: packets on it so far (how often in a row)
  workload = 27,       // for scenarios: theirs to name
  scenario = 28,       // for scenarios: theirs to name
};

// A probability as people write it: 1 in 100 is {1, 100}. REQUIRES: numerator <= denominator, denominator > 0.
struct Ratio {
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 1;

  constexpr bool never() const { return numerator == 0; }
  friend constexpr bool operator==(Ratio, Ratio) = default;
};

namespace chance {

__extension__ typedef unsigned __int128 Wide;

constexpr std::uint64_t high(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((static_cast<Wide>(a) * b) >> 64);
}

// Both halves of the product, folded: one multiplication that mixes all bits of both.
constexpr std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t word(const char* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}
inline std::uint64_t half_word(const char* bytes) {
  std::uint32_t word;
  std::memcpy(&word, bytes, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap32(word);
  return word;
}

inline constexpr std::uint64_t key_1 = 0x2d358dccaa6c78a5;
inline constexpr std::uint64_t key_2 = 0x8bb84b93962eacc9;
inline constexpr std::uint64_t key_3 = 0x4b33a62ed433d4a3;
inline constexpr std::uint64_t key_4 = 0x4d5a2da51de1aa47;

// The last `left` bytes of `size`, and zeros behind them, as two words. They are read in words that overlap, which say
// the same where they do: a copy of as many bytes as there are would be waited for.
// REQUIRES: 0 < left < 16, left <= size.
struct Rest {
  std::uint64_t low = 0, high = 0;
};
inline Rest rest_of(const char* at, std::size_t left, std::size_t size) {
  const char* const end = at + left;
  if (size >= 16) {
    const Wide last = (static_cast<Wide>(word(end - 8)) << 64 | word(end - 16)) >> (8 * (16 - left));
    return {static_cast<std::uint64_t>(last), static_cast<std::uint64_t>(last >> 64)};
  }
  if (left > 8) return {word(at), word(end - 8) >> (8 * (16 - left))};
  if (left >= 4) return {half_word(at) | half_word(end - 4) << (8 * (left - 4)), 0};
  const auto byte = [at](std::size_t n) { return std::uint64_t{static_cast<unsigned char>(at[n])} << (8 * n); };
  return {byte(0) | byte(left / 2) | byte(left - 1), 0};
}

// The end of hash_of: the last `left` of `size` bytes. Apart, so that what is a multiple of 32 long saves no registers
// for it.
[[gnu::noinline]] inline std::uint64_t hash_of_rest(const char* at, std::size_t left, std::size_t size,
                                                    std::uint64_t hash) {
  if (left >= 16) {
    hash = fold(word(at) ^ key_3, word(at + 8) ^ hash);
    at += 16;
    left -= 16;
  }
  if (left == 0) return hash;
  const Rest rest = rest_of(at, left, size);
  return fold(rest.low ^ key_4, rest.high ^ hash);
}

// Of bytes alone: the same on every machine.
inline std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = bytes.size() ^ key_2;
  std::uint64_t other = key_1;
  const char* at = bytes.data();
  for (const char* const end = at + bytes.size() / 32 * 32; at != end; at += 32) {
    // Two products at a time that do not wait for each other.
    hash = fold(word(at) ^ key_3, word(at + 8) ^ hash);
    other = fold(word(at + 16) ^ key_4, word(at + 24) ^ other);
  }
  hash ^= other;
  const std::size_t left = bytes.size() % 32;
  return left == 0 ? hash : hash_of_rest(at, left, bytes.size(), hash);
}

}  // namespace chance

// Whom a decision is about: the name of a process, of a file, of a fault as its scenario words it. Made of names, and
// of numbers only where these count something that is the name's own.
enum class Key : std::uint64_t {};

inline Key key_of(std::string_view name) { return Key{chance::hash_of(name)}; }
// Of two names in this order: of a path its ends, of a file its volume and what it is called there.
constexpr Key key_of(Key one, Key other) {
  return Key{chance::fold(static_cast<std::uint64_t>(one) ^ 0x9e3779b97f4a7c15,
                          static_cast<std::uint64_t>(other) ^ 0xd1342543de82ef95)};
}
// Of the n-th of its kind.
constexpr Key key_of(Key whose, std::uint64_t n) { return key_of(whose, Key{n}); }

namespace chance {

constexpr std::uint64_t site_of(Chance what) { return 0x9e3779b97f4a7c15 * (2 * static_cast<std::uint64_t>(what) + 1); }

}  // namespace chance

// The name of all decisions on `what` about `who`, as a number: for whom the same is decided again and again.
constexpr std::uint64_t series_of(Chance what, Key who) {
  return chance::fold(static_cast<std::uint64_t>(who) ^ 0xa0761d6478bd642f, chance::site_of(what) ^ 0xe7037ed1a0b428db);
}

// Draws the n-th of `series`, which is one of decisions on `what`.
constexpr std::uint64_t draw_of_series(std::uint64_t seed, Chance what, std::uint64_t series, std::uint64_t n) {
  const std::uint64_t mixed = chance::fold(seed ^ series, (n * 0xd1342543de82ef95) ^ 0x8ebc6af09c88c6e3);
  return chance::fold(mixed ^ n ^ 0x589965cc75374cc3, seed ^ chance::site_of(what) ^ 0x1d8e4e27c47d124f);
}

// 64 evenly distributed bits that depend on nothing but the arguments.
constexpr std::uint64_t draw(std::uint64_t seed, Chance what, Key who, std::uint64_t n) {
  return draw_of_series(seed, what, series_of(what, who), n);
}

// `drawn` scaled to 0 .. limit - 1. REQUIRES: limit > 0.
constexpr std::uint64_t below(std::uint64_t drawn, std::uint64_t limit) { return chance::high(drawn, limit); }

// Whether something of probability `ratio` happens.
constexpr bool hits(std::uint64_t drawn, Ratio ratio) { return below(drawn, ratio.denominator) < ratio.numerator; }

// From one draw, another that is independent of it: for decisions with several parts.
constexpr std::uint64_t again(std::uint64_t drawn) {
  return chance::fold(drawn ^ 0x2d358dccaa6c78a5, 0x8bb84b93962eacc9);
}

// How a length of time is spread. Plain data; make one with the functions below.
struct Distribution {
  enum class Shape : std::uint8_t { constant, uniform, exponential, pareto };

  Shape shape = Shape::constant;
  Duration least;  // never less
  Duration mean;   // exponential: of the whole
  Duration most;   // never more; exponential and pareto: 0 is no bound
  Ratio tail;      // this often, evenly within tail_least .. tail_most instead: bimodal, rare long stalls
  Duration tail_least;
  Duration tail_most;

  // The length of time that `drawn` stands for.
  Duration at(std::uint64_t drawn) const {
    if (shape == Shape::uniform && tail.never() && least < most) [[likely]]
      return least + even(drawn, most - least);
    return at_other(drawn);
  }

  friend bool operator==(const Distribution&, const Distribution&) = default;

  static constexpr Duration even(std::uint64_t drawn, Duration most) {
    return nanoseconds(static_cast<std::int64_t>(below(drawn, static_cast<std::uint64_t>(most.nanoseconds) + 1)));
  }
  Duration at_other(std::uint64_t drawn) const;
};

constexpr Distribution constant(Duration length) {
  return {Distribution::Shape::constant, length, length, length, {}, {}, {}};
}
constexpr Distribution uniform(Duration least, Duration most) {
  return {Distribution::Shape::uniform, least, {}, most, {}, {}, {}};
}
// `least` and then a memoryless rest. REQUIRES: least <= mean; equal is constant.
constexpr Distribution exponential(Duration least, Duration mean, Duration most = {}) {
  return {Distribution::Shape::exponential, least, mean, most, {}, {}, {}};
}
// Twice as long half as often, for ever (Pareto with shape 1): its mean is what `most` lets it be.
constexpr Distribution pareto(Duration least, Duration most) {
  return {Distribution::Shape::pareto, least, {}, most, {}, {}, {}};
}
// `usual`, and with probability `tail` something evenly within least .. most.
constexpr Distribution with_tail(Distribution usual, Ratio tail, Duration least, Duration most) {
  usual.tail = tail;
  usual.tail_least = least;
  usual.tail_most = most;
  return usual;
}

// The name of one decision.
struct Decision {
  Chance what = Chance::entropy;
  Key who{};
  std::uint64_t n = 0;

  friend constexpr auto operator<=>(const Decision&, const Decision&) = default;
};

// A decision taken by somebody: this is what the draw gives.
struct Pin {
  Decision decision;
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(const Pin&, const Pin&) = default;
};

// A seed and the decisions that are not left to it.
class Dice {
 public:
  explicit Dice(std::uint64_t seed, std::vector<Pin> pins = {});

  std::uint64_t seed() const { return seed_; }
  const std::vector<Pin>& pins() const { return pins_; }

  // From now on `decision` draws `value`.
  void pin(Decision decision, std::uint64_t value);

  std::uint64_t draw(Chance what, Key who, std::uint64_t n) const {
    if (!pins_.empty()) [[unlikely]]
      return draw_unless_pinned({what, who, n});
    return sim::draw(seed_, what, who, n);
  }
  bool hits(Ratio ratio, Chance what, Key who, std::uint64_t n) const {
    return !ratio.never() && sim::hits(draw(what, who, n), ratio);
  }

 private:
  std::uint64_t draw_unless_pinned(Decision decision) const;

  std::uint64_t seed_;
  std::vector<Pin> pins_;  // in the order of their decisions
};

}  // namespace smalldb::sim
