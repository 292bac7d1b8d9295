#include "properties/checker/certificate.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "properties/checker/flat_map.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {
namespace {

constexpr std::uint32_t none = FlatMap::none;
constexpr std::uint32_t some_append = none - 1;  // in place of a position: one of unknown outcome, not known yet
constexpr Instant long_ago = std::numeric_limits<Instant>::min();
constexpr ValueId made{0xfffffffe};  // by appends, and not known by a number yet

// All that claims one revision: the write that made it, and what has seen it. These have taken effect in the order of
// their invocations, if in any, so two instants of theirs are all that counts.
struct Group {
  std::uint64_t revision = 0;
  Instant invoked = long_ago;  // the write
  Instant returned = never;
  Instant first_return = never;  // of what has seen it
  Instant last_invocation = long_ago;
  ValueId value = no_value;  // no_value: nobody told it, or what wrote it was an append
  std::uint32_t writer = none;

  bool is_claimed() const { return writer != none || first_return != never; }
};

// The groups, by revision. The revisions of one key are mostly close together, and each has its place from the start.
// Where they are far apart, as those of one key among many, a claim is mostly one of the last: it is looked for from
// the end. Where too many are open for that, they are found by hash and sorted once.
class Groups {
 public:
  enum class Kind : std::uint8_t { dense, recent, hashed };

  // Whether the first ones are close together.
  static Kind kind_of(const KeyTask& task) {
    constexpr std::size_t looked_at = 64;
    std::uint64_t least = any_revision;
    std::uint64_t greatest = 0;
    for (const std::uint32_t position : task.positions.first(std::min(looked_at, task.positions.size()))) {
      const Operation& operation = task.operations[position];
      if (operation.outcome == Outcome::unknown || operation.revision == 0) continue;
      least = std::min(least, operation.revision);
      greatest = std::max(greatest, operation.revision);
    }
    return greatest <= least + 8 * looked_at ? Kind::dense : Kind::recent;
  }

  // `claims`: there will be so many at most.
  Groups(Kind kind, std::size_t claims)
      : kind_(kind), margin_(std::min<std::uint64_t>(claims, 1024)), looks_left_(8 * claims) {
    groups_.reserve(claims);
    if (kind == Kind::hashed) table_.assign(std::bit_ceil(2 * claims + 2), none);
  }

  // Nothing if the kind does not fit.
  Group* find(std::uint64_t revision) {
    if (kind_ == Kind::recent) return from_the_end(revision);
    if (kind_ == Kind::hashed) return &by_hash(revision);
    if (groups_.empty()) first_ = revision - std::min(revision, margin_);
    if (revision < first_ || revision - first_ > 4 * ++claims_ + margin_) return nullptr;
    while (groups_.size() <= revision - first_) groups_.push_back({first_ + groups_.size()});
    return &groups_[revision - first_];
  }

  // Once all are there: by revision. If they are dense, some are claimed by nobody.
  LargeVector<Group> take() {
    if (kind_ == Kind::hashed) sort();
    return std::move(groups_);
  }

 private:
  Group* from_the_end(std::uint64_t revision) {
    std::size_t at = groups_.size();
    while (at > 0 && groups_[at - 1].revision > revision) {
      if (looks_left_-- == 0) return nullptr;
      --at;
    }
    if (at > 0 && groups_[at - 1].revision == revision) return &groups_[at - 1];
    if (at == groups_.size()) return &groups_.emplace_back(Group{revision});
    return &*groups_.insert(groups_.begin() + static_cast<std::ptrdiff_t>(at), {revision});
  }

  Group& by_hash(std::uint64_t revision) {
    const std::size_t mask = table_.size() - 1;
    std::size_t at = (revision * 0x9e3779b97f4a7c15 >> 32) & mask;
    while (table_[at] != none && groups_[table_[at]].revision != revision) at = (at + 1) & mask;
    if (table_[at] == none) {
      table_[at] = static_cast<std::uint32_t>(groups_.size());
      groups_.push_back({revision});
    }
    return groups_[table_[at]];
  }

