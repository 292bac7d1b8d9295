#include "model/refusal.h"

#include "model/assert.h"
#include "model/messages.h"

namespace smalldb {

Refusal RefusalMaker::make(const Request& request, Status reason, ProcessId primary) {
  SMALLDB_ASSERT(is_refusal(reason), name(reason));
  Response response;
  response.session = request.session;
  response.number = request.number;
  response.status = reason;
  response.primary = primary;
  return Refusal(encode(Epoch{}, Incarnation{}, ResponseMessage{response}));
}

}  // namespace smalldb
