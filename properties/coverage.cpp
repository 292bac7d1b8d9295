#include "properties/coverage.h"

#include <algorithm>

#include "model/assert.h"
#include "model/client.h"
#include "model/messages.h"
#include "model/notes.h"
#include "model/record.h"
#include "model/request.h"
#include "sim/fault.h"

namespace smalldb::properties {
namespace {

// What shows a condition: a note of a machine, or an observation that the second half of the list tells apart.
enum class Sight : std::uint16_t {
  session_granted,
  write_answered,
  read_answered,
  condition_failed,
  session_expired,
  refused_not_primary,
  refused_not_serving,
  refused_overloaded,
  outcome_unknown,
  outcome_failed,
  answered_late,
  checkpoint_in_stream,
  checkpoint_written,
  joined_by_tail,
  joined_by_snapshot,
  log_cut_at_restart_or_rejoin,
  epoch_begun,
  failed_sync,
  stopped_after_failed_sync,
  node_stopped,
  node_crashed,
  node_restarted,
  arbiter_crashed,
  client_crashed,
};

struct Row {
  CoverageCondition condition;
  bool noted;  // `what` is a NoteKind, else a Sight
  std::uint16_t what;
};

constexpr Row by_note(std::string_view name, NoteKind note, std::string_view what) {
  return {{name, what}, true, static_cast<std::uint16_t>(note)};
}
constexpr Row by_sight(std::string_view name, Sight sight, std::string_view what) {
  return {{name, what}, false, static_cast<std::uint16_t>(sight)};
}

constexpr Row rows[] = {
    // Who serves
    by_note("founded", NoteKind::founded, "a node with an empty directory founded the cluster"),
    by_note("backup_took_over", NoteKind::took_over, "a backup went live (F4, F5)"),
    by_note("primary_went_alone", NoteKind::went_alone, "a primary went on without its backup (S4)"),
    by_note("resumed_alone", NoteKind::resumed_alone, "a primary that restarted won the next epoch (S4)"),
    by_note("fenced", NoteKind::fenced, "a primary learned that somebody else serves, and stopped"),
    by_note("claim_won", NoteKind::claim_won, "a claim was won"),
    by_note("claim_lost", NoteKind::claim_lost, "a claim was lost (F5)"),
    by_note("arbiter_unreachable", NoteKind::arbiter_unreachable, "a claimer got no word from the arbiter (F5)"),
    by_note("waits_for_operator", NoteKind::waits_for_operator, "a node waited for an operator's word"),
    by_note("suspects_peer", NoteKind::suspects_peer, "a node suspected another (F6)"),
    by_note("peer_leaves", NoteKind::peer_leaves, "a node heard from its peer that it stops"),
    by_sight("epoch_begun", Sight::epoch_begun, "an epoch began, durably"),
    // Outputs
    by_note("output_held", NoteKind::output_held, "an answer waited at the gate, the first of a pair (F2)"),
    by_note("reads_confirmed", NoteKind::reads_confirmed, "the backup confirmed reads, the first of a pair (S8)"),
    by_note("read_under_lease", NoteKind::read_under_lease,
            "a read was answered under a lease, the first of a pair (S8)"),
    by_note("answered_from_memory", NoteKind::answered_from_memory, "a retry was answered without executing it (S9)"),
    by_note("flow_control_on", NoteKind::flow_control_on, "requests waited for the backup to catch up (F8)"),
    by_sight("write_answered", Sight::write_answered, "a client got the answer to a write"),
    by_sight("read_answered", Sight::read_answered, "a client got a value as the answer to a read"),
    by_sight("answered_late", Sight::answered_late,
             "an answer arrived that was released before a later epoch began (F3)"),
    by_sight("condition_failed", Sight::condition_failed, "a conditional write found another revision"),
    by_sight("outcome_unknown", Sight::outcome_unknown, "a client could not tell whether a write took effect (S10)"),
    by_sight("outcome_failed", Sight::outcome_failed, "a client knew that an operation failed (S10)"),
    by_sight("refused_not_primary", Sight::refused_not_primary, "\"I am a backup\""),
    by_sight("refused_not_serving", Sight::refused_not_serving,
             "a node refused a request because nobody may serve there"),
    by_sight("refused_overloaded", Sight::refused_overloaded, "a request was refused because too many waited (F8)"),
    by_note("client_found_primary", NoteKind::client_found_primary, "a client found the primary"),
    by_note("client_retries", NoteKind::client_retries, "a client sent a request again"),
    by_note("client_gave_up", NoteKind::client_gave_up, "a client gave an operation up"),
    // Sessions
    by_sight("session_granted", Sight::session_granted, "a session was opened"),
    by_note("sessions_expired", NoteKind::sessions_expired, "idle sessions were dropped (F10)"),
    by_sight("session_expired", Sight::session_expired, "a client was told that its session is gone"),
    // Redundancy
    by_note("comer_welcomed", NoteKind::comer_welcomed, "a primary welcomed a comer (S6)"),
    by_sight("joined_by_tail", Sight::joined_by_tail, "a comer was sent the missing end of the log"),
    by_sight("joined_by_snapshot", Sight::joined_by_snapshot, "a comer was sent a snapshot (F7)"),
    by_note("snapshot_installed", NoteKind::snapshot_installed, "a comer installed a snapshot"),
    by_note("log_cut", NoteKind::log_cut, "a comer dropped what was never released (S6)"),
    by_note("backup_joining", NoteKind::backup_joining, "the gate closed for a backup to come (S5)"),
    by_note("backup_declared", NoteKind::backup_declared, "a backup was declared in sync (S3)"),
    by_note("backup_left", NoteKind::backup_left, "a backup was given up before it was declared"),
    by_note("backup_resumed", NoteKind::backup_resumed, "a declared backup came back in the same epoch"),
    by_note("backup_lost_its_log", NoteKind::backup_lost_its_log,
            "a backup came back with less than it had acknowledged"),
    // Disks
    by_sight("checkpoint_in_stream", Sight::checkpoint_in_stream, "a checkpoint record was written (F9)"),
    by_sight("checkpoint_written", Sight::checkpoint_written, "a checkpoint file got its name"),
    by_note("checkpoint_done", NoteKind::checkpoint_done, "a checkpoint was finished"),
    by_note("recovered", NoteKind::recovered, "a node read its log at a start (S11)"),
    by_note("torn_tail_cut", NoteKind::torn_tail_cut, "a torn tail was cut (S11)"),
    by_note("log_damaged", NoteKind::log_damaged, "a damaged log was found (S11)"),
    by_sight("records_cut", Sight::log_cut_at_restart_or_rejoin, "whole records were cut from a log"),
    by_sight("failed_sync", Sight::failed_sync, "a sync failed"),
    by_sight("stopped_after_failed_sync", Sight::stopped_after_failed_sync,
             "a process stopped after a failed sync (S11)"),
    by_sight("node_stopped", Sight::node_stopped, "a node stopped itself (S11)"),
    // Lives
    by_note("ignored", NoteKind::ignored, "a message of another epoch or life was ignored (S12)"),
    by_sight("node_crashed", Sight::node_crashed, "a node crashed"),
    by_sight("node_restarted", Sight::node_restarted, "a node started again"),
    by_sight("arbiter_crashed", Sight::arbiter_crashed, "the arbiter crashed"),
    by_sight("client_crashed", Sight::client_crashed, "a client crashed"),
};
constexpr std::size_t row_count = std::size(rows);
static_assert(row_count <= Coverage::conditions_max);

// The row that stands for a note or a sight, by their numbers; row_count: none.
constexpr std::size_t numbers_max = 64;
constexpr auto places(bool noted) {
  std::array<std::size_t, numbers_max> by_number{};
  by_number.fill(row_count);
  for (std::size_t row = 0; row < row_count; ++row) {
    if (rows[row].noted == noted) by_number[rows[row].what] = row;
  }
  return by_number;
}
constexpr auto row_of_note = places(true);
constexpr auto row_of_sight = places(false);

}  // namespace

std::span<const CoverageCondition> conditions() {
  static constexpr auto all = [] {
    std::array<CoverageCondition, row_count> list{};
    for (std::size_t row = 0; row < row_count; ++row) list[row] = rows[row].condition;
    return list;
  }();
  return all;
}

std::uint64_t Coverage::count(std::string_view name) const {
  for (std::size_t row = 0; row < row_count; ++row) {
    if (rows[row].condition.name == name) return counts_[row];
  }
  SMALLDB_ASSERT(false, name);
  return 0;
}

std::vector<Seen> Coverage::seen() const {
  std::vector<Seen> all;
  for (std::size_t row = 0; row < row_count; ++row) all.push_back({rows[row].condition.name, counts_[row]});
  return all;
}

void Coverage::observe(const Observation& observation, const Mirror& mirror) {
  const auto saw = [&](Sight sight) { ++counts_[row_of_sight[static_cast<std::size_t>(sight)]]; };
  switch (observation.kind) {
    case ObservationKind::noted:
      if (observation.a < numbers_max && row_of_note[observation.a] < row_count) ++counts_[row_of_note[observation.a]];
      break;
    case ObservationKind::answer_delivered: on_answer(observation, mirror); break;
    case ObservationKind::refusal_released:
      if (observation.response->status == Status::not_primary) saw(Sight::refused_not_primary);
      if (observation.response->status == Status::not_serving) saw(Sight::refused_not_serving);
      if (observation.response->status == Status::overloaded) saw(Sight::refused_overloaded);
      break;
    case ObservationKind::operation_completed:
      if (observation.completion->outcome == Outcome::unknown) saw(Sight::outcome_unknown);
      if (observation.completion->outcome == Outcome::failed) saw(Sight::outcome_failed);
      break;
    case ObservationKind::record_written:
      if (observation.record != nullptr && std::holds_alternative<Checkpoint>(observation.record->body)) {
        saw(Sight::checkpoint_in_stream);
      }
      break;
    case ObservationKind::checkpoint_written: saw(Sight::checkpoint_written); break;
    case ObservationKind::message_delivered:
      if (const auto* welcome = std::get_if<Welcome>(&observation.message->body)) {
        saw(welcome->snapshot ? Sight::joined_by_snapshot : Sight::joined_by_tail);
      }
      break;
    case ObservationKind::log_cut: saw(Sight::log_cut_at_restart_or_rejoin); break;
    case ObservationKind::epoch_started: saw(Sight::epoch_begun); break;
    case ObservationKind::fault_took_effect:
      if (static_cast<sim::FaultKind>(observation.b) == sim::FaultKind::sync_failure) {
        saw(Sight::failed_sync);
        if (mirror.cast->has(observation.process)) sync_failed_ |= process_bit(observation.process);
      }
      break;
    case ObservationKind::process_started:
    case ObservationKind::process_ended: on_process(observation, mirror); break;
    default: break;
  }
}

void Coverage::on_answer(const Observation& answer, const Mirror& mirror) {
  const auto saw = [&](Sight sight) { ++counts_[row_of_sight[static_cast<std::size_t>(sight)]]; };
  const Response& response = *answer.response;
  if (response.number == 0) saw(Sight::session_granted);
  if (response.status == Status::condition_failed) saw(Sight::condition_failed);
  if (response.status == Status::session_expired) saw(Sight::session_expired);
  // The answer to a write names the record that wrote, and depends on no later one.
  const bool wrote = response.number != 0 && response.status == Status::ok && response.revision == response.position;
  if (wrote) saw(Sight::write_answered);
  if (!response.value.empty()) saw(Sight::read_answered);
  const Epochs& epochs = mirror.epochs;
  if (epochs.count() > 0 && epochs[epochs.count() - 1].epoch > response.epoch) saw(Sight::answered_late);
}

void Coverage::on_process(const Observation& observation, const Mirror& mirror) {
  const auto saw = [&](Sight sight) { ++counts_[row_of_sight[static_cast<std::size_t>(sight)]]; };
  const std::uint64_t process = process_bit(observation.process);
  const bool is_node = mirror.cast->is(observation.process, Part::node);
  if (observation.kind == ObservationKind::process_started) {
    if (is_node && (started_ & process) != 0) saw(Sight::node_restarted);
    started_ |= process;
    sync_failed_ &= ~process;
    return;
  }
  const bool stopped_itself = !observation.text.empty();
  if (stopped_itself) {
    if (is_node) saw(Sight::node_stopped);
    if ((sync_failed_ & process) != 0) saw(Sight::stopped_after_failed_sync);
  } else if (observation.a != 0) {
    saw(is_node                                               ? Sight::node_crashed
        : mirror.cast->is(observation.process, Part::arbiter) ? Sight::arbiter_crashed
                                                              : Sight::client_crashed);
  }
}

}  // namespace smalldb::properties
