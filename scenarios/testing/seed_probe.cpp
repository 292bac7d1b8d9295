// A probe (probe.h) of the seeds of a campaign. Links nothing but the standard library, so that it can be built for any
// machine.
#include "scenarios/campaign/campaign.h"
#include "scenarios/testing/probe.h"

int main(int arguments, char** argument) {
  using namespace smalldb::scenarios;
  const Campaign campaign;
  return testing::probe_all(arguments, argument, [&](std::uint64_t seed) { return campaign.scenario_of(seed); });
}
