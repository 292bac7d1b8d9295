// The network between processes: what is on its way, and the state of every direction of every link.
//
// A *path* is one direction between two processes; it carries packets. A *flow* is one direction of a connection:
// bytes that its sender handed over and its receiver has not seen, in order, each segment with the time at which it can
// arrive at the earliest. Connection c has the flows 2c, from the end that connects, and 2c + 1, back; so flow f ^ 1 is
// the other direction of flow f, and its sender is the receiver of f. Only the first segment of a flow is in the event
// queue; a segment cannot overtake another, so a delay or loss holds up all that comes after it, as TCP does.
// Connecting and closing are segments of the same flows:
//
//     open      connector -> acceptor   first; `accepted` there, which answers with
//     opened    acceptor -> connector   `connected` there, after which the connector's bytes can leave
//     bytes     either way              `received`
//     finish    after the last bytes    `closed` (closed_by_peer)
//     reset     after what was on its way, or instead of it: `closed` (reset, or refused)
//
// Invariants: 1. the slot of a flow is armed, or waits in its receiver's backlog, exactly if it has segments, its first
// one can leave, and the flow is not held. 2. a connection lives until neither end needs it.
//
// This file keeps the state and decides about times; what an arrival does is the host's affair (sim/host_streams.cpp).
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "model/bytes.h"
#include "model/machine.h"
#include "sim/event_queue.h"
#include "sim/settings.h"
#include "sim/time.h"
#include "sim/trace.h"

namespace smalldb::sim {

inline constexpr Slot no_slot{0xffffffff};

struct Segment {
  enum class Kind : std::uint8_t { open, opened, bytes, finish, reset };
  Kind kind = Kind::bytes;
  CloseReason reason = CloseReason::reset;  // of a reset
  bool can_leave = true;                    // false: waits for the connection to open
  EventIndex cause = no_event;
  Time arrives = {};
  std::uint64_t offset = 0;
  Bytes bytes = {};
  std::uint64_t digest = 0;  // TraceEvent::digest of the bytes
};

// The segments of a flow that have not arrived, in order: a ring.
class SegmentQueue {
 public:
  SegmentQueue() = default;
  // A copy has no more room than it needs: worlds are forked far more often than their flows grow.
  SegmentQueue(const SegmentQueue& other);
  SegmentQueue(SegmentQueue&&) = default;
  SegmentQueue& operator=(const SegmentQueue&) = delete;
  SegmentQueue& operator=(SegmentQueue&&) = default;

  bool empty() const { return first_ == end_; }
  std::uint32_t size() const { return end_ - first_; }
  Segment& operator[](std::uint32_t n) { return ring_[(first_ + n) & mask_]; }
  const Segment& operator[](std::uint32_t n) const { return ring_[(first_ + n) & mask_]; }
  Segment& front() { return ring_[first_ & mask_]; }
  const Segment& front() const { return ring_[first_ & mask_]; }
  Segment& back() { return ring_[(end_ - 1) & mask_]; }
  const Segment& back() const { return ring_[(end_ - 1) & mask_]; }

  void push_back(Segment&& segment) { append() = std::move(segment); }
  // One more, without bytes, that is otherwise what the ring last held there: to be written where it stays.
  Segment& append() {
    if (size() == mask_ + 1) [[unlikely]]
      grow();
    return ring_[end_++ & mask_];
  }
  void pop_front() { take_front(); }
  // The bytes of the first, which is gone then.
  Bytes take_front() { return std::move(ring_[first_++ & mask_].bytes); }
  void pop_back() { ring_[--end_ & mask_].bytes = Bytes(); }
  std::size_t memory() const { return ring_.capacity() * sizeof(Segment); }

 private:
  static constexpr std::size_t least_room = 8;
  void grow();

  std::vector<Segment> ring_;               // a power of two of them
  std::uint32_t mask_ = ~std::uint32_t{0};  // one less than so many
  std::uint32_t first_ = 0;                 // both count on for ever; where they are in the ring is their rest
  std::uint32_t end_ = 0;
};

// One end of a connection.
struct ConnectionEnd {
  enum class State : std::uint8_t {
    absent,      // the acceptor's, until it accepts
    connecting,  // the connector's, until it is told
    open,
    gone,  // closed by itself, or told of the close
    dead,  // its process went down
  };
  ProcessId process = no_process;
  State state = State::absent;
  Link link{0};

