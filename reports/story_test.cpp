#include "reports/story.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "model/client.h"
#include "model/messages.h"
#include "model/operator_command.h"
#include "model/record.h"
#include "reports/story_text.h"
#include "reports/test_support.h"

namespace smalldb::reports {
namespace {

using sim::EventKind;

// A run told by hand: each verb is one call of a world.
class Run {
 public:
  explicit Run(StoryDetail detail = StoryDetail::what_matters, StoryLimits limits = {},
               std::vector<sim::EventIndex> named = {})
      : story_({{a, "a"}, {b, "b"}}, detail, limits, std::move(named)) {}

  void at(std::int64_t milliseconds) { now_ = sim::Time{milliseconds * 1'000'000}; }

  void happens(EventKind kind, ProcessId process, std::uint64_t first = 0, std::string_view payload = {},
               ProcessId peer = no_process) {
    sim::TraceEvent event;
    event.kind = kind;
    event.process = process;
    event.peer = peer;
    event.a = first;
    event.payload = Bytes::copy(payload);
    std::vector<sim::TraceEvent> events;
    events.push_back(std::move(event));
    see(std::move(events), {});
  }

  void says(ProcessId process, NoteKind what, Role role, std::uint64_t position, std::uint64_t first = 0,
            std::uint64_t second = 0) {
    says(process, std::vector<effect::Note>{note(what, role, position, first, second)});
  }

  void says(ProcessId process, const std::vector<effect::Note>& notes) {
    std::vector<sim::TraceEvent> events;
    for (std::size_t n = 0; n < notes.size(); ++n) {
      sim::TraceEvent event;
      event.kind = EventKind::note;
      event.process = process;
      event.a = n;
      events.push_back(event);
    }
    see(std::move(events), notes);
  }

  static effect::Note note(NoteKind what, Role role, std::uint64_t position, std::uint64_t first = 0,
                           std::uint64_t second = 0) {
    return {static_cast<std::uint16_t>(what), static_cast<std::uint8_t>(role), 1, position, first, second, {}};
  }

  void begins(const sim::Fault& fault) {
    names_.faults.push_back(fault);
    happens(EventKind::fault_injected, no_process, names_.faults.size() - 1);
  }
  void ends(std::size_t fault) { happens(EventKind::fault_ended, no_process, fault); }

  std::string text(bool colour = false) const {
    std::ostringstream out;
    write_story(story_, Style(colour), out);
    return out.str();
  }

 private:
  void see(std::vector<sim::TraceEvent> events, const std::vector<effect::Note>& notes) {
    for (sim::TraceEvent& event : events) {
      event.time = now_;
      event.index = next_++;
    }
    story_.see(events, notes, names_);
  }

