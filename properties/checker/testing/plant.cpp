#include "properties/checker/testing/plant.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace smalldb::checker::testing {
namespace {

constexpr Instant room = 16;

struct Planted {
  Verb verb;
  Instant invoked;
  Instant returned;
  const char* value;
  const char* expected = nullptr;
  Outcome outcome = Outcome::ok;
};

std::vector<Planted> planted(Anomaly anomaly) {
  switch (anomaly) {
    case Anomaly::stale_read:
      return {{Verb::put, 1, 2, "a"}, {Verb::put, 3, 4, "b"}, {Verb::get, 5, 6, "a"}, {Verb::get, 7, 8, "b"}};
    case Anomaly::lost_update: return {{Verb::put, 1, 2, "a"}, {Verb::put, 3, 4, "b"}, {Verb::get, 5, 6, "a"}};
    case Anomaly::dirty_read: return {{Verb::put, 1, 2, "a", nullptr, Outcome::failed}, {Verb::get, 3, 4, "a"}};
    case Anomaly::phantom_value: return {{Verb::get, 1, 2, "a"}};
    case Anomaly::future_read: return {{Verb::get, 1, 2, "a"}, {Verb::put, 3, 4, "a"}};
    case Anomaly::non_monotonic_read:
      return {{Verb::put, 1, 2, "a"}, {Verb::put, 3, 9, "b"}, {Verb::get, 5, 6, "b"}, {Verb::get, 7, 8, "a"}};
    case Anomaly::duplicate_effect:
      return {{Verb::put, 1, never, "a", nullptr, Outcome::unknown},
              {Verb::get, 2, 3, "a"},
              {Verb::put, 4, 5, "b"},
              {Verb::get, 6, 7, "a"}};
    case Anomaly::exclusive_writes:
      return {{Verb::put, 1, 2, "a"}, {Verb::swap_if_value, 3, 6, "b", "a"}, {Verb::swap_if_value, 4, 7, "c", "a"}};
    case Anomaly::no_order: break;
  }
  return {};
}

// An acknowledged put with which nothing of known outcome on its key overlaps.
bool is_alone(const Operations& operations, std::size_t at) {
  const Operation& put = operations[at];
  if (put.verb != Verb::put || put.outcome != Outcome::ok) return false;
  return std::none_of(operations.begin(), operations.end(), [&](const Operation& other) {
    const bool overlaps = other.invoked <= put.returned && other.returned >= put.invoked;
    const bool was_given_up = other.outcome == Outcome::unknown && other.invoked < put.invoked;
    return &other != &put && other.key == put.key && overlaps && !was_given_up;
  });
}

}  // namespace

bool plant(History& history, Anomaly anomaly, std::uint32_t permille) {
  Operations operations = history.operations();
  std::size_t at = operations.size() * permille / 1000;
  while (at < operations.size() && !is_alone(operations, at)) ++at;
  if (at == operations.size()) return false;
  const Instant from = operations[at].invoked;
  const KeyId key = operations[at].key;
  for (Operation& operation : operations) {
    if (operation.invoked >= from) operation.invoked += room;
    if (operation.returned >= from && operation.returned != never) operation.returned += room;
  }
  const auto value = [&](const char* name) { return history.value("planted " + std::string(name)); };
  std::size_t number = 0;
  for (const Planted& one : planted(anomaly)) {
    Operation operation;
    operation.key = key;
    operation.process = history.process("planter " + std::to_string(++number));
    operation.verb = one.verb;
    operation.outcome = one.outcome;
    operation.invoked = from + one.invoked;
    operation.returned = one.returned == never ? never : from + one.returned;
    (one.verb == Verb::get ? operation.result : operation.argument) = value(one.value);
    if (one.expected != nullptr) operation.expected = value(one.expected);
    operations.push_back(operation);
  }
  std::stable_sort(operations.begin(), operations.end(),
                   [](const Operation& one, const Operation& other) { return one.invoked < other.invoked; });
  history.replace_operations(std::move(operations));
  return true;
}

}  // namespace smalldb::checker::testing
