#include "model/testing/stage.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include "model/assert.h"
#include "model/notes.h"
#include "model/recovery.h"

namespace smalldb::testing {
namespace {

using Verb = effect::DiskVerb;

// Entropy tells lives apart, and lets a story call a directory "a/1": made by the first life of a.
constexpr std::uint64_t entropy_of(std::size_t process, std::uint64_t life) { return (process + 1) * 1000 + life; }

HostEffects only(const effect::Disk& operation) {
  HostEffects effects;
  effects.recorded().emplace_back(operation);
  return effects;
}

}  // namespace

// ---- Casting ------------------------------------------------------------------------------------------------------

void Stage::cast(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    auto process = std::make_unique<Process>();
    process->name = name;
    process->id = ProcessId{static_cast<std::uint32_t>(processes_.size())};
    const bool client = name.size() > 1 && name[0] == 'c' && std::isdigit(static_cast<unsigned char>(name[1])) != 0;
    process->kind = name == "arbiter" ? Kind::arbiter : client ? Kind::client : Kind::node;
    by_name_[name] = processes_.size();
    processes_.push_back(std::move(process));
  }
}

std::vector<std::string> Stage::cast_in_order() const {
  std::vector<std::string> names;
  for (const auto& process : processes_) names.push_back(process->name);
  return names;
}

Stage::Process& Stage::process(const std::string& name) { return *processes_.at(by_name_.at(name)); }
const Stage::Process& Stage::process(const std::string& name) const { return *processes_.at(by_name_.at(name)); }

std::unique_ptr<Machine> Stage::make_machine(const Process& process) const {
  std::vector<ProcessId> nodes;
  ProcessId arbiter = no_process;
  for (const auto& other : processes_) {
    if (other->kind == Kind::node) nodes.push_back(other->id);
    if (other->kind == Kind::arbiter) arbiter = other->id;
  }
  if (process.kind == Kind::arbiter) return std::make_unique<Arbiter>(ArbiterConfig{process.id});
  if (process.kind == Kind::client) return std::make_unique<Client>(ClientConfig{process.id, nodes, client_settings});
  NodeConfig config;
  config.self = process.id;
  config.nodes = nodes;
  config.arbiter_kind = arbiter_kind;
  config.arbiter = arbiter;
  config.may_found = process.id == nodes.front();
  config.settings = settings;
  config.rules = rules;
  return std::make_unique<Node>(config);
}

Moment Stage::moment() const { return {now_, WallTime{now_.nanoseconds + wall_offset_.nanoseconds}}; }

Names Stage::names() const {
  Names names;
  names.process = [this](ProcessId id) {
    const auto index = static_cast<std::size_t>(id);
    return index < processes_.size() ? processes_[index]->name : std::string("nobody");
  };
  names.directory = [this](DirectoryId id) {
    const std::size_t index = id.high / 1000;
    if (index == 0 || index > processes_.size()) return std::string("nobody");
    return processes_[index - 1]->name + "/" + std::to_string(id.high % 1000);
  };
  names.session = [this](SessionId id) {
    const auto found = sessions_.find(id.value);
    return found == sessions_.end() ? "session " + std::to_string(id.value) : found->second;
  };
  return names;
}

// ---- Processes ----------------------------------------------------------------------------------------------------

void Stage::start(const std::string& name) {
  Process& starting = process(name);
  SMALLDB_ASSERT(!starting.machine, name);
  ++starting.lives;
  starting.effects = HostEffects();
  starting.machine = make_machine(starting);
  starting.role = starting.kind == Kind::node ? Role::recovering : Role::none;
  const std::uint64_t entropy = entropy_of(by_name_.at(name), starting.lives);
  step(starting, Started{{entropy, entropy}});
}

void Stage::crash(const std::string& name, bool power_too) {
  Process& crashing = process(name);
  end(crashing);
  if (power_too) {
    crashing.disk.restart(0);
  } else {
    crashing.disk.restart_process();
  }
}

// The process is gone: its peers find their connections broken, after what it had sent.
void Stage::end(Process& process) {
  process.machine.reset();
  process.timers.clear();
  process.events.clear();
  process.disk_waits.clear();
  process.role = Role::stopped;
  const std::size_t self = by_name_.at(process.name);
  for (auto entry = by_link_.begin(); entry != by_link_.end();) {
    if (entry->first.first != self) {
      ++entry;
      continue;
    }
    Connection& connection = connections_[entry->second];
    const bool from = connection.from == self;
    (from ? connection.open_at_from : connection.open_at_to) = false;
    deliver({self, from ? connection.to : connection.from},
            {Item::What::closed, entry->second, {}, CloseReason::reset});
    entry = by_link_.erase(entry);
  }
}

