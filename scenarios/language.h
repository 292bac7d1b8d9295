// The keys of the language, each once: what it is called, what it means, how it is written.
//
// `fields(visitor, x)` shows all keys of x to the visitor. MapReader, MapWriter and MapSchema (grammar.h) make the
// loader, the saver and the schema of it. Included by load.cpp, save.cpp and schema.cpp alone.
#pragma once

#include "model/rule_switches.h"
#include "scenarios/fault_grammar.h"
#include "scenarios/grammar.h"
#include "scenarios/judged.h"
#include "scenarios/scenario.h"

namespace smalldb::scenarios::grammar {

template <>
inline std::vector<std::string> choices<ArbiterKind>() {
  return {"tie_breaker", "shared_lock", "manual", "none"};
}
template <>
inline std::vector<std::string> choices<Acknowledge>() {
  return {"durable", "received"};
}
template <>
inline std::vector<std::string> choices<Reads>() {
  return {"confirmed", "leased"};
}
template <>
inline std::vector<std::string> choices<sim::Chunking>() {
  return {"whole_messages", "random_pieces"};
}
template <>
inline std::vector<std::string> choices<sim::TieOrder>() {
  return {"insertion", "shuffled", "priorities"};
}
template <>
inline std::vector<std::string> choices<Expected>() {
  return {"holds", "violated", "any", "if_recoverable"};
}

// Names, or how many: 3 clients are c1, c2, c3; 2 nodes are a, b.
template <char kind>
struct NamesOrNumber {
  using Value = std::vector<Name>;
  static constexpr std::uint32_t least = kind == 'n' ? 1 : 0;
  static constexpr std::uint32_t most = kind == 'n' ? nodes_max : clients_max;
  static void read(const Node& node, Value& value, Reader& reader) {
    const bool is_number =
        node.is_scalar() && !node.quoted && !node.text.empty() && node.text[0] >= '0' && node.text[0] <= '9';
    if (!is_number) return ListOf<NameText>::read(node, value, reader);
    std::string ignored;
    const auto number = notation::read_count(node.text, ignored, most);
    if (!number) return reader.wrong(node, "names, or a number up to " + std::to_string(most));
    value.clear();
    for (std::uint64_t i = 0; i < *number; ++i) {
      value.push_back(kind == 'n' ? std::string(1, static_cast<char>('a' + i)) : "c" + std::to_string(i + 1));
    }
  }
  static Node write(const Value& value) { return ListOf<NameText>::write(value); }
  static Node schema() {
    Node node = kind == 'n' ? ListOf<NameText>::schema() : or_nothing(ListOf<NameText>::schema());
    node.entries[0].value.items.push_back(Count<std::uint32_t, least, most>::schema());
    return node;
  }
};

// None is what is meant by leaving them out, and that is the first node: a list of none says neither.
struct Founders {
  using Value = std::vector<Name>;
  static constexpr bool nothing_is_none = true;
  static void read(const Node& node, Value& value, Reader& reader) {
    if (node.is_list() && node.items.empty())
      return reader.wrong(node, "a node that may found the store; the first one does where none is named");
    ListOf<NameText>::read(node, value, reader);
  }
  static Node write(const Value& value) { return ListOf<NameText>::write(value); }
  static Node schema() {
    Node node = ListOf<NameText>::schema();
    node.entries[0].value.items[1].add("minItems", Node::scalar("1"));
    return node;
  }
};

struct ValueOrAbsent {
  using Value = std::optional<std::string>;
  static void read(const Node& node, Value& value, Reader& reader) {
    if (!node.is_scalar()) return reader.wrong(node, "a value, or absent");
    if (node.quoted || node.text != "absent") value = node.text;
  }
  static Node write(const Value& value) {
    return value ? Node::scalar(*value, *value == "absent") : Node::scalar("absent");
  }
  static Node schema() { return text_schema("The key's value, or absent."); }
};

// `100/s`, or `every 10ms`.
struct Rate {
  using Value = sim::Distribution;
  static void read(const Node& node, Value& value, Reader& reader);
  static Node write(const Value& value);
  static Node schema() { return reference("rate"); }
};

// `quiet`, a time, or `100 operations`: three fields of End at once.
struct UntilValue {
  using Value = End;
  static void read(const Node& node, Value& value, Reader& reader);
  static Node write(const Value& value);
  static Node schema() { return reference("until"); }
};

template <class Visitor>
void fields(Visitor& v, Settings& s) {
  v.template field<Choice<Acknowledge>>("acknowledge", s.acknowledge,
                                        "What the backup's acknowledgement says: durable (synced there), or received "
                                        "(in memory: both losing power loses writes).");
  v.template field<Choice<Reads>>("reads", s.reads,
                                  "confirmed: the backup confirms each batch of reads. leased: answered at once under "
                                  "the backup's promise not to claim.");
  v.template field<DurationText>("heartbeat_every", s.heartbeat_every,
                                 "How often a node shows a sign of life; at least 1ms.");
  v.template field<DurationText>("suspect_after", s.suspect_after,
                                 "Silence after which the other node is suspected; longer than heartbeat_every.");
  v.template field<DurationText>("retry_after", s.retry_after,
                                 "Between two attempts to connect, to find a primary, to claim; at least 1ms.");
  v.template field<DurationText>("seek_for", s.seek_for,
                                 "How long a node that starts looks for a primary before it claims; at least 1ms.");
  v.template field<DurationText>(
      "arbiter_ping_every", s.arbiter_ping_every,
      "How often a node looks whether the arbiter would answer; at least 1ms, or 0s: never.");
  v.template field<DurationText>("lease", s.lease, "reads: leased: how long the backup's promise holds; at least 1ms.");
  v.template field<Count<std::uint32_t>>("clock_drift_max_ppm", s.clock_drift_max_ppm,
                                         "reads: leased: how far clocks may drift apart, in millionths.");
  v.template field<SizeText>("log_buffer_bytes", s.log_buffer_bytes,
                             "Records that the backup has not acknowledged before the primary takes no more requests.");
  v.template field<SizeText>("join_buffer_bytes", s.join_buffer_bytes,
                             "The same while a comer takes a snapshot of the running store.");
  v.template field<Count<std::uint32_t>>("waiting_requests_max", s.waiting_requests_max,
                                         "Requests that wait then before they are refused.");
  v.template field<SizeText>("checkpoint_every_bytes", s.checkpoint_every_bytes,
                             "A checkpoint after so many bytes of log; 0: only when an operator asks.");
  v.template field<SizeText>("segment_bytes", s.segment_bytes, "A log file is full with so many bytes.");
  v.template field<SizeText>("log_write_bytes", s.log_write_bytes,
                             "Most that one write to the log carries, unless it is a single record.");
  v.template field<SmallSizeText>("chunk_bytes", s.chunk_bytes,
                                  "Checkpoints are written and snapshots sent in such pieces.");
  v.template field<Count<std::uint32_t, 1>>("chunks_in_flight", s.chunks_in_flight,
                                            "Pieces of a snapshot in flight to a comer.");
  v.template field<Count<std::uint32_t, 1>>("session_window", s.session_window, "Results kept per session.");
  v.template field<Count<std::uint32_t, 1>>("sessions_max", s.sessions_max, "Sessions kept.");
  v.template field<DurationText>("session_expires_after", s.session_expires_after,
                                 "How long an idle session is kept; at least 1ms.");
}

template <class Visitor>
void fields(Visitor& v, ClientSettings& c) {
  v.template field<DurationText>("answer_within", c.answer_within,
                                 "Then an attempt is given up and the next node tried; at least 1ms.");
  v.template field<DurationText>("retry_after", c.retry_after, "After a refusal or a failed connection; at least 1ms.");
  v.template field<DurationText>("give_up_after", c.give_up_after,
                                 "Then the operation's outcome is reported as it is known; at least 1ms.");
  v.template field<Count<std::uint32_t, 1>>("in_flight_max", c.in_flight_max,
                                            "Operations of one client on their way at a time.");
}

template <class Visitor>
void fields(Visitor& v, RuleSwitches& r) {
  for (const RuleSwitch& rule : rule_switches) v.template field<Flag>(rule.name, r.*rule.on, rule.what);
}

template <class Visitor>
void fields(Visitor& v, Cluster& c) {
  v.template field<NamesOrNumber<'n'>>("nodes", c.nodes, "The nodes that store: their names, or how many (a, b, ...).");
  v.template field<NamesOrNumber<'c'>>("clients", c.clients, "The clients: their names, or how many (c1, c2, ...).");
  v.template field<Founders>("founders", c.founders,
                             "Nodes that may claim epoch 1 with an empty directory. The first node if none is named.");
  v.template field<ListOf<NameText>>("spares", c.spares, "Nodes that are down until an operator starts them.");
  v.template field<ListOf<NameText>>("without_session", c.without_session,
                                     "Clients that ask outside of sessions: what they have sent and got no answer to "
                                     "is unknown, and not sent again unless it is a read.");
  v.template field<Choice<ArbiterKind>>("arbiter", c.arbiter,
                                        "Who decides which node may go on alone: tie_breaker (a process), shared_lock "
                                        "(a file on a shared volume), manual (an "
                                        "operator), none (nobody: for labs).");
  v.template field<Struct<Settings>>("store", c.store, "Settings of the store.");
  v.template field<Struct<ClientSettings>>("client", c.client, "Settings of all clients.");
  v.template field<Struct<RuleSwitches>>("rules", c.rules,
                                         "Safety rules of the store; each can be turned off to see what breaks.");
}

template <class Visitor>
void fields(Visitor& v, LinkException& l) {
  v.template field<LinksText>("link", l.link, "Which directions: a -> b, a <-> b, all -> c1.");
  v.template field<Maybe<DistributionValue>>("latency", l.latency, "How long a packet takes.");
  v.template field<Maybe<RatioText>>("loss", l.loss, "So many packets are lost; a stream's bytes come later then.");
  v.template field<Maybe<RatioText>>("duplication", l.duplication, "So many datagrams come twice.");
  v.template field<Maybe<RatioText>>("reordering", l.reordering,
                                     "So many datagrams come later than others sent after them.");
  v.template field<Maybe<DurationText>>("reordering_window", l.reordering_window, "By up to so much.");
  v.template field<Maybe<BandwidthText>>("bandwidth", l.bandwidth, "Bytes a second; 0 is no bound.");
  v.template field<Maybe<SizeText>>("queue_limit", l.queue_limit, "Bytes that may wait to be sent; 0 is no bound.");
}

template <class Visitor>
void fields(Visitor& v, Network& n) {
  sim::LinkSettings& link = n.settings.link;
  v.template field<DistributionValue>("latency", link.latency, "How long a packet takes.");
  v.template field<RatioText>("loss", link.loss, "So many packets are lost; a stream's bytes come later then.");
  v.template field<RatioText>("duplication", link.duplication, "So many datagrams come twice.");
  v.template field<RatioText>("reordering", link.reordering,
                              "So many datagrams come later than others sent after them.");
  v.template field<DurationText>("reordering_window", link.reordering_window, "By up to so much.");
  v.template field<BandwidthText>("bandwidth", link.bandwidth,
                                  "Bytes a second per direction of a link; 0 is no bound.");
  v.template field<SizeText>("queue_limit", link.queue_limit, "Bytes that may wait to be sent; 0 is no bound.");
  v.template field<Choice<sim::Chunking>>(
      "chunking", n.settings.chunking,
      "How streams arrive: whole_messages, or random_pieces (messages torn anywhere and run together).");
  v.template field<DistributionValue>("retransmission", n.settings.retransmission,
                                      "How much later lost bytes of a stream come; up to 1ms at least.");
  v.template field<DurationText>("retransmission_most", n.settings.retransmission_most,
                                 "After a cut has healed a stream tries again within this.");
  v.template field<DurationText>("connect_timeout", n.settings.connect_timeout,
                                 "An attempt to connect is given up after this; at least 1ms.");
  v.template field<DurationText>("connection_timeout", n.settings.connection_timeout,
                                 "A connection whose bytes are held back for so long breaks; at least 1ms.");
  v.template field<ListOf<Struct<LinkException>>>("links", n.links, "Links that differ from the rest.");
}

template <class Visitor>
void fields(Visitor& v, sim::DiskSettings& d) {
  v.template field<DistributionValue>("read", d.read, "How long a read takes.");
  v.template field<DistributionValue>("write", d.write, "How long a write into the cache takes.");
  v.template field<DistributionValue>("sync", d.sync, "How long a sync takes.");
  v.template field<DistributionValue>("name", d.name, "How long a list, rename, link, remove or truncate takes.");
  v.template field<SizeText>("capacity", d.capacity, "Bytes that fit; 0 is no bound.");
  v.template field<Count<std::uint32_t, 0, 1'000'000>>(
      "kept", d.kept, "At a crash the unsynced bytes of a file are, with this weight, all kept ...");
  v.template field<Count<std::uint32_t, 0, 1'000'000>>("lost", d.lost, "... with this weight all lost ...");
  v.template field<Count<std::uint32_t, 0, 1'000'000>>("torn", d.torn, "... cut at some sector ...");
  v.template field<Count<std::uint32_t, 0, 1'000'000>>("subset", d.subset, "... kept in any sectors ...");
  v.template field<Count<std::uint32_t, 0, 1'000'000>>("garbage", d.garbage,
                                                       "... or kept in some sectors, with garbage in others.");
}

template <class Visitor>
void fields(Visitor& v, Disks& d) {
  fields(v, d.settings);
  v.template field<DurationText>(
      "unreachable_after", d.shared_timeout,
      "shared_lock: an operation on the shared volume fails as unreachable after this; at least 1ms.");
  v.exceptions("only", d.exceptions, d.settings,
               "Disks that differ from the rest, by process (`disk`: the shared volume).");
}

template <class Visitor>
void fields(Visitor& v, sim::ClockSettings& c) {
  v.template field<SignedDurationText>("offset", c.offset,
                                       "How far both clocks of the process are ahead at the beginning.");
  v.template field<DriftText>("drift", c.drift, "How much both clocks gain: 100 ppm, -1/1000.");
}

template <class Visitor>
void fields(Visitor& v, Mix& m) {
  using Weight = Count<std::uint32_t, 0, 1'000'000>;
  v.template field<Weight>("get", m.get, "Weight of reads.");
  v.template field<Weight>("put", m.put, "Weight of writes.");
  v.template field<Weight>("delete", m.remove, "Weight of deletes.");
  v.template field<Weight>("put_if_absent", m.put_if_absent, "Weight of writes that need the key to be absent.");
  v.template field<Weight>("compare_and_set", m.compare_and_set, "Weight of writes that need the revision last seen.");
  v.template field<Weight>("delete_if_unchanged", m.remove_if_unchanged,
                           "Weight of deletes that need the revision last seen.");
}

// What a mix does not name has no weight; what is done by default is a matter of having none.
struct MixMap {
  using Value = Mix;
  static constexpr bool of_maps = true;
  static constexpr bool nothing_is_none = true;
  static constexpr Mix nothing = {0, 0, 0, 0, 0, 0};
  static void read(const Node& node, Value& value, Reader& reader) {
    if (node.is_map()) value = nothing;
    Struct<Mix>::read(node, value, reader);
  }
  static Node write(const Value& value) { return Struct<Mix>::write(value, nothing); }
  static Node schema() {
    Node node = Struct<Mix>::schema();
    node.add("minProperties", Node::scalar("1"));
    return node;
  }
};

template <class Visitor>
void fields(Visitor& v, Generated& g) {
  v.template field<Count<std::uint64_t, 1, 1'000'000'000>>("count", g.count, "Operations per client.");
  v.template field<MixMap>("mix", g.mix, "Kinds of operation by weight: of those not named there are none.");
  v.template field<Count<std::uint64_t, 1, 1'000'000>>("keys", g.keys, "So many keys: k0, k1, ...");
  v.template field<SkewText>("skew", g.skew, "uniform, zipf, or as 80 % on 20 % of the keys.");
  v.template field<SizeRangeText>("value_size", g.value_size, "How large values are.");
  v.template field<DistributionValue>("think_time", g.think_time,
                                      "Closed loop: between an answer and the next operation.");
  v.template field<Maybe<Rate>>("rate", g.interval, "Open loop: operations begin at this rate, answered or not.");
}

template <class Visitor>
void fields(Visitor& v, Work& w) {
  v.template field<NamesOrAll>("clients", w.clients, "Who does this work, each client by itself; all if not said.");
  v.template field<TimeText>("starts_at", w.starts_at, "When it begins.");
  v.template field<ListOf<StepText>>("script", w.script, "Operations one after the other: put x=1, get x, wait 100ms.");
  v.template field<Maybe<Struct<Generated>>>("generate", w.generate, "Operations drawn at random, after the script.");
  v.template field<Count<std::uint32_t, 1, 1'000>>("in_flight", w.in_flight,
                                                   "Operations of this work on their way at a time.");
}

