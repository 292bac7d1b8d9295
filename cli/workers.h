// Runs the blocks of a campaign in processes of their own, so that a run that hangs, crashes the simulator or takes all
// memory costs that run and nothing else. What is found does not depend on how many they are.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/campaign/block.h"
#include "scenarios/campaign/campaign.h"

namespace smalldb::cli {

struct WorkerSettings {
  unsigned jobs = 1;
  std::uint64_t hang_after_ms = scenarios::usual_hang_after_ms;      // of real time, for one run
  std::uint64_t memory_max = std::uint64_t{4} * 1024 * 1024 * 1024;  // bytes, that a worker may take for its runs
};

class Workers {
 public:
  using Next = std::function<std::optional<scenarios::BlockName>()>;  // the next block to run, if there is one
  using Take = std::function<void(scenarios::Block)>;
  using Idle = std::function<void()>;  // called now and then

  // REQUIRES: `campaign` outlives this.
  Workers(const scenarios::Campaign& campaign, const WorkerSettings& settings);
  ~Workers();  // ends those that still run
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Until there is no next block and all are done. Throws std::system_error if processes cannot be made.
  void run(const Next& next, const Take& take, const Idle& idle);

 private:
  // Where a worker stands, in memory that it shares with its parent.
  struct Standing;
  // A block on its way, with the seeds that ended their worker: they are not run again.
  struct Assignment {
    scenarios::BlockName name;
    std::vector<std::uint64_t> ended;
    scenarios::Tally of_ended;
  };
  struct Worker {
    pid_t process = 0;
    int to = -1;
    int from = -1;
    std::string received;
    std::optional<Assignment> assignment;
    bool hung = false;
  };

  void start(std::size_t place);
  void assign(std::size_t place, Assignment assignment);
  void end(Worker& worker);
  [[noreturn]] void work(Standing& standing, int from, int to) const;
  bool receive(std::size_t place, const Take& take);
  void on_end(std::size_t place);
  void kill_who_hangs();

  const scenarios::Campaign& campaign_;
  WorkerSettings settings_;
  Standing* standings_;
  std::vector<Worker> workers_;
};

}  // namespace smalldb::cli
