#include "properties/checker/wrong_revisions.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "properties/checker/removes.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {
namespace {

constexpr std::uint32_t none = 0xffffffff;

// Looks for claims of a key that contradict each other.
class Contradictions {
 public:
  explicit Contradictions(const KeyTask& task) : task_(task), operations_(task.operations) { gather(); }

  // At most `most`, by the later one's invocation.
  std::vector<WrongRevision> find(std::size_t most, Looks looks) {
    std::vector<WrongRevision> found;
    if (looks == Looks::at_all) find_misfits();
    for (std::size_t i = 0; i < task_.positions.size() && found.size() < most; ++i) {
      const std::uint32_t position = task_.positions[i];
      advance_to(operations_[position].invoked);
      std::optional<WrongRevision> wrong;
      if (claims(operations_[position]) && looks == Looks::at_all) wrong = judge(position);
      if (!wrong) wrong = judge_condition(position);
      if (!wrong && looks == Looks::at_all) wrong = judge_absence(position);
      if (wrong) found.push_back(std::move(*wrong));
    }
    return found;
  }

 private:
  using Numbered = std::vector<std::pair<std::uint64_t, std::uint32_t>>;

  static bool claims(const Operation& operation) {
    return takes_part(operation) && operation.outcome != Outcome::unknown && operation.revision != 0;
  }
  static bool reads(const Operation& operation) {
    return operation.verb == Verb::get || (operation.outcome == Outcome::mismatched && operation.has_result);
  }

  // It was done, or refused, for what revision the key had.
  static bool expects(const Operation& operation) {
    const bool told = operation.outcome == Outcome::ok || operation.outcome == Outcome::mismatched;
    const bool by_revision = operation.verb == Verb::swap_if_revision || operation.verb == Verb::remove_if_revision;
    return told && by_revision && operation.expected_revision != 0 && operation.expected_revision != any_revision;
  }
  static bool replaces(const Operation& operation) { return is_write(operation) && expects(operation); }

  void gather() {
    can_name_writers_ = are_all_numbered_ = true;
    for (const std::uint32_t position : task_.positions) {
      const Operation& operation = operations_[position];
      if (!takes_part(operation)) continue;
      removes_.add(operation);
      const bool writes = operation.verb != Verb::get && operation.outcome != Outcome::mismatched;
      if (writes && operation.verb == Verb::append) can_name_writers_ = false;
      if (writes) writers_.emplace_back(static_cast<std::uint64_t>(operation.argument), position);
      if (writes && !claims(operation)) are_all_numbered_ = false;
      if (writes && removes(operation) && !claims(operation)) may_be_removed_ = true;
      if (replaces(operation)) replaced_by_.emplace_back(operation.expected_revision, position);
      if (claims(operation) || replaces(operation)) by_return_.push_back(position);
      if (!claims(operation)) continue;
      if (writes) writes_.emplace_back(operation.revision, position);
      if (reads(operation)) reads_.emplace_back(operation.revision, position);
    }
    std::stable_sort(by_return_.begin(), by_return_.end(), [&](std::uint32_t one, std::uint32_t other) {
      return operations_[one].returned < operations_[other].returned;
    });
    for (Numbered* const numbered : {&writes_, &reads_, &writers_, &replaced_by_})
      std::sort(numbered->begin(), numbered->end());
  }

  void advance_to(Instant invoked) {
    for (; next_ < by_return_.size() && operations_[by_return_[next_]].returned < invoked; ++next_) {
      const std::uint32_t position = by_return_[next_];
      const Operation& operation = operations_[position];
      const bool is_greater = greatest_ == none || operation.revision > operations_[greatest_].revision;
      if (claims(operation) && is_greater) greatest_ = position;
      const bool is_newest =
          present_ == none || std::pair(operations_[present_].revision, operations_[present_].invoked) <
                                  std::pair(operation.revision, operation.invoked);
      if (claims_presence(operation) && is_newest) present_ = position;
      const bool is_last = replacer_ == none || operation.expected_revision > operations_[replacer_].expected_revision;
      if (replaces(operation) && is_last) replacer_ = position;
    }
  }

