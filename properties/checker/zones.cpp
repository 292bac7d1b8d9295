#include "properties/checker/zones.h"

#include <algorithm>
#include <utility>

#include "model/assert.h"
#include "properties/checker/pieces.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {
namespace {

constexpr std::uint32_t none = FlatMap::none;

// A chain, or a remove, as others see it.
struct Zone {
  Instant first_return = never;
  Instant last_invocation = long_ago;
  std::uint32_t head = none;            // piece; none: a remove
  std::uint32_t first_returned = none;  // which operations these are
  std::uint32_t last_invoked = none;
};

// Operations of which each, or each of two halves, must come first.
struct Conflict {
  std::vector<std::uint32_t> operations;
  std::vector<std::uint32_t> writers = {};  // of the values that it is about
};

class Zones {
 public:
  Zones(const KeyTask& task, Instant limit) : task_(task), gathered_(task, limit), pieces_(gathered_.all) {}

  // False if the key is not of the kind.
  bool gather() { return gathered_.gather(); }
  std::optional<Conflict> conflict();
  bool says_all() const { return !gathered_.leave_something_aside(); }
  // When all of the conflict's operations have returned that ever do.
  Instant shown_at(const Conflict& conflict) const;
  // What the key may hold in the end, of a history without a conflict; or might, but for what was left aside. False if
  // they are more, or some have no name.
  bool find_states(std::size_t most, std::vector<ValueId>& states) const;
  std::vector<std::size_t> order() const;

 private:
  const Operation& at(std::uint32_t position) const { return task_.operations[position]; }
  Instant invoked(std::uint32_t position) const { return gathered_.invoked(position); }
  Instant returned(std::uint32_t position) const { return gathered_.returned(position); }
  bool is_get(std::uint32_t position) const { return position < beginning && at(position).verb == Verb::get; }

  void mark_needed();
  std::optional<Conflict> misreading();
  std::optional<Conflict> phantom();
  std::optional<Conflict> fork();
  std::optional<Conflict> circle();
  std::optional<Conflict> join(std::uint32_t head, Zone& zone);
  void add_removes();
  std::optional<Conflict> overlap();
  Conflict between(const Zone& one, const Zone& other);
  void add_writers(Conflict& conflict, std::uint32_t head, std::uint32_t last) const;
  void add_vain_or_late(Conflict& conflict, ValueId value) const;
  void add_evidence(Conflict& conflict, std::uint32_t piece);
  void add_read(Conflict& conflict, std::uint32_t read);
  void add_link(Conflict& conflict, std::uint32_t one, std::uint32_t other);
  void add_origin(Conflict& conflict, std::uint32_t piece) const;
  static void begin(Zone& zone, std::uint32_t position, Instant invoked);
  static void end(Zone& zone, std::uint32_t position, Instant returned);
  std::uint32_t piece_of(std::uint32_t position) const;
  std::uint32_t first_after(const Zone& zone, Instant instant) const;
  enum class Last : std::uint8_t { unknown, yes, no };  // whether a piece may be the last of all
  ValueId name_of(const Piece& piece) const;

