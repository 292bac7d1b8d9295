#include "cli/interrupt.h"

#include <unistd.h>

#include <csignal>
#include <iostream>

namespace smalldb::cli {
namespace {

constexpr int signal_of_parent = SIGUSR1;

volatile std::sig_atomic_t signal_seen = 0;  // its number

void on_signal(int number) {
  signal_seen = number;
  std::signal(number, SIG_DFL);
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
  std::raise(SIGTERM);
}

}  // namespace smalldb::cli