  TestNames names_;
  Story story_;
  sim::Time now_;
  sim::EventIndex next_ = 0;
};

Run split_brain() {
  Run run;
  run.happens(EventKind::started, a, 1);
  run.happens(EventKind::started, b, 1);
  run.at(12);
  run.says(a, {Run::note(NoteKind::role_changed, Role::primary, 1), Run::note(NoteKind::founded, Role::primary, 1, 1)});
  run.at(20);
  run.says(b, NoteKind::role_changed, Role::joining, 0);
  run.says(a, NoteKind::backup_joining, Role::primary, 2, 2, 1);
  run.says(a, NoteKind::backup_declared, Role::primary, 3, 3, 1);
  run.says(b, NoteKind::role_changed, Role::backup, 3);
  run.says(c1, NoteKind::client_found_primary, Role::none, 0, 0);
  run.at(3204);
  run.begins({.kind = sim::FaultKind::cut, .links = sim::both_ways({a}, {b})});
  run.at(3455);
  run.says(b, NoteKind::suspects_peer, Role::backup, 128, 0);
  run.says(b, NoteKind::claim_sent, Role::claiming, 128, 2);
  run.says(
      b, {Run::note(NoteKind::claim_won, Role::claiming, 128, 2), Run::note(NoteKind::role_changed, Role::primary, 129),
          Run::note(NoteKind::took_over, Role::primary, 129, 2, 5)});
  run.at(3460);
  run.says(a,
           {Run::note(NoteKind::role_changed, Role::seeking, 131), Run::note(NoteKind::fenced, Role::seeking, 131, 2)});
  run.says(c1, NoteKind::client_found_primary, Role::none, 0, 1);
  run.at(5000);
  run.ends(0);
  run.says(a, NoteKind::log_cut, Role::joining, 127, 127, 4);
  run.at(6000);
  run.begins({.kind = sim::FaultKind::crash, .process = b});
  run.happens(EventKind::crashed, b, 1);
  run.at(6500);
  run.happens(EventKind::started, b, 2);
  run.at(7000);
  run.happens(EventKind::stopped, a, 1, "a sync\nfailed");
  return run;
}

}  // namespace

TEST_CASE("S12 what is ignored is told in a full story, and in no shorter one") {
  for (const StoryDetail detail : {StoryDetail::what_matters, StoryDetail::operations, StoryDetail::messages}) {
    Run run(detail);
    run.says(b, NoteKind::ignored, Role::backup, 3, static_cast<std::uint64_t>(IgnoreReason::older_epoch), 8);
    const bool is_told = run.text().find("b ignores records: older_epoch") != std::string::npos;
    CHECK(is_told == (detail == StoryDetail::messages));
  }
}

TEST_CASE("a story is told in columns") { check_golden("reports/testdata/story.txt", split_brain().text()); }

TEST_CASE("colour changes nothing but colour") {
  std::string text = split_brain().text(true);
  REQUIRE(text.find("\x1b[") != std::string::npos);
  for (std::size_t at; (at = text.find('\x1b')) != std::string::npos;) text.erase(at, text.find('m', at) - at + 1);
  CHECK(text == split_brain().text());
}

TEST_CASE("a long story keeps its beginning and its ending") {
  Run run(StoryDetail::what_matters, {.first = 2, .last = 2, .folds = false});
  for (int n = 0; n < 10; ++n) {
    run.at(n);
    run.happens(EventKind::crashed, a);
  }
  const std::string text = run.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 1 + 2 + 1 + 2);
  CHECK(text.find("(6 lines left out)") != std::string::npos);
  CHECK(text.find("0.001000") != std::string::npos);
  CHECK(text.find("0.002000") == std::string::npos);
  CHECK(text.find("0.009000") != std::string::npos);
}

namespace {

// What is told of node a in these words, one each millisecond: '+' starts again, '-' crashes, '=' pauses.
std::string told_of(std::string_view happened, StoryLimits limits = {}) {
  Run run(StoryDetail::what_matters, limits);
  std::int64_t now = 0;
  for (const char what : happened) {
    run.at(++now);
    run.happens(what == '+' ? EventKind::started : what == '-' ? EventKind::crashed : EventKind::paused, a, 2);
  }
  std::string told;
  std::istringstream lines(run.text());
  std::string line;
  std::getline(lines, line);  // the head
  while (std::getline(lines, line)) {
    told += line.ends_with("again") ? "+" : line.ends_with("crashes") ? "-" : line.ends_with("pauses") ? "=" : line;
  }
  return told;
}

}  // namespace

TEST_CASE("what repeats is told twice, and then how often more") {
  CHECK(told_of("-----") == "--         ...  (this line repeats 3 times more, until 0.005000 s)");
  CHECK(told_of("=-+-+-+-+=-") == "=-+-+         ...  (these 2 lines repeat 2 times more, until 0.009000 s)=-");
  // What had begun again when something else came.
  CHECK(told_of("-+-+-+-+-=") == "-+-+         ...  (these 2 lines repeat 2 times more, until 0.008000 s)-=");
  CHECK(told_of("--+--+--+--+") == "--+--+         ...  (these 3 lines repeat 2 times more, until 0.012000 s)");
}

