#include "model/seeker.h"

#include <utility>

#include "model/assert.h"

namespace smalldb {

Seeker::Seeker(Replica& replica, const next::Seek& seek, TimerId retry_timer, Effects& effects)
    : retry_timer_(retry_timer), began_(replica.moment.now), hint_(seek.hint) {
  if (seek.handed_over) {
    try_next_later(replica, effects);
  } else {
    try_next(replica, effects);
  }
}

// The hint if there is one, else the nodes one after the other.
ProcessId Seeker::next_node(const Replica& replica) {
  const ProcessId hint = std::exchange(hint_, no_process);
  if (hint != no_process && hint != replica.config.self) return hint;
  const std::vector<ProcessId>& nodes = replica.config.nodes;
  for (std::size_t tried = 0; tried < nodes.size(); ++tried) {
    const ProcessId node = nodes[position_++ % nodes.size()];
    if (node != replica.config.self) return node;
  }
  return no_process;
}

void Seeker::try_next(Replica& replica, Effects& effects) {
  const ProcessId node = next_node(replica);
  knows_nobody_ = node == no_process;
  if (!knows_nobody_) try_node(replica, node, effects);
}

void Seeker::try_node(Replica& replica, ProcessId node, Effects& effects) {
  target_ = node;
  link_ = effects.connect(node, Port::replication);
  effects.set_timer(retry_timer_, replica.moment.now + replica.config.settings.suspect_after);
}

void Seeker::try_next_later(Replica& replica, Effects& effects) {
  link_.reset();
  effects.set_timer(retry_timer_, replica.moment.now + replica.config.settings.retry_after);
}

void Seeker::on_connected(Replica& replica, Effects& effects) {
  Hello hello;
  hello.directory = replica.directory();
  hello.node = replica.config.self;
  hello.number = ++replica.greetings;
  hello.log_end = replica.log.end();
  // A damaged directory has nothing that could be kept: only a snapshot will do.
  hello.checkpoint = replica.damaged ? Lsn{~std::uint64_t{0}} : replica.checkpoint_writer.newest();
  hello.epochs = replica.log.configuration().epochs;
  effects.send(*link_, replica.message(hello));
}

Next Seeker::on_link_closed(Replica& replica, Link link, Effects& effects) {
  if (link_ && link_->link() == link) try_next_later(replica, effects);
  return {};
}

void Seeker::on_retry_timer(Replica& replica, Effects& effects) {
  if (link_) effects.close(*link_);
  try_next(replica, effects);
}

Next Seeker::on_message(Replica& replica, const PeerMessage& message, Effects& effects) {
  if (!link_ || message.link != *link_) {
    replica.ignore(effects, IgnoreReason::not_my_peer, message.message);
    return {};
  }
  if (const auto* no = std::get_if<NotPrimary>(&message.message.body)) {
    if (no->primary != target_) hint_ = no->primary;
    effects.close(*link_);
    try_next_later(replica, effects);
    return {};
  }
  const auto* welcome = std::get_if<Welcome>(&message.message.body);
  if (welcome == nullptr) return {};
  if (message.message.epoch < replica.epoch() && replica.config.rules.epoch_check) {
    // A primary that was deposed and has not noticed: to follow it would be to drop what was released since.
    replica.ignore(effects, IgnoreReason::older_epoch, message.message);
    effects.close(*link_);
    try_next_later(replica, effects);
    return {};
  }
  const bool can_be = welcome->snapshot ||
                      (!replica.damaged && replica.log.base() <= welcome->cut && welcome->cut <= replica.log.end());
  if (!can_be) {
    replica.ignore(effects, IgnoreReason::malformed, message.message);
    effects.close(*link_);
    try_next_later(replica, effects);
    return {};
  }
  const PeerLink link = *std::exchange(link_, std::nullopt);
  return next::Join{link, message.from, message.message.from, message.message.epoch, *welcome};
}

Next Seeker::on_heartbeat(Replica& replica, ProcessId from, const Message& message, Effects&) {
  const bool primary = std::get<Heartbeat>(message.body).primary;
  if (primary && message.epoch >= replica.epoch() && target_ != from) hint_ = from;
  return {};
}

Next Seeker::on_tick(Replica& replica, Effects& effects) {
  if (knows_nobody_) try_next(replica, effects);  // it may have been met since
  if (replica.moment.now - began_ < replica.config.settings.seek_for) return {};
  return next::Claim{};
}

void Seeker::leave(Effects& effects) {
  if (link_) effects.close(*link_);
  effects.cancel_timer(retry_timer_);
}

}  // namespace smalldb
