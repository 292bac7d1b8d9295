#include "properties/checker/formats/follow.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "properties/checker/formats/builder.h"
#include "properties/checker/stream.h"

namespace smalldb::checker {
namespace {

constexpr std::uint64_t no_line_beyond = std::numeric_limits<std::uint32_t>::max();

// Nothing more needs to be read.
struct Decided {};

class Follower final : public Recipient {
 public:
  Follower(std::uint64_t steps_max, const std::optional<std::string>& initial,
           const std::function<void(std::uint64_t line)>& tell)
      : steps_max_(steps_max), stream_(steps_max), has_initial_(initial.has_value()), tell_(tell) {
    if (initial) stream_.start_all_keys_with(stream_.value(*initial));
  }

  KeyId key(std::string_view name) override { return names_.key(name); }
  ProcessId process(std::string_view name) override { return names_.process(name); }
  std::string_view name(ProcessId process) const override { return names_.name(process); }
  ValueId value(std::string_view bytes) override { return stream_.value(bytes); }
  void advance(Instant now) override {
    if (!held_.empty() && held_.front().operation.returned < now) take_up();
  }
  void start_all_keys_with(ValueId value) override {
    if (!has_initial_) stream_.start_all_keys_with(value);
  }
  void start_with(KeyId key, ValueId value) override {
    if (!has_initial_) stream_.start_with(key, value);
  }
  void mark(History::Mark) override {}

  std::uint64_t call(const Operation& operation, std::uint64_t line) override;
  void answer(std::uint64_t number, const Operation& operation, std::uint64_t line) override;
  Followed finish();

 private:
  struct Called {
    Stream::Ticket ticket;
    std::uint64_t line = 0;
  };
  // An answer that is not taken up yet.
  struct Held {
    Called called;
    Operation operation;
    std::string result;
    std::uint64_t line = 0;
  };

  struct Key {
    std::uint64_t operations = 0;
    Instant judged_until = 0;
  };

  void take_up();
  void tell_undecided();
  Followed::Answer told(const Held& held) const;
  ValueId same(ValueId value, History& in) const;

  std::uint64_t steps_max_;
  Stream stream_;
  History names_;  // of keys and processes: no values, no operations
  bool has_initial_;
  const std::function<void(std::uint64_t line)>& tell_;
  std::vector<Key> keys_;
  std::vector<Called> called_;         // by number
  std::vector<std::uint64_t> unused_;  // numbers
  // Intervals are closed: what is called at the instant of an answer may come before it. So that answer waits for the
  // next instant.
  std::vector<Held> held_;
  Followed followed_;
};

std::uint64_t Follower::call(const Operation& operation, std::uint64_t line) {
  ++followed_.operations;
  const auto key = static_cast<std::size_t>(operation.key);
  if (key >= keys_.size()) keys_.resize(key + 1);
  if (keys_[key].operations++ == 0) keys_[key].judged_until = operation.invoked;
  if (unused_.empty()) {
    unused_.push_back(called_.size());
    called_.emplace_back();
  }
  const std::uint64_t number = unused_.back();
  unused_.pop_back();
  called_[number] = {stream_.invoke(operation), line};
  return number;
}

void Follower::answer(std::uint64_t number, const Operation& operation, std::uint64_t line) {
  unused_.push_back(number);
  if (operation.outcome == Outcome::unknown) {  // at no instant
    ++followed_.operations_unknown;
    stream_.complete(called_[number].ticket, operation);
    return;
  }
  const bool reads = operation.result != ValueId::absent;
  held_.push_back({called_[number], operation, reads ? stream_.bytes(operation.result) : "", line});
}

void Follower::take_up() {
  for (Held& held : held_) {
    // Numbers of values are good until the next event only.
    if (held.operation.result != ValueId::absent) held.operation.result = stream_.value(held.result);
    const bool was_wrong = stream_.wrong_claim().has_value();
    stream_.complete(held.called.ticket, held.operation);
    tell_(held.line);
    if (!was_wrong && stream_.wrong_claim()) {
      followed_.wrong_revision = told(held);
      followed_.wrong = sentence(*stream_.wrong_claim());
    }
    const KeyId key = held.operation.key;
    const bool is_judged = !stream_.is_given_up(key) && !stream_.is_behind(key);
    if (is_judged) keys_[static_cast<std::size_t>(key)].judged_until = held.operation.returned;
    if (!stream_.contradiction()) continue;
    followed_.contradiction = told(held);
    followed_.late = stream_.contradiction()->late;
    for (const State& state : stream_.contradiction()->states) {
      followed_.states.push_back(same(state.value, followed_.contradiction->operation));
    }
    throw Decided{};
  }
  held_.clear();
}

Followed::Answer Follower::told(const Held& held) const {
  Followed::Answer answer;
  History& history = answer.operation;
  Operation operation = held.operation;
  operation.key = history.key(names_.name(operation.key));
  operation.process = history.process(names_.name(operation.process));
  for (ValueId* const value : {&operation.argument, &operation.expected, &operation.result}) {
    *value = same(*value, history);
  }
  history.add(operation, static_cast<std::uint32_t>(std::min<std::uint64_t>(held.called.line, no_line_beyond)));
  answer.line = held.line;
  return answer;
}

ValueId Follower::same(ValueId value, History& in) const {
  return value == ValueId::absent ? value : in.value(stream_.bytes(value));
}

void Follower::tell_undecided() {
  for (std::uint32_t i = 0; i < keys_.size(); ++i) {
    const KeyId key{i};
    if (keys_[i].operations == 0 || (!stream_.is_given_up(key) && !stream_.is_behind(key))) continue;
    if (followed_.undecided.size() == Followed::undecided_most) {
      ++followed_.undecided_left_out;
    } else {
      followed_.undecided.push_back({std::string(names_.name(key)), keys_[i].operations, keys_[i].judged_until});
    }
  }
}

Followed Follower::finish() {
  followed_.conclusion = stream_.conclusion();
  if (followed_.conclusion == Conclusion::unknown) tell_undecided();
  followed_.keys = names_.key_count();
  followed_.processes = names_.process_count();
  followed_.steps = steps_max_ - stream_.steps_left();
  return std::move(followed_);
}

}  // namespace

std::variant<Followed, Malformed> follow(Source& source, std::uint64_t steps_max, const ReadOptions& options,
                                         const std::function<void(std::uint64_t line)>& tell) {
  Follower follower(steps_max, options.initial, tell);
  try {
    read_into(follower, source, options);
    follower.advance(never);
  } catch (const Decided&) {
    return follower.finish();
  } catch (Malformed& malformed) {
    return std::move(malformed);
  }
  return follower.finish();
}

}  // namespace smalldb::checker
