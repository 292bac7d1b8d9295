// Faults are counted at the steps of the protocol that they struck.
#include "properties/fault_matrix.h"

#include <catch2/catch.hpp>

#include "properties/trace_builder.h"

namespace smalldb::properties {
namespace {

using sim::FaultKind;

// Tells a matrix of two nodes, an arbiter and two clients what happens; all at one instant until time passes.
class Told {
 public:
  void starts(ProcessId process) { tell(ObservationKind::process_started, process); }
  void ends(ProcessId process) { tell(ObservationKind::process_ended, process); }
  void notes(ProcessId node, NoteKind what, Role role) {
    tell(ObservationKind::noted, node, static_cast<std::uint64_t>(what), static_cast<std::uint64_t>(role));
  }
  void a_pair() {
    for (const ProcessId node : {a, b}) starts(node);
    notes(a, NoteKind::founded, Role::primary);
    notes(b, NoteKind::role_changed, Role::backup);
    notes(a, NoteKind::backup_declared, Role::primary);
  }

  void passes() { now_ = now_ + milliseconds(1); }

  // As the world tells it; gives the fault's number.
  std::uint64_t strikes(FaultKind kind, std::initializer_list<ProcessId> ended) {
    const std::uint64_t fault = faults_++;
    tell(ObservationKind::fault_injected, no_process, fault, static_cast<std::uint64_t>(kind));
    for (const ProcessId process : ended) {
      ends(process);
      takes_effect(kind, process, fault);
    }
    return fault;
  }
  void takes_effect(FaultKind kind, ProcessId process, std::uint64_t fault) {
    tell(ObservationKind::fault_took_effect, process, fault, static_cast<std::uint64_t>(kind));
  }

  const FaultMatrix::Row& row(FaultKind kind) const { return matrix_.rows()[static_cast<std::size_t>(kind)]; }
  std::uint64_t count(FaultKind kind, ProtocolStep step) const {
    return row(kind).at_step[static_cast<std::size_t>(step)];
  }

 private:
  void tell(ObservationKind kind, ProcessId process, std::uint64_t first = 0, std::uint64_t second = 0) {
    Observation observation;
    observation.kind = kind;
    observation.process = process;
    observation.time = now_;
    observation.a = first;
    observation.b = second;
    matrix_.observe(observation, mirror_);
  }

  Mirror mirror_{TraceBuilder().cast()};
  FaultMatrix matrix_;
  sim::Time now_;
  std::uint64_t faults_ = 0;
};

}  // namespace

TEST_CASE("What ends a process is counted at the step that the process was in") {
  const FaultKind kind = GENERATE(FaultKind::crash, FaultKind::kill, FaultKind::power_failure);
  Told told;
  told.a_pair();
  told.passes();
  SECTION("the primary of a pair") {
    told.strikes(kind, {a});
    CHECK(told.count(kind, ProtocolStep::pair) == 1);
    CHECK(told.count(kind, ProtocolStep::nobody_serves) == 0);
  }
  SECTION("a primary that makes a checkpoint") {
    told.notes(a, NoteKind::checkpoint_begun, Role::primary);
    told.strikes(kind, {a});
    CHECK(told.count(kind, ProtocolStep::checkpoint) == 1);
  }
  SECTION("one that reads its disk") {
    told.ends(b);
    told.starts(b);
    told.strikes(kind, {b});
    CHECK(told.count(kind, ProtocolStep::recovering) == 1);
  }
  SECTION("one that installs a snapshot") {
    told.notes(b, NoteKind::role_changed, Role::joining);
    told.strikes(kind, {b});
    CHECK(told.count(kind, ProtocolStep::installing) == 1);
  }
  CHECK(told.row(kind).injected == 1);
  CHECK(told.row(kind).effects == 1);
}

TEST_CASE("A power failure strikes all at once, and has an effect for each process that it ends") {
  Told told;
  told.a_pair();
  told.passes();
  told.strikes(FaultKind::power_failure, {a, b, arbiter, c1, c2});
  CHECK(told.row(FaultKind::power_failure).injected == 1);
  CHECK(told.row(FaultKind::power_failure).effects == 5);
  CHECK(told.count(FaultKind::power_failure, ProtocolStep::pair) == 5);
  CHECK(told.count(FaultKind::power_failure, ProtocolStep::nobody_serves) == 0);
}

TEST_CASE("Of faults that strike at one instant, none strikes what the others have left") {
  Told told;
  told.a_pair();
  told.passes();
  told.strikes(FaultKind::crash, {a});
  told.strikes(FaultKind::kill, {b});
  CHECK(told.count(FaultKind::kill, ProtocolStep::pair) == 1);
  told.passes();
  told.strikes(FaultKind::crash, {arbiter});
  CHECK(told.count(FaultKind::crash, ProtocolStep::nobody_serves) == 1);
}

TEST_CASE("What a fault does later is counted at the steps of then") {
  Told told;
  told.a_pair();
  told.passes();
  const std::uint64_t crash = told.strikes(FaultKind::crash, {a});
  SECTION("of its own") {
    told.passes();
    told.takes_effect(FaultKind::crash, c1, crash);  // knocks at a node that is gone
    CHECK(told.count(FaultKind::crash, ProtocolStep::nobody_serves) == 1);
  }
  SECTION("though another one strikes at that instant") {
    told.passes();
    told.notes(b, NoteKind::took_over, Role::primary);
    told.strikes(FaultKind::kill, {b});
    CHECK(told.count(FaultKind::kill, ProtocolStep::alone) == 1);
    told.takes_effect(FaultKind::crash, c1, crash);
    CHECK(told.count(FaultKind::crash, ProtocolStep::nobody_serves) == 1);
    CHECK(told.count(FaultKind::crash, ProtocolStep::alone) == 0);
  }
  CHECK(told.count(FaultKind::crash, ProtocolStep::pair) == 1);
}

}  // namespace smalldb::properties
