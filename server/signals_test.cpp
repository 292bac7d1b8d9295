#include "server/signals.h"

#include <boost/asio/executor_work_guard.hpp>
#include <catch2/catch.hpp>
#include <csignal>

namespace smalldb::server {
namespace {

TEST_CASE("a signal that comes while nobody else listens is told, and ends nothing") {
  Signals signals;
  CHECK_FALSE(signals.told_to_end());
  std::raise(SIGHUP);
  CHECK_FALSE(signals.told_to_end());
  const int number = GENERATE(SIGTERM, SIGINT);
  std::raise(number);
  CHECK(signals.told_to_end());
}

TEST_CASE("a signal that a loop has taken and does not get to is told all the same") {
  Signals signals;
  {
    boost::asio::io_context loop;
    const auto busy = boost::asio::make_work_guard(loop);
    const boost::asio::signal_set of_server(loop, SIGTERM);
    std::raise(SIGTERM);
    loop.poll();
  }
  CHECK(signals.told_to_end());
}

}  // namespace
}  // namespace smalldb::server
