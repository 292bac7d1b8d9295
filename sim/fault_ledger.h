// The faults of a world: which are active, and how often each took effect.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/fault.h"

namespace smalldb::sim {

class FaultLedger {
 public:
  FaultId begin(const Fault& fault, Time now);
  // False if it had ended already.
  bool end(FaultId fault, Time now);
  // For what a fault leaves to the moment of its injection.
  void set_size(FaultId fault, std::uint64_t size) { records_[index(fault)].fault.size = size; }
  void count_effect(FaultId fault) { ++records_[index(fault)].effects; }
  void note_garbage(FaultId fault, ProcessId process) { records_[index(fault)].garbage_drawn.push_back(process); }

  const Fault& fault(FaultId fault) const { return records_[index(fault)].fault; }
  const std::vector<FaultRecord>& records() const { return records_; }
  std::vector<FaultId> active() const;  // in the order of injection

  // Calls use(id, fault) for the active faults of `kind` that have not taken effect as often as they may.
  template <class Use>
  void each(FaultKind kind, Use&& use) const {
    for (std::size_t i = 0; i < listed_.size(); ++i) {
      const FaultRecord& record = records_[index(listed_[i])];
      if (record.fault.kind == kind && record.active && !spent(record)) use(listed_[i], record.fault);
    }
  }

  static bool covers(const Fault& fault, ProcessId from, ProcessId to);      // network
  static bool covers(const Fault& fault, ProcessId process);                 // processes, clocks
  static bool covers(const Fault& fault, ProcessId process, Volume volume);  // disk
  static bool matches(std::string_view pattern, std::string_view name);

 private:
  static std::size_t index(FaultId fault) { return static_cast<std::size_t>(fault); }
  static bool spent(const FaultRecord& record) {
    return record.fault.times > 0 && record.effects >= record.fault.times;
  }

  std::vector<FaultRecord> records_;
  std::vector<FaultId> listed_;  // the active ones, and of those that have ended no more than as many
  std::size_t ended_ = 0;        // of those listed
};

}  // namespace smalldb::sim