void Stage::input(const std::string& name, Bytes bytes) { step(process(name), Input{std::move(bytes)}); }

void Stage::invoke(const std::string& client, Invocation invocation) {
  Process& invoking = process(client);
  invocation.number = invoking.invocations.size() + 1;
  std::string words = std::string(smalldb::name(invocation.verb)) + " " + invocation.key.string();
  if (invocation.verb == smalldb::Verb::put && invocation.value.size() <= 24) words += "=" + invocation.value.string();
  invoking.invocations[invocation.number] = words;
  input(client, encode(invocation));
}

// ---- Steps --------------------------------------------------------------------------------------------------------

void Stage::step(Process& process, Event event) {
  process.events.push_back(std::move(event));
  if (process.stepping) return;
  process.stepping = true;
  while (process.machine && !process.events.empty()) {
    const Event next = std::move(process.events.front());
    process.events.pop_front();
    process.machine->step(moment(), next, process.effects);
    carry_out(process);
    if (!process.disk_held) carry_out_disk(process);
  }
  process.events.clear();
  process.stepping = false;
}

void Stage::carry_out(Process& process) {
  const std::vector<Effect> effects = std::exchange(process.effects.recorded(), {});
  for (const Effect& effect : effects) {
    if (const auto* connect = std::get_if<effect::Connect>(&effect)) on(process, *connect);
    if (const auto* sent = std::get_if<effect::Send>(&effect)) send(process, sent->link, sent->bytes);
    if (const auto* reply = std::get_if<effect::Reply>(&effect)) send(process, reply->link, reply->bytes);
    if (const auto* close = std::get_if<effect::Close>(&effect)) close_from(process, close->link);
    if (const auto* datagram = std::get_if<effect::SendDatagram>(&effect)) {
      const Direction direction{by_name_.at(process.name), static_cast<std::size_t>(datagram->to)};
      deliver(direction, {Item::What::datagram, 0, datagram->bytes, {}});
    }
    if (const auto* timer = std::get_if<effect::SetTimer>(&effect)) process.timers[timer->timer] = timer->at;
    if (const auto* timer = std::get_if<effect::CancelTimer>(&effect)) process.timers.erase(timer->timer);
    if (const auto* disk = std::get_if<effect::Disk>(&effect)) {
      if (disk->volume == Volume::shared) {
        on_shared_disk(process, *disk);
      } else {
        process.disk_waits.push_back(*disk);
      }
    }
    if (const auto* note = std::get_if<effect::Note>(&effect)) {
      const bool role_changed = note->what == static_cast<std::uint16_t>(NoteKind::role_changed);
      if (process.kind == Kind::node) process.role = static_cast<Role>(note->role);
      if (note->what == static_cast<std::uint16_t>(NoteKind::stopped) && process.kind == Kind::arbiter) continue;
      say(process.name + " " + in_words(*note, names()) +
          (role_changed ? " (epoch " + std::to_string(note->epoch) + ", log to " + std::to_string(note->position) + ")"
                        : ""));
    }
    if (const auto* report = std::get_if<effect::Report>(&effect)) {
      const auto completion = decode_completion(report->bytes);
      SMALLDB_ASSERT(completion);
      std::string line = process.name + " is told: " + process.invocations[completion->number] + ": " +
                         spaced(smalldb::name(completion->outcome));
      if (!completion->value.empty()) line += " " + completion->value.string();
      if (completion->revision.value > 0) line += ", revision " + std::to_string(completion->revision.value);
      say(line);
    }
    if (const auto* stop = std::get_if<effect::Stop>(&effect)) {
      say(process.name + " stops" + (stop->why.empty() ? "" : ": " + short_file_name(stop->why.view())));
      end(process);
      process.disk.restart_process();
      return;
    }
  }
}

void Stage::carry_out_disk(Process& process) {
  while (process.machine && !process.disk_waits.empty()) {
    HostEffects one = only(process.disk_waits.front());
    process.disk_waits.pop_front();
    process.disk.take(one);
    process.events.emplace_back(process.disk.carry_out());
  }
}

