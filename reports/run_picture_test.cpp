#include "reports/run_picture.h"

#include <catch2/catch.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/messages.h"
#include "properties/trace_builder.h"
#include "reports/causal_past.h"
#include "reports/space_time.h"
#include "reports/story.h"
#include "reports/test_sample.h"
#include "reports/test_support.h"
#include "reports/traffic.h"

namespace smalldb::reports {
namespace {

using properties::TraceBuilder;

class BuiltNames final : public Names {
 public:
  explicit BuiltNames(const TraceBuilder& trace) : trace_(trace) {}
  std::string_view process(ProcessId process) const override { return trace_.cast().name(process); }
  std::string_view file(sim::FileId file) const override { return trace_.files()[static_cast<std::size_t>(file)]; }
  const sim::Fault& fault(sim::FaultId) const override { return fault_; }

 private:
  const TraceBuilder& trace_;
  sim::Fault fault_;
};

std::string page_of(const TraceBuilder& trace, const Report& report) {
  RunPicture picture(trace.cast());
  picture.see(trace.events(), {}, BuiltNames(trace));
  return picture.page(report);
}

// a answers before b has the record: the last event but one shows it.
TraceBuilder answered_too_early() {
  TraceBuilder trace;
  trace.a_pair();
  const Request request = properties::put(1, "x<y", "&");
  trace.invokes(c1, 1, Verb::put, "x<y", "&");
  trace.asks(c1, a, request);
  const Lsn lsn = trace.appends(a, request);
  trace.syncs(a);
  trace.answers(a, c1, 1, lsn);
  trace.copies(a, b);
  trace.syncs(b);
  return trace;
}

Report report_of(const TraceBuilder& trace) {
  Report report = sample_report();
  report.result.verdicts.assign(properties::names().size(), {});
  verdict_of(report.result, "output_rule") = trace.verdict("output_rule");
  return report;
}

TEST_CASE("A run's picture shows who said what to whom, and where a property was violated") {
  const TraceBuilder trace = answered_too_early();
  const std::string page = page_of(trace, report_of(trace));
  CHECK(page.find("c1 -&gt; a: put x&lt;y=&amp;") != std::string::npos);
  CHECK(page.find("c1: put x&lt;y=&amp;: no answer") != std::string::npos);
  CHECK(page.find("a has synced") != std::string::npos);
  CHECK(count_of(page, "output_rule is violated</text>") == 1);
  CHECK(page.find("<figure class=\"past-only\">") != std::string::npos);
  CHECK(page.find(report_of(trace).again) != std::string::npos);
  CHECK(page.find("crash: a") != std::string::npos);  // the scenario
  check_golden("reports/testdata/run_picture.html", page);
}

TEST_CASE("A run's picture says which violations the scenario expects") {
  const TraceBuilder trace = answered_too_early();
  Report report = report_of(trace);
  auto& expectations = report.result.scenario.expect;
  expectations.properties["output_rule"] = scenarios::Expected::holds;
  CHECK(page_of(trace, report).find("<li><b>output_rule</b> is violated: ") != std::string::npos);
  expectations.properties["output_rule"] = scenarios::Expected::any;
  CHECK(page_of(trace, report).find("<li><b class=\"may\">output_rule</b> is violated: ") != std::string::npos);
  expectations.properties["output_rule"] = scenarios::Expected::violated;
  report.result.judgements.clear();
  const std::string page = page_of(trace, report);
  CHECK(page.find("<li><b class=\"good\">output_rule</b> is violated, as this scenario expects: ") !=
        std::string::npos);
  CHECK(page.find("<li class=\"good\">as expected: ") != std::string::npos);
}

TEST_CASE("A run's picture says why no order explains the answers, with long values cut") {
  const TraceBuilder trace = answered_too_early();
  Report report = report_of(trace);
  report.reason.emplace().sentence = said("Stale read of ", Phrase::data(std::string(1000, 'v')), ".");
  CHECK(page_of(trace, report).find("<li>Stale read of vvvvvvvvvvvv...vvvvvvvvvvvv (1000 bytes).</li>") !=
        std::string::npos);
}

// Of the first element that is told of so.
bool is_faint(const std::string& page, std::string_view what) {
  const std::size_t at = page.find("<title>" + std::string(what));
  INFO(what);
  REQUIRE(at != std::string::npos);
  return !page.substr(page.rfind("<g ", at), 20).starts_with("<g class=\"e past");
}

TEST_CASE("What could have had no part in a violation is told from what could") {
  const TraceBuilder trace = answered_too_early();
  const std::string page = page_of(trace, report_of(trace));
  CHECK_FALSE(is_faint(page, "c1 -&gt; a: put"));
  CHECK_FALSE(is_faint(page, "c1: put x"));
  CHECK_FALSE(is_faint(page, "a -&gt; c1: answer to request 1"));  // the verdict is about it, whoever heard it
  CHECK(is_faint(page, "a -&gt; b: record 5"));
}

TEST_CASE("A fault before a violation is not faint, though no chain of messages leads from it") {
  TraceBuilder trace;
  trace.a_pair();
  trace.crashes(b);
  const Request request = properties::put(1, "x");
  trace.asks(c1, a, request);
  const Lsn lsn = trace.appends(a, request);
  trace.syncs(a);
  trace.answers(a, c1, 1, lsn);
  trace.crashes(a);
  const auto line = [&](std::string_view what) {
    const std::string page = page_of(trace, report_of(trace));
    const std::size_t at = page.find(std::string(what) + "</title>");
    REQUIRE(at != std::string::npos);
    return page.substr(page.rfind("<g ", at), 20);
  };
  CHECK(line("b crashes").starts_with("<g class=\"e past"));
  CHECK_FALSE(line("a crashes").starts_with("<g class=\"e past"));
}

TEST_CASE("What never happened is missing at the end of the run, and nothing is faint for it") {
  const TraceBuilder trace = answered_too_early();
  Report report = sample_report();
  report.result.verdicts.assign(properties::names().size(), {});
  report.result.ended_at = trace.now();
  report.result.event_count = trace.events().size();
  properties::Verdict& answered = verdict_of(report.result, "answered");
  answered = {properties::Conclusion::violated, "never", "c1's put was not answered", {30}, trace.now()};
  std::string page = page_of(trace, report);
  const std::string at_the_end =
      "data-n=\"" + std::to_string(trace.events().size() - 1) + "\" tabindex=\"-1\"><title>c1's";
  CHECK(page.find(at_the_end) != std::string::npos);
  CHECK(page.find("<figure>") != std::string::npos);
  answered.events.clear();  // nor does the pair that never came have any
  page = page_of(trace, report);
  CHECK(page.find(at_the_end) != std::string::npos);
  answered.events = {20};
  answered.at = {};  // late, and not at the end
  page = page_of(trace, report);
  CHECK(page.find("data-n=\"20\" tabindex=\"-1\"><title>c1's") != std::string::npos);
  CHECK(page.find("<figure>") != std::string::npos);
}

TEST_CASE("A stale run says so in its picture") {
  const TraceBuilder trace = answered_too_early();
  Report report = sample_report();
  for (scenarios::FaultAccount& fault : report.result.faults) fault.effects = 0;
  CHECK(page_of(trace, report).find("; stale: none of its 2 faults took effect</li>") != std::string::npos);
}

TEST_CASE("Where nobody remembers what led to a violation nothing is faint") {
  const TraceBuilder trace = answered_too_early();
  const properties::Verdict verdict = trace.verdict("output_rule");
  const std::vector<Violated> violated{{"output_rule", verdict.witness, verdict.events}};
  const Story story(story_columns(trace.cast()), StoryDetail::what_matters, StoryLimits{});
  for (const std::size_t events_max : {std::size_t{10}, std::size_t{1'000}}) {
    CausalPast past(events_max);
    past.see(trace.events());
    CHECK(space_time(trace.cast(), violated, story, Traffic(), past).has_past == (events_max == 1'000));
  }
}

TEST_CASE("A run in which nothing was violated fades nothing") {
  const TraceBuilder trace = answered_too_early();
  const std::string page = page_of(trace, sample_report());
  Report good = sample_report();
  good.result.verdicts.assign(properties::names().size(), {});
  const std::string good_page = page_of(trace, good);
  CHECK(good_page.find("past-only\" checked") == std::string::npos);
  CHECK(good_page.find("class=\"violation\"") == std::string::npos);
  CHECK(page.find("class=\"violation\"") != std::string::npos);
}

TEST_CASE("A run's picture stands by itself, and what is opened is closed") {
  const TraceBuilder trace = answered_too_early();
  const std::string page = page_of(trace, report_of(trace));
  for (const std::string_view outside : {"http", "url(", "src=", "@import", "<link"}) {
    INFO(outside);
    CHECK((outside == "url(" ? count_of(page, outside) - count_of(page, "url(#") : count_of(page, outside)) == 0);
  }
  for (const std::string_view tag : {"svg", "g", "text", "div", "figure", "ul", "dl", "table", "details"}) {
    INFO(tag);
    const std::string name(tag);
    CHECK(count_of(page, "<" + name + " ") + count_of(page, "<" + name + ">") == count_of(page, "</" + name + ">"));
  }
}

TEST_CASE("Heartbeats between two rows are one, unless some are lost") {
  TraceBuilder trace;
  Traffic traffic;
  std::vector<sim::TraceEvent> events;
  const auto happens = [&](sim::EventKind kind, ProcessId process, ProcessId peer) -> sim::TraceEvent& {
    sim::TraceEvent& event = events.emplace_back();
    event.index = events.size() - 1;
    event.kind = kind;
    event.process = process;
    event.peer = peer;
    return event;
  };
  for (int n = 0; n < 5; ++n) {
    sim::TraceEvent& sent = happens(sim::EventKind::datagram_sent, a, b);
    sent.payload = encode({}, {}, Heartbeat{});
    const sim::EventIndex cause = sent.index;
    happens(n == 3 ? sim::EventKind::datagram_lost : sim::EventKind::datagram_received, b, a).cause = cause;
  }
  traffic.see(events, BuiltNames(trace));
  const Story story(story_columns(trace.cast()), StoryDetail::what_matters, StoryLimits{});
  const std::string svg = space_time(trace.cast(), {}, story, traffic, CausalPast()).svg;
  CHECK(count_of(svg, "heartbeat arrived") == 1);
  CHECK(count_of(svg, "heartbeat lost") == 1);
  CHECK(count_of(svg, "; 3 like it</title>") == 1);
}

TEST_CASE("What has been left out of a long run is a fold, around what is known there") {
  TraceBuilder trace;
  trace.a_pair();
  for (std::uint64_t n = 1; n <= 100; ++n) {
    trace.asks(c1, a, properties::put(n, "x"));
    if (n == 50) trace.crashes(b);
  }
  Traffic traffic(10);
  Story story(story_columns(trace.cast()), StoryDetail::what_matters, StoryLimits{});
  traffic.see(trace.events(), BuiltNames(trace));
  story.see(trace.events(), {}, BuiltNames(trace));
  const SpaceTime drawn = space_time(trace.cast(), {}, story, traffic, CausalPast());
  CHECK(drawn.has_folds);
  CHECK(count_of(drawn.svg, "class=\"fold\"") == 2);
  CHECK(drawn.svg.find("b crashes") != std::string::npos);
}

TEST_CASE("A long run's picture is not much larger than another, and shows what is news") {
  TraceBuilder trace;
  trace.a_pair();
  for (std::uint64_t n = 1; n <= 5'000; ++n) {
    trace.asks(c1, a, properties::put(n, "x", std::string(200, 'v')));
    if (n == 2'500) trace.crashes(b);
    if (n == 2'500) trace.starts(b);
  }
  const std::string page = page_of(trace, report_of(trace));
  CHECK(page.size() < 2'000'000);
  CHECK(page.find("b crashes") != std::string::npos);
  CHECK(page.find("events not shown, until") != std::string::npos);
  CHECK(page.find("calm stretches are folded away") != std::string::npos);
}

}  // namespace
}  // namespace smalldb::reports