  // The first of a number, or none.
  static std::uint32_t first_of(const Numbered& numbered, std::uint64_t number) {
    const auto first = std::lower_bound(numbered.begin(), numbered.end(), std::pair(number, std::uint32_t{0}));
    return first != numbered.end() && first->first == number ? first->second : none;
  }

  std::optional<WrongRevision> judge(std::uint32_t position) const {
    const Operation& operation = operations_[position];
    const std::string revision = "revision " + std::to_string(operation.revision);
    const std::uint32_t write = first_of(writes_, operation.revision);
    if (is_write(operation) && write < position) {
      return WrongRevision{position, write, revision + " was given to two writes"};
    }
    if (reads(operation)) {
      if (auto wrong = judge_value(position, revision, write)) return wrong;
    }
    if (auto wrong = is_write(operation) ? judge_place(position, revision) : judge_origin(position, revision, write)) {
      return wrong;
    }
    if (greatest_ == none) return std::nullopt;
    const std::uint64_t greatest = operations_[greatest_].revision;
    if (greatest > operation.revision) {
      return WrongRevision{position, greatest_, revision + " was told after " + std::to_string(greatest) + " had been"};
    }
    if (is_write(operation) && greatest == operation.revision) {
      return WrongRevision{position, greatest_, revision + " was given to a write after it had been told"};
    }
    return std::nullopt;
  }

  // A write that was done on condition of a revision has replaced it: what comes after it is greater.
  std::optional<WrongRevision> judge_condition(std::uint32_t position) const {
    const Operation& operation = operations_[position];
    const std::string revision = "revision " + std::to_string(operation.revision);
    if (replacer_ != none && claims(operation)) {
      const std::uint64_t replaced = operations_[replacer_].expected_revision;
      if (operation.revision <= replaced) {
        return WrongRevision{position, replacer_,
                             revision + " was told after " + std::to_string(replaced) + " had been replaced"};
      }
    }
    if (!expects(operation)) return std::nullopt;
    const std::uint64_t expected = operation.expected_revision;
    if (operation.outcome == Outcome::mismatched) {
      if (operation.revision != expected || may_be_of_remove(operation)) return std::nullopt;
      return WrongRevision{position, position, revision + " was told by a refusal for which it is no reason"};
    }
    const std::string replaced = "revision " + std::to_string(expected);
    if (claims(operation) && operation.revision <= expected) {
      return WrongRevision{position, position,
                           revision + " was given to a write that has replaced " + std::to_string(expected)};
    }
    if (const std::uint32_t other = first_of(replaced_by_, expected); other < position) {
      return WrongRevision{position, other, replaced + " was replaced by two writes"};
    }
    if (replacer_ != none && operations_[replacer_].expected_revision > expected) {
      return WrongRevision{
          position, replacer_,
          replaced + " was replaced after " + std::to_string(operations_[replacer_].expected_revision) + " had been"};
    }
    if (greatest_ != none && operations_[greatest_].revision > expected) {
      return WrongRevision{
          position, greatest_,
          replaced + " was replaced after " + std::to_string(operations_[greatest_].revision) + " had been told"};
    }
    return std::nullopt;
  }

  // Of a refusal: whether it may have told the revision of a remove, which left nothing that has it.
  bool may_be_of_remove(const Operation& refusal) const {
    if (refusal.has_result) return refusal.result == ValueId::absent;
    const std::uint32_t write = first_of(writes_, refusal.revision);
    if (write != none) return removes(operations_[write]);
    const std::uint32_t read = first_of(reads_, refusal.revision);
    return read != none ? operations_[read].result == ValueId::absent : may_be_removed_;
  }

  // Of one that found nothing: whether what was there can have been removed.
  std::optional<WrongRevision> judge_absence(std::uint32_t position) const {
    const Operation& operation = operations_[position];
    if (present_ == none || !finds_nothing(operation)) return std::nullopt;
    const std::uint64_t revision = operations_[present_].revision;
    if (removes_.may_explain(operation, operations_[present_], revision)) return std::nullopt;
    return WrongRevision{position, present_,
                         "revision " + std::to_string(revision) +
                             " had been told, and then there was nothing, though no greater one was given to a delete"};
  }

