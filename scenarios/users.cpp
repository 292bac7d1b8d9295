#include "scenarios/users.h"

#include <algorithm>
#include <utility>

#include "properties/told.h"

namespace smalldb::scenarios {

namespace {

using sim::Chance;

// Each operation of a user has a few decisions of its own.
constexpr std::uint64_t decisions_per_operation = 8;
enum class Drawn : std::uint64_t { kind, key, hot_key, size, think, interval };

std::uint64_t drawn(const sim::Dice& dice, sim::Key key, std::uint64_t n, Drawn what) {
  return dice.draw(Chance::workload, key, n * decisions_per_operation + static_cast<std::uint64_t>(what));
}

// How often each of `keys` keys is drawn, added up: the r-th weighs 1/r.
std::vector<std::uint64_t> zipf_table(std::uint64_t keys) {
  std::vector<std::uint64_t> table;
  std::uint64_t sum = 0;
  for (std::uint64_t rank = 1; rank <= keys; ++rank) table.push_back(sum += (std::uint64_t{1} << 32) / rank);
  return table;
}

std::uint64_t pick_key(const Generated& work, const std::vector<std::uint64_t>& table, const sim::Dice& dice,
                       sim::Key key, std::uint64_t n) {
  const std::uint64_t draw = drawn(dice, key, n, Drawn::key);
  switch (work.skew.shape) {
    case Skew::Shape::uniform: break;
    case Skew::Shape::zipf: {
      const std::uint64_t point = sim::below(draw, table.back());
      return static_cast<std::uint64_t>(std::upper_bound(table.begin(), table.end(), point) - table.begin());
    }
    case Skew::Shape::hot: {
      const std::uint64_t hot =
          std::max<std::uint64_t>(1, work.keys * work.skew.keys.numerator / work.skew.keys.denominator);
      if (hot == work.keys) break;
      const bool is_hot = sim::hits(drawn(dice, key, n, Drawn::hot_key), work.skew.operations);
      return is_hot ? sim::below(draw, hot) : hot + sim::below(draw, work.keys - hot);
    }
  }
  return sim::below(draw, work.keys);
}

// A value that no other operation writes, of the size asked for if it is not shorter than its own name.
std::string unique_value(const std::string& client, std::uint64_t number, std::uint64_t size) {
  std::string value = client + "." + std::to_string(number);
  if (value.size() < size) value.append(size - value.size(), '.');
  return value;
}

// Whether a fault keeps the process from starting again.
bool is_held_down(ProcessId process, const sim::World& world) {
  return std::any_of(world.faults().begin(), world.faults().end(), [&](const sim::FaultRecord& record) {
    const sim::FaultKind kind = record.fault.kind;
    const bool holds_down =
        kind == sim::FaultKind::crash || kind == sim::FaultKind::kill || kind == sim::FaultKind::power_failure;
    return record.active && holds_down && (record.fault.process == process || record.fault.process == no_process);
  });
}

// The earliest time at which a client can be asked: it must have started.
constexpr sim::Time after_the_start{1};

}  // namespace

Users::Users(std::shared_ptr<const Scenario> scenario, const Numbers& numbers, const sim::Dice& dice, Lookout& lookout)
    : scenario_(std::move(scenario)), dice_(dice), first_client_(numbers.all() - scenario_->cluster.clients.size()) {
  for (std::size_t i = 0; i < scenario_->cluster.clients.size(); ++i) {
    clients_.push_back({ProcessId{static_cast<std::uint32_t>(first_client_ + i)}, true, 0, {}, {}});
  }
  std::vector<std::vector<std::uint64_t>> cumulative(scenario_->workload.size());
  std::vector<std::uint64_t> works(clients_.size());  // of each client, so far
  for (std::size_t work = 0; work < scenario_->workload.size(); ++work) {
    const Work& words = scenario_->workload[work];
    if (words.generate && words.generate->skew.shape == Skew::Shape::zipf) {
      cumulative[work] = zipf_table(words.generate->keys);
    }
    for (std::size_t client = 0; client < clients_.size(); ++client) {
      const Name& name = scenario_->cluster.clients[client];
      const bool takes_part =
          words.clients.empty() || std::find(words.clients.begin(), words.clients.end(), name) != words.clients.end();
      if (!takes_part) continue;
      User user{};
      user.client = client;
      user.work = work;
      user.key = sim::key_of(sim::key_of(name), works[client]++);
      user.not_before = std::max(words.starts_at, after_the_start);
      for (const ScriptStep& step : words.script) {
        if (const auto* wait = std::get_if<WaitUntil>(&step))
          user.waits.push_back(lookout.watch(wait->occurrence, numbers));
      }
      users_.push_back(std::move(user));
    }
  }
  cumulative_ = std::make_shared<const std::vector<std::vector<std::uint64_t>>>(std::move(cumulative));
}

void Users::begin(sim::World& world, const Lookout& lookout) {
  for (std::size_t user = 0; user < users_.size(); ++user) go_on(user, world, lookout);
}

bool Users::may_issue(const User& user) const {
  return !retired_ && user.on_their_way < scenario_->workload[user.work].in_flight;
}

// Takes as many steps as can be taken now.
void Users::go_on(std::size_t index, sim::World& world, const Lookout& lookout) {
  User& user = users_[index];
  const Work& work = scenario_->workload[user.work];
  while (user.step < work.script.size() && may_issue(user)) {
    const ScriptStep& step = work.script[user.step];
    if (const auto* wait = std::get_if<Wait>(&step)) {
      if (user.on_their_way > 0) return;
      user.not_before = std::max(user.not_before, world.now()) + wait->length;
    } else if (const auto* until = std::get_if<WaitUntil>(&step)) {
      const std::uint64_t count = lookout.count(user.waits[user.waits_done]);
      if (user.on_their_way > 0 || count < user.wait_count + until->occurrence.nth) return;
      ++user.waits_done;
    } else {
      issue(index, std::get<Operation>(step), world, lookout);
    }
    ++user.step;
  }
  if (!work.generate || user.step < work.script.size()) return;
  const Generated& generated = *work.generate;
  if (generated.interval) {  // open loop: the next one is made when the one before reaches its client
    if (user.generated == 0 && !retired_) issue(index, generate(user, user.generated++), world, lookout);
    return;
  }
  while (user.generated < generated.count && may_issue(user)) {
    const std::uint64_t n = user.generated++;
    if (n > 0) {
      user.not_before =
          std::max(user.not_before, world.now() + generated.think_time.at(drawn(dice_, user.key, n, Drawn::think)));
    }
    issue(index, generate(user, n), world, lookout);
  }
}

Operation Users::generate(const User& user, std::uint64_t n) const {
  const Generated& work = *scenario_->workload[user.work].generate;
  const Mix& mix = work.mix;
  const std::uint64_t weights[] = {
      mix.get, mix.put, mix.remove, mix.put_if_absent, mix.compare_and_set, mix.remove_if_unchanged};
  std::uint64_t sum = 0;
  for (const std::uint64_t weight : weights) sum += weight;
  std::uint64_t point = sim::below(drawn(dice_, user.key, n, Drawn::kind), sum);
  std::size_t kind = 0;
  while (point >= weights[kind]) point -= weights[kind++];

  Operation operation;
  operation.key = "k" + std::to_string(pick_key(work, (*cumulative_)[user.work], dice_, user.key, n));
  constexpr Verb verbs[] = {Verb::get, Verb::put, Verb::remove, Verb::put, Verb::put, Verb::remove};
  constexpr Operation::Condition conditions[] = {Operation::Condition::none,      Operation::Condition::none,
                                                 Operation::Condition::none,      Operation::Condition::absent,
                                                 Operation::Condition::unchanged, Operation::Condition::unchanged};
  operation.verb = verbs[kind];
  operation.condition = conditions[kind];
  if (operation.verb == Verb::put) {
    const std::uint64_t span = work.value_size.most - work.value_size.least + 1;
    const std::uint64_t size = work.value_size.least + sim::below(drawn(dice_, user.key, n, Drawn::size), span);
    operation.value = unique_value(scenario_->cluster.clients[user.client], clients_[user.client].issued + 1, size);
  }
  return operation;
}

void Users::issue(std::size_t index, const Operation& operation, sim::World& world, const Lookout& lookout) {
  User& user = users_[index];
  ClientState& client = clients_[user.client];
  Invocation invocation;
  invocation.number = ++client.issued;
  invocation.verb = operation.verb;
  invocation.key = Bytes::copy(operation.key);
  invocation.value = Bytes::copy(operation.value);
  switch (operation.condition) {
    case Operation::Condition::none: break;
    case Operation::Condition::absent: invocation.condition.kind = Condition::Kind::absent; break;
    case Operation::Condition::exists: invocation.condition.kind = Condition::Kind::exists; break;
    case Operation::Condition::revision_is:
      invocation.condition = {Condition::Kind::revision_is, {operation.revision}};
      break;
    case Operation::Condition::unchanged: {
      const auto known = client.revisions.find(operation.key);
      const bool absent = known == client.revisions.end() || known->second == 0;
      invocation.condition =
          absent ? Condition{Condition::Kind::absent, {}} : Condition{Condition::Kind::revision_is, {known->second}};
      break;
    }
  }
  const sim::Time due = std::max(user.not_before, world.now());
  client.pending.push_back({invocation.number, index, due, false, {}, operation.verb, operation.key, {}});
  keys_.insert(operation.key);
  ++user.on_their_way;
  if (user.waits_done < user.waits.size()) user.wait_count = lookout.count(user.waits[user.waits_done]);
  world.schedule_input(client.process, due, encode(invocation));
}

void Users::observe(const sim::TraceEvent& event, sim::World& world, const Lookout& lookout) {
  const auto index = static_cast<std::size_t>(event.process) - first_client_;
  if (index >= clients_.size()) return;
  ClientState& client = clients_[index];
  switch (event.kind) {
    case sim::EventKind::input: {
      const auto invocation = decode_invocation(event.payload);
      if (!invocation) return;
      const auto pending = client.find(invocation->number);
      if (pending == client.pending.end()) return;
      pending->invoked = true;
      pending->invoked_at = event.time;
      const std::size_t who = pending->user;
      if (who == no_user) return;
      ++service_.invoked;
      ++waiting_;
      if (!unserved_since_) unserved_since_ = event.time;
      if (retired_) return;
      User& user = users_[who];
      const Work& work = scenario_->workload[user.work];
      if (user.generated == 0 || !work.generate->interval || user.generated >= work.generate->count) return;
      const std::uint64_t n = user.generated++;
      user.not_before = event.time + work.generate->interval->at(drawn(dice_, user.key, n, Drawn::interval));
      issue(who, generate(user, n), world, lookout);
      return;
    }
    case sim::EventKind::report: return on_report(client, event, world, lookout);
    case sim::EventKind::started: return on_restart(client, world, lookout);
    case sim::EventKind::crashed:
    case sim::EventKind::stopped: client.running = false; return;
    default: return;
  }
}

void Users::on_report(ClientState& client, const sim::TraceEvent& event, sim::World& world, const Lookout& lookout) {
  const auto completion = decode_completion(event.payload);
  if (!completion) return;
  const auto pending = client.find(completion->number);
  if (pending == client.pending.end()) return;
  const Pending done = std::move(*pending);
  client.pending.erase(pending);

  const bool is_answered = properties::is_word_of_the_store(completion->outcome);
  if (done.user == no_user) {
    if (!is_answered) return ask(client, done.verb, done.key, done.value, world);
    if (done.verb != Verb::get) return;
    FinalValue& final_value = final_values_[done.key];
    final_value.known = true;
    if (completion->outcome == Outcome::ok) final_value.value = completion->value.string();
    return;
  }
  --waiting_;
  ++service_.over;
  service_.longest_outage = std::max(service_.longest_outage, event.time - unserved_since_.value_or(event.time));
  if (is_answered) {
    ++service_.answered;
    answered_last_ = static_cast<std::size_t>(&client - clients_.data());
    service_.slowest = std::max(service_.slowest, event.time - done.invoked_at);
    unserved_since_ = waiting_ > 0 ? std::optional(event.time) : std::nullopt;
    has_given_up_ = false;
  } else {
    ++service_.unanswered;
    has_given_up_ = true;
  }

  const bool is_gone =
      completion->outcome == Outcome::not_found || (completion->outcome == Outcome::ok && done.verb == Verb::remove);
  const bool has_revision = completion->outcome == Outcome::ok || completion->outcome == Outcome::condition_failed;
  if (is_gone || has_revision) client.revisions[done.key] = is_gone ? 0 : completion->revision.value;

  --users_[done.user].on_their_way;
  go_on(done.user, world, lookout);
}

// A client forgets what it was asked when it dies, and hears nothing before it first starts; its users ask no more
// about that and go on.
void Users::on_restart(ClientState& client, sim::World& world, const Lookout& lookout) {
  client.running = true;
  std::vector<std::size_t> freed;
  std::erase_if(client.pending, [&](const Pending& pending) {
    if (!pending.invoked && pending.due > world.now()) return false;
    if (pending.user == no_user) return true;
    ++service_.over;
    if (pending.invoked) {
      --waiting_;
      ++service_.unanswered;
    }
    freed.push_back(pending.user);
    return true;
  });
  if (waiting_ == 0 && !has_given_up_) unserved_since_ = std::nullopt;
  for (const std::size_t user : freed) {
    --users_[user].on_their_way;
    const Work& work = scenario_->workload[users_[user].work];
    const bool open_loop = work.generate && work.generate->interval && users_[user].generated > 0;
    if (open_loop && users_[user].on_their_way == 0 && users_[user].generated < work.generate->count && !retired_) {
      issue(user, generate(users_[user], users_[user].generated++), world, lookout);
    } else {
      go_on(user, world, lookout);
    }
  }
}

void Users::on_seen(const std::vector<WatchId>& seen, sim::World& world, const Lookout& lookout) {
  for (std::size_t i = 0; i < users_.size(); ++i) {
    const User& user = users_[i];
    if (user.waits_done >= user.waits.size()) continue;
    if (std::find(seen.begin(), seen.end(), user.waits[user.waits_done]) != seen.end()) go_on(i, world, lookout);
  }
}

bool Users::finished(const User& user, const sim::World& world) const {
  const ClientState& client = clients_[user.client];
  if (!client.running)
    return world.state(client.process) == sim::ProcessState::stopped || is_held_down(client.process, world);
  if (user.on_their_way > 0) return false;
  if (retired_) return true;
  const Work& work = scenario_->workload[user.work];
  return user.step >= work.script.size() && (!work.generate || user.generated >= work.generate->count);
}

std::string Users::waits() const {
  constexpr std::size_t told_most = 4;
  std::string text;
  std::size_t count = 0;
  for (const User& user : users_) {
    const std::vector<ScriptStep>& script = scenario_->workload[user.work].script;
    const auto* const wait = user.step < script.size() ? std::get_if<WaitUntil>(&script[user.step]) : nullptr;
    if (wait == nullptr || user.on_their_way > 0 || ++count > told_most) continue;
    const Occurrence& occurrence = wait->occurrence;
    text += (text.empty() ? "" : ", ") + scenario_->cluster.clients[user.client] + " waits until \"" +
            to_text(occurrence) + "\"";
    const bool is_of_a_fault =
        occurrence.what == Occurrence::What::fault_began || occurrence.what == Occurrence::What::fault_ended;
    for (const FaultPlan& fault : scenario_->faults) {
      if (is_of_a_fault && fault.label == occurrence.process && fault.schedule.kind == Schedule::Kind::when)
        text += ", which strikes when \"" + to_text(fault.schedule.when) + "\"";
    }
  }
  if (count > told_most) text += ", and " + std::to_string(count - told_most) + " more";
  return text;
}

bool Users::done(const sim::World& world) const {
  return std::all_of(users_.begin(), users_.end(), [&](const User& user) { return finished(user, world); });
}

bool Users::idle() const {
  return std::all_of(clients_.begin(), clients_.end(),
                     [](const ClientState& client) { return !client.running || client.pending.empty(); });
}

bool Users::is_anybody_there() const {
  return clients_.empty() ||
         std::any_of(clients_.begin(), clients_.end(), [](const ClientState& client) { return client.running; });
}

void Users::retire() { retired_ = true; }

std::vector<std::string> Users::keys(std::size_t most) const {
  const std::vector<std::string> all(keys_.begin(), keys_.end());
  if (all.size() <= most) return all;
  std::vector<std::string> some;
  for (std::size_t i = 0; i < most; ++i) some.push_back(all[i * all.size() / most]);
  return some;
}

void Users::read(const std::string& key, sim::World& world) {
  final_values_[key] = {};
  if (ClientState* const client = who_asks()) ask(*client, Verb::get, key, {}, world);
}

void Users::write(const std::string& key, sim::World& world) {
  ClientState* const client = who_asks();
  if (client == nullptr) return;
  const Name& name = scenario_->cluster.clients[static_cast<std::size_t>(client - clients_.data())];
  ask(*client, Verb::put, key, unique_value(name, client->issued + 1, 0), world);
}

Users::ClientState* Users::who_asks() {
  if (answered_last_ < clients_.size() && clients_[answered_last_].running) return &clients_[answered_last_];
  const auto found =
      std::find_if(clients_.begin(), clients_.end(), [](const ClientState& client) { return client.running; });
  return found == clients_.end() ? nullptr : &*found;
}

void Users::ask(ClientState& client, Verb verb, const std::string& key, const std::string& value, sim::World& world) {
  Invocation invocation;
  invocation.number = ++client.issued;
  invocation.verb = verb;
  invocation.key = Bytes::copy(key);
  invocation.value = Bytes::copy(value);
  client.pending.push_back({invocation.number, no_user, world.now(), false, {}, verb, key, value});
  world.schedule_input(client.process, world.now(), encode(invocation));
}

Users::FinalValue Users::final_value(const std::string& key) const {
  const auto known = final_values_.find(key);
  return known == final_values_.end() ? FinalValue{} : known->second;
}

Service Users::service(sim::Time now) const {
  Service service = service_;
  if (waiting_ > 0) service.longest_outage = std::max(service.longest_outage, now - unserved_since_.value_or(now));
  for (const ClientState& client : clients_) {
    for (const Pending& pending : client.pending) {
      const bool is_of_the_story = pending.user != no_user;
      if (!is_of_the_story || !pending.invoked || !client.running) continue;
      ++service.open;
      service.slowest = std::max(service.slowest, now - pending.invoked_at);
    }
  }
  return service;
}

}  // namespace smalldb::scenarios