  const KeyTask& task_;
  Pieces gathered_;
  LargeVector<Piece>& pieces_;
  LargeVector<Zone> zones_;   // that have a length; in order of time, once there is no conflict
  LargeVector<Zone> points_;  // that have none, likewise
};

std::optional<Conflict> Zones::conflict() {
  mark_needed();
  if (auto found = misreading()) return found;
  if (auto found = phantom()) return found;
  if (gathered_.have_chains() || gathered_.have_appends()) {
    if (auto found = fork()) return found;
  }
  // Room that is not written to costs nothing.
  zones_.reserve(pieces_.size());
  points_.reserve(pieces_.size() + gathered_.removes().size());
  add_removes();
  std::uint32_t joined = 0;
  std::uint32_t needed = 0;
  for (std::uint32_t i = 0; i < pieces_.size(); ++i) {
    if (!pieces_[i].needed) continue;
    ++needed;
    if (pieces_[i].before != none) continue;
    Zone zone;
    zone.head = i;
    if (auto found = join(i, zone)) return found;
    for (std::uint32_t piece = i; piece != none; piece = pieces_[piece].after) ++joined;
    (zone.first_return < zone.last_invocation ? zones_ : points_).push_back(zone);
  }
  return joined != needed ? circle() : overlap();
}

// A read that no writes explain, or two reads of which no third can be the continuation.
std::optional<Conflict> Zones::misreading() {
  if (!gathered_.misreading()) return std::nullopt;
  Conflict found;
  for (const std::uint32_t read : *gathered_.misreading()) add_read(found, read);
  return found;
}

void Zones::add_removes() {
  for (const std::uint32_t position : gathered_.removes()) {
    if (at(position).outcome == Outcome::unknown || returned(position) == never) continue;
    points_.emplace_back();
    end(points_.back(), position, returned(position));
    begin(points_.back(), position, invoked(position));
  }
}

// Compare-and-sets that each expect what another of them writes.
std::optional<Conflict> Zones::circle() {
  Conflict found;
  for (std::uint32_t i = 0; i < pieces_.size() && found.operations.empty(); ++i) {
    std::uint32_t origin = i;
    for (std::size_t n = 0; origin != none && n < pieces_.size(); ++n) origin = pieces_[origin].before;
    if (!pieces_[i].needed || origin == none) continue;
    add_evidence(found, i);
    add_origin(found, i);
  }
  return found;
}

// A write must have happened if it is known to, if its value was seen, or if what joins to it must have happened.
void Zones::mark_needed() {
  for (std::uint32_t i = 0; i < pieces_.size(); ++i) {
    const bool seen = pieces_[i].first_read != none;
    const bool known = pieces_[i].writer != none && !pieces_[i].optional;
    if (!seen && !known) continue;
    for (std::uint32_t piece = i; piece != none && !pieces_[piece].needed; piece = pieces_[piece].before) {
      pieces_[piece].needed = true;
    }
  }
}

std::optional<Conflict> Zones::phantom() {
  for (std::uint32_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    if (!piece.needed || piece.writer != none) continue;
    Conflict found;
    add_evidence(found, i);
    if (gathered_.have_appends() && piece.value != ValueId::absent) add_vain_or_late(found, piece.value);
    return found;
  }
  return std::nullopt;
}

// A write that failed or came later, of a part that nobody else can have written.
void Zones::add_vain_or_late(Conflict& conflict, ValueId value) const {
  const Instant shown = shown_at(conflict);
  std::uint32_t failed = none;
  std::uint32_t later = none;
  for (const std::uint32_t position : task_.positions) {
    const Operation& operation = at(position);
    if (operation.verb == Verb::get || operation.argument != value) continue;
    if (operation.outcome == Outcome::failed && failed == none && invoked(position) <= shown) failed = position;
    if (may_change(operation) && later == none && invoked(position) > shown) later = position;
  }
  if (failed != none || later != none) conflict.operations.push_back(failed != none ? failed : later);
}

// Adds to the proof an operation of known outcome which shows that the piece's write happened; and the writes between.
void Zones::add_evidence(Conflict& conflict, std::uint32_t piece) {
  for (std::size_t n = 0; n < pieces_.size(); ++n) {
    if (pieces_[piece].shown_by != none) return add_read(conflict, pieces_[piece].shown_by);
    const bool known = !pieces_[piece].optional && pieces_[piece].writer < beginning;
    if (known) conflict.operations.push_back(pieces_[piece].writer);
    if (!known && pieces_[piece].first_read != none) conflict.operations.push_back(pieces_[piece].first_read);
    if (!known && pieces_[piece].writer < beginning) conflict.writers.push_back(pieces_[piece].writer);
    if (known || pieces_[piece].first_read != none) return;
    const auto joins = [&](const Piece& after) { return after.needed && after.before == piece; };
    const auto after = std::find_if(pieces_.begin(), pieces_.end(), joins);
    if (after == pieces_.end()) return;
    piece = static_cast<std::uint32_t>(after - pieces_.begin());
  }
}

// A read, and the writes that made what it has read.
void Zones::add_read(Conflict& conflict, std::uint32_t read) {
  conflict.operations.push_back(read);
  gathered_.add_writers(read, conflict.writers);
}

// That two operations are of one chain can be seen from themselves, if conditions or the later one's answer say so;
// otherwise a read must show it.
void Zones::add_link(Conflict& conflict, std::uint32_t one, std::uint32_t other) {
  if (!gathered_.have_appends() || one == other) return;
  std::uint32_t later = other;
  if (other == beginning || (one != beginning && pieces_[piece_of(one)].rank > pieces_[piece_of(other)].rank)) {
    later = one;
  }
  const Piece& piece = pieces_[piece_of(later)];
  if (is_get(later) || piece.shown_by == none) return;
  const std::uint32_t earlier = later == one ? other : one;
  if (is_get(earlier) && piece_of(earlier) == piece_of(later)) return;
  add_read(conflict, piece.shown_by);
}

// The writes that a piece's write needs to have happened before it.
void Zones::add_origin(Conflict& conflict, std::uint32_t piece) const {
  for (std::size_t n = 0; piece != none && n < pieces_.size(); piece = pieces_[piece].before, ++n) {
    if (pieces_[piece].writer < beginning) conflict.writers.push_back(pieces_[piece].writer);
  }
}

// Two that must each come right after the same value, which is there but once.
std::optional<Conflict> Zones::fork() {
  for (std::uint32_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    if (!piece.needed || piece.before == none) continue;
    std::uint32_t& after = pieces_[piece.before].after;
    if (after != none) {
      Conflict found;
      for (const std::uint32_t rival : {after, i}) add_evidence(found, rival);
      add_origin(found, piece.before);
      return found;
    }
    after = i;
  }
  return std::nullopt;
}

void Zones::end(Zone& zone, std::uint32_t position, Instant returned) {
  if (zone.first_returned != none && returned >= zone.first_return) return;
  zone.first_return = returned;
  zone.first_returned = position;
}

void Zones::begin(Zone& zone, std::uint32_t position, Instant invoked) {
  if (zone.last_invoked != none && invoked < zone.last_invocation) return;
  zone.last_invocation = invoked;
  zone.last_invoked = position;
}

// The zone of a chain, piece by piece: each write comes after all before it, and what has read it after it.
std::optional<Conflict> Zones::join(std::uint32_t head, Zone& zone) {
  const bool from_beginning = pieces_[head].writer == beginning;
  std::uint32_t rank = 0;
  for (std::uint32_t i = head; i != none; i = pieces_[i].after) {
    Piece& piece = pieces_[i];
    piece.head = head;
    piece.rank = rank++;
    const auto too_late = [&](Instant returned) {
      return zone.last_invoked != none && returned < zone.last_invocation;
    };
    Conflict found;
    if (too_late(piece.returned)) {
      found.operations = {zone.last_invoked, piece.writer};
      add_writers(found, head, i);
      // All that was ever appended is in what is read later, unless something was put in its place.
      const bool says_itself = from_beginning && is_get(zone.last_invoked);
      if (!says_itself) add_link(found, zone.last_invoked, piece.writer);
      return found;
    }
    const std::uint32_t read = piece.first_read;
    const bool before_writer = read != none && piece.first_return < piece.invoked;
    if (read != none && (before_writer || too_late(piece.first_return))) {
      found.operations = {before_writer ? piece.writer : zone.last_invoked, read};
      if (!before_writer || piece.shown_by != none) add_writers(found, head, i);
      return found;
    }
    end(zone, piece.writer, piece.returned);
    begin(zone, piece.writer, piece.invoked);
    if (read == none) continue;
    end(zone, read, piece.first_return);
    begin(zone, piece.last_read, piece.last_invocation);
  }
  return std::nullopt;
}

// Zones of a length, from the first return to the last invocation: in them the chain must be there, so no two overlap.
// All others need but one instant between last invocation and first return: not all of these in one of the former.
std::optional<Conflict> Zones::overlap() {
  const auto by_return = [](const Zone& one, const Zone& other) { return one.first_return < other.first_return; };
  const auto by_invocation = [](const Zone& one, const Zone& other) {
    return one.last_invocation < other.last_invocation;
  };
  std::sort(zones_.begin(), zones_.end(), by_return);
  std::sort(points_.begin(), points_.end(), by_invocation);
  // Of all conflicts between neighbours, the one that showed first.
  std::optional<std::pair<const Zone*, const Zone*>> first;
  Instant first_shown = never;
  const auto consider = [&](const Zone& one, const Zone& other) {
    const Instant shown = std::max(one.last_invocation, other.last_invocation);
    if (first && shown >= first_shown) return;
    first = {&one, &other};
    first_shown = shown;
  };
  const Zone* longest = nullptr;
  for (const Zone& zone : zones_) {
    if (longest && zone.first_return < longest->last_invocation) consider(*longest, zone);
    if (!longest || zone.last_invocation > longest->last_invocation) longest = &zone;
  }
  auto next = zones_.begin();
  longest = nullptr;
  for (const Zone& point : points_) {
    for (; next != zones_.end() && next->first_return < point.last_invocation; ++next) {
      if (!longest || next->last_invocation > longest->last_invocation) longest = &*next;
    }
    if (longest && point.first_return < longest->last_invocation) consider(*longest, point);
  }
  if (!first) return std::nullopt;
  return between(*first->first, *first->second);
}

// The piece to which it belongs; none if it belongs to none, as a remove.
std::uint32_t Zones::piece_of(std::uint32_t position) const {
  const Operation& operation = at(position);
  if (operation.outcome == Outcome::failed) return none;
  const bool writes = operation.verb != Verb::get && operation.outcome != Outcome::mismatched;
  if (writes) return operation.argument == ValueId::absent ? none : gathered_.of_write(operation.argument);
  if (operation.verb != Verb::get && !operation.has_result) return none;
  return gathered_.of(operation.result);
}

// Of the zone's operations invoked after `instant`, the first to return; where there are appends, of the reads, if any.
std::uint32_t Zones::first_after(const Zone& zone, Instant instant) const {
  std::uint32_t found = zone.last_invoked;
  if (zone.head == none) return found;
  const auto too_early = [&](std::uint32_t position) { return at(position).invoked <= instant; };
  auto next = std::partition_point(task_.positions.begin(), task_.positions.end(), too_early);
  for (; next != task_.positions.end() && at(*next).invoked <= zone.last_invocation; ++next) {
    const std::uint32_t position = *next;
    if (returned(position) == never || (gathered_.have_appends() && !is_get(position))) continue;
    const std::uint32_t piece = piece_of(position);
    if (piece == none || pieces_[piece].head != zone.head) continue;
    const bool replaces = gathered_.have_appends() && !is_get(found);
    if (replaces || returned(found) == never || returned(position) < returned(found)) found = position;
  }
  return found;
}

Conflict Zones::between(const Zone& one, const Zone& other) {
  Conflict found;
  const std::uint32_t late_one = first_after(one, other.first_return);
  const std::uint32_t late_other = first_after(other, one.first_return);
  found.operations = {one.first_returned, late_one, other.first_returned, late_other};
  const auto add_writers_of = [&](const Zone& zone, std::uint32_t late) {
    std::uint32_t last = zone.head;
    for (const std::uint32_t position : {zone.first_returned, late}) {
      const std::uint32_t piece = position < beginning ? piece_of(position) : none;
      if (last != none && piece != none && pieces_[piece].rank > pieces_[last].rank) last = piece;
    }
    if (last != none) add_writers(found, zone.head, last);
  };
  add_writers_of(one, late_one);
  add_writers_of(other, late_other);
  for (const std::uint32_t late : {late_one, late_other}) {
    const bool need_not_have = late < beginning && returned(late) == never && is_conditional(at(late).verb);
    if (need_not_have) add_evidence(found, piece_of(late));
  }
  if (one.head != none) add_link(found, one.first_returned, late_one);
  if (other.head != none) add_link(found, other.first_returned, late_other);
  return found;
}

// Of a chain up to one of its pieces: what comes behind nobody has seen.
void Zones::add_writers(Conflict& conflict, std::uint32_t head, std::uint32_t last) const {
  for (std::uint32_t piece = head; piece != none; piece = pieces_[piece].after) {
    if (pieces_[piece].writer < beginning) conflict.writers.push_back(pieces_[piece].writer);
    if (piece == last) return;
  }
}

Instant Zones::shown_at(const Conflict& conflict) const {
  Instant last = long_ago;
  for (const std::uint32_t position : conflict.operations) {
    if (position >= beginning || at(position).outcome == Outcome::failed) continue;
    if (returned(position) != never) last = std::max(last, returned(position));
  }
  return last;
}

// Of a history without a conflict. A zone without length takes place at one instant: at its last invocation, or if that
// lies inside of a zone of a length, right after that one.
std::vector<std::size_t> Zones::order() const {
  struct Placed {
    Instant at;
    bool has_length;
    const Zone* zone;
  };
  std::vector<Placed> placed;
  for (const Zone& zone : zones_) placed.push_back({zone.first_return, true, &zone});
  std::size_t next = 0;
  for (const Zone& point : points_) {
    while (next < zones_.size() && zones_[next].first_return < point.last_invocation) ++next;
    const Instant inside = next == 0 ? long_ago : zones_[next - 1].last_invocation;
    placed.push_back({std::max(point.last_invocation, inside), false, &point});
  }
  std::stable_sort(placed.begin(), placed.end(), [](const Placed& one, const Placed& other) {
    return std::pair(one.at, one.has_length) < std::pair(other.at, other.has_length);
  });
  std::vector<std::vector<std::uint32_t>> reads(pieces_.size());
  for (const std::uint32_t position : task_.positions) {
    const Operation& operation = at(position);
    const bool reads_value =
        operation.verb == Verb::get ? operation.outcome == Outcome::ok : operation.outcome == Outcome::mismatched;
    if (reads_value) reads[gathered_.of(operation.result)].push_back(position);
  }
  std::vector<std::size_t> order;
  for (const Placed& one : placed) {
    if (one.zone->head == none) order.push_back(one.zone->last_invoked);
    for (std::uint32_t piece = one.zone->head; piece != none; piece = pieces_[piece].after) {
      if (pieces_[piece].writer < beginning) order.push_back(pieces_[piece].writer);
      order.insert(order.end(), reads[piece].begin(), reads[piece].end());
    }
  }
  return order;
}

// Each chain that need not be followed by another may be the last; and so may a write that need not have happened, if
// it is blind or joins to what may be the last.
bool Zones::find_states(std::size_t most, std::vector<ValueId>& states) const {
  bool are_all = true;
  const auto add = [&](ValueId value) {
    if (std::find(states.begin(), states.end(), value) != states.end()) return;
    const bool has_room = value != no_value && states.size() < most;
    if (has_room) states.push_back(value);
    are_all = are_all && has_room;
  };
  std::vector<Last> lasts(pieces_.size(), Last::unknown);
  for (std::uint32_t i = 0; i < pieces_.size(); ++i) {
    if (pieces_[i].needed || pieces_[i].writer == none) lasts[i] = Last::no;
  }
  Instant latest = long_ago;
  Instant second = long_ago;
  for (const LargeVector<Zone>* all : {&zones_, &points_}) {
    for (const Zone& zone : *all) {
      second = std::max(second, std::min(latest, zone.last_invocation));
      latest = std::max(latest, zone.last_invocation);
    }
  }
  for (const LargeVector<Zone>* all : {&zones_, &points_}) {
    for (const Zone& zone : *all) {
      const Instant others = zone.last_invocation == latest ? second : latest;
      if (zone.first_return < others) continue;
      std::uint32_t last = zone.head;
      while (last != none && pieces_[last].after != none) last = pieces_[last].after;
      if (last == none) add(ValueId::absent);
      if (last != none) lasts[last] = Last::yes;
    }
  }
  for (const std::uint32_t position : gathered_.removes()) {
    if (returned(position) == never) add(ValueId::absent);
  }
  std::vector<std::uint32_t> joined;
  for (std::uint32_t i = 0; i < pieces_.size(); ++i) {
    joined.clear();
    std::uint32_t piece = i;
    for (; piece != none && lasts[piece] == Last::unknown; piece = pieces_[piece].before) {
      lasts[piece] = Last::no;  // should it join to itself in the end
      joined.push_back(piece);
    }
    const Last last = piece == none ? Last::yes : lasts[piece];
    for (const std::uint32_t one : joined) lasts[one] = last;
    if (lasts[i] == Last::yes) add(name_of(pieces_[i]));
  }
  return are_all;
}

// What the key holds when the piece is over; no_value if nobody has read what an append made.
ValueId Zones::name_of(const Piece& piece) const {
  if (piece.first_read != none) return at(piece.first_read).result;
  const bool appended = piece.writer < beginning && at(piece.writer).verb == Verb::append;
  return appended ? no_value : piece.value;
}

void sort_and_unite(std::vector<std::size_t>& positions) {
  std::sort(positions.begin(), positions.end());
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
}

Violation told(const KeyTask& task, const Conflict& conflict, Instant shown) {
  Violation violation;
  for (const std::uint32_t position : conflict.operations) {
    if (position < beginning) violation.operations.push_back(position);
  }
  sort_and_unite(violation.operations);
  for (const std::uint32_t position : conflict.writers) {
    const auto& known = violation.operations;
    if (!std::binary_search(known.begin(), known.end(), position)) violation.writers.push_back(position);
  }
  sort_and_unite(violation.writers);
  for (const std::size_t position : violation.operations) {
    const Operation& operation = task.operations[position];
    if (operation.returned == shown && operation.outcome != Outcome::failed) violation.culprit = position;
  }
  // One alone, or a half of two, would have been found to be wrong before it was asked who contradicts whom.
  violation.is_minimal = violation.operations.size() <= 2;
  return violation;
}

}  // namespace