void Stage::on_shared_disk(Process& process, const effect::Disk& operation) {
  if (shared_down_) {
    process.events.emplace_back(DiskDone{operation.token, DiskStatus::unreachable, {}, {}});
    return;
  }
  HostEffects one = only(operation);
  shared_disk_.take(one);
  DiskDone done = shared_disk_.carry_out();
  std::string outcome = done.status == DiskStatus::ok          ? ""
                        : done.status == DiskStatus::exists    ? ": it exists"
                        : done.status == DiskStatus::not_found ? ": there is none"
                                                               : ": failed";
  if (lost_shared_answer_ == operation.verb) {
    lost_shared_answer_.reset();
    outcome += ", and the answer is lost";
    done = {operation.token, DiskStatus::unreachable, {}, {}};
  }
  say(process.name + " on the shared volume: " + in_words(operation) + outcome);
  process.events.emplace_back(std::move(done));
}

// ---- Connections ----------------------------------------------------------------------------------------------------

void Stage::on(Process& process, const effect::Connect& connect) {
  const std::size_t self = by_name_.at(process.name);
  connections_.push_back({self, static_cast<std::size_t>(connect.to), connect.link, {}, connect.port, true, false, {}});
  by_link_[{self, connect.link}] = connections_.size() - 1;
  deliver({self, static_cast<std::size_t>(connect.to)}, {Item::What::connect, connections_.size() - 1, {}, {}});
}

void Stage::send(Process& process, Link link, const Bytes& bytes) {
  const std::size_t self = by_name_.at(process.name);
  const auto found = by_link_.find({self, link});
  if (found == by_link_.end()) return;
  Connection& connection = connections_[found->second];
  const std::size_t to = connection.from == self ? connection.to : connection.from;
  tell_message(process, to, bytes, connection);
  deliver({self, to}, {Item::What::data, found->second, bytes, {}});
}

void Stage::close_from(Process& process, Link link) {
  const std::size_t self = by_name_.at(process.name);
  const auto found = by_link_.find({self, link});
  if (found == by_link_.end()) return;
  Connection& connection = connections_[found->second];
  const bool from = connection.from == self;
  (from ? connection.open_at_from : connection.open_at_to) = false;
  const std::size_t other = from ? connection.to : connection.from;
  if (process.kind == Kind::node && processes_[other]->kind == Kind::node && connection.open_at_to) {
    say(process.name + " closes its link to " + processes_[other]->name);
  }
  deliver({self, other}, {Item::What::closed, found->second, {}, CloseReason::closed_by_peer});
  by_link_.erase(found);
}

// ---- Messages -------------------------------------------------------------------------------------------------------

void Stage::tell_message(const Process& from, std::size_t to, const Bytes& bytes, Connection& connection) {
  const std::optional<Message> message = decode_frame(bytes);
  SMALLDB_ASSERT(message);
  const std::size_t self = by_name_.at(from.name);
  if (const auto* response = std::get_if<ResponseMessage>(&message->body)) {
    if (response->response.number == 0 && response->response.status == Status::ok) {
      sessions_[response->response.revision.value] = processes_[to]->name;
    }
  }
  if (!says_nothing_new(*message, connection, self)) {
    say(from.name + " -> " + processes_[to]->name + ": " + in_words(*message, names()));
  }
  connection.last.insert_or_assign(self * 64 + message->body.index(), *message);
}

bool Stage::says_nothing_new(const Message& message, Connection& connection, std::size_t from) const {
  const auto last = connection.last.find(from * 64 + message.body.index());
  if (const auto* records = std::get_if<Records>(&message.body)) {
    if (last == connection.last.end()) return records->bytes.empty() && records->confirm == 0;
    const Records& before = std::get<Records>(last->second.body);
    return records->bytes.empty() && records->confirm == before.confirm && records->safe == before.safe;
  }
  if (const auto* taken = std::get_if<SnapshotTaken>(&message.body)) {
    return taken->size == 0 || (last != connection.last.end() && last->second == message);
  }
  return std::holds_alternative<Ack>(message.body) && last != connection.last.end() && last->second == message;
}

void Stage::deliver(Direction direction, Item item) {
  const auto hold = holds_.find(direction);
  const bool lost = hold != holds_.end() && (hold->second == Hold::cut || hold->second == Hold::deaf);
  if (lost && item.what == Item::What::datagram) return;
  queues_[direction].push_back(std::move(item));
}

