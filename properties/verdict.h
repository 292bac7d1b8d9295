// A verdict: what a property has to say about a run, with the witness of what it says.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "properties/checker/conclusion.h"
#include "sim/time.h"
#include "sim/trace.h"

namespace smalldb::properties {

using checker::Conclusion;
using checker::name;

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
  // The run had something of which the property could have been violated, did the store not keep its rules: an answer,
  // a second epoch, another replica's copy of a record. Else `holds` says nothing.
  bool had_subject = false;

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
  // Here it could have been violated.
  void has_subject() { verdict_.had_subject = true; }

 private:
  Verdict verdict_;
};

}  // namespace smalldb::properties
