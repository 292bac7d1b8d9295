#include "scenarios/fault_grammar.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "scenarios/quantities.h"

namespace smalldb::scenarios {

namespace {

using sim::FaultKind;

// The keys that may stand beside a verb, as bits. `by_...` and `limit_...` are all written `by` and `limit`.
enum Key : unsigned {
  by_delay = 1,
  by_drift = 2,
  by_step = 4,
  limit_size = 8,
  limit_bandwidth = 16,
  ratio = 32,
  unsynced = 64,
  silent = 128,
  file = 256,
  shared = 512,
  times = 1024,
  packets = 2048,
  lasts = 4096,  // `for` and `until`: the fault is not over at once
};

struct Verb {
  std::string_view name;
  FaultKind kind;
  FaultTarget target;
  unsigned keys;
  unsigned needed;
  std::string_view what;
};

constexpr unsigned damage = ratio | file | shared | times | lasts;

constexpr std::array verbs = std::to_array<Verb>({
    {"crash", FaultKind::crash, FaultTarget::processes, unsynced | silent | lasts, 0,
     "The machine dies; what was not synced is at the mercy of `unsynced`. It restarts when the fault ends."},
    {"kill", FaultKind::kill, FaultTarget::processes, silent | lasts, 0,
     "The process alone dies: the operating system still holds what it wrote."},
    {"power_failure", FaultKind::power_failure, FaultTarget::processes, unsynced | lasts, 0,
     "Every process and the shared volume die at one instant, silently."},
    {"pause", FaultKind::pause, FaultTarget::processes, lasts, 0, "Nothing reaches the process; events wait in order."},
    {"slow_cpu", FaultKind::slow_cpu, FaultTarget::processes, by_delay | lasts, by_delay,
     "Every step takes `by` longer."},
    {"partition", FaultKind::cut, FaultTarget::groups, lasts, 0,
     "No group reaches another; a process in several groups reaches them all (a bridge)."},
    {"isolate", FaultKind::cut, FaultTarget::groups, lasts, 0, "Each of these is cut off from everyone else."},
    {"cut", FaultKind::cut, FaultTarget::links, lasts, 0,
     "Nothing passes: datagrams die, streams hold their bytes back and may time out."},
    {"clog", FaultKind::clog, FaultTarget::links, lasts, 0, "Nothing passes for now, and then all comes at once."},
    {"delay", FaultKind::delay, FaultTarget::links, by_delay | times | lasts, by_delay,
     "Every packet takes `by` longer."},
    {"loss", FaultKind::loss, FaultTarget::links, ratio | packets | times | lasts, 0,
     "`ratio` of the `packets`: a datagram dies, a stream's bytes come later."},
    {"duplication", FaultKind::duplication, FaultTarget::links, ratio | times | lasts, 0,
     "`ratio` of the datagrams come twice."},
    {"reordering", FaultKind::reordering, FaultTarget::links, ratio | by_delay | times | lasts, by_delay,
     "`ratio` of the datagrams come up to `by` later, so that others overtake them."},
    {"bandwidth", FaultKind::bandwidth, FaultTarget::links, limit_bandwidth | lasts, limit_bandwidth,
     "No more than `limit` passes."},
    {"queue_limit", FaultKind::queue_limit, FaultTarget::links, limit_size | lasts, limit_size,
     "With a bandwidth: more than `limit` waiting to be sent is lost."},
    {"reset", FaultKind::reset, FaultTarget::links, 0, 0, "Every connection breaks at once, and both ends are told."},
    {"half_open", FaultKind::half_open, FaultTarget::links, 0, 0, "The same, and only the receiving ends are told."},
    {"late_close", FaultKind::late_close, FaultTarget::links, by_delay | lasts, by_delay,
     "News of a close takes `by` longer."},
    {"chunking", FaultKind::chunking, FaultTarget::links, lasts, 0,
     "Streams arrive in random pieces, messages torn and run together."},
    {"sync_failure", FaultKind::sync_failure, FaultTarget::processes, damage, 0,
     "`ratio` of the syncs fail: some bytes durable, some not."},
    {"slow_disk", FaultKind::slow_disk, FaultTarget::processes, by_delay | shared | lasts, by_delay,
     "Every operation takes `by` longer."},
    {"disk_full", FaultKind::disk_full, FaultTarget::processes, limit_size | shared | lasts, 0,
     "No more than `limit` fits in all; 0: not one byte more than now."},
    {"bit_rot", FaultKind::bit_rot, FaultTarget::processes, damage, 0,
     "`ratio` of the sectors, now or synced meanwhile, have one bit flipped."},
    {"bad_sector", FaultKind::bad_sector, FaultTarget::processes, damage, 0,
     "`ratio` of the sectors, now or synced meanwhile, cannot be read until written again."},
    {"read_failure", FaultKind::read_failure, FaultTarget::processes, damage, 0,
     "`ratio` of the reads fail; a retry may succeed."},
    {"misdirected_write", FaultKind::misdirected_write, FaultTarget::processes, damage, 0,
     "`ratio` of the writes land in another sector than meant."},
    {"phantom_write", FaultKind::phantom_write, FaultTarget::processes, damage, 0,
     "`ratio` of the writes are reported synced and never reach the disk."},
    {"wiped_disk", FaultKind::wiped_disk, FaultTarget::processes, shared, 0, "All files are gone."},
    {"saved_disk", FaultKind::saved_disk, FaultTarget::processes, shared, 0,
     "A copy of the disk, as after a power failure now, is put aside."},
    {"old_disk", FaultKind::old_disk, FaultTarget::processes, shared, 0, "The copy last put aside is put back."},
    {"clock_drift", FaultKind::clock_drift, FaultTarget::processes, by_drift | lasts, by_drift,
     "Both clocks gain `by`, as 100 ppm or -1/1000."},
    {"clock_step", FaultKind::clock_step, FaultTarget::processes, by_step, by_step, "The wall clock jumps by `by`."},
    {"clock_freeze", FaultKind::clock_freeze, FaultTarget::processes, lasts, 0, "Both clocks stand still."},
});

constexpr std::array<std::string_view, 4> command_names = {"start", "promote", "checkpoint", "stop"};
constexpr std::array<std::string_view, 4> command_descriptions = {
    "Starts a spare, or a node that has stopped.", "Tells a node to go on alone or take over (manual arbiter).",
    "Orders a checkpoint.", "Tells a node to stop when it owes nothing to anybody any more."};

const Verb& verb_row(const FaultPlan& plan) {
  if (plan.kind == FaultKind::cut) {
    const std::string_view name = !plan.groups.empty() ? "partition" : !plan.isolated.empty() ? "isolate" : "cut";
    return *std::find_if(verbs.begin(), verbs.end(), [&](const Verb& verb) { return verb.name == name; });
  }
  return *std::find_if(verbs.begin(), verbs.end(), [&](const Verb& verb) { return verb.kind == plan.kind; });
}

}  // namespace

std::string_view verb_of(const FaultPlan& plan) { return verb_row(plan).name; }

std::vector<FaultDescription> fault_descriptions() {
  std::vector<FaultDescription> all;
  for (const Verb& verb : verbs) all.push_back({verb.name, verb.what});
  return all;
}

std::string_view verb_of(OperatorAction::Command command) { return command_names[static_cast<std::size_t>(command)]; }

FaultTarget target_of(sim::FaultKind kind) {
  return std::find_if(verbs.begin(), verbs.end(),
                      [&](const Verb& verb) { return verb.kind == kind && verb.target != FaultTarget::groups; })
      ->target;
}

bool is_over_at_once(FaultKind kind) {
  return (std::find_if(verbs.begin(), verbs.end(), [&](const Verb& verb) { return verb.kind == kind; })->keys &
          lasts) == 0;
}

bool destroys_what_is_durable(FaultKind kind, sim::Unsynced unsynced) {
  switch (kind) {
    case FaultKind::crash:
    case FaultKind::power_failure: return unsynced == sim::Unsynced::garbage;
    case FaultKind::bit_rot:
    case FaultKind::bad_sector:
    case FaultKind::read_failure:
    case FaultKind::misdirected_write:
    case FaultKind::phantom_write:
    case FaultKind::wiped_disk:
    case FaultKind::old_disk: return true;
    default: return false;
  }
}

namespace grammar {

template <>
std::vector<std::string> choices<sim::Packets>() {
  return {"all", "datagrams", "streams"};
}

template <>
std::vector<std::string> choices<sim::Unsynced>() {
  return {"drawn", "kept", "lost", "torn", "subset", "garbage"};
}

namespace {

// `at: 3s` or `at: 1s..2s` (once, some time within).
struct AtValue {
  using Value = Schedule;
  static void read(const Node& node, Value& value, Reader& reader) {
    std::string expected;
    if (node.is_scalar()) {
      if (const auto at = read_time(node.text, expected)) {
        value.kind = Schedule::Kind::at;
        value.from = *at;
        return;
      }
      const auto range = notation::read_distribution(node.text, expected);
      if (range && range->shape == sim::Distribution::Shape::uniform && range->tail.never()) {
        value.kind = Schedule::Kind::randomly;
        value.count = 1;
        value.from = {range->least.nanoseconds};
        value.to = {range->most.nanoseconds};
        return;
      }
    }
    reader.wrong(node, notation::form_or_longest(node.text, "a time since the start, as 1.5s, or a range, as 1s..2s"),
                 nearest_word_of("duration", node.text));
  }
  static Node write(const Value& value) {
    if (value.kind == Schedule::Kind::at) return TimeText::write(value.from);
    return Node::scalar(write_time(value.from) + ".." + write_time(value.to));
  }
  static Node schema() { return reference("time_or_range"); }

