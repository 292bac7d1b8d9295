#include "sim/fault_ledger.h"

#include <algorithm>

namespace smalldb::sim {

FaultId FaultLedger::begin(const Fault& fault, Time now) {
  const FaultId id{static_cast<std::uint32_t>(records_.size())};
  records_.push_back({fault, now, {}, true, 0});
  listed_.push_back(id);
  return id;
}

bool FaultLedger::end(FaultId fault, Time now) {
  FaultRecord& record = records_.at(index(fault));
  if (!record.active) return false;
  record.active = false;
  record.ended = now;
  // Rarely, so that a million of them end in no more than twice as many steps.
  if (++ended_ * 2 > listed_.size()) {
    std::erase_if(listed_, [&](FaultId listed) { return !records_[index(listed)].active; });
    ended_ = 0;
  }
  return true;
}

std::vector<FaultId> FaultLedger::active() const {
  std::vector<FaultId> active = listed_;
  std::erase_if(active, [&](FaultId listed) { return !records_[index(listed)].active; });
  return active;
}

bool FaultLedger::covers(const Fault& fault, ProcessId from, ProcessId to) {
  if (!fault.links) return from != to;
  return std::find(fault.links->begin(), fault.links->end(), Direction{from, to}) != fault.links->end();
}

bool FaultLedger::covers(const Fault& fault, ProcessId process) {
  return fault.process == no_process || fault.process == process;
}

bool FaultLedger::covers(const Fault& fault, ProcessId process, Volume volume) {
  if (fault.process == shared_volume) return volume == Volume::shared;
  return covers(fault, process) && fault.volume == volume;
}

bool FaultLedger::matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return true;
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace smalldb::sim
