#include "scenarios/campaign/shrink.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "properties/properties.h"
#include "scenarios/campaign/shrinker.h"
#include "scenarios/check.h"
#include "scenarios/generator/drawing.h"
#include "scenarios/generator/promised.h"
#include "scenarios/judge.h"
#include "scenarios/load.h"
#include "scenarios/quantities.h"
#include "scenarios/save.h"

namespace smalldb::scenarios {

namespace {

// `name` is nowhere in the scenario any more, where that makes sense; check() has the last word.
void forget(Scenario& scenario, const Name& name) {
  const auto out = [&](std::vector<Name>& names) { std::erase(names, name); };
  out(scenario.cluster.nodes);
  out(scenario.cluster.clients);
  out(scenario.cluster.founders);
  out(scenario.cluster.spares);
  out(scenario.cluster.without_session);
  out(scenario.end.lost);
  scenario.clocks.erase(name);
  scenario.step_costs.erase(name);
  scenario.disks.exceptions.erase(name);
  const auto out_of_ends = [&](Links& links) {
    out(links.from);
    out(links.to);
    return links.from.empty() || links.to.empty();
  };
  std::erase_if(scenario.network.links, [&](LinkException& exception) { return out_of_ends(exception.link); });
  for (FaultPlan& fault : scenario.faults) {
    std::vector<Links> left;
    for (Links links : fault.links) {
      if (!out_of_ends(links)) left.push_back(std::move(links));
    }
    if (!left.empty()) fault.links = std::move(left);  // a fault of no link at all would be one of every link
    for (std::vector<Name>& group : fault.groups) out(group);
    if (fault.isolated.size() > 1) out(fault.isolated);
    if (fault.processes.size() > 1) out(fault.processes);
  }
  // Work for it alone goes with it.
  std::erase_if(scenario.workload, [&](Work& work) {
    if (work.clients.empty()) return false;
    out(work.clients);
    return work.clients.empty();
  });
  std::erase_if(scenario.operators, [&](const OperatorAction& action) { return action.node == name; });
}

bool is_of_liveness(std::string_view property) {
  const auto place = properties::find(property);
  return place && properties::descriptions()[*place].liveness;
}

constexpr Duration for_ever = seconds(3600);  // longer than any run

// What is seen of the healed world, but for liveness.
bool expects_an_end(const Expectations& expect) {
  return expect.primary || expect.in_sync || !expect.values.empty() || expect.answered_within ||
         expect.unavailable_at_most || expect.answered_at_least;
}

}  // namespace

Shrunk shrink(const Scenario& failing, const FailureClass& kind, const ShrinkOptions& options) {
  return Shrinker(failing, kind, options).shrink();
}

Shrinker::Shrinker(const Scenario& failing, const FailureClass& kind, const ShrinkOptions& options)
    : options_(options),
      kind_(kind),
      rests_on_what_is_kept_(keeps_what_all_rests_on(failing)),
      has_time_to_end_(leaves_time_to_end(failing)),
      has_time_to_settle_(is_of_liveness(kind.property) && leaves_time_to_settle(failing)),
      settle_(failing.end.settle),
      best_(failing),
      size_(size_of(failing)),
      events_max_(options.events_max) {}

Shrunk Shrinker::shrink() {
  ask_what_is_promised();
  rely_on_nothing();
  wait_for_ever();
  Shrunk shrunk;
  do {
    simplify();
  } while (drops_what_is_left(shrunk));
  shrunk.scenario = best_;
  shrunk.witness = witness_;
  shrunk.tried = tried_;
  return shrunk;
}

void Shrinker::simplify() {
  bool changed = true;
  while (changed) {
    changed = drop_elements();
    changed |= fewer_before_a_count();
    changed |= drop_members();
    changed |= plain_settings();
    changed |= simpler_work();
    changed |= one_key();
    changed |= written_out_work();
    changed |= waits_for_operations();
    changed |= fewer_waits();
    changed |= weaker_faults();
    changed |= simpler_actions();
    changed |= simpler_schedules();
    changed |= timed_ones_at_events();
    changed |= fixed_values();
    changed |= round_numbers();
    changed |= expect_plainly();
    // Of many runs, so only when there is nothing else.
    changed = changed || small_seed() || fixed_rather_than_seeded() || no_healing() || usual_limit() || more_patience();
  }
}

Shrinker::Size Shrinker::size_of(const Scenario& scenario) {
  std::uint64_t operations = 0;
  std::size_t generated = 0, bytes = 0;
  for (const Work& work : scenario.workload) {
    for (const ScriptStep& step : work.script) {
      if (const auto* const operation = std::get_if<Operation>(&step)) bytes += operation->value.size();
    }
    const std::uint64_t clients = work.clients.empty() ? scenario.cluster.clients.size() : work.clients.size();
    operations += clients * (work.script.size() + (work.generate ? work.generate->count : 0));
    generated += work.generate ? 1 : 0;
  }
  return {scenario.faults.size() + scenario.operators.size(),
          scenario.cluster.nodes.size() + scenario.cluster.clients.size(),
          // Work that is written out may stand in several pieces where it was generated in one.
          generated, operations, scenario.workload.size(), keys_of_scripts(scenario).size(),
          save_text(scenario).size() + 2 * digits_of(scenario), bytes};
}

RunOptions Shrinker::run_options(const Scenario& scenario) const {
  RunOptions options;
  options.events_max = events_max_;
  // With more time to settle nothing else need be different, and all of it may pass.
  if (is_patient_ && scenario.end.settle > settle_ && settle_ > Duration{})
    options.events_max *= static_cast<std::uint64_t>((scenario.end.settle.nanoseconds - 1) / settle_.nanoseconds + 1);
  options.interrupted = options_.stop;
  return options;
}

Shrinker::Trial Shrinker::try_out(const Scenario& candidate) const {
  const Result result = options_.run(candidate, run_options(candidate));
  auto failure = failure_of(result);
  if (!failure || failure->kind != kind_) {
    return {{}, result.end_reason == EndReason::event_limit || result.end_reason == EndReason::hung};
  }
  if (!is_what_its_words_say(candidate)) return {};
  return {std::move(failure->witness)};
}

bool Shrinker::asks_for_other_liveness(const Scenario& scenario) const {
  const std::vector<Expected> expected = expected_properties(scenario);
  for (std::size_t place = 0; place < expected.size(); ++place) {
    const properties::PropertyDescription& property = properties::descriptions()[place];
    if (property.liveness && property.name != kind_.property && expected[place] != Expected::any) return true;
  }
  return false;
}

bool Shrinker::keeps_what_was_promised(Scenario& candidate) const {
  if (waits_for_ever_ && candidate.cluster.client.give_up_after != for_ever) return false;
  if (asks_only_what_failed_ && asks_for_other_liveness(candidate)) return false;
  if (rests_on_what_is_kept_ && !keeps_what_all_rests_on(candidate)) return false;
  if (is_brief_) candidate.end.limit = std::min(candidate.end.limit, best_.end.limit);
  if (has_time_to_end_ && !leaves_time_to_end(candidate)) {
    const std::optional<Duration> story = longest_story(candidate);
    if (!story || *story > End{}.limit - sim::Time{}) return false;
    candidate.end.limit = sim::Time{} + *story;
  }
  if (!has_time_to_settle_ || leaves_time_to_settle(candidate)) return true;
  candidate.end.settle = std::max(candidate.end.settle, End{}.settle);
  return leaves_time_to_settle(candidate);
}

// Most changes are not kept, so the next ones may as well be tried on the same scenario at the same time. What stands
// behind one that is kept is not tried any more; if it was, it was in vain.
std::optional<std::size_t> Shrinker::first_kept(std::span<const Change> changes, Keep keep) {
  struct Attempt {
    Scenario candidate;
    Size size;
    bool is_tried = false;
    Trial trial;
  };
  for (std::size_t at = 0; at < changes.size() && !is_over(); at += options_.at_a_time) {
    const std::size_t left = options_.candidates_max - tried_;
    std::vector<Attempt> attempts(std::min({options_.at_a_time, changes.size() - at, left}));
    options_.try_to_first(attempts.size(), [&](std::size_t n) {
      Attempt& attempt = attempts[n];
      attempt.candidate = best_;
      changes[at + n](attempt.candidate);
      if (!keeps_what_was_promised(attempt.candidate)) return false;
      attempt.size = size_of(attempt.candidate);
      attempt.is_tried = (keep == Keep::in_any_case || attempt.size < size_) && check(attempt.candidate).empty();
      if (attempt.is_tried) attempt.trial = try_out(attempt.candidate);
      return attempt.trial.witness.has_value();
    });
    for (std::size_t n = 0; n < attempts.size(); ++n) {
      tried_ += attempts[n].is_tried ? 1 : 0;
      ran_out_ = ran_out_ || attempts[n].trial.ran_out;
      if (!attempts[n].trial.witness) continue;
      best_ = std::move(attempts[n].candidate);
      size_ = attempts[n].size;
      witness_ = *std::move(attempts[n].trial.witness);
      return at + n;
    }
  }
  return std::nullopt;
}

bool Shrinker::try_each(std::span<const Change> changes) {
  bool kept = false;
  while (const auto place = first_kept(changes)) {
    changes = changes.subspan(*place + 1);
    kept = true;
  }
  return kept;
}

void Shrinker::drop_what_does_not_fit(Scenario& scenario) {
  if (auto fitting = generator::without_what_does_not_fit(scenario)) scenario = *std::move(fitting);
}

// ---- Passes that drop -----------------------------------------------------------------------------------------------

// `items_of(scenario)` is a vector in it, also after `then`.
template <class Items>
bool Shrinker::drop_from(Items&& items_of, const Change& then) {
  bool dropped = false;
  for (std::size_t chunk = std::max<std::size_t>(items_of(best_).size() / 2, 1);; chunk /= 2) {
    for (std::size_t at = 0; at < items_of(best_).size();) {
      std::vector<Change> changes;
      for (std::size_t from = at; from < items_of(best_).size(); from += chunk) {
        changes.emplace_back([&items_of, &then, from, chunk](Scenario& candidate) {
          auto& items = items_of(candidate);
          const auto first = items.begin() + static_cast<std::ptrdiff_t>(from);
          items.erase(first, first + static_cast<std::ptrdiff_t>(std::min(chunk, items.size() - from)));
          then(candidate);
        });
      }
      const auto place = first_kept(changes);
      if (!place) break;
      dropped = true;
      at += *place * chunk;
    }
    if (chunk <= 1) return dropped;
  }
}

bool Shrinker::drop_elements() {
  bool dropped = drop_from(
      [](Scenario & scenario) -> auto& { return scenario.faults; }, drop_what_does_not_fit);
  dropped |= drop_from(
      [](Scenario & scenario) -> auto& { return scenario.operators; }, drop_what_does_not_fit);
  dropped |= drop_from(
      [](Scenario & scenario) -> auto& { return scenario.workload; }, drop_what_does_not_fit);
  for (std::size_t work = 0; work < best_.workload.size(); ++work) {
    dropped |= drop_from(
        [work](Scenario & scenario) -> auto& { return scenario.workload[work].script; }, [](Scenario&) {});
    // A work whose last step has gone goes with it.
    if (work < best_.workload.size() && best_.workload[work].script.size() == 1 && !best_.workload[work].generate) {
      dropped |= try_to([&](Scenario& candidate) {
        candidate.workload.erase(candidate.workload.begin() + static_cast<std::ptrdiff_t>(work));
      });
    }
  }
  return dropped;
}

// The n-th of something may be an earlier one where there is less to do before it.
bool Shrinker::fewer_before_a_count() {
  const auto operations_of = [](const Scenario& scenario, std::size_t w) {
    const Work& work = scenario.workload[w];
    const std::size_t clients = work.clients.empty() ? scenario.cluster.clients.size() : work.clients.size();
    const auto asked = std::count_if(work.script.begin(), work.script.end(),
                                     [](const ScriptStep& step) { return std::holds_alternative<Operation>(step); });
    return clients * (static_cast<std::uint64_t>(asked) + (work.generate ? work.generate->count : 0));
  };
  const auto count_in = [](Occurrence& occurrence) -> std::uint64_t& {
    return occurrence.number > 1 ? occurrence.number : occurrence.nth;
  };
  bool kept = false;
  for (std::size_t n = 0; n < quantities_of(best_).occurrences.size(); ++n) {
    if (count_in(*quantities_of(best_).occurrences[n]) <= 1) continue;
    for (std::size_t w = 0; w < best_.workload.size(); ++w) {
      const std::size_t occurrences = quantities_of(best_).occurrences.size();
      const Change earlier = [this, n, w, occurrences, &operations_of, &count_in](Scenario& candidate) {
        const Quantities found = quantities_of(candidate);
        if (found.occurrences.size() != occurrences || n >= occurrences) return;  // a step that waits for one has gone
        const std::uint64_t fewer = operations_of(best_, w) - operations_of(candidate, w);
        std::uint64_t& count = count_in(*found.occurrences[n]);
        count = count > fewer ? count - fewer : 1;
      };
      if (best_.workload[w].script.size() > 1) {
        kept |= drop_from(
            [w](Scenario & scenario) -> auto& { return scenario.workload[w].script; }, earlier);
      }
      if (!best_.workload[w].generate) continue;
      const auto generate_less = [&](auto&& count_of) {
        const Change less = [w, &earlier, &count_of](Scenario& candidate) {
          std::uint64_t& count = candidate.workload[w].generate->count;
          count = count_of(count);
          earlier(candidate);
        };
        while (try_to(less)) kept = true;
      };
      generate_less([](std::uint64_t count) { return count / 2; });
      generate_less([](std::uint64_t count) { return count - std::min<std::uint64_t>(1, count); });
    }
  }
  return kept;
}

bool Shrinker::drop_members() {
  std::vector<Change> changes;
  for (const std::vector<Name>& names : {best_.cluster.nodes, best_.cluster.clients}) {
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
      changes.emplace_back([name = *name](Scenario& candidate) {
        forget(candidate, name);
        drop_what_does_not_fit(candidate);
      });
    }
  }
  return try_each(changes);
}

