#include "properties/checker/claims.h"

#include <algorithm>

#include "properties/checker/steps.h"

namespace smalldb::checker {

std::string sentence(const WrongClaim& claim) {
  const std::string revision = "revision " + std::to_string(claim.operation.revision);
  switch (claim.kind) {
    case WrongClaim::Kind::two_writes: return revision + " had been given to another write";
    case WrongClaim::Kind::other_value: return revision + " had been told of another value";
    case WrongClaim::Kind::went_back: return "revision " + std::to_string(claim.before) + " had been told before";
    case WrongClaim::Kind::not_new: return revision + " had been told before it was written";
    case WrongClaim::Kind::gone:
      return "revision " + std::to_string(claim.operation.expected_revision) + " had been replaced before";
  }
  return "?";
}

void Claims::invoke(std::uint64_t floor) { floors_.push_back(floor); }

std::optional<WrongClaim> Claims::complete(std::uint64_t floor, const Operation& operation) {
  floors_.erase(std::lower_bound(floors_.begin(), floors_.end(), floor));
  const bool claims =
      operation.revision != 0 && (operation.outcome == Outcome::ok || operation.outcome == Outcome::mismatched);
  std::optional<WrongClaim> wrong;
  if (claims) wrong = judge(floor, operation);
  const bool by_revision = operation.verb == Verb::swap_if_revision || operation.verb == Verb::remove_if_revision;
  const bool replaces = by_revision && operation.outcome == Outcome::ok && operation.expected_revision != 0 &&
                        operation.expected_revision != any_revision;
  if (replaces && !wrong) wrong = judge_condition(floor, operation);
  // Whoever claims less than the least floor has gone back, whatever was known of that revision.
  const std::uint64_t least = floors_.empty() ? greatest_ : floors_.front();
  const auto still = [&](const Known& known) { return known.revision >= least; };
  known_.erase(known_.begin(), std::find_if(known_.begin(), known_.end(), still));
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

}  // namespace smalldb::checker
