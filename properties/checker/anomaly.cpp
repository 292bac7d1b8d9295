#include "properties/checker/anomaly.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "properties/checker/flat_map.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {
namespace {

constexpr Instant before_all = std::numeric_limits<Instant>::min();
constexpr std::size_t nobody = std::numeric_limits<std::size_t>::max();

ValueId left_by(const Operation& operation) { return removes(operation) ? ValueId::absent : operation.argument; }

// The value that it must have found to answer as it did; no_value if any would do, or it may never have happened.
ValueId found_by(const Operation& operation) {
  const std::optional<Step> step = step_of(operation);
  const bool found = step && !step->optional && step->need.of_value == Need::Kind::is;
  return found ? step->need.value : no_value;
}

// What it needs, should it take effect.
ValueId needed_by(const Operation& operation) {
  const std::optional<Step> step = step_of(operation);
  return step && step->need.of_value == Need::Kind::is ? step->need.value : no_value;
}

// It may have found that value without saying so: it was told that what it asked for was not there, or that it was what
// had some revision.
bool may_have_found(const Operation& operation, ValueId value, std::uint64_t revision) {
  const std::optional<Step> step = step_of(operation);
  if (!step || step->optional) return false;
  if (step->need.of_value == Need::Kind::is_not) return step->need.value != value;
  if (step->need.of_revision == Need::Kind::is) return revision == 0 || step->need.revision == revision;
  return step->need.of_revision == Need::Kind::is_not;
}

// What the key's operations say of one value.
struct About {
  bool from_start = false;
  std::size_t writes = 0;             // of its sources
  std::size_t source = nobody;        // the last of these
  Instant all_returned = before_all;  // when these had: `never` if one had not
  bool any_written = false;           // or may have been, whenever
  Instant first_seen = never;         // the first return of another than the culprit who found it, before that returned
  Instant last_seen = before_all;     // the last call of such
  bool may_be_seen = false;           // by anybody, whenever

  bool has_sources() const { return from_start || writes > 0; }
  bool has_single_source() const { return writes + (from_start ? 1 : 0) == 1; }
  // `never` if it may still come, or was never there.
  Instant over_by() const {
    if (!has_sources()) return never;
    return has_single_source() && !from_start ? std::min(all_returned, first_seen) : all_returned;
  }
};

class Name {
 public:
  Name(const KeyTask& task, const Violation& violation)
      : task_(task), violation_(violation), culprit_(task.operations[violation.culprit]), numbers_(64) {
    found_ = found_by(culprit_);
    if (found_ != no_value) add(found_);
    for (const auto* positions : {&violation.operations, &violation.writers}) {
      for (const std::size_t position : *positions) {
        const Operation& operation = at(position);
        if (operation.verb != Verb::get && operation.verb != Verb::append) add(left_by(operation));
        if (const ValueId value = needed_by(operation); value != no_value) add(value);
      }
    }
    const ValueId initial = task.history.initial(task.key);
    if (const std::uint32_t number = number_of(initial); number != FlatMap::none) about_[number].from_start = true;
    for (const std::uint32_t position : task.positions) note(position);
  }

  struct Said {
    Anomaly anomaly = Anomaly::no_order;
    std::optional<std::size_t> other;
  };
  Said say() const {
    std::optional<Said> said = unwritten();
    if (!said) said = exclusive();
    // Whoever read, or was told what was there instead, has been told a value; others only that it was as they
    // expected.
    const bool was_told = culprit_.verb == Verb::get || culprit_.has_result;
    if (!said && was_told && found_ != no_value) said = appends_ ? out_of_place_text() : out_of_place();
    return said.value_or(Said{});
  }

 private:
  const Operation& at(std::size_t position) const { return task_.operations[position]; }
  std::uint32_t number_of(ValueId value) const { return numbers_.find(static_cast<std::uint32_t>(value)); }
  const About* about(ValueId value) const {
    const std::uint32_t number = value == no_value ? FlatMap::none : number_of(value);
    return number == FlatMap::none ? nullptr : &about_[number];
  }
  void add(ValueId value) {
    if (numbers_.add(static_cast<std::uint32_t>(value)).is_new) about_.emplace_back();
  }

