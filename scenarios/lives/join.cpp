#include "scenarios/lives/join.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "model/client.h"
#include "model/messages.h"
#include "scenarios/lives/script.h"

namespace smalldb::scenarios {
namespace {

// When the first step of a life was made, and how the life's clock reads from there.
struct Clock {
  std::int64_t wall = 0;
  std::int64_t now = 0;
  std::int64_t at(const Moment& moment) const { return wall + (moment.now.nanoseconds - now); }
};

}  // namespace

class Join {
 public:
  // By how much the clock of each life was behind those of the others, as far as messages show: in nanoseconds.
  using Lateness = std::vector<std::int64_t>;

  Join(const std::vector<Life>& lives, Joined joined, const Evidence& evidence, Lateness late)
      : lives_(lives),
        joined_(std::move(joined)),
        evidence_(evidence),
        script_(joined_, evidence_),
        late_(std::move(late)) {
    std::set<ProcessId> seen;
    for (const std::size_t life : evidence_.order) {
      const Moment& first = lives[life].steps.front().moment;
      const ProcessId process{static_cast<std::uint32_t>(joined_.lives[life].process)};
      joined_.lives[life].is_first = seen.insert(process).second;
      actors_.push_back({life, process, Reenactor(lives[life]), Clock{first.wall.nanoseconds, first.now.nanoseconds}});
      begin_ = std::min(begin_, first.wall.nanoseconds + late_[life]);
    }
    for (const ProcessId process : evidence_.in_doubt) joined_.in_doubt.push_back(process);
  }

  Joined run(const std::function<void(const Together::Passage&)>& reader) {
    const auto pass_on = [&] { script_.pass_on([&](auto events, auto notes) { reader({events, notes, joined_}); }); };
    while (Actor* const actor = next()) {
      step(*actor);
      pass_on();
    }
    script_.finish();
    pass_on();
    joined_.ended = script_.now();
    joined_.order = evidence_.order;
    std::stable_sort(joined_.order.begin(), joined_.order.end(),
                     [this](std::size_t a, std::size_t b) { return joined_.lives[a].began < joined_.lives[b].began; });
    return std::move(joined_);
  }
  // After run(): as it was at the end of each life.
  const Lateness& late() const { return late_; }

  static Joined cast(const std::vector<Life>& lives);
  static std::vector<ProcessId> processes(const Joined& joined) {
    std::vector<ProcessId> all;
    for (const LifeAccount& life : joined.lives) all.push_back(ProcessId{static_cast<std::uint32_t>(life.process)});
    return all;
  }

 private:
  struct Actor {
    std::size_t life;
    ProcessId process;
    Reenactor again;
    Clock clock;
    bool begun = false;
    bool over = false;
  };

  // The life that goes on: the one whose next step was made first, of those that wait for nothing that another has yet
  // to send; if all wait, clocks decide.
  Actor* next() {
    Actor* first = nullptr;
    Actor* first_ready = nullptr;
    for (Actor& actor : actors_) {
      if (actor.over) continue;
      if (actor.again.upcoming() == nullptr) {
        end(actor);
        continue;
      }
      const auto sooner = [this, &actor](const Actor* other) { return other == nullptr || time(actor) < time(*other); };
      if (sooner(first)) first = &actor;
      if (sooner(first_ready) && is_ready(actor)) first_ready = &actor;
    }
    return first_ready != nullptr ? first_ready : first;
  }

  std::int64_t time(const Actor& actor) const {
    return actor.clock.at(actor.again.upcoming()->moment) - begin_ + late_[actor.life];
  }

  bool is_ready(const Actor& actor) const {
    if (!actor.begun) return is_turn(actor);
    return script_.has_been_sent(actor.process, actor.again.upcoming()->event);
  }
  // A process lives one life at a time, in their order.
  bool is_turn(const Actor& actor) const {
    return std::all_of(actors_.data(), &actor,
                       [&](const Actor& other) { return other.process != actor.process || other.over; });
  }

  // It had to wait for others: its clock is behind theirs, now and in the process's later lives.
  void catch_up(const Actor& actor) {
    const std::int64_t behind = script_.now().nanoseconds - time(actor);
    if (behind <= 0) return;
    for (const Actor& each : actors_) {
      if (each.process == actor.process && !each.over) late_[each.life] += behind;
    }
  }

