#include "model/testing/words.h"

#include <type_traits>
#include <variant>

#include "model/data_directory.h"
#include "model/notes.h"

namespace smalldb::testing {
namespace {

std::string number(std::uint64_t n) { return std::to_string(n); }
std::string number(Lsn lsn) { return number(lsn.value); }
std::string number(Epoch epoch) { return number(epoch.value); }

// Long values are told by their length.
std::string value(const Bytes& bytes) {
  if (bytes.size() <= 24) return bytes.string();
  return "(" + number(bytes.size()) + " bytes)";
}

std::string in_words(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::none: return "";
    case Condition::Kind::revision_is: return " if revision " + number(condition.revision);
    case Condition::Kind::exists: return " if it exists";
    case Condition::Kind::absent: return " if absent";
  }
  return "?";
}

std::string in_words(const std::vector<EpochStart>& epochs) {
  if (epochs.empty()) return "no epochs";
  std::string words = "epochs";
  for (const EpochStart& start : epochs) words += " " + number(start.epoch) + "@" + number(start.first);
  return words;
}

std::string records_in_words(const Records& records, const Names& names) {
  std::string words;
  Bytes rest = records.bytes;
  while (const auto header = decode_header(rest.view())) {
    const auto record = decode_record(rest.view());
    if (!record) return words + " | (damaged)";
    words += " | " + in_words(*record, names);
    rest = rest.slice(header->record_size(), rest.size() - header->record_size());
  }
  return words;
}

struct BodyInWords {
  const Names& names;

  std::string operator()(const RequestMessage& message) const { return in_words(message.request, names); }
  std::string operator()(const ResponseMessage& message) const { return in_words(message.response, names); }
  std::string operator()(const Hello& hello) const {
    const bool damaged = hello.checkpoint.value == ~std::uint64_t{0};
    return "hello from " + names.directory(hello.directory) + ": log to " + number(hello.log_end) +
           (damaged ? ", damaged" : ", checkpoint " + number(hello.checkpoint)) + ", " + in_words(hello.epochs);
  }
  std::string operator()(const NotPrimary& no) const {
    if (no.primary == no_process) return "not primary";
    const std::string backup = no.backup == no_process ? "" : ", whose backup is " + names.process(no.backup);
    return "not primary, try " + names.process(no.primary) + backup;
  }
  std::string operator()(const Welcome& welcome) const {
    if (welcome.snapshot)
      return "welcome: a snapshot as of " + number(welcome.snapshot_lsn) + " replaces what you have";
    return "welcome: keep up to " + number(welcome.cut);
  }
  std::string operator()(const SnapshotChunk& chunk) const {
    return "snapshot " + number(chunk.snapshot_lsn) + ", " + number(chunk.bytes.size()) + " bytes from " +
           number(chunk.offset) + (chunk.last ? ", the last" : "");
  }
  std::string operator()(const SnapshotTaken& taken) const {
    return "snapshot " + number(taken.snapshot_lsn) + " taken to " + number(taken.size);
  }
  std::string operator()(const Ready& ready) const { return "ready after " + number(ready.end); }
  std::string operator()(const Records& records) const {
    const std::uint64_t count = count_records(records.bytes.view());
    std::string words = "records " + number(records.first);
    if (count == 0) words = "no records";
    if (count > 1) words += " to " + number(records.first.value + count - 1);
    words += ", safe " + number(records.safe);
    if (records.confirm > 0) words += ", confirm reads " + number(records.confirm);
    return words + records_in_words(records, names);
  }
  std::string operator()(const Ack& ack) const {
    std::string words = "received " + number(ack.received) + ", durable " + number(ack.durable);
    if (ack.confirmed > 0) words += ", reads confirmed " + number(ack.confirmed);
    return words + (ack.lease ? ", lease" : "");
  }
  std::string operator()(const Claim& claim) const {
    return "claim epoch " + number(claim.wanted) + " for " + names.directory(claim.directory);
  }
  std::string operator()(const Verdict& verdict) const {
    return "epoch " + number(verdict.claimed) + " is " + names.directory(verdict.winner) + "'s";
  }
  std::string operator()(const Heartbeat& heartbeat) const { return heartbeat.primary ? "I serve" : "I live"; }
  std::string operator()(const Ping&) const { return "ping"; }
  std::string operator()(const Pong&) const { return "pong"; }
  std::string operator()(const Leaving& leaving) const { return "leaving, log to " + number(leaving.end); }
};

}  // namespace

