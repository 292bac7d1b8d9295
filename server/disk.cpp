#include "server/disk.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "model/assert.h"

namespace smalldb::server {
namespace {

// As many files as are likely to be written at a time: the log, a checkpoint, and what is removed behind them.
constexpr int own_threads = 3;
// A shared volume that has not answered for so long is unreachable.
constexpr std::chrono::seconds shared_answers_within{5};

bool syncs(effect::DiskVerb verb) {
  return verb == effect::DiskVerb::write_synced || verb == effect::DiskVerb::sync ||
         verb == effect::DiskVerb::sync_directory;
}

}  // namespace

Disk::Disk(boost::asio::io_context& loop, std::shared_ptr<Directory> own, std::shared_ptr<Directory> shared,
           Deliver deliver)
    : loop_(loop),
      deliver_(std::move(deliver)),
      returned_(std::make_shared<Returned>()),
      own_(std::make_shared<Crew>()),
      shared_timer_(loop) {
  returned_->disk = this;
  own_->directory = std::move(own);
  for (int i = 0; i < own_threads; ++i) own_threads_.emplace_back(work, own_, returned_);
  if (!shared) return;
  shared_ = std::make_shared<Crew>();
  shared_->directory = std::move(shared);
  // Nobody can wait for this one: a dead file server may hold it for ever.
  std::thread(work, shared_, returned_).detach();
}

Disk::~Disk() {
  for (const auto& crew : {own_, shared_}) {
    if (!crew) continue;
    const std::lock_guard lock(crew->mutex);
    crew->ending = true;
    crew->ready.clear();
    crew->wake.notify_all();
  }
  for (std::thread& thread : own_threads_) thread.join();
  const std::lock_guard lock(returned_->mutex);
  returned_->disk = nullptr;
}

// ---- The loop's thread -------------------------------------------------------------------------------------------

std::vector<Disk::FileKey> Disk::files_of(const effect::Disk& operation) {
  std::vector<FileKey> files{{operation.volume, operation.name}};
  if (!operation.new_name.empty()) files.emplace_back(operation.volume, operation.new_name);
  return files;
}

void Disk::submit(effect::Disk operation) {
  const auto job = std::make_shared<Job>();
  job->operation = std::move(operation);
  job->began = std::chrono::steady_clock::now();
  ++figures_.waiting;
  if (job->operation.volume == Volume::shared) {
    SMALLDB_ASSERT(shared_, job->operation.name);
    // The thread that reads it may outlive everything else: a block of its own.
    job->operation.bytes = Bytes::copy(job->operation.bytes.view());
    shared_jobs_.push_back(job);
    watch_shared();
  }
  for (const FileKey& file : files_of(job->operation)) {
    std::deque<JobPtr>& queue = queues_[file];
    if (!queue.empty()) ++job->blockers;
    queue.push_back(job);
  }
  if (job->blockers == 0) hand_to_crew(job);
}

void Disk::hand_to_crew(JobPtr job) {
  Crew& crew = job->operation.volume == Volume::own ? *own_ : *shared_;
  const std::lock_guard lock(crew.mutex);
  crew.ready.push_back(std::move(job));
  crew.wake.notify_one();
}

void Disk::collect() {
  std::vector<JobPtr> jobs;
  {
    const std::lock_guard lock(returned_->mutex);
    jobs.swap(returned_->jobs);
  }
  for (const JobPtr& job : jobs) finish(job);
}

void Disk::finish(const JobPtr& job) {
  for (const FileKey& file : files_of(job->operation)) {
    const auto queue = queues_.find(file);
    queue->second.pop_front();
    if (queue->second.empty()) {
      queues_.erase(queue);
    } else if (const JobPtr& next = queue->second.front(); --next->blockers == 0) {
      hand_to_crew(next);
    }
  }
  if (job->answered) return;
  count(*job);
  answer(*job, std::move(job->outcome));
}

void Disk::answer(Job& job, Directory::Outcome outcome) {
  job.answered = true;
  --figures_.waiting;
  deliver_({job.operation.token, outcome.status, std::move(outcome.bytes), std::move(outcome.entries)});
}

void Disk::count(const Job& job) {
  ++figures_.operations;
  figures_.bytes_written += job.operation.bytes.size();
  // That a file is not there, or is already, is an answer; but not to a write, which makes it.
  const DiskStatus status = job.outcome.status;
  const bool answers = status == DiskStatus::not_found || status == DiskStatus::exists;
  const bool writes = !job.operation.bytes.empty();
  if (job.outcome.error != 0 && (writes || !answers)) {
    ++figures_.failures;
    on_failure(job.operation, job.outcome.error);
  }
  if (!syncs(job.operation.verb)) return;
  ++figures_.syncs;
  const auto took = std::chrono::steady_clock::now() - job.began;
  figures_.sync_nanoseconds += std::chrono::duration_cast<std::chrono::nanoseconds>(took).count();
}

void Disk::watch_shared() {
  while (!shared_jobs_.empty() && shared_jobs_.front()->answered) shared_jobs_.pop_front();
  if (shared_jobs_.empty()) return;
  shared_timer_.expires_at(shared_jobs_.front()->began + shared_answers_within);
  shared_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    const JobPtr& oldest = shared_jobs_.front();
    if (!oldest->answered && std::chrono::steady_clock::now() >= oldest->began + shared_answers_within) {
      const JobPtr late = oldest;
      Directory::Outcome outcome;
      outcome.status = DiskStatus::unreachable;
      answer(*late, std::move(outcome));
    }
    watch_shared();
  });
}

// ---- The threads of a crew ---------------------------------------------------------------------------------------

void Disk::work(const std::shared_ptr<Crew>& crew, const std::shared_ptr<Returned>& returned) {
  while (true) {
    JobPtr job;
    {
      std::unique_lock lock(crew->mutex);
      crew->wake.wait(lock, [&] { return crew->ending || !crew->ready.empty(); });
      if (crew->ending) return;
      job = std::move(crew->ready.front());
      crew->ready.pop_front();
    }
    job->outcome = perform(*crew->directory, job->operation);
    const std::lock_guard lock(returned->mutex);
    returned->jobs.push_back(std::move(job));
    Disk* const disk = returned->disk;
    if (disk != nullptr && returned->jobs.size() == 1) boost::asio::post(disk->loop_, [disk] { disk->collect(); });
  }
}

Directory::Outcome Disk::perform(Directory& directory, const effect::Disk& operation) {
  if (Directory::Outcome known = directory.recognize(); known.status != DiskStatus::ok) return known;
  switch (operation.verb) {
    case effect::DiskVerb::list: return directory.list();
    case effect::DiskVerb::read: return directory.read(operation.name, operation.offset, operation.length);
    case effect::DiskVerb::write: return directory.write(operation.name, operation.offset, operation.bytes.view());
    case effect::DiskVerb::write_synced:
      return directory.write_synced(operation.name, operation.offset, operation.bytes.view());
    case effect::DiskVerb::truncate: return directory.truncate(operation.name, operation.offset);
    case effect::DiskVerb::sync: return directory.sync(operation.name);
    case effect::DiskVerb::rename: return directory.rename(operation.name, operation.new_name);
    case effect::DiskVerb::link: return directory.link(operation.name, operation.new_name);
    case effect::DiskVerb::remove: return directory.remove(operation.name);
    case effect::DiskVerb::sync_directory: return directory.sync_directory();
  }
  return {};
}

}  // namespace smalldb::server
