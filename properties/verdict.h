// A verdict: what a property has to say about a run, with the witness of what it says.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/time.h"
#include "sim/trace.h"

namespace smalldb::properties {

// Three values: unknown is never green.
enum class Conclusion : std::uint8_t { holds, violated, unknown };

std::string_view name(Conclusion conclusion);

struct Verdict {
  Conclusion conclusion = Conclusion::holds;
  // Which of the ways to violate the property it was, in words without names and numbers; empty if there is one alone.
  std::string kind;
  // Why, in plain words: what was seen of a violation, or what kept the property from being judged. Empty if it holds.
  std::string witness;
  // The events of the trace that the witness rests on, rising.
  std::vector<sim::EventIndex> events;
  // When the violation was seen.
  sim::Time at;

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

// What every property is: a value that takes observations and has a verdict. The first violation stays.
class Property {
 public:
  bool violated() const { return verdict_.conclusion == Conclusion::violated; }
  const Verdict& verdict() const { return verdict_; }

 protected:
  Property() = default;

  // Events that are sim::no_event are left out of the witness.
  void violate(sim::Time at, std::string kind, std::string witness, std::initializer_list<sim::EventIndex> events);
  void violate(sim::Time at, std::string witness, std::initializer_list<sim::EventIndex> events) {
    violate(at, {}, std::move(witness), events);
  }
  // The property could not be judged. A violation, before or after, outweighs it.
  void doubt(std::string why);

 private:
  Verdict verdict_;
};

}  // namespace smalldb::properties
