#include "properties/checker/answer_parts.h"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace smalldb::checker {
namespace {

// Of a window that moves along an answer: what it leaves is taken off.
constexpr std::uint64_t factor = 0x9e3779b97f4a7c15;

std::uint64_t hash_of_text(std::string_view bytes) {
  std::uint64_t hash = 0;
  for (const char byte : bytes) hash = hash * factor + static_cast<unsigned char>(byte);
  return hash;
}

bool needs_value(const Need& need) {
  return need.of_value == Need::Kind::is && need.value != ValueId::absent && need.value != no_value;
}
bool needs_more(const Need& need) { return !need.none() && need.of_value != Need::Kind::is; }

}  // namespace

bool AnswerParts::look_at(const std::vector<Kept>& set, std::uint64_t& steps_left) {
  collect(set);
  std::uint64_t bytes = 0;
  for (const Answer& answer : answers_) bytes += length_of(answer.value);
  std::uint64_t lengths = 0;
  for (std::size_t i = 0; i < written_.size(); ++i) {
    if (i == 0 || length_of(written_[i].value) != length_of(written_[i - 1].value)) ++lengths;
  }
  const std::uint64_t steps = lengths * bytes / bytes_a_step;
  if (steps > steps_left) return false;
  steps_left -= steps;
  for (auto begin = written_.begin(); begin != written_.end();) {
    const std::size_t length = length_of(begin->value);
    const auto end =
        std::find_if(begin, written_.end(), [&](const Written& one) { return length_of(one.value) != length; });
    for (const Answer& answer : answers_) find_in(answer.value, begin, end);
    begin = end;
  }
  return true;
}

void AnswerParts::collect(const std::vector<Kept>& set) {
  std::vector<ValueId> needed;
  std::vector<ValueId> values;
  asks_more_ = 0;
  for (const Kept& one : set) {
    const Step& step = *one.step;
    if (needs_value(step.need)) needed.push_back(step.need.value);
    if (needs_more(step.need)) ++asks_more_;
    if (one.loose && step.to.value != ValueId::absent) values.push_back(step.to.value);
  }
  std::sort(needed.begin(), needed.end());
  answers_.clear();
  for (const ValueId value : needed) {
    if (answers_.empty() || answers_.back().value != value) answers_.push_back({value, 0});
    ++answers_.back().count;
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  written_.clear();
  for (const ValueId value : values) written_.push_back({value, hash_of_text(history_.bytes(value))});
  std::sort(written_.begin(), written_.end(), [&](const Written& a, const Written& b) {
    return std::tuple(length_of(a.value), a.hash, a.value) < std::tuple(length_of(b.value), b.hash, b.value);
  });
  by_value_.assign(values.empty() ? 0 : static_cast<std::size_t>(values.back()) + 1, 0);
  for (std::uint32_t i = 0; i < written_.size(); ++i) by_value_[static_cast<std::size_t>(written_[i].value)] = i;
}

// Those from `begin` to `end` are of one length.
void AnswerParts::find_in(ValueId answer, std::vector<Written>::iterator begin, std::vector<Written>::iterator end) {
  const std::string_view bytes = history_.bytes(answer);
  const std::size_t length = length_of(begin->value);
  if (bytes.size() < length) return;
  std::uint64_t power = 1;
  for (std::size_t i = 0; i < length; ++i) power *= factor;
  std::uint64_t hash = hash_of_text(bytes.substr(0, length));
  for (std::size_t at = 0;; ++at) {
    const auto is_before = [](const Written& one, std::uint64_t than) { return one.hash < than; };
    for (auto one = std::lower_bound(begin, end, hash, is_before); one != end && one->hash == hash; ++one) {
      if (one->is_in_more || one->answer == answer || history_.bytes(one->value) != bytes.substr(at, length)) continue;
      one->is_in_more = one->is_in_any();
      one->answer = answer;
    }
    if (at + length == bytes.size()) return;
    const auto byte = [&](std::size_t which) {
      return static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[which]));
    };
    hash = hash * factor + byte(at + length) - power * byte(at);
  }
}

bool AnswerParts::keeps(const Kept& write) const {
  const Step& step = *write.step;
  if (step.to.value == ValueId::absent) return true;
  if (asks_more_ > (needs_more(step.need) ? 1U : 0U)) return true;
  const Written& written = written_[by_value_[static_cast<std::size_t>(step.to.value)]];
  const bool is_its_own = needs_value(step.need) && step.need.value == written.answer;
  if (!written.is_in_any() || written.is_in_more || !is_its_own) return written.is_in_any();
  const auto is_before = [](const Answer& one, ValueId than) { return one.value < than; };
  return std::lower_bound(answers_.begin(), answers_.end(), written.answer, is_before)->count > 1;
}

}  // namespace smalldb::checker
