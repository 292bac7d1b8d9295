// The client: finds the primary, sends its user's operations, retries under the same request number, and tells what it
// knows of each outcome.
//
// An operation comes in as an `Input` holding an encoded `Invocation`, and goes out as a `Report` holding an encoded
// `Completion`. Up to `in_flight_max` operations run at a time, each under a request number of its own; more wait their
// turn. Before the first one the client opens a session (S9), unless it is one that asks outside of sessions: then the
// store knows none of its requests again, so what may have taken effect is not sent twice.
//
// Definite from unknown (S10): an attempt that was refused did not and will not take effect. An attempt that was sent
// and not answered may. So an operation of which every attempt was refused has *failed* when the client gives up on it,
// and one with an unanswered attempt is *unknown*.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "model/machine.h"
#include "model/messages.h"
#include "model/notes.h"
#include "model/request.h"

namespace smalldb {

// One operation of a client's user.
struct Invocation {
  std::uint64_t number = 0;  // chosen by the user, handed back
  Verb verb = Verb::get;
  Bytes key;
  Bytes value;
  Condition condition;

  friend bool operator==(const Invocation&, const Invocation&) = default;
};

enum class Outcome : std::uint8_t {
  ok,
  not_found,
  condition_failed,
  failed,   // definitely: it did not and will not take effect
  unknown,  // it may take effect at any time from its invocation on, or never
};

struct Completion {
  std::uint64_t number = 0;
  Outcome outcome = Outcome::unknown;
  Revision revision;
  Bytes value;

  friend bool operator==(const Completion&, const Completion&) = default;
};

Bytes encode(const Invocation& invocation);
Bytes encode(const Completion& completion);
std::optional<Invocation> decode_invocation(const Bytes& bytes);
std::optional<Completion> decode_completion(const Bytes& bytes);
std::string_view name(Outcome outcome);
// What an answer of the store says. REQUIRES: no refusal, and not session_expired, which says nothing of the operation.
Outcome outcome_of(Status status);

struct ClientSettings {
  Duration answer_within = milliseconds(300);  // then the attempt is given up, and the next node tried
  Duration retry_after = milliseconds(50);     // after a refusal or a failed connection
  Duration give_up_after = seconds(30);        // then the operation's outcome is reported as it is known
  std::uint32_t in_flight_max = 1;             // <= Settings::session_window

  friend bool operator==(const ClientSettings&, const ClientSettings&) = default;
};

struct ClientConfig {
  ProcessId self = no_process;
  std::vector<ProcessId> nodes;
  ClientSettings settings;
  bool in_session = true;
};

class Client final : public Machine {
 public:
  explicit Client(ClientConfig config);

  void step(const Moment& moment, const Event& event, Effects& effects) override;
  std::unique_ptr<Machine> clone() const override;

 private:
  enum Timer : std::uint32_t { attempt_timer, give_up_timer };

  // An operation on its way: waiting its turn, or given a request number.
  struct Pending {
    Invocation invocation;
    Instant give_up_at;
    bool sent = false;             // on the present link, and not refused since
    bool may_take_effect = false;  // an attempt on an earlier link was neither answered nor refused
    std::uint32_t attempts = 0;
  };
  using PendingByNumber = std::map<std::uint64_t, Pending>;  // by request number

  void on_input(const Input& input, Effects& effects);
  void on_connected(Effects& effects);
  void on_closed(Effects& effects);
  void on_received(const Received& received, Effects& effects);
  void on_response(const Response& response, Effects& effects);
  void on_answer(PendingByNumber::iterator pending, const Response& response, Effects& effects);
  void on_refusal(PendingByNumber::iterator pending, const Response& response, Effects& effects);
  void on_session_expired(PendingByNumber::iterator refused, Effects& effects);
  void on_attempt_timer(Effects& effects);
  void on_give_up_timer(Effects& effects);

  void work(Effects& effects);
  void send_request(std::uint64_t number, Pending& pending, Effects& effects);
  void send_open_session(Effects& effects);
  void leave(Effects& effects);
  void go_to(ProcessId node);
  void go_to_next();
  void give_up(const Pending& pending, Effects& effects);
  void complete(const Pending& pending, Outcome outcome, const Response& response, Effects& effects);
  void arm_attempt_timer(Effects& effects);
  void arm_give_up_timer(Effects& effects);
  void note(NoteKind kind, std::uint64_t a, std::uint64_t b, Effects& effects) const;
  std::uint64_t oldest_unanswered() const;
  bool waits_for_an_answer() const;

  ClientConfig config_;
  Moment moment_;
  Incarnation incarnation_;
  SessionId session_;  // 0: none open
  std::uint64_t next_request_ = 1;
  PendingByNumber pending_;
  std::deque<Pending> waiting_;

  std::size_t target_ = 0;  // in config_.nodes: whom to talk to
  std::size_t round_ = 0;   // likewise: whose turn it was when nobody else was named
  std::optional<PeerLink> link_;
  bool connected_ = false;
  bool resting_ = false;          // refused: nothing is sent before the attempt timer fires
  bool opening_session_ = false;  // asked for on the present link
  bool answered_here_ = false;    // the target has answered as the primary
  FrameReader frames_;
};

}  // namespace smalldb
