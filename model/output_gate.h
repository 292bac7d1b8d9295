// The output gate: answers wait here until what they depend on is safe. The Output Rule (F2), as a type.
//
//   The primary shows nothing to a client until the backup holds every record that the answer depends on; the one
//   exception is a primary whom the arbiter has allowed to run alone. Only output waits; execution goes on.
//
// Nothing else can make an `Output`, nobody but the primary has a gate, and nothing else computes "may it leave?". What
// must be true of an answer that depends on all records up to `position`:
//
//   1. `position` is durable at the primary (S7).
//   2. While the gate is closed, that is from the joining record of a backup on (S5) until an epoch is won to go
//      alone (S4), `position` is acknowledged by the backup, if it lies at or after the joining record.
//   3. While the gate is closed, a read has been confirmed by the backup after it arrived, or stands under a lease
//      (S8).
//
// Answers leave in the order in which they were held.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "model/bytes.h"
#include "model/ids.h"
#include "model/machine.h"
#include "model/settings.h"

namespace smalldb {

class OutputGate {
 public:
  // Holds the answer to a write, or a retry of one.
  void hold(ClientLink to, Lsn position, Bytes answer);
  // Holds the answer to a read, which also waits for confirmation `number` (0: none needed).
  void hold_read(ClientLink to, Lsn position, std::uint64_t number, Bytes answer);

  // The primary's own log is durable up to here.
  void primary_has(Lsn position);
  // The backup acknowledged the log up to here.
  void backup_has(Lsn position);
  // The backup confirmed all reads up to this number.
  void backup_confirmed(std::uint64_t number);

  // From `joining` on, the record that says so included, outputs wait for the backup, who has nothing yet.
  void close_from(Lsn joining);
  // No backup is needed: an epoch was won to run alone, or the backup left before it was declared. Frees the reads too:
  // nobody else can serve.
  void open();

  bool closed() const { return closed_; }
  // All records up to here may be shown, applied by the backup, and checkpointed.
  Lsn safe() const;
  bool holds_any() const { return !held_.empty(); }
  std::size_t held() const { return held_.size(); }

  // The answers that may leave now, in order.
  std::vector<Output> release();

 private:
  // A gate of one's own would let anything through.
  friend class Primary;
  friend struct Door;  // in tests

  // The gate of a primary that begins an epoch alone. Everything up to `durable` is durable at the primary.
  OutputGate(const RuleSwitches& rules, Lsn durable);

  struct Held {
    ClientLink to;
    Lsn position;
    std::uint64_t confirmation;
    Bytes answer;
  };

  bool output_rule_;
  bool local_sync_before_release_;
  bool read_confirmation_;
  bool closed_ = false;
  Lsn joining_;  // first position that waits for the backup, while closed
  Lsn primary_has_;
  Lsn backup_has_;
  std::uint64_t confirmed_ = 0;
  std::deque<Held> held_;
};

}  // namespace smalldb