  void step(Actor& actor) {
    catch_up(actor);
    script_.at(sim::Time{time(actor)});
    LifeAccount& account = joined_.lives[actor.life];
    const auto made = actor.again.next();
    if (!made) return end(actor);
    if (!std::exchange(actor.begun, true)) {
      account.began = script_.now();
      script_.begin_life(actor.process, actor.life);
    }
    ++account.steps;
    if (const auto* const done = std::get_if<DiskDone>(&made->event); done != nullptr && done->entries) {
      account.began_empty = account.began_empty || (account.steps < 16 && done->entries->empty());
    }
    script_.step(actor.process, *made);
    account.ended = script_.now();
  }

  void end(Actor& actor) {
    actor.again.next();  // the step that failed, if that is how it ended
    actor.over = true;
    const Life& life = lives_[actor.life];
    joined_.lives[actor.life].divergence = actor.again.divergence();
    if (!actor.begun) return;
    const Script::Ending ending = ending_of(actor);
    script_.end_life(actor.process, ending, ending == Script::Ending::failed ? life.failure->what : std::string());
  }

  Script::Ending ending_of(const Actor& actor) const {
    using enum Script::Ending;
    const Life& life = lives_[actor.life];
    if (!actor.again.divergence()) {
      if (life.failure) return failed;
      if (life.end == Life::End::process_ended) return stopped;
    }
    // How it ended is not recorded; that it did is known if the process began another life.
    const bool lived_again = std::any_of(actors_.begin(), actors_.end(), [&](const Actor& other) {
      return other.process == actor.process && !other.begun;
    });
    if (!lived_again) return out_of_sight;
    return life.end == Life::End::died ? crashed : stopped;
  }

  const std::vector<Life>& lives_;
  Joined joined_;
  const Evidence& evidence_;
  Script script_;
  std::vector<Actor> actors_;  // those of a process in the order in which they were lived
  Lateness late_;              // by life
  std::int64_t begin_ = INT64_MAX;
};

// Nodes first, in the order of their names, then the arbiter, then clients.
Joined Join::cast(const std::vector<Life>& lives) {
  Joined joined;
  std::set<std::tuple<int, std::string, ProcessId>> processes;
  for (const Life& life : lives) {
    const bool is_node = life.machine.kind == RecordedMachine::Kind::node;
    processes.insert({is_node ? 0 : 1, life.name(life.machine.self()), life.machine.self()});
    if (!is_node) continue;
    joined.cast.arbiter_kind = life.machine.node.arbiter_kind;
    joined.cast.acknowledge = life.machine.node.settings.acknowledge;
    for (const ProcessId node : life.machine.node.nodes) processes.insert({0, life.name(node), node});
    if (const ProcessId arbiter = life.machine.node.arbiter; arbiter != no_process) {
      processes.insert({1, life.name(arbiter), arbiter});
    }
  }
  // A node that became known later.
  for (const Life& life : lives) {
    for (const auto& [process, name] : life.names) {
      const bool known = std::any_of(processes.begin(), processes.end(),
                                     [&its = process](const auto& each) { return std::get<ProcessId>(each) == its; });
      if (!known) processes.insert({0, name, process});
      joined.names[process] = name;
    }
  }
  for (const auto& [part, name, process] : processes) {
    const ProcessId place{static_cast<std::uint32_t>(joined.cast.members.size())};
    if (!joined.cast.places.emplace(process, place).second) continue;
    joined.cast.members.push_back({name, part == 0 ? properties::Part::node : properties::Part::arbiter});
    joined.recorded.push_back(false);
  }
  joined.cast.members.push_back({"clients", properties::Part::client});
  joined.recorded.push_back(false);
  for (const Life& life : lives) {
    const auto process = static_cast<std::size_t>(joined.cast.place_of(life.machine.self()));
    joined.recorded[process] = true;
    joined.lives.push_back({});
    joined.lives.back().process = process;
  }
  return joined;
}

Together::Together(const std::vector<Life>& lives)
    : lives_(lives),
      cast_(Join::cast(lives)),
      evidence_(evidence_of(lives, Join::processes(cast_), cast_.cast)),
      late_(lives.size()) {
  Join first(lives_, cast_, evidence_, late_);
  first.run([](const Passage&) {});
  late_ = first.late();
}

Joined Together::join(const std::function<void(const Passage&)>& reader) const {
  return Join(lives_, cast_, evidence_, late_).run(reader);
}

}  // namespace smalldb::scenarios
