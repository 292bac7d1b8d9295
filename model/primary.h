// The primary: executes, logs, ships, and shows nothing before it is safe.
//
//   client          primary                     backup
//     | -- put x ---> | append, apply, hold        |
//     |               | ------ Records(12) ------> | append
//     |               | sync                       | sync
//     |               | <----- Ack(12) ----------- |
//     | <---- ok ---- | release                    |
//
// The Output Rule (F2; Scales et al. 2010, section 2.2) is kept by the OutputGate: every answer that depends on the
// state is held there with the position it depends on, and `release_outputs` has the only line of smalldb that sends
// one. Only output waits; execution goes on.
//
// Invariants:
//   1. The store has applied the whole log: store.applied() == log.end().
//   2. Nothing of this epoch is sent, and no request executed, before its EpochStarted record is durable here.
//   3. From the BackupJoining record on the gate is closed (S5). After the BackupDeclared record only a won epoch opens
//      it (S4).
//   4. What is shipped is what stands in the log, the same bytes (S1), in order, without gaps.
//   5. The follower's unacknowledged log is bounded: beyond `lag_max` requests wait (F8). Of it no more is on its
//      way than the link carries soon (model/send_window.h), so that no heartbeat is stuck behind it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "model/failure_detector.h"
#include "model/ids.h"
#include "model/machine.h"
#include "model/node_status.h"
#include "model/output_gate.h"
#include "model/replica.h"
#include "model/request.h"
#include "model/role.h"
#include "model/send_window.h"
#include "model/snapshot.h"

namespace smalldb {

class Primary {
 public:
  // Begins an epoch that was won, alone. REQUIRES: store.applied() == log.end().
  Primary(Replica& replica, Epoch epoch, Effects& effects);

  Next on_request(Replica& replica, ClientLink from, const Request& request, Effects& effects);
  Next on_message(Replica& replica, const PeerMessage& message, Effects& effects);
  Next on_heartbeat(Replica& replica, ProcessId from, const Message& message, Effects& effects);
  Next on_link_closed(Replica& replica, Link link, Effects& effects);
  Next on_tick(Replica& replica, Effects& effects);
  void on_checkpoint_command(Replica& replica, Effects& effects);

  // An epoch was won to go on without the backup (S4).
  void go_alone(Replica& replica, Epoch epoch, Effects& effects);

  // Somebody else serves. Requests that wait have not been executed, and are told so; answers held are dropped.
  void leave(Replica& replica, ProcessId new_primary, Effects& effects);

  // It was told to stop: requests are taken no more, and those that wait, which have not been executed, are told so.
  void retire(Replica& replica, Effects& effects);
  // Nothing is owed to anybody any more: every answer has left, all is durable here, and if there is a backup, there.
  // (A declared backup that is out of reach is not waited for; what answers wait for is.)
  bool retired(const Replica& replica) const;
  // The link to the backup, if it may take over; leave() does not close it then. REQUIRES: retired().
  std::optional<PeerLink> hand_over(const Replica& replica);

  // The epoch has begun: requests are executed.
  bool serving(const Replica& replica) const { return replica.log.durable() >= epoch_started_; }

  // Fills in what only a primary knows.
  void fill(NodeStatus& status, const Replica& replica) const;

  // At the end of every step, whatever happened in it: ship, write, release.
  void finish_step(Replica& replica, Effects& effects);

 private:
  // The node that is, or is becoming, the backup.
  struct Follower {
    enum class Phase : std::uint8_t {
      welcomed,  // cutting its log: waits for its Ready
      snapshot,  // taking a snapshot of the running store
      streaming  // taking records
    };
    Follower(const PeerMessage& message, const Hello& hello, const Replica& replica)
        : link(message.link),
          node(message.from),
          directory(hello.directory),
          incarnation(message.message.from),
          greeting(hello.number),
          detector(replica.config.settings.suspect_after, replica.moment.now),
          window(replica.config.settings) {}

    std::uint64_t on_its_way() const { return sent_bytes - acknowledged_bytes; }
    void ask(std::uint64_t confirmation, Instant now) {
      window.ask(confirmation, now);
      asked_behind = sent;
    }
    // It was asked behind the same records, and a wider window, which may let more go, is not to come of its answer.
    bool has_told_all(const Settings& settings) const {
      return asked_behind == sent && window.size() >= settings.log_buffer_bytes;
    }