  void note(std::uint32_t position) {
    const Operation& operation = at(position);
    if (operation.verb == Verb::append) {
      appends_ = true;
    } else if (operation.verb != Verb::get) {
      if (may_change(operation) && operation.invoked <= culprit_.returned) replaces_ = true;
      note_write(position, operation);
    }
    if (const ValueId value = found_by(operation); value != no_value) note_seen(position, operation, value);
    // Who was told what contradicts itself has been told it all the same.
    if (operation.has_result && about(operation.result) != nullptr) {
      about_[number_of(operation.result)].may_be_seen = true;
    }
  }
  void note_write(std::uint32_t position, const Operation& operation) {
    const std::uint32_t number = number_of(left_by(operation));
    if (number == FlatMap::none) return;
    About& value = about_[number];
    if (!may_change(operation)) return;
    value.any_written = true;
    if (operation.invoked > culprit_.returned) return;
    ++value.writes;
    value.source = position;
    value.all_returned = std::max(value.all_returned, operation.returned);
  }
  void note_seen(std::uint32_t position, const Operation& operation, ValueId found) {
    const std::uint32_t number = number_of(found);
    if (number == FlatMap::none) return;
    About& value = about_[number];
    value.may_be_seen = true;
    if (position == violation_.culprit || operation.returned >= culprit_.returned) return;
    value.first_seen = std::min(value.first_seen, operation.returned);
    value.last_seen = std::max(value.last_seen, operation.invoked);
  }

  // The one of the proof's operations besides the culprit that fits and was invoked last.
  template <class Fits>
  std::optional<std::size_t> last_that(const std::vector<std::size_t>& positions, Fits fits) const {
    std::optional<std::size_t> last;
    for (const std::size_t position : positions) {
      if (position == violation_.culprit || !fits(position)) continue;
      if (!last || at(position).invoked >= at(*last).invoked) last = position;
    }
    return last;
  }
  template <class Fits>
  std::optional<std::size_t> last_of_all_that(Fits fits) const {
    const auto last = last_that(violation_.operations, fits);
    return last ? last : last_that(violation_.writers, fits);
  }
  bool is_before(const Operation& operation) const { return operation.returned < culprit_.invoked; }

  // What it found had no source.
  std::optional<Said> unwritten() const;
  // Another has found the same, and it was there but once.
  std::optional<Said> exclusive() const;
  std::optional<Said> out_of_place() const;
  std::optional<Said> twice() const;
  bool is_newer(std::size_t position, ValueId value, const About& old) const;
  bool comes_of(ValueId value) const;
  bool was_seen(std::size_t write) const;
  bool took_effect(std::size_t position) const;
  bool were_rivals(std::size_t position) const;

  // The same, where something is appended.
  std::optional<Said> unwritten_text() const;
  std::optional<Said> out_of_place_text() const;
  std::string_view text() const { return task_.history.bytes(found_); }
  bool holds(const Operation& operation) const {
    return text().find(task_.history.bytes(operation.argument)) != std::string_view::npos;
  }
  template <class Fits>
  std::set<std::string_view> parts_that(Fits fits) const;
  std::set<std::string_view> parts_begun() const;