// ---- Before all passes ----------------------------------------------------------------------------------------------

// Of liveness nothing is asked but what has failed: that all the rest can be done in time is a promise of the settings
// and faults as they were drawn. Then the world may as well heal: it needs less work, since what has healed is tried.
void Shrinker::ask_what_is_promised() {
  const auto ask_for_less = [this](Scenario& candidate) {
    for (const properties::PropertyDescription& property : properties::descriptions()) {
      if (property.liveness && property.name != kind_.property)
        candidate.expect.properties[std::string(property.name)] = Expected::any;
    }
  };
  std::vector<Change> changes;
  if (!is_of_liveness(kind_.property)) {
    changes.emplace_back([&](Scenario& candidate) {
      candidate.end.heal = true;
      ask_for_less(candidate);
    });
  }
  changes.emplace_back(ask_for_less);
  first_kept(changes, Keep::in_any_case);
  asks_only_what_failed_ = !asks_for_other_liveness(best_);
}

// Shorter to say than that nothing is asked of what has healed.
bool Shrinker::no_healing() {
  if (is_of_liveness(kind_.property) || expects_an_end(best_.expect)) return false;
  return try_to([](Scenario& candidate) {
    candidate.end.heal = false;
    candidate.end.lost.clear();
    std::erase_if(candidate.expect.properties, [](const auto& expected) { return is_of_liveness(expected.first); });
  });
}

