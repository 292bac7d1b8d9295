// Joins recorded lives, of one process or of several, into one trace, as if they had been simulated: the same events,
// read by the same properties, stories and trace files.
//
// Which ends are one connection, and in which order a process lived its lives, they prove themselves (evidence.h). What
// was received is put behind what was sent, and a process that had to be waited for is late by as much; each life's
// own monotonic clock counts in between. Wall clocks only say where a life begins that nobody waits for. The bytes that
// arrive are compared with those that were sent, and what a process reads from its disk with what its earlier lives
// wrote. What a process that was not recorded sent is shown as sent when it was received.
// Clients are one process of that kind, named "clients": an operation begins for them when a node receives its request,
// and ends when a node answers it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "properties/cast.h"
#include "scenarios/lives/evidence.h"
#include "scenarios/lives/life.h"
#include "sim/trace.h"

namespace smalldb::scenarios {

// Of one life, by its place in what was given.
struct LifeAccount {
  std::size_t process = 0;  // in Cast::members
  bool is_first = false;    // of the process's lives that were given
  sim::Time began;
  sim::Time ended;
  std::size_t steps = 0;     // made again with the same effects
  bool began_empty = false;  // with an empty directory: nothing happened before that is not in the recording
  std::optional<Divergence> divergence;
};

struct Joined {
  properties::Cast cast;
  std::vector<std::string> file_names;  // by FileId
  sim::Time ended;
  std::vector<LifeAccount> lives;
  std::vector<std::size_t> order;  // of `lives`: as they began
  std::vector<bool> recorded;      // by Cast::members: its lives were given
  // Lives are missing, or parts of them:
  std::uint64_t bytes_mismatched = 0;     // received, and not what the other end had sent
  std::uint64_t bytes_never_written = 0;  // read from a disk, and not what the process had written there
  // Processes of which nothing says which of two lives came first.
  std::vector<ProcessId> in_doubt;
  // What messages and notes call a process, beside what stands in the cast.
  std::map<ProcessId, std::string> names;
};

// Lives that are to be joined, and what they prove of each other.
class Together {
 public:
  // REQUIRES: the lives outlive it.
  explicit Together(const std::vector<Life>& lives);

  const properties::Cast& cast() const { return cast_.cast; }

  // The next events of the trace. A note event's `a` is an index of these notes. `joined` has the names so far.
  struct Passage {
    std::span<const sim::TraceEvent> events;
    std::span<const effect::Note> notes;
    const Joined& joined;
  };
  // Goes through all lives again and shows `reader` the trace, which nobody keeps: it would be many times as large as
  // the recordings, in which no answer stands. Each life's part ends where it diverges. The same every time.
  Joined join(const std::function<void(const Passage&)>& reader) const;

 private:
  const std::vector<Life>& lives_;
  Joined cast_;
  Evidence evidence_;
  // By how much the clock of each life was behind those of the others, as far as messages show: in nanoseconds.
  std::vector<std::int64_t> late_;
};

}  // namespace smalldb::scenarios
