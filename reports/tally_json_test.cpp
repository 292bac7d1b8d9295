// Results of campaigns as lines of JSON: what is taken back, and what is not.
#include "reports/tally_json.h"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

namespace smalldb::reports {
namespace {

using scenarios::Block;
using scenarios::Budget;

Block block() {
  Block block{{"0.1.0", Budget::survivable, 2000, "why: Fixed."}, {65, 64}, {}};
  scenarios::Tally& tally = block.tally;
  tally.runs = 62;
  tally.events = 70'000;
  tally.simulated_us = 5;
  tally.operations = 1200;
  tally.out_of_memory = {66, 128};
  tally.coverage["fenced"] = 7;
  tally.runs_with["fenced"] = 6;
  tally.judged["linearizability"] = 61;
  tally.faults[0].injected = 4;
  tally.faults[0].effects = 3;
  tally.faults[0].at_step[1] = 2;
  tally.shapes["reads: leased"] = 20;
  tally.add_class({"no_lost_write", "it is gone"}, {2, 70, {71, Budget::survivable, 900, "c1 was given ok"}});
  return block;
}

TEST_CASE("a block is read back as it was written") {
  std::string expected;
  const auto again = read_block(write_block(block()), expected);
  REQUIRE(again);
  CHECK(again->campaign == block().campaign);
  CHECK(again->name == block().name);
  CHECK(write_block(*again) == write_block(block()));
}

TEST_CASE("of a line of which any byte is another nothing is taken") {
  const std::string written = write_block(block());
  for (std::size_t at = 0; at + 1 < written.size(); ++at) {
    INFO("byte " << at);
    std::string text = written;
    text[at] = static_cast<char>(text[at] ^ 1);
    std::string expected;
    CHECK_FALSE(read_block(text, expected));
    CHECK_FALSE(expected.empty());
  }
}

TEST_CASE("numbers and words that cannot be are not counted") {
  const std::string written = write_block(block());
  const auto with = [&](const std::string& what, const std::string& other) {
    const std::size_t at = written.find(what);
    REQUIRE(at != written.npos);
    std::string text = written;
    text.replace(at, what.size(), other);
    std::string expected;
    CHECK_FALSE(read_block(text, expected));
    return expected;
  };
  const std::vector<std::pair<std::string, std::string>> counts = {{"\"events\":70000", "events"},
                                                                   {"\"simulated_us\":5", "simulated_us"},
                                                                   {"\"runs\":62", "runs"},
                                                                   {"\"operations\":1200", "operations"},
                                                                   {"\"fenced\":7", "fenced"},
                                                                   {"\"linearizability\":61", "linearizability"},
                                                                   {"\"seed\":71", "seed"},
                                                                   {"\"count\":64", "count"},
                                                                   {"\"events_max\":2000", "events_max"}};
  for (const auto& [what, name] : counts) {
    INFO(what);
    const std::string key = what.substr(0, what.find(':') + 1);
    for (const char* wrong : {"-5", "1.5", "1e3", "18446744073709551616", "\"7\"", "null"}) {
      CHECK(with(what, key + wrong) == name + ": a whole number from 0");
    }
  }
  CHECK(with("\"survivable\"", "\"harmless\"") == "budget: survivable or unrestricted");
  CHECK(with("\"count\":64", "\"count\":0") == "count: how many seeds there are from the first on");
  CHECK(with("\"first\":65", "\"first\":18446744073709551615") == "count: how many seeds there are from the first on");
  CHECK(with("\"runs\":62", "\"runs\":63") == "runs and out_of_memory: no more of them than seeds");
  for (const char* wrong : {"[66,129]", "[64]", "[66,66]"}) {
    CHECK(with("[66,128]", wrong) == "out_of_memory: seeds of these, each of them once");
  }
  CHECK(with("[66,128]", "[-66]") == "out_of_memory: a whole number from 0");
  CHECK(with("\"linearizability\":61", "\"linearizability\":63") ==
        "judged: a property in no more runs than there are");
  CHECK(with("\"smalldb_sim_block\":5", "\"smalldb_sim_block\":4") ==
        "results of format 5, found those of format 4, which another version of smalldb-sim writes and merges");
  CHECK_FALSE(with(written, written.substr(0, written.size() / 2)).empty());
}

}  // namespace
}  // namespace smalldb::reports
