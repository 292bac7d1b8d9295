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
  const ValueId initial = history_.initial(task.key);
  if (initial != ValueId::absent && !history_.bytes(initial).empty()) add(initial, false, true);
  for (std::size_t i = 0; i < task.positions.size() && clear_; ++i) {
    task.fetch(i + fetch_ahead);
    const Operation& operation = task.operations[task.positions[i]];
    const bool appends = operation.verb == Verb::append;
    if (appends || operation.verb == Verb::put) add(operation.argument, appends, operation.outcome != Outcome::failed);
  }
  for (const Word& word : words_) {
    if (word.written != no_value && begins_with_another(history_.bytes(word.written))) clear_ = false;
  }
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
  if (word.written != no_value && word.took_effect && took_effect) clear_ = false;
  if (word.written == no_value || took_effect) word = {written, appended, took_effect};
}

std::size_t Parts::slot(std::string_view bytes, std::uint64_t hash) const {
  const std::size_t mask = words_.size() - 1;
  std::size_t at = (hash ^ (hash >> 32)) & mask;
  while (words_[at].written != no_value && history_.bytes(words_[at].written) != bytes) at = (at + 1) & mask;
  return at;
}

const Parts::Word* Parts::find(std::string_view text) const {
  std::uint64_t hash = hash_of_nothing;
  for (std::size_t size = 1; size <= text.size() && size < is_length_.size(); ++size) {
    hash = hash_with(hash, text[size - 1]);
    if (!is_length_[size]) continue;
    const Word& word = words_[slot(text.substr(0, size), hash)];
    if (word.written != no_value) return &word;
  }
  return nullptr;
}

bool Parts::begins_with_another(std::string_view bytes) const { return find(bytes.substr(0, bytes.size() - 1)); }

Parts::Reading Parts::read(ValueId value) {
  const std::string_view bytes = history_.bytes(value);
  if (last_.starts_with(bytes)) {
    const auto ends_before = [&](const Part& part) { return part.end <= bytes.size(); };
    const auto end = std::partition_point(parts_.begin(), parts_.end(), ends_before);
    const auto count = static_cast<std::size_t>(end - parts_.begin());
    const std::size_t read = count == 0 ? 0 : parts_[count - 1].end;
    return {std::span(parts_).first(count), count, read != bytes.size()};
  }
  if (!bytes.starts_with(last_)) parts_.clear();
  const std::size_t known = parts_.size();
  std::size_t end = known == 0 ? 0 : parts_.back().end;
  while (end < bytes.size()) {
    const Word* const word = find(bytes.substr(end));
    if (!word) break;
    end += history_.bytes(word->written).size();
    parts_.push_back({word->written, word->appended, end});
  }
  last_ = bytes.substr(0, end);
  return {parts_, known, end != bytes.size()};
}

}  // namespace smalldb::checker
