// The one place where everything that goes into a machine, and all that comes out of it, can be seen.
#pragma once

#include <vector>

#include "model/machine.h"

namespace smalldb::server {

// Sees each step after the machine has made it and before its effects are carried out: what it saw is enough to make
// the same steps again, elsewhere. Must not keep the references; `Bytes` may be kept, on this thread (decision 0011).
class Tap {
 public:
  virtual ~Tap() = default;

  virtual void on_step(const Moment& moment, const Event& event, const std::vector<Effect>& effects) = 0;
  // The machine found itself in a state that cannot be, in the step for this event. The process ends after this call.
  virtual void on_assertion_failed(const Moment& moment, const Event& event, const char* what) = 0;
};

}  // namespace smalldb::server