  // Of one that read: whether its value can be of its revision.
  std::optional<WrongRevision> judge_value(std::uint32_t position, const std::string& revision,
                                           std::uint32_t write) const {
    const ValueId value = operations_[position].result;
    if (write != none) {
      const bool other = operations_[write].verb != Verb::append && operations_[write].argument != value;
      if (!other) return std::nullopt;
      return WrongRevision{position, write, revision + " was read with another value than was written as it"};
    }
    if (const std::uint32_t writer = other_writer(position); writer != none) {
      return WrongRevision{
          position, writer,
          revision + " was read with a value that was written as " + std::to_string(operations_[writer].revision)};
    }
    const std::uint32_t read = first_of(reads_, operations_[position].revision);
    if (read == position || operations_[read].result == value) return std::nullopt;
    return WrongRevision{position, read, revision + " was read with two values"};
  }

  // Of a write: whether its condition was met by what came right before it.
  std::optional<WrongRevision> judge_place(std::uint32_t position, const std::string& revision) const {
    const Operation& operation = operations_[position];
    if (!are_all_numbered_ || !can_name_writers_ || !is_conditional(operation.verb)) return std::nullopt;
    const auto place =
        std::lower_bound(writes_.begin(), writes_.end(), std::pair(operation.revision, std::uint32_t{0}));
    const bool is_first = place == writes_.begin();
    const std::uint32_t before = is_first ? position : std::prev(place)->second;
    const State state = is_first ? state_of(task_.history.initial(task_.key)) : left_by(before);
    if (step_of(operation)->need.met_by(state)) return std::nullopt;
    const std::string why = is_first ? "the first" : "right after revision " + std::to_string(state.revision);
    return WrongRevision{position, before, revision + " was given to a write that cannot have been " + why};
  }

  // Of one that wrote nothing: whether it can have seen what a write of that revision had left.
  std::optional<WrongRevision> judge_origin(std::uint32_t position, const std::string& revision,
                                            std::uint32_t write) const {
    if (write == none) {
      const auto misfit = misfits_.find(position);
      if (misfit != misfits_.end() && misfit->second != position) {
        return WrongRevision{position, misfit->second,
                             revision + " was told of what had been told as " +
                                 std::to_string(operations_[misfit->second].revision) +
                                 ", and no other write can have it"};
      }
      const bool is_misfit = misfit != misfits_.end() || (are_all_numbered_ && !was_there());
      if (is_misfit) return WrongRevision{position, position, revision + " was told, and given to no write"};
      const std::uint32_t read = first_of(reads_, operations_[position].revision);
      const bool is_first = read == none && are_all_numbered_;
      const ValueId value = is_first       ? task_.history.initial(task_.key)
                            : read != none ? operations_[read].result
                                           : no_value;
      if (value == no_value || value == ValueId::absent) return std::nullopt;
      if (step_of(operations_[position])->need.met_by({value, operations_[position].revision})) return std::nullopt;
      return WrongRevision{position, is_first ? position : read,
                           revision + " was told by a refusal for which it is no reason"};
    }
    const bool is_known = operations_[write].verb != Verb::append;
    if (!is_known || step_of(operations_[position])->need.met_by(left_by(write))) return std::nullopt;
    return WrongRevision{position, write, revision + " was told by a refusal for which it is no reason"};
  }

  // A revision that no write has told is of what was there at first, or of a write that told none, and each of these
  // has one. Which they are is known from a value that was read, where values name their writes; and where all writes
  // have told theirs, it is the first alone.
  std::optional<ValueId> may_be_of(const Operation& operation) const {
    const bool is_of_write = is_write(operation) || first_of(writes_, operation.revision) != none;
    if (!claims(operation) || is_of_write) return std::nullopt;
    if (reads(operation) && operation.result == ValueId::absent) return std::nullopt;
    if (reads(operation) && can_name_writers_) return operation.result;
    return are_all_numbered_ && was_there() ? std::optional(task_.history.initial(task_.key)) : std::nullopt;
  }

