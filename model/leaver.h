// A node that was told to stop: it serves nobody and follows nobody any more, and ends when all that it has taken is
// durable here and its peer, if it has one, has taken note.
//
//     primary                              backup
//       | takes no more requests             |
//       | -- Records, until all is there --> |
//       | <------------ Ack ---------------- |
//       | releases every answer              |
//       | -- Leaving ----------------------> |   the primary serves no more, not even reads under a lease
//       | <------- (closes the link) ------- |   claims the next epoch at once (F5), and takes over
//       | ends                               |
//
// The same word the other way tells a primary that its backup stops: it claims the next epoch at once instead of after
// a silence. A word that gets lost is a link that broke: the other one finds out as it does after a crash.
//
// Nothing rests on it but time: whoever goes on wins an epoch as ever. The one exception is a lease that a backup has
// granted (S8): it is over, because the primary that held it says so, which has let go of it before.
#pragma once

#include <optional>

#include "model/machine.h"
#include "model/replica.h"
#include "model/role.h"

namespace smalldb {

class Leaver {
 public:
  // `link`: to the peer that is told, if there is one.
  Leaver(Replica& replica, std::optional<PeerLink> link, Effects& effects);

  Next on_message(Replica& replica, const PeerMessage& message, Effects& effects);
  Next on_heartbeat(Replica& replica, ProcessId from, const Message& message, Effects& effects);
  Next on_link_closed(Replica& replica, Link link, Effects& effects);
  Next on_tick(Replica& replica, Effects& effects);

  // The process may end: a crash from now on would lose nothing, and the peer knows, or takes too long to say so.
  bool done(const Replica& replica) const;

 private:
  std::optional<PeerLink> link_;
  Instant waits_until_;
};

}  // namespace smalldb
