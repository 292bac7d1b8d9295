#include "scenarios/judge.h"

#include <algorithm>

#include "properties/properties.h"
#include "scenarios/fault_grammar.h"
#include "scenarios/notation.h"

namespace smalldb::scenarios {

namespace {

using Met = Judgement::Met;
using properties::Conclusion;

// Of a run that did not end as planned.
class Judge {
 public:
  Judge(const Result& result, const Facts& facts) : result_(result), expect_(result.scenario.expect), facts_(facts) {}

  std::vector<Judgement> all() {
    end_came();
    properties_hold();
    faults_struck();
    operators_acted();
    conditions_seen();
    final_state();
    availability();
    return std::move(judgements_);
  }

 private:
  void say(std::string what, Met met, std::string found, std::optional<std::size_t> property = {}) {
    judgements_.push_back({std::move(what), met, std::move(found), property});
  }
  void say(std::string what, bool met, std::string found) {
    say(std::move(what), met ? Met::yes : Met::no, std::move(found));
  }

  // What was not seen to its end cannot be blamed for what is missing.
  bool whole() const { return result_.end_reason == EndReason::as_planned; }
  Met missing() const { return whole() ? Met::no : Met::unknown; }

  void end_came() {
    if (whole() || result_.end_reason == EndReason::violation) return;
    const std::string left = facts_.still_to_come.empty() ? "" : "; " + facts_.still_to_come;
    say("the run ends as planned", Met::unknown, "it ended " + std::string(in_words(result_.end_reason)) + left);
  }

  void properties_hold() {
    const auto& names = properties::names();
    for (std::size_t i = 0; i < names.size(); ++i) {
      const properties::Verdict& verdict = result_.verdicts[i];
      const std::string found = std::string(properties::name(verdict.conclusion));
      const std::string why = verdict.witness.empty() ? found : found + ": " + verdict.witness;
      const Expected expected = facts_.expected[i];
      if (expected == Expected::any) continue;
      // Where there are no clients nobody is to be answered, unless the scenario says so.
      const bool nobody_asks = names[i] == "answered" && result_.scenario.cluster.clients.empty();
      if (nobody_asks && !expect_.properties.contains(std::string(names[i]))) continue;
      const bool is_safety = !properties::descriptions()[i].liveness;
      if (expected == Expected::if_recoverable && verdict.conclusion != Conclusion::holds) {
        const bool is_unknown = verdict.conclusion == Conclusion::unknown;
        if (facts_.why_unrecoverable && (is_unknown || !is_safety)) {
          say(std::string(names[i]) + " holds if it can", Met::yes, why + "; " + *facts_.why_unrecoverable);
          continue;
        }
        if (facts_.why_not_promised && is_safety) {
          say(std::string(names[i]) + " holds if it can", Met::yes, why + "; " + *facts_.why_not_promised);
          continue;
        }
        // A node whose disk was damaged may have stopped itself, and waits for a person (S11).
        if (facts_.disks_destroyed && is_unknown && !is_safety) {
          say(std::string(names[i]) + " holds if it can", Met::yes, why);
          continue;
        }
      }
      const Conclusion wanted = expected == Expected::violated ? Conclusion::violated : Conclusion::holds;
      const std::string what = std::string(names[i]) + (expected == Expected::violated ? " is violated" : " holds");
      // Until the end has come, what holds so far may not hold then.
      const bool early = !whole() && verdict.conclusion == Conclusion::holds;
      // Whoever names a property wants to have it seen at work.
      const bool is_empty = verdict.conclusion == Conclusion::holds && !verdict.had_subject &&
                            wanted == Conclusion::holds && is_named_to_hold(names[i]);
      // What would have been excused is no evidence, however it came out.
      const bool excused = expected == Expected::if_recoverable &&
                           (is_safety ? facts_.why_not_promised.has_value() : facts_.why_unrecoverable.has_value());
      const auto judged = excused ? std::nullopt : std::optional(i);
      if (verdict.conclusion == Conclusion::unknown || early)
        say(what, Met::unknown, early ? "no violation so far" : why, judged);
      else if (is_empty)
        say(what, Met::unknown, "nothing happened that could have violated it", judged);
      else
        say(what, verdict.conclusion == wanted ? Met::yes : Met::no, why, judged);
    }
  }