  // Once, some time within a range: `at` is the shorter word for it.
  static bool says(const Value& value) {
    const bool once_within = value.kind == Schedule::Kind::randomly && value.count == 1 && value.from < value.to;
    return value.kind == Schedule::Kind::at || once_within;
  }
};

// `for: 500ms`. That a fault lasts to the end is said by leaving it out.
struct LengthValue {
  using Value = sim::Distribution;
  static void read(const Node& node, Value& value, Reader& reader) {
    Value length = sim::constant(nanoseconds(1));
    DistributionValue::read(node, length, reader);
    if (length == sim::Distribution{}) return reader.wrong(node, "more than 0; without \"for\" it lasts to the end");
    value = length;
  }
  static Node write(const Value& value) { return DistributionValue::write(value); }
  static Node schema() { return reference("length"); }
};

// What is left out rather than left empty.
struct SaidText : AnyText {
  static void read(const Node& node, Value& value, Reader& reader) {
    AnyText::read(node, value, reader);
    if (node.is_scalar() && value.empty()) reader.wrong(node, "a text, or none of this key");
  }
  static Node schema() {
    Node node = AnyText::schema();
    node.add("pattern", Node::scalar(".", true));
    return node;
  }
};

// `5`, or `5 times`.
struct TimesValue {
  using Value = std::uint64_t;
  static void read(const Node& node, Value& value, Reader& reader) {
    Node number = node;
    if (node.is_scalar() && node.text.ends_with(" times")) {
      number.text.resize(node.text.size() - 6);
      number.quoted = false;
    }
    Count<std::uint64_t, 1, strikes_max>::read(number, value, reader);
  }
  static Node write(const Value& value) { return Count<std::uint64_t>::write(value); }
  static Node schema() { return reference("times"); }
};

void read_schedule(const Node& node, Schedule& schedule, MapReader& visitor, Reader& reader) {
  std::vector<const Node::Entry*> kinds;
  for (const Node::Entry& entry : node.entries) {
    const bool is_kind = entry.key == "at" || entry.key == "every" || entry.key == "randomly" || entry.key == "when";
    if (is_kind && !is_repeated(node, entry)) kinds.push_back(&entry);
  }
  for (std::size_t i = 1; i < kinds.size(); ++i) {
    reader.wrong({kinds[i]->key, kinds[0]->key}, kinds[i]->place,
                 "the key " + quoted(kinds[i]->key) + " beside " + quoted(kinds[0]->key),
                 "one of at, every, randomly and when");
  }
  if (!kinds.empty() && kinds[0]->key == "every") schedule.kind = Schedule::Kind::every;
  if (!kinds.empty() && kinds[0]->key == "randomly") schedule.kind = Schedule::Kind::randomly;
  if (!kinds.empty() && kinds[0]->key == "when") schedule.kind = Schedule::Kind::when;
  visitor.field<AtValue>("at", schedule, "");
  visitor.field<DurationText>("every", schedule.every, "");
  visitor.field<TimesValue>("randomly", schedule.count, "");
  visitor.field<OccurrenceText>("when", schedule.when, "");
  if (kinds.size() > 1) {
    for (const char* key : {"from", "to", "later", "count"}) visitor.complained_of(key);
  }
  const bool is_at = !kinds.empty() && kinds[0]->key == "at";
  if (!is_at) {
    visitor.field<TimeText>("from", schedule.from, "");
    if (schedule.kind != Schedule::Kind::when) visitor.field<TimeText>("to", schedule.to, "");
  }
  if (schedule.kind == Schedule::Kind::when) {
    visitor.field<DurationText>("later", schedule.delay, "");
    visitor.field<TimesValue>("count", schedule.count, "");
  }
}

// To be asked when the whole map has been read: a key that is misspelt is not missing as well.
void require_schedule(const Node& node, const MapReader& visitor, Reader& reader) {
  const std::vector<std::string> kinds = {"at", "every", "randomly", "when"};
  const bool is_said = std::any_of(kinds.begin(), kinds.end(), [&](const std::string& key) {
    return node.find(key) != nullptr || visitor.is_misspelt(key);
  });
  if (!is_said) reader.wrong(kinds, node.place, "no word of when", "one of the keys " + one_of(kinds));
}

void write_schedule(const Schedule& schedule, Node& map) {
  if (AtValue::says(schedule)) return map.add("at", AtValue::write(schedule));
  switch (schedule.kind) {
    case Schedule::Kind::at: break;
    case Schedule::Kind::every: map.add("every", DurationText::write(schedule.every)); break;
    case Schedule::Kind::randomly: map.add("randomly", TimesValue::write(schedule.count)); break;
    case Schedule::Kind::when: map.add("when", OccurrenceText::write(schedule.when)); break;
  }
  if (schedule.from != sim::Time{}) map.add("from", TimeText::write(schedule.from));
  if (schedule.kind == Schedule::Kind::when) {
    if (schedule.delay != Duration{}) map.add("later", DurationText::write(schedule.delay));
    if (schedule.count != 1) map.add("count", TimesValue::write(schedule.count));
  } else if (schedule.to != sim::Time{}) {
    map.add("to", TimeText::write(schedule.to));
  }
}

void describe_schedule(MapSchema& schema) {
  for (const char* key : {"at", "every", "randomly", "when", "from", "to", "later", "count"}) {
    schema.add(key, reference(std::string("schedule_") + key), "");
  }
}

Node one_of_the_kinds() {
  Node alternatives = Node::list();
  for (const char* key : {"at", "every", "randomly", "when"}) {
    Node alternative = Node::map();
    alternative.add("required", Node::list({Node::scalar(key, true)}));
    alternatives.items.push_back(std::move(alternative));
  }
  return alternatives;
}

// All keys of a fault but its verb and its schedule, in the order in which they are written.
template <class Visitor>
void parameters(Visitor& v, const Verb& verb, FaultPlan& f) {
  const auto has = [&](unsigned keys) { return (verb.keys & keys) != 0; };
  if (has(by_delay)) v.template field<DistributionValue>("by", f.delay, "How much.");
  if (has(by_drift)) v.template field<DriftText>("by", f.drift, "How much the clock gains: 100 ppm, -1/1000.");
  if (has(by_step)) v.template field<SignedDurationText>("by", f.step, "How far the clock jumps.");
  if (has(limit_size)) v.template field<SizeText>("limit", f.size, "So many bytes.");
  if (has(limit_bandwidth)) v.template field<BandwidthText>("limit", f.size, "So many bytes a second.");
  if (has(ratio)) v.template field<Maybe<RatioText>>("ratio", f.ratio, "So many are affected; all if not said.");
  if (has(packets)) v.template field<Choice<sim::Packets>>("packets", f.packets, "Which of them may be lost.");
  if (has(file)) v.template field<SaidText>("file", f.file, "These files alone; * stands for any characters.");
  if (has(shared)) v.template field<Flag>("shared", f.shared, "The shared volume, as this process sees it.");
  if (has(unsynced)) v.template field<Choice<sim::Unsynced>>("unsynced", f.unsynced, "What becomes of unsynced bytes.");
  if (has(silent)) v.template field<Flag>("silent", f.silent, "The other ends of its connections are not told.");
  if (has(times))
    v.template field<Count<std::uint64_t, 1, 1'000'000'000>>("times", f.times, "Takes effect so often at most.");
  if (has(lasts)) {
    v.template field<LengthValue>("for", f.lasts, "How long it lasts; until the end if not said.");
    v.template field<Maybe<OccurrenceText>>("until", f.until, "Or until this occurs.");
  }
  v.template field<SaidText>("label", f.label, "What other faults call it.");
  v.template field<Flag>("may_miss", f.may_miss, "The scenario does not rely on its effect.");
}

template <class Visitor>
void describe_reliance(Visitor& v, OperatorAction& action) {
  v.template field<Flag>("may_miss", action.may_miss, "The scenario does not rely on its being carried out.");
}

// As they are when nothing is said of them. What must be said is said even when it is nothing.
Node write_usual_parameters(const Verb& verb) {
  MapWriter usual;
  FaultPlan plan;
  parameters(usual, verb, plan);
  Node map = usual.take();
  std::erase_if(map.entries,
                [&](const Node::Entry& e) { return verb.needed != 0 && (e.key == "by" || e.key == "limit"); });
  return map;
}

// REQUIRES: one of `verbs`.
const Node& parameters_not_to_say(const Verb& verb) {
  static const std::vector<Node> all = [] {
    std::vector<Node> list;
    for (const Verb& each : verbs) list.push_back(write_usual_parameters(each));
    return list;
  }();
  return all[static_cast<std::size_t>(&verb - verbs.data())];
}

void read_target(const Node& node, const Verb& verb, FaultPlan& plan, Reader& reader) {
  if (verb.name == "partition") {
    if (!node.is_list() || node.items.size() < 2) return reader.wrong(node, "two or more groups, as [[a, c1], [b]]");
    ListOf<ListOf<NameText>>::read(node, plan.groups, reader);
  } else if (verb.name == "isolate") {
    ListOf<NameText>::read(node, plan.isolated, reader);
    if (plan.isolated.empty()) reader.wrong(node, "a process, or a list of them");
  } else if (verb.target == FaultTarget::links) {
    LinksOrAll::read(node, plan.links, reader);
  } else {
    NamesOrAll::read(node, plan.processes, reader);
  }
}

Node write_target(const Verb& verb, const FaultPlan& plan) {
  if (verb.name == "partition") return ListOf<ListOf<NameText>>::write(plan.groups);
  if (verb.name == "isolate") return NamesOrAll::write(plan.isolated);
  return verb.target == FaultTarget::links ? LinksOrAll::write(plan.links) : NamesOrAll::write(plan.processes);
}

std::vector<std::string> verb_names() {
  std::vector<std::string> names;
  for (const Verb& verb : verbs) names.emplace_back(verb.name);
  return names;
}

// The one entry of `node` whose key is among `names`; complains if there is none, or another.
const Node::Entry* find_verb(const Node& node, const std::vector<std::string>& names, std::string_view kind,
                             Reader& reader) {
  const Node::Entry* found = nullptr;
  for (const Node::Entry& entry : node.entries) {
    if (std::find(names.begin(), names.end(), entry.key) == names.end()) continue;
    if (found == nullptr)
      found = &entry;
    else
      reader.wrong({entry.key, found->key}, entry.place, quoted(entry.key) + " beside " + quoted(found->key),
                   "one " + std::string(kind) + " in an item");
  }
  if (found == nullptr) {
    const Place place = node.entries.empty() ? node.place : node.entries[0].place;
    const std::string key = node.entries.empty() ? "" : node.entries[0].key;
    std::vector<std::string> unknown = names;  // whichever was meant
    unknown.push_back(key);
    reader.wrong(unknown, place, key.empty() ? node.describe() : "the key " + quoted(key),
                 "a " + std::string(kind) + ": " + one_of(names), nearest_word(key, names));
  }
  return found;
}

}  // namespace

void FaultItem::read(const Node& node, Value& value, Reader& reader) {
  if (!node.is_map()) return reader.wrong(node, "a fault, as {crash: a, at: 3s}");
  const Node::Entry* entry = find_verb(node, verb_names(), "fault", reader);
  if (entry == nullptr) {  // its time is what it is, and others may call it by its label
    MapReader visitor(node, reader);
    visitor.field<SaidText>("label", value.label, "");
    read_schedule(node, value.schedule, visitor, reader);
    return;
  }
  const Verb& verb = *std::find_if(verbs.begin(), verbs.end(), [&](const Verb& v) { return v.name == entry->key; });
  value.kind = verb.kind;
  {
    const Reader::Step step(reader, std::string(verb.name));
    read_target(entry->value, verb, value, reader);
  }
  MapReader visitor(node, reader);
  visitor.known(verb.name);
  for (const std::string& other : verb_names()) visitor.complained_of(other);
  parameters(visitor, verb, value);
  read_schedule(node, value.schedule, visitor, reader);
  visitor.finish();
  require_schedule(node, visitor, reader);
  for (const auto& [keys, name] :
       {std::pair{by_delay | by_drift | by_step, "by"}, {limit_size | limit_bandwidth, "limit"}}) {
    const bool is_needed = (verb.needed & static_cast<unsigned>(keys)) != 0;
    if (is_needed && node.find(name) == nullptr && !visitor.is_misspelt(name)) {
      reader.wrong({name}, entry->place, quoted(verb.name) + " without " + quoted(name),
                   "the key " + quoted(name) + " beside it");
    }
  }
}

Node FaultItem::write(const Value& value) {
  const Verb& verb = verb_row(value);
  Node map = Node::map();
  map.add(std::string(verb.name), write_target(verb, value));
  write_schedule(value.schedule, map);
  MapWriter written;
  FaultPlan plan = value;
  parameters(written, verb, plan);
  Node without = without_defaults(written.take(), parameters_not_to_say(verb));
  std::move(without.entries.begin(), without.entries.end(), std::back_inserter(map.entries));
  return map;
}

void FaultItem::visit(QuantityFinder& finder, Value& value) { parameters(finder, verb_row(value), value); }

Node FaultItem::definition() {
  Node alternatives = Node::list();
  for (const Verb& verb : verbs) {
    MapSchema schema;
    FaultPlan plan;
    Node target = verb.name == "partition"            ? ListOf<ListOf<NameText>>::schema()
                  : verb.target == FaultTarget::links ? LinksOrAll::schema()
                                                      : NamesOrAll::schema();
    schema.add(verb.name, std::move(target), verb.what);
    schema.require(verb.name);
    describe_schedule(schema);
    parameters(schema, verb, plan);
    if ((verb.needed & (by_delay | by_drift | by_step)) != 0) schema.require("by");
    if ((verb.needed & (limit_size | limit_bandwidth)) != 0) schema.require("limit");
    Node alternative = schema.take();
    alternative.add("oneOf", one_of_the_kinds());
    alternatives.items.push_back(std::move(alternative));
  }
  Node node = Node::map();
  node.add("anyOf", std::move(alternatives));
  return node;
}

void OperatorItem::read(const Node& node, Value& value, Reader& reader) {
  if (!node.is_map()) return reader.wrong(node, "an operator's action, as {promote: b, at: 3s}");
  const std::vector<std::string> names(command_names.begin(), command_names.end());
  const Node::Entry* entry = find_verb(node, names, "command", reader);
  if (entry == nullptr) {  // its time is what it is
    MapReader visitor(node, reader);
    read_schedule(node, value.schedule, visitor, reader);
    return;
  }
  value.command =
      static_cast<OperatorAction::Command>(std::find(names.begin(), names.end(), entry->key) - names.begin());
  MapReader visitor(node, reader);
  visitor.field<NameText>(entry->key, value.node, "");
  for (const std::string& other : names) visitor.complained_of(other);
  read_schedule(node, value.schedule, visitor, reader);
  describe_reliance(visitor, value);
  visitor.finish();
  require_schedule(node, visitor, reader);
}

Node OperatorItem::write(const Value& value) {
  Node map = Node::map();
  map.add(std::string(verb_of(value.command)), NameText::write(value.node));
  write_schedule(value.schedule, map);
  if (value.may_miss) map.add("may_miss", Flag::write(true));
  return map;
}

Node OperatorItem::definition() {
  Node alternatives = Node::list();
  for (std::size_t i = 0; i < command_names.size(); ++i) {
    MapSchema schema;
    schema.add(command_names[i], NameText::schema(), command_descriptions[i]);
    schema.require(command_names[i]);
    describe_schedule(schema);
    OperatorAction action;
    describe_reliance(schema, action);
    Node alternative = schema.take();
    alternative.add("oneOf", one_of_the_kinds());
    alternatives.items.push_back(std::move(alternative));
  }
  Node node = Node::map();
  node.add("anyOf", std::move(alternatives));
  return node;
}

}  // namespace grammar

namespace {

std::string flow(const Node& node) {
  if (!node.is_list()) return node.text;
  std::string joined;
  for (const Node& item : node.items) {
    joined += (joined.empty() ? "" : ", ") + (item.is_list() ? "[" + flow(item) + "]" : flow(item));
  }
  return joined;
}

std::string in_a_line(const Node& node) {
  std::string text;
  for (const Node::Entry& entry : node.entries) {
    text += (text.empty() ? "" : " ") + entry.key + " " + flow(entry.value);
  }
  return text;
}

}  // namespace

std::string to_text(const FaultPlan& plan) { return in_a_line(grammar::FaultItem::write(plan)); }
std::string to_text(const OperatorAction& action) { return in_a_line(grammar::OperatorItem::write(action)); }

}  // namespace smalldb::scenarios
