// Histories by hand for the tests of this folder, with what is wrong with them.
#pragma once

#include <catch2/catch.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "properties/checker/check.h"
#include "properties/checker/formats/reader.h"

namespace smalldb::reports {

// REQUIRES: a history in one of the formats.
inline checker::History history_of(std::string_view text) {
  checker::Text source(text);
  checker::Read read = checker::read(source);
  REQUIRE(std::holds_alternative<checker::History>(read));
  return std::get<checker::History>(std::move(read));
}

inline constexpr std::string_view stale_read_text = R"({"at":1,"process":"c1","call":"put","key":"x","value":"1"}
{"at":3,"process":"c1","return":"ok","revision":1}
{"at":4,"begins":"a <-> b: nothing passes"}
{"at":5,"process":"c1","call":"put","key":"x","value":"2"}
{"at":8,"process":"c1","return":"ok","revision":2}
{"at":9,"ends":"a <-> b: nothing passes"}
{"at":9,"process":"c3","call":"put","key":"x","value":"3"}
{"at":11,"process":"c2","call":"get","key":"x"}
{"at":14,"process":"c2","return":"ok","value":"1"}
)";

inline checker::Violation violation_of(checker::Anomaly anomaly, std::vector<std::size_t> operations,
                                       std::size_t culprit, checker::Instant good_until,
                                       std::vector<checker::ValueId> states = {},
                                       std::optional<std::size_t> other = {}) {
  checker::Violation violation;
  violation.anomaly = anomaly;
  violation.engine = checker::Engine::zones;
  violation.operations = std::move(operations);
  violation.culprit = culprit;
  violation.other = other;
  violation.good_until = good_until;
  violation.good_until_is_last = true;
  violation.states = std::move(states);
  violation.has_all_states = true;
  violation.is_minimal = true;
  return violation;
}

// The get of the text above is wrong.
inline checker::Verdict stale_read_verdict(const checker::History& history) {
  checker::Verdict verdict;
  verdict.conclusion = checker::Conclusion::violated;
  verdict.keys.push_back(
      {checker::KeyId{0}, checker::Conclusion::violated, checker::Engine::zones, 4, 7, checker::never});
  verdict.violation = violation_of(checker::Anomaly::stale_read, {0, 1, 3}, 3, 11,
                                   {history.operations()[1].argument, history.operations()[2].argument}, 1);
  return verdict;
}

}  // namespace smalldb::reports
