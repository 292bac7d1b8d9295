#include "properties/checker/certificate.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "properties/checker/flat_map.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {
namespace {

bool takes_part(const Operation& operation) {
  if (operation.outcome == Outcome::failed) return false;
  return operation.verb != Verb::get || operation.outcome == Outcome::ok;
}

bool is_write(const Operation& operation) { return operation.verb != Verb::get && operation.outcome == Outcome::ok; }

// Where an operation comes by its revision; a write before what has read it.
struct Claim {
  std::uint64_t place = 0;  // twice the revision, and one if it is no write
  std::uint32_t position = 0;
  Instant returned = never;
};

class Certificate {
 public:
  explicit Certificate(const KeyTask& task) : task_(task) {}

  // False if there are too few claims, or if they contradict the answers.
  bool verify();
  std::vector<std::size_t> take_order() { return std::move(order_); }

 private:
  const Operation& at(std::uint32_t position) const { return task_.history.operations()[position]; }
  bool gather();
  void sort();
  bool name_unknown_writes();
  bool walk();
  bool settle(Instant must_return);
  bool give_effect(std::uint32_t position);
  bool meets(const Operation& operation, std::uint32_t position) const;

  const KeyTask& task_;
  std::vector<Claim> claims_;
  std::vector<std::uint32_t> unknown_;   // writes of unknown outcome
  std::vector<std::uint32_t> floating_;  // say nothing of a revision, and change nothing; by invocation
  std::vector<std::uint32_t> waiting_;   // of those: might take effect now, were the state right
  std::size_t next_floating_ = 0;
  State state_;
  Instant latest_ = std::numeric_limits<Instant>::min();  // invocation of those that have taken effect
  std::vector<std::size_t> order_;
};

bool Certificate::verify() { return gather() && (sort(), name_unknown_writes()) && walk(); }

bool Certificate::gather() {
  claims_.reserve(task_.positions.size());
  for (std::size_t i = 0; i < task_.positions.size(); ++i) {
    task_.fetch(i + fetch_ahead);
    const std::uint32_t position = task_.positions[i];
    const Operation& operation = at(position);
    if (!takes_part(operation)) continue;
    if (operation.outcome == Outcome::unknown) {
      unknown_.push_back(position);
    } else if (operation.revision != 0) {
      claims_.push_back({2 * operation.revision + (is_write(operation) ? 0 : 1), position, operation.returned});
    } else if (is_write(operation)) {
      return false;
    } else {
      floating_.push_back(position);
    }
  }
  return !claims_.empty();
}

// Claims come nearly in order. Where revisions are dense they are counted, otherwise a few are moved a little.
void Certificate::sort() {
  const auto by_place = [](const Claim& one, const Claim& other) { return one.place < other.place; };
  if (std::is_sorted(claims_.begin(), claims_.end(), by_place)) return;
  const auto [least, most] = std::minmax_element(claims_.begin(), claims_.end(), by_place);
  const std::uint64_t first = least->place;
  const std::uint64_t range = most->place - first + 1;
  if (range > 8 * claims_.size()) {
    std::size_t moves_left = 8 * claims_.size();
    std::size_t sorted = 1;
    for (; sorted < claims_.size() && moves_left > 0; ++sorted) {
      const Claim claim = claims_[sorted];
      std::size_t at = sorted;
      for (; at > 0 && claim.place < claims_[at - 1].place && moves_left > 0; --at, --moves_left) {
        claims_[at] = claims_[at - 1];
      }
      claims_[at] = claim;
    }
    if (moves_left == 0) std::stable_sort(claims_.begin(), claims_.end(), by_place);
    return;
  }
  std::vector<std::uint32_t> ends(range + 1);
  for (const Claim& claim : claims_) ++ends[claim.place - first + 1];
  for (std::uint64_t i = 0; i < range; ++i) ends[i + 1] += ends[i];
  std::vector<Claim> sorted(claims_.size());
  for (const Claim& claim : claims_) sorted[ends[claim.place - first]++] = claim;
  claims_ = std::move(sorted);
}

// A revision that was read and that no write claims is that of a write of unknown outcome, of the value that was read;
// of several the one that was invoked first.
bool Certificate::name_unknown_writes() {
  std::vector<Claim> named;
  std::vector<bool> taken(unknown_.size());
  std::uint64_t written = 0;
  for (const Claim& claim : claims_) {
    const std::uint64_t revision = claim.place / 2;
    if (claim.place % 2 == 0) {
      if (revision == written) return false;  // two writes of one revision
      written = revision;
      continue;
    }
    if (revision == written) continue;
    const Operation& read = at(claim.position);
    std::size_t found = 0;
    for (; found < unknown_.size(); ++found) {
      const Operation& write = at(unknown_[found]);
      if (!taken[found] && write.argument == read.result && write.verb != Verb::append) break;
    }
    if (found == unknown_.size()) return task_.history.initial(task_.key) != ValueId::absent && named.empty();
    taken[found] = true;
    written = revision;
    named.push_back({2 * revision, unknown_[found]});
  }
  if (named.empty()) return true;
  const auto middle = claims_.insert(claims_.end(), named.begin(), named.end());
  std::inplace_merge(claims_.begin(), middle, claims_.end(),
                     [](const Claim& one, const Claim& other) { return one.place < other.place; });
  return true;
}

bool Certificate::walk() {
  state_.value = task_.history.initial(task_.key);
  if (state_.value != ValueId::absent) state_.revision = undetermined;
  if (task_.witness) order_.reserve(claims_.size() + floating_.size());
  // What floats may take effect between two claims if no claim after that had returned before it was invoked.
  std::vector<Instant> first_return(claims_.size() + 1, never);
  for (std::size_t i = claims_.size(); i-- > 0;) {
    first_return[i] = std::min(first_return[i + 1], claims_[i].returned);
  }
  for (std::size_t i = 0; i < claims_.size(); ++i) {
    if (i + fetch_ahead < claims_.size()) task_.fetch_operation(claims_[i + fetch_ahead].position);
    if (!settle(first_return[i]) || !give_effect(claims_[i].position)) return false;
  }
  return settle(never) && waiting_.empty();
}

bool Certificate::settle(Instant first_return) {
  while (next_floating_ < floating_.size() && at(floating_[next_floating_]).invoked <= first_return) {
    waiting_.push_back(floating_[next_floating_++]);
  }
  std::size_t kept = 0;
  for (const std::uint32_t position : waiting_) {
    const Operation& operation = at(position);
    if (meets(operation, position)) {
      if (!give_effect(position)) return false;
    } else {
      if (operation.returned < latest_) return false;
      waiting_[kept++] = position;
    }
  }
  waiting_.resize(kept);
  return true;
}

bool Certificate::meets(const Operation& operation, std::uint32_t position) const {
  if (operation.verb == Verb::get) return operation.result == state_.value;
  const Steps one = steps_of(task_.history, task_.key, std::span(&position, 1));
  return one.steps.front().need.met_by(state_);
}

bool Certificate::give_effect(std::uint32_t position) {
  const Operation& operation = at(position);
  if (operation.returned < latest_) return false;
  latest_ = std::max(latest_, operation.invoked);
  if (task_.witness) order_.push_back(position);
  const std::uint64_t claimed =
      operation.outcome == Outcome::ok && operation.revision != 0 ? operation.revision : undetermined;
  switch (operation.verb) {
    case Verb::get: return operation.result == state_.value;
    case Verb::put: state_ = {operation.argument, claimed}; return true;
    case Verb::remove: state_ = {}; return true;
    case Verb::append: return false;  // for those that know about bytes
    case Verb::swap_if_value:
    case Verb::swap_if_revision:
    case Verb::remove_if_value:
    case Verb::remove_if_revision: break;
  }
  if (!meets(operation, position)) return false;
  if (operation.outcome == Outcome::mismatched) return true;
  const bool swaps = operation.verb == Verb::swap_if_value || operation.verb == Verb::swap_if_revision;
  state_ = swaps ? State{operation.argument, claimed} : State{};
  return true;
}

}  // namespace

