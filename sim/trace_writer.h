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
    open_ = true;
    size_ = 0;
    notes_.clear();
  }

  // One more event; the caller fills in the rest before it adds another. The reference lasts until then.
  TraceEvent& add(EventKind kind, Time time, ProcessId process, EventIndex cause) {
    SMALLDB_ASSERT(open_, static_cast<int>(kind));  // else the event would be missing from the hash
    if (size_ == events_.size()) [[unlikely]]
      events_.emplace_back();
    TraceEvent& event = events_[size_++];
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
    if (!event.payload.empty()) event.payload = Bytes();
    return event;
  }

  std::uint64_t add_note(effect::Note&& note) {
    notes_.push_back(std::move(note));
    return notes_.size() - 1;
  }

  // All of this call is written.
  void finish() {
    open_ = false;
    TraceHash hash = hash_;
    for (const TraceEvent& event : events()) {
      hash.add(event);
      if (event.kind == EventKind::note) [[unlikely]]
        hash.add(notes_[event.a]);
    }
    hash_ = hash;
  }

  std::span<const TraceEvent> events() const { return {events_.data(), size_}; }
  std::span<const effect::Note> notes() const { return notes_; }
  EventIndex next_index() const { return count_; }
  EventIndex last_index() const { return count_ - 1; }
  std::uint64_t hash() const { return hash_.value(); }

 private:
  TraceHash hash_;
  std::uint64_t count_ = 0;
  bool open_ = false;
  std::size_t size_ = 0;
  std::vector<TraceEvent> events_;
  std::vector<effect::Note> notes_;
};

}  // namespace smalldb::sim