    PeerLink link;
    ProcessId node;
    DirectoryId directory;
    Incarnation incarnation;
    std::uint64_t greeting;  // the number of its Hello
    FailureDetector detector;
    SendWindow window;
    bool linked = true;
    bool leaves = false;  // it has said so: it is not waited for
    Phase phase = Phase::welcomed;
    Lsn sent;          // last record shipped
    Lsn asked_behind;  // what was so when it was asked last
    Lsn acknowledged;  // as the setting `acknowledge` means it
    // How far into the log, counted as logged_bytes_ is, what was shipped and what was acknowledged reaches; and for
    // what is on its way the end of each message.
    std::uint64_t sent_bytes = 0;
    std::uint64_t acknowledged_bytes = 0;
    std::deque<std::pair<Lsn, std::uint64_t>> shipped;
    std::uint64_t catch_up_max = 0;  // lag_max while it catches up with what came to the log during its snapshot
    std::optional<SnapshotWriter> snapshot;
    Lsn snapshot_lsn;
    std::uint64_t snapshot_taken = 0;
  };

  struct Waiting {
    ClientLink from;
    Request request;
  };

  Next on_hello(Replica& replica, const PeerMessage& message, const Hello& hello, Effects& effects);
  Next on_hello_in_a_pair(Replica& replica, const PeerMessage& message, const Hello& hello, Effects& effects);
  // Not now; `reason`: why its words are not even considered.
  Next turn_away(const Replica& replica, const PeerMessage& message, Effects& effects,
                 std::optional<IgnoreReason> reason = {});
  Next on_snapshot_taken(Replica& replica, const PeerMessage& message, const SnapshotTaken& taken, Effects& effects);
  void on_ready(Replica& replica, const Ready& ready, Effects& effects);
  Next on_ack(Replica& replica, const PeerMessage& message, const Ack& ack, Effects& effects);
  Next on_leaving(Replica& replica, const PeerMessage& message, Effects& effects);

  void execute(Replica& replica, ClientLink from, const Request& request, Effects& effects);
  void hold_until_confirmed(Replica& replica, ClientLink from, Response response, Effects& effects);
  Lsn append(Replica& replica, RecordBody body, Response* response = nullptr);
  // F10: what the store is stamped with.
  WallTime time(const Replica& replica) const;
  void welcome(Replica& replica, const PeerMessage& message, const Hello& hello, Effects& effects);
  void send_snapshot(Replica& replica, Effects& effects);
  void ship(Replica& replica, Effects& effects);
  void send_records(Replica& replica, const LogTail::Run& run, Effects& effects);
  void number_a_confirmation(const Replica& replica);
  void maybe_close_the_gate(Replica& replica, Effects& effects);
  void maybe_declare(Replica& replica, Effects& effects);
  void drop_follower(Replica& replica, Effects& effects);
  Next leave_follower(Replica& replica, const PeerMessage& message, Effects& effects);
  void execute_waiting(Replica& replica, Effects& effects);
  void maybe_append_control_records(Replica& replica, Effects& effects);
  void make_room_for_session(Replica& replica, Effects& effects);
  void expire_sessions(Replica& replica, WallTime cutoff, Effects& effects);
  void keep_what_the_follower_needs(Replica& replica);
  void release_outputs(Replica& replica, Effects& effects);

  bool takes_requests(const Replica& replica) const;
  bool lease_holds(const Replica& replica) const;
  // Bytes of log that the follower has not acknowledged (F8).
  std::uint64_t lag_max(const Replica& replica) const;
  std::uint64_t lag() const { return follower_ ? logged_bytes_ - follower_->acknowledged_bytes : 0; }

  Lsn epoch_started_;               // position of this epoch's first record
  std::uint64_t logged_bytes_ = 0;  // appended by this primary
  Instant stamped_at_;              // when it appended the last record, or became primary
  OutputGate gate_;
  std::optional<Follower> follower_;
  Lsn joining_record_;   // while the standing is joining
  Lsn declared_record_;  // while it is declared
  std::deque<Waiting> waiting_;
  bool retiring_ = false;
  bool flow_control_ = false;
  bool output_held_noted_ = false;

  // Confirmations (S8): reads wait for the number that is sent after they arrived.
  std::uint64_t confirmation_sent_ = 0;
  std::uint64_t confirmation_got_ = 0;
  bool confirmation_wanted_ = false;
  bool keepalive_due_ = false;
  bool confirmed_noted_ = false;
  bool lease_noted_ = false;
  ProcessId another_noted_ = no_process;  // the primary of this epoch that was spoken of last
  // The lease: from the sending of the confirmation that the backup answered with its promise.
  Instant confirmation_sent_at_;
  std::optional<Instant> lease_until_;
};

}  // namespace smalldb
