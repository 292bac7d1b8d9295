#include "server/note_fields.h"

#include <string>

#include "model/notes.h"

namespace smalldb::server {
namespace {

std::string process(std::uint64_t number, const Members& members) {
  const Member* const member = members.find(ProcessId{static_cast<std::uint32_t>(number)});
  return member == nullptr ? "process " + std::to_string(number) : member->name;
}

// What is particular to the kind.
std::vector<Journal::Field> details(const effect::Note& note, const Members& members) {
  const auto first = [&] { return process(note.a, members); };
  const auto second = [&] { return process(note.b, members); };
  switch (static_cast<NoteKind>(note.what)) {
    case NoteKind::recovered: return {{"checkpoint", note.a}, {"records_after_it", note.b}};
    case NoteKind::torn_tail_cut: return {{"bytes_cut", note.a}, {"file", note.text.view()}};
    case NoteKind::log_damaged: return {{"offset", note.a}, {"why", note.text.view()}};
    case NoteKind::claim_sent:
    case NoteKind::claim_won:
    case NoteKind::arbiter_unreachable:
    case NoteKind::waits_for_operator: return {{"epoch_wanted", note.a}};
    case NoteKind::claim_lost: return {{"epoch_wanted", note.a}, {"winner", second()}};
    case NoteKind::took_over: return {{"records_drained", note.b}};
    case NoteKind::fenced: return {{"last_own_epoch", note.a}};
    case NoteKind::suspects_peer: return {{"peer", first()}, {"silent", note.b == 0 ? "heartbeats" : "log_traffic"}};
    case NoteKind::peer_leaves: return {{"peer", first()}};
    case NoteKind::comer_welcomed: return {{"comer", first()}, {"by", note.b == 0 ? "log" : "snapshot"}};
    case NoteKind::log_cut: return {{"log_ends_at", note.a}, {"records_cut", note.b}};
    case NoteKind::snapshot_installed: return {{"as_of", note.a}, {"bytes", note.b}};
    case NoteKind::backup_joining: return {{"gate_closes_at", note.a}, {"backup", second()}};
    case NoteKind::backup_declared: return {{"declared_at", note.a}, {"backup", second()}};
    case NoteKind::backup_left: return {{"left_at", note.a}, {"backup", second()}};
    case NoteKind::backup_resumed: return {{"backup", first()}, {"resumed_at", note.b}};
    case NoteKind::backup_lost_its_log: return {{"backup", first()}};
    case NoteKind::another_primary: return {{"primary", first()}};
    case NoteKind::output_held: return {{"waits_for", note.a}};
    case NoteKind::answered_from_memory: return {{"request", note.a}, {"session", note.b}};
    case NoteKind::session_opened: return {{"session", note.a}};
    case NoteKind::sessions_expired: return {{"sessions", note.a}};
    case NoteKind::flow_control_on: return {{"bytes_not_acknowledged", note.a}};
    case NoteKind::checkpoint_begun:
    case NoteKind::checkpoint_done: return {{"checkpoint", note.a}};
    case NoteKind::reads_confirmed: return {{"confirmation", note.a}};
    case NoteKind::ignored: return {{"reason", name(static_cast<IgnoreReason>(note.a))}, {"kind_of_message", note.b}};
    case NoteKind::stopped: return {{"why", note.text.view()}};
    case NoteKind::role_changed:  // the role and the epoch, which all have, say it all
    case NoteKind::went_alone:
    case NoteKind::founded:
    case NoteKind::resumed_alone:
    case NoteKind::flow_control_off:
    case NoteKind::read_under_lease:
    case NoteKind::arbiter_away:
    case NoteKind::arbiter_back:
    case NoteKind::needs_no_operator:
    case NoteKind::client_found_primary:  // of clients, which are no processes here
    case NoteKind::client_retries:
    case NoteKind::client_gave_up: return {};
  }
  return {};
}

}  // namespace

std::vector<Journal::Field> fields_of(const effect::Note& note, const Members& members) {
  std::vector<Journal::Field> fields = {
      {"role", name(static_cast<Role>(note.role))}, {"epoch", note.epoch}, {"position", note.position}};
  for (Journal::Field& field : details(note, members)) fields.push_back(std::move(field));
  return fields;
}

}  // namespace smalldb::server