// Something to do.
template <>
inline Node Struct<Work>::schema() {
  MapSchema visitor;
  Work work;
  fields(visitor, work);
  Node node = visitor.take();
  Node either = Node::list();
  for (const char* key : {"script", "generate"}) {
    Node needs = Node::map();
    needs.add("required", Node::list({Node::scalar(key, true)}));
    either.items.push_back(std::move(needs));
  }
  node.add("anyOf", std::move(either));
  return node;
}

template <class Visitor>
void fields(Visitor& v, Expectations& e) {
  for (const Judged& property : judged_properties()) {
    const auto known = e.properties.find(property.name);
    std::optional<Expected> expected;
    if (known != e.properties.end()) expected = known->second;
    v.template field<Maybe<Choice<Expected>>>(property.name, expected, property.what);
    if (expected) e.properties[property.name] = *expected;
  }
  v.template field<Choice<Expected>>("others", e.others, "What is expected of the properties that are not named.");
  v.template field<ListOf<NameText>>("sometimes", e.sometimes, "Conditions that must have been seen at least once.");
  v.template field<ListOf<NameText>>("never", e.never, "Conditions that must not have been seen.");
  v.template field<Maybe<NameText>>("primary", e.primary, "Who serves at the end; or nobody.");
  v.template field<Maybe<ListOf<NameText>>>("in_sync", e.in_sync, "The primary and its declared backup at the end.");
  v.template field<MapOf<ValueOrAbsent>>("values", e.values, "What a client reads at the end, by key.");
  v.template field<Maybe<DurationText>>(
      "answered_within", e.answered_within,
      "The store answers every operation of the story so soon after it was invoked; none is given up.");
  v.template field<Maybe<DurationText>>(
      "unavailable_at_most", e.unavailable_at_most,
      "The longest time in which the story's operations were asked for and none was answered.");
  v.template field<Maybe<Count<std::uint64_t>>>("answered_at_least", e.answered_at_least,
                                                "Operations of the story that the store has answered.");
}

