// The backup: takes the primary's records into its own log, byte for byte (S1), acknowledges what is durable (S7), and
// executes what is safe. Answers no client.
//
// Invariants:
//   1. Its log is a prefix of the primary's, and what it acknowledged it holds durably (unless Acknowledge::received).
//   2. It executes a record only when the primary said that it is safe, or when it goes live and drains (F4): so
//      nothing that it executed is ever taken back.
//   3. It claims only when declared (S3), with its whole log durable, and when a lease it granted has run out (S8).
#pragma once

#include <cstdint>
#include <string>

#include "model/failure_detector.h"
#include "model/replica.h"
#include "model/role.h"

namespace smalldb {

class Backup {
 public:
  Backup(Replica& replica, const next::Follow& follow, Effects& effects);

  Next on_message(Replica& replica, const PeerMessage& message, Effects& effects);
  Next on_heartbeat(Replica& replica, ProcessId from, const Message& message, Effects& effects);
  Next on_link_closed(Replica& replica, Link link, Effects& effects);
  Next on_tick(Replica& replica, Effects& effects);
  void leave(Effects& effects);

  PeerLink link() const { return follow_.link; }

  ProcessId primary() const { return follow_.primary; }

  // At the end of every step: write, acknowledge, execute.
  void finish_step(Replica& replica, Effects& effects);

 private:
  Next on_records(Replica& replica, const PeerMessage& message, const Records& records, Effects& effects);
  Next on_leaving(Replica& replica, const PeerMessage& message, const Leaving& leaving, Effects& effects);
  std::string append(Replica& replica, const Records& records);
  void acknowledge(Replica& replica, Effects& effects);

  next::Follow follow_;
  FailureDetector detector_;
  WallTime stamp_;  // of the log's last record
  Lsn safe_;
  Lsn acknowledged_;
  std::uint64_t confirmed_ = 0;
  bool answer_due_ = false;  // the primary wants a word at once: a sign of life, a confirmation, a receipt
};

}  // namespace smalldb
