#include "model/notes.h"

namespace smalldb {

std::string_view name(Role role) {
  switch (role) {
    case Role::none: return "none";
    case Role::recovering: return "recovering";
    case Role::seeking: return "seeking";
    case Role::claiming: return "claiming";
    case Role::joining: return "joining";
    case Role::backup: return "backup";
    case Role::primary: return "primary";
    case Role::damaged: return "damaged";
    case Role::stopped: return "stopped";
  }
  return "?";
}

std::string_view name(NoteKind kind) {
  switch (kind) {
    case NoteKind::role_changed: return "role_changed";
    case NoteKind::recovered: return "recovered";
    case NoteKind::torn_tail_cut: return "torn_tail_cut";
    case NoteKind::log_damaged: return "log_damaged";
    case NoteKind::claim_sent: return "claim_sent";
    case NoteKind::claim_won: return "claim_won";
    case NoteKind::claim_lost: return "claim_lost";
    case NoteKind::arbiter_unreachable: return "arbiter_unreachable";
    case NoteKind::waits_for_operator: return "waits_for_operator";
    case NoteKind::went_alone: return "went_alone";
    case NoteKind::took_over: return "took_over";
    case NoteKind::founded: return "founded";
    case NoteKind::resumed_alone: return "resumed_alone";
    case NoteKind::fenced: return "fenced";
    case NoteKind::suspects_peer: return "suspects_peer";
    case NoteKind::comer_welcomed: return "comer_welcomed";
    case NoteKind::log_cut: return "log_cut";
    case NoteKind::snapshot_installed: return "snapshot_installed";
    case NoteKind::backup_joining: return "backup_joining";
    case NoteKind::backup_declared: return "backup_declared";
    case NoteKind::backup_left: return "backup_left";
    case NoteKind::backup_resumed: return "backup_resumed";
    case NoteKind::backup_lost_its_log: return "backup_lost_its_log";
    case NoteKind::output_held: return "output_held";
    case NoteKind::answered_from_memory: return "answered_from_memory";
    case NoteKind::session_opened: return "session_opened";
    case NoteKind::sessions_expired: return "sessions_expired";
    case NoteKind::flow_control_on: return "flow_control_on";
    case NoteKind::flow_control_off: return "flow_control_off";
    case NoteKind::checkpoint_begun: return "checkpoint_begun";
    case NoteKind::checkpoint_done: return "checkpoint_done";
    case NoteKind::reads_confirmed: return "reads_confirmed";
    case NoteKind::read_under_lease: return "read_under_lease";
    case NoteKind::ignored: return "ignored";
    case NoteKind::client_found_primary: return "client_found_primary";
    case NoteKind::client_retries: return "client_retries";
    case NoteKind::client_gave_up: return "client_gave_up";
    case NoteKind::peer_leaves: return "peer_leaves";
    case NoteKind::arbiter_away: return "arbiter_away";
    case NoteKind::arbiter_back: return "arbiter_back";
    case NoteKind::another_primary: return "another_primary";
    case NoteKind::needs_no_operator: return "needs_no_operator";
    case NoteKind::stopped: return "stopped";
  }
  return "?";
}

std::string_view name(IgnoreReason reason) {
  switch (reason) {
    case IgnoreReason::older_epoch: return "older_epoch";
    case IgnoreReason::newer_epoch: return "newer_epoch";
    case IgnoreReason::other_incarnation: return "other_incarnation";
    case IgnoreReason::not_my_peer: return "not_my_peer";
    case IgnoreReason::not_expected_now: return "not_expected_now";
    case IgnoreReason::malformed: return "malformed";
    case IgnoreReason::other_store: return "other_store";
  }
  return "?";
}

}  // namespace smalldb
