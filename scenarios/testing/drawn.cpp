#include "scenarios/testing/drawn.h"

#include <ostream>

#include "scenarios/save.h"

namespace smalldb::scenarios {

void showValue(const Scenario& scenario, std::ostream& out) { out << save_text(scenario); }

namespace testing {

rc::Gen<Scenario> drawn_scenario(Budget budget) {
  return [budget](rc::Random random, int) {
    const Choices choices = choices_of(random.next(), budget);
    const auto all = rc::shrinkable::shrinkRecur(
        choices, [](const Choices& some) { return rc::seq::fromContainer(some.simpler()); });
    // The budget is the one that was asked for, whatever becomes of the part that says it.
    return rc::shrinkable::map(all, [budget](const Choices& some) { return generate(Draws(some), budget); });
  };
}

}  // namespace testing
}  // namespace smalldb::scenarios
