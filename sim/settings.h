// What a world is made of: the value from which it starts. All of it is plain data.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/machine.h"
#include "sim/chance.h"
#include "sim/fault.h"
#include "sim/time.h"

namespace smalldb::sim {

// One direction of the network between two processes when nothing is wrong with it.
struct LinkSettings {
  Distribution latency = uniform(microseconds(100), microseconds(500));
  Ratio loss;         // a datagram dies; a stream's bytes come a retransmission later
  Ratio duplication;  // of datagrams
  Ratio reordering;   // of datagrams: so many come up to `reordering_window` later
  Duration reordering_window;
  std::uint64_t bandwidth = 0;    // bytes a second; 0 is no bound
  std::uint64_t queue_limit = 0;  // bytes waiting to be sent; 0 is no bound

  friend bool operator==(const LinkSettings&, const LinkSettings&) = default;
};

// How the bytes of a stream are cut into pieces.
enum class Chunking : std::uint8_t {
  whole_messages,  // as they were sent
  random_pieces,   // messages torn anywhere, and run together when several are there
};

struct NetworkSettings {
  LinkSettings link;
  struct Exception {
    Direction direction;
    LinkSettings link;
    friend bool operator==(const Exception&, const Exception&) = default;
  };
  std::vector<Exception> exceptions;  // directions that differ; shared_volume can be an end

  Chunking chunking = Chunking::whole_messages;
  Distribution retransmission = uniform(milliseconds(200), milliseconds(300));  // after a loss
  Duration retransmission_most =
      seconds(3);                         // after a heal the next attempt comes within this, or as long as the cut was
  Duration connect_timeout = seconds(3);  // unanswered for so long: Closed, timed_out
  Duration connection_timeout = seconds(15);  // bytes held back for so long: Closed, timed_out, at their sender

  friend bool operator==(const NetworkSettings&, const NetworkSettings&) = default;
};

struct DiskSettings {
  Distribution read = uniform(microseconds(20), microseconds(100));
  Distribution write = uniform(microseconds(5), microseconds(20));  // into the cache
  Distribution sync =
      with_tail(uniform(microseconds(100), microseconds(500)), {1, 200}, milliseconds(2), milliseconds(10));
  Distribution name = uniform(microseconds(5), microseconds(20));  // list, rename, link, remove, truncate
  std::uint64_t capacity = 0;                                      // bytes; 0 is no bound

  // What becomes of a file's unsynced bytes in a crash: these many parts each.
  std::uint32_t kept = 2;
  std::uint32_t lost = 2;
  std::uint32_t torn = 3;
  std::uint32_t subset = 3;
  std::uint32_t garbage = 0;

  friend bool operator==(const DiskSettings&, const DiskSettings&) = default;
};

struct ClockSettings {
  Duration offset;         // of both clocks against virtual time, at the beginning
  std::int64_t drift = 0;  // billionths that both gain

  friend bool operator==(const ClockSettings&, const ClockSettings&) = default;
};

struct ProcessSettings {
  std::string name;                        // no two have the same
  std::shared_ptr<const Machine> pattern;  // never stepped; every start clones it
  Time starts_at;
  bool starts = true;      // else World::start does it
  Distribution step_cost;  // how long one step keeps the process busy; what comes meanwhile waits
  ClockSettings clock;
  DiskSettings disk;
};

// How events at the same time are ordered.
enum class TieOrder : std::uint8_t {
  insertion,   // as they were scheduled
  shuffled,    // by chance
  priorities,  // by priorities of the processes, each drawn anew after every `priority_change` of its events (PCT)
};

struct WorldSettings {
  std::uint64_t seed = 1;
  std::vector<Pin> pins;  // decisions not left to the seed
  std::vector<ProcessSettings> processes;
  NetworkSettings network;
  DiskSettings shared_volume;
  Duration shared_volume_timeout = seconds(1);  // unanswered for so long: DiskStatus::unreachable
  TieOrder ties = TieOrder::insertion;
  std::uint64_t priority_change = 100;
  WallTime wall{1'700'000'000'000'000'000};  // at the beginning, where the clock has no offset
};

}  // namespace smalldb::sim
