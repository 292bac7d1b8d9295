// The search for a smaller scenario that fails in the same way: what shrink.cpp and its passes share.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>

#include "scenarios/campaign/shrink.h"
#include "scenarios/run.h"

namespace smalldb::scenarios {

class Shrinker {
 public:
  Shrinker(const Scenario& failing, const FailureClass& kind, const ShrinkOptions& options);

  Shrunk shrink();

 private:
  // What makes a scenario smaller, in this order: fewer faults and actions, processes, works, operations; written out
  // rather than generated; shorter to write.
  using Size = std::tuple<std::size_t, std::size_t, std::size_t, std::uint64_t, std::size_t, std::size_t>;
  static Size size_of(const Scenario& scenario);

  bool fails_the_same(const Scenario& candidate);
  // Keeps the candidate if it is smaller and still fails.
  bool attempt(Scenario candidate);
  // Applies `change` to a copy; true if that was kept.
  template <class Change>
  bool try_to(Change&& change) {
    Scenario candidate = best_;
    change(candidate);
    return attempt(std::move(candidate));
  }

  // One pass each; true if anything was kept.
  bool drop_elements();
  bool drop_members();
  bool plain_settings();
  bool simpler_work();
  bool written_out_work();
  bool weaker_faults();
  bool faults_at_events();
  bool round_numbers();

  template <class Items>
  bool drop_from(Items&& items_of);
  void rely_on_what_struck();
  std::size_t count_elements(bool& minimal);

  ShrinkOptions options_;
  FailureClass kind_;
  Scenario best_;
  Size size_;
  std::uint64_t tried_ = 0;
};

}  // namespace smalldb::scenarios
