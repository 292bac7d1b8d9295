#include "properties/checker/anomaly.h"

#include <catch2/catch.hpp>

#include <optional>
#include <string>

#include "properties/checker/testing/told.h"

namespace smalldb::checker {

using testing::Told;
using testing::violation_of;

TEST_CASE("That nobody saw a write is not said where its value was seen, nor that it came last where it may have not") {
  Told told;
  told.add(Verb::get, 1, 2, nullptr);
  told.add(Verb::put, 3, 8, "b");
  told.swap(4, 5, nullptr, "a");
  told.add(Verb::put, 6, 7, "b");
  told.add(Verb::get, 9, 10, "a");
  CHECK(name(violation_of(told.history).anomaly) == "no order");
}

TEST_CASE("A value that can never have been there is not called older than another") {
  Told told;
  told.swap(1, 7, nullptr, nullptr);
  told.add(Verb::get, 2, 8, "a");
  told.swap(3, 6, nullptr, "a");
  told.add(Verb::put, 5, 18, "a");
  told.swap(10, 17, nullptr, "b");
  told.add(Verb::get, 11, 15, "b");
  CHECK(name(violation_of(told.history).anomaly) == "no order");
}

TEST_CASE("A write that was refused has overwritten nothing, and one that came first neither") {
  Told told;
  told.add(Verb::put, 1, 2, "b");
  told.add(Verb::get, 3, 8, "a");
  told.swap(4, never, nullptr, "a", Outcome::unknown);
  CHECK(name(violation_of(told.history).anomaly) == "no order");
}

TEST_CASE("Of a value that only a refused write of another could have led to, that write is not blamed") {
  Told told;
  told.swap(1, 11, nullptr, "b", Outcome::mismatched);
  told.swap(4, 10, "b", "a");
  told.add(Verb::get, 5, 6, "a");
  CHECK(name(violation_of(told.history).anomaly) == "no order");
}

TEST_CASE("A compare-and-set that found what nobody wrote, or only a write in vain, is told as one") {
  Told told;
  if (GENERATE(false, true)) told.add(Verb::put, 0, 1, "a", Outcome::failed);
  const bool in_vain = !told.history.operations().empty();
  const std::size_t swap = told.swap(3, 10, "a", "c");
  told.add(Verb::put, 11, 12, "d");
  const Violation violation = violation_of(told.history);
  CHECK(name(violation.anomaly) == (in_vain ? "dirty read" : "phantom value"));
  CHECK(violation.other == (in_vain ? std::optional<std::size_t>(0) : std::nullopt));
  CHECK(violation.culprit == swap);
}

TEST_CASE("That the end of a chain of unknown compare-and-sets was read before its beginning is told as that") {
  Told told;
  told.add(Verb::put, 1, 2, "0");
  for (int n = 1; n <= 300; ++n) {
    told.swap(10 + n, never, std::to_string(n - 1).c_str(), std::to_string(n).c_str(), Outcome::unknown);
  }
  const std::size_t end = told.add(Verb::get, 1000, 1001, "300");
  told.add(Verb::get, 1002, 1003, "1");
  const Violation violation = violation_of(told.history);
  CHECK(name(violation.anomaly) == "non-monotonic read");
  CHECK(violation.other == end);
}

TEST_CASE("Of appends: what is missing in a read is lost, what was there before is stale, and what grew is newer") {
  Told told;
  told.add(Verb::append, 1, 2, "a,");
  SECTION("lost") {
    const std::size_t lost = told.add(Verb::append, 3, 4, "b,");
    told.add(Verb::append, 5, 6, "c,");
    told.add(Verb::get, 7, 8, "a,c,");
    const Violation violation = violation_of(told.history);
    CHECK(name(violation.anomaly) == "lost update");
    CHECK(violation.other == lost);
  }
  SECTION("stale") {
    told.add(Verb::get, 3, 4, "a,");
    const std::size_t later = told.add(Verb::append, 5, 6, "b,");
    told.add(Verb::get, 7, 8, "a,");
    const Violation violation = violation_of(told.history);
    CHECK((name(violation.anomaly) == "stale read" || name(violation.anomaly) == "lost update"));
    CHECK(violation.other == later);
  }
  SECTION("stale, of what a put had left") {
    told.add(Verb::put, 3, 4, "p,");
    const std::size_t later = told.add(Verb::append, 5, 6, "b,");
    told.add(Verb::get, 7, 8, "p,");
    const Violation violation = violation_of(told.history);
    CHECK(name(violation.anomaly) == "stale read");
    CHECK(violation.other == later);
  }
  SECTION("non-monotonic") {
    told.add(Verb::append, 3, 20, "b,");
    const std::size_t before = told.add(Verb::get, 5, 6, "a,b,");
    told.add(Verb::get, 7, 8, "a,");
    const Violation violation = violation_of(told.history);
    CHECK(name(violation.anomaly) == "non-monotonic read");
    CHECK(violation.other == before);
  }
  SECTION("twice") {
    const std::size_t twice = told.add(Verb::append, 3, 20, "b,");
    told.add(Verb::get, 5, 6, "a,b,b,");
    const Violation violation = violation_of(told.history);
    CHECK(name(violation.anomaly) == "duplicate effect");
    CHECK(violation.other == twice);
  }
}

}  // namespace smalldb::checker
