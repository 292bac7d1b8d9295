#include "model/replica.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "model/assert.h"

namespace smalldb {

Replica::Replica(const NodeConfig& its_config, Incarnation its_incarnation, Recovered recovered)
    : config(its_config),
      incarnation(its_incarnation),
      meta(recovered.meta),
      store(std::move(recovered.store)),
      log(std::move(recovered.log)),
      installer(config.settings, config.rules),
      checkpoint_writer(config.settings, meta.generation, store.applied()) {}

Replica::Replica(const NodeConfig& its_config, Incarnation its_incarnation, const Damaged& damage, DirectoryId fresh)
    : config(its_config),
      incarnation(its_incarnation),
      damaged(true),
      meta{fresh, damage.next_generation},
      store(config.settings, config.rules),
      log(config.settings, meta.generation, Lsn{}, Configuration{}),
      installer(config.settings, config.rules),
      checkpoint_writer(config.settings, meta.generation, Lsn{}) {}

Bytes Replica::not_primary(ProcessId primary) const {
  const Configuration& configuration = log.configuration();
  const bool pair = configuration.backup_standing == BackupStanding::declared;
  return message(NotPrimary{primary, pair ? configuration.backup_node : no_process});
}

Response Replica::apply(const Record& record, std::uint64_t encoded_size) {
  Response response = store.apply(record);
  bytes_since_checkpoint += encoded_size;
  if (std::holds_alternative<Checkpoint>(record.body)) {
    checkpoint_due = store;
    bytes_since_checkpoint = 0;
  }
  return response;
}

void Replica::apply_up_to(Lsn position) {
  while (store.applied() < position) {
    const Bytes records = log.records_at(store.applied().next());
    for (std::string_view rest = records.view(); !rest.empty() && store.applied() < position;) {
      const std::optional<RecordHeader> header = decode_header(rest);
      SMALLDB_ASSERT(header, store.applied().value);
      const std::optional<Record> record = decode_known_record(*header, rest);
      SMALLDB_ASSERT(record, store.applied().value);
      const std::size_t size = header->record_size();
      apply(*record, size);
      rest.remove_prefix(size);
    }
    log.keep_from(store.applied().next());  // a long log gives its memory to the store that it becomes
  }
}

void Replica::maybe_checkpoint(Lsn safe, Effects& effects) {
  const std::uint64_t every = config.settings.checkpoint_every_bytes;
  if (!config.rules.checkpoint_in_stream && every > 0 && bytes_since_checkpoint >= every) {
    // The rule is off: each replica decides by itself, and stamps the file by its own clock.
    checkpoint_due = store;
    checkpoint_due->restore(store.applied(), moment.wall, store.configuration(), store.entries(), store.sessions());
    bytes_since_checkpoint = 0;
  }
  if (!checkpoint_due || checkpoint_due->applied() > safe || checkpoint_writer.busy()) return;
  const Store due = *std::exchange(checkpoint_due, std::nullopt);
  if (due.applied() <= checkpoint_writer.newest()) return;
  note(effects, NoteKind::checkpoint_begun, due.applied().value);
  checkpoint_writer.start(due, effects);
}

void Replica::on_checkpoint_disk_done(const DiskDone& done, Effects& effects) {
  if (!checkpoint_writer.on_disk_done(done, effects)) return;
  note(effects, NoteKind::checkpoint_done, checkpoint_writer.newest().value);
  log.retire(checkpoint_writer.newest(), effects);
}

void Replica::install(Effects& effects) {
  meta = installer.meta();
  store = installer.store();
  log = Log(config.settings, meta.generation, store.applied(), store.configuration());
  checkpoint_writer = CheckpointWriter(config.settings, meta.generation, store.applied());
  checkpoint_due.reset();
  bytes_since_checkpoint = 0;
  damaged = false;
  note(effects, NoteKind::snapshot_installed, store.applied().value, installer.taken());
}

void Replica::grant_lease() {
  const Duration drift = config.settings.lease * config.settings.clock_drift_max_ppm / 1'000'000;
  const Instant until = moment.now + config.settings.lease + drift;
  lease_granted_until = std::max(lease_granted_until.value_or(until), until);
}

void Replica::note(Effects& effects, NoteKind kind, std::uint64_t a, std::uint64_t b, std::string_view text) const {
  effects.note({static_cast<std::uint16_t>(kind), static_cast<std::uint8_t>(role), epoch().value, log.end().value, a, b,
                Bytes::copy(text)});
}

void Replica::ignore(Effects& effects, IgnoreReason reason, const Message& message) const {
  note(effects, NoteKind::ignored, static_cast<std::uint64_t>(reason), message.body.index());
}

}  // namespace smalldb
