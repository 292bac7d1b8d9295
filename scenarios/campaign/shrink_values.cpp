// The passes that go over all that a scenario says, whatever it is: what is not said is as in a plain scenario, what is
// drawn from a range is one value, and what is odd is round.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "scenarios/campaign/shrinker.h"
#include "scenarios/check.h"
#include "scenarios/judged.h"
#include "scenarios/language.h"
#include "scenarios/quantities.h"

namespace smalldb::scenarios {
namespace {

using sim::Distribution;

// ---- Keys -----------------------------------------------------------------------------------------------------------

// Keys and indexes from the top.
using Path = std::vector<std::string>;

bool is_expectation_of_a_property(std::string_view key) {
  if (key == "others") return true;
  const std::vector<Judged>& judged = judged_properties();
  return std::any_of(judged.begin(), judged.end(), [&](const Judged& property) { return property.name == key; });
}

// Each key of the maps below `node`, one that holds others before those.
void add_keys(const Node& node, const Path& path, std::vector<Path>& keys) {
  const auto step = [&](const std::string& name) {
    Path longer = path;
    longer.push_back(name);
    return longer;
  };
  for (std::size_t item = 0; item < node.items.size(); ++item) {
    if (node.items[item].is_map()) add_keys(node.items[item], step(std::to_string(item)), keys);
  }
  for (const Node::Entry& entry : node.entries) {
    const bool is_expected = !path.empty() && path[0] == "expect" && is_expectation_of_a_property(entry.key);
    if (is_expected || entry.key == "may_miss") continue;  // expect_plainly, rely_on_nothing
    if (path.empty() && (entry.key == "name" || entry.key == "why" || entry.key == "seed")) continue;
    Path key = step(entry.key);
    // Whole lists of what happens are elements, and dropped as such.
    const bool is_list_of_elements =
        path.empty() && (entry.key == "workload" || entry.key == "faults" || entry.key == "operator");
    if (!is_list_of_elements && !(path.empty() && entry.key == "expect")) keys.push_back(key);
    if (!(path.empty() && entry.key == "pins")) add_keys(entry.value, key, keys);
  }
}

// Without what stands there; false if nothing does.
bool erase(Node& root, const Path& path) {
  Node* node = &root;
  for (std::size_t depth = 0;; ++depth) {
    if (node->is_list()) {
      const std::size_t item = std::stoul(path[depth]);
      if (item >= node->items.size()) return false;
      node = &node->items[item];
      continue;
    }
    const auto entry = std::find_if(node->entries.begin(), node->entries.end(),
                                    [&](const Node::Entry& each) { return each.key == path[depth]; });
    if (entry == node->entries.end()) return false;
    if (depth + 1 == path.size()) {
      node->entries.erase(entry);
      return true;
    }
    node = &entry->value;
  }
}

std::optional<Scenario> read_from(const Node& root) {
  std::vector<Problem> problems;
  grammar::Reader reader("shrunk", problems);
  Scenario scenario;
  grammar::Struct<Scenario>::read(root, scenario, reader);
  return problems.empty() ? std::optional(std::move(scenario)) : std::nullopt;
}

void leave_unsaid(Scenario& scenario, const Path& path) {
  Node root = grammar::Struct<Scenario>::write(scenario);
  if (!erase(root, path)) return;
  if (auto without = read_from(root)) scenario = *std::move(without);
}

// ---- Numbers --------------------------------------------------------------------------------------------------------

std::int64_t magnitude(std::int64_t value) { return value < 0 ? -value : value; }

// Of a number of so many digits, the place of the first.
std::int64_t first_place(std::int64_t value) {
  std::int64_t place = 1;
  while (value / place >= 10) place *= 10;
  return place;
}

// How many digits it takes to say it, zeros at the end left out.
std::size_t digits(std::int64_t value) {
  value = magnitude(value);
  if (value == 0) return 0;
  while (value % 10 == 0) value /= 10;
  return std::to_string(value).size();
}

// The same for a size: a power of two, or a few of them, is round as well.
std::size_t digits_of_size(std::uint64_t size) {
  if (size == 0) return 0;
  std::uint64_t odd = size;
  while (odd % 2 == 0) odd /= 2;
  return std::min(digits(static_cast<std::int64_t>(size)), std::to_string(odd).size());
}

// Rounder numbers beside it, the roundest first, and the smaller of two: of one digit 1, 2 or 5; of one digit; of two;
// and so on.
std::vector<std::int64_t> rounder(std::int64_t value) {
  const std::int64_t sign = value < 0 ? -1 : 1;
  const std::int64_t size = magnitude(value);
  const std::size_t said_with = digits(value);
  std::vector<std::int64_t> numbers;
  if (said_with <= 1) return numbers;
  const std::int64_t place = first_place(size);
  std::int64_t below = place, above = 10 * place;
  for (const std::int64_t step : {2 * place, 5 * place}) {
    if (step < size) below = step;
    if (step > size) above = std::min(above, step);
  }
  const auto add = [&](std::int64_t number) {
    if (digits(number) < said_with && std::find(numbers.begin(), numbers.end(), sign * number) == numbers.end())
      numbers.push_back(sign * number);
  };
  add(below);
  add(above);
  for (std::int64_t unit = place; unit >= 10 || unit == place; unit /= 10) {
    add(size / unit * unit);
    add(size / unit * unit + unit);
    if (unit == 1) break;
  }
  return numbers;
}

std::vector<std::uint64_t> rounder_sizes(std::uint64_t size) {
  std::vector<std::uint64_t> sizes;
  if (digits_of_size(size) <= 1) return sizes;
  std::uint64_t power = 1;
  while (power * 2 < size) power *= 2;
  sizes = {power, power * 2};
  for (const std::int64_t number : rounder(static_cast<std::int64_t>(size))) {
    sizes.push_back(static_cast<std::uint64_t>(number));
  }
  return sizes;
}

std::uint64_t value_of(const Quantities::Number& number) {
  return std::visit([](const auto* value) { return static_cast<std::uint64_t>(*value); }, number);
}

void put(const Quantities::Number& number, std::uint64_t value) {
  std::visit([value](auto* place) { *place = static_cast<std::remove_reference_t<decltype(*place)>>(value); }, number);
}

// ---- Ranges ---------------------------------------------------------------------------------------------------------

// As one writes it: a range from a value to itself is that value.
void tidy(Distribution& range) {
  if (range.shape == Distribution::Shape::uniform && range.least == range.most) {
    const Distribution tail = range;
    range = sim::constant(range.least);
    range.tail = tail.tail;
    range.tail_least = tail.tail_least;
    range.tail_most = tail.tail_most;
  }
}

// The lengths that it is made of. Those of a constant are one.
std::vector<Duration Distribution::*> lengths_of(const Distribution& range) {
  std::vector<Duration Distribution::*> lengths = {&Distribution::least};
  if (range.shape == Distribution::Shape::exponential) lengths.push_back(&Distribution::mean);
  if (range.shape != Distribution::Shape::constant) lengths.push_back(&Distribution::most);
  if (!range.tail.never()) {
    lengths.push_back(&Distribution::tail_least);
    lengths.push_back(&Distribution::tail_most);
  }
  return lengths;
}

void put(Distribution& range, Duration Distribution::*length, Duration value) {
  range.*length = value;
  if (range.shape == Distribution::Shape::constant && length == &Distribution::least) range.mean = range.most = value;
  tidy(range);
}

// Rather the middle than an end, and a round one if there is one between them.
std::vector<std::int64_t> values_within(std::int64_t least, std::int64_t most) {
  const std::int64_t middle = least + (most - least) / 2;
  std::vector<std::int64_t> values;
  for (const std::int64_t round : rounder(middle)) {
    if (least <= round && round <= most) values.push_back(round);
    if (values.size() == 2) break;
  }
  if (digits(middle) <= 1) values.push_back(middle);
  values.push_back(least);
  values.push_back(most);
  return values;
}

std::vector<Distribution> fixed(const Distribution& range) {
  std::vector<Distribution> candidates;
  if (Shrinker::is_fixed(range)) return candidates;
  Distribution usual = range;
  usual.tail = {};
  usual.tail_least = usual.tail_most = {};
  const bool has_tail = !range.tail.never();
  const Duration most = range.most == Duration{} ? std::max(range.mean, range.least) : range.most;
  for (const std::int64_t value : values_within(range.least.nanoseconds, most.nanoseconds)) {
    candidates.push_back(sim::constant({value}));
  }
  if (!has_tail) return candidates;
  candidates.insert(candidates.begin(), usual);
  for (const std::int64_t value : values_within(range.tail_least.nanoseconds, range.tail_most.nanoseconds)) {
    candidates.push_back(sim::constant({value}));
  }
  for (const std::int64_t value : values_within(range.least.nanoseconds, most.nanoseconds)) {
    candidates.push_back(sim::with_tail(sim::constant({value}), range.tail, range.tail_least, range.tail_most));
  }
  for (const std::int64_t value : values_within(range.tail_least.nanoseconds, range.tail_most.nanoseconds)) {
    candidates.push_back(sim::with_tail(usual, range.tail, {value}, {value}));
  }
  std::erase(candidates, range);
  return candidates;
}

}  // namespace

// The words alone, and not yet how they stand in a file: that costs more than most runs.
bool Shrinker::is_what_its_words_say(const Scenario& scenario) {
  return read_from(grammar::Struct<Scenario>::write(scenario)) == scenario;
}

bool Shrinker::plain_settings() {
  std::vector<Path> keys;
  add_keys(grammar::Struct<Scenario>::write(best_), {}, keys);
  std::vector<Change> changes;
  for (const Path& key : keys) {
    changes.emplace_back([&key](Scenario& scenario) {
      leave_unsaid(scenario, key);
      drop_what_does_not_fit(scenario);
    });
  }
  return try_each(changes);
}

// What stands under an innermost key, but for what counts as elements, and for what would only be replaced by more.
std::vector<Scenario> Shrinker::without_a_setting() const {
  std::vector<Path> keys;
  add_keys(grammar::Struct<Scenario>::write(best_), {}, keys);
  std::vector<Scenario> all;
  for (std::size_t at = 0; at < keys.size(); ++at) {
    const Path& key = keys[at];
    const bool holds_others = at + 1 < keys.size() && keys[at + 1].size() > key.size() &&
                              std::equal(key.begin(), key.end(), keys[at + 1].begin());
    if (holds_others || (key[0] == "workload" && (key.back() == "script" || key.back() == "generate"))) continue;
    Scenario without = best_;
    leave_unsaid(without, key);
    drop_what_does_not_fit(without);
    if (keeps_what_was_promised(without) && size_of(without) < size_ && check(without).empty())
      all.push_back(std::move(without));
  }
  return all;
}

bool Shrinker::fixed_values() {
  bool kept = false;
  const Quantities found = quantities_of(best_);
  const std::size_t distributions = found.distributions.size(), size_ranges = found.size_ranges.size();
  for (std::size_t n = 0; n < distributions; ++n) {
    std::vector<Change> changes;
    for (const Distribution& value : fixed(*quantities_of(best_).distributions[n])) {
      changes.emplace_back([n, value](Scenario& s) { *quantities_of(s).distributions[n] = value; });
    }
    kept |= try_until_kept(changes);
  }
  for (std::size_t n = 0; n < size_ranges; ++n) {
    const SizeRange range = *quantities_of(best_).size_ranges[n];
    if (range.least == range.most) continue;
    std::vector<Change> changes;
    for (const std::int64_t value :
         values_within(static_cast<std::int64_t>(range.least), static_cast<std::int64_t>(range.most))) {
      const auto size = static_cast<std::uint64_t>(value);
      changes.emplace_back([n, size](Scenario& s) { *quantities_of(s).size_ranges[n] = {size, size}; });
    }
    kept |= try_until_kept(changes);
  }
  return kept;
}

// With lengths that are not drawn instead of a seed that draws them as they have to be, those of a plain world among
// them. Longer to write, and yet better: one sees what the failure rests on, and need not be lucky.
bool Shrinker::fixed_rather_than_seeded() {
  if (best_.seed == Scenario{}.seed) return false;
  std::vector<std::size_t> drawn;
  const Quantities found = quantities_of(best_);
  for (std::size_t n = 0; n < found.distributions.size(); ++n) {
    if (!is_fixed(*found.distributions[n])) drawn.push_back(n);
  }
  std::vector<Change> changes;
  for (const std::size_t n : drawn) {
    for (const Distribution& value : fixed(*found.distributions[n])) {
      changes.emplace_back([n, value](Scenario& s) {
        s.seed = Scenario{}.seed;
        *quantities_of(s).distributions[n] = value;
      });
    }
  }
  changes.emplace_back([&drawn](Scenario& s) {
    s.seed = Scenario{}.seed;
    for (const std::size_t n : drawn) {
      Distribution& range = *quantities_of(s).distributions[n];
      range = fixed(range).front();
    }
  });
  return first_kept(changes, Keep::in_any_case).has_value();
}

std::size_t Shrinker::digits_of(const Scenario& scenario) {
  Scenario copy = scenario;
  const Quantities all = quantities_of(copy);
  std::size_t sum = 0;
  for (const std::int64_t* number : all.decimals) sum += digits(*number);
  for (const Quantities::Number& count : all.counts) sum += digits(static_cast<std::int64_t>(value_of(count)));
  for (const Quantities::Number& size : all.sizes) sum += digits_of_size(value_of(size));
  for (const SizeRange* range : all.size_ranges) sum += digits_of_size(range->least) + digits_of_size(range->most);
  for (const Distribution* range : all.distributions) {
    for (const auto length : lengths_of(*range)) sum += digits((range->*length).nanoseconds);
  }
  return sum;
}

// The scenario in other words, of the same shape: places among its quantities stay as they are.
bool Shrinker::round_numbers() {
  bool kept = false;
  const auto round = [&](std::size_t count, auto&& candidates_of, auto&& put_there) {
    for (std::size_t n = 0; n < count; ++n) {
      std::vector<Change> changes;
      for (const auto candidate : candidates_of(quantities_of(best_), n)) {
        changes.emplace_back([=](Scenario& s) { put_there(quantities_of(s), n, candidate); });
      }
      kept |= try_until_kept(changes);
    }
  };
  const Quantities all = quantities_of(best_);
  const std::size_t distributions = all.distributions.size(), size_ranges = all.size_ranges.size();
  round(
      all.decimals.size(), [](const Quantities& of, std::size_t n) { return rounder(*of.decimals[n]); },
      [](const Quantities& of, std::size_t n, std::int64_t value) { *of.decimals[n] = value; });
  round(
      all.counts.size(),
      [](const Quantities& of, std::size_t n) { return rounder(static_cast<std::int64_t>(value_of(of.counts[n]))); },
      [](const Quantities& of, std::size_t n, std::int64_t value) {
        put(of.counts[n], static_cast<std::uint64_t>(value));
      });
  round(
      all.sizes.size(), [](const Quantities& of, std::size_t n) { return rounder_sizes(value_of(of.sizes[n])); },
      [](const Quantities& of, std::size_t n, std::uint64_t value) { put(of.sizes[n], value); });
  for (const auto end : {&SizeRange::least, &SizeRange::most}) {
    round(
        size_ranges, [end](const Quantities& of, std::size_t n) { return rounder_sizes(of.size_ranges[n]->*end); },
        [end](const Quantities& of, std::size_t n, std::uint64_t value) {
          SizeRange& range = *of.size_ranges[n];
          if (range.least == range.most) range.least = range.most = value;
          range.*end = value;
        });
  }
  for (std::size_t n = 0; n < distributions; ++n) {
    for (const auto length : lengths_of(*quantities_of(best_).distributions[n])) {
      std::vector<Change> changes;
      for (const std::int64_t value : rounder((quantities_of(best_).distributions[n]->*length).nanoseconds)) {
        changes.emplace_back([=](Scenario& s) { put(*quantities_of(s).distributions[n], length, {value}); });
      }
      kept |= try_until_kept(changes);
    }
  }
  std::vector<Change> changes;
  for (const std::uint64_t seed : {1, 2, 3}) {
    changes.emplace_back([seed](Scenario& s) { s.seed = std::min(s.seed, seed); });
  }
  return try_until_kept(changes) || kept;
}

}  // namespace smalldb::scenarios
