// Work that may hang: done in a process of its own, which is ended when a run in it takes too long.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "cli/command.h"

namespace smalldb::cli {

// How far work is, in memory that it shares with who waits for it.
struct Pulse {
  std::atomic<std::uint64_t> begun{0};  // runs
  std::atomic<std::uint64_t> ended{0};
  std::atomic<std::uint64_t> steps{0};  // of a run that counts them
};

// One run of the work, from here to the end of the scope; on any thread.
class WatchedRun {
 public:
  explicit WatchedRun(Pulse& pulse) : pulse_(pulse) { ++pulse_.begun; }
  ~WatchedRun() { ++pulse_.ended; }
  WatchedRun(const WatchedRun&) = delete;
  WatchedRun& operator=(const WatchedRun&) = delete;

 private:
  Pulse& pulse_;
};

struct Watched {
  std::optional<Exit> exit;  // of the work; nothing: it was ended here, or by a signal
  std::string result;        // what the work has left there
  bool hung = false;         // a run took longer than it might, or what lies between two of them
  bool has_run = false;      // whether it had begun a run by then, and none was on its way
  int signal = 0;            // that ended it
  std::uint64_t steps = 0;   // how far it had come, as it counted
};
// Of work that has not done what it should, in words: "came to no end in real time".
std::string how_it_ended(const Watched& watched);

// Each run of `work`, and what lies between two of them, takes at most `hang_after_ms` of real time, all together as
// long as it likes; at an interrupt the work has a moment to come to an end by itself. Throws std::system_error if
// there can be no process. REQUIRES: runs that go on at the same time begin at the same time, and no other before all
// of them have ended.
using Work = std::function<Exit(Pulse& pulse, std::string& result)>;
Watched watch(std::uint64_t hang_after_ms, const Work& work);

}  // namespace smalldb::cli
