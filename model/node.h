// A node of the store: one Replica, one role at a time, and the transitions between roles.
//
//                        +------------ fenced, or lost its primary -------------+
//                        v                                                      |
//     recovering --> seeking --- welcomed ---> joining --- ready ---> backup ---+
//         ^            |  ^                       |                     |       |
//         |            |  +--- link lost ---------+                     |       |
//         |            |                          |                     |       |
//         +----- what was executed is cut --------+                     |       |
//                      |                                                |       |
//                      +---- won the next epoch ----> primary <---------+       |
//                                                        |                      |
//                                                        +----------------------+
//
// Whoever is told to stop becomes a leaver, and ends (leaver.h).
//
// A role is a type that has no more than its rights: a Backup has no gate, and so cannot answer. Whatever a role asks
// for (role.h) is done here, and nowhere else.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "model/arbiter_watch.h"
#include "model/backup.h"
#include "model/claimer.h"
#include "model/comer.h"
#include "model/leaver.h"
#include "model/machine.h"
#include "model/node_status.h"
#include "model/operator_command.h"
#include "model/primary.h"
#include "model/recovery.h"
#include "model/replica.h"
#include "model/role.h"
#include "model/seeker.h"

namespace smalldb {

class Node final : public Machine {
 public:
  explicit Node(NodeConfig config);

  void step(const Moment& moment, const Event& event, Effects& effects) override;
  std::unique_ptr<Machine> clone() const override;

  NodeStatus status() const;

 private:
  enum Timer : std::uint32_t { tick_timer, seek_timer, claim_timer, arbiter_timer };

  // Nothing goes on any more: the process has asked to be stopped.
  struct Stopped {};
  using AnyRole = std::variant<Recovery, Seeker, Comer, Backup, Primary, Leaver, Stopped>;

  struct ClientConnection {
    ClientLink link;
    FrameReader frames;
  };
  struct PeerConnection {
    PeerLink link;
    ProcessId node;
    FrameReader frames;
  };

  void on(const Started& started, Effects& effects);
  void on(const TimerFired& fired, Effects& effects);
  void on(const Accepted& accepted, Effects& effects);
  void on(const Connected& connected, Effects& effects);
  void on(const Closed& closed, Effects& effects);
  void on(const Received& received, Effects& effects);
  void on(const DatagramReceived& datagram, Effects& effects);
  void on(const DiskDone& done, Effects& effects);
  void on(const Input& input, Effects& effects);

  void meet(ProcessId node);
  void on_client_bytes(ClientConnection& client, const Bytes& bytes, Effects& effects);
  void on_request(ClientLink from, const Request& request, Effects& effects);
  void on_peer_bytes(Link link, const Bytes& bytes, Effects& effects);
  void on_peer_message(const PeerMessage& message, Effects& effects);
  void on_recovery_done(Effects& effects);
  void on_tick(Effects& effects);
  void finish_step(Effects& effects);

  template <class Handle>
  Next ask_role(Handle handle);
  void follow_up(const Next& next, Effects& effects);
  void note_arbiter(Effects& effects);
  bool may_claim(Epoch epoch) const;
  void start_claim(Effects& effects);
  void withdraw_claim(Effects& effects);
  void on_claim_result(const ClaimResult& result, Effects& effects);
  void stop_in_another_store(Effects& effects);

  void become_recovering(Effects& effects);
  void become_seeker(const next::Seek& seek, Effects& effects);
  void become_comer(const next::Join& join, Effects& effects);
  void become_backup(const next::Follow& follow, Effects& effects);
  void become_primary(Epoch epoch, Effects& effects);
  void become_leaver(Effects& effects);
  void go_on_stopping(Effects& effects);
  void leave_role(ProcessId new_primary, Effects& effects);
  void set_role(Role role, Effects& effects);
  ProcessId known_primary() const;

  NodeConfig config_;
  Moment moment_;
  Incarnation incarnation_;
  DirectoryId fresh_directory_;  // the identity of the next directory that this life of the process may have to make
  AnyRole role_;
  bool stopping_ = false;           // it was told to
  std::optional<Replica> replica_;  // none while it recovers for the first time
  Claimer claimer_;
  ArbiterWatch arbiter_watch_;
  bool arbiter_away_noted_ = false;
  bool arbiter_silent_noted_ = false;
  Epoch lost_;  // the last epoch that somebody else is known to have: claiming it again is of no use
  std::optional<Epoch> live_after_cut_;  // drain_before_live off: won, and dropping what was not executed
  ProcessId primary_hint_ = no_process;
  std::map<Link, ClientConnection> clients_;
  std::map<Link, PeerConnection> peers_;
};

}  // namespace smalldb
