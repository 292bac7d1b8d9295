#include "scenarios/campaign/difference.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "sim/trace_hash.h"
#include "sim/world.h"

namespace smalldb::scenarios {
namespace {

// One of the two runs, call by call of its world.
class Side {
 public:
  explicit Side(const Scenario& scenario) : calls_(std::make_shared<std::deque<Call>>()), run_(scenario, options()) {}

  struct Call {
    std::uint64_t hash = 0;
    std::vector<sim::TraceEvent> events;
    std::vector<effect::Note> notes;
  };

  // The next call that made events; nothing if the run is over.
  std::optional<Call> next() {
    while (calls_->empty() && !over_) over_ = !run_.step();
    if (calls_->empty()) return std::nullopt;
    Call call = std::move(calls_->front());
    calls_->pop_front();
    return call;
  }

  const sim::World& world() const { return run_.world(); }

 private:
  RunOptions options() const {
    RunOptions options;
    options.events_max = 20'000'000;
    options.reader = [calls = calls_](const sim::World& world) {
      calls->push_back(
          {world.hash(), {world.events().begin(), world.events().end()}, {world.notes().begin(), world.notes().end()}});
    };
    return options;
  }

  std::shared_ptr<std::deque<Call>> calls_;  // the run's reader fills it
  Run run_;
  bool over_ = false;
};

void record(const Side::Call& call, Recording& recording) {
  for (const sim::TraceEvent& event : call.events) {
    sim::TraceEvent& kept = recording.events.emplace_back(event);
    if (event.kind != sim::EventKind::note) continue;
    kept.a = recording.notes.size();
    recording.notes.push_back(call.notes[event.a]);
  }
}

void keep_last(std::size_t count, Recording& recording) {
  if (recording.events.size() <= count) return;
  recording.events.erase(recording.events.begin(), recording.events.end() - static_cast<std::ptrdiff_t>(count));
}

void add_names(const sim::World& world, const Scenario& scenario, Recording& recording) {
  recording.process_names = process_names(scenario.cluster);
  for (const sim::FaultRecord& record : world.faults()) recording.faults.push_back(record.fault);
  std::uint32_t files = 0;
  for (const sim::TraceEvent& event : recording.events) {
    if (event.file != sim::no_file) files = std::max(files, static_cast<std::uint32_t>(event.file) + 1);
  }
  for (std::uint32_t file = 0; file < files; ++file)
    recording.file_names.emplace_back(world.file_name(sim::FileId{file}));
}

std::uint64_t hash_of(const Side::Call& call, std::size_t place) {
  sim::TraceHash hash;
  hash.add(call.events[place]);
  if (call.events[place].kind == sim::EventKind::note) hash.add(call.notes[call.events[place].a]);
  return hash.value();
}

}  // namespace

std::optional<Difference> first_difference(const Scenario& one, const Scenario& other, std::size_t context) {
  Side a(one), b(other);
  Difference difference;
  std::uint64_t events = 0;
  for (;;) {
    const std::optional<Side::Call> of_a = a.next(), of_b = b.next();
    if (!of_a && !of_b) return std::nullopt;
    if (of_a && of_b && of_a->hash == of_b->hash) {
      record(*of_a, difference.one);
      record(*of_b, difference.other);
      events += of_a->events.size();
      if (difference.one.events.size() > 64 * (context + 1)) {
        keep_last(context, difference.one);
        keep_last(context, difference.other);
      }
      continue;
    }
    std::size_t same = 0;
    while (of_a && of_b && same < of_a->events.size() && same < of_b->events.size() &&
           hash_of(*of_a, same) == hash_of(*of_b, same)) {
      ++same;
    }
    difference.event = events + same;
    keep_last(context, difference.one);
    keep_last(context, difference.other);
    if (of_a) record(*of_a, difference.one);
    if (of_b) record(*of_b, difference.other);
    add_names(a.world(), one, difference.one);
    add_names(b.world(), other, difference.other);
    return difference;
  }
}

}  // namespace smalldb::scenarios
