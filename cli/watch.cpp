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
#include <string_view>
#include <system_error>
#include <thread>

#include "cli/interrupt.h"
#include "model/printable.h"

namespace smalldb::cli {
namespace {

using std::chrono::steady_clock;

constexpr auto poll_every = std::chrono::milliseconds(1);
constexpr auto ends_by_itself_within = std::chrono::seconds(1);

// Memory, and a file without a name, that two processes share.
class Shared {
 public:
  Shared() : file_(memfd_create("result", MFD_CLOEXEC)) {
    if (file_ < 0) throw std::system_error(errno, std::generic_category(), "no file to share");
    void* const memory = mmap(nullptr, sizeof(Pulse), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      close(file_);
      throw std::system_error(errno, std::generic_category(), "no memory to share");
    }
    pulse_ = new (memory) Pulse;
  }
  ~Shared() {
    munmap(pulse_, sizeof(Pulse));
    close(file_);
  }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  Pulse& pulse() { return *pulse_; }

  // False if there is no room for it.
  bool write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = ::write(file_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

  std::string read() const {
    std::string text(static_cast<std::size_t>(lseek(file_, 0, SEEK_END)), '\0');
    for (std::size_t at = 0; at < text.size();) {
      const ssize_t size = pread(file_, text.data() + at, text.size() - at, static_cast<off_t>(at));
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0)
        throw std::system_error(errno, std::generic_category(), "reading what another process has written");
      at += static_cast<std::size_t>(size);
    }
    return text;
  }

 private:
  int file_;
  Pulse* pulse_;
};

[[noreturn]] void work_here(const Work& work, Shared& shared) {
  Exit exit = failed;
  try {
    std::string result;
    exit = work(shared.pulse(), result);
    if (!shared.write(result)) exit = failed;
  } catch (const std::exception& problem) {
    std::cerr << "smalldb-sim: failed itself: " << printable(problem.what()) << '\n';
  }
  std::cout.flush();
  std::cerr.flush();
  _exit(std::cout ? exit : failed);
}

// With work of which no run begins or ends.
class Patience {
 public:
  Patience(std::uint64_t hang_after_ms, const Pulse& pulse) : most_(hang_after_ms), pulse_(pulse) {}

  bool is_over() {
    const auto now = steady_clock::now();
    if (const std::uint64_t beats = pulse_.begun + pulse_.ended; beats != beats_) {
      beats_ = beats;
      since_ = now;
    }
    const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(now - since_).count();
    return static_cast<std::uint64_t>(taken) >= most_;
  }

 private:
  std::uint64_t most_;
  const Pulse& pulse_;
  std::uint64_t beats_ = 0;
  steady_clock::time_point since_ = steady_clock::now();
};

// False if the process has to be ended.
bool ends_in_time(pid_t process, Patience patience, int& status) {
  std::optional<steady_clock::time_point> told_to_stop;
  for (;;) {
    const pid_t ended = waitpid(process, &status, WNOHANG);
    if (ended == process) return true;
    if (ended < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "waiting for a process");
    if (interrupted() && !told_to_stop) {
      interrupt_child(process);
      told_to_stop = steady_clock::now();
    }
    if (told_to_stop && steady_clock::now() - *told_to_stop > ends_by_itself_within) return false;
    if (patience.is_over()) return false;
    std::this_thread::sleep_for(poll_every);
  }
}

}  // namespace

std::string how_it_ended(const Watched& watched) {
  if (watched.hung) return "came to no end in real time";
  return watched.signal != 0 ? "ended the simulator by signal " + std::to_string(watched.signal)
                             : "broke the simulator";
}

Watched watch(std::uint64_t hang_after_ms, const Work& work) {
  Shared shared;
  std::cout.flush();
  std::cerr.flush();
  const pid_t parent = getpid();
  const pid_t process = fork_child();
  if (process < 0) throw std::system_error(errno, std::generic_category(), "no process to work in");
  if (process == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(failed);
    work_here(work, shared);
  }
  Watched watched;
  int status = 0;
  if (!ends_in_time(process, {hang_after_ms, shared.pulse()}, status)) {
    watched.hung = true;
    kill(process, SIGKILL);
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
  } else if (WIFEXITED(status)) {
    watched.exit = static_cast<Exit>(WEXITSTATUS(status));
    watched.result = shared.read();
  } else {
    watched.signal = WTERMSIG(status);
  }
  watched.has_run = shared.pulse().begun > 0 && shared.pulse().begun == shared.pulse().ended;
  watched.steps = shared.pulse().steps;
  return watched;
}

}  // namespace smalldb::cli
