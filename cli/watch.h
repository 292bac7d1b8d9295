// Work that may hang: done in a process of its own, which is ended when it takes too long.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "cli/command.h"

namespace smalldb::cli {

struct Watched {
  std::optional<Exit> exit;  // of the work; nothing: it was ended here, or by a signal
  bool hung = false;         // it took longer than it might
  int signal = 0;            // that ended it
  std::uint64_t steps = 0;   // how far it had come, as it counted
};

// `work` counts its steps while it goes on. It takes at most `hang_after_ms` of real time; at an interrupt it has a
// moment to come to an end by itself. Throws std::system_error if there can be no process.
Watched watch(std::uint64_t hang_after_ms, const std::function<Exit(std::atomic<std::uint64_t>& steps)>& work);

}  // namespace smalldb::cli
