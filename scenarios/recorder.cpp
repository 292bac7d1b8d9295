#include "scenarios/recorder.h"

#include <algorithm>
#include <cstdint>

namespace smalldb::scenarios {

void Recorder::take(std::span<const sim::TraceEvent> events, const sim::World& world) {
  if (recording_ == nullptr) recording_ = std::make_shared<Recording>();
  if (recording_.use_count() > 1) recording_ = std::make_shared<Recording>(*recording_);  // a fork's own from here on
  for (const sim::TraceEvent& event : events) {
    sim::TraceEvent& kept = recording_->events.emplace_back(event);
    if (event.kind != sim::EventKind::note) continue;
    kept.a = recording_->notes.size();
    recording_->notes.push_back(world.notes()[event.a]);
  }
}

std::shared_ptr<const Recording> Recorder::recording(const sim::World& world, const Numbers& numbers) const {
  if (recording_ == nullptr) return nullptr;
  auto recording = std::make_shared<Recording>(*recording_);
  recording->process_names = numbers.names();
  for (const sim::FaultRecord& record : world.faults()) recording->faults.push_back(record.fault);
  std::uint32_t files = 0;
  for (const sim::TraceEvent& event : recording->events) {
    if (event.file != sim::no_file) files = std::max(files, static_cast<std::uint32_t>(event.file) + 1);
  }
  for (std::uint32_t i = 0; i < files; ++i) recording->file_names.emplace_back(world.file_name(sim::FileId{i}));
  return recording;
}

}  // namespace smalldb::scenarios
