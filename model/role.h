// What the roles of a node share: how they are told of messages, and how they ask to become another.
//
// Handlers run to completion and then say what should come next; the node alone changes roles (model/node.cpp).
#pragma once

#include <optional>
#include <variant>

#include "model/ids.h"
#include "model/machine.h"
#include "model/messages.h"

namespace smalldb {

// A message from another node, and the link that it came on (which is also the way to answer).
struct PeerMessage {
  PeerLink link;
  ProcessId from;
  Message message;
};

namespace next {

// Look for a primary, first at `hint` if that is known. `fenced`: somebody else holds a later epoch. `handed_over`: the
// primary stops and has said so: whoever may claim the next epoch claims it at once.
struct Seek {
  ProcessId hint = no_process;
  bool fenced = false;
  bool handed_over = false;
};
// Follow the primary who said welcome: cut the log, install a snapshot if one is coming.
struct Join {
  PeerLink link;
  ProcessId primary;
  Incarnation primary_incarnation;
  Epoch primary_epoch;
  Welcome welcome;
};
// The log is a prefix of the primary's: take its records.
struct Follow {
  PeerLink link;
  ProcessId primary;
  Incarnation primary_incarnation;
  Epoch primary_epoch;
};
// Ask the arbiter for the next epoch, and go on in the same role until it answers.
struct Claim {};
// The claim has no reason any more.
struct Withdraw {};
// Read the disk again: what is in memory went beyond what the log now holds.
struct Recover {};
// Nothing goes on any more: the process has been asked to end, and why has been said.
struct Stop {};

}  // namespace next

using Next = std::optional<
    std::variant<next::Seek, next::Join, next::Follow, next::Claim, next::Withdraw, next::Recover, next::Stop>>;

}  // namespace smalldb
