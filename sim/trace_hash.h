// The rolling hash of a trace: every field of every event, in order, the same on every machine.
#pragma once

#include <cstdint>

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
    const std::uint64_t mixed = chance::fold(event.cause ^ 0xa0761d6478bd642f,
                                             static_cast<std::uint64_t>(event.time.nanoseconds) ^ chance::key_1) ^
                                chance::fold(where ^ 0xe7037ed1a0b428db, what ^ chance::key_2) ^
                                chance::fold(event.a ^ 0x8ebc6af09c88c6e3, event.b ^ chance::key_3) ^
                                chance::fold(static_cast<std::uint64_t>(event.link) ^ 0x589965cc75374cc3,
                                             chance::hash_of(event.payload.view()) ^ chance::key_4);
    value_ = chance::fold(value_ ^ mixed, chance::key_1 ^ event.index);
  }

  void add(const effect::Note& note) {
    add_word(static_cast<std::uint64_t>(note.what) << 8 | note.role);
    add_word(note.epoch);
    add_word(note.position);
    add_word(note.a);
    add_word(note.b);
  }

  std::uint64_t value() const { return value_; }

 private:
  void add_word(std::uint64_t word) { value_ = chance::fold(value_ ^ word, chance::key_2); }

  std::uint64_t value_ = 0x1d8e4e27c47d124f;
};

}  // namespace smalldb::sim