  // Its machine can be told of what arrives.
  bool listens() const { return state == State::open || state == State::connecting; }
};

// From the end of a connection where it begins to the other.
struct Flow {
  ConnectionEnd sender;
  SegmentQueue segments;
  std::uint32_t path = 0;     // its place among the network's
  Slot slot = no_slot;        // the arrival of the first segment
  Slot timeout = no_slot;     // the sender's patience, armed while held
  bool held = false;          // the first segment came to where nothing passes
  std::uint64_t number = 0;   // of its connection: TraceEvent's
  std::uint64_t latency = 0;  // of its path's draws, series_of Chance::latency
  std::uint64_t loss = 0;     // ... and of Chance::loss
  Time last_arrival;
  Time held_since;
  std::uint64_t sent = 0;    // bytes handed over so far
  std::uint64_t pieces = 0;  // received so far, where streams come in random pieces

  bool empty() const { return segments.empty(); }
  Segment& first() { return segments.front(); }
  const Segment& first() const { return segments.front(); }
  void pop() { segments.pop_front(); }
  Bytes take() { return segments.take_front(); }
};

// What both directions of a connection have in common.
struct Connection {
  Key key{};  // its ends, its port and the how-manieth between them, for draws
  Port port = Port::client;
  bool in_use = false;
};

struct Path {
  Key key{};                     // its ends, for draws
  std::uint64_t packets = 0;     // so far
  std::uint64_t datagrams = 0;   // so far
  std::uint32_t opened[3] = {};  // connections from its first end to its second so far, by port
  Time busy_until;               // with a bandwidth: the last byte given to it will have left
  std::uint32_t cuts = 0;        // faults that cut it
  std::uint32_t clogs = 0;       // and that clog it
  std::uint32_t shapes = 0;      // and that change it otherwise
  std::uint32_t settings = 0;    // which of the link settings

  bool blocked() const { return cuts + clogs > 0; }
};

// A datagram that waits for the end of a clog.
struct HeldDatagram {
  Direction direction;
  EventIndex cause = no_event;
  std::uint64_t number = 0;
  std::uint64_t copy = 0;
  Bytes bytes = {};
};

class Network {
 public:
  // `ends`: the processes, and the shared volume's server last.
  Network(const NetworkSettings& settings, const std::vector<Key>& ends);

  // The path; the shared volume's server is an end like another.
  Path& path(ProcessId from, ProcessId to) { return paths_[place_of_path(from, to)]; }
  Path& path_of(const Flow& flow) { return paths_[flow.path]; }
  Direction direction_of(const Flow& flow) const {
    const auto end = [this](std::size_t index) {
      return index == ends_ - 1 ? shared_volume : ProcessId{static_cast<std::uint32_t>(index)};
    };
    return {end(flow.path / ends_), end(flow.path % ends_)};
  }
  const LinkSettings& settings_of(const Path& path) const { return (*links_)[path.settings]; }

  Flow& flow(std::uint32_t number) { return flows_[number]; }
  const Flow& flow(std::uint32_t number) const { return flows_[number]; }
  Connection& connection(std::uint32_t index) { return connections_[index]; }
  std::uint32_t connection_count() const { return static_cast<std::uint32_t>(connections_.size()); }
  // Between these two, of which the first connects; its index.
  std::uint32_t make_connection(ProcessId from, ProcessId to, Port port);
  void free_connection(std::uint32_t index);  // REQUIRES: its flows are empty, its slots not armed

  std::vector<HeldDatagram>& held_datagrams() { return held_datagrams_; }
  std::size_t memory() const;

 private:
  std::size_t index_of(ProcessId process) const {
    return process == shared_volume ? ends_ - 1 : static_cast<std::size_t>(process);
  }

  std::uint32_t place_of_path(ProcessId from, ProcessId to) const {
    return static_cast<std::uint32_t>(index_of(from) * ends_ + index_of(to));
  }

  std::size_t ends_;  // processes and the shared volume's server
  std::shared_ptr<const std::vector<LinkSettings>> links_;
  std::vector<Path> paths_;  // by from, then to
  std::vector<Flow> flows_;  // two for each connection
  std::vector<Connection> connections_;
  std::vector<std::uint32_t> free_connections_;
  std::vector<HeldDatagram> held_datagrams_;
  std::uint64_t next_number_ = 1;
};

}  // namespace smalldb::sim
