#include "model/leaver.h"

namespace smalldb {

// The peer's half of the connection may be slow. After `suspect_after` it finds out by itself that nobody is there.
Leaver::Leaver(Replica& replica, std::optional<PeerLink> link, Effects& effects)
    : link_(link), waits_until_(replica.moment.now + replica.config.settings.suspect_after) {
  if (link_) effects.send(*link_, replica.message(Leaving{replica.log.end()}));
}

Next Leaver::on_message(Replica&, const PeerMessage&, Effects&) { return {}; }

Next Leaver::on_heartbeat(Replica&, ProcessId, const Message&, Effects&) { return {}; }

Next Leaver::on_link_closed(Replica&, Link link, Effects&) {
  if (link_ && link_->link() == link) link_.reset();
  return {};
}

Next Leaver::on_tick(Replica&, Effects&) { return {}; }

bool Leaver::done(const Replica& replica) const {
  const bool durable = !replica.log.cutting() && replica.log.durable() == replica.log.end();
  return durable && (!link_ || replica.moment.now >= waits_until_);
}

}  // namespace smalldb
