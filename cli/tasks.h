// Many small tasks on several threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

namespace smalldb::cli {

// How many of how many are done. Written by those who work, read by who looks on.
struct TaskCount {
  std::atomic<std::size_t> done{0};
  std::atomic<std::size_t> all{0};
};

// Calls task(n) for each n below `count`, on up to `jobs` threads, the caller's among them; 0: as many as there are
// processors. The first exception of a task is thrown again once all threads have ended.
void run_tasks(unsigned jobs, std::size_t count, const std::function<void(std::size_t)>& task, TaskCount& counted);

}  // namespace smalldb::cli
