#include "scenarios/quantities.h"

#include "scenarios/language.h"

namespace smalldb::scenarios {

Quantities quantities_of(Scenario& scenario) {
  Quantities found;
  grammar::QuantityFinder finder(found);
  grammar::fields(finder, scenario);
  return found;
}

}  // namespace smalldb::scenarios
