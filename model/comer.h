// A node that has been welcomed by a primary and makes its log a prefix of the primary's (S6).
//
//     comer                                     primary
//       | -- Hello(what I have) -----------------> |   (model/seeker.h)
//       | <---------- Welcome(cut) --------------- |
//       | cut the log, durably                     |
//       | -- Ready(end) -------------------------> | -- Records ... ->   (model/backup.h)
//
// or, where too much is missing or the logs part below the comer's checkpoint,
//
//       | <---------- Welcome(snapshot as of s) -- |
//       | <---------- SnapshotChunk ... ---------- |
//       | -- SnapshotTaken ... ------------------> |
//       | install, durably                         |
//       | -- Ready(s) ---------------------------> |
//
// What lies beyond the cut was never released, or the primary would have it. If an epoch begins there, the primary is
// of another history (decision 0017): nothing is cut or replaced then, and the node stops for a person to decide.
// Interrupted at any point, all of it begins again with a Hello.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "model/failure_detector.h"
#include "model/replica.h"
#include "model/role.h"

namespace smalldb {

class Comer {
 public:
  Comer(Replica& replica, const next::Join& join, Effects& effects);

  Next on_message(Replica& replica, const PeerMessage& message, Effects& effects);
  Next on_heartbeat(Replica& replica, ProcessId from, const Message& message, Effects& effects);
  Next on_link_closed(Replica& replica, Link link, Effects& effects);
  Next on_tick(Replica& replica, Effects& effects);
  // The log, the checkpoint writer or the installer has gone on.
  Next on_disk_done(Replica& replica, Effects& effects);
  void leave(Replica& replica, Effects& effects);

 private:
  Next go_on(Replica& replica, Effects& effects);
  std::string other_history(const Replica& replica) const;
  Next cut(Replica& replica, Effects& effects);
  Next install(Replica& replica, Effects& effects);
  Next follow(Replica& replica, Effects& effects);
  Next give_up(Replica& replica, Effects& effects);

  next::Join join_;
  FailureDetector detector_;
  bool link_closed_ = false;
  bool cut_begun_ = false;
  bool install_begun_ = false;
  std::deque<SnapshotChunk> chunks_;  // that came before the installer could begin
  std::uint64_t taken_told_ = 0;      // in the last SnapshotTaken
};

}  // namespace smalldb
