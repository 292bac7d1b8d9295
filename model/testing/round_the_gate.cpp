// What must not compile: ways round the output gate (F2). ctest compiles this with each WAY in turn and expects the
// compiler's complaint; WAY 0 is the honest road and compiles.
#include "model/machine.h"
#include "model/messages.h"
#include "model/output_gate.h"
#include "model/refusal.h"

namespace smalldb {

void answer(OutputGate& gate, ClientLink client, PeerLink peer, const Bytes& state, Effects& effects) {
#if WAY == 0
  gate.hold(client, Lsn{1}, state);
  for (const Output& output : gate.release()) effects.reply(output);
  effects.reply(client, RefusalMaker::make({}, Status::not_serving));
  effects.send(peer, state);
#elif WAY == 1   // an output of one's own
  effects.reply(Output(client, state));
#elif WAY == 2   // state in the guise of a refusal
  effects.reply(client, Refusal(state));
#elif WAY == 3   // bytes instead of an output
  effects.reply(client, state);
#elif WAY == 4   // a message, as to a peer
  effects.send(client, state);
#elif WAY == 5   // a client in the guise of a peer
  effects.send(PeerLink(client.link()), state);
#elif WAY == 6   // an effect of one's own
  effects.recorded().emplace_back(effect::Reply{client.link(), state});
#elif WAY == 7   // a client that is said to have connected as a peer
  effects.send(Accepted(client.link(), ProcessId{1}, Port::replication).as_peer(), state);
#elif WAY == 8   // the effects as their host has them
  static_cast<HostEffects&>(effects).recorded().emplace_back(effect::Reply{client.link(), state});
#elif WAY == 9   // effects of one's own, whose links bear the same numbers
  Effects own;
  PeerLink link = own.connect(ProcessId{1}, Port::replication);
  while (link.link() != client.link()) link = own.connect(ProcessId{1}, Port::replication);
  effects.send(link, state);
#elif WAY == 10  // a gate of one's own
  OutputGate own({}, Lsn{1});
  own.hold(client, Lsn{1}, state);
  for (const Output& output : own.release()) effects.reply(output);
#elif WAY == 11  // one client's answer to another
  for (const Output& output : gate.release()) effects.reply(client, output);
#endif
  static_cast<void>(peer);
}

}  // namespace smalldb