TEST_CASE("what repeats too seldom is told as it is") {
  for (const std::string_view told : {"----=", "-+-+-+=", "-=-=+-=-=+"}) CHECK(told_of(told) == told);
  CHECK(told_of("-------", {.folds = false}) == "-------");
}

TEST_CASE("what goes round and round is told twice, though it counts further each time") {
  const auto told_of_rounds = [](std::uint64_t rounds, std::uint64_t epochs_a_round, StoryLimits limits = {}) {
    Run run(StoryDetail::what_matters, limits);
    for (std::uint64_t n = 0; n < rounds; ++n) {
      run.at(static_cast<std::int64_t>(n));
      run.says(a, NoteKind::claim_sent, Role::claiming, 5, 90 + n * epochs_a_round);
      run.happens(EventKind::paused, a, 2);
    }
    return run.text();
  };
  const auto lines_in = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  const std::string round_and_round = told_of_rounds(100, 3);
  INFO(round_and_round);
  CHECK(lines_in(round_and_round) == 1 + 4 + 1);
  CHECK(round_and_round.find("(these 2 lines repeat 98 times more, with growing numbers, until 0.099000 s)") !=
        std::string::npos);
  CHECK(round_and_round.find("a claims epoch 93\n") != std::string::npos);
  CHECK(round_and_round.find("a claims epoch 96\n") == std::string::npos);
  // Where not all is kept, what is told of each end.
  CHECK(lines_in(told_of_rounds(2000, 1)) == 1 + 5 + 1 + 5);
  // Few may be work that goes on; what counts back does not go round; and who wants all is told all.
  CHECK(lines_in(told_of_rounds(16, 1)) == 1 + 32);
  CHECK(lines_in(told_of_rounds(40, ~std::uint64_t{0})) == 1 + 80);
  CHECK(lines_in(told_of_rounds(40, 1, {.folds = false})) == 1 + 80);
}

TEST_CASE("what repeats needs no room") {
  std::string happened = "=";
  for (int n = 0; n < 500; ++n) happened += "-+";
  const std::string told = told_of(happened + "==", {.first = 3, .last = 3});
  CHECK(told ==
        "=-+         ...  (1 line left out)+         ...  (these 2 lines repeat 498 times more, until 1.001000 s)==");
}

namespace {

// c1 puts x, and is answered after `took`.
void put_x(Run& run, std::int64_t took, Outcome outcome = Outcome::ok) {
  Invocation put{1, Verb::put, Bytes::copy("x"), Bytes::copy("17"), {}};
  run.at(1000);
  run.happens(EventKind::input, c1, 0, encode(put).view());
  run.at(1000 + took);
  run.happens(EventKind::report, c1, 0, encode(Completion{1, outcome, {5}, {}}).view());
}

std::string told_of(StoryDetail detail, std::int64_t took, Outcome outcome = Outcome::ok) {
  Run run(detail);
  put_x(run, took, outcome);
  const std::string text = run.text();
  return text.substr(text.find('\n') + 1);
}

}  // namespace

TEST_CASE("an operation that is answered at once does not matter") {
  CHECK(told_of(StoryDetail::what_matters, 999) == "");
  CHECK(told_of(StoryDetail::what_matters, 1000).find("c1 put x=17: ok, revision 5 (after 1.00 s)") !=
        std::string::npos);
  CHECK(told_of(StoryDetail::what_matters, 1, Outcome::unknown).find("c1 put x=17: unknown") != std::string::npos);
}

TEST_CASE("every operation is told to those who ask") {
  const std::string text = told_of(StoryDetail::operations, 2);
  CHECK(text.find("c1 asks: put x=17\n") != std::string::npos);
  CHECK(text.find("c1 put x=17: ok, revision 5 (after 2.00 ms)\n") != std::string::npos);
}

