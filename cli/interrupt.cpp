#include "cli/interrupt.h"

#include <csignal>
#include <iostream>

namespace smalldb::cli {
namespace {

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

void note_interrupts_of_parent() {
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  std::signal(SIGUSR1, on_signal);
}

void interrupt_child(int process) { kill(process, SIGUSR1); }

bool interrupted() { return signal_seen != 0; }

void end_if_terminated() {
  if (signal_seen != SIGTERM) return;
  std::cout.flush();
  std::raise(SIGTERM);
}

}  // namespace smalldb::cli
