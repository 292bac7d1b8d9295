#include "scenarios/notation.h"

#include <catch2/catch.hpp>

#include <string>

namespace smalldb::scenarios::notation {
namespace {

std::string ignored;

// A duration that cannot be read is written as what was expected.
std::string duration(std::string_view text, Sign sign = Sign::none) {
  std::string expected;
  const auto read = read_duration(text, expected, sign);
  return read ? write_duration(*read) : expected;
}

TEST_CASE("durations are read as people write them") {
  CHECK(read_duration("100ms", ignored) == milliseconds(100));
  CHECK(read_duration("1.5s", ignored) == milliseconds(1500));
  CHECK(read_duration("2 min", ignored) == seconds(120));
  CHECK(read_duration("1h 30min", ignored) == seconds(5400));
  CHECK(read_duration("250 µs", ignored) == microseconds(250));
  CHECK(read_duration("0", ignored) == Duration{});
  CHECK(read_duration("-20ms", ignored, Sign::allowed) == milliseconds(-20));
}

TEST_CASE("durations that mean nothing are not read") {
  for (const char* text :
       {"", "5", "ms", "5 parsecs", "-5ms", "1.5ns", "5ms!", "1e3s", "1..2ms", "99999999999999999999"}) {
    INFO(text);
    CHECK(duration(text) == "a duration, as 100ms, 1.5s or 2 min");
  }
}

TEST_CASE("of what is only too large the bound is said") {
  for (const char* text : {"24001h", "9999999999h", "18446744073709551615s", "99999999999999999999999s", "24000h 1s",
                           "99999h!", "99999.5 h"}) {
    INFO(text);
    CHECK(duration(text) == "a length of time up to 24000h");
  }
  CHECK(duration("24000h") == "24000h");
  CHECK(duration("-99999h", Sign::allowed) == "a length of time up to 24000h");
  std::string expected;
  CHECK_FALSE(read_distribution("1ms..99999h", expected));
  CHECK(expected == "a length of time up to 24000h");
  CHECK_FALSE(read_distribution("20000h..10000h", expected));
  CHECK(expected.starts_with("a distribution"));
  CHECK_FALSE(read_size("100000000000000000000000000", expected));
  CHECK(expected == "a size up to 1048576GiB");
  CHECK_FALSE(read_size_range("1..9999999999 GiB", expected));
  CHECK(expected == "a size up to 1048576GiB");
  CHECK_FALSE(read_bandwidth("9999999999 GiB/s", expected));
  CHECK(expected == "a size up to 1048576GiB");
  CHECK_FALSE(read_rate("9999999999999/s", expected));
  CHECK(expected == "a rate up to 1000000000/s");
  CHECK_FALSE(read_step("put x=1 if revision 99999999999999999999", expected));
  CHECK(expected == "a revision below 2^64");
}

TEST_CASE("a decimal is read exactly or not at all") {
  CHECK(read_duration("0.000000001s", ignored) == nanoseconds(1));
  CHECK_FALSE(read_duration("0.0000000001s", ignored));
  CHECK(read_size("1.5 KiB", ignored) == 1536);
  CHECK_FALSE(read_size("1.3 B", ignored));
}

TEST_CASE("durations are written in the largest unit that fits") {
  CHECK(duration("1500ms") == "1500ms");
  CHECK(duration("120s") == "2min");
  CHECK(duration("-3600s", Sign::allowed) == "-1h");
  CHECK(duration("0ms") == "0s");
}

TEST_CASE("sizes and bandwidths") {
  CHECK(read_size("512", ignored) == 512);
  CHECK(read_size("4 KiB", ignored) == 4096);
  CHECK(read_size("64 kB", ignored) == 64000);
  CHECK_FALSE(read_size("4 KB/s", ignored));
  CHECK_FALSE(read_size("99999999999 GiB", ignored));
  CHECK(read_bandwidth("10 MiB/s", ignored) == 10u * 1024 * 1024);
  CHECK(read_bandwidth("0", ignored) == 0);
  CHECK_FALSE(read_bandwidth("10 MiB", ignored));
  CHECK(write_bandwidth(1536) == "1536/s");
}

TEST_CASE("ratios are read in lowest terms") {
  const auto ratio = [](std::string_view text) {
    const auto read = read_ratio(text, ignored);
    return read ? write_ratio(*read) : "none";
  };
  CHECK(ratio("1/50") == "1/50");
  CHECK(ratio("2 %") == "1/50");
  CHECK(ratio("0.02") == "1/50");
  CHECK(ratio("10/500") == "1/50");
  CHECK(ratio("2.5%") == "1/40");
  CHECK(ratio("never") == "0");
  CHECK(ratio("always") == "1");
  CHECK(ratio("3/2") == "none");
  CHECK(ratio("1/0") == "none");
  CHECK(ratio("200 %") == "none");
  CHECK(ratio("-1/2") == "none");
}

TEST_CASE("drifts are read in millionths, billionths and ratios") {
  CHECK(read_drift("100 ppm", ignored) == 100'000);
  CHECK(read_drift("-50 ppb", ignored) == -50);
  CHECK(read_drift("1/1000", ignored) == 1'000'000);
  CHECK(read_drift("-2 %", ignored) == -20'000'000);
  CHECK_FALSE(read_drift("1/3", ignored));
  CHECK_FALSE(read_drift("95 %", ignored));
}

TEST_CASE("distributions are read and written the same") {
  for (const char* text :
       {"5ms", "1ms..5ms", "exponential 2ms", "exponential 2ms from 1ms up to 50ms", "pareto 1ms..10s",
        "1ms..5ms, 1/100 of them 50ms..100ms", "pareto 1ms", "exponential 1s up to 1min"}) {
    INFO(text);
    const auto read = read_distribution(text, ignored);
    REQUIRE(read);
    CHECK(write_distribution(*read) == text);
  }
  CHECK(read_distribution("uniform 1ms to 5ms", ignored) == sim::uniform(milliseconds(1), milliseconds(5)));
  CHECK(read_distribution("3ms..3ms", ignored) == sim::constant(milliseconds(3)));
}

TEST_CASE("distributions that cannot be are not read") {
  for (const char* text : {"5ms..1ms", "exponential", "exponential 1ms from 2ms", "exponential 5ms up to 1ms",
                           "gauss 1ms", "1ms..5ms, 0 of them 1s", "pareto 0..1s", "1ms..5ms,"}) {
    INFO(text);
    CHECK_FALSE(read_distribution(text, ignored));
  }
}

TEST_CASE("rates become intervals") {
  CHECK(read_rate("100/s", ignored) == sim::constant(milliseconds(10)));
  CHECK(read_rate("6000/min", ignored) == sim::constant(milliseconds(10)));
  CHECK(read_rate("0.5/s", ignored) == sim::constant(seconds(2)));
  CHECK(read_rate("exponential 10/s", ignored) == sim::exponential({}, milliseconds(100)));
  CHECK_FALSE(read_rate("0/s", ignored));
  CHECK_FALSE(read_rate("100", ignored));
}

TEST_CASE("links are read with arrows") {
  CHECK(read_links("a -> b", ignored) == Links{{"a"}, {"b"}, false});
  CHECK(read_links("a<->b", ignored) == Links{{"a"}, {"b"}, true});
  CHECK(read_links("a, c1 -> [b, arbiter]", ignored) == Links{{"a", "c1"}, {"b", "arbiter"}, false});
  CHECK(read_links("the primary -> *", ignored) == Links{{"primary"}, {"all"}, false});
  CHECK_FALSE(read_links("a - b", ignored));
  CHECK_FALSE(read_links("a, a -> b", ignored));
  CHECK_FALSE(read_links("a -> b -> c", ignored));
}

TEST_CASE("steps of a script are read and written the same") {
  for (const char* text : {"get x", "put x=1", "put x=1 if absent", "delete x if unchanged", "put x= if exists",
                           "put x=2 if revision 7", "wait 100ms", "wait until b goes live"}) {
    INFO(text);
    const auto read = read_step(text, ignored);
    REQUIRE(read);
    CHECK(write_step(*read) == text);
  }
  for (const char* text :
       {R"(put x="." times 13)", R"(put x="\"" times 1048576 if absent)", R"(put x="1 if absent" if exists)",
        R"(put x=" 1")", R"(put x="two words" if absent)", R"(put x=if)", R"(put x="\"1\" \\ 2")"}) {
    INFO(text);
    const auto read = read_step(text, ignored);
    REQUIRE(read);
    CHECK(write_step(*read) == text);
  }
  const auto often = [&](const char* text) { return std::get<Operation>(read_step(text, ignored).value()); };
  CHECK(often(R"(put x="ab" times 3)").value == "ababab");
  CHECK(often(R"(put x="" times 3)").value.empty());
  CHECK(often(R"(put x="." times 1_000 if exists)").value == std::string(1000, '.'));
  CHECK(often(R"(put x="." times 1_000 if exists)").condition == Operation::Condition::exists);
  CHECK(std::get<Operation>(*read_step(R"(put x="1 if absent" if exists)", ignored)).value == "1 if absent");
  CHECK(std::get<Operation>(*read_step(R"(put x = "a=b")", ignored)).value == "a=b");
  CHECK(std::get<Operation>(*read_step(R"(put x "a=b")", ignored)).value == "a=b");
  CHECK(std::get<Operation>(*read_step(R"(put x "" if absent)", ignored)).value.empty());
  CHECK(std::get<Operation>(*read_step("put x 1", ignored)).value == "1");
  CHECK(std::get<Operation>(*read_step(R"(put "k"=1)", ignored)).key == R"("k")");
  CHECK(std::get<Operation>(*read_step("put x=a=b", ignored)).value == "a=b");
  for (const char* text : {"",
                           "put",
                           "put x",
                           "get",
                           "get x y",
                           "increment x",
                           "put x=1 if lucky",
                           "put x=1 if",
                           "put x=two words",
                           "put x=two words if absent",
                           "put x two words",
                           "put x=. times 3",
                           "put x=a = b",
                           R"(put x=a "b")",
                           "delete x if",
                           "put x=1 if absent if exists",
                           "put x=1 if 2 if absent",
                           "delete x if exists if exists",
                           "put x if absent",
                           "put \"x y\"=1",
                           "put x=\"1",
                           "put x=\"1\" 2",
                           "put x=\"1\\",
                           "put x=\".\" times",
                           "put x=\".\" times 0",
                           "put x=\".\" times 1.5",
                           "put x=\".\" times 1048577",
                           "put x=\"..\" times 18446744073709551615",
                           "put x=\".\" times 2if absent",
                           "wait",
                           "wait until never"}) {
    INFO(text);
    CHECK_FALSE(read_step(text, ignored));
  }
}

TEST_CASE("skews and ordinals") {
  CHECK(read_skew("80 % on 20 % of the keys", ignored) == Skew{Skew::Shape::hot, {4, 5}, {1, 5}});
  CHECK(read_skew("zipf", ignored) == Skew{Skew::Shape::zipf, {}, {}});
  CHECK_FALSE(read_skew("80 %", ignored));
  CHECK(read_ordinal("second") == 2);
  CHECK(read_ordinal("22nd") == 22);
  CHECK(read_ordinal("other") == 0);
  CHECK(write_ordinal(11) == "11th");
  CHECK(write_ordinal(103) == "103rd");
}

}  // namespace
}  // namespace smalldb::scenarios::notation
