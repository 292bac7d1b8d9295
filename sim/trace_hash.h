// The rolling hash of a trace: every field of every event, in order, the same on every machine.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "sim/chance.h"
#include "sim/trace.h"

namespace smalldb::sim {

class TraceHash {
 public:
  void add(const TraceEvent& event) {
    const std::uint64_t where =
        static_cast<std::uint64_t>(event.process) << 32 | static_cast<std::uint64_t>(event.peer);
    const std::uint64_t what = static_cast<std::uint64_t>(event.file) << 32 |
                               static_cast<std::uint64_t>(event.volume) << 8 | static_cast<std::uint64_t>(event.kind);
    // Four products that do not wait for each other, and one that chains them to all that came before.
    const std::uint64_t mixed =
        chance::fold(event.cause ^ 0xa0761d6478bd642f, static_cast<std::uint64_t>(event.time.nanoseconds) ^ key_1) ^
        chance::fold(where ^ 0xe7037ed1a0b428db, what ^ key_2) ^
        chance::fold(event.a ^ 0x8ebc6af09c88c6e3, event.b ^ key_3) ^
        chance::fold(static_cast<std::uint64_t>(event.link) ^ 0x589965cc75374cc3, of(event.payload.view()) ^ key_4);
    value_ = chance::fold(value_ ^ mixed, key_1 ^ event.index);
  }

  void add(const effect::Note& note) {
    add_word(static_cast<std::uint64_t>(note.what) << 8 | note.role);
    add_word(note.epoch);
    add_word(note.position);
    add_word(note.a);
    add_word(note.b);
  }

  std::uint64_t value() const { return value_; }

  // Of bytes alone.
  static std::uint64_t of(std::string_view bytes) {
    std::uint64_t hash = bytes.size() ^ key_2;
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    std::uint64_t other = key_1;
    for (; left >= 32; at += 32, left -= 32) {  // two products at a time that do not wait for each other
      hash = chance::fold(word(at) ^ key_3, word(at + 8) ^ hash);
      other = chance::fold(word(at + 16) ^ key_4, word(at + 24) ^ other);
    }
    hash ^= other;
    for (; left >= 16; at += 16, left -= 16) hash = chance::fold(word(at) ^ key_3, word(at + 8) ^ hash);
    if (left == 0) return hash;
    char rest[16] = {};
    std::memcpy(rest, at, left);
    return chance::fold(word(rest) ^ key_4, word(rest + 8) ^ hash);
  }

 private:
  static constexpr std::uint64_t key_1 = 0x2d358dccaa6c78a5;
  static constexpr std::uint64_t key_2 = 0x8bb84b93962eacc9;
  static constexpr std::uint64_t key_3 = 0x4b33a62ed433d4a3;
  static constexpr std::uint64_t key_4 = 0x4d5a2da51de1aa47;

  void add_word(std::uint64_t word) { value_ = chance::fold(value_ ^ word, key_2); }

  static std::uint64_t word(const char* bytes) {
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return word;
  }

  std::uint64_t value_ = 0x1d8e4e27c47d124f;
};

}  // namespace smalldb::sim
