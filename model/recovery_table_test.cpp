#include "model/recovery_table.h"

#include <catch2/catch.hpp>

#include <cstddef>
#include <set>

namespace smalldb {
namespace {

TEST_CASE("S11 every combination of what may stand in a log has one row, and the decision is this one") {
  using enum Decision;
  // For each state: what is decided in the last segment, with nothing, something within a write, and something beyond a
  // write behind it; then the same for a segment that another one follows.
  const struct {
    RecordState state;
    Decision last[behinds];
    Decision followed[behinds];
  } expected[] = {
      {RecordState::end, {go_on, go_on, go_on}, {go_on, go_on, go_on}},
      {RecordState::gap, {stop, stop, stop}, {stop, stop, stop}},
      {RecordState::whole, {go_on, go_on, go_on}, {go_on, go_on, go_on}},
      {RecordState::zeros, {cut, cut, cut}, {stop, stop, stop}},
      {RecordState::short_header, {cut, cut, cut}, {stop, stop, stop}},
      {RecordState::short_body, {cut, cut, cut}, {stop, stop, stop}},
      {RecordState::missing_sector, {cut, cut, stop}, {stop, stop, stop}},
      {RecordState::rotten, {stop, stop, stop}, {stop, stop, stop}},
      {RecordState::stranger, {stop, stop, stop}, {stop, stop, stop}},
      {RecordState::unreadable, {stop, stop, stop}, {stop, stop, stop}},
  };
  REQUIRE(std::size(expected) == record_states);
  std::set<char> letters;
  for (const auto& row : expected) {
    for (std::size_t behind = 0; behind < behinds; ++behind) {
      INFO("state " << static_cast<int>(row.state) << ", behind " << behind);
      // judge() asserts that exactly one row matches.
      const RecoveryRow& last = judge(row.state, static_cast<Behind>(behind), Place::last_segment);
      const RecoveryRow& followed = judge(row.state, static_cast<Behind>(behind), Place::followed);
      CHECK(last.decision == row.last[behind]);
      CHECK(followed.decision == row.followed[behind]);
      letters.insert({last.letter, followed.letter});
    }
  }
  REQUIRE(letters.size() == 18);  // no row is never reached, and none shares its letter
}

TEST_CASE("S11 nothing but a tear is cut, and only at the very end") {
  for (std::size_t state = 0; state < record_states; ++state) {
    for (std::size_t behind = 0; behind < behinds; ++behind) {
      const auto& row = judge(static_cast<RecordState>(state), static_cast<Behind>(behind), Place::followed);
      CHECK(row.decision != Decision::cut);
      CHECK(!row.finding.empty());
    }
  }
}

}  // namespace
}  // namespace smalldb
