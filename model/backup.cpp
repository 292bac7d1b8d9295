#include "model/backup.h"

#include <algorithm>
#include <string>

namespace smalldb {
namespace {

// Records that have not been executed are all in memory.
WallTime stamp_of_last_record(const Replica& replica) {
  const Lsn end = replica.log.end();
  return replica.store.applied() == end ? replica.store.stamp() : decode_header(replica.log.record(end).view())->stamp;
}

}  // namespace

Backup::Backup(Replica& replica, const next::Follow& follow, Effects&)
    : follow_(follow),
      detector_(replica.config.settings.suspect_after, replica.moment.now),
      stamp_(stamp_of_last_record(replica)),
      acknowledged_(replica.log.durable()) {}

Next Backup::on_message(Replica& replica, const PeerMessage& message, Effects& effects) {
  const auto* records = std::get_if<Records>(&message.message.body);
  const auto* leaving = std::get_if<Leaving>(&message.message.body);
  const bool is_expected = records != nullptr || leaving != nullptr;
  if (message.link != follow_.link || !is_expected) {
    replica.ignore(effects, is_expected ? IgnoreReason::not_my_peer : IgnoreReason::not_expected_now, message.message);
    return {};
  }
  if (replica.config.rules.epoch_check) {
    if (message.message.epoch != follow_.primary_epoch) {
      const bool older = message.message.epoch < follow_.primary_epoch;
      replica.ignore(effects, older ? IgnoreReason::older_epoch : IgnoreReason::newer_epoch, message.message);
      return {};
    }
    if (message.message.from != follow_.primary_incarnation) {
      replica.ignore(effects, IgnoreReason::other_incarnation, message.message);
      return {};
    }
  }
  if (leaving != nullptr) return on_leaving(replica, message, *leaving, effects);
  return on_records(replica, message, *records, effects);
}

Next Backup::on_records(Replica& replica, const PeerMessage& message, const Records& records, Effects& effects) {
  detector_.heard_log_traffic(replica.moment.now);
  if (records.first != replica.log.end().next()) {
    replica.ignore(effects, IgnoreReason::malformed, message.message);
    effects.close(follow_.link);
    return next::Seek{follow_.primary};
  }
  if (const std::string problem = append(replica, records); !problem.empty()) {
    effects.close(follow_.link);
    effects.stop(Bytes::copy(problem));
    return next::Stop{};
  }
  safe_ = std::max(safe_, records.safe);
  const bool received_counts = replica.config.settings.acknowledge == Acknowledge::received;
  answer_due_ = answer_due_ || records.bytes.empty() || records.confirm > confirmed_ || received_counts;
  confirmed_ = std::max(confirmed_, records.confirm);
  if (replica.config.settings.reads == Reads::leased) replica.grant_lease();
  return {};
}

// A link that breaks, and the certainty that nobody serves at its other end: there is nobody to look for, and what was
// promised to the primary binds no longer (S8).
Next Backup::on_leaving(Replica& replica, const PeerMessage& message, const Leaving& leaving, Effects& effects) {
  effects.close(follow_.link);
  if (leaving.end != replica.log.end()) {
    replica.ignore(effects, IgnoreReason::malformed, message.message);
    return next::Seek{follow_.primary};
  }
  replica.note(effects, NoteKind::peer_leaves, static_cast<std::uint64_t>(follow_.primary));
  replica.lease_granted_until.reset();
  return next::Seek{.handed_over = true};
}

// Appends the records; what is wrong with one, in words for people, if it cannot come next here.
std::string Backup::append(Replica& replica, const Records& records) {
  const auto which = [&] {
    return "record " + std::to_string(replica.log.end().next().value) + ", as the primary sends it, ";
  };
  Bytes rest = records.bytes;
  while (!rest.empty()) {
    const Lsn next = replica.log.end().next();
    const std::optional<Record> record = decode_record(rest.view());
    if (!record) return which() + "cannot be read by this program. Was it written by a newer one? Then start that here";
    const bool stamp_falls = next != Lsn{1} && record->stamp < stamp_;
    if (record->lsn != next || stamp_falls || !replica.log.configuration().fits(*record)) {
      return which() +
             "does not follow the log of this node: the disk of one of the two has lost or changed what it had "
             "written. Both are left as they are. To take everything anew from the primary, start this node "
             "with an empty directory";
    }
    stamp_ = record->stamp;
    const std::size_t size = record_size(rest.view());
    replica.log.append(*record, rest.slice(0, size));
    rest = rest.slice(size, rest.size() - size);
  }
  return {};
}

void Backup::finish_step(Replica& replica, Effects& effects) {
  replica.log.flush(effects);
  acknowledge(replica, effects);
  replica.apply_up_to(std::min(safe_, replica.log.end()));
  replica.log.keep_from(replica.store.applied().next());
  replica.maybe_checkpoint(safe_, effects);
}

// S7: acknowledged means durable, unless the setting or the rule says otherwise.
void Backup::acknowledge(Replica& replica, Effects& effects) {
  const Lsn durable = replica.config.rules.backup_sync_before_ack ? replica.log.durable() : replica.log.end();
  if (!answer_due_ && durable == acknowledged_) return;
  acknowledged_ = durable;
  answer_due_ = false;
  const bool lease = replica.config.settings.reads == Reads::leased && !replica.claiming;
  effects.send(follow_.link,
               encode(follow_.primary_epoch, replica.incarnation, Ack{replica.log.end(), durable, confirmed_, lease}));
}

Next Backup::on_heartbeat(Replica& replica, ProcessId from, const Message& message, Effects& effects) {
  const bool primary = std::get<Heartbeat>(message.body).primary;
  if (primary && message.epoch > follow_.primary_epoch && replica.config.rules.epoch_check) {
    effects.close(follow_.link);
    return next::Seek{from};
  }
  if (from != follow_.primary) return {};
  if (message.from == follow_.primary_incarnation || !replica.config.rules.epoch_check) {
    detector_.heard_heartbeat(replica.moment.now);
  } else {
    replica.ignore(effects, IgnoreReason::other_incarnation, message);
  }
  return {};
}

Next Backup::on_link_closed(Replica&, Link link, Effects&) {
  if (follow_.link.link() != link) return {};
  return next::Seek{follow_.primary};
}

Next Backup::on_tick(Replica& replica, Effects& effects) {
  const std::optional<Silence> silence = detector_.suspects(replica.moment.now);
  if (!silence) return next::Withdraw{};
  if (!replica.claiming) {
    replica.note(effects, NoteKind::suspects_peer, static_cast<std::uint64_t>(follow_.primary),
                 static_cast<std::uint64_t>(*silence));
  }
  // Whose log ends in an older epoch than the one it follows has nothing to claim: that epoch is the primary's.
  const bool is_behind = replica.epoch() < follow_.primary_epoch;
  if (is_behind || !replica.log.configuration().may_claim_next(replica.directory())) {
    effects.close(follow_.link);
    return next::Seek{follow_.primary};
  }
  return next::Claim{};
}

void Backup::leave(Effects& effects) { effects.close(follow_.link); }

}  // namespace smalldb
