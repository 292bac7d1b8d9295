// What two processes say to each other before a connection carries the machines' messages: who they are, what the
// connection is for, and the proof that both have the secret.
//
//   connector                                     acceptor
//      | -- hello: version, port, nonce ----------> |
//      | <- challenge: nonce ---------------------- |
//      | -- proof: MAC(hello, challenge) ---------> |
//      | <- welcome: who it is, its terms, -------- |
//      |      whom it knows, MAC(all so far)        |
//      | -- introduction: whom it wants, who it --> |
//      |      is, its terms, MAC(all so far)        |
//      |                                            |  from here on: frames of model/messages.h
//
// Who connects proves the secret first, so that a stranger who does is told nothing, not even what a guess at the
// secret could be tried on; and no name is said to anybody who has not proved it. (What is on the wire is there to be
// read all the same: TLS hides it.) Each MAC covers both nonces, under a label of its own, so none can be played back
// or reflected.
//
// A refusal may come in the place of the challenge or the welcome: a text for people, of which nothing is believed.
//
// Nodes that were told differently what they must be told alike (terms.h) have proved the secret to each other before
// each finds that out for itself, and fails: both know why.
//
// A Greeting is one end of it: a value that is fed bytes and says what to send.
#pragma once

#include <cstdint>
#include <optional>
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
  // The other end, once it has proved the secret and said who it is.
  const Member& peer() const { return peer_; }
  // Whether this is the acceptor, and waits for the connector's proof.
  bool waits_for_proof() const { return state_ == State::going_on && next_ == Part::proof; }
  // Whom the acceptor knows. REQUIRES: done, at the connector.
  const std::vector<Member>& known() const { return known_; }
  // What came behind the greeting: the beginning of the machines' messages. REQUIRES: done.
  const std::string& rest() const { return input_; }

 private:
  enum class Part : std::uint8_t { hello, challenge, proof, welcome, introduction };

  Greeting(Self self, Port port, Part first) : self_(std::move(self)), port_(port), next_(first) {}

  void say(std::string_view body);
  void say_sealed(std::string_view body, std::string_view label);
  std::optional<std::string_view> unseal(std::string_view body, std::string_view label);
  void fail(std::string why);
  void refuse(const std::string& to_it, std::string why);
  bool is_refused(std::string_view body);
  void on_part(std::string_view body);
  void on_hello(std::string_view body);
  void on_challenge(std::string_view body);
  void on_proof(std::string_view body);
  void on_welcome(std::string_view body);
  void on_introduction(std::string_view body);
  void compare(const std::string& whom, const std::string& name);

  Self self_;
  Port port_;
  Part next_;  // of what the other end has to say
  std::string whom_;
  std::vector<Member> known_;

  State state_ = State::going_on;
  std::string why_;
  std::string input_;
  std::string output_;
  std::string said_;  // hello and challenge, and the welcome when it has been said
  Member peer_;
  std::vector<Term> peer_terms_;
};

}  // namespace smalldb::server
