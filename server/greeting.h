// What two processes say to each other before a connection carries the machines' messages: who they are, what the
// connection is for, and the proof that both have the secret.
//
//   connector                                     acceptor
//      | -- hello: port, nonce, whom it wants, ---> |
//      |      who it is, its terms                  |
//      | <- welcome: nonce, who it is, its terms, - |
//      |      whom it knows, MAC(welcome; hello)    |
//      | -- proof: MAC(proof; hello, welcome) ----> |
//      |                                            |  from here on: frames of model/messages.h
//
// Each MAC covers both nonces and all that was said, under a label of its own, so none can be played back or reflected.
// The acceptor believes nothing that the connector said before its proof. A refusal comes in the place of the welcome:
// a text for people, of which nothing is believed either.
//
// Nodes that were told differently what they must be told alike (terms.h) have proved the secret to each other before
// each finds that out for itself, and fails: both know why.
//
// A Greeting is one end of it: a value that is fed bytes and says what to send.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/machine.h"
#include "server/members.h"
#include "server/secret.h"
#include "server/terms.h"

namespace smalldb::server {

class Greeting {
 public:
  enum class State : std::uint8_t { going_on, done, failed };

  // Who one is. `terms`: empty between a node and an arbiter.
  struct Self {
    const Secret* secret;
    Member member;
    std::vector<Term> terms;
  };

  // The end that connected, and wants the process called `whom`.
  static Greeting connect(Self self, const std::string& whom, Port port);
  // The end that was connected to. `known`: the processes to tell of.
  static Greeting accept(Self self, Port port, std::vector<Member> known);

  // Takes the next bytes of the stream. What is to be sent then is in take_output().
  void take(std::string_view bytes);
  std::string take_output() { return std::exchange(output_, {}); }

  State state() const { return state_; }
  // Why it failed, for the log.
  const std::string& why() const { return why_; }
  // The other end. Before it is done: who it says that it is, if it has.
  const Member& peer() const { return peer_; }
  // Whether this is the acceptor, and waits for the connector's proof.
  bool waits_for_proof() const { return state_ == State::going_on && !connector_ && !hello_.empty(); }
  // Whom the acceptor knows. REQUIRES: done, at the connector.
  const std::vector<Member>& known() const { return known_; }
  // What came behind the greeting: the beginning of the machines' messages. REQUIRES: done.
  const std::string& rest() const { return input_; }

 private:
  Greeting(Self self, Port port) : self_(std::move(self)), port_(port) {}

  void say(std::string_view body);
  void fail(std::string why);
  void on_part(std::string_view body);
  void on_hello(std::string_view body);
  void on_welcome(std::string_view body);
  void on_proof(std::string_view body);
  void compare_terms();

  Self self_;
  Port port_;
  bool connector_ = false;
  std::string whom_;
  std::vector<Member> known_;

  State state_ = State::going_on;
  std::string why_;
  std::string input_;
  std::string output_;
  std::string hello_;    // as it was said
  std::string welcome_;  // as it was said
  Member peer_;
  std::vector<Term> peer_terms_;
};

}  // namespace smalldb::server
