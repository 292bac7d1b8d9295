#include "reports/sentences.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/messages.h"
#include "model/notes.h"
#include "reports/layout.h"
#include "reports/spoken.h"
#include "reports/words.h"
#include "scenarios/notation.h"

namespace smalldb::reports {
namespace {

std::string where(const sim::Fault& fault, const Names& names) {
  const bool shared = fault.volume == Volume::shared || fault.process == sim::shared_volume;
  std::string text = fault.process == no_process ? "everywhere" : std::string(names.process(fault.process));
  if (shared && fault.process != sim::shared_volume) text += " (shared volume)";
  if (!fault.file.empty()) text += fmt::format(", files {}", fault.file);
  return text;
}

// Of what a fault may strike, how much of it does: " (1/20)", " (1/20), 3 times at most".
std::string how_much(const sim::Fault& fault) {
  const std::string most = fault.times == 0   ? ""
                           : fault.times == 1 ? "once at most"
                                              : fmt::format("{} times at most", fault.times);
  const bool all = fault.ratio == sim::Ratio{1, 1};
  return (most.empty() || !all ? fmt::format(" ({})", ratio_text(fault.ratio)) : "") +
         (most.empty() ? "" : ", " + most);
}

std::string byte_count(std::uint64_t count) { return fmt::format("{} byte{}", count, count == 1 ? "" : "s"); }

std::string network_fault(const sim::Fault& fault) {
  using enum sim::FaultKind;
  switch (fault.kind) {
    case cut: return "nothing passes";
    case clog: return "everything waits";
    case delay: return fmt::format("every packet takes {} longer", distribution_text(fault.delay));
    case loss: {
      const std::string_view what = fault.packets == sim::Packets::datagrams ? "datagrams"
                                    : fault.packets == sim::Packets::streams ? "packets of streams"
                                                                             : "packets";
      return fmt::format("{} are lost{}", what, how_much(fault));
    }
    case duplication: return "datagrams come twice" + how_much(fault);
    case reordering: return "datagrams are overtaken" + how_much(fault);
    case bandwidth: return byte_count(fault.size) + " a second and no more";
    case queue_limit: return fmt::format("no more than {} may wait", byte_count(fault.size));
    case reset: return "connections break, both ends are told";
    case half_open: return "connections break, one end is not told";
    case late_close: return fmt::format("news of a close takes {} longer", distribution_text(fault.delay));
    case chunking: return "streams arrive in random pieces";
    default: return {};
  }
}

std::string local_fault(const sim::Fault& fault) {
  using enum sim::FaultKind;
  switch (fault.kind) {
    case crash: return "crashes";
    case kill: return "the process is killed";
    case power_failure: return "the power fails";
    case pause: return "pauses";
    case slow_cpu: return fmt::format("every step takes {} longer", distribution_text(fault.delay));
    case sync_failure: return "syncs fail" + how_much(fault);
    case slow_disk: return fmt::format("every disk operation takes {} longer", distribution_text(fault.delay));
    case disk_full:
      return fault.size == 0 ? "the disk is full"
                             : fmt::format("the disk holds {} and no more", byte_count(fault.size));
    case bit_rot: return fmt::format("bits of the disk flip ({} of the sectors)", ratio_text(fault.ratio));
    case bad_sector: return "sectors of the disk become unreadable" + how_much(fault);
    case read_failure: return "reads fail" + how_much(fault);
    case misdirected_write: return "writes land in another sector" + how_much(fault);
    case phantom_write: return "writes are reported synced and are not" + how_much(fault);
    case wiped_disk: return "the disk is wiped";
    case saved_disk: return "a copy of the disk is put aside";
    case old_disk: return "the old copy of the disk is put back";
    case clock_drift:
      return fmt::format("the clock {} {}", fault.drift < 0 ? "loses" : "gains",
                         scenarios::notation::write_drift(fault.drift < 0 ? -fault.drift : fault.drift));
    case clock_step:
      return fmt::format("the wall clock jumps {} by {}", fault.step < Duration{} ? "back" : "forward",
                         duration_text(fault.step < Duration{} ? Duration{} - fault.step : fault.step));
    case clock_freeze: return "the clocks stand still";
    default: return {};
  }
}

// The part of a note's sentence after the process's name.
std::string predicate(const effect::Note& note, const Names& names) {
  using enum NoteKind;
  const auto process = [&](std::uint64_t number) {
    return names.process(ProcessId{static_cast<std::uint32_t>(number)});
  };
  switch (static_cast<NoteKind>(note.what)) {
    case role_changed: return fmt::format("is {} now", name(static_cast<Role>(note.role)));
    case recovered:
      return note.a == 0 && note.b == 0
                 ? "has read its disk: it is empty"
                 : fmt::format("has read its disk: checkpoint {}, {} after it", note.a, counted(note.b, "record"));
    case torn_tail_cut: return fmt::format("cuts a torn tail of {} bytes off {}", note.a, note.text.view());
    case log_damaged: return fmt::format("finds its log damaged at byte {}: {}", note.a, note.text.view());
    case claim_sent: return fmt::format("claims epoch {}", note.a);
    case claim_won: return fmt::format("wins epoch {}", note.a);
    case claim_lost: return fmt::format("loses epoch {} to {}", note.a, process(note.b));
    case arbiter_unreachable: return fmt::format("cannot reach the arbiter for epoch {}: waits", note.a);
    case waits_for_operator: return fmt::format("waits for an operator to promote it to epoch {}", note.a);
    case went_alone: return fmt::format("goes alone in epoch {}", note.a);
    case took_over: return fmt::format("takes over in epoch {} (records drained: {})", note.a, note.b);
    case founded: return fmt::format("founds the store in epoch {}", note.a);
    case resumed_alone: return fmt::format("is the primary again, alone, in epoch {}", note.a);
    case fenced: return fmt::format("is fenced: epoch {} is over, another goes on", note.a);
    case suspects_peer:
      return fmt::format("suspects {}: no {}", process(note.a), note.b == 0 ? "heartbeats" : "log traffic");
    case comer_welcomed: return fmt::format("welcomes {}, {}", process(note.a), note.b ? "by snapshot" : "by its log");
    case log_cut: return fmt::format("cuts what was never released (records: {}): log ends at {}", note.b, note.a);
    case snapshot_installed: return fmt::format("has installed a snapshot as of {}, {} bytes", note.a, note.b);
    case backup_joining: return fmt::format("closes the gate at {} for {} to join", note.a, process(note.b));
    case backup_declared: return fmt::format("declares {} in sync at {}", process(note.b), note.a);
    case backup_left: return fmt::format("gives up {} at {}", process(note.b), note.a);
    case backup_resumed: return fmt::format("has {} back in the same epoch, at {}", process(note.a), note.b);
    case backup_lost_its_log: return fmt::format("sees that {} lost records it had acknowledged", process(note.a));
    case output_held: return fmt::format("holds an output back at {}", note.a);
    case answered_from_memory: return fmt::format("knows request {} already: a retry, not executed again", note.a);
    case session_opened: return fmt::format("opens session {}", note.a);
    case sessions_expired: return fmt::format("lets {} expire", counted(note.a, "session"));
    case flow_control_on: return fmt::format("lets requests wait: {} bytes are not acknowledged", note.a);
    case flow_control_off: return "takes requests again";
    case checkpoint_begun: return fmt::format("begins a checkpoint as of {}", note.a);
    case checkpoint_done: return fmt::format("has a checkpoint as of {}", note.a);
    case reads_confirmed: return "has the backup confirm its reads";
    case read_under_lease: return "answers reads under its lease";
    case ignored:
      return fmt::format("ignores {}: {}", message_names()[note.b], name(static_cast<IgnoreReason>(note.a)));
    case client_found_primary: return fmt::format("finds the primary at {}", process(note.a));
    case client_retries: return fmt::format("tries request {} again, attempt {}", note.a, note.b);
    case client_gave_up: return fmt::format("gives up on request {}: its outcome is unknown", note.a);
    case arbiter_away: return "gets no answer from the arbiter, which would be asked at a takeover";
    case arbiter_back: return "gets answers from the arbiter again";
    case needs_no_operator: return "waits for an operator no longer";
    case another_primary: return fmt::format("hears that {} is primary of epoch {} too", process(note.a), note.epoch);
    case peer_leaves: return fmt::format("hears from {} that it stops", process(note.a));
    case stopped: return fmt::format("stops: {}", note.text.view());
  }
  return fmt::format("says {} ({}, {})", note.what, note.a, note.b);
}

std::string_view on_volume(const sim::TraceEvent& event) {
  return event.volume == Volume::shared ? " of the shared volume" : "";
}

// A file's name and its new one.
std::pair<std::string_view, std::string_view> both_names(const sim::TraceEvent& event) {
  const std::string_view both = event.payload.view();
  const std::size_t zero = std::min(both.find('\0'), both.size());
  return {both.substr(0, zero), both.substr(std::min(zero + 1, both.size()))};
}

std::string frame_text(const sim::TraceEvent& event, const Names& names) {
  const auto message = decode_frame(event.payload);
  return message ? message_text(*message, names) : byte_count(event.payload.size());
}

}  // namespace

std::string file_text(const sim::TraceEvent& event, const Names& names) {
  return fmt::format("{}{}", names.file(event.file), on_volume(event));
}

std::string event_text(const sim::TraceEvent& event, const Names& names) {
  using enum sim::EventKind;
  const std::string_view who = event.process == no_process ? std::string_view() : names.process(event.process);
  const auto peer = [&] { return names.process(event.peer); };
  const auto file = [&] { return file_text(event, names); };
  const auto fault = [&] { return fault_text(names.fault(sim::FaultId{static_cast<std::uint32_t>(event.a)}), names); };
  switch (event.kind) {
    case started: return fmt::format("{} starts", who);
    case crashed: return fmt::format("{} crashes", who);
    case stopped: return fmt::format("{} stops", who);
    case paused: return fmt::format("{} pauses", who);
    case resumed: return fmt::format("{} goes on", who);
    case timer_fired: return fmt::format("a timer of {} fires", who);
    case input: return fmt::format("{} is told something", who);
    case report: return fmt::format("{} reports something", who);
    case note: return fmt::format("{} says something of itself", who);
    case assertion_failed: return fmt::format("{} is wrong: {}", who, event.payload.view());
    case connecting: return fmt::format("{} connects to {}", who, peer());
    case accepted: return fmt::format("{} takes a connection of {}", who, peer());
    case connected: return fmt::format("{} is connected to {}", who, peer());
    case refused: return fmt::format("{} refuses a connection of {}", who, peer());
    case closed:
      return fmt::format("{} sees its connection to {} closed: {}", who, peer(),
                         word(static_cast<CloseReason>(event.b)));
    case link_closed: return fmt::format("{} closes its connection to {}", who, peer());
    case sent:
    case replied:
    case datagram_sent: return fmt::format("{} -> {}: {}", who, peer(), frame_text(event, names));
    case received:
    case datagram_received: return fmt::format("{} hears {}: {}", who, peer(), frame_text(event, names));
    case stream_lost: return fmt::format("{} never hears what {} sent: {}", peer(), who, frame_text(event, names));
    case datagram_lost:
      return fmt::format("{} never hears a datagram of {}: {}", who, peer(),
                         name(static_cast<sim::LossReason>(event.b)));
    case disk_written: return fmt::format("{} writes {}", who, file());
    case disk_synced: return fmt::format("{} has synced {}", who, file());
    case disk_read:
      return static_cast<DiskStatus>(event.b) == DiskStatus::ok
                 ? fmt::format("{} reads {}", who, file())
                 : fmt::format("{} cannot read {}: {}", who, file(), word(static_cast<DiskStatus>(event.b)));
    case disk_listed: return fmt::format("{} lists the files{}", who, on_volume(event));
    case disk_truncated: return fmt::format("{} cuts {} to {}", who, file(), byte_count(event.a));
    case disk_renamed:
      return fmt::format("{} renames {} to {}{}", who, both_names(event).first, both_names(event).second,
                         on_volume(event));
    case disk_linked:
      return fmt::format("{} links {} as {}{}", who, both_names(event).first, both_names(event).second,
                         on_volume(event));
    case disk_removed: return fmt::format("{} removes {}", who, file());
    case disk_directory_synced: return fmt::format("{} has synced the directory{}", who, on_volume(event));
    case disk_failed:
      return fmt::format("{} cannot {}: {}", who, word(static_cast<effect::DiskVerb>(event.a)),
                         word(static_cast<DiskStatus>(event.b)));
    case disk_kept: return fmt::format("{} keeps {} of {} at the crash", who, byte_count(event.b), file());
    case disk_lost: return fmt::format("{} loses {} of {} at the crash", who, byte_count(event.b), file());
    case disk_name_lost: return fmt::format("{} loses the name of {} at the crash", who, file());
    case fault_injected: return fault();
    case fault_took_effect: return fmt::format("takes effect: {}", fault());
    case fault_ended: return fmt::format("over: {}", fault());
  }
  return fmt::format("{} does something", who);
}

std::string fault_text(const sim::Fault& fault, const Names& names) {
  if (std::string effect = network_fault(fault); !effect.empty()) {
    return fmt::format("{}: {}", links_text(fault.links, names), effect);
  }
  return fmt::format("{}: {}", where(fault, names), local_fault(fault));
}

std::string note_text(const effect::Note& note, ProcessId self, const Names& names) {
  return fmt::format("{} {}", names.process(self), predicate(note, names));
}

}  // namespace smalldb::reports
