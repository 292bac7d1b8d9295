// What a machine says of itself in `effect::Note`, for stories and coverage. No safety property reads a note.
#pragma once

#include <cstdint>
#include <string_view>

namespace smalldb {

// The role column of a story.
enum class Role : std::uint8_t {
  none,        // a client or an arbiter
  recovering,  // reading its disk
  seeking,     // looking for a primary; does not serve
  claiming,    // waiting for the arbiter's word; does not serve
  joining,     // a comer: cutting its log, installing a snapshot
  backup,      // takes records, declared or not
  primary,     // serves
  damaged,     // its log cannot be trusted: never claims, wants a snapshot
  stopped,
};

// What happened. `a` and `b` as said beside each; a note carries the role, epoch and log end *after* the event.
enum class NoteKind : std::uint16_t {
  role_changed,
  recovered,             // a: checkpoint lsn, b: records after it
  torn_tail_cut,         // a: bytes cut, text: the file
  log_damaged,           // a: offset, text: file, what is wrong and what to do
  claim_sent,            // a: epoch wanted
  claim_won,             // a: epoch
  claim_lost,            // a: epoch, b: winner's process
  arbiter_unreachable,   // a: epoch wanted
  waits_for_operator,    // a: epoch wanted (manual arbiter)
  went_alone,            // a: epoch; the primary goes on without its backup
  took_over,             // a: epoch, b: records drained; a backup goes live
  founded,               // a: epoch 1
  resumed_alone,         // a: epoch; a primary of before, back from a restart or a fencing, won an epoch
  fenced,                // a: the last epoch it knew itself in: somebody else holds a later one
  suspects_peer,         // a: process, b: 0 heartbeats, 1 log traffic
  comer_welcomed,        // a: process, b: 1 if by snapshot
  log_cut,               // a: new end, b: records dropped (never released)
  snapshot_installed,    // a: lsn, b: bytes
  backup_joining,        // a: lsn of the joining record, b: process: the gate closes
  backup_declared,       // a: lsn of the declaring record, b: process: in sync
  backup_left,           // a: lsn, b: process
  backup_resumed,        // a: process, b: position: the declared backup came back in the same epoch
  backup_lost_its_log,   // a: process: it came back with less than it had acknowledged
  output_held,           // a: position: an answer waits (said once per closing of the gate)
  answered_from_memory,  // a: request number, b: session: a retry was not executed again
  session_opened,        // a: session
  sessions_expired,      // a: sessions dropped
  flow_control_on,       // a: bytes not acknowledged: requests wait from here
  flow_control_off,
  checkpoint_begun,      // a: lsn
  checkpoint_done,       // a: lsn
  reads_confirmed,       // a: confirmation number (said once per epoch)
  read_under_lease,      // (said once per epoch)
  ignored,               // a: IgnoreReason, b: message kind: a message that belongs to another epoch or life
  client_found_primary,  // a: process
  client_retries,        // a: request number, b: attempt
  client_gave_up,        // a: request number: the outcome is unknown
  peer_leaves,           // a: process: it was told to stop, and says so
  arbiter_away,          // it does not answer what it is asked from time to time
  arbiter_back,
  another_primary,    // a: process: it serves in this epoch too, against S2 (said once per epoch and process)
  needs_no_operator,  // it waited for one, and has found another way
  stopped,            // text: why
};

enum class IgnoreReason : std::uint8_t {
  older_epoch,
  newer_epoch,
  other_incarnation,
  not_my_peer,
  not_expected_now,
  malformed,
  other_store
};

std::string_view name(Role role);
std::string_view name(NoteKind kind);
std::string_view name(IgnoreReason reason);

}  // namespace smalldb
