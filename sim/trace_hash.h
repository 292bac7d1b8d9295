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
    add_words(event.cause, static_cast<std::uint64_t>(event.time.nanoseconds) ^ chance::key_1);
    add_words(where, what ^ chance::key_2);
    add_words(event.a, event.b ^ chance::key_3);
    // The size says which event a payload belongs to. The index says no more than the place in the chain does, so that
    // it can share a word.
    add_words(static_cast<std::uint64_t>(event.link), (event.index ^ event.payload.size()) ^ chance::key_4);
    if (!event.payload.empty()) add_payload(event.payload.view());
  }

  void add(const effect::Note& note) {
    add_words(static_cast<std::uint64_t>(note.what) << 8 | note.role, note.epoch ^ chance::key_1);
    add_words(note.position, note.a ^ chance::key_2);
    add_words(note.b, chance::key_3);
  }

  std::uint64_t value() const { return chance::fold(numbers_ ^ chance::key_4, payloads_ ^ chance::key_1); }

 private:
  void add_words(std::uint64_t one, std::uint64_t other) { numbers_ = chance::fold(numbers_ ^ one, other); }

  // In the chain of payloads, too, two products at a time do not wait for each other.
  void add_payload(std::string_view bytes) {
    std::uint64_t one = payloads_;
    std::uint64_t other = chance::key_1;
    const char* at = bytes.data();
    for (const char* const end = at + bytes.size() / 32 * 32; at != end; at += 32) {
      one = chance::fold(chance::word(at) ^ chance::key_3, chance::word(at + 8) ^ one);
      other = chance::fold(chance::word(at + 16) ^ chance::key_4, chance::word(at + 24) ^ other);
    }
    payloads_ = one ^ other;
    if (const std::size_t left = bytes.size() % 32; left > 0) add_rest(at, left, bytes.size());
  }

  // The last `left` of `size` bytes. Apart, as what whole messages end with is short, and what comes before is not to
  // save registers for it.
  [[gnu::noinline]] void add_rest(const char* at, std::size_t left, std::size_t size) {
    if (left >= 16) {
      payloads_ = chance::fold(chance::word(at) ^ chance::key_3, chance::word(at + 8) ^ payloads_);
      at += 16;
      left -= 16;
    }
    if (left == 0) return;
    const chance::Rest rest = chance::rest_of(at, left, size);
    payloads_ = chance::fold(rest.low ^ chance::key_4, rest.high ^ payloads_);
  }

  // Two chains, which do not wait for each other.
  std::uint64_t numbers_ = 0x1d8e4e27c47d124f;
  std::uint64_t payloads_ = 0x589965cc75374cc3;
};

}  // namespace smalldb::sim
