// The store's settings and the switches of its rules, with their defaults.
#pragma once

#include <cstdint>
#include <vector>

#include "model/machine.h"
#include "model/time.h"

namespace smalldb {

enum class ArbiterKind : std::uint8_t {
  tie_breaker,  // a small durable process of its own
  shared_lock,  // exclusive creation in a directory that both reach (Volume::shared)
  manual,       // an operator promotes; the risk is the operator's
  none,         // for labs: whoever loses sight of the other goes on alone
};

enum class Acknowledge : std::uint8_t {
  durable,   // an acknowledgement says: synced at the backup (S7)
  received,  // an acknowledgement says: in the backup's memory. Both losing power loses acknowledged writes
};

enum class Reads : std::uint8_t {
  confirmed,  // the backup confirms each batch of reads after it arrived (S8)
  leased,     // answered at once while the backup's promise not to claim holds. Assumes clocks that drift apart by at
              // most `clock_drift_max_ppm`
};

struct Settings {
  Acknowledge acknowledge = Acknowledge::durable;
  Reads reads = Reads::confirmed;

  // F6: how often a node shows a sign of life, and how long a silence on either channel lasts before the other is
  // suspected.
  Duration heartbeat_every = milliseconds(100);
  Duration suspect_after = milliseconds(500);
  // Between two attempts: to connect, to find a primary, to claim from an arbiter that did not answer.
  Duration retry_after = milliseconds(100);
  // How long a node that starts looks for a primary before it claims.
  Duration seek_for = milliseconds(300);
  // How often a node looks whether the arbiter would answer, for its status; 0: never.
  Duration arbiter_ping_every{};

  // S8, leased: suspect_after must be longer than the lease and the drift on it.
  Duration lease = milliseconds(300);
  std::uint32_t clock_drift_max_ppm = 1000;

  // F8: bytes of records that the backup has not acknowledged before the primary takes no more requests; requests that
  // wait then, before they are refused.
  std::uint64_t log_buffer_bytes = 1024 * 1024;
  std::uint32_t waiting_requests_max = 1024;
  // F7: the same while a comer takes a snapshot, which may last: it bounds the primary's memory, not the lag of a pair.
  std::uint64_t join_buffer_bytes = 64 * 1024 * 1024;

  // F9: a checkpoint after so many bytes of log; 0: only when an operator asks.
  std::uint64_t checkpoint_every_bytes = 1024 * 1024;
  std::uint64_t segment_bytes = 256 * 1024;
  // Most bytes that one write to the log carries, unless it is a single record. Recovery takes nothing further from the
  // log's end than that for torn (S11), so a directory is not to be opened with less than it was written with.
  std::uint64_t log_write_bytes = 64 * 1024;
  // Checkpoints are written, and snapshots sent, in pieces of at most this size.
  std::uint32_t chunk_bytes = 64 * 1024;
  // Pieces of a snapshot in flight to a comer.
  std::uint32_t chunks_in_flight = 4;

  // S9: results kept per session, sessions kept, and how long an idle one is kept.
  std::uint32_t session_window = 64;
  std::uint32_t sessions_max = 10'000;
  Duration session_expires_after = seconds(3600);

  friend bool operator==(const Settings&, const Settings&) = default;
};

// Each safety rule can be turned off, by name, in a scenario. The server offers no way to.
struct RuleSwitches {
  bool output_rule = true;                // F2
  bool read_confirmation = true;          // S8
  bool local_sync_before_release = true;  // S7
  bool backup_sync_before_ack = true;     // S7
  bool arbiter_before_live = true;        // F5
  bool drain_before_live = true;          // F4
  bool exactly_once = true;               // S9
  bool epoch_check = true;                // S12
  bool torn_tail_cut = true;              // S11
  bool checkpoint_in_stream = true;       // F9

  friend bool operator==(const RuleSwitches&, const RuleSwitches&) = default;
};

// What a node is told when it is made.
struct NodeConfig {
  ProcessId self = no_process;
  std::vector<ProcessId> nodes;  // those known at the start, itself included; who connects later becomes one of them
  ArbiterKind arbiter_kind = ArbiterKind::tie_breaker;
  ProcessId arbiter = no_process;  // tie_breaker only
  bool may_found = false;          // may claim epoch 1 with an empty directory
  Settings settings;
  RuleSwitches rules;
};

}  // namespace smalldb