  const KeyTask& task_;
  const Violation& violation_;
  const Operation& culprit_;
  ValueId found_ = no_value;  // by the culprit
  bool appends_ = false;
  bool replaces_ = false;  // something other than an append may have happened by then
  FlatMap numbers_;
  std::vector<About> about_;
};

std::optional<Name::Said> Name::unwritten() const {
  if (found_ == no_value) return std::nullopt;
  if (appends_ && found_ != ValueId::absent) return unwritten_text();
  const About& value = *about(found_);
  if (value.has_sources()) return std::nullopt;
  const auto writes_it = [&](std::size_t position) {
    return at(position).verb != Verb::get && at(position).verb != Verb::append && left_by(at(position)) == found_;
  };
  const auto in_vain = last_that(violation_.operations, [&](std::size_t position) {
    return writes_it(position) && has_no_effect(at(position).outcome) && at(position).invoked <= culprit_.returned;
  });
  if (in_vain) return Said{Anomaly::dirty_read, in_vain};
  const auto later = last_that(violation_.operations, [&](std::size_t position) {
    return writes_it(position) && may_change(at(position)) && at(position).invoked > culprit_.returned;
  });
  if (later) return Said{Anomaly::future_read, later};
  return value.any_written ? std::nullopt : std::optional(Said{Anomaly::phantom_value, {}});
}

// It is known to: it says so itself, or somebody has seen what only it can have left.
bool Name::took_effect(std::size_t position) const {
  if (is_write(at(position))) return true;
  if (at(position).outcome != Outcome::unknown || appends_) return false;
  const About* const value = about(left_by(at(position)));
  return value != nullptr && value->has_single_source() && value->source == position && value->first_seen != never;
}

// Both found what can have been there but once, and left something else: or each what only the other can have left.
bool Name::were_rivals(std::size_t position) const {
  const Operation& other = at(position);
  const ValueId needed = needed_by(other);
  if (needed == no_value || found_ == no_value || appends_) return false;
  const About& found = *about(found_);
  if (needed == found_) {
    return found.has_single_source() && left_by(culprit_) != found_ && left_by(other) != found_;
  }
  const About& back = *about(needed);
  return found.has_single_source() && found.source == position && back.has_single_source() &&
         back.source == violation_.culprit;
}

std::optional<Name::Said> Name::exclusive() const {
  const auto is_conditional_write = [&](std::size_t position) {
    return is_conditional(at(position).verb) && may_change(at(position));
  };
  if (!is_conditional_write(violation_.culprit)) return std::nullopt;
  const auto rival = last_of_all_that([&](std::size_t position) {
    if (!is_conditional_write(position) || !took_effect(position)) return false;
    const bool are_all =
        violation_.operations.size() == 2 && is_write(at(position)) &&
        std::find(violation_.operations.begin(), violation_.operations.end(), position) != violation_.operations.end();
    return are_all || were_rivals(position);
  });
  return rival ? std::optional(Said{Anomaly::exclusive_writes, rival}) : std::nullopt;
}

// What has a single source had been there before `value`, if that has come of it by single sources.
bool Name::comes_of(ValueId value) const {
  for (std::size_t n = 0; n < about_.size(); ++n) {
    if (value == found_) return true;
    const About* const known = about(value);
    if (known == nullptr || known->from_start || known->writes != 1) return false;
    value = needed_by(at(known->source));
  }
  return false;
}

// `position` has left `value`, or found it, and returned before the culprit was invoked.
bool Name::is_newer(std::size_t position, ValueId value, const About& old) const {
  const Operation& operation = at(position);
  Instant there = operation.invoked;
  const About* const known = about(value);
  const bool is_one_stretch = known != nullptr && !known->from_start && known->writes == 1;
  if (is_one_stretch) there = std::max({there, at(known->source).invoked, known->last_seen});
  if (old.over_by() < there) return true;
  return old.has_single_source() && comes_of(operation.verb == Verb::get ? value : needed_by(operation));
}

// May have been: by nobody is said only if nobody can have.
bool Name::was_seen(std::size_t write) const {
  const ValueId value = left_by(at(write));
  if (about(value)->may_be_seen) return true;
  const std::uint64_t revision = at(write).revision;
  return std::any_of(task_.positions.begin(), task_.positions.end(), [&](std::uint32_t position) {
    return position != write && may_have_found(at(position), value, revision);
  });
}

// Its single source, that others had seen before something else was there, had not returned even then.
std::optional<Name::Said> Name::twice() const {
  const About& value = *about(found_);
  if (!value.has_single_source() || value.from_start || value.first_seen == never) return std::nullopt;
  const auto is_source = [&](std::size_t position) { return position == value.source; };
  if (!last_of_all_that(is_source) || at(value.source).returned <= culprit_.invoked) return std::nullopt;
  const auto between = last_that(violation_.operations, [&](std::size_t position) {
    const Operation& operation = at(position);
    const bool shows_another = is_write(operation) ? left_by(operation) != found_
                                                   : found_by(operation) != no_value && found_by(operation) != found_;
    return shows_another && operation.invoked > value.first_seen && is_before(operation);
  });
  return between ? std::optional(Said{Anomaly::duplicate_effect, value.source}) : std::nullopt;
}

std::optional<Name::Said> Name::out_of_place() const {
  if (auto said = twice()) return said;
  const About& old = *about(found_);
  const auto overwrote = [&](std::size_t position) {
    const Operation& write = at(position);
    if (!is_write(write) || !is_before(write) || left_by(write) == found_) return false;
    return is_newer(position, left_by(write), old);
  };
  const auto read_before = [&](std::size_t position) {
    const Operation& read = at(position);
    const bool is_read = read.verb == Verb::get && read.outcome == Outcome::ok && is_before(read);
    return is_read && read.result != found_ && is_newer(position, read.result, old);
  };
  auto write = last_that(violation_.operations, overwrote);
  if (!write) {
    if (const auto read = last_that(violation_.operations, read_before)) return Said{Anomaly::non_monotonic_read, read};
    write = last_that(violation_.writers, overwrote);
  }
  if (!write) return std::nullopt;
  return Said{was_seen(*write) ? Anomaly::stale_read : Anomaly::lost_update, write};
}

// In how many ways a text can be put together, up to two; and if that is one, of what.
struct Parse {
  std::size_t ways = 0;
  std::vector<std::string_view> parts;
};
Parse parse_of(std::string_view text, const std::set<std::string_view>& parts) {
  std::set<std::size_t> lengths;
  for (const std::string_view part : parts) {
    if (!part.empty()) lengths.insert(part.size());
  }
  constexpr std::size_t work_most = 4'000'000;
  constexpr std::size_t several = 2;
  if (text.size() * lengths.size() > work_most) return {several, {}};
  std::vector<std::uint8_t> ways(text.size() + 1);
  std::vector<std::size_t> last(text.size() + 1);  // the length of the part that ends there
  ways[0] = 1;
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    if (ways[begin] == 0) continue;
    for (const std::size_t length : lengths) {
      if (begin + length > text.size()) break;
      if (!parts.contains(text.substr(begin, length))) continue;
      std::uint8_t& to = ways[begin + length];
      to = static_cast<std::uint8_t>(std::min<std::size_t>(several, std::size_t{to} + ways[begin]));
      last[begin + length] = length;
    }
  }
  Parse parse{ways.back(), {}};
  if (parse.ways != 1) return parse;
  for (std::size_t end = text.size(); end > 0; end -= last[end]) {
    parse.parts.push_back(text.substr(end - last[end], last[end]));
  }
  std::reverse(parse.parts.begin(), parse.parts.end());
  return parse;
}

