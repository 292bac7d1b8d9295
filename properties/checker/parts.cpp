#include "properties/checker/parts.h"

#include <algorithm>
#include <bit>

namespace smalldb::checker {
namespace {

constexpr std::uint64_t hash_of_nothing = 0xcbf29ce484222325;
std::uint64_t hash_with(std::uint64_t hash, char byte) {
  return (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
}
std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = hash_of_nothing;
  for (const char byte : bytes) hash = hash_with(hash, byte);
  return hash;
}

}  // namespace

Parts::Parts(const KeyTask& task) : history_(task.history), words_(std::bit_ceil(2 * task.positions.size() + 4)) {
  add_initial(history_.initial(task.key));
  for (std::size_t i = 0; i < task.positions.size() && clear_; ++i) {
    task.fetch(i + fetch_ahead);
    const Operation& operation = task.operations[task.positions[i]];
    const bool appends = operation.verb == Verb::append;
    if (appends || operation.verb == Verb::put) add(operation.argument, appends, operation.outcome != Outcome::failed);
  }
}

Parts::Parts(const History& history, const Steps& all)
    : history_(history), words_(std::bit_ceil(2 * all.steps.size() + 4)) {
  add_initial(all.initial.value);
  for (const Step& step : all.steps) {
    const bool writes = step.effect != Effect::none && step.to.value != ValueId::absent;
    if (writes && clear_) add(step.to.value, step.effect == Effect::append, true);
  }
}

void Parts::add_initial(ValueId initial) {
  if (initial != ValueId::absent && !history_.bytes(initial).empty()) add(initial, false, true);
}

// What failed has a part too, so that it can be told who read it, unless another wrote the same.
void Parts::add(ValueId written, bool appended, bool took_effect) {
  const std::string_view bytes = history_.bytes(written);
  if (bytes.empty()) {
    clear_ = false;
    return;
  }
  if (bytes.size() >= is_length_.size()) is_length_.resize(bytes.size() + 1);
  is_length_[bytes.size()] = true;
  Word& word = words_[slot(bytes, hash_of(bytes))];
  const bool is_known = word.written != no_value && word.took_effect && took_effect;
  if (is_known && (word.appended || appended)) clear_ = false;
  if (word.written == no_value || took_effect) word = {written, appended, took_effect};
}

std::size_t Parts::slot(std::string_view bytes, std::uint64_t hash) const {
  const std::size_t mask = words_.size() - 1;
  std::size_t at = (hash ^ (hash >> 32)) & mask;
  while (words_[at].written != no_value && history_.bytes(words_[at].written) != bytes) at = (at + 1) & mask;
  return at;
}

// What part may begin at `begin`, of those that end beyond `known`.
void Parts::follow(std::size_t begin, std::size_t known) {
  std::uint64_t hash = hash_of_nothing;
  const std::size_t most = std::min(text_.size() - begin, is_length_.size() - 1);
  for (std::size_t size = 1; size <= most; ++size) {
    hash = hash_with(hash, text_[begin + size - 1]);
    if (!is_length_[size] || begin + size <= known) continue;
    const Word& word = words_[slot(text_.substr(begin, size), hash)];
    if (word.written == no_value || (begin > 0 && !word.appended)) continue;
    Place& end = places_[begin + size];
    end = {end.ways == Ways::none ? places_[begin].ways : Ways::more, word.appended, word.written, begin};
  }
}

// Finds where parts may end. The first `known` bytes are those of the last text.
void Parts::reach(std::string_view text, std::size_t known) {
  text_ = text;
  places_.resize(known + 1);
  places_.resize(text.size() + 1);
  places_.front().ways = Ways::one;
  const std::size_t from = known - std::min(known, is_length_.size());
  for (std::size_t begin = from; begin < text.size(); ++begin) {
    if (places_[begin].ways != Ways::none) follow(begin, known);
  }
}

// Makes `parts_` those that lead to `end`. Gives how many of them were there before.
std::size_t Parts::trace(std::size_t end, std::size_t known) {
  std::vector<Part> added;
  std::size_t kept = 0;
  for (std::size_t at = end; at > 0 && kept == 0; at = places_[at].begin) {
    const auto ends_before = [&](const Part& part) { return part.end < at; };
    const auto same = std::partition_point(parts_.begin(), parts_.end(), ends_before);
    if (at <= known && same != parts_.end() && same->end == at) {
      kept = static_cast<std::size_t>(same - parts_.begin()) + 1;
    } else {
      added.push_back({places_[at].written, places_[at].appended, at});
    }
  }
  parts_.resize(kept);
  parts_.insert(parts_.end(), added.rbegin(), added.rend());
  return kept;
}

Parts::Reading Parts::read(ValueId value) {
  const std::string_view bytes = history_.bytes(value);
  std::size_t known = text_.size();
  if (places_.empty() || !bytes.starts_with(text_)) {
    known = static_cast<std::size_t>(std::mismatch(bytes.begin(), bytes.end(), text_.begin(), text_.end()).first -
                                     bytes.begin());
  }
  reach(bytes, known);
  std::size_t end = bytes.size();
  while (places_[end].ways == Ways::none) --end;
  const std::size_t kept = trace(end, known);
  return {parts_, kept, end != bytes.size(), places_[end].ways == Ways::more};
}

}  // namespace smalldb::checker
