// A probe (probe.h) of all that the language can say.
#include "scenarios/testing/generator.h"
#include "scenarios/testing/probe.h"

int main(int arguments, char** argument) {
  using namespace smalldb::scenarios;
  return testing::probe_all(arguments, argument, [](std::uint64_t number) -> Scenario {
    constexpr int size = 40;
    return testing::any_scenario()(rc::Random(number), size).value();
  });
}