// What those have written or appended that fit; and what was there from the start.
template <class Fits>
std::set<std::string_view> Name::parts_that(Fits fits) const {
  std::set<std::string_view> parts;
  const auto add = [&](ValueId value) {
    if (value != ValueId::absent) parts.insert(task_.history.bytes(value));
  };
  add(task_.history.initial(task_.key));
  for (const std::uint32_t position : task_.positions) {
    const Operation& operation = at(position);
    if (operation.verb != Verb::get && !removes(operation) && fits(operation)) add(operation.argument);
  }
  return parts;
}
std::set<std::string_view> Name::parts_begun() const {
  return parts_that(
      [&](const Operation& operation) { return may_change(operation) && operation.invoked <= culprit_.returned; });
}

std::optional<Name::Said> Name::unwritten_text() const {
  if (parse_of(text(), parts_begun()).ways > 0) return std::nullopt;
  if (parse_of(text(), parts_that([](const Operation&) { return true; })).ways == 0) {
    return Said{Anomaly::phantom_value, {}};
  }
  const auto failed = last_that(violation_.operations, [&](std::size_t position) {
    const Operation& operation = at(position);
    return operation.verb != Verb::get && operation.outcome == Outcome::failed && !removes(operation) &&
           operation.invoked <= culprit_.returned && holds(operation);
  });
  if (failed) return Said{Anomaly::dirty_read, failed};
  const auto later = last_that(violation_.operations, [&](std::size_t position) {
    const Operation& operation = at(position);
    return may_change(operation) && !removes(operation) && operation.invoked > culprit_.returned && holds(operation);
  });
  return later ? std::optional(Said{Anomaly::future_read, later}) : std::nullopt;
}

