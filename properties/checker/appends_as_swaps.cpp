#include "properties/checker/appends_as_swaps.h"

#include <algorithm>
#include <span>
#include <vector>

#include "properties/checker/flat_map.h"
#include "properties/checker/parts.h"

namespace smalldb::checker {
namespace {

using Kind = Need::Kind;

// What is known of a value that is made of parts.
enum class Standing : std::uint8_t {
  told,        // each of its appends follows what stands before it there, and nothing else
  untold,      // some of them may
  impossible,  // it is never there
};

class Swaps {
 public:
  Swaps(const History& history, const Steps& all)
      : history_(history), all_(all), parts_(history, all), words_(0), shown_(0), needed_(0) {}

  // False if the key is not of the kind.
  bool gather();
  std::optional<AsSwaps> make();

 private:
  // What is written.
  struct Word {
    ValueId before = no_value;  // of one that is appended: what is shown to stand before it
    std::uint32_t writers = 0;
    std::uint32_t writer = 0;  // step; of several any
    bool needed = false;       // some answer has it
  };

  Word& word_of(ValueId written) { return words_by_number_[words_.find(static_cast<std::uint32_t>(written))]; }
  void add(ValueId written, std::uint32_t step);
  bool has_parts(ValueId value) const { return value != ValueId::absent && value != no_value && value != root_; }
  bool expects(const Step& step) const { return step.need.of_value == Kind::is && has_parts(step.need.value); }
  void show(ValueId value);
  void link(std::span<const Parts::Part> parts);
  void follow_needed();
  Standing standing_of(const Parts::Reading& reading);
  enum class Untold : std::uint8_t { never, at_any_time };  // when such a value may be there
  Steps with(Untold untold);
  ValueId last_part(const Need& need, Untold untold);

  const History& history_;
  const Steps& all_;
  Parts parts_;
  ValueId root_ = ValueId::absent;  // what an append may be the first upon
  FlatMap words_;
  std::vector<Word> words_by_number_;
  std::vector<ValueId> to_follow_;  // words that became needed
  FlatMap shown_;                   // values that were there, if there is an order
  // Values that somebody needs, once all is shown.
  struct Needed {
    Standing standing{};
    ValueId last = no_value;  // part
  };
  FlatMap needed_;
  std::vector<Needed> needed_by_number_;
  bool any_untold_ = false;
  bool ambiguous_ = false;  // a value may be made of other parts as well
};

bool Swaps::gather() {
  if (!parts_.are_clear()) return false;
  const bool begins_empty = all_.initial.value != ValueId::absent && history_.bytes(all_.initial.value).empty();
  if (begins_empty) root_ = all_.initial.value;
  words_ = FlatMap(all_.steps.size() + 1);
  if (!begins_empty && all_.initial.value != ValueId::absent) {
    add(all_.initial.value, 0);
    add(all_.initial.value, 0);  // whoever else writes it is not the only one
  }
  for (std::uint32_t i = 0; i < all_.steps.size(); ++i) {
    const Step& step = all_.steps[i];
    if (step.effect == Effect::append && !step.need.none()) return false;
    if (step.effect == Effect::none) continue;
    const bool removes = step.to.value == ValueId::absent;
    if (removes && begins_empty) return false;  // then an append may be the first upon either
    if (!removes) add(step.to.value, i);
  }
  for (const Step& step : all_.steps) {
    if (!step.optional && expects(step)) show(step.need.value);
  }
  follow_needed();
  return true;
}

void Swaps::add(ValueId written, std::uint32_t step) {
  const auto [number, is_new] = words_.add(static_cast<std::uint32_t>(written));
  if (is_new) words_by_number_.emplace_back();
  ++words_by_number_[number].writers;
  words_by_number_[number].writer = step;
}

void Swaps::show(ValueId value) {
  if (!shown_.add(static_cast<std::uint32_t>(value)).is_new) return;
  const Parts::Reading reading = parts_.read(value);
  ambiguous_ = ambiguous_ || reading.is_ambiguous;
  if (standing_of(reading) != Standing::impossible) link(reading.parts);
}

void Swaps::link(std::span<const Parts::Part> parts) {
  ValueId before = root_;
  for (const Parts::Part& part : parts) {
    Word& word = word_of(part.written);
    if (part.appended && word.before == no_value) word.before = before;
    if (!word.needed) to_follow_.push_back(part.written);
    word.needed = true;
    before = part.written;
  }
}

// Who alone can have written what is needed has taken effect, and found what it expected.
void Swaps::follow_needed() {
  while (!to_follow_.empty()) {
    const Word& word = word_of(to_follow_.back());
    to_follow_.pop_back();
    const Step& writer = all_.steps[word.writer];
    if (word.writers == 1 && expects(writer)) show(writer.need.value);
  }
}

Standing Swaps::standing_of(const Parts::Reading& reading) {
  if (reading.parts.empty() || reading.breaks_off) return Standing::impossible;
  Standing standing = Standing::told;
  ValueId before = root_;
  for (const Parts::Part& part : reading.parts) {
    if (!part.appended && before != root_) return Standing::impossible;
    const ValueId shown = part.appended ? word_of(part.written).before : before;
    if (shown == no_value) standing = Standing::untold;
    if (shown != no_value && shown != before) return Standing::impossible;
    before = part.written;
  }
  return standing;
}

std::optional<AsSwaps> Swaps::make() {
  AsSwaps made;
  made.steps = with(Untold::never);
  if (ambiguous_) return std::nullopt;
  if (any_untold_) made.more = with(Untold::at_any_time);
  return made;
}

Steps Swaps::with(Untold untold) {
  Steps made = all_;
  for (Step& step : made.steps) {
    if (step.effect == Effect::append) {
      step.effect = Effect::set;
      const ValueId before = word_of(step.to.value).before;
      if (before != no_value) step.need = {Kind::is, Kind::none, before, 0};
    } else if (step.need.of_value != Kind::none && has_parts(step.need.value)) {
      step.need.value = last_part(step.need, untold);
    }
  }
  return made;
}

// Of what is needed, or needed not to be; no_value if that is never there.
ValueId Swaps::last_part(const Need& need, Untold untold) {
  const auto [number, is_new] = needed_.add(static_cast<std::uint32_t>(need.value));
  if (is_new) {
    const Parts::Reading reading = parts_.read(need.value);
    const Standing standing = standing_of(reading);
    ambiguous_ = ambiguous_ || reading.is_ambiguous;
    needed_by_number_.push_back({standing, standing == Standing::impossible ? no_value : reading.parts.back().written});
  }
  const Needed& needed = needed_by_number_[number];
  if (needed.standing != Standing::untold) return needed.last;
  any_untold_ = true;
  const bool is_denied = need.of_value == Kind::is_not;
  return is_denied == (untold == Untold::never) ? needed.last : no_value;
}

}  // namespace

std::optional<AsSwaps> appends_as_swaps(const History& history, const Steps& all) {
  Swaps swaps(history, all);
  if (!swaps.gather()) return std::nullopt;
  return swaps.make();
}

}  // namespace smalldb::checker
