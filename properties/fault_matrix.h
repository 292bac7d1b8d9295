// Which faults struck, and what the protocol was doing when they took effect: so that a campaign can show what it has
// exercised, with zeros where it has exercised nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/notes.h"
#include "properties/mirror.h"
#include "properties/observation.h"
#include "sim/fault.h"
#include "sim/time.h"

namespace smalldb::properties {

// What a cluster is in the middle of. Several at a time.
enum class ProtocolStep : std::uint8_t {
  nobody_serves,  // no running node is primary
  alone,          // a primary without a declared backup
  pair,           // a primary with one
  recovering,     // a node reads its disk
  seeking,        // a node looks for a primary
  claiming,       // a claim has been sent and not answered
  joining,        // a primary has welcomed a comer and not declared it
  installing,     // a comer cuts its log or installs a snapshot
  checkpoint,     // a checkpoint is being written
  held_back,      // requests wait for the backup to catch up (F8)
};
inline constexpr std::size_t protocol_steps = static_cast<std::size_t>(ProtocolStep::held_back) + 1;
std::string_view name(ProtocolStep step);

// By what nodes note: good for coverage, and no safety property is judged by it.
//
// What a fault does at the very instant at which it strikes belongs to the steps that it struck: a primary that crashes
// is no primary any more when the trace says that the crash has taken effect. What it does later (a write that does not
// reach the disk, a client that knocks in vain) belongs to the steps of then. As in the ledger (sim/fault.h), a fault
// has as many effects as things differ because of it: a power failure one for each process that it ends.
class FaultMatrix {
 public:
  // Of one kind of fault.
  struct Row {
    std::uint64_t injected = 0;
    std::uint64_t effects = 0;
    std::array<std::uint64_t, protocol_steps> at_step{};  // effects, in each step that was going on
  };
  using Rows = std::array<Row, sim::fault_kinds>;  // by FaultKind

  static constexpr ObservationKinds interests{ObservationKind::noted, ObservationKind::process_started,
                                              ObservationKind::process_ended, ObservationKind::fault_injected,
                                              ObservationKind::fault_took_effect};

  void observe(const Observation& observation, const Mirror& mirror);

  const Rows& rows() const { return rows_; }

 private:
  using Steps = std::array<bool, protocol_steps>;
  struct Node {
    Role role = Role::none;
    bool claiming = false;
    bool joining = false;
    bool declared = false;
    bool checkpoint = false;
    bool held_back = false;
  };

  void on_note(const Observation& noted);
  void on_injected(const Observation& fault);
  void on_effect(const Observation& fault);
  bool is_going_on(ProtocolStep step) const;
  Steps going_on() const;

  Rows rows_{};
  std::vector<Node> nodes_;  // by process
  // The last instant at which a fault struck.
  sim::Time struck_at_{-1};
  std::uint64_t struck_first_ = 0;  // FaultId: this one and all behind it struck then
  Steps struck_{};                  // what was going on when the first of them did
};

}  // namespace smalldb::properties