  bool is_named_to_hold(std::string_view property) const {
    const auto named = expect_.properties.find(std::string(property));
    return named != expect_.properties.end() && named->second == Expected::holds;
  }

  void faults_struck() {
    for (const FaultAccount& account : result_.faults) {
      if (!account.relied_on) continue;
      const std::string what = "the fault \"" + account.text + "\" takes effect";
      if (account.fired == 0)
        say(what, missing(), "it never struck");
      else if (account.effects == 0)
        say(what, missing(), "it struck, and nothing differed because of it");
      else
        say(what, Met::yes, std::to_string(account.effects) + " effects");
    }
  }

  void operators_acted() {
    const std::vector<OperatorAction>& actions = result_.scenario.operators;
    for (std::size_t i = 0; i < actions.size(); ++i) {
      const ActionAccount& account = result_.actions[i];
      if (account.carried_out > 0 || actions[i].may_miss) continue;
      const std::string& why = account.in_vain;
      say("the operator's " + std::string(verb_of(actions[i].command)) + " " + actions[i].node, missing(),
          why.empty() ? "its time never came" : "it changed nothing: " + why);
    }
  }

  std::uint64_t times_seen(const std::string& condition) const {
    for (const properties::Seen& seen : result_.coverage) {
      if (seen.name == condition) return seen.count;
    }
    return 0;
  }

  static std::string seen(std::uint64_t count) {
    return count == 1 ? "seen once" : "seen " + std::to_string(count) + " times";
  }

  void conditions_seen() {
    for (const std::string& condition : expect_.sometimes) {
      const std::uint64_t count = times_seen(condition);
      say("sometimes " + condition, count > 0 ? Met::yes : missing(), count > 0 ? seen(count) : "never seen");
    }
    for (const std::string& condition : expect_.never) {
      const std::uint64_t count = times_seen(condition);
      const Met met = count > 0 ? Met::no : whole() ? Met::yes : Met::unknown;
      say("never " + condition, met, count > 0 ? seen(count) : "not seen");
    }
  }

  void final_state() {
    const auto at_end = [&](std::string what, bool met, std::string found) {
      say(std::move(what), whole() ? (met ? Met::yes : Met::no) : Met::unknown, std::move(found));
    };
    if (expect_.primary) {
      at_end(*expect_.primary + " is primary at the end", facts_.primary == *expect_.primary, facts_.primary + " is");
    }
    if (expect_.in_sync) {
      std::vector<Name> wanted = *expect_.in_sync;
      std::vector<Name> found;
      for (const Name& node : {facts_.primary, facts_.declared}) {
        if (node != "nobody") found.push_back(node);
      }
      std::sort(wanted.begin(), wanted.end());
      std::sort(found.begin(), found.end());
      at_end(listed(wanted) + " in sync at the end", wanted == found, listed(found));
    }
    for (const auto& [key, value] : expect_.values) {
      const std::string what = key + " is " + as_value(value) + " at the end";
      const auto read = facts_.values.find(key);
      if (read == facts_.values.end() || !read->second.known) {
        say(what, Met::unknown, "no answer");
        continue;
      }
      const auto& found = read->second.value;
      at_end(what, found == value, "it is " + as_value(found));
    }
  }

  // As a scenario says it.
  static std::string as_value(const std::optional<std::string>& value) {
    if (!value) return "absent";
    return *value == "absent" ? "\"absent\"" : *value;
  }

  static std::string listed(const std::vector<Name>& names) {
    std::string text;
    for (const Name& node : names) text += (text.empty() ? "" : " and ") + node;
    return text.empty() ? "nobody" : text;
  }

