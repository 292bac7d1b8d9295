#include "reports/run_history.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <variant>

#include "properties/checker/formats/json_writer.h"
#include "reports/test_histories.h"
#include "scenarios/load.h"
#include "scenarios/run.h"

namespace smalldb::reports {
namespace {

std::string history_text(const std::string& yaml) {
  const scenarios::Loaded loaded = scenarios::load_text(yaml, "a.yaml");
  REQUIRE(loaded.scenario.has_value());
  std::ostringstream out;
  RunHistory history(out);
  scenarios::RunOptions options;
  options.reader = [&](const sim::World& world) { history.see(world.events(), world.notes(), WorldNames(world)); };
  scenarios::run(*loaded.scenario, options);
  return out.str();
}

std::string told(const checker::History& history, std::size_t n) {
  std::string text;
  checker::write_json_call(history, history.operations()[n], text);
  checker::write_json_return(history, history.operations()[n], history.operations()[n].returned, text);
  std::string bare;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.compare(at, 5, "\"at\":") == 0) at = text.find(',', at) + 1;
    bare += text[at];
  }
  return bare;
}

TEST_CASE("A run's history is what its users asked and were told") {
  const checker::History history = history_of(history_text(R"(
why: Each kind of operation, one after the other.
workload:
  - clients: c1
    script: [put x=17, get x, get y, delete x, delete x, put x=1 if absent, put x=2 if absent]
end: {heal: no}
)"));
  REQUIRE(history.operations().size() == 7);
  CHECK(told(history, 0) ==
        "{\"process\":\"c1\",\"call\":\"put\",\"key\":\"x\",\"value\":\"17\"}\n"
        "{\"process\":\"c1\",\"return\":\"ok\",\"revision\":" +
            std::to_string(history.operations()[0].revision) + "}\n");
  CHECK(history.operations()[1].revision == history.operations()[0].revision);
  CHECK(history.bytes(history.operations()[1].result) == "17");
  CHECK(history.operations()[2].result == checker::ValueId::absent);
  CHECK(history.operations()[3].outcome == checker::Outcome::ok);
  CHECK(history.operations()[4].outcome == checker::Outcome::mismatched);
  CHECK(history.operations()[5].outcome == checker::Outcome::ok);
  CHECK(history.operations()[6].outcome == checker::Outcome::mismatched);
  CHECK(checker::check(history).conclusion == checker::Conclusion::holds);
}

TEST_CASE("Faults and takeovers are marks of a run's history") {
  const checker::History history = history_of(history_text(R"(
why: The primary dies while a client waits.
workload:
  - {clients: c1, generate: {count: 40}}
faults: [{crash: primary, at: 1s, for: 5s}]
)"));
  bool crash = false, takeover = false;
  for (const auto& mark : history.marks()) {
    crash = crash || (mark.text.starts_with("a") && mark.to > mark.from);
    takeover = takeover || mark.text.find("takes over") != std::string::npos;
  }
  CHECK(crash);
  CHECK(takeover);
  CHECK(checker::check(history).conclusion == checker::Conclusion::holds);
}

TEST_CASE("A fault that is over at once is a mark of one instant") {
  const checker::History history = history_of(history_text(R"(
why: Connections break, and packets are late from then on.
workload:
  - {clients: c1, generate: {count: 40}}
faults: [{reset: c1 <-> a, at: 1s}, {delay: c1 <-> a, by: 1ms, at: 1s}]
end: {until: 2s}
)"));
  REQUIRE(history.marks().size() == 2);
  const bool reset_is_first = history.marks()[0].text.find("break") != std::string::npos;
  const auto &reset = history.marks()[reset_is_first ? 0 : 1], &delay = history.marks()[reset_is_first ? 1 : 0];
  CHECK(reset.text.find("break") != std::string::npos);
  CHECK(reset.to == reset.from);
  CHECK(delay.to > delay.from);
}

TEST_CASE("A client with several operations under way is several processes") {
  const checker::History history = history_of(history_text(R"(
why: Four at a time.
workload:
  - {clients: c1, in_flight: 4, generate: {count: 40}}
end: {heal: no}
)"));
  CHECK(history.process_count() > 1);
  CHECK(history.operations().size() == 40);
}

}  // namespace
}  // namespace smalldb::reports
