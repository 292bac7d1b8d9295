// Messages on their way: decoded once, when they are handed over, and found again when their last byte arrives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/messages.h"
#include "properties/clocks.h"
#include "sim/trace.h"

namespace smalldb::properties {

struct InFlight {
  InFlight(const sim::TraceEvent& event, Message&& its_message, const Clocks::Clock& its_clock)
      : end(event.b + event.payload.size()), sent(event.index), message(std::move(its_message)), clock(its_clock) {}

  std::uint64_t end;  // in the stream: delivered when the bytes delivered reach it
  sim::EventIndex sent;
  Message message;
  Clocks::Clock clock;  // what the sender had heard of
};

class Streams {
 public:
  // A message was handed over, as `event` (sent, replied) tells; `clock` is its sender's.
  void sent(const sim::TraceEvent& event, Message&& message, const Clocks::Clock& clock);
  // The next message from `from` that is whole once the stream has been delivered up to `end`; null if there is none.
  // It lasts until the next call.
  const InFlight* delivered(std::uint64_t connection, ProcessId from, std::uint64_t end);

  // Nothing more reaches `to` on this connection.
  void closed(std::uint64_t connection, ProcessId to);
  // Nothing more reaches `to` at all: it crashed.
  void gone(ProcessId to);

 private:
  struct Stream {
    std::uint64_t connection;
    ProcessId from;
    ProcessId to;
    std::vector<InFlight> messages;  // those before `next` have been delivered
    std::size_t next = 0;
  };

  Stream* find(std::uint64_t connection, ProcessId from);
  template <class Matches>
  void drop(const Matches& matches);

  std::vector<Stream> streams_;
  std::vector<std::vector<InFlight>> rooms_;  // of streams that are gone, for those to come
  std::size_t last_ = 0;                      // found last: asked for again soon
};

// Clocks of datagrams on their way: the last few of each direction, since lost ones are never heard of again.
class Datagrams {
 public:
  void sent(ProcessId from, ProcessId to, std::uint64_t number, const Clocks::Clock& clock);
  const Clocks::Clock* find(ProcessId from, ProcessId to, std::uint64_t number) const;

 private:
  static constexpr std::size_t kept_max = 64;
  struct Datagram {
    ProcessId from;
    ProcessId to;
    std::uint64_t number;
    Clocks::Clock clock;
  };
  std::vector<Datagram> kept_;
  std::size_t oldest_ = 0;
};

}  // namespace smalldb::properties
