#include "scenarios/lives/judge_lives.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace smalldb::scenarios {
namespace {

using properties::Conclusion;

// These are about one process at a time, whoever else was recorded.
constexpr std::array<std::string_view, 2> of_one_process{"epochs_never_fall", "no_assertion"};
// These are about all that was ever answered or written, the time before included.
constexpr std::array<std::string_view, 4> of_all_time{"linearizability", "exactly_once", "definite_failure",
                                                      "no_lost_write"};

template <std::size_t Size>
bool is_among(const std::array<std::string_view, Size>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string unrecorded_nodes(const Joined& joined) {
  std::string names;
  for (std::size_t i = 0; i < joined.cast.size(); ++i) {
    if (joined.cast.members[i].part != properties::Part::node || joined.recorded[i]) continue;
    names += (names.empty() ? "" : ", ") + joined.cast.members[i].name;
  }
  return names;
}

bool all_began_empty(const Joined& joined) {
  return std::all_of(joined.lives.begin(), joined.lives.end(), [&](const LifeAccount& life) {
    const bool is_node = joined.cast.members[life.process].part == properties::Part::node;
    return !life.is_first || !is_node || life.began_empty;
  });
}

std::string why_not_judged(const properties::PropertyDescription& property, const Joined& joined) {
  if (property.liveness) return "a recording does not say from when on all was well";
  if (!joined.in_doubt.empty() && property.name != "no_assertion") {
    return "nothing says which of two lives of " + std::string(joined.cast.name(joined.in_doubt.front())) +
           " came first";
  }
  if (is_among(of_one_process, property.name)) return {};
  if (const std::string missing = unrecorded_nodes(joined); !missing.empty()) return "no recording of " + missing;
  const bool diverged = std::any_of(joined.lives.begin(), joined.lives.end(),
                                    [](const LifeAccount& life) { return life.divergence.has_value(); });
  if (diverged) return "what was recorded could not be gone through again to its end";
  if (joined.bytes_mismatched > 0) {
    return std::to_string(joined.bytes_mismatched) + " bytes arrived that are in no recording of who sent them";
  }
  if (joined.bytes_never_written > 0) {
    return std::to_string(joined.bytes_never_written) +
           " bytes stood on a disk that are in no recording of who wrote "
           "there";
  }
  if (is_among(of_all_time, property.name) && !all_began_empty(joined)) {
    return "the recordings do not begin with empty directories";
  }
  return {};
}

}  // namespace

bool LivesJudged::violated() const {
  return std::any_of(verdicts.begin(), verdicts.end(), [](const LivesVerdict& each) {
    return each.not_judged.empty() && each.verdict.conclusion == Conclusion::violated;
  });
}

bool LivesJudged::unknown() const {
  return std::any_of(verdicts.begin(), verdicts.end(), [](const LivesVerdict& each) {
    return each.not_judged.empty() && each.verdict.conclusion == Conclusion::unknown;
  });
}

LivesJudged LivesJudge::judged(const Joined& joined) {
  properties_.finish(joined.ended);
  LivesJudged judged;
  const std::vector<properties::Verdict> verdicts = properties_.verdicts();
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    judged.verdicts.push_back({verdicts[i], why_not_judged(properties::descriptions()[i], joined)});
  }
  judged.coverage = properties_.coverage().seen();
  return judged;
}

}  // namespace smalldb::scenarios
