#include "model/output_gate.h"

#include <algorithm>
#include <utility>

#include "model/assert.h"

namespace smalldb {

OutputGate::OutputGate(const RuleSwitches& rules, Lsn durable)
    : output_rule_(rules.output_rule),
      local_sync_before_release_(rules.local_sync_before_release),
      read_confirmation_(rules.read_confirmation),
      primary_has_(durable) {}

void OutputGate::hold(ClientLink to, Lsn position, Bytes answer) { hold_read(to, position, 0, std::move(answer)); }

void OutputGate::hold_read(ClientLink to, Lsn position, std::uint64_t number, Bytes answer) {
  held_.push_back({to, position, number, std::move(answer)});
}

void OutputGate::primary_has(Lsn position) {
  SMALLDB_ASSERT(position >= primary_has_, position.value, primary_has_.value);
  primary_has_ = position;
}

void OutputGate::backup_has(Lsn position) { backup_has_ = std::max(backup_has_, position); }

void OutputGate::backup_confirmed(std::uint64_t number) { confirmed_ = std::max(confirmed_, number); }

void OutputGate::close_from(Lsn joining) {
  SMALLDB_ASSERT(!closed_, joining.value);
  closed_ = true;
  joining_ = joining;
  backup_has_ = joining.previous();
}

void OutputGate::open() { closed_ = false; }

Lsn OutputGate::safe() const {
  if (!closed_) return primary_has_;
  return std::min(primary_has_, backup_has_);
}

std::vector<Output> OutputGate::release() {
  std::vector<Output> released;
  while (!held_.empty()) {
    Held& first = held_.front();
    const bool waits_for_primary = local_sync_before_release_ && first.position > primary_has_;
    const bool waits_for_backup = output_rule_ && closed_ && first.position > backup_has_;
    const bool waits_for_confirmation = read_confirmation_ && closed_ && first.confirmation > confirmed_;
    if (waits_for_primary || waits_for_backup || waits_for_confirmation) break;
    released.push_back(Output(first.to, std::move(first.answer)));
    held_.pop_front();
  }
  return released;
}

}  // namespace smalldb
