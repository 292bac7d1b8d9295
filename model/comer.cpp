#include "model/comer.h"

#include <string>
#include <utility>

namespace smalldb {

Comer::Comer(Replica& replica, const next::Join& join, Effects&)
    : join_(join), detector_(replica.config.settings.suspect_after, replica.moment.now) {}

Next Comer::on_message(Replica& replica, const PeerMessage& message, Effects& effects) {
  if (message.link != join_.link) {
    replica.ignore(effects, IgnoreReason::not_my_peer, message.message);
    return {};
  }
  detector_.heard_log_traffic(replica.moment.now);
  if (const auto* chunk = std::get_if<SnapshotChunk>(&message.message.body)) {
    chunks_.push_back(*chunk);
    return go_on(replica, effects);
  }
  return {};
}

Next Comer::on_disk_done(Replica& replica, Effects& effects) { return go_on(replica, effects); }

Next Comer::go_on(Replica& replica, Effects& effects) {
  if (!cut_begun_ && !install_begun_ && replica.config.rules.epoch_check) {
    if (const std::string problem = other_history(replica); !problem.empty()) {
      leave(replica, effects);
      effects.stop(Bytes::copy(problem));
      return next::Stop{};
    }
  }
  return join_.welcome.snapshot ? install(replica, effects) : cut(replica, effects);
}

// S2, S6: what was never released never reaches back to the beginning of an epoch. Whoever has won it may have answered
// from there on, and nobody wins the one after it who does not hold it (S3): so the primary has it, or epochs were
// given away twice, and there are two histories.
std::string Comer::other_history(const Replica& replica) const {
  for (const EpochStart& start : replica.log.configuration().epochs) {
    if (start.first <= join_.welcome.cut) continue;
    return "record " + std::to_string(start.first.value) + ", with which epoch " + std::to_string(start.epoch.value) +
           " begins in the log of this node, is not the primary's: " +
           (start.epoch == Epoch{1} ? "this node holds another store, or " : "") +
           "epochs have been given away twice, as by an arbiter that has forgotten what it granted, or by two "
           "promotions, and clients may have been answered from both histories. Both are left as they are, and one has "
           "to be chosen. To take everything anew from the primary, start this node with an empty directory";
  }
  return {};
}

Next Comer::cut(Replica& replica, Effects& effects) {
  const Lsn end = join_.welcome.cut;
  // What was executed ahead cannot be taken back in memory: the store is made again from the disk.
  const bool store_is_ahead = replica.store.applied() > end;
  if (replica.log.end() > end && !std::exchange(cut_begun_, true)) {
    replica.note(effects, NoteKind::log_cut, end.value, replica.log.end().value - end.value);
    replica.log.cut(end, effects);
  }
  replica.log.flush(effects);
  if (replica.log.cutting() || replica.log.durable() < replica.log.end()) return {};
  if (!store_is_ahead) return follow(replica, effects);
  if (!replica.log.idle() || replica.checkpoint_writer.busy()) return {};
  if (!link_closed_) effects.close(join_.link);
  return next::Recover{};
}

Next Comer::install(Replica& replica, Effects& effects) {
  SnapshotInstaller& installer = replica.installer;
  if (install_begun_ && installer.installed()) {
    replica.install(effects);
    return follow(replica, effects);
  }
  if (!install_begun_) {
    // The files that are about to be replaced are left in peace first.
    if (!replica.log.idle() || replica.checkpoint_writer.busy()) return {};
    const Meta meta{replica.meta.directory, replica.meta.generation + (replica.damaged ? 0 : 1)};
    installer.start(meta, join_.welcome.snapshot_lsn, effects);
    install_begun_ = true;
  }
  while (!chunks_.empty() && installer.taking()) {
    const SnapshotChunk chunk = std::move(chunks_.front());
    chunks_.pop_front();
    if (!installer.take(chunk, effects)) return give_up(replica, effects);
  }
  if (installer.taken() > taken_told_ && !link_closed_) {
    taken_told_ = installer.taken();
    effects.send(join_.link, replica.message(SnapshotTaken{join_.welcome.snapshot_lsn, taken_told_}));
  }
  return {};
}

Next Comer::follow(Replica& replica, Effects& effects) {
  if (link_closed_) return next::Seek{join_.primary};
  effects.send(join_.link, encode(join_.primary_epoch, replica.incarnation, Ready{replica.log.end()}));
  return next::Follow{join_.link, join_.primary, join_.primary_incarnation, join_.primary_epoch};
}

Next Comer::give_up(Replica& replica, Effects& effects) {
  leave(replica, effects);
  return next::Seek{join_.primary};
}

// A cut or an installation that has begun goes on to its end, and only then is another primary looked for.
Next Comer::on_link_closed(Replica& replica, Link link, Effects& effects) {
  if (join_.link.link() != link) return {};
  link_closed_ = true;
  replica.installer.abandon(effects);
  if (replica.installer.busy()) return {};
  if (cut_begun_) return go_on(replica, effects);
  return next::Seek{join_.primary};
}

Next Comer::on_heartbeat(Replica& replica, ProcessId from, const Message& message, Effects&) {
  if (from == join_.primary && message.from == join_.primary_incarnation) {
    detector_.heard_heartbeat(replica.moment.now);
    detector_.heard_log_traffic(replica.moment.now);
  }
  return {};
}

Next Comer::on_tick(Replica& replica, Effects& effects) {
  if (!link_closed_ && detector_.suspects(replica.moment.now)) {
    effects.close(join_.link);
    return on_link_closed(replica, join_.link.link(), effects);
  }
  // A sign of life: cutting and installing may take longer than the primary's patience.
  if (!link_closed_) effects.send(join_.link, replica.message(SnapshotTaken{join_.welcome.snapshot_lsn, taken_told_}));
  return {};
}

void Comer::leave(Replica& replica, Effects& effects) {
  if (!std::exchange(link_closed_, true)) effects.close(join_.link);
  replica.installer.abandon(effects);
}

}  // namespace smalldb
