// The host's side of the edge (model/machine.h): what a host does and no machine may. No machine includes this, and
// cmake/tidy.py holds it to that: whoever has it can say anything to anybody.
#pragma once

#include <vector>

#include "model/machine.h"

namespace smalldb {

// What a host makes, one per process, hands to each step as Effects, carries out and clears.
class HostEffects : public Effects {
 public:
  using Effects::recorded;
  std::vector<Effect>& recorded() { return list_; }
  // The number of the next link, drawn here for links that the process asks for and by the host for those it accepts.
  Link take_link() { return Link{next_link_++}; }
};

// Only a host knows who has connected, and to what.
struct HostEvents {
  static Accepted accepted(Link link, ProcessId from, Port port) { return Accepted(link, from, port); }
};

}  // namespace smalldb
