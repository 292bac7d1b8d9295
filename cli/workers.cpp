#include "cli/workers.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <new>
#include <sstream>
#include <system_error>

#include "cli/interrupt.h"
#include "reports/tally_json.h"
#include "scenarios/notation.h"

#if defined(__SANITIZE_ADDRESS__)
#define SMALLDB_SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SMALLDB_SHADOW_MEMORY 1
#endif
#endif

namespace smalldb::cli {

using scenarios::Block;

struct Workers::Standing {
  std::atomic<std::uint64_t> seed;
  std::atomic<std::uint64_t> since_ms;  // when it began that seed
};

namespace {

constexpr int exit_out_of_memory = 77;
constexpr int poll_every_ms = 100;

std::uint64_t now_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

[[noreturn]] void give_up(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

// False if nobody reads any more.
bool write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(to, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// So much and no more beside what this process has already. With AddressSanitizer a process reserves far more than it
// uses, and is not limited.
void limit_memory([[maybe_unused]] std::uint64_t most) {
#ifndef SMALLDB_SHADOW_MEMORY
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t bytes = static_cast<rlim_t>(pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) + most);
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_AS, &limit);
#endif
}

}  // namespace

Workers::Workers(const scenarios::Campaign& campaign, const WorkerSettings& settings)
    : campaign_(campaign), settings_(settings), workers_(std::max(settings.jobs, 1u)) {
  void* shared =
      mmap(nullptr, sizeof(Standing) * workers_.size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) give_up("no memory to share with workers");
  standings_ = static_cast<Standing*>(shared);
  for (std::size_t place = 0; place < workers_.size(); ++place) new (standings_ + place) Standing{};
  std::signal(SIGPIPE, SIG_IGN);  // a worker that has ended is noticed by its silence
}

Workers::~Workers() {
  for (Worker& worker : workers_) end(worker);
  munmap(standings_, sizeof(Standing) * workers_.size());
}

void Workers::end(Worker& worker) {
  if (worker.process == 0) return;
  close(worker.to);  // it ends when there is nothing more to read
  close(worker.from);
  if (worker.assignment) kill(worker.process, SIGKILL);
  while (waitpid(worker.process, nullptr, 0) < 0 && errno == EINTR) {
  }
  worker = {};
}

void Workers::start(std::size_t place) {
  int there[2], back[2];
  if (pipe2(there, O_CLOEXEC) != 0 || pipe2(back, O_CLOEXEC) != 0) give_up("no pipe to a worker");
  std::cout.flush();
  std::cerr.flush();
  const pid_t parent = getpid();
  const pid_t process = fork_child();
  if (process < 0) give_up("no process for a worker");
  if (process == 0) {
    // Nobody is left to end it if it hangs.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
    close(there[1]);
    close(back[0]);
    // Else one worker would keep the pipes of the others open.
    for (const Worker& other : workers_) {
      if (other.to >= 0) close(other.to);
      if (other.from >= 0) close(other.from);
    }
    work(standings_[place], there[0], back[1]);
  }
  close(there[0]);
  close(back[1]);
  workers_[place] = {process, there[1], back[0], {}, {}, false};
}

// A worker: blocks come in as lines of "FIRST COUNT SEED...", the seeds to leave out; lines of results go out.
void Workers::work(Standing& standing, int from, int to) const {
  // There and then: what had not come to its end is not taken down any more.
  std::set_new_handler([] { _exit(exit_out_of_memory); });
  limit_memory(settings_.memory_max);
  std::FILE* const input = fdopen(from, "r");
  char* line = nullptr;
  std::size_t size = 0;
  while (getline(&line, &size, input) > 0) {
    std::istringstream words(line);
    Block block;
    words >> block.name.first >> block.name.count;
    std::vector<std::uint64_t> left_out;
    for (std::uint64_t seed; words >> seed;) left_out.push_back(seed);
    for (std::uint64_t n = 0; n < block.name.count; ++n) {
      const std::uint64_t seed = block.name.first + n;
      if (std::find(left_out.begin(), left_out.end(), seed) != left_out.end()) continue;
      standing.seed = seed;
      standing.since_ms = now_ms();
      try {
        run_seed(campaign_, seed, block.tally);
      } catch (const std::exception& problem) {
        const scenarios::FoundRun run{seed, campaign_.budget_of(seed), 0, problem.what()};
        ++block.tally.runs;
        const std::string shape = scenarios::shape_of(problem.what(), {});
        block.tally.add_failure({std::string(scenarios::simulator_failed), shape}, run);
      }
    }
    if (!write_all(to, reports::write_block(block))) _exit(0);
  }
  _exit(0);
}

void Workers::assign(std::size_t place, Assignment assignment) {
  if (workers_[place].process == 0) start(place);
  Worker& worker = workers_[place];
  standings_[place].seed = assignment.name.first;
  standings_[place].since_ms = now_ms();
  std::string line = std::to_string(assignment.name.first) + " " + std::to_string(assignment.name.count);
  for (const std::uint64_t seed : assignment.ended) line += " " + std::to_string(seed);
  worker.assignment = std::move(assignment);
  write_all(worker.to, line + "\n");
}

// False if the worker has ended.
bool Workers::receive(std::size_t place, const Take& take) {
  Worker& worker = workers_[place];
  char buffer[1 << 16];
  const ssize_t size = read(worker.from, buffer, sizeof buffer);
  if (size < 0 && errno == EINTR) return true;
  if (size <= 0) return false;
  worker.received.append(buffer, static_cast<std::size_t>(size));
  if (worker.received.back() != '\n') return true;
  std::string expected;
  std::optional<Block> block = reports::read_block(worker.received, expected);
  worker.received.clear();
  if (!block) throw std::runtime_error("a worker wrote what cannot be read: " + expected);
  Assignment assignment = *std::exchange(worker.assignment, std::nullopt);
  block->name = std::move(assignment.name);
  block->tally.add(assignment.of_ended);
  take(std::move(*block));
  return true;
}

// The seed it was at is to blame. The rest of its block goes to a new worker.
void Workers::on_end(std::size_t place) {
  Worker& worker = workers_[place];
  close(worker.to);
  close(worker.from);
  int status = 0;
  while (waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {
  }
  std::optional<Assignment> assignment = std::move(worker.assignment);
  const bool hung = worker.hung;
  worker = {};
  if (!assignment) return;
  const std::uint64_t seed = standings_[place].seed;
  scenarios::Tally& tally = assignment->of_ended;
  const scenarios::Budget budget = campaign_.budget_of(seed);
  const bool out_of_memory = (WIFEXITED(status) && WEXITSTATUS(status) == exit_out_of_memory) ||
                             (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && !hung);
  if (hung) {
    const Duration waited = milliseconds(static_cast<std::int64_t>(settings_.hang_after_ms));
    ++tally.runs;
    tally.add_failure({std::string(scenarios::hang), std::string(scenarios::no_end_in_real_time)},
                      {seed, budget, 0, "no end within " + scenarios::notation::write_duration(waited)});
  } else if (out_of_memory) {
    tally.out_of_memory.insert(seed);
  } else {
    const std::string how = WIFSIGNALED(status) ? "by signal " + std::to_string(WTERMSIG(status))
                                                : "with exit code " + std::to_string(WEXITSTATUS(status));
    ++tally.runs;
    tally.add_failure({std::string(scenarios::simulator_failed), "ended " + how}, {seed, budget, 0, "ended " + how});
  }
  assignment->ended.push_back(seed);
  assign(place, std::move(*assignment));
}

void Workers::kill_who_hangs() {
  const std::uint64_t now = now_ms();
  for (std::size_t place = 0; place < workers_.size(); ++place) {
    const std::uint64_t since = standings_[place].since_ms;
    if (!workers_[place].assignment || workers_[place].hung) continue;
    if (now - std::min(since, now) < settings_.hang_after_ms) continue;
    workers_[place].hung = true;
    kill(workers_[place].process, SIGKILL);
  }
}

void Workers::run(const Next& next, const Take& take, const Idle& idle) {
  for (;;) {
    std::vector<pollfd> waiting;
    std::vector<std::size_t> places;
    for (std::size_t place = 0; place < workers_.size(); ++place) {
      if (!workers_[place].assignment) {
        if (auto name = next()) assign(place, {std::move(*name), {}, {}});
      }
      if (!workers_[place].assignment) continue;
      waiting.push_back({workers_[place].from, POLLIN, 0});
      places.push_back(place);
    }
    if (waiting.empty()) return;
    if (poll(waiting.data(), waiting.size(), poll_every_ms) < 0 && errno != EINTR) give_up("waiting for workers");
    for (std::size_t n = 0; n < waiting.size(); ++n) {
      if (waiting[n].revents != 0 && !receive(places[n], take)) on_end(places[n]);
    }
    kill_who_hangs();
    idle();
  }
}

}  // namespace smalldb::cli