bool Stage::deliver_one(Direction direction) {
  std::deque<Item>& queue = queues_[direction];
  if (queue.empty()) return false;
  const Item item = std::move(queue.front());
  queue.pop_front();
  Process& to = *processes_.at(direction.second);
  const Direction back{direction.second, direction.first};
  if (item.what == Item::What::datagram) {
    if (to.machine) step(to, DatagramReceived{ProcessId{static_cast<std::uint32_t>(direction.first)}, item.bytes});
    return true;
  }
  Connection& connection = connections_[item.connection];
  const bool to_opener = connection.from == direction.second;
  const std::optional<Link> link = to_opener ? std::optional(connection.at_from) : connection.at_to;
  switch (item.what) {
    case Item::What::connect:
      if (!to.machine) {
        deliver(back, {Item::What::closed, item.connection, {}, CloseReason::refused});
        return true;
      }
      connection.at_to = to.effects.take_link();
      connection.open_at_to = true;
      by_link_[{direction.second, *connection.at_to}] = item.connection;
      deliver(back, {Item::What::connected, item.connection, {}, {}});
      step(to, HostEvents::accepted(*connection.at_to, ProcessId{static_cast<std::uint32_t>(direction.first)},
                                    connection.port));
      return true;
    case Item::What::connected:
      if (connection.open_at_from) step(to, Connected{connection.at_from});
      return true;
    case Item::What::data:
      if (to_opener ? connection.open_at_from : connection.open_at_to) step(to, Received{*link, item.bytes});
      return true;
    case Item::What::closed:
      if (to_opener ? connection.open_at_from : connection.open_at_to) {
        (to_opener ? connection.open_at_from : connection.open_at_to) = false;
        by_link_.erase({direction.second, *link});
        step(to, Closed{*link, item.reason});
      }
      return true;
    case Item::What::datagram: break;
  }
  return true;
}

void Stage::deliver(const std::string& from, const std::string& to, std::size_t count) {
  const Direction direction{by_name_.at(from), by_name_.at(to)};
  const std::size_t waiting = queues_[direction].size();
  for (std::size_t i = 0; i < std::min(count, waiting); ++i) deliver_one(direction);
}

void Stage::settle() {
  constexpr int rounds_max = 10'000;  // who speaks for ever where no time passes is not right
  int rounds = 0;
  for (bool moved = true; moved;) {
    moved = false;
    SMALLDB_ASSERT(++rounds <= rounds_max, rounds);
    for (std::size_t from = 0; from < processes_.size(); ++from) {
      for (std::size_t to = 0; to < processes_.size(); ++to) {
        const auto found = holds_.find({from, to});
        const Hold hold = found == holds_.end() ? Hold::none : found->second;
        if (hold == Hold::held || hold == Hold::cut) continue;
        if (hold == Hold::stalled) {
          moved = deliver_datagrams({from, to}) || moved;
          continue;
        }
        const std::size_t waiting = queues_[{from, to}].size();
        for (std::size_t i = 0; i < waiting; ++i) moved = deliver_one({from, to}) || moved;
      }
    }
  }
}

bool Stage::deliver_datagrams(Direction direction) {
  std::deque<Item> streams;
  std::deque<Item> datagrams;
  for (Item& item : queues_[direction]) {
    (item.what == Item::What::datagram ? datagrams : streams).push_back(std::move(item));
  }
  queues_[direction] = std::move(streams);
  Process& to = *processes_.at(direction.second);
  for (const Item& item : datagrams) {
    if (to.machine) step(to, DatagramReceived{ProcessId{static_cast<std::uint32_t>(direction.first)}, item.bytes});
  }
  return !datagrams.empty();
}

void Stage::set_hold(const std::string& from, const std::string& to, Hold hold) {
  const Direction direction{by_name_.at(from), by_name_.at(to)};
  holds_[direction] = hold;
  if (hold == Hold::cut || hold == Hold::deaf) {
    std::erase_if(queues_[direction], [](const Item& item) { return item.what == Item::What::datagram; });
  }
}

void Stage::close(const std::string& one, const std::string& other) {
  const std::size_t a = by_name_.at(one);
  const std::size_t b = by_name_.at(other);
  queues_[{a, b}].clear();
  queues_[{b, a}].clear();
  const std::size_t so_far = connections_.size();  // who loses one may open another at once
  for (std::size_t i = 0; i < so_far; ++i) {
    Connection& connection = connections_[i];
    if (!(connection.from == a && connection.to == b) && !(connection.from == b && connection.to == a)) continue;
    const bool was_open_at_to = std::exchange(connection.open_at_to, false);
    if (std::exchange(connection.open_at_from, false)) {
      by_link_.erase({connection.from, connection.at_from});
      step(*processes_[connection.from], Closed{connection.at_from, CloseReason::reset});
    }
    if (was_open_at_to) {
      by_link_.erase({connections_[i].to, *connections_[i].at_to});
      step(*processes_[connections_[i].to], Closed{*connections_[i].at_to, CloseReason::reset});
    }
  }
}