template <class Visitor>
void fields(Visitor& v, End& e) {
  v.template field<UntilValue>(
      "until", e, "quiet (the work is done and no timed fault is left), a time, or as 100 operations (are over).");
  v.template field<TimeText>("limit", e.limit, "No later than this; a run that gets there is unknown.");
  v.template field<Flag>("heal", e.heal, "At the end all faults stop and liveness is judged.");
  v.template field<ListOf<NameText>>("lost", e.lost,
                                     "Who does not come back then: nodes, the arbiter, or the shared volume's disk.");
  v.template field<DurationText>("settle", e.settle, "Within this after healing all must be well.");
}

template <class Visitor>
void fields(Visitor& v, sim::Pin& p) {
  auto what = static_cast<std::uint16_t>(p.decision.what);
  v.template field<Count<std::uint16_t>>("what", what, "The decision's kind, as numbered in sim/chance.h.");
  p.decision.what = static_cast<sim::Chance>(what);
  auto who = static_cast<std::uint64_t>(p.decision.who);
  v.template field<Count<std::uint64_t>>("who", who, "About whom.");
  p.decision.who = static_cast<sim::Key>(who);
  v.template field<Count<std::uint64_t>>("n", p.decision.n, "The how-manieth.");
  v.template field<Count<std::uint64_t>>("value", p.value, "What it draws.");
}