  // Those whose revision is one too many, each with one of another revision that is of the same, or with itself.
  void find_misfits() {
    std::vector<std::tuple<ValueId, Instant, std::uint32_t>> told;
    for (const std::uint32_t position : task_.positions) {
      const Operation& operation = operations_[position];
      if (const std::optional<ValueId> value = may_be_of(operation)) {
        told.emplace_back(*value, operation.returned, position);
      }
    }
    std::sort(told.begin(), told.end());
    for (auto first = told.begin(); first != told.end();) {
      const ValueId value = std::get<ValueId>(*first);
      const auto end =
          std::find_if(first, told.end(), [&](const auto& one) { return std::get<ValueId>(one) != value; });
      find_misfits(value, std::span(first, end));
      first = end;
    }
  }

  // By the return of who was told a revision first. Which of the writes before that has it need not be decided: one of
  // them has none yet, or they are too few. The first value can have it if no write has told a smaller one; it stands
  // in for a write that is needed elsewhere.
  void find_misfits(ValueId value, std::span<const std::tuple<ValueId, Instant, std::uint32_t>> told) {
    bool first_is_free = value == task_.history.initial(task_.key);
    auto writer = std::lower_bound(writers_.begin(), writers_.end(),
                                   std::pair(static_cast<std::uint64_t>(value), std::uint32_t{0}));
    std::size_t writes = 0;
    bool one_may_be_first = false;
    std::set<std::uint64_t> revisions;
    for (const auto& [same, returned, position] : told) {
      const std::uint64_t revision = operations_[position].revision;
      for (; writer != writers_.end() && writer->first == static_cast<std::uint64_t>(value); ++writer) {
        const Operation& write = operations_[writer->second];
        if (write.invoked > returned) break;
        if (!claims(write)) ++writes;
      }
      if (!revisions.insert(revision).second) continue;
      one_may_be_first = one_may_be_first || writes_.empty() || revision < writes_.front().first;
      if (writes > 0) {
        --writes;
      } else if (first_is_free && one_may_be_first) {
        first_is_free = false;
      } else {
        misfits_.emplace(position, std::get<std::uint32_t>(told.front()));
      }
    }
  }

  bool was_there() const { return task_.history.initial(task_.key) != ValueId::absent; }

  State left_by(std::uint32_t write) const {
    const Operation& operation = operations_[write];
    return operation.argument == ValueId::absent ? State{} : State{operation.argument, operation.revision};
  }

  // A write of what was read, if all that may have written it have told another revision.
  std::uint32_t other_writer(std::uint32_t read) const {
    const Operation& operation = operations_[read];
    const bool was_written =
        operation.result != ValueId::absent && operation.result != task_.history.initial(task_.key);
    if (!can_name_writers_ || !was_written) return none;
    const auto value = static_cast<std::uint64_t>(operation.result);
    auto next = std::lower_bound(writers_.begin(), writers_.end(), std::pair(value, std::uint32_t{0}));
    std::uint32_t found = none;
    for (; next != writers_.end() && next->first == value; ++next) {
      const Operation& write = operations_[next->second];
      if (write.invoked > operation.returned) break;
      if (!claims(write) || write.revision == operation.revision) return none;
      found = next->second;
    }
    return found;
  }

  const KeyTask& task_;
  const std::span<const Operation> operations_;
  bool can_name_writers_ = false;         // from what was read: there are no appends
  bool are_all_numbered_ = false;         // writes
  bool may_be_removed_ = false;           // by a remove that claims no revision
  std::vector<std::uint32_t> by_return_;  // what claims, or has replaced a revision
  Numbered writes_, reads_;               // likewise, by revision
  Numbered writers_;                      // all that may have written, by value
  Removes removes_;
  Numbered replaced_by_;           // what was done on condition of a revision, by that
  std::uint32_t greatest_ = none;  // of what had returned, that of the greatest revision
  std::uint32_t present_ = none;   // likewise, of something that was there; of several, who was invoked last
  std::uint32_t replacer_ = none;  // likewise, that which has replaced the greatest
  std::size_t next_ = 0;           // in `by_return_`
  std::map<std::uint32_t, std::uint32_t> misfits_;
};

}  // namespace

std::vector<WrongRevision> find_wrong_revisions(const KeyTask& task, std::size_t most, Looks looks) {
  return Contradictions(task).find(most, looks);
}

}  // namespace smalldb::checker