  void sort() {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
    order.reserve(groups_.size());
    for (const Group& group : groups_) order.emplace_back(group.revision, order.size());
    std::sort(order.begin(), order.end());
    LargeVector<Group> sorted;
    sorted.reserve(order.size());
    for (const auto& [revision, which] : order) sorted.push_back(groups_[which]);
    groups_ = std::move(sorted);
  }

  Kind kind_;
  std::uint64_t margin_;      // if dense: how much less the first may be than that which comes first
  std::uint64_t claims_ = 0;  // if dense: so far
  std::uint64_t first_ = 0;   // if dense: of the first group
  std::uint64_t looks_left_;  // if recent: at others on the way, each of which may have to be moved
  LargeVector<Group> groups_;
  std::vector<std::uint32_t> table_;  // if hashed: open addressing
};

// Writes of unknown outcome, by what they write or append.
class UnknownWrites {
 public:
  void add(ValueId argument, std::uint32_t position) { writes_.emplace_back(argument, position); }
  bool empty() const { return writes_.empty(); }

  // Of those that are left, the one that was invoked first; `none` if there is none.
  std::uint32_t take(ValueId argument) {
    if (taken_.empty()) {
      std::sort(writes_.begin(), writes_.end());
      taken_.resize(writes_.size() + 1);
    }
    const auto first = std::lower_bound(writes_.begin(), writes_.end(), std::pair(argument, std::uint32_t{0}));
    const auto place = static_cast<std::size_t>(first - writes_.begin());
    const std::size_t next = place + taken_[place];
    if (next >= writes_.size() || writes_[next].first != argument) return none;
    ++taken_[place];
    return writes_[next].second;
  }

 private:
  std::vector<std::pair<ValueId, std::uint32_t>> writes_;
  std::vector<std::size_t> taken_;  // of each argument, at the place of the first
};

class Certificate {
 public:
  explicit Certificate(const KeyTask& task) : task_(task) {}

  // False if there are too few claims, or if they contradict the answers.
  bool verify();
  std::vector<std::size_t> order() const;

 private:
  enum class Taken : std::uint8_t { well, contradicts, misfits };

  const Operation& at(std::uint32_t position) const { return task_.operations[position]; }
  bool gather();
  Taken gather(Groups& groups);
  Taken take(std::uint32_t position, Groups& groups);
  bool name_unknown_writes();
  bool name_unknown_append(Group& group);
  bool walk();
  bool write(const Group& group);
  bool append(const Group& group);
  bool met(const Need& need);
  bool are_refusals_right(std::uint64_t revision);
  bool any_floats() const { return !waiting_.empty() || next_floating_ < floating_.size(); }
  bool settle(std::uint64_t revision, Instant first_return, Instant written);
  State state_of(const Group& group) const;
  static std::uint64_t revision_after(const Group& group);
  std::string_view bytes(ValueId value) const {
    return value == ValueId::absent ? std::string_view() : task_.history.bytes(value);
  }