std::string spaced(std::string_view text) {
  std::string words(text);
  for (char& c : words) {
    if (c == '_') c = ' ';
  }
  return words;
}

std::string in_words(const Request& request, const Names& names) {
  std::string words = spaced(name(request.verb));
  if (request.verb == Verb::open_session) return words;
  words += " " + request.key.string();
  if (request.verb == Verb::put) words += "=" + value(request.value);
  words += in_words(request.condition);
  return words + " (" + names.session(request.session) + " #" + number(request.number) + ")";
}

std::string in_words(const Response& response, const Names& names) {
  const std::string which = response.number == 0 ? "" : "#" + number(response.number) + " ";
  std::string words = which + spaced(name(response.status));
  if (is_refusal(response.status)) {
    if (response.primary != no_process) words += ", try " + names.process(response.primary);
    return words;
  }
  if (!response.value.empty()) words += " " + value(response.value);
  if (response.revision.value > 0) words += ", revision " + number(response.revision);
  return words + ", at " + number(response.position) + " in epoch " + number(response.epoch);
}

std::string in_words(const Record& record, const Names& names) {
  const std::string position = number(record.lsn) + " ";
  if (const auto* started = std::get_if<EpochStarted>(&record.body)) {
    return position + "epoch " + number(record.epoch) + " begins under " + names.directory(started->primary);
  }
  if (const auto* operation = std::get_if<Operation>(&record.body))
    return position + in_words(operation->request, names);
  if (const auto* joining = std::get_if<BackupJoining>(&record.body)) {
    return position + names.directory(joining->backup) + " is joining";
  }
  if (const auto* declared = std::get_if<BackupDeclared>(&record.body)) {
    return position + names.directory(declared->backup) + " is in sync";
  }
  if (const auto* left = std::get_if<BackupLeft>(&record.body)) {
    return position + names.directory(left->backup) + " has left";
  }
  if (std::holds_alternative<Checkpoint>(record.body)) return position + "checkpoint";
  return position + "sessions expire";
}

std::string in_words(const Message& message, const Names& names) {
  return std::visit(BodyInWords{names}, message.body);
}

std::string short_file_name(std::string_view name) {
  std::string words;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool begins_number = words.empty() || words.back() == '-';
    const bool more_digits = i + 1 < name.size() && name[i + 1] >= '0' && name[i + 1] <= '9';
    if (name[i] == '0' && begins_number && more_digits) continue;
    words += name[i];
  }
  return words;
}

std::string in_words(const effect::Disk& operation) {
  using Verb = effect::DiskVerb;
  const std::string file = short_file_name(operation.name);
  const std::string bytes = number(operation.bytes.size()) + " bytes";
  switch (operation.verb) {
    case Verb::list: return "list";
    case Verb::read: return "read " + file;
    case Verb::write: return "write " + file + ", " + bytes;
    case Verb::write_synced: return "write and sync " + file + ", " + bytes;
    case Verb::truncate: return "truncate " + file + " to " + number(operation.offset);
    case Verb::sync: return "sync " + file;
    case Verb::rename: return "rename " + file + " to " + short_file_name(operation.new_name);
    case Verb::link: return "link " + file + " to " + short_file_name(operation.new_name);
    case Verb::remove: return "remove " + file;
    case Verb::sync_directory: return "sync the directory";
  }
  return "?";
}

