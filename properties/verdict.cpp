#include "properties/verdict.h"

#include <algorithm>

namespace smalldb::properties {

void Property::violate(sim::Time at, std::string kind, std::string witness,
                       std::initializer_list<sim::EventIndex> events) {
  if (violated()) return;
  verdict_ = {Conclusion::violated, std::move(kind), std::move(witness), events, at, true};
  std::erase(verdict_.events, sim::no_event);
  std::sort(verdict_.events.begin(), verdict_.events.end());
  verdict_.events.erase(std::unique(verdict_.events.begin(), verdict_.events.end()), verdict_.events.end());
}

void Property::doubt(std::string why) {
  if (verdict_.conclusion != Conclusion::holds) return;
  verdict_.conclusion = Conclusion::unknown;
  verdict_.witness = std::move(why);
}

}  // namespace smalldb::properties