  const KeyTask& task_;
  LargeVector<Group> groups_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> refused_;  // that claim a revision; sorted
  UnknownWrites unknown_;
  UnknownWrites unknown_appends_;
  std::vector<std::uint32_t> floating_;  // say nothing of a revision, and change nothing; by invocation
  std::vector<std::uint32_t> waiting_;   // of those: might take effect now, were the state right
  std::vector<std::pair<std::uint64_t, std::uint32_t>> settled_;  // those that have, with the revision there was
  std::size_t next_floating_ = 0;
  std::size_t next_refused_ = 0;
  bool any_conditional_ = false;  // write
  bool appends_ = false;
  State state_;
  std::string made_;           // if anything is appended: the bytes of the state
  Instant latest_ = long_ago;  // invocation of those that have taken effect
};

bool Certificate::verify() { return gather() && name_unknown_writes() && walk(); }

bool Certificate::gather() {
  Groups::Kind kind = Groups::kind_of(task_);
  Groups groups(kind, task_.positions.size());
  Taken taken = gather(groups);
  while (taken == Taken::misfits) {
    kind = kind == Groups::Kind::dense ? Groups::Kind::recent : Groups::Kind::hashed;
    groups = Groups(kind, task_.positions.size());
    taken = gather(groups);
  }
  groups_ = groups.take();
  return taken == Taken::well && !groups_.empty();
}

Certificate::Taken Certificate::gather(Groups& groups) {
  refused_.clear();
  floating_.clear();
  unknown_ = unknown_appends_ = {};
  for (std::size_t i = 0; i < task_.positions.size(); ++i) {
    task_.fetch(i + fetch_ahead);
    const Taken taken = take(task_.positions[i], groups);
    if (taken != Taken::well) return taken;
  }
  return Taken::well;
}

Certificate::Taken Certificate::take(std::uint32_t position, Groups& groups) {
  const Operation& operation = at(position);
  if (!takes_part(operation)) return Taken::well;
  const bool appends = operation.verb == Verb::append;
  appends_ = appends_ || appends;
  if (operation.outcome == Outcome::unknown) {
    (appends ? unknown_appends_ : unknown_).add(operation.argument, position);
    return Taken::well;
  }
  const bool writes = is_write(operation);
  if (operation.revision == 0) {
    if (!writes) floating_.push_back(position);
    return writes ? Taken::contradicts : Taken::well;
  }
  Group* const found = groups.find(operation.revision);
  if (!found) return Taken::misfits;
  Group& group = *found;
  if (writes) {
    if (group.writer != none) return Taken::contradicts;
    any_conditional_ = any_conditional_ || is_conditional(operation.verb);
    group.writer = position;
    group.invoked = operation.invoked;
    group.returned = operation.returned;
    if (appends) return Taken::well;
  } else {
    group.first_return = std::min(group.first_return, operation.returned);
    group.last_invocation = operation.invoked;  // they come in that order
    const bool refused = operation.outcome == Outcome::mismatched;
    if (refused) refused_.emplace_back(operation.revision, position);
    if (refused && !operation.has_result) return Taken::well;
  }
  const ValueId value = writes ? operation.argument : operation.result;  // absent, of a remove
  if (group.value == no_value) group.value = value;
  return group.value == value ? Taken::well : Taken::contradicts;
}

// A revision that was read and that no write claims is that of what was there at first, or of a write of unknown
// outcome, of the value that was read; of several the one that was invoked first.
bool Certificate::name_unknown_writes() {
  bool is_first = true;
  for (Group& group : groups_) {
    if (!group.is_claimed()) continue;
    const bool is_initial = std::exchange(is_first, false) && group.value == task_.history.initial(task_.key);
    if (group.writer != none || is_initial) continue;
    group.writer = unknown_.take(group.value);
    if (group.writer == none) {  // then it is an append, and what it appends is known when what was there before is
      if (unknown_appends_.empty() || group.value == no_value || group.value == ValueId::absent) return false;
      group.writer = some_append;
      continue;
    }
    const Operation& write = at(group.writer);
    group.invoked = write.invoked;
    any_conditional_ = any_conditional_ || is_conditional(write.verb);
  }
  return true;
}

bool Certificate::name_unknown_append(Group& group) {
  const std::string_view after = bytes(group.value);
  if (!after.starts_with(made_)) return false;
  const std::optional<ValueId> appended = task_.history.find_value(after.substr(made_.size()));
  if (!appended) return false;
  group.writer = unknown_appends_.take(*appended);
  if (group.writer == none) return false;
  group.invoked = at(group.writer).invoked;
  return true;
}

// Nobody was told that of a write of unknown outcome.
std::uint64_t Certificate::revision_after(const Group& group) {
  return group.returned != never ? group.revision : undetermined;
}

// What was there from its write on, or from the first.
State Certificate::state_of(const Group& group) const {
  if (group.value == ValueId::absent) return {};
  return {group.value, revision_after(group)};
}

// In the order of revisions: nobody may have returned before one that comes earlier was invoked.
bool Certificate::walk() {
  state_ = checker::state_of(task_.history.initial(task_.key));
  if (appends_) made_ = bytes(state_.value);
  std::sort(refused_.begin(), refused_.end());
  // What floats may take effect in a state if no claim after that had returned before it was invoked.
  std::vector<Instant> first_return;
  if (!floating_.empty()) {
    first_return.assign(groups_.size() + 1, never);
    for (std::size_t i = groups_.size(); i-- > 0;) {
      const Group& group = groups_[i];
      first_return[i] = std::min({first_return[i + 1], group.returned, group.first_return});
    }
    if (!settle(0, first_return[0], latest_)) return false;
  }
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    Group& group = groups_[i];
    if (!group.is_claimed()) continue;
    if (group.writer == some_append && !name_unknown_append(group)) return false;
    if (group.writer != none && !write(group)) return false;
    if (!are_refusals_right(group.revision)) return false;
    const Instant written = latest_;
    if (group.first_return < written) return false;
    latest_ = std::max(latest_, group.last_invocation);
    if (any_floats() && !settle(group.revision, first_return[i + 1], written)) return false;
  }
  return !any_floats();
}

