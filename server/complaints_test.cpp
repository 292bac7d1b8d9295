#include "server/complaints.h"

#include <catch2/catch.hpp>

namespace smalldb::server {
namespace {

using namespace std::chrono_literals;

TEST_CASE("the first is said at once, then one a minute, with how many there were") {
  Complaints complaints;
  const Complaints::Clock::time_point begin{};
  CHECK(complaints.due("a", begin) == 1u);
  for (int i = 1; i < 600; ++i) CHECK_FALSE(complaints.due("a", begin + i * 100ms));
  CHECK(complaints.due("a", begin + 60s) == 600u);
  CHECK_FALSE(complaints.due("a", begin + 61s));
  CHECK(complaints.due("a", begin + 10min) == 2u);
}

TEST_CASE("each has a bound of its own, and what went well for long is said at once again") {
  Complaints complaints;
  const Complaints::Clock::time_point begin{};
  CHECK(complaints.due("a", begin) == 1u);
  CHECK(complaints.due("b", begin + 1s) == 1u);
  CHECK(complaints.due("c", begin + 10min) == 1u);
  CHECK(complaints.due("a", begin + 10min) == 1u);
}

TEST_CASE("whoever goes wrong in ever new ways fills neither the memory nor the log") {
  Complaints complaints;
  const Complaints::Clock::time_point begin{};
  std::size_t said = 0;
  for (int i = 0; i < 10'000; ++i) said += complaints.due("way " + std::to_string(i), begin + i * 1ms) ? 1 : 0;
  CHECK(said == Complaints::kinds_max + 1);
  CHECK(complaints.due("another", begin + 61s) == 10'000 - Complaints::kinds_max);
}

}  // namespace
}  // namespace smalldb::server