// What strikes in the world of a bug may have nothing to strike at when that is mended.
void Shrinker::rely_on_nothing() {
  std::vector<Change> changes;
  changes.emplace_back([](Scenario& candidate) {
    for (FaultPlan& fault : candidate.faults) fault.may_miss = true;
    for (OperatorAction& action : candidate.operators) action.may_miss = true;
  });
  if (first_kept(changes, Keep::in_any_case)) return;
  // It fails because one of them does not happen.
  for (std::size_t fault = 0; fault < best_.faults.size(); ++fault) {
    const Change alone = [fault](Scenario& candidate) { candidate.faults[fault].may_miss = true; };
    first_kept({&alone, 1}, Keep::in_any_case);
  }
  for (std::size_t action = 0; action < best_.operators.size(); ++action) {
    const Change alone = [action](Scenario& candidate) { candidate.operators[action].may_miss = true; };
    first_kept({&alone, 1}, Keep::in_any_case);
  }
}

// Where clients give up, it takes many operations to come to no end; where they do not, the one that is not answered,
// and soon.
void Shrinker::wait_for_ever() {
  if (kind_.property != hang) return;
  const Change wait = [](Scenario& candidate) { candidate.cluster.client.give_up_after = for_ever; };
  waits_for_ever_ = first_kept({&wait, 1}, Keep::in_any_case).has_value();
  if (!has_time_to_end_) return;
  // All of it is waited for again and again.
  const Change briefly = [](Scenario& candidate) {
    if (const auto story = longest_story(candidate))
      candidate.end.limit = std::min(candidate.end.limit, sim::Time{} + *story);
  };
  is_brief_ = first_kept({&briefly, 1}, Keep::in_any_case).has_value();
}

