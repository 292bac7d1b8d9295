// The search for a smaller scenario that fails in the same way: what shrink.cpp and its passes share.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "scenarios/campaign/shrink.h"
#include "scenarios/run.h"

namespace smalldb::scenarios {

class Shrinker {
 public:
  Shrinker(const Scenario& failing, const FailureClass& kind, const ShrinkOptions& options);

  Shrunk shrink();

  // One length of time, and no range of them.
  static bool is_fixed(const sim::Distribution& range) {
    return range.shape == sim::Distribution::Shape::constant && range.tail.never();
  }

 private:
  // What makes a scenario smaller, in this order: fewer faults and actions, processes, works, operations; written out
  // rather than generated; fewer keys in scripts; shorter to write, in which a digit more is as long as two letters;
  // shorter values.
  using Size = std::tuple<std::size_t, std::size_t, std::size_t, std::uint64_t, std::size_t, std::size_t, std::size_t,
                          std::size_t>;
  static Size size_of(const Scenario& scenario);
  static std::size_t digits_of(const Scenario& scenario);  // of all numbers, but for zeros at their ends
  static std::vector<std::string> keys_of_scripts(const Scenario& scenario);  // each once, in their order

  // When the faults strike and, behind them, the operators act.
  static std::size_t plans(const Scenario& scenario);
  static Schedule& schedule_of(Scenario& scenario, std::size_t plan);

  using Change = std::function<void(Scenario&)>;
  enum class Keep : std::uint8_t { if_smaller, in_any_case };

  bool is_over() const { return tried_ >= options_.candidates_max || (options_.stop && options_.stop()); }
  RunOptions run_options(const Scenario& scenario) const;
  // A value can hold what has no words, as the groups of a fault that is no cut.
  static bool is_what_its_words_say(const Scenario& scenario);
  struct Trial {
    std::optional<std::string> witness;  // if it fails the same
    bool ran_out = false;                // it does not, and came to no end
  };
  // Whether it fails with the class, and is the same when it has been written down and read again: that is what others
  // will run. REQUIRES: check(candidate) finds nothing.
  Trial try_out(const Scenario& candidate) const;
  // Applies each change to a copy of the best, and keeps the first copy that is smaller and still fails: gives the
  // place of that change. Nothing if there is none.
  std::optional<std::size_t> first_kept(std::span<const Change> changes, Keep keep = Keep::if_smaller);
  // True if anything was kept. Each change is tried on what those before it have left, or until one of them is kept.
  bool try_each(std::span<const Change> changes);
  bool try_until_kept(std::span<const Change> changes) { return first_kept(changes).has_value(); }
  bool try_to(const Change& change) { return first_kept({&change, 1}).has_value(); }

  // What only made sense with something that has gone goes as well: a promotion with the manual arbiter, a crash with
  // the node, a work with its last step.
  static void drop_what_does_not_fit(Scenario& scenario);

  // One pass each; true if anything was kept.
  bool drop_elements();
  bool fewer_before_a_count();
  bool drop_members();
  bool plain_settings();
  bool simpler_work();
  bool one_key();
  bool shorter_values();
  bool simpler_generation(std::size_t work);
  bool written_out_work();
  bool fewer_waits();
  bool waits_for_operations();
  std::vector<Change> waits_in_the_place_of(std::size_t work, std::size_t operations) const;
  bool weaker_faults();
  bool weaker_kind(std::size_t fault);
  bool simpler_fault(std::size_t fault);
  bool simpler_actions();
  bool simpler_schedules();
  bool as_it_happened();
  bool timed_ones_at_events();
  bool fixed_values();
  bool fixed_rather_than_seeded();
  bool round_numbers();
  bool small_seed();

  bool expect_plainly();
  bool no_healing();
  bool usual_limit();
  bool more_patience();
  // Before all passes.
  void ask_what_is_promised();
  void rely_on_nothing();
  void wait_for_ever();

  template <class Items>
  bool drop_from(Items&& items_of, const Change& then);
  // What each would be without one of them.
  std::vector<Scenario> without_an_element() const;
  std::vector<Scenario> without_a_setting() const;
  // All passes, until none of them helps.
  void simplify();
  // Runs what is left without each of its parts, to the end. True if something was dropped: then it begins anew, and
  // with as many events.
  bool drops_what_is_left(Shrunk& shrunk);

  bool asks_for_other_liveness(const Scenario& scenario) const;
  // What was promised of the failing scenario is promised of the candidate; with more time to settle, if need be.
  bool keeps_what_was_promised(Scenario& candidate) const;

  ShrinkOptions options_;
  FailureClass kind_;
  // What is promised of the failing scenario: it does not fail for want of it.
  bool rests_on_what_is_kept_;
  bool has_time_to_end_;
  bool has_time_to_settle_;  // if that matters to the class
  bool asks_only_what_failed_ = false;
  bool waits_for_ever_ = false;  // clients do, and what has come to no end is one operation
  bool is_brief_ = false;        // until the end a limit as short as may be: most runs wait for it
  bool is_patient_ = false;      // with what has more time to settle than the failing scenario
  Duration settle_;              // of the failing scenario
  Scenario best_;
  std::string witness_;  // of best_, once anything was kept
  Size size_;
  std::uint64_t tried_ = 0;
  std::uint64_t events_max_;  // of one run; see run_options()
  bool ran_out_ = false;      // a candidate came to no end that it could be judged by
};

}  // namespace smalldb::scenarios
