#include "properties/checker/claims.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "properties/checker/removes.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {
namespace {

constexpr std::uint64_t never_over = std::numeric_limits<std::uint64_t>::max();

}  // namespace

std::string sentence(const WrongClaim& claim) {
  const std::string revision = "revision " + std::to_string(claim.operation.revision);
  switch (claim.kind) {
    case WrongClaim::Kind::two_writes: return revision + " had been given to another write";
    case WrongClaim::Kind::other_value: return revision + " had been told of another value";
    case WrongClaim::Kind::went_back: return "revision " + std::to_string(claim.before) + " had been told before";
    case WrongClaim::Kind::not_new: return revision + " had been told before it was written";
    case WrongClaim::Kind::gone:
      return "revision " + std::to_string(claim.operation.expected_revision) + " had been replaced before";
    case WrongClaim::Kind::not_gone:
      return "revision " + std::to_string(claim.before) +
             " had been told, and then there was nothing, though no greater one was given to a delete";
  }
  return "?";
}

Claims::Floor Claims::invoke(const Operation& operation) {
  const Floor floor{++events_, greatest_, present_, present_number_};
  floors_.push_back(greatest_);
  if (removes(operation)) open_removes_.push_back(floor.number);
  return floor;
}

std::optional<WrongClaim> Claims::complete(const Floor& floor, const Operation& operation) {
  ++events_;
  floors_.erase(std::lower_bound(floors_.begin(), floors_.end(), floor.greatest));
  const bool claims =
      operation.revision != 0 && (operation.outcome == Outcome::ok || operation.outcome == Outcome::mismatched);
  std::optional<WrongClaim> wrong;
  if (claims) wrong = judge(floor.greatest, operation);
  const bool by_revision = operation.verb == Verb::swap_if_revision || operation.verb == Verb::remove_if_revision;
  const bool replaces = by_revision && operation.outcome == Outcome::ok && operation.expected_revision != 0 &&
                        operation.expected_revision != any_revision;
  if (replaces && !wrong) wrong = judge_condition(floor.greatest, operation);
  std::optional<WrongClaim> absence = removes(operation) ? complete_remove(floor.number, operation) : std::nullopt;
  if (!absence && floor.present != 0 && finds_nothing(operation)) absence = judge_absence(floor, operation);
  if (!wrong) wrong = std::move(absence);
  if (claims_presence(operation) &&
      std::pair(present_, present_number_) < std::pair(operation.revision, floor.number)) {
    present_ = operation.revision;
    present_number_ = floor.number;
  }
  // Whoever claims less than the least floor has gone back, whatever was known of that revision.
  const std::uint64_t least = floors_.empty() ? greatest_ : floors_.front();
  const auto still = [&](const Known& known) { return known.revision >= least; };
  if (const auto first = std::find_if(known_.begin(), known_.end(), still); first != known_.begin()) {
    known_.erase(known_.begin(), first);
  }
  return wrong;
}

std::vector<Claims::Known>::iterator Claims::find(std::uint64_t revision) {
  const auto by_revision = [](const Known& known, std::uint64_t number) { return known.revision < number; };
  return std::lower_bound(known_.begin(), known_.end(), revision, by_revision);
}

// Of a write on condition of a revision.
std::optional<WrongClaim> Claims::judge_condition(std::uint64_t floor, const Operation& operation) {
  const std::uint64_t revision = operation.expected_revision;
  greatest_ = std::max(greatest_, revision + 1);
  if (revision < floor) return WrongClaim{WrongClaim::Kind::gone, operation, floor};
  auto place = find(revision);
  if (place == known_.end() || place->revision != revision) place = known_.insert(place, {revision, no_value, false});
  if (place->replaced) return WrongClaim{WrongClaim::Kind::gone, operation, revision};
  place->replaced = true;
  return std::nullopt;
}

std::optional<WrongClaim> Claims::judge(std::uint64_t floor, const Operation& operation) {
  using Kind = WrongClaim::Kind;
  const bool writes = operation.verb != Verb::get && operation.outcome == Outcome::ok;
  const std::uint64_t revision = operation.revision;
  greatest_ = std::max(greatest_, revision);
  if (revision < floor) return WrongClaim{Kind::went_back, operation, floor};
  ValueId value = no_value;
  if (operation.verb == Verb::get) value = operation.result;
  if (operation.outcome == Outcome::mismatched && operation.has_result) value = operation.result;
  if (writes && operation.verb != Verb::append) value = operation.argument;  // absent, of a remove
  const auto place = find(revision);
  if (place == known_.end() || place->revision != revision) {
    known_.insert(place, {revision, value, writes});
  } else {
    if (writes && place->written) return WrongClaim{Kind::two_writes, operation, revision};
    if (writes && revision == floor) return WrongClaim{Kind::not_new, operation, floor};
    if (value != no_value && place->value != no_value && value != place->value) {
      return WrongClaim{Kind::other_value, operation, revision};
    }
    if (value != no_value) place->value = value;
    place->written = place->written || writes;
  }
  return std::nullopt;
}

// One that claims no revision may have any; but if it had returned before `present` was asked for, it came before.
std::optional<WrongClaim> Claims::judge_absence(const Floor& floor, const Operation& operation) {
  if (removed_ > floor.present || unclaimed_ > floor.present_number) return std::nullopt;
  if (open_removes_.empty()) return WrongClaim{WrongClaim::Kind::not_gone, operation, floor.present};
  doubt({open_removes_.back(), floor.present});
  return std::nullopt;
}

// A remove that explains why there was nothing after a revision does so after each smaller one, and for whoever came
// later. So of two doubts only one is kept if one is resolved whenever the other is.
void Claims::doubt(InDoubt one) {
  const auto is_resolved_first = [&](const InDoubt& other) {
    return other.remove <= one.remove && other.present >= one.present;
  };
  if (std::any_of(in_doubt_.begin(), in_doubt_.end(), is_resolved_first)) return;
  std::erase_if(in_doubt_,
                [&](const InDoubt& other) { return one.remove <= other.remove && one.present >= other.present; });
  const auto is_later = [&](const InDoubt& other) { return other.remove > one.remove; };
  in_doubt_.insert(std::find_if(in_doubt_.begin(), in_doubt_.end(), is_later), one);
}

// A remove that began before somebody had found nothing explains that if it claims a greater revision, or none: it
// was open then, and so it returned after what had been there was told.
std::optional<WrongClaim> Claims::complete_remove(std::uint64_t number, const Operation& operation) {
  const auto place = open_removes_.erase(std::lower_bound(open_removes_.begin(), open_removes_.end(), number));
  if (may_change(operation)) {
    const bool claims = operation.outcome == Outcome::ok && operation.revision != 0;
    if (claims) removed_ = std::max(removed_, operation.revision);
    if (!claims) unclaimed_ = operation.outcome == Outcome::unknown ? never_over : std::max(unclaimed_, events_);
    std::erase_if(in_doubt_, [&](const InDoubt& one) {
      return one.remove >= number && (!claims || operation.revision > one.present);
    });
  }
  // Whoever hoped for this one up to last hopes for those before it.
  const auto hopes = [&](const InDoubt& one) { return one.remove == number; };
  const auto one = std::find_if(in_doubt_.begin(), in_doubt_.end(), hopes);
  if (one == in_doubt_.end()) return std::nullopt;
  const std::uint64_t present = one->present;
  in_doubt_.erase(one);
  if (place == open_removes_.begin()) return WrongClaim{WrongClaim::Kind::not_gone, operation, present};
  doubt({*(place - 1), present});
  return std::nullopt;
}

}  // namespace smalldb::checker
