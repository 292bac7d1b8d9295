// Writes the trace of a world: the events of one call in a buffer that is used again, and the hash of all.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "model/assert.h"
#include "sim/trace.h"
#include "sim/trace_hash.h"

namespace smalldb::sim {

class TraceWriter {
 public:
  TraceWriter() = default;
  // A copy starts with an empty buffer: what the last call of the other did is the other's to tell.
  TraceWriter(const TraceWriter& other) : hash_(other.hash_), count_(other.count_) {}
  TraceWriter(TraceWriter&&) = default;
  TraceWriter& operator=(const TraceWriter&) = delete;
  TraceWriter& operator=(TraceWriter&&) = default;

  // Forgets the events of the last call.
  void begin() {
    for (TraceEvent* event = events_.data(); event != end_; ++event) event->payload.clear();
    end_ = events_.data();
    limit_ = end_ + events_.size();
    open_ = true;
    notes_.clear();
  }

  // One more event, without a payload; the caller fills in the rest before it adds another. The reference lasts until
  // then.
  TraceEvent& add(EventKind kind, Time time, ProcessId process, EventIndex cause, ProcessId peer = no_process,
                  Link link = Link{0}, std::uint64_t a = 0, std::uint64_t b = 0) {
    if (end_ == limit_) [[unlikely]]
      make_room(kind);
    TraceEvent& event = *end_++;
    event.index = count_++;
    event.cause = cause;
    event.time = time;
    event.kind = kind;
    event.volume = Volume::own;
    event.process = process;
    event.peer = peer;
    event.file = no_file;
    event.link = link;
    event.a = a;
    event.b = b;
    event.digest = 0;
    return event;
  }

  std::uint64_t add_note(effect::Note&& note) {
    notes_.push_back(std::move(note));
    return notes_.size() - 1;
  }

  // Nothing has been written since.
  bool empty() const { return end_ == events_.data(); }

  // All of this call is written.
  [[gnu::always_inline]] void finish() {
    open_ = false;
    limit_ = end_;
    TraceHash hash = hash_;  // in registers: an event could be a part of `hash_` for all that a compiler knows
    for (const TraceEvent* event = events_.data(); event != end_; ++event) {
      hash.add(*event);
      if (event->kind == EventKind::note) [[unlikely]]
        hash.add(notes_[event->a]);
    }
    hash_ = hash;
  }

  std::span<const TraceEvent> events() const { return {events_.data(), end_}; }
  std::span<const effect::Note> notes() const { return notes_; }
  EventIndex next_index() const { return count_; }
  EventIndex last_index() const { return count_ - 1; }
  std::uint64_t hash() const { return hash_.value(); }

 private:
  // Apart, so that `add` saves no registers for it.
  [[gnu::noinline]] void make_room(EventKind kind) {
    SMALLDB_ASSERT(open_, static_cast<int>(kind));  // else the event would be missing from the hash
    const std::size_t size = events_.size();
    events_.resize(size == 0 ? 32 : 2 * size);
    end_ = events_.data() + size;
    limit_ = events_.data() + events_.size();
  }

  TraceHash hash_;
  std::uint64_t count_ = 0;
  std::vector<TraceEvent> events_;  // those before `end_` are of this call
  TraceEvent* end_ = nullptr;
  TraceEvent* limit_ =
      nullptr;  // no further without a look: the end of the room, and while nothing may be added `end_`
  bool open_ = false;
  std::vector<effect::Note> notes_;
};

}  // namespace smalldb::sim
