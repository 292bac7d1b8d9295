// The rolling hash of a trace: every field of every event, in order, the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sim/chance.h"
#include "sim/trace.h"

namespace smalldb::sim {

class TraceHash {
 public:
  void add(const TraceEvent& event) {
    const std::uint64_t where =
        static_cast<std::uint64_t>(event.peer) << 32 | static_cast<std::uint64_t>(event.process);
    const std::uint64_t what = static_cast<std::uint64_t>(event.file) << 32 |
                               static_cast<std::uint64_t>(event.volume) << 8 | static_cast<std::uint64_t>(event.kind);
    std::uint64_t digest = event.digest;
    if (digest == 0 && !event.payload.empty()) digest = digest_of(event.payload);
    std::uint64_t hash = hash_;
    hash = chance::fold(hash ^ event.cause, static_cast<std::uint64_t>(event.time.nanoseconds) ^ chance::key_1);
    hash = chance::fold(hash ^ where, what ^ chance::key_2);
    hash = chance::fold(hash ^ event.a, event.b ^ chance::key_3);
    // The index says no more than the place in the chain does, so that it can share a word.
    hash_ = chance::fold(hash ^ static_cast<std::uint64_t>(event.link), event.index ^ digest ^ chance::key_4);
  }

  void add(const effect::Note& note) {
    std::uint64_t hash = hash_;
    hash = chance::fold(hash ^ (static_cast<std::uint64_t>(note.what) << 8 | note.role), note.epoch ^ chance::key_1);
    hash = chance::fold(hash ^ note.position, note.a ^ chance::key_2);
    hash_ = chance::fold(hash ^ note.b, chance::key_3);
  }

  std::uint64_t value() const { return hash_; }

  // Of a payload: TraceEvent::digest. Whoever gives the same bytes to several events works it out once.
  static std::uint64_t digest_of(const Bytes& payload) { return chance::hash_of(payload.view()); }

 private:
  std::uint64_t hash_ = 0x1d8e4e27c47d124f;
};

}  // namespace smalldb::sim