  void availability() {
    const Service& service = facts_.service;
    // Milliseconds are enough for people; rounded up, so that what is beyond its bound shows so.
    const auto in_words = [](Duration length) {
      return notation::write_duration({(length.nanoseconds + 999'999) / 1'000'000 * 1'000'000});
    };
    const auto have = [](std::uint64_t count) { return std::to_string(count) + (count == 1 ? " has" : " have"); };
    if (expect_.answered_within) {
      std::string words = in_words(service.slowest);
      if (service.unanswered > 0) {
        words = have(service.unanswered) + " no answer: a client gave up, or died; the others took up to " + words;
      } else if (service.invoked == 0) {
        words = "nothing was asked";
      } else if (service.open > 0) {
        words = have(service.open) + " no answer yet at the end; none has waited longer than " + words;
      }
      // A bound that is kept so far may be broken later; a broken one stays broken.
      const bool is_broken = service.slowest > *expect_.answered_within || service.unanswered > 0;
      const bool is_seen_to_its_end = whole() && service.open == 0 && service.invoked > 0;
      say("every operation is answered within " + notation::write_duration(*expect_.answered_within),
          is_broken            ? Met::no
          : is_seen_to_its_end ? Met::yes
                               : Met::unknown,
          words);
    }
    if (expect_.unavailable_at_most) {
      const bool is_broken = service.longest_outage > *expect_.unavailable_at_most;
      say("unavailable at most " + notation::write_duration(*expect_.unavailable_at_most),
          is_broken                        ? Met::no
          : whole() && service.invoked > 0 ? Met::yes
                                           : Met::unknown,
          service.invoked == 0 ? "nothing was asked" : in_words(service.longest_outage));
    }
    if (expect_.answered_at_least) {
      const bool enough = service.answered >= *expect_.answered_at_least;
      say("at least " + std::to_string(*expect_.answered_at_least) + " operations answered",
          enough ? Met::yes : missing(), std::to_string(service.answered) + " were");
    }
  }

  const Result& result_;
  const Expectations& expect_;
  const Facts& facts_;
  std::vector<Judgement> judgements_;
};

}  // namespace

std::vector<Expected> expected_properties(const Scenario& scenario) {
  std::vector<Expected> expected;
  for (const properties::PropertyDescription& property : properties::descriptions()) {
    const auto said = scenario.expect.properties.find(std::string(property.name));
    if (said != scenario.expect.properties.end())
      expected.push_back(said->second);
    else if (property.liveness && !scenario.end.heal)
      expected.push_back(Expected::any);
    else
      expected.push_back(scenario.expect.others);
  }
  return expected;
}

std::vector<Judgement> judge(const Result& result, const Facts& facts) { return Judge(result, facts).all(); }

int Result::exit_code() const {
  const auto any = [&](Met met) {
    return std::any_of(judgements.begin(), judgements.end(), [&](const Judgement& one) { return one.met == met; });
  };
  if (any(Met::no)) return 1;
  return any(Met::unknown) || end_reason != EndReason::as_planned ? 2 : 0;
}

bool Result::is_stale() const {
  if (end_reason != EndReason::as_planned) return false;
  if (faults.empty()) {
    return !actions.empty() && std::all_of(actions.begin(), actions.end(),
                                           [](const ActionAccount& action) { return action.carried_out == 0; });
  }
  return std::all_of(faults.begin(), faults.end(), [](const FaultAccount& fault) { return fault.effects == 0; });
}

std::string_view in_words(EndReason reason) {
  switch (reason) {
    case EndReason::as_planned: return "as planned";
    case EndReason::violation: return "at a violation";
    case EndReason::time_limit: return "at its limit of time: it did not come to its end";
    case EndReason::event_limit: return "at its limit of events: it did not come to its end";
    case EndReason::standstill:
      return "at an instant that has no end: each event brought about another, and no time passed";
    case EndReason::nothing_left: return "with nothing left to happen, before its end had come";
    case EndReason::interrupted: return "because it was interrupted: all that is told here is of its beginning";
    case EndReason::hung: return "because it came to no end in real time";
  }
  return "?";
}

std::string_view name(EndReason reason) {
  switch (reason) {
    case EndReason::as_planned: return "as_planned";
    case EndReason::violation: return "violation";
    case EndReason::time_limit: return "time_limit";
    case EndReason::event_limit: return "event_limit";
    case EndReason::standstill: return "standstill";
    case EndReason::nothing_left: return "nothing_left";
    case EndReason::interrupted: return "interrupted";
    case EndReason::hung: return "hung";
  }
  return "?";
}

std::string_view name(Judgement::Met met) {
  switch (met) {
    case Met::yes: return "yes";
    case Met::no: return "no";
    case Met::unknown: return "unknown";
  }
  return "?";
}

}  // namespace smalldb::scenarios
