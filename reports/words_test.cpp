#include "reports/words.h"

#include <catch2/catch.hpp>

#include "reports/test_support.h"

namespace smalldb::reports {

TEST_CASE("seconds have six decimals and are cut off, not rounded") {
  CHECK(seconds_text({0}) == "0.000000");
  CHECK(seconds_text({3'204'117'999}) == "3.204117");
  CHECK(seconds_text({3'600'000'000'001'000}) == "3600000.000001");
}

TEST_CASE("a duration is told in the largest unit that keeps it short") {
  CHECK(duration_text({}) == "0");
  CHECK(duration_text(seconds(90)) == "90 s");
  CHECK(duration_text(milliseconds(1500)) == "1.5 s");
  CHECK(duration_text(milliseconds(250)) == "250 ms");
  CHECK(duration_text(microseconds(1002)) == "1.002 ms");
  CHECK(duration_text(nanoseconds(1'000'000'007)) == "1000000007 ns");
}

TEST_CASE("how long something took is told with three digits") {
  CHECK(rounded_text({}) == "0 s");
  CHECK(rounded_text({999}) == "999 ns");
  CHECK(rounded_text({1'234'567}) == "1.23 ms");
  CHECK(rounded_text({12'999'999}) == "12.9 ms");
  CHECK(rounded_text({612'000'000'000}) == "612 s");
}

TEST_CASE("ratios and distributions are told as people write them") {
  CHECK(ratio_text({1, 50}) == "1/50");
  CHECK(ratio_text({0, 7}) == "never");
  CHECK(ratio_text({7, 7}) == "always");
  CHECK(distribution_text(sim::constant(milliseconds(2))) == "2 ms");
  CHECK(distribution_text(sim::uniform(milliseconds(1), milliseconds(5))) == "1 ms .. 5 ms");
  CHECK(distribution_text(sim::exponential(milliseconds(1), milliseconds(2))) == "about 2 ms, at least 1 ms");
  CHECK(distribution_text(sim::with_tail(sim::constant({}), {1, 200}, milliseconds(2), milliseconds(10))) ==
        "0, but 1/200 of the time 2 ms .. 10 ms");
}

TEST_CASE("links that are cut both ways are told once") {
  const TestNames names;
  CHECK(links_text({}, names) == "all links");
  CHECK(links_text(std::vector<sim::Direction>{}, names).empty());
  CHECK(links_text({{{a, b}}}, names) == "a -> b");
  CHECK(links_text({{{a, b}, {b, a}}}, names) == "a <-> b");
  CHECK(links_text({{{a, b}, {c1, b}, {b, a}}}, names) == "a <-> b, c1 -> b");
  CHECK(links_text({{{a, sim::shared_volume}}}, names) == "a -> disk");
}

}  // namespace smalldb::reports