std::optional<Name::Said> Name::out_of_place_text() const {
  const bool is_text = found_ != ValueId::absent;
  const About& old = *about(found_);
  if (is_text && old.writes == 0) {
    // What only one write appends is in it twice.
    const std::vector<std::string_view> parts = parse_of(text(), parts_begun()).parts;
    const auto twice = last_of_all_that([&](std::size_t position) {
      const Operation& write = at(position);
      if (write.verb != Verb::append || !may_change(write)) return false;
      if (std::count(parts.begin(), parts.end(), task_.history.bytes(write.argument)) < 2) return false;
      const auto same = [&](std::uint32_t one) {
        return at(one).verb != Verb::get && may_change(at(one)) && at(one).argument == write.argument;
      };
      return std::count_if(task_.positions.begin(), task_.positions.end(), same) == 1 &&
             task_.history.initial(task_.key) != write.argument;
    });
    if (twice) return Said{Anomaly::duplicate_effect, twice};
  }
  // That it was there is known only of those who have seen it, of who put it there, or the beginning; and when absence
  // was over.
  const auto was_there_by = [&](Instant instant) {
    if (!is_text) return old.over_by() < instant;
    return old.from_start || old.first_seen < instant || (old.writes > 0 && old.all_returned < instant);
  };
  const auto is_lacking = [&](std::size_t position) {
    const Operation& write = at(position);
    if (!is_write(write) || !is_before(write)) return false;
    if (write.verb == Verb::append) return !is_text || !holds(write);
    return left_by(write) != found_;
  };
  // From then on there was only what begins with `value`, unless something else was put in its place.
  const auto only_grew = [&](std::size_t from, ValueId value) {
    if (value == ValueId::absent || text().starts_with(task_.history.bytes(value))) return false;
    return std::none_of(task_.positions.begin(), task_.positions.end(), [&](std::uint32_t position) {
      const Operation& operation = at(position);
      return position != from && operation.verb != Verb::append && may_change(operation) &&
             operation.returned >= at(from).invoked && operation.invoked <= culprit_.returned;
    });
  };
  const auto is_over = [&](std::size_t position, ValueId value) {
    return was_there_by(at(position).invoked) && (!is_text || only_grew(position, value));
  };
  const auto overwrote = [&](std::size_t position) {
    return is_lacking(position) && is_over(position, left_by(at(position)));
  };
  const auto grew_from = [&](ValueId value) {
    if (replaces_ || !is_text || value == ValueId::absent) return false;
    const std::string_view longer = task_.history.bytes(value);
    if (!longer.starts_with(text())) return false;
    std::size_t length = 0;
    for (const std::string_view part : parse_of(longer, parts_begun()).parts) {
      length += part.size();
      if (length == text().size()) return true;
    }
    return false;
  };
  const auto read_before = [&](std::size_t position) {
    const Operation& read = at(position);
    const bool is_read = read.verb == Verb::get && read.outcome == Outcome::ok && is_before(read);
    if (!is_read || read.result == found_) return false;
    return is_over(position, read.result) || grew_from(read.result);
  };
  if (const auto write = last_that(violation_.operations, overwrote)) return Said{Anomaly::stale_read, write};
  if (const auto read = last_that(violation_.operations, read_before)) return Said{Anomaly::non_monotonic_read, read};
  if (const auto write = last_that(violation_.writers, overwrote)) return Said{Anomaly::stale_read, write};
  // All that was ever appended is in what is read later, unless something was put in its place.
  const auto is_lost = [&](std::size_t position) { return at(position).verb == Verb::append && is_lacking(position); };
  const auto lost = replaces_ ? std::nullopt : last_of_all_that(is_lost);
  return lost ? std::optional(Said{Anomaly::lost_update, lost}) : std::nullopt;
}

}  // namespace

void name_anomaly(const KeyTask& task, Violation& violation) {
  const Name::Said said = Name(task, violation).say();
  violation.anomaly = said.anomaly;
  violation.other = said.other;
}

}  // namespace smalldb::checker
