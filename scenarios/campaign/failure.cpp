#include "scenarios/campaign/failure.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "properties/properties.h"
#include "scenarios/judge.h"

namespace smalldb::scenarios {
namespace {

using properties::Conclusion;

bool contains(const std::vector<Name>& names, std::string_view word) {
  return std::find(names.begin(), names.end(), word) != names.end();
}

std::string ended_by(EndReason reason) { return "ended by " + std::string(name(reason)); }

bool is_word_part(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// A number with its unit: 3, 2nd, 5ms, 1.000321.
bool is_number(std::string_view word) {
  return !word.empty() && std::isdigit(static_cast<unsigned char>(word[0])) != 0;
}

std::optional<Failure> violated_property(const Result& result) {
  const auto described = properties::descriptions();
  // The judgement has the last word: what could not be otherwise is no failure.
  const auto is_missed = [&](std::string_view property) {
    return std::any_of(result.judgements.begin(), result.judgements.end(), [&](const Judgement& judgement) {
      return judgement.met == Judgement::Met::no && judgement.what.starts_with(std::string(property) + " holds");
    });
  };
  // Of several, the one that was seen first, which ended the run.
  std::optional<std::size_t> first;
  for (std::size_t place = 0; place < result.verdicts.size(); ++place) {
    const properties::Verdict& verdict = result.verdicts[place];
    if (verdict.conclusion != Conclusion::violated || !is_missed(described[place].name)) continue;
    if (!first || verdict.at < result.verdicts[*first].at) first = place;
  }
  if (!first) return std::nullopt;
  const properties::Verdict& verdict = result.verdicts[*first];
  return Failure{{std::string(described[*first].name), verdict.kind}, verdict.witness};
}

}  // namespace

std::string shape_of(std::string_view judged, const Cluster& cluster) {
  std::string shape;
  for (std::size_t at = 0; at < judged.size();) {
    std::size_t end = at;
    while (end < judged.size() && is_word_part(judged[end])) ++end;
    if (end == at) {
      shape += judged[at++];
      continue;
    }
    std::string_view word = judged.substr(at, end - at);
    if (is_number(word)) {
      // A fraction belongs to its number.
      while (end + 1 < judged.size() && judged[end] == '.' && is_word_part(judged[end + 1])) {
        ++end;
        while (end < judged.size() && is_word_part(judged[end])) ++end;
      }
      shape += "#";
    } else if (contains(cluster.nodes, word)) {
      shape += "N";
    } else if (contains(cluster.clients, word)) {
      shape += "C";
    } else if (word.size() <= 3 && word[0] == 'k' && word.size() > 1 && is_number(word.substr(1))) {
      shape += "K";  // keys of generated work
    } else {
      shape += word;
    }
    at = end;
  }
  return shape;
}

std::optional<Failure> failure_of(const Result& result) {
  if (auto failure = violated_property(result)) return failure;
  const auto of = [&](std::string_view kind, const std::string& what) {
    return Failure{{std::string(kind), shape_of(what, result.scenario.cluster)}, what};
  };
  const auto judged = [&](Judgement::Met met) {
    return std::find_if(result.judgements.begin(), result.judgements.end(),
                        [&](const Judgement& judgement) { return judgement.met == met; });
  };
  if (const auto missed = judged(Judgement::Met::no); missed != result.judgements.end()) {
    return of(expectation, missed->what + ": " + missed->found);
  }
  switch (result.end_reason) {
    case EndReason::interrupted: return std::nullopt;
    case EndReason::time_limit:
    case EndReason::event_limit:
    case EndReason::standstill:
    case EndReason::nothing_left: return of(hang, ended_by(result.end_reason));
    case EndReason::hung: return of(hang, std::string(no_end_in_real_time));
    case EndReason::as_planned:
    case EndReason::violation: break;
  }
  if (const auto unknown = judged(Judgement::Met::unknown); unknown != result.judgements.end()) {
    const std::string question = "whether " + unknown->what;
    return Failure{{std::string(unjudged), shape_of(question, result.scenario.cluster)},
                   question + ": " + unknown->found};
  }
  return std::nullopt;
}

std::string to_text(const FailureClass& kind) {
  return kind.shape.empty() ? kind.property : kind.property + ": " + kind.shape;
}

bool is_certain(const FailureClass& kind) { return kind.property != unjudged; }

bool is_endless(const FailureClass& kind) {
  return kind.property == hang && kind.shape == ended_by(EndReason::event_limit);
}

}  // namespace smalldb::scenarios
