#include "scenarios/lookout.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "scenarios/testing/stories.h"

namespace smalldb::scenarios {
namespace {

using testing::loaded;
using testing::recorded;
using testing::story_inputs;
using testing::times;

TEST_CASE("what fires before an event fires before it, at its time") {
  const std::string work =
      "workload: [{script: [wait 1s, put x=1, wait 1s, put x=2, wait 1s, put x=3]}]\nend: {until: 5s}\n";
  const Result usual = recorded(loaded(work));
  const Result result =
      recorded(loaded(work + "faults: [{kill: c1, when: before c1's operation 2 is issued, for: 300ms}]"));
  const auto usual_inputs = story_inputs(usual, "c1");
  REQUIRE(usual_inputs.size() == 3);
  CHECK(times(result, sim::EventKind::crashed, "c1") == std::vector<sim::Time>{usual_inputs[1]});
  // The second operation never reached its client; its user goes on with the third.
  const auto inputs = story_inputs(result, "c1");
  REQUIRE(inputs.size() == 2);
  CHECK(inputs[0] == usual_inputs[0]);
  CHECK(inputs[1] > usual_inputs[1] + milliseconds(300));
}

TEST_CASE("what fires before a file gets its name goes by that name") {
  const std::string work =
      "cluster: {clients: 1, store: {checkpoint_every_bytes: 1KiB}}\nworkload: [{generate: {count: 60}}]\n";
  const auto crashes = [&](const std::string& when) {
    return recorded(loaded(work + "faults: [{crash: a, when: " + when + ", for: 100ms, may_miss: on}]\n"));
  };
  const Result before = crashes("before a renames to meta");
  const Result after = crashes("after a renames to meta");
  REQUIRE(times(before, sim::EventKind::crashed, "a").size() == 1);
  CHECK(times(before, sim::EventKind::crashed, "a") == times(after, sim::EventKind::crashed, "a"));
  CHECK(times(before, sim::EventKind::disk_renamed, "a").front() > times(before, sim::EventKind::crashed, "a").front());
}

TEST_CASE("what fires after the nth event fires after that, once") {
  const std::string work = "workload: [{script: [wait 2s, put x=1, put x=2, put x=3, put x=4]}]\n";
  const Result result =
      recorded(loaded(work + "faults: [{pause: b, when: after b's 3rd fsync of log-*, for: 10ms}]\nend: {until: 5s}"));
  const auto paused = times(result, sim::EventKind::paused, "b");
  REQUIRE(paused.size() == 1);
  std::size_t syncs = 0;
  for (const sim::TraceEvent& event : result.recording->events) {
    if (event.kind == sim::EventKind::paused) break;
    if (event.kind != sim::EventKind::disk_synced || event.file == sim::no_file) continue;
    const bool of_b = result.recording->process_names[static_cast<std::size_t>(event.process)] == "b";
    syncs += of_b && result.recording->file_names[static_cast<std::size_t>(event.file)].starts_with("log-") ? 1 : 0;
  }
  CHECK(syncs == 3);
}

}  // namespace
}  // namespace smalldb::scenarios