TEST_CASE("messages are told to those who ask, heartbeats to nobody") {
  const auto told = [](StoryDetail detail, const MessageBody& body) {
    Run run(detail);
    run.happens(EventKind::sent, a, 0, encode(Message{{1}, {2}, body}).view(), b);
    return run.text().find("a -> b: ") != std::string::npos;
  };
  CHECK(told(StoryDetail::messages, Ack{}));
  CHECK_FALSE(told(StoryDetail::operations, Ack{}));
  CHECK_FALSE(told(StoryDetail::messages, Heartbeat{}));
}

TEST_CASE("the end of a log shows in what its node sends") {
  Run run;
  const auto sends = [&](EventKind kind, ProcessId from, ProcessId to, const MessageBody& body) {
    run.happens(kind, from, 0, encode(Message{{1}, {2}, body}).view(), to);
  };
  run.says(a, NoteKind::founded, Role::primary, 1);
  sends(EventKind::sent, b, a, Ack{{17}, {12}, 0, false});
  Response answer;
  answer.position = {19};
  sends(EventKind::replied, a, c1, ResponseMessage{answer});
  run.happens(EventKind::paused, a);
  CHECK(run.text().find("paused         19  -") != std::string::npos);
  run.happens(EventKind::paused, b);
  CHECK(run.text().find("paused         17") != std::string::npos);
}

TEST_CASE("an operator's command is news") {
  Run run;
  run.happens(EventKind::input, b, 0, encode(OperatorCommand::promote).view());
  CHECK(run.text().find("the operator tells b: promote") != std::string::npos);
}

TEST_CASE("what a witness names is told whatever else is") {
  Request put;
  put.session = {4};
  put.number = 2;
  put.verb = Verb::put;
  put.key = Bytes::copy("x");
  put.value = Bytes::copy("17");
  const Bytes asked = encode(Message{{1}, {2}, RequestMessage{put}});
  const Bytes written = encode(Record{{6}, {1}, {}, Operation{put}});
  Run run(StoryDetail::what_matters, {.first = 1, .last = 1}, {1, 2, 4, 5, 6});
  run.happens(EventKind::crashed, b);                          // 0
  run.happens(EventKind::sent, c1, 0, asked.view(), a);        // 1
  run.happens(EventKind::disk_written, a, 0, written.view());  // 2
  run.happens(EventKind::sent, c1, 0, asked.view(), a);        // 3: nobody names it
  run.happens(EventKind::sent, c1, 0, asked.view(), a);        // 4
  run.happens(EventKind::received, a, 0, asked.view(), c1);    // 5
  run.happens(EventKind::timer_fired, a);                      // 6
  run.happens(EventKind::paused, b);                           // 7
  run.happens(EventKind::resumed, b);                          // 8
  std::vector<std::string> told;
  std::istringstream lines(run.text());
  for (std::string line; std::getline(lines, line);) {
    const std::size_t place = line.find_first_of("abc(", line.rfind("  "));
    told.push_back(line.substr(place));
  }
  CHECK(std::vector<std::string>(told.begin() + 1, told.end()) ==
        std::vector<std::string>{
            "b crashes", "c1 -> a: put x=17 (request 2 of session 4)",
            "a writes record 6: put x=17 (request 2 of session 4)", "c1 -> a: put x=17 (request 2 of session 4), again",
            "a hears c1: put x=17 (request 2 of session 4)", "a timer of a fires", "(1 line left out)", "b goes on"});
}

TEST_CASE("no byte of a story speaks to the terminal") {
  Run run;
  run.happens(EventKind::assertion_failed, a, 0, "\x1b[2Jgone\r\n");
  CHECK(run.text().find('\x1b') == std::string::npos);
  CHECK(run.text().find('\r') == std::string::npos);
}

}  // namespace smalldb::reports
