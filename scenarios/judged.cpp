#include "scenarios/judged.h"

#include "properties/cast.h"
#include "properties/coverage.h"
#include "properties/properties.h"
#include "scenarios/scenario.h"

namespace smalldb::scenarios {

static_assert(nodes_max <= properties::nodes_max, "a scenario could not be judged");

const std::vector<Judged>& judged_properties() {
  static const std::vector<Judged> all = [] {
    std::vector<Judged> list;
    for (const auto& property : properties::descriptions())
      list.push_back({std::string(property.name), std::string(property.what), property.liveness});
    return list;
  }();
  return all;
}

const std::vector<Judged>& judged_conditions() {
  static const std::vector<Judged> all = [] {
    std::vector<Judged> list;
    for (const auto& condition : properties::conditions())
      list.push_back({std::string(condition.name), std::string(condition.what), false});
    return list;
  }();
  return all;
}

}  // namespace smalldb::scenarios
