#include "cli/watch.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <new>
#include <system_error>
#include <thread>

#include "cli/interrupt.h"
#include "model/printable.h"

namespace smalldb::cli {
namespace {

using std::chrono::steady_clock;

constexpr auto poll_every = std::chrono::milliseconds(1);
constexpr auto ends_by_itself_within = std::chrono::seconds(1);

[[noreturn]] void work_here(const std::function<Exit(std::atomic<std::uint64_t>& steps)>& work,
                            std::atomic<std::uint64_t>& steps) {
  Exit exit = failed;
  try {
    exit = work(steps);
  } catch (const std::exception& problem) {
    std::cerr << "smalldb-sim: failed itself: " << printable(problem.what()) << '\n';
  }
  std::cout.flush();
  std::cerr.flush();
  _exit(std::cout ? exit : failed);
}

// False if the process has to be ended.
bool ends_in_time(pid_t process, std::uint64_t hang_after_ms, int& status) {
  const auto began = steady_clock::now();
  std::optional<steady_clock::time_point> told_to_stop;
  for (;;) {
    const pid_t ended = waitpid(process, &status, WNOHANG);
    if (ended == process) return true;
    if (ended < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "waiting for a process");
    const auto now = steady_clock::now();
    if (interrupted() && !told_to_stop) {
      interrupt_child(process);
      told_to_stop = now;
    }
    if (told_to_stop && now - *told_to_stop > ends_by_itself_within) return false;
    const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(now - began).count();
    if (static_cast<std::uint64_t>(taken) >= hang_after_ms) return false;
    std::this_thread::sleep_for(poll_every);
  }
}

}  // namespace

Watched watch(std::uint64_t hang_after_ms, const std::function<Exit(std::atomic<std::uint64_t>& steps)>& work) {
  void* const shared =
      mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "no memory to share");
  auto& steps = *new (shared) std::atomic<std::uint64_t>(0);
  std::cout.flush();
  std::cerr.flush();
  const pid_t parent = getpid();
  const pid_t process = fork();
  if (process < 0) throw std::system_error(errno, std::generic_category(), "no process to work in");
  if (process == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(failed);
    note_interrupts_of_parent();
    work_here(work, steps);
  }
  Watched watched;
  int status = 0;
  if (!ends_in_time(process, hang_after_ms, status)) {
    watched.hung = true;
    kill(process, SIGKILL);
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
  } else if (WIFEXITED(status)) {
    watched.exit = static_cast<Exit>(WEXITSTATUS(status));
  } else {
    watched.signal = WTERMSIG(status);
  }
  watched.steps = steps;
  munmap(shared, sizeof(std::atomic<std::uint64_t>));
  return watched;
}

}  // namespace smalldb::cli
