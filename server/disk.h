// Carries out the disk operations of a machine on threads of their own, and tells it of each when it is done.
//
// Operations on one file are carried out in the order in which they were recorded, those on different files side by
// side (model/machine.h, promise 5): a checkpoint that is being written does not hold up the log. The bytes of a write
// stay where they are, in a block that the loop's thread owns, and a worker thread reads them through a view; nothing
// is copied and no count is touched by two threads (decision 0011).
//
// An operation on the shared volume that takes too long is answered `unreachable`; what it does later, nobody hears of.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "server/directory.h"
#include "server/host.h"

namespace smalldb::server {

class Disk final : public Storage {
 public:
  using Deliver = std::function<void(DiskDone)>;

  struct Figures {
    std::uint64_t operations = 0;
    std::uint64_t syncs = 0;
    std::uint64_t bytes_written = 0;
    std::uint64_t failures = 0;
    std::int64_t sync_nanoseconds = 0;  // spent in operations that sync, in all
    std::uint64_t waiting = 0;          // not answered yet
  };

  // `shared` is null where there is no shared volume. `deliver` is called in the loop's thread, one turn or more later.
  Disk(boost::asio::io_context& loop, std::shared_ptr<Directory> own, std::shared_ptr<Directory> shared,
       Deliver deliver);
  // Waits for the operation under way on the own directory; what has not been begun is dropped. The loop runs no more.
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  void submit(effect::Disk operation) override;

  const Figures& figures() const { return figures_; }

  // An operation has failed, for this reason (an errno): the machine hears no more than that it has.
  std::function<void(const effect::Disk& operation, int error)> on_failure = [](const effect::Disk&, int) {};

 private:
  struct Job {
    effect::Disk operation;
    std::chrono::steady_clock::time_point began;
    int blockers = 0;       // operations before it on one of its files
    bool answered = false;  // the machine was told, perhaps that nobody knows
    Directory::Outcome outcome;
  };
  using JobPtr = std::shared_ptr<Job>;
  using FileKey = std::pair<Volume, std::string>;

  // Jobs that are done, on their way back to the loop's thread.
  struct Returned {
    std::mutex mutex;
    std::vector<JobPtr> jobs;
    Disk* disk;  // null once nobody waits for them any more
  };
  // The threads that take operations of one volume.
  struct Crew {
    std::shared_ptr<Directory> directory;
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<JobPtr> ready;
    bool ending = false;
  };

  static std::vector<FileKey> files_of(const effect::Disk& operation);
  static void work(const std::shared_ptr<Crew>& crew, const std::shared_ptr<Returned>& returned);
  static Directory::Outcome perform(Directory& directory, const effect::Disk& operation);
  void hand_to_crew(JobPtr job);
  void collect();
  void finish(const JobPtr& job);
  void answer(Job& job, Directory::Outcome outcome);
  void count(const Job& job);
  void watch_shared();

  boost::asio::io_context& loop_;
  Deliver deliver_;
  std::shared_ptr<Returned> returned_;
  std::shared_ptr<Crew> own_;
  std::shared_ptr<Crew> shared_;
  std::vector<std::thread> own_threads_;
  std::map<FileKey, std::deque<JobPtr>> queues_;  // per file, the one under way first
  std::deque<JobPtr> shared_jobs_;                // on the shared volume, not answered, oldest first
  boost::asio::steady_timer shared_timer_;
  Figures figures_;
};

}  // namespace smalldb::server
