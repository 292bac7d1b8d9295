#include "properties/properties.h"

#include <algorithm>
#include <array>
#include <utility>

#include "model/assert.h"

namespace smalldb::properties {
namespace {

constexpr std::array<PropertyDescription, 15> all_descriptions{{
    {"output_rule",
     "no answer and no checkpoint before what it rests on is where a takeover will find it (F2, F9, S4, S5, S7)"},
    {"output_rule_causal",
     "in the causal past of every answer lies the copy on the backup, or the arbiter's grant (F2, F5)"},
    {"no_lost_write", "what an answer depends on survives every takeover and restart (F1, S3, S6)"},
    {"linearizability", "the answers are those of one store that does one thing after the other (S8)"},
    {"one_primary", "never do two nodes act for one epoch, and a deposed primary answers nothing new (F5, S2)"},
    {"exactly_once", "a request of a session is executed once, however often it is sent (F3, S9)"},
    {"definite_failure", "what was said to have failed never takes effect (S10)"},
    {"replicas_agree", "logs hold the same bytes at the same epoch and position (S1)"},
    {"checkpoints_identical", "checkpoints as of the same record are the same bytes (S1, F9)"},
    {"epochs_never_fall", "epochs only rise: in a log, of a directory, in what a process ships (S2, S12)"},
    {"flow_control", "no request is taken while the backup is further behind than the log may be ahead of it (F8)"},
    {"sessions_kept", "a session is dropped only when it has been idle for as long as it is promised a place (S9)"},
    {"no_assertion", "no machine found itself in a state that cannot be"},
    {"answered", "once the world is whole, every operation is answered within a bound", true},
    {"redundancy_restored", "once the world is whole, there is a pair again within a bound (F7)", true},
}};

template <class Tuple, class Action, std::size_t... places>
void for_each_place(Tuple& tuple, Action&& action, std::index_sequence<places...>) {
  (action(places, std::get<places>(tuple)), ...);
}

}  // namespace

std::span<const PropertyDescription> descriptions() { return all_descriptions; }

std::vector<std::string_view> names() {
  std::vector<std::string_view> list;
  for (const PropertyDescription& description : all_descriptions) list.push_back(description.name);
  return list;
}

std::optional<std::size_t> find(std::string_view name) {
  for (std::size_t place = 0; place < all_descriptions.size(); ++place) {
    if (all_descriptions[place].name == name) return place;
  }
  return std::nullopt;
}

Properties::Properties(Cast cast, const Bounds& bounds) : observer_(std::move(cast)) {
  static_assert(count == all_descriptions.size());
  std::get<Linearizability>(all_) = Linearizability(bounds.search_steps);
  std::get<Answered>(all_) = Answered(bounds.answered);
  std::get<RedundancyRestored>(all_) = RedundancyRestored(bounds.redundancy);
}

void Properties::observe(std::span<const sim::TraceEvent> events, const FileNames& files) {
  for (const sim::TraceEvent& event : events) observer_.observe(event, files, *this);
}

void Properties::on(const Observation& observation, const Mirror& mirror) {
  static constexpr auto tell_by_kind = []<std::size_t... kinds>(std::index_sequence<kinds...>) {
    return std::array{&Properties::tell<static_cast<ObservationKind>(kinds)>...};
  }
  (std::make_index_sequence<observation_kinds>());
  (this->*tell_by_kind[static_cast<std::size_t>(observation.kind)])(observation, mirror);
}

template <ObservationKind kind>
void Properties::tell(const Observation& observation, const Mirror& mirror) {
  if constexpr (Coverage::interests.has(kind)) coverage_.observe(observation, mirror);
  if constexpr (FaultMatrix::interests.has(kind)) fault_matrix_.observe(observation, mirror);
  for_each([&]<class Property>(std::size_t place, Property& property) {
    if constexpr (Property::interests.has(kind)) {
      if (property.violated()) return;
      property.observe(observation, mirror);
      if (property.violated()) violations_.push_back(place);
    }
  });
}

void Properties::heal(sim::Time at, const Lost& lost) {
  std::get<Answered>(all_).heal(at);
  std::get<RedundancyRestored>(all_).heal(at, lost, observer_.mirror());
}

void Properties::finish(sim::Time at) {
  for_each([&](std::size_t place, auto& property) {
    if (property.violated()) return;
    property.finish(at, observer_.mirror());
    if (property.violated()) violations_.push_back(place);
  });
}

template <class Action>
void Properties::for_each(Action&& action) {
  for_each_place(all_, action, std::make_index_sequence<count>());
}

bool Properties::is_pair() const { return properties::is_pair(observer_.mirror()); }

std::optional<std::string_view> Properties::first_violation() const {
  if (violations_.empty()) return std::nullopt;
  return all_descriptions[violations_.front()].name;
}

std::vector<Verdict> Properties::verdicts() const {
  std::vector<Verdict> list;
  std::apply([&](const auto&... property) { (list.push_back(property.verdict()), ...); }, all_);
  return list;
}

const Verdict& Properties::verdict(std::size_t property) const {
  SMALLDB_ASSERT(property < count, property);
  const Verdict* chosen = nullptr;
  std::size_t place = 0;
  std::apply([&](const auto&... one) { ((place++ == property ? void(chosen = &one.verdict()) : void()), ...); }, all_);
  return *chosen;
}

}  // namespace smalldb::properties
