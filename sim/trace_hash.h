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
    // Fields share a word where they stay apart: an event has a link or a file, the index says no more than the place
    // in the chain does, and the bits of a digest are evenly distributed.
    const std::uint64_t where =
        static_cast<std::uint64_t>(event.peer) << 32 | static_cast<std::uint64_t>(event.process);
    const std::uint64_t what = static_cast<std::uint64_t>(event.kind) << 56 | static_cast<std::uint64_t>(event.volume)
                                                                                  << 48;
    const std::uint64_t which = static_cast<std::uint64_t>(event.link) ^ static_cast<std::uint64_t>(event.file);
    const std::uint64_t when = static_cast<std::uint64_t>(event.time.nanoseconds);
    std::uint64_t digest = event.digest;
    if (digest == 0 && !event.payload.empty()) digest = digest_of(event.payload);
    std::uint64_t hash = hash_;
    hash = chance::fold(hash ^ event.cause ^ event.index, when ^ chance::key_1);
    hash = chance::fold(hash ^ where, what ^ which ^ chance::key_2);
    hash_ = chance::fold(hash ^ event.a, event.b ^ digest ^ chance::key_3);
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
