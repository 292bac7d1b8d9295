// Linearizability: the answers that clients got are those of one store that executes every operation at one instant
// between its invocation and its completion. Judged by the checker of histories (checker/stream.h) while the run goes
// on, from what users saw. An operation counts as invoked when its client first sends it: before that it cannot take
// effect, however long it waited.
//
// Revisions are promised (checker/steps.h): they are positions in the log, so a wrong one is a violation too, and told
// from a wrong answer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/bytes.h"
#include "model/client.h"
#include "properties/checker/stream.h"
#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"

namespace smalldb::properties {

class Linearizability : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::operation_sent, ObservationKind::operation_completed,
                                              ObservationKind::process_ended};

  // `steps`: what the searches may take in the whole run before the verdict is unknown.
  explicit Linearizability(std::uint64_t steps = 2'000'000)
      : stream_(steps, {checker::Revisions::promised, patience}) {}

  void observe(const Observation& observation, const Mirror& mirror);
  void finish(sim::Time at, const Mirror& mirror);

 private:
  // Answers that no more than two others overlapped are judged at once. All that is judged sooner costs a run more.
  static constexpr std::uint64_t patience = 2;

  struct Open {
    Open(const Observation& seen, const checker::Operation& asked, const checker::Stream::Ticket& given)
        : client(seen.process),
          invocation(*seen.invocation),
          operation(asked),
          since(seen.time),
          sent(seen.event),
          ticket(given) {}

    ProcessId client;
    Invocation invocation;
    checker::Operation operation;
    sim::Time since;
    sim::EventIndex sent;
    checker::Stream::Ticket ticket;
  };

  // Of an operation: by its client and that client's number for it.
  struct Name {
    ProcessId client;
    std::uint64_t number;
    friend bool operator==(const Name&, const Name&) = default;
  };

  struct Answer {
    Completion completion;
    sim::Time at;
    sim::EventIndex event = sim::no_event;
  };
  struct Answered {
    Open open;
    Answer answer;
  };

  std::size_t place_of(const Name& name) const;
  void on_sent(const Observation& sent);
  void close(std::size_t place, const Answer& answer, const Mirror& mirror);
  void on_completed(Open& open, const Answer& answer, const Mirror& mirror);
  void explain(const Mirror& mirror);
  void contradict(const Answered& culprit, const std::string& kind, const std::string& why, const Mirror& mirror);
  void forget_judged();
  checker::Operation told(const Open& open, const Completion& completion);
  std::string what_it_was(const Bytes& key) const;

  checker::Stream stream_;
  std::map<Bytes, checker::KeyId> keys_;
  std::vector<Open> open_;
  std::vector<Name> names_;       // of these, in their order
  std::vector<Answered> behind_;  // answers that wait to be judged, and some that have been
  std::size_t behind_kept_ = 0;   // of these, when some were last forgotten
};

}  // namespace smalldb::properties
