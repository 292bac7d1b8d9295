#include "cli/interrupt.h"

#include <unistd.h>

#include <csignal>
#include <ctime>
#include <iostream>

namespace smalldb::cli {
namespace {

constexpr int signal_of_parent = SIGUSR1;

// A batch system, or timeout(1), tells a process and all of its group, and so tells it twice at once.
constexpr int one_and_the_same_ms = 200;

volatile std::sig_atomic_t signal_seen = 0;  // its number
volatile std::sig_atomic_t seen_at_ms = 0;   // by a clock that goes round once in a million seconds

int milliseconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int>(now.tv_sec % 1'000'000 * 1000 + now.tv_nsec / 1'000'000);
}

void on_signal(int number) {
  if (signal_seen == 0) {
    signal_seen = number;
    seen_at_ms = milliseconds_now();
  } else if (milliseconds_now() - seen_at_ms > one_and_the_same_ms) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

}  // namespace

void note_interrupts() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

int fork_child() {
  sigset_t of_parent, before;
  sigemptyset(&of_parent);
  sigaddset(&of_parent, signal_of_parent);
  // What the parent says before the child can hear it waits, and does not end the child.
  sigprocmask(SIG_BLOCK, &of_parent, &before);
  const pid_t process = fork();
  if (process == 0) {
    signal_seen = 0;  // what the parent was told it tells in its own words
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGTERM, SIG_IGN);
    std::signal(signal_of_parent, on_signal);
  }
  sigprocmask(SIG_SETMASK, &before, nullptr);
  return process;
}

void interrupt_child(int process) { kill(process, signal_of_parent); }

bool interrupted() { return signal_seen != 0; }

void end_if_terminated() {
  if (signal_seen != SIGTERM) return;
  std::cout.flush();
  std::signal(SIGTERM, SIG_DFL);
  std::raise(SIGTERM);
}

}  // namespace smalldb::cli
