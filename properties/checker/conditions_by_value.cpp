#include "properties/checker/conditions_by_value.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "properties/checker/steps.h"

namespace smalldb::checker {
namespace {

using Told = std::pair<std::uint64_t, ValueId>;

bool expects(const Operation& operation) {
  const bool by_revision = operation.verb == Verb::swap_if_revision || operation.verb == Verb::remove_if_revision;
  return by_revision && operation.expected_revision != 0 && operation.expected_revision != any_revision;
}

// The values of revisions, by revision; without those that were told with two.
std::vector<Told> told_by(const KeyTask& task) {
  std::vector<Told> told;
  for (const std::uint32_t position : task.positions) {
    const Operation& operation = task.operations[position];
    const bool reads = operation.outcome == Outcome::ok
                           ? operation.verb == Verb::get
                           : operation.outcome == Outcome::mismatched && operation.has_result;
    if (!reads || operation.revision == 0 || operation.result == ValueId::absent) continue;
    told.emplace_back(operation.revision, operation.result);
  }
  std::sort(told.begin(), told.end());
  told.erase(std::unique(told.begin(), told.end()), told.end());
  std::vector<Told> sure;
  for (std::size_t i = 0; i < told.size(); ++i) {
    const bool is_first = i == 0 || told[i - 1].first != told[i].first;
    const bool is_last = i + 1 == told.size() || told[i + 1].first != told[i].first;
    if (is_first && is_last) sure.push_back(told[i]);
  }
  return sure;
}

// Each of the values that may have been there more than once, sorted.
std::vector<ValueId> repeated(const KeyTask& task) {
  std::vector<ValueId> written{task.history.initial(task.key)};
  for (const std::uint32_t position : task.positions) {
    const Operation& operation = task.operations[position];
    if (takes_part(operation) && operation.verb != Verb::get) written.push_back(operation.argument);
  }
  std::sort(written.begin(), written.end());
  std::vector<ValueId> more;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (i > 0 && written[i - 1] == written[i]) more.push_back(written[i]);
  }
  return more;
}

}  // namespace

Operations with_conditions_by_value(const KeyTask& task) {
  Operations operations;
  const std::vector<Told> told = told_by(task);
  if (told.empty()) return operations;
  const auto appends = [&](std::uint32_t position) { return task.operations[position].verb == Verb::append; };
  const bool any_appends = std::any_of(task.positions.begin(), task.positions.end(), appends);
  const std::vector<ValueId> more = repeated(task);
  bool any = false;
  operations.reserve(task.positions.size());
  for (const std::uint32_t position : task.positions) {
    Operation& operation = operations.emplace_back(task.operations[position]);
    if (!expects(operation)) continue;
    const auto of = std::lower_bound(told.begin(), told.end(), Told(operation.expected_revision, ValueId::absent));
    if (of == told.end() || of->first != operation.expected_revision) continue;
    const bool is_of_one = !any_appends && !std::binary_search(more.begin(), more.end(), of->second);
    if (operation.outcome == Outcome::mismatched && !is_of_one) continue;
    operation.verb = operation.verb == Verb::swap_if_revision ? Verb::swap_if_value : Verb::remove_if_value;
    operation.expected = of->second;
    any = true;
  }
  if (!any) operations.clear();
  return operations;
}

}  // namespace smalldb::checker
