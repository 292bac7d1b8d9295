// Scripts: commands for a Stage, and what is told of them. A golden file (model/testdata/*.txt) is a story in blocks:
//
//     # Prose for people.
//     a command
//     another
//     ----
//     what the machines did, one line each
//
// with an empty line after each block. REWRITE_GOLDEN=1 in the environment writes what is told into the file instead of
// comparing; a person reads the difference before it is kept.
//
//   cast a b arbiter c1          who plays; nodes, arbiter, clients (c1, c2, ...). First of all but `set` and `rule`
//   set SETTING VALUE            a setting of the store or of the clients, or `arbiter KIND`
//   rule NAME off                a rule switched off
//   start a b ...                processes begin
//   crash a / kill a             the machine loses power, or the process alone ends
//   wipe a                       its disk is replaced by an empty one (it must not run)
//   c1 put x 17 [if absent | if exists | if revision 5]; c1 get x; c1 remove x; c1 fill x 1000
//   promote a; checkpoint a; stop a  the operator's commands
//   deliver a->b [N]             what waits from a to b, or the first N of it
//   settle                       deliver all that is not held; no time passes
//   run 300ms                    time passes, and all that is not held is delivered as it comes
//   pass 300ms                   time passes, and nothing is delivered
//   wall 1h                      the wall clocks jump
//   hold a->b; cut a-b; heal a-b a direction waits; nothing at all gets through, datagrams are lost; both again
//   deafen a-b; stall a-b        datagrams are lost; streams wait. `heal` ends that, too
//   close a-b; drop a->b         connections break; what waits is lost
//   hold disk a; disk a [N]; release disk a; fail disk a VERB
//   flip a FILE BIT              a bit of a file (as status and disk lines call it) is turned over
//   shared down; shared up; lose shared answer VERB
//   forge heartbeat a->b epoch 7 an old or foreign word: "I serve", under that epoch
//   status; log a; state a; files a
//   hush COMMAND                 the command, and not a word of it
//   pair                         all start, and are left alone until the second node is in sync; not a word of it
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/testing/stage.h"

namespace smalldb::testing {

// Carries out one command. What is told of it is in stage.told(). Throws std::runtime_error if it makes no sense.
void perform(Stage& stage, std::string_view command);

// A script as a golden file has it, with everything told filled in anew.
std::string retell(std::string_view script);

// A stage for tests that speak in commands.
class Play {
 public:
  // Carries out commands, one a line (or between semicolons), and gives what was told of them.
  std::vector<std::string> operator()(std::string_view commands);

  Stage stage;
};

// Whether, and how often, a line that contains all the parts (separated by "...") in this order was told.
std::size_t times_told(const std::vector<std::string>& told, std::string_view parts);
bool was_told(const std::vector<std::string>& told, std::string_view parts);

}  // namespace smalldb::testing
