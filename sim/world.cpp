#include "sim/world.h"

#include <algorithm>
#include <utility>

#include "sim/host.h"

namespace smalldb::sim {

World::World(const WorldSettings& settings) : host_(std::make_unique<Host>(settings)) {}
World::World(const World& other) : host_(std::make_unique<Host>(*other.host_)) {}
World::World(World&& other) noexcept = default;
World& World::operator=(const World& other) {
  host_ = std::make_unique<Host>(*other.host_);
  return *this;
}
World& World::operator=(World&& other) noexcept = default;
World::~World() = default;

const TraceEvent* World::peek(Time until) { return host_->peek(until); }
std::optional<Time> World::peek_time(Time until) { return host_->peek_time(until); }
std::span<const TraceEvent> World::step() { return host_->step(); }
Time World::now() const { return host_->now(); }
void World::advance(Time until) { host_->advance(until); }

std::span<const TraceEvent> World::events() const { return host_->trace().events(); }
std::span<const effect::Note> World::notes() const { return host_->trace().notes(); }

FaultId World::inject(const Fault& fault) { return host_->inject(fault); }
void World::end(FaultId fault) { host_->end(fault); }
void World::end_all() { host_->end_all(); }
void World::start(ProcessId process) { host_->start(process); }
void World::schedule_input(ProcessId process, Time at, Bytes bytes) {
  host_->schedule_input(process, at, std::move(bytes));
}

std::size_t World::process_count() const { return host_->process_count(); }

std::string_view World::name(ProcessId process) const {
  if (process == shared_volume) return "disk";
  return host_->settings().processes.at(static_cast<std::size_t>(process)).name;
}

std::optional<ProcessId> World::find(std::string_view name) const {
  for (std::size_t i = 0; i < process_count(); ++i) {
    if (host_->settings().processes[i].name == name) return ProcessId{static_cast<std::uint32_t>(i)};
  }
  return std::nullopt;
}

ProcessState World::state(ProcessId process) const { return host_->state(process); }
std::uint64_t World::incarnation(ProcessId process) const { return host_->process(process).incarnation; }
Moment World::clocks(ProcessId process) const { return host_->process(process).clock.read(host_->now()); }
const std::vector<FaultRecord>& World::faults() const { return host_->faults().records(); }
std::string_view World::file_name(FileId file) const { return host_->files().name(file); }

std::vector<FileEntry> World::files(ProcessId process) const {
  const Disk& disk = host_->disk(process);
  std::vector<FileEntry> entries;
  for (const FileId name : disk.names()) entries.push_back({std::string(file_name(name)), disk.find(name)->size()});
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return entries;
}

std::optional<std::string> World::visible(ProcessId process, std::string_view file) const {
  const FileContent* const content = host_->disk(process).find(host_->files().known(file));
  if (!content) return std::nullopt;
  return content->visible();
}

std::optional<std::string> World::durable(ProcessId process, std::string_view file) const {
  const Disk disk = host_->disk(process).durable();
  const FileContent* const content = disk.find(host_->files().known(file));
  if (!content) return std::nullopt;
  return content->visible();
}

const Dice& World::dice() const { return host_->dice(); }
std::uint64_t World::hash() const { return host_->trace().hash(); }
std::uint64_t World::event_count() const { return host_->trace().next_index(); }
std::size_t World::memory() const { return host_->memory(); }

}  // namespace smalldb::sim
