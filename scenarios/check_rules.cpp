#include "scenarios/check_rules.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "model/notes.h"
#include "scenarios/notation.h"
#include "scenarios/problem.h"

namespace smalldb::scenarios {

namespace {

bool contains(const std::vector<Name>& names, const Name& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Whether it is noted only where one node joins another.
bool is_of_a_pair(std::string_view note) {
  constexpr std::string_view notes[] = {"comer_welcomed", "snapshot_installed", "backup_joining",     "backup_declared",
                                        "backup_left",    "backup_resumed",     "backup_lost_its_log"};
  return std::find(std::begin(notes), std::end(notes), note) != std::end(notes);
}

// REQUIRES: something is done to a file.
FileVerb verb_of(Occurrence::What what) {
  if (what == Occurrence::What::renamed) return FileVerb::rename_to;
  return what == Occurrence::What::synced ? FileVerb::sync : FileVerb::write;
}

}  // namespace

bool Checker::is_node(const Name& name) const { return contains(scenario_.cluster.nodes, name); }

bool Checker::is_client(const Name& name) const { return contains(scenario_.cluster.clients, name); }

bool Checker::is_reserved(const Name& name) const {
  static const std::vector<Name> words = {
      "arbiter", "disk",    "primary", "backup", "random", "all",    "nobody", "anyone",
      "anybody", "someone", "any",     "the",    "an",     "output", "answer", "record",
      "log",     "fault",   "flow",    "node",   "client", "true",   "false"};  // of which an editor makes no text
  return contains(words, name);
}

Checker::JudgedBy Checker::judged_by_names(std::initializer_list<Name> mentioned) {
  std::vector<Path> parts = {{"cluster", "nodes"}, {"cluster", "clients"}};
  const bool is_of_the_arbiter = std::any_of(mentioned.begin(), mentioned.end(),
                                             [](const Name& name) { return name == "arbiter" || name == "disk"; });
  if (is_of_the_arbiter) parts.push_back({"cluster", "arbiter"});
  return judged_by(std::move(parts));
}

Checker::JudgedBy Checker::judged_by_labels() {
  std::vector<Path> parts = {{"faults", "label"}};  // unknown with the whole list, whatever is in it
  for (std::size_t i = 0; i < scenario_.faults.size(); ++i) parts.push_back({"faults", std::to_string(i), "label"});
  return judged_by(std::move(parts));
}

Checker::JudgedBy Checker::judged_by_operations() { return judged_by({{"workload"}, {"cluster", "clients"}}); }

std::vector<std::string> Checker::known_names(Roles roles) const {
  std::vector<std::string> names = process_names(scenario_.cluster);
  for (const char* role : {"primary", "backup", "random"}) {
    if (roles == Roles::yes && can_be_played(role)) names.emplace_back(role);
  }
  return names;
}

// "a node: a or b". A name that is there twice is told of once.
static std::string kind_and_names(const std::string& kind, const std::vector<Name>& names) {
  std::vector<Name> each;
  for (const Name& name : names) {
    if (!contains(each, name)) each.push_back(name);
  }
  return kind + (each.empty() ? ", of which there is none" : ": " + one_of(each));
}

bool Checker::unknown(const Path& path, const Name& name, const std::string& what,
                      const std::vector<std::string>& known) {
  if (contains(known, name)) return false;
  wrong(path, quoted(name), kind_and_names(what, known), nearest_word(name, known));
  return true;
}

bool Checker::process(const Path& path, const Name& name, Roles roles) {
  const JudgedBy by = judged_by_names({name});
  return !unknown(path, name, "a process of the cluster", known_names(roles));
}

bool Checker::has_disk(const Path& path, const Name& name) {
  const JudgedBy by = judged_by_names({name});
  std::vector<std::string> known = scenario_.cluster.nodes;
  if (scenario_.cluster.arbiter == ArbiterKind::tie_breaker) known.emplace_back("arbiter");
  if (scenario_.cluster.arbiter == ArbiterKind::shared_lock) known.emplace_back("disk");
  return !unknown(path, name, "a process with a disk", known);
}

void Checker::node(const Path& path, const Name& name) {
  const JudgedBy by = judged_by({{"cluster", "nodes"}});
  unknown(path, name, "a node", scenario_.cluster.nodes);
}

void Checker::nodes(const Path& path, const std::vector<Name>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) node(join(path, std::to_string(i)), names[i]);
}

void Checker::clients(const Path& path, const std::vector<Name>& names) {
  const JudgedBy by = judged_by({{"cluster", "clients"}});
  for (std::size_t i = 0; i < names.size(); ++i) {
    unknown(join(path, std::to_string(i)), names[i], "a client", scenario_.cluster.clients);
  }
}

std::vector<FilesOf> Checker::shared_files() const {
  std::vector<FilesOf> all = {FilesOf::shared_volume};
  if (scenario_.cluster.store.arbiter_ping_every > Duration{}) all.push_back(FilesOf::pings);
  return all;
}

std::vector<FilesOf> Checker::files_of(const Name& name) const {
  std::vector<FilesOf> all;
  if (name.empty() || is_node(name) || is_role(name)) all.push_back(FilesOf::node);
  const ArbiterKind arbiter = scenario_.cluster.arbiter;
  if (name == "arbiter" || (name.empty() && arbiter == ArbiterKind::tie_breaker)) all.push_back(FilesOf::arbiter);
  if (name == "disk" || (name.empty() && arbiter == ArbiterKind::shared_lock)) {
    const std::vector<FilesOf> shared = shared_files();
    all.insert(all.end(), shared.begin(), shared.end());
  }
  return all;
}

std::vector<FilesOf> Checker::files_written_by(const Name& name) const {
  std::vector<FilesOf> all = files_of(name);
  if (scenario_.cluster.arbiter == ArbiterKind::shared_lock && (is_node(name) || is_role(name))) {
    const std::vector<FilesOf> shared = shared_files();
    all.insert(all.end(), shared.begin(), shared.end());
  }
  return all;
}

void Checker::file(const Path& path, const std::string& pattern, const std::vector<FilesOf>& whose,
                   std::optional<FileVerb> verb) {
  const auto can_match = [&](FilesOf one) {
    return verb ? can_match_a_file(pattern, one, *verb) : can_match_a_file(pattern, one);
  };
  std::vector<std::string> known, meant;  // and what is taken too
  for (const FilesOf one : whose) {
    if (can_match(one)) return;
    for (const std::string& file : file_patterns(one)) {
      if (!verb || can_match_a_file(file, one, *verb)) meant.push_back(file);
    }
    for (const std::string& file : verb ? file_patterns(one, *verb) : file_patterns(one)) {
      if (!contains(known, file)) known.push_back(file);
    }
  }
  if (whose.empty()) return;  // nobody's: of whom it is told
  std::string nearest = nearest_word(pattern, meant);
  const std::string beginning = pattern.substr(0, pattern.find('*'));
  for (const std::string& file : known) {
    const bool is_its_other_name = file.starts_with(beginning) || beginning.starts_with(file.substr(0, file.find('*')));
    if (verb && nearest.empty() && !beginning.empty() && is_its_other_name) nearest = file;
  }
  // One that nobody writes is wrong whoever there is.
  const bool is_anybodys = std::any_of(std::begin(all_files), std::end(all_files), can_match);
  const JudgedBy by = judged_by(
      is_anybodys
          ? std::vector<Path>{{"cluster", "arbiter"}, {"cluster", "nodes"}, {"cluster", "store", "arbiter_ping_every"}}
          : std::vector<Path>{});
  const std::string expected = verb == FileVerb::sync        ? "a file that is synced there"
                               : verb == FileVerb::rename_to ? "a file that gets its name by a rename there"
                                                             : "a file that is written there";
  wrong(path, quoted(pattern), expected + (known.empty() ? ", of which there is none" : ": " + one_of(known)), nearest);
}

std::vector<Name> Checker::ends(const Name& name) const {
  if (name != "all") return {name};
  std::vector<Name> everyone = process_names(scenario_.cluster);
  if (scenario_.cluster.arbiter == ArbiterKind::shared_lock) everyone.emplace_back("disk");
  return everyone;
}

bool Checker::talk(const Name& from, const Name& to) const {
  const auto may_be_node = [&](const Name& name) { return is_node(name) || is_role(name); };
  if (from == to) return false;
  if (may_be_node(from)) return true;
  return may_be_node(to);
}

bool Checker::links(const Path& path, const Links& links, Roles roles) {
  std::vector<std::string> known = known_names(roles);
  known.emplace_back("all");
  if (scenario_.cluster.arbiter == ArbiterKind::shared_lock) known.emplace_back("disk");
  bool all_known = true;
  for (const auto& side : {links.from, links.to}) {
    for (const Name& name : side) {
      const JudgedBy by = judged_by_names({name});
      all_known &= !unknown(path, name, "a process of the cluster", known);
    }
  }
  if (!all_known) return false;
  for (const Name& one : links.from) {
    for (const Name& other : links.to) {
      for (const Name& from : ends(one)) {
        for (const Name& to : ends(other)) {
          if (talk(from, to)) return true;
        }
      }
    }
  }
  const JudgedBy by = judged_by_names({});
  wrong(path, quoted(notation::write_links(links)), "links on which something is sent: one end of each is a node");
  return false;
}

void Checker::comes(const Path& path, sim::Time time) {
  const JudgedBy by = judged_by({{"end", "until"}, {"end", "limit"}});
  const End& end = scenario_.end;
  const bool ends_before = end.until == End::Until::time && time >= end.at;
  if (time < end.limit && !ends_before) return;
  wrong(path, notation::write_duration({time.nanoseconds}),
        "a time before the end (" +
            notation::write_duration({ends_before ? end.at.nanoseconds : end.limit.nanoseconds}) + ")");
}

std::uint64_t Checker::times_of(const Schedule& schedule) const {
  switch (schedule.kind) {
    case Schedule::Kind::at: return 1;
    case Schedule::Kind::randomly:
    case Schedule::Kind::when: return schedule.count;
    case Schedule::Kind::every: break;
  }
  const sim::Time to = schedule.to == sim::Time{} ? scenario_.end.at : schedule.to;
  return to < schedule.from
             ? 1
             : static_cast<std::uint64_t>((to - schedule.from).nanoseconds / schedule.every.nanoseconds) + 1;
}

std::uint64_t Checker::operations_of(const Name& client, const Work* until, std::size_t until_step) const {
  std::uint64_t count = 0;
  for (const Work& work : scenario_.workload) {
    if (!work.clients.empty() && !contains(work.clients, client)) continue;
    const auto end = &work == until ? work.script.begin() + static_cast<std::ptrdiff_t>(until_step) : work.script.end();
    count += static_cast<std::uint64_t>(std::count_if(
        work.script.begin(), end, [](const ScriptStep& step) { return std::holds_alternative<Operation>(step); }));
    if (work.generate && &work != until) count += work.generate->count;
  }
  return count;
}

void Checker::waits_for_others(const Path& path, const Work& work, std::size_t step, const Occurrence& occurrence) {
  using What = Occurrence::What;
  const bool is_in_all = occurrence.what == What::operations_answered;
  if (!is_in_all && occurrence.what != What::operation_issued && occurrence.what != What::operation_answered) return;
  const Name& client = occurrence.process;
  if (!client.empty() && !is_client(client)) return;  // of whom it is told
  std::uint64_t before = 0;
  for (const Name& each : scenario_.cluster.clients) {
    if (client.empty() || each == client) before += operations_of(each, &work, step);
  }
  const std::uint64_t needed = occurrence.number != 0 ? occurrence.number : occurrence.nth;
  const std::uint64_t all = client.empty() ? operations_in_all() : operations_of(client);
  if (needed <= before || needed > all) return;
  const JudgedBy by = judged_by_operations();
  wrong(path, quoted(to_text(occurrence)),
        "something that does not wait for this step in turn: no more than " + std::to_string(before) +
            (before == 1 ? " operation comes" : " operations come") + " without it");
}

std::optional<std::uint64_t> Checker::most_of(const Occurrence& occurrence) const {
  using What = Occurrence::What;
  switch (occurrence.what) {
    case What::operation_issued:
    case What::operation_answered:
      if (occurrence.number != 0) return 1;
      return occurrence.process.empty() ? operations_in_all() : operations_of(occurrence.process);
    case What::operations_answered: return 1;
    case What::fault_began:
    case What::fault_ended:
      for (const FaultPlan& fault : scenario_.faults) {
        const bool is_sound = fault.schedule.kind != Schedule::Kind::every || fault.schedule.every > Duration{};
        if (fault.label == occurrence.process && is_sound) return times_of(fault.schedule);
      }
      return {};
    default: return {};
  }
}

// Nodes open connections to each other and to the arbiter, clients to nodes.
bool Checker::may_connect(const Name& from, const Name& to) const {
  const auto may_be_node = [&](const Name& name) { return name.empty() || is_role(name) || is_node(name); };
  if (from == to && !from.empty()) return false;
  if (may_be_node(from)) return !is_client(to);
  return is_client(from) && may_be_node(to);
}

bool Checker::may_bring_down(const FaultPlan& fault, const Name& name) const {
  using sim::FaultKind;
  if (fault.kind != FaultKind::crash && fault.kind != FaultKind::kill && fault.kind != FaultKind::power_failure)
    return false;
  if (fault.processes.empty() || name.empty() || contains(fault.processes, name)) return true;
  return std::any_of(fault.processes.begin(), fault.processes.end(), [&](const Name& victim) {
    return is_role(victim) ? is_role(name) || is_node(name) : is_role(name) && is_node(victim);
  });
}

bool Checker::may_go_down(const Name& name, const FaultPlan* of) const {
  return std::any_of(scenario_.faults.begin(), scenario_.faults.end(),
                     [&](const FaultPlan& fault) { return &fault != of && may_bring_down(fault, name); });
}

void Checker::datagrams(const Path& path, const Links& links) {
  const auto may_be_node = [&](const Name& name) { return name == "all" || is_role(name) || is_node(name); };
  if (std::any_of(links.from.begin(), links.from.end(), may_be_node) &&
      std::any_of(links.to.begin(), links.to.end(), may_be_node))
    return;
  const JudgedBy by = judged_by({{"cluster", "nodes"}});
  wrong(path, quoted(notation::write_links(links)), "links between nodes: nobody else sends datagrams");
}

// Who can be at which end of a connection, or of anything else between two.
void Checker::occurrence_of_two(const Path& path, const Occurrence& occurrence) {
  using What = Occurrence::What;
  const Name &one = occurrence.process, &other = occurrence.peer;
  if (!one.empty() && one == other) {
    wrong(path, quoted(to_text(occurrence)), "another process at the other end");
  } else if (occurrence.what == What::connected && !may_connect(one, other)) {
    wrong(path, quoted(to_text(occurrence)),
          "a connection that is opened: by a node to a node or the arbiter, or by a client to a node");
  } else if (occurrence.what == What::disconnected && !may_connect(one, other) && !may_connect(other, one)) {
    wrong(path, quoted(to_text(occurrence)), "a connection that there is: one end of each is a node");
  }
}

std::uint64_t Checker::operations_in_all() const {
  std::uint64_t count = 0;
  for (const Name& client : scenario_.cluster.clients) count += operations_of(client);
  return count;
}

// Who can be at which end of a message of this name.
void Checker::occurrence_of_message(const Path& path, const Occurrence& occurrence) {
  const bool receives = occurrence.what == Occurrence::What::receives;
  const Name& sender = receives ? occurrence.peer : occurrence.process;
  const Name& receiver = receives ? occurrence.process : occurrence.peer;
  const auto must_be = [&](const Name& name, bool is, const std::string& what) {
    if (!name.empty() && !is_role(name) && !is) {
      wrong(path, quoted(occurrence.message) + (&name == &sender ? " from " : " to ") + quoted(name), what);
    }
  };
  const std::string& message = occurrence.message;
  const bool is_ping = message == "ping" || message == "pong";
  if (is_ping || message == "claim" || message == "verdict") {
    const JudgedBy by = judged_by({{"cluster", "arbiter"}});
    if (scenario_.cluster.arbiter != ArbiterKind::tie_breaker) {
      wrong(path, "a " + message + " without a tie breaker",
            is_ping ? "something that can occur: pings go to the arbiter tie_breaker alone"
                    : "something that can occur: claims go to the arbiter tie_breaker alone");
      return;
    }
    if (is_ping && scenario_.cluster.store.arbiter_ping_every == Duration{}) {
      const JudgedBy by_store = judged_by({{"cluster", "store"}});
      wrong(path, "a " + message + " without arbiter_ping_every",
            "something that can occur, or an arbiter_ping_every above 0s");
      return;
    }
    const bool goes_to_the_arbiter = message == "claim" || message == "ping";
    must_be(goes_to_the_arbiter ? receiver : sender, (goes_to_the_arbiter ? receiver : sender) == "arbiter",
            "the arbiter at that end");
    must_be(goes_to_the_arbiter ? sender : receiver, is_node(goes_to_the_arbiter ? sender : receiver),
            "a node at that end");
  } else if (message == "request") {
    must_be(sender, is_client(sender), "a client at that end");
    must_be(receiver, is_node(receiver), "a node at that end");
  } else if (message == "answer") {
    must_be(sender, is_node(sender), "a node at that end");
    must_be(receiver, is_client(receiver), "a client at that end");
  } else {
    if (scenario_.cluster.nodes.size() == 1) {
      wrong(path, quoted(message) + " in a cluster of one node",
            "something that can occur: nodes say that to each other");
      return;
    }
    must_be(sender, is_node(sender), "a node at that end");
    must_be(receiver, is_node(receiver), "a node at that end");
  }
}

// Who notes it: clients tell of themselves, who stops may be anybody, and all else is noted by nodes.
void Checker::occurrence_of_note(const Path& path, const Occurrence& occurrence, Waiting waiting) {
  if (unknown(path, occurrence.note, "what a machine notes", note_names())) return;
  if (is_of_a_pair(occurrence.note) && scenario_.cluster.nodes.size() == 1) {
    wrong(path, quoted(to_text(occurrence)) + " in a cluster of one node", "something that can occur without a backup");
    return;
  }
  const Name& name = occurrence.process;
  const bool is_of_clients = occurrence.note.starts_with("client_");
  if (!name.empty() && is_of_clients && !is_client(name)) {
    return wrong(path, quoted(name), kind_and_names("a client", scenario_.cluster.clients));
  }
  if (!name.empty() && !is_of_clients && occurrence.note != "stopped" && !is_role(name) && !is_node(name)) {
    return wrong(path, quoted(name), kind_and_names("a node", scenario_.cluster.nodes));
  }
  if (is_of_clients && !waiting.may_miss && (name.empty() ? operations_in_all() : operations_of(name)) == 0) {
    const JudgedBy by = judged_by_operations();
    return wrong(path, quoted(to_text(occurrence)), "something that occurs: there is no operation");
  }
  const Cluster& cluster = scenario_.cluster;
  const JudgedBy by = judged_by({{"cluster", "store"}, {"cluster", "arbiter"}, {"cluster", "founders"}, {"operator"}});
  const bool looks_for_its_arbiter =
      cluster.store.arbiter_ping_every > Duration{} &&
      (cluster.arbiter == ArbiterKind::tie_breaker || cluster.arbiter == ArbiterKind::shared_lock);
  const bool is_a_checkpoint = occurrence.note == "checkpoint_begun" || occurrence.note == "checkpoint_done";
  const bool may_checkpoint = cluster.store.checkpoint_every_bytes != 0 || !scenario_.operators.empty();
  const std::vector<Name> founders =
      !cluster.founders.empty() || cluster.nodes.empty() ? cluster.founders : std::vector<Name>{cluster.nodes.front()};
  if (occurrence.note == "waits_for_operator" && cluster.arbiter != ArbiterKind::manual) {
    wrong(path, "a wait for an operator without a manual arbiter", "something that can occur, or arbiter: manual");
  } else if (waiting.may_miss) {
    return;
  } else if (occurrence.note == "read_under_lease" && cluster.store.reads != Reads::leased) {
    wrong(path, "a read under a lease without leases", "something that can occur, or reads: leased");
  } else if ((occurrence.note == "arbiter_away" || occurrence.note == "arbiter_back") && !looks_for_its_arbiter) {
    wrong(path, quoted(to_text(occurrence)) + " where nobody looks for an arbiter",
          "something that can occur, or an arbiter_ping_every above 0s, with arbiter: tie_breaker or shared_lock");
  } else if (is_a_checkpoint && !may_checkpoint) {
    wrong(path, "a checkpoint without checkpoint_every_bytes, and without an operator who orders it",
          "something that can occur");
  } else if (occurrence.note == "founded" && is_node(name) && !contains(founders, name)) {
    wrong(path, quoted(name) + ", which is no founder", "a founder: " + one_of(founders));
  } else if (occurrence.note == "founded" && is_node(name) && occurrence.nth > 1 && scenario_.operators.empty() &&
             std::none_of(scenario_.faults.begin(), scenario_.faults.end(),
                          [&](const FaultPlan& fault) { return &fault != waiting.fault; })) {
    wrong(path, quoted(to_text(occurrence)), "something that can occur: a store is founded once");
  }
}

void Checker::occurrence_of_operations(const Path& path, const Occurrence& occurrence) {
  const Name& name = occurrence.process;
  if (!name.empty() && !is_client(name)) {
    return wrong(path, quoted(name), kind_and_names("a client", scenario_.cluster.clients));
  }
  const JudgedBy by = judged_by_operations();
  if (occurrence.what == Occurrence::What::operations_answered) {
    if (occurrence.number <= operations_in_all()) return;
    wrong(path, std::to_string(occurrence.number) + " operations",
          "no more than the workload has (" + std::to_string(operations_in_all()) + ")");
  } else if (!name.empty() && occurrence.number > operations_of(name)) {
    wrong(path, "operation " + std::to_string(occurrence.number) + " of " + name,
          "one of its " + std::to_string(operations_of(name)));
  }
}

void Checker::occurrence_names(const Path& path, const Occurrence& occurrence) {
  const bool is_of_a_fault =
      occurrence.what == Occurrence::What::fault_began || occurrence.what == Occurrence::What::fault_ended;
  if (is_of_a_fault) {
    std::vector<std::string> labels;
    for (const FaultPlan& fault : scenario_.faults) {
      if (!fault.label.empty()) labels.push_back(fault.label);
    }
    const JudgedBy by = judged_by_labels();
    unknown(path, occurrence.process, "the label of a fault", labels);
    return;
  }
  if (!occurrence.process.empty() && !process(path, occurrence.process, Roles::yes)) return;
  if (!occurrence.peer.empty() && !process(path, occurrence.peer, Roles::yes)) return;
  if (occurrence.process == "random" || occurrence.peer == "random") {
    wrong(path, "\"random\"", "a process, or anyone", "anyone");
  }
}

void Checker::occurrence_of_spare(const Path& path, const Occurrence& occurrence, Waiting waiting) {
  using What = Occurrence::What;
  if (waiting.may_miss) return;
  const bool is_of_two = occurrence.what == What::receives || occurrence.what == What::connected;
  for (const Name& name : {occurrence.process, is_of_two ? occurrence.peer : Name{}}) {
    if (!is_spare_that_nobody_starts(scenario_, name)) continue;
    const JudgedBy by = judged_by({{"cluster", "spares"}, {"operator"}});
    return wrong(path, quoted(name) + ", a spare that nobody starts",
                 "a node that runs, or an operator's \"start: " + name + "\"");
  }
}

void Checker::occurrence_of_crash(const Path& path, const Occurrence& occurrence, Waiting waiting) {
  const Name& name = occurrence.process;
  if (waiting.may_miss || may_go_down(name, waiting.fault)) return;
  const JudgedBy by = judged_by({{"faults"}});
  wrong(path, quoted(to_text(occurrence)),
        std::string("something that can occur: no ") + (waiting.fault == nullptr ? "" : "other ") +
            "fault crashes or kills " + (name.empty() ? "anyone" : name));
}

void Checker::occurrence_of_file(const Path& path, const Occurrence& occurrence) {
  const Name& name = occurrence.process;
  if (!name.empty() && !is_role(name) && !is_node(name) && name != "arbiter")
    wrong(path, quoted(name) + ", which has no disk", "a node, or the arbiter");
  else if (!occurrence.file.empty())
    file(path, occurrence.file, files_written_by(name), verb_of(occurrence.what));
}

void Checker::must_be_node(const Path& path, const Name& name) {
  if (!name.empty() && !is_role(name) && !is_node(name))
    wrong(path, quoted(name), kind_and_names("a node", scenario_.cluster.nodes));
}

void Checker::occurrence_of_role(const Path& path, const Occurrence& occurrence) {
  unknown(path, occurrence.note, "a role", role_names());
  if (!can_be_played(occurrence.note)) {
    wrong(path, quoted(to_text(occurrence)) + " in a cluster of one node", "something that can occur without a backup");
  }
  must_be_node(path, occurrence.process);
}

void Checker::occurrence_of_kind(const Path& path, const Occurrence& occurrence, Waiting waiting) {
  using What = Occurrence::What;
  switch (occurrence.what) {
    case What::receives:
    case What::sends: return occurrence_of_message(path, occurrence);
    case What::crashed: return occurrence_of_crash(path, occurrence, waiting);
    case What::synced:
    case What::written:
    case What::renamed: return occurrence_of_file(path, occurrence);
    case What::record_written:
    case What::record_durable:
    case What::goes_live:
    case What::misses: return must_be_node(path, occurrence.process);
    case What::becomes: return occurrence_of_role(path, occurrence);
    case What::noted: return occurrence_of_note(path, occurrence, waiting);
    case What::operation_issued:
    case What::operation_answered:
    case What::operations_answered: return occurrence_of_operations(path, occurrence);
    default: return;
  }
}

void Checker::occurrence_often_enough(const Path& path, const Occurrence& occurrence, Waiting waiting) {
  const std::optional<std::uint64_t> most = most_of(occurrence);
  if (waiting.may_miss || !most || occurrence.nth + std::max<std::uint64_t>(waiting.count, 1) - 1 <= *most) return;
  const JudgedBy by = judged_by({{"workload"}, {"cluster", "clients"}, {"faults"}, {"end"}});
  if (occurrence.nth <= *most) {
    const std::uint64_t left = *most - (occurrence.nth - 1);
    Path count = path;
    count.back() = "count";
    return wrong(std::move(count), std::to_string(waiting.count) + " times",
                 "no more than " + std::to_string(left) + ": " + quoted(to_text(occurrence)) +
                     (left == 1 ? " occurs once" : " occurs no more often"));
  }
  wrong(path, quoted(to_text(occurrence)),
        *most == 0   ? "something that occurs: there is no operation"
        : *most == 1 ? "the first time: it occurs once"
                     : "no more than " + std::to_string(*most) + " times");
}

void Checker::occurrence(const Path& path, const Occurrence& occurrence, Waiting waiting) {
  if (occurrence.what == Occurrence::What::nothing) return wrong(path, "nothing", "an occurrence");
  const std::size_t before = findings_.size();
  occurrence_names(path, occurrence);
  if (findings_.size() > before) return;
  const bool is_of_a_fault =
      occurrence.what == Occurrence::What::fault_began || occurrence.what == Occurrence::What::fault_ended;
  const JudgedBy by = is_of_a_fault ? judged_by_labels() : judged_by_names({occurrence.process, occurrence.peer});
  if (occurrence.before && !can_be_foreseen(occurrence.what)) {
    wrong(path, quoted(to_text(occurrence)),
          "something that can be seen coming (a message received, an fsync, a write, an operation issued), or "
          "\"after\"");
  }
  const std::size_t told = findings_.size();
  occurrence_of_two(path, occurrence);
  if (findings_.size() == told && !is_of_a_fault) occurrence_of_spare(path, occurrence, waiting);
  if (findings_.size() > told) return;
  occurrence_of_kind(path, occurrence, waiting);
  if (findings_.size() == told) occurrence_often_enough(path, occurrence, waiting);
}

}  // namespace smalldb::scenarios