std::optional<KeyResult> judge_by_certificate(const KeyTask& task) {
  if (task.positions.size() > task.steps_max) return std::nullopt;
  Certificate certificate(task);
  if (!certificate.verify()) return std::nullopt;
  KeyResult result;
  const std::size_t operations = task.positions.size();
  result.verdict = {task.key, Conclusion::holds, Engine::certificate, operations, operations, never};
  result.order = certificate.take_order();
  return result;
}

std::vector<WrongRevision> find_wrong_revisions(const KeyTask& task, std::size_t most) {
  const std::vector<Operation>& operations = task.history.operations();
  std::vector<std::uint32_t> by_return;
  std::vector<Claim> writes;
  for (const std::uint32_t position : task.positions) {
    const Operation& operation = operations[position];
    const bool claims = takes_part(operation) && operation.outcome != Outcome::unknown && operation.revision != 0;
    if (!claims) continue;
    by_return.push_back(position);
    if (is_write(operation)) writes.push_back({operation.revision, position});
  }
  std::stable_sort(by_return.begin(), by_return.end(), [&](std::uint32_t one, std::uint32_t other) {
    return operations[one].returned < operations[other].returned;
  });
  const auto by_revision = [](const Claim& one, const Claim& other) { return one.place < other.place; };
  std::stable_sort(writes.begin(), writes.end(), by_revision);

  std::vector<WrongRevision> found;
  std::uint32_t greatest = FlatMap::none;  // of what had returned
  std::size_t next = 0;
  for (const std::uint32_t position : task.positions) {
    if (found.size() == most) return found;
    const Operation& operation = operations[position];
    for (; next < by_return.size() && operations[by_return[next]].returned < operation.invoked; ++next) {
      const bool greater =
          greatest == FlatMap::none || operations[by_return[next]].revision > operations[greatest].revision;
      if (greater) greatest = by_return[next];
    }
    if (operation.revision == 0 || operation.outcome == Outcome::unknown || !takes_part(operation)) continue;
    const std::string revision = "revision " + std::to_string(operation.revision);
    const auto write = std::lower_bound(writes.begin(), writes.end(), Claim{operation.revision, 0}, by_revision);
    const bool written = write != writes.end() && write->place == operation.revision;
    if (written && is_write(operation) && write->position < position) {
      found.push_back({position, write->position, revision + " was given to two writes"});
    } else if (written && operation.verb == Verb::get && operations[write->position].verb == Verb::put &&
               operations[write->position].argument != operation.result) {
      found.push_back({position, write->position, revision + " was read with another value than was written as it"});
    } else if (greatest != FlatMap::none && operations[greatest].revision > operation.revision) {
      found.push_back({position, greatest,
                       revision + " was told after " + std::to_string(operations[greatest].revision) + " had been"});
    } else if (greatest != FlatMap::none && is_write(operation) && greatest != position &&
               operations[greatest].revision == operation.revision) {
      found.push_back({position, greatest, revision + " was given to a write after it had been told"});
    }
  }
  return found;
}

}  // namespace smalldb::checker