bool Certificate::write(const Group& group) {
  if (group.returned < latest_) return false;
  latest_ = std::max(latest_, group.invoked);
  if (appends_ && at(group.writer).verb == Verb::append) return append(group);
  if (any_conditional_ && !met(step_of(at(group.writer))->need)) return false;
  state_ = state_of(group);
  if (appends_) made_ = bytes(state_.value);
  return true;
}

// What was read is compared byte by byte, once for each revision: not more bytes than the history holds.
bool Certificate::append(const Group& group) {
  made_ += bytes(at(group.writer).argument);
  state_ = {group.value == no_value ? made : group.value, revision_after(group)};
  return group.value == no_value || (group.value != ValueId::absent && bytes(group.value) == made_);
}

bool Certificate::met(const Need& need) {
  const bool names = need.of_value != Need::Kind::none && need.value != ValueId::absent && need.value != no_value;
  if (state_.value == made && names && bytes(need.value) == made_) state_.value = need.value;
  return need.met_by(state_);
}

bool Certificate::are_refusals_right(std::uint64_t revision) {
  for (; next_refused_ < refused_.size() && refused_[next_refused_].first == revision; ++next_refused_) {
    if (!met(step_of(at(refused_[next_refused_].second))->need)) return false;
  }
  return true;
}

// What floats, and sees what is there, takes effect as soon as it can: among what has seen it too, after its write.
// False if one of them cannot any more.
bool Certificate::settle(std::uint64_t revision, Instant first_return, Instant written) {
  while (next_floating_ < floating_.size() && at(floating_[next_floating_]).invoked <= first_return) {
    waiting_.push_back(floating_[next_floating_++]);
  }
  std::size_t kept = 0;
  for (const std::uint32_t position : waiting_) {
    const Operation& operation = at(position);
    if (operation.returned < written) return false;
    if (met(step_of(operation)->need)) {
      if (task_.witness) settled_.emplace_back(revision, position);
      latest_ = std::max(latest_, operation.invoked);
    } else {
      waiting_[kept++] = position;
    }
  }
  waiting_.resize(kept);
  return true;
}

// By revision: the write, then what has seen it, by invocation.
std::vector<std::size_t> Certificate::order() const {
  std::vector<std::tuple<std::uint64_t, bool, std::uint32_t>> places;
  places.reserve(task_.positions.size());
  for (const Group& group : groups_) {
    if (group.writer != none) places.emplace_back(group.revision, false, group.writer);
  }
  for (const std::uint32_t position : task_.positions) {
    const Operation& operation = at(position);
    const bool sees = takes_part(operation) && !is_write(operation) && operation.outcome != Outcome::unknown;
    if (sees && operation.revision != 0) places.emplace_back(operation.revision, true, position);
  }
  for (const auto& [revision, position] : settled_) places.emplace_back(revision, true, position);
  std::sort(places.begin(), places.end());
  std::vector<std::size_t> order;
  order.reserve(places.size());
  for (const auto& [revision, sees, position] : places) order.push_back(position);
  return order;
}

}  // namespace

std::optional<KeyResult> judge_by_certificate(const KeyTask& task) {
  if (task.positions.size() > task.steps_max) return std::nullopt;
  Certificate certificate(task);
  if (!certificate.verify()) return std::nullopt;
  KeyResult result;
  const std::size_t operations = task.positions.size();
  result.verdict = {task.key, Conclusion::holds, Engine::certificate, operations, operations, never};
  if (task.witness) result.order = certificate.order();
  return result;
}

}  // namespace smalldb::checker