template <class Visitor>
void fields(Visitor& v, Scenario& s) {
  v.template field<AnyText>("name", s.name, "What the scenario is called; that of its file if not said.");
  v.template field<AnyText>("why", s.why, "A sentence that says why it exists.");
  v.template field<Count<std::uint64_t>>("seed", s.seed, "Decides all that is left to chance.");
  v.template field<Choice<sim::TieOrder>>("ties", s.ties, "How events at the same time are ordered.");
  v.template field<Struct<Cluster>>("cluster", s.cluster, "Who takes part, and how the store is set up.");
  v.template field<Struct<Network>>("network", s.network, "The network when nothing is wrong with it.");
  v.template field<Struct<Disks>>("disks", s.disks, "The disks when nothing is wrong with them.");
  v.template field<MapOf<Struct<sim::ClockSettings>>>("clocks", s.clocks, "Clocks that are not right, by process.");
  v.template field<MapOf<DistributionValue>>("processors", s.step_costs,
                                             "How long one step keeps a process busy, by process.");
  v.template field<ListOf<Struct<Work>>>("workload", s.workload, "What the clients do.");
  v.template field<ListOf<FaultItem>>("faults", s.faults, "What goes wrong, and when.");
  v.template field<ListOf<OperatorItem>>("operator", s.operators, "What an operator does, and when.");
  v.template field<Struct<Expectations>>("expect", s.expect, "What must come of it. Properties not named must hold.");
  v.template field<Struct<End>>("end", s.end, "When the run ends.");
  v.template field<ListOf<Struct<sim::Pin>>>("pins", s.pins, "Decisions that are not left to the seed.");
}

}  // namespace smalldb::scenarios::grammar
