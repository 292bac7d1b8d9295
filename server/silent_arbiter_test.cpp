#include "server/silent_arbiter.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "server/testing/temporary_directory.h"

namespace smalldb::server {
namespace {

using namespace std::chrono_literals;

struct Fixture {
  TemporaryDirectory directory;
  const std::string path = directory.path() + "/log";
  Journal journal{path};
  boost::asio::io_context loop;
  NodeStatus status;

  Fixture() {
    status.claiming = true;
    status.epoch = Epoch{1};
  }
  SilentArbiter with(std::chrono::nanoseconds patience) {
    return {loop, journal, [this] { return status; }, patience};
  }
  std::string logged() const {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST_CASE_METHOD(Fixture, "an arbiter that stays silent is warned of, once for a claim") {
  SilentArbiter arbiter = with(0ns);
  arbiter.on_note(Epoch{2}, {{"epoch_wanted", 2}});
  CHECK(logged().empty());
  loop.run();
  CHECK_THAT(logged(), Catch::EndsWith(" warning event=arbiter_unreachable epoch_wanted=2\n"));
  CHECK(logged().find('\n') == logged().size() - 1);
}

TEST_CASE_METHOD(Fixture, "an arbiter that takes its time over a grant is not warned of") {
  SilentArbiter arbiter = with(0ns);
  arbiter.on_note(Epoch{2}, {});
  SECTION("it has answered") { status.claiming = false; }
  SECTION("it has answered, and the next epoch is asked for") { status.epoch = Epoch{2}; }
  loop.run();
  CHECK(logged().empty());
}

TEST_CASE_METHOD(Fixture, "an arbiter is not warned of before the time") {
  SilentArbiter arbiter = with(1h);
  arbiter.on_note(Epoch{2}, {});
  loop.poll();
  CHECK(logged().empty());
}

}  // namespace
}  // namespace smalldb::server