// What takes long to fail is looked at when all else is small.
bool Shrinker::more_patience() { return has_time_to_settle_ && !std::exchange(is_patient_, true); }

bool Shrinker::usual_limit() {
  if (!std::exchange(is_brief_, false)) return false;
  return try_to([](Scenario& candidate) { candidate.end.limit = End{}.limit; });
}

// ---- The end --------------------------------------------------------------------------------------------------------

// What cannot be dropped for itself, since no scenario is left without it, is no element: the last node of a cluster.
std::vector<Scenario> Shrinker::without_an_element() const {
  std::vector<Scenario> all;
  const auto add = [&](auto&& drop) {
    Scenario without = best_;
    drop(without);
    drop_what_does_not_fit(without);
    if (keeps_what_was_promised(without) && check(without).empty()) all.push_back(std::move(without));
  };
  const auto each_of = [&](auto&& items_of) {
    for (std::size_t at = 0; at < items_of(best_).size(); ++at) {
      add([&](Scenario& without) {
        auto& items = items_of(without);
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
      });
    }
  };
  each_of([](auto& scenario) -> auto& { return scenario.faults; });
  each_of([](auto& scenario) -> auto& { return scenario.operators; });
  for (std::size_t work = 0; work < best_.workload.size(); ++work) {
    each_of([work](auto& scenario) -> auto& { return scenario.workload[work].script; });
    if (best_.workload[work].generate) add([work](Scenario& without) { without.workload[work].generate.reset(); });
  }
  for (const std::vector<Name>& names : {best_.cluster.nodes, best_.cluster.clients}) {
    for (const Name& name : names) add([&](Scenario& without) { forget(without, name); });
  }
  return all;
}

