// Runs scenarios until one fails for certain: how soon a bug of the store is noticed. Linked with the store as it is,
// and with each mutant of it (properties/mutants/).
//
//     first_kill swarm FIRST LAST      what seeds FIRST to LAST stand for in `smalldb-sim fuzz`
//     first_kill plain FIRST LAST      the same drawn plainly (plain.h)
//     first_kill library FIRST LAST    rounds FIRST to LAST: every scenario of the library, in an order and with seeds
//                                      of the round's own
//     first_kill scenarios/NAME.yaml   that scenario, as it stands there
//     first_kill scenarios/NAME.yaml FIRST LAST   the same with seeds FIRST to LAST
//
// Prints one line of JSON: how many scenarios were run, with how many events in all, and what the last one failed by,
// if it did. A run that takes 20 s of the processor counts as a hang, one that breaks the program as a crash.
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/campaign/campaign.h"
#include "scenarios/campaign/failure.h"
#include "scenarios/generator/draws.h"
#include "scenarios/run.h"
#include "scenarios/testing/library.h"
#include "scenarios/testing/plain.h"

namespace {

using namespace smalldb;
using namespace smalldb::scenarios;

constexpr int hang_after_s = 20;

struct Progress {
  std::uint64_t runs = 0;
  std::uint64_t events = 0;
  std::string name;  // of the scenario being run
};
Progress progress;

void print(std::string_view property, std::string_view shape) {
  std::cout << R"({"runs": )" << progress.runs << R"(, "events": )" << progress.events << R"(, "last": ")"
            << progress.name << R"(", "property": ")" << property << R"(", "shape": ")" << shape << "\"}\n"
            << std::flush;
}

// A mutant may do anything, and there is nothing to go back to.
void on_signal(int signal) {
  print(signal == SIGVTALRM ? "hang" : "crash", "");
  _exit(0);
}

// 0: no longer.
void give_it(int seconds) {
  itimerval left{};
  left.it_value.tv_sec = seconds;
  setitimer(ITIMER_VIRTUAL, &left, nullptr);
}

bool fails(const Scenario& scenario, std::string name) {
  progress.name = std::move(name);
  ++progress.runs;
  give_it(hang_after_s);
  RunOptions options;
  options.events_max = 2'000'000;
  const Result result = run(scenario, options);
  give_it(0);
  progress.events += result.event_count;
  const std::optional<Failure> failure = failure_of(result);
  if (!failure || !is_certain(failure->kind)) return false;
  std::string shape = failure->kind.shape;
  std::replace(shape.begin(), shape.end(), '"', '\'');
  print(failure->kind.property, shape);
  return true;
}

bool fails_in_round(std::vector<Scenario> library, std::uint64_t round) {
  Draws draws(round);
  for (std::size_t left = library.size(); left > 0; --left) {
    std::swap(library[left - 1], library[draws.below(left)]);
    Scenario& scenario = library[left - 1];
    scenario.seed = draws.below(std::uint64_t{1} << 40);
    if (fails(scenario, scenario.name + " with seed " + std::to_string(scenario.seed))) return true;
  }
  return false;
}

}  // namespace

int main(int arguments, char** argument) {
  const std::string_view strategy = arguments == 4 ? argument[1] : "";
  std::function<bool(std::uint64_t)> fails_at;
  const Campaign campaign;
  if (strategy == "swarm") {
    fails_at = [&](std::uint64_t seed) { return fails(campaign.scenario_of(seed), std::to_string(seed)); };
  } else if (strategy == "plain") {
    fails_at = [&](std::uint64_t seed) {
      return fails(testing::plain_scenario(seed, campaign.budget_of(seed)), std::to_string(seed));
    };
  } else if (strategy == "library") {
    fails_at = [library = testing::library()](std::uint64_t round) { return fails_in_round(library, round); };
  } else if (arguments == 2) {
    fails_at = [scenario = testing::load_one(argument[1])](std::uint64_t) { return fails(scenario, scenario.name); };
  } else if (arguments == 4) {
    fails_at = [scenario = testing::load_one(argument[1])](std::uint64_t seed) mutable {
      scenario.seed = seed;
      return fails(scenario, std::to_string(seed));
    };
  } else {
    std::cerr << "usage: first_kill swarm|plain|library FIRST LAST\n       first_kill SCENARIO.yaml [FIRST LAST]\n";
    return 3;
  }
  for (const int signal : {SIGVTALRM, SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGILL}) std::signal(signal, on_signal);
  const std::uint64_t first = arguments == 4 ? std::strtoull(argument[2], nullptr, 10) : 0;
  const std::uint64_t last = arguments == 4 ? std::strtoull(argument[3], nullptr, 10) : 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    if (fails_at(seed)) return 0;
  }
  progress.name.clear();
  print("", "");
  return 0;
}
