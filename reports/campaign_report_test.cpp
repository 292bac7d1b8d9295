// What a campaign says of itself: in how many runs each property was judged.
#include "reports/campaign_report.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "properties/properties.h"

namespace smalldb::reports {
namespace {

// All properties were judged in all runs, but for two.
CampaignReport sample_campaign() {
  CampaignReport report;
  report.tally.runs = 1200;
  for (const std::string_view property : properties::names()) report.tally.judged[std::string(property)] = 1200;
  report.tally.judged["no_lost_write"] = 1007;
  report.tally.judged.erase("answered");
  return report;
}

template <class Write>
std::string output_of(Write write) {
  std::ostringstream out;
  write(out);
  return out.str();
}

TEST_CASE("a campaign says in how many runs each property was judged") {
  const std::string text = output_of([](std::ostream& out) { write_text(sample_campaign(), Style(false), out); });
  const std::size_t at = text.find("Judged: ");
  REQUIRE(at != text.npos);
  CHECK(text.substr(at, text.find("\n\n", at) - at) ==
        R"(Judged: in how many of these runs each property could have failed
                  1,200  output_rule                                   1,200  output_rule_causal
                  1,007  no_lost_write                                 1,200  linearizability
                  1,200  one_primary                                   1,200  exactly_once
                  1,200  definite_failure                              1,200  replicas_agree
                  1,200  checkpoints_identical                         1,200  epochs_never_fall
                  1,200  flow_control                                  1,200  sessions_kept
                  1,200  no_assertion                                      0  answered
                  1,200  redundancy_restored)");
}

TEST_CASE("a program is told of a property that was never judged") {
  const auto json = nlohmann::json::parse(output_of([](std::ostream& out) { write_json(sample_campaign(), out); }));
  const auto& judged = json.at("tally").at("judged");
  CHECK(judged.size() == properties::names().size());
  CHECK(judged.at("no_lost_write") == 1007);
  CHECK(judged.at("answered") == 0);
}

TEST_CASE("a property that could never have failed was not exercised") {
  const std::vector<std::string> missing = never_exercised(sample_campaign().tally, true);
  const auto properties = std::count_if(missing.begin(), missing.end(),
                                        [](const std::string& one) { return one.starts_with("property "); });
  CHECK(properties == 1);
  CHECK(std::find(missing.begin(), missing.end(), "property answered") != missing.end());
}

TEST_CASE("a CI server does not take a property that was never judged for one that holds") {
  CampaignReport of_ci = sample_campaign();
  const auto junit = [&] { return output_of([&](std::ostream& out) { write_junit(of_ci, out); }); };
  CHECK(junit().find("tests=\"17\" failures=\"0\" errors=\"0\" skipped=\"1\"") != std::string::npos);
  CHECK(junit().find("name=\"answered\">\n    <skipped message=\"judged in 0 of 1200 runs\"/>") != std::string::npos);
  CHECK(junit().find("name=\"no_lost_write\">\n    <system-out>judged in 1007 of 1200 runs</system-out>") !=
        std::string::npos);

  // With what could not be judged, and a property that was violated, in the one way that there is: its own case is
  // there all the same, and the class has another.
  of_ci.findings.push_back({{"unjudged", "whether linearizability holds"}, {}, {}, {}, {}, {}});
  of_ci.findings.push_back({{"exactly_once", ""}, {2, 7, {}}, {}, {}, {}, {}});
  CHECK(junit().find("tests=\"19\" failures=\"2\" errors=\"0\" skipped=\"2\"") != std::string::npos);
  CHECK(junit().find("classname=\"fuzz\" name=\"exactly_once\">\n    <failure message=\"violated in 2 runs\"/>\n") !=
        std::string::npos);
  CHECK(junit().find("classname=\"fuzz.finding\" name=\"exactly_once\">\n    <failure message=\"exactly_once\">") !=
        std::string::npos);
  CHECK(junit().find("name=\"unjudged: whether linearizability holds\">\n    <skipped") != std::string::npos);
}

TEST_CASE("a campaign is whole if each of its seeds came to an end, and there was one") {
  CampaignReport report = sample_campaign();
  CHECK_FALSE(is_partial(report));
  for (const Ended ended : {Ended::time_is_over, Ended::stopped, Ended::seeds_are_missing}) {
    report.ended = ended;
    CHECK(is_partial(report));
  }
  CHECK(is_partial(CampaignReport{}));
  report.ended = Ended::complete;
  report.tally.out_of_memory = {7};
  CHECK(is_partial(report));
}

TEST_CASE("a command and the name of a file stand in one line, however long they are") {
  CampaignReport report = sample_campaign();
  CampaignFinding& finding = report.findings.emplace_back();
  finding.kind = {"exactly_once", ""};
  finding.again = "smalldb-sim replay --seed 1 --template 'a folder/" + std::string(150, 'x') + ".yaml'";
  finding.capsule = "a folder/" + std::string(150, 'x') + ".capsule";
  finding.shrunk = "a folder/" + std::string(150, 'x') + ".yaml";
  report.tally.out_of_memory = {48};
  report.out_of_memory_again = finding.again + " --shard 1/2";
  std::ostringstream text;
  write_text(report, Style(false, 80), text);
  for (const std::string& whole : {"again:   " + finding.again + "\n", "capsule: " + finding.capsule + "\n",
                                   "shrunk:  " + finding.shrunk + "\n", "again: " + report.out_of_memory_again + "\n"})
    CHECK(text.str().find(whole) != std::string::npos);
}

TEST_CASE("one seed that ended for want of memory is one") {
  CampaignReport report = sample_campaign();
  report.tally.out_of_memory = {48};
  std::ostringstream one;
  write_text(report, Style(false, 400), one);
  CHECK(one.str().find("neither good nor bad: seed 48\n") != std::string::npos);
  report.tally.out_of_memory = {48, 49};
  std::ostringstream two;
  write_text(report, Style(false, 400), two);
  CHECK(two.str().find("neither good nor bad: seeds 48 to 49\n") != std::string::npos);
}

TEST_CASE("seeds that ended for want of memory are named, all to a program and few to a person") {
  CampaignReport report = sample_campaign();
  for (std::uint64_t seed = 1; seed <= 49; seed += 2) report.tally.out_of_memory.insert(seed);
  report.tally.out_of_memory.insert({4, 6});
  report.out_of_memory_again = "smalldb-sim replay --seed 1 --template 'a&b.yaml'";
  const std::string few =
      "27, for want of memory, neither good nor bad: seeds 1, 3 to 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, "
      "33, 35, 37, 39, 41, 43, and in 3 more places";
  const std::string text = output_of([&](std::ostream& out) { write_text(report, Style(false, 400), out); });
  CHECK(text.find("\nNot run   " + few + "\n          again: " + report.out_of_memory_again + "\n") != text.npos);
  const auto json = nlohmann::json::parse(output_of([&](std::ostream& out) { write_json(report, out); }));
  CHECK(json.at("partial") == true);
  CHECK(json.at("out_of_memory").at("seeds").size() == 27);
  CHECK(json.at("out_of_memory").at("again") == report.out_of_memory_again);
  const std::string junit = output_of([&](std::ostream& out) { write_junit(report, out); });
  CHECK(junit.find("errors=\"1\"") != junit.npos);
  CHECK(junit.find("name=\"all seeds were run\">\n    <error message=\"Not run: " + few +
                   ".\">again: smalldb-sim replay --seed 1 --template 'a&amp;b.yaml'</error>") != junit.npos);
}

}  // namespace
}  // namespace smalldb::reports