bool Shrinker::drops_what_is_left(Shrunk& shrunk) {
  std::vector<Scenario> without = without_an_element();
  shrunk.elements = without.size();
  for (Scenario& one : without_a_setting()) without.push_back(std::move(one));
  shrunk.settings = without.size() - shrunk.elements;
  std::vector<Change> drops;
  for (const Scenario& one : without) drops.emplace_back([&one](Scenario& candidate) { candidate = one; });
  const bool was_over = is_over();
  const std::uint64_t tried_before = tried_;
  const Scenario best = best_;
  const Size size = size_;
  const std::string witness = witness_;
  const std::uint64_t events_max = std::exchange(events_max_, std::max(events_max_, options_.proof_events_max));
  ran_out_ = false;
  // It has to fail itself, and as it will be read; and not without any of them, each of which was run without.
  const Loaded written = load_text(save_text(best), best.name);
  const bool fails = !was_over && written.scenario == best && try_out(best).witness;
  const bool is_kept = fails && first_kept(drops, Keep::in_any_case).has_value();
  if (is_kept && size_ < size) return true;
  shrunk.minimal = fails && !is_kept && !ran_out_ && !is_over() && tried_ - tried_before == drops.size();
  best_ = best;
  size_ = size;
  witness_ = witness;
  events_max_ = events_max;
  return false;
}

}  // namespace smalldb::scenarios