void Stage::drop(const std::string& from, const std::string& to) {
  const bool streams = std::any_of(queues_[{by_name_.at(from), by_name_.at(to)}].begin(),
                                   queues_[{by_name_.at(from), by_name_.at(to)}].end(),
                                   [](const Item& item) { return item.what != Item::What::datagram; });
  queues_[{by_name_.at(from), by_name_.at(to)}].clear();
  if (streams) close(from, to);
}

void Stage::forge_datagram(const std::string& from, const std::string& to, Bytes bytes) {
  step(process(to), DatagramReceived{process(from).id, std::move(bytes)});
}

// ---- Disks ----------------------------------------------------------------------------------------------------------

void Stage::hold_disk(const std::string& name, bool hold) {
  process(name).disk_held = hold;
  if (!hold) work_disk(name, std::numeric_limits<std::size_t>::max());
}

void Stage::work_disk(const std::string& name, std::size_t count) {
  Process& working = process(name);
  for (std::size_t i = 0; i < count && working.machine && !working.disk_waits.empty(); ++i) {
    HostEffects one = only(working.disk_waits.front());
    if (working.disk_held) say(name + "'s disk: " + in_words(working.disk_waits.front()));
    working.disk_waits.pop_front();
    working.disk.take(one);
    step(working, working.disk.carry_out());
  }
}

// ---- Time -----------------------------------------------------------------------------------------------------------

void Stage::pass(Duration duration, bool delivering) {
  const Instant end = now_ + duration;
  if (delivering) settle();
  while (true) {
    Process* first = nullptr;
    std::pair<Instant, TimerId> due{end, TimerId{}};
    for (const auto& process : processes_) {
      for (const auto& [timer, at] : process->timers) {
        if (at > end || (first != nullptr && at >= due.first)) continue;
        first = process.get();
        due = {at, timer};
      }
    }
    if (first == nullptr) break;
    now_ = std::max(now_, due.first);
    first->timers.erase(due.second);
    step(*first, TimerFired{due.second});
    if (delivering) settle();
  }
  now_ = end;
}

// ---- What a disk holds ----------------------------------------------------------------------------------------------

namespace {

// What a start of the node would find if power were lost now.
Recovery recover_copy(const MemoryDisk& disk, const Settings& settings, const RuleSwitches& rules) {
  MemoryDisk copy = disk;
  copy.restart(0);
  Recovery recovery(settings, rules, DirectoryId{});
  HostEffects effects;
  recovery.start(effects);
  for (copy.take(effects); copy.busy(); copy.take(effects)) recovery.on_disk_done(copy.carry_out(), effects);
  return recovery;
}

}  // namespace

std::string Stage::durable_log_bytes(const std::string& name) {
  const Recovery recovery = recover_copy(process(name).disk, settings, rules);
  if (!recovery.recovered()) return {};
  const Recovered& found = *recovery.recovered();
  return found.log.records_from(found.store.applied().next()).string();
}

std::vector<std::string> Stage::durable_log(const std::string& name) {
  std::vector<std::string> lines;
  const std::string bytes = durable_log_bytes(name);
  std::string_view rest = bytes;
  while (const auto record = decode_record(rest)) {
    lines.push_back(in_words(*record, names()));
    rest.remove_prefix(decode_header(rest)->record_size());
  }
  return lines;
}

std::vector<std::string> Stage::durable_state(const std::string& name) {
  const Recovery recovery = recover_copy(process(name).disk, settings, rules);
  if (!recovery.recovered()) return {"damaged"};
  Store store = recovery.recovered()->store;
  const std::string bytes = durable_log_bytes(name);
  std::string_view rest = bytes;
  while (const auto record = decode_record(rest)) {
    store.apply(*record);
    rest.remove_prefix(decode_header(rest)->record_size());
  }
  std::vector<std::string> lines;
  for (const auto& entry : store.entries()) {
    const std::string value = entry.value.value.string();
    lines.push_back(entry.key.string() + "=" + (value.size() <= 24 ? value : std::to_string(value.size()) + " bytes"));
  }
  return lines;
}

void Stage::tell_status() {
  for (const auto& process : processes_) {
    if (process->kind != Kind::node) continue;
    std::string line = process->name + ": " + std::string(smalldb::name(process->role));
    const Recovery recovery = recover_copy(process->disk, settings, rules);
    if (recovery.recovered()) {
      const Recovered& found = *recovery.recovered();
      line += ", epoch " + std::to_string(found.log.configuration().epoch().value) + ", durable to " +
              std::to_string(found.log.end().value);
      if (found.store.applied().value > 0) line += ", checkpoint " + std::to_string(found.store.applied().value);
    } else {
      line += ", its directory is damaged";
    }
    say(line);
  }
}

}  // namespace smalldb::testing