std::optional<KeyResult> judge_by_zones(const KeyTask& task) {
  if (task.positions.size() > task.steps_max) return std::nullopt;
  KeyResult result;
  result.verdict = {task.key, Conclusion::holds, Engine::zones, task.positions.size(), task.positions.size(), never};
  constexpr std::size_t states_most = 16;
  // What showed first: if something did before that, it shows in the history up to then.
  for (Instant limit = never; true;) {
    Zones zones(task, limit);
    if (!zones.gather()) break;
    const std::optional<Conflict> conflict = zones.conflict();
    if (!conflict) {
      if (!result.violation && !zones.says_all()) return std::nullopt;
      if (result.violation) {
        result.is_first = zones.says_all();
        result.violation->has_all_states = zones.find_states(states_most, result.violation->states);
        result.knows_states = result.is_first && result.violation->has_all_states;
      }
      if (!result.violation && task.witness) result.order = zones.order();
      return result;
    }
    const Instant shown = zones.shown_at(*conflict);
    result.verdict.conclusion = Conclusion::violated;
    result.violation = told(task, *conflict, shown);
    result.is_first = false;
    if (!task.explain) return result;
    SMALLDB_ASSERT(shown <= limit && shown != long_ago, shown, limit);
    limit = shown - 1;
  }
  if (!result.violation) return std::nullopt;
  return result;
}

}  // namespace smalldb::checker
