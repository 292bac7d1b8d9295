// The client: finds the primary, sends its user's operations, retries under the same request number, and tells what it
// knows of each outcome.
//
// An operation comes in as an `Input` holding an encoded `Invocation`, and goes out as a `Report` holding an encoded
// `Completion`. Up to `in_flight_max` operations run at a time, each under a request number of its own; more wait their
// turn. Before the first one the client opens a session (S9).
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
std::optional<Invocation> decode_invocation(std::string_view bytes);
std::optional<Completion> decode_completion(std::string_view bytes);
std::string_view name(Outcome outcome);

struct ClientSettings {
  Duration answer_within = milliseconds(300);  // then the attempt is given up, and the next node tried
  Duration retry_after = milliseconds(50);     // after a refusal or a failed connection
  Duration give_up_after = seconds(30);        // then the operation's outcome is reported as it is known
  std::uint32_t in_flight_max = 1;             // <= Settings::session_window
};

struct ClientConfig {
  ProcessId self = no_process;
  std::vector<ProcessId> nodes;
  ClientSettings settings;
};

class Client final : public Machine {
 public:
  explicit Client(ClientConfig config);

  void step(const Moment& moment, const Event& event, Effects& effects) override;
  std::unique_ptr<Machine> clone() const override;

 private:
  enum Timer : std::uint32_t { attempt_timer, give_up_timer };

  // An operation that has been given a request number.
  struct Pending {
    Invocation invocation;
    std::uint64_t request_number = 0;
    Instant give_up_at;
    bool sent_now = false;      // on the present link, not refused since
    bool ever_unanswered = false;  // some attempt was sent and neither answered nor refused: it may take effect
    std::uint32_t attempts = 0;
  };

  void on_input(const Input& input, Effects& effects);
  void on_connected(const Connected& connected, Effects& effects);
  void on_closed(const Closed& closed, Effects& effects);
  void on_received(const Received& received, Effects& effects);
  void on_response(const Response& response, Effects& effects);
  void on_refusal(const Response& response, Effects& effects);
  void on_session_opened(const Response& response, Effects& effects);
  void on_session_expired(Effects& effects);
  void on_attempt_timer(Effects& effects);
  void on_give_up_timer(Effects& effects);

  void work(Effects& effects);
  void connect_to(ProcessId node, Effects& effects);
  void drop_link(bool close, Effects& effects);
  void try_next_node(Effects& effects);
  void send_request(Pending& pending, Effects& effects);
  void send_open_session(Effects& effects);
  void complete(std::uint64_t request_number, const Completion& completion, Effects& effects);
  void arm_give_up(Effects& effects);
  void note(NoteKind kind, std::uint64_t a, std::uint64_t b, Effects& effects) const;
  std::uint64_t oldest_unanswered() const;

  ClientConfig config_;
  Moment moment_;
  Incarnation incarnation_;
  SessionId session_;          // 0: none open
  bool opening_session_ = false;  // the request to open one is on the present link
  std::uint64_t next_request_ = 1;
  std::map<std::uint64_t, Pending> pending_;  // by request number
  std::deque<Invocation> waiting_;

  std::size_t next_node_ = 0;           // in config_.nodes: whom to try next
  ProcessId node_ = no_process;         // at the other end of link_
  std::optional<PeerLink> link_;
  bool connected_ = false;
  bool answered_here_ = false;          // the node at the other end has answered as the primary
  bool attempt_timer_armed_ = false;
  FrameReader frames_;
};

}  // namespace smalldb
