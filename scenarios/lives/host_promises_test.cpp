#include "scenarios/lives/host_promises.h"

#include <catch2/catch.hpp>

#include "model/host_side.h"

namespace smalldb::scenarios {
namespace {

struct Fixture {
  HostPromises promises;
  HostEffects effects;

  void step(const Event& event) {
    REQUIRE(promises.broken_by(event).empty());
    promises.on_step(event, effects.recorded());
    effects.recorded().clear();
  }
  std::string broken_by(const Event& event) const { return promises.broken_by(event); }
};

DiskDone answer(std::uint64_t token, Bytes bytes = {}) { return {DiskToken{token}, DiskStatus::ok, bytes, nullptr}; }

TEST_CASE_METHOD(Fixture, "a machine starts first, and once") {
  CHECK(broken_by(Input{}) == "it has not started");
  step(Started{});
  CHECK(broken_by(Started{}) == "it starts again");
  effects.stop({});
  step(Input{});
  CHECK(broken_by(Input{}) == "it has stopped");
}

TEST_CASE_METHOD(Fixture, "the disk answers each question once, and what was asked") {
  effects.list(DiskToken{1});
  effects.read(DiskToken{2}, "log", 0, 3);
  step(Started{});
  CHECK(broken_by(answer(3)) == "the disk answers what it was not asked");
  CHECK(broken_by(answer(1)) == "the disk lists no files where it was asked to");
  CHECK(broken_by(answer(2, Bytes::copy("four"))) == "the disk reads more than it was asked for");
  step(answer(2, Bytes::copy("two")));
  CHECK(broken_by(answer(2)) == "the disk answers what it was not asked");
  DiskDone failed = answer(1);
  failed.status = DiskStatus::failed;
  step(failed);
}

TEST_CASE_METHOD(Fixture, "a timer fires that is armed, and a connection is there") {
  effects.set_timer(TimerId{0}, Instant{5});
  effects.set_timer(TimerId{1}, Instant{5});
  effects.cancel_timer(TimerId{1});
  effects.connect(ProcessId{1}, Port::replication);
  step(Started{});
  CHECK(broken_by(TimerFired{TimerId{1}}) == "a timer fires that is not armed");
  step(TimerFired{TimerId{0}});
  CHECK(broken_by(TimerFired{TimerId{0}}) == "a timer fires that is not armed");
  step(Connected{Link{1}});
  const Event words = Received{Link{2}, {}};
  CHECK(broken_by(words) == "there is no such connection");
  CHECK(broken_by(Closed{Link{0}, CloseReason::reset}) == "there is no such connection");
  step(HostEvents::accepted(effects.take_link(), no_process, Port::client));
  step(words);
}

}  // namespace
}  // namespace smalldb::scenarios
