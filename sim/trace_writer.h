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
    for (TraceEvent& event : std::span(events_.data(), size_)) event.payload = Bytes();
    size_ = 0;
    limit_ = room_;
    open_ = true;
    notes_.clear();
  }

  // One more event; the caller fills in the rest before it adds another. The reference lasts until then.
  TraceEvent& add(EventKind kind, Time time, ProcessId process, EventIndex cause) {
    if (size_ == limit_) [[unlikely]]
      return add_with_more_room(kind, time, process, cause);
    TraceEvent& event = events_[size_++];  // without a payload
    event.index = count_++;
    event.cause = cause;
    event.time = time;
    event.kind = kind;
    event.volume = Volume::own;
    event.process = process;
    event.peer = no_process;
    event.file = no_file;
    event.link = Link{0};
    event.a = 0;
    event.b = 0;
    return event;
  }

  std::uint64_t add_note(effect::Note&& note) {
    notes_.push_back(std::move(note));
    return notes_.size() - 1;
  }

  // All of this call is written.
  void finish() {
    open_ = false;
    limit_ = size_;
    for (const TraceEvent& event : events()) {
      hash_.add(event);
      if (event.kind == EventKind::note) [[unlikely]]
        hash_.add(notes_[event.a]);
    }
  }

  std::span<const TraceEvent> events() const { return {events_.data(), size_}; }
  std::span<const effect::Note> notes() const { return notes_; }
  EventIndex next_index() const { return count_; }
  EventIndex last_index() const { return count_ - 1; }
  std::uint64_t hash() const { return hash_.value(); }

 private:
  // Apart, so that `add` calls nothing and saves no registers for it.
  [[gnu::noinline]] TraceEvent& add_with_more_room(EventKind kind, Time time, ProcessId process, EventIndex cause) {
    SMALLDB_ASSERT(open_, static_cast<int>(kind));  // else the event would be missing from the hash
    room_ = room_ == 0 ? 8 : 2 * room_;
    limit_ = room_;
    events_.resize(room_);
    return add(kind, time, process, cause);
  }

  TraceHash hash_;
  std::uint64_t count_ = 0;
  std::vector<TraceEvent> events_;  // `room_` of them: the first `size_` are of this call
  std::size_t room_ = 0;
  std::size_t size_ = 0;
  std::size_t limit_ = 0;  // no further without a look: where the room ends, and while nothing may be added `size_`
  bool open_ = false;
  std::vector<effect::Note> notes_;
};

}  // namespace smalldb::sim