std::string in_words(const effect::Note& note, const Names& names) {
  const auto kind = static_cast<NoteKind>(note.what);
  const auto process = [&](std::uint64_t id) { return names.process(ProcessId{static_cast<std::uint32_t>(id)}); };
  const std::string a = number(note.a);
  const std::string b = number(note.b);
  const std::string words = spaced(name(kind));
  switch (kind) {
    case NoteKind::role_changed: return "is " + spaced(name(static_cast<Role>(note.role)));
    case NoteKind::recovered: return words + ": checkpoint " + a + " and " + b + " records after it";
    case NoteKind::torn_tail_cut: return words + ": " + a + " bytes of " + short_file_name(note.text.view());
    case NoteKind::log_damaged: return words + " at offset " + a + ": " + short_file_name(note.text.view());
    case NoteKind::claim_sent: return "claims epoch " + a;
    case NoteKind::claim_won: return "has won epoch " + a;
    case NoteKind::claim_lost: return "has lost epoch " + a + " to " + process(note.b);
    case NoteKind::arbiter_unreachable: return "gets no word from the arbiter about epoch " + a;
    case NoteKind::waits_for_operator: return "waits for the operator to promote it to epoch " + a;
    case NoteKind::went_alone: return "goes alone in epoch " + a;
    case NoteKind::took_over: return "takes over in epoch " + a + ", " + b + " records drained";
    case NoteKind::founded: return "has founded the cluster";
    case NoteKind::resumed_alone: return "resumes alone in epoch " + a;
    case NoteKind::fenced: return "is fenced: serves no more";
    case NoteKind::suspects_peer:
      return "suspects " + process(note.a) + ": no " + (note.b == 0 ? "heartbeats" : "log traffic");
    case NoteKind::comer_welcomed: return "welcomes " + process(note.a) + (note.b == 1 ? " by snapshot" : " by tail");
    case NoteKind::log_cut: return "cuts its log to " + a + ": " + b + " records were never released";
    case NoteKind::snapshot_installed: return "has installed the snapshot as of " + a;
    case NoteKind::backup_joining: return "closes the gate from " + a + " on: " + process(note.b) + " is joining";
    case NoteKind::backup_declared: return "declares " + process(note.b) + " in sync by record " + a;
    case NoteKind::backup_left: return "goes on without " + process(note.b) + ", who left, from " + a;
    case NoteKind::backup_resumed: return "goes on with its backup " + process(note.a) + " after " + b;
    case NoteKind::backup_lost_its_log: return "finds that " + process(note.a) + " lost what it acknowledged";
    case NoteKind::output_held: return "holds an answer: only up to " + a + " is safe";
    case NoteKind::answered_from_memory: return "answers request " + a + " of session " + b + " from memory";
    case NoteKind::session_opened: return "opens session " + a;
    case NoteKind::sessions_expired: return "drops " + a + " idle sessions";
    case NoteKind::flow_control_on: return "takes no more requests: " + a + " bytes are not acknowledged";
    case NoteKind::flow_control_off: return "takes requests again";
    case NoteKind::checkpoint_begun: return "begins checkpoint " + a;
    case NoteKind::checkpoint_done: return "has checkpoint " + a;
    case NoteKind::reads_confirmed: return "has its reads confirmed";
    case NoteKind::read_under_lease: return "answers reads under its lease";
    case NoteKind::ignored: {
      return "ignores a message: " + spaced(name(static_cast<IgnoreReason>(note.a)));
    }
    case NoteKind::client_found_primary: return "has found the primary: " + process(note.a);
    case NoteKind::client_retries: return "tries request " + a + " again, attempt " + b;
    case NoteKind::client_gave_up: return "gives up request " + a;
    case NoteKind::peer_leaves: return "hears that " + process(note.a) + " leaves";
    case NoteKind::arbiter_away: return "finds the arbiter away";
    case NoteKind::arbiter_back: return "finds the arbiter back";
    case NoteKind::needs_no_operator: return "waits for the operator no longer";
    case NoteKind::another_primary: return "hears that " + process(note.a) + " is primary of this epoch too";
    case NoteKind::stopped: return words + ": " + note.text.string();
  }
  return words;
}

}  // namespace smalldb::testing
