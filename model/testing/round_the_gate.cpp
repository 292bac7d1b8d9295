// What must not compile: ways round the output gate (F2). ctest compiles this with each WAY in turn and expects the
// compiler's complaint; WAY 0 is the honest road and compiles.
#include "model/machine.h"
#include "model/messages.h"
#include "model/output_gate.h"
#include "model/refusal.h"

namespace smalldb {

void answer(ClientLink client, PeerLink peer, const Bytes& state, Effects& effects) {
#if WAY == 0
  OutputGate gate({}, Lsn{1});
  gate.hold(client, Lsn{1}, state);
  for (OutputGate::Released& released : gate.release()) effects.reply(released.to, std::move(released.output));
  effects.reply(client, RefusalMaker::make({}, Status::not_serving));
  effects.send(peer, state);
#elif WAY == 1  // an output of one's own
  effects.reply(client, Output(state));
#elif WAY == 2  // state in the guise of a refusal
  effects.reply(client, Refusal(state));
#elif WAY == 3  // bytes instead of an output
  effects.reply(client, state);
#elif WAY == 4  // a message, as to a peer
  effects.send(client, state);
#elif WAY == 5  // a client in the guise of a peer
  effects.send(PeerLink(client.link()), state);
#elif WAY == 6  // an effect of one's own
  effects.recorded().emplace_back(effect::Reply{client.link(), state});
#endif
  static_cast<void>(peer);
}

}  // namespace smalldb
