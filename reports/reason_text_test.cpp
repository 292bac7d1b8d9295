#include "reports/reason_text.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>
#include <string>

#include "reports/columns.h"
#include "reports/layout.h"
#include "reports/picture.h"
#include "reports/reason_json.h"
#include "reports/test_histories.h"

namespace smalldb::reports {
namespace {

std::string told(const checker::History& history, const checker::Violation& violation, std::size_t width = text_width) {
  const Reason reason = reason_of(history, violation);
  std::ostringstream out;
  write_reason(reason, wording_of(reason), Style(false, width), out);
  return out.str();
}

// A key that is written and read by turns, `count` times by each of many, of few values or many.
checker::History busy(std::size_t count, std::size_t values, std::size_t letters) {
  checker::History history;
  const checker::KeyId key = history.key("key " + std::string(letters, 'k'));
  for (std::size_t n = 0; n < count; ++n) {
    checker::Operation operation;
    operation.key = key;
    operation.process = history.process("process " + std::string(letters, 'p') + std::to_string(n % 50));
    operation.verb = n % 3 == 0 ? checker::Verb::get : n % 3 == 1 ? checker::Verb::put : checker::Verb::append;
    operation.argument = operation.result = history.value(std::to_string(n % values) + std::string(letters, '"'));
    operation.has_result = true;
    operation.invoked = static_cast<checker::Instant>(10 * n) * 1'000'000'000;
    operation.returned = n % 7 == 0 ? checker::never : operation.invoked + 15'000'000'000;
    operation.outcome = n % 7 == 0 ? checker::Outcome::unknown : checker::Outcome::ok;
    history.add(operation, static_cast<std::uint32_t>(n + 1));
  }
  for (std::size_t n = 0; n < count; ++n) {
    history.add(checker::History::Mark{static_cast<checker::Instant>(n),
                                       static_cast<checker::Instant>(n) * 1'000'000'000,
                                       "fault " + std::string(letters, 'f')});
  }
  return history;
}

checker::Violation all_of(const checker::History& history) {
  checker::Violation violation = violation_of(checker::Anomaly::no_order, {}, history.operations().size() - 1, 40);
  for (std::size_t n = 0; n < history.operations().size(); ++n) {
    (n % 5 == 0 ? violation.writers : violation.operations).push_back(n);
    violation.states.push_back(history.operations()[n].argument);
  }
  return violation;
}

TEST_CASE("A reason is a sentence, bars in the order of time, faults, and what was possible") {
  const checker::History history = history_of(stale_read_text);
  const checker::Violation violation = *stale_read_verdict(history).violation;
  CHECK(told(history, violation) ==
        "  Stale read: c2 read x as 1 (line 8), but c1's put x=2 (line 4) had overwritten that before the call.\n"
        "\n"
        "    c1  put x=1              |-----|                            line 1  ok, revision 1\n"
        "    c1  put x=2                          |-----|                line 4  ok, revision 2\n"
        "    c2  get x                                        |=====|    line 8  1\n"
        "    a <-> b: nothing passes        |~~~~~~~~~~~|                4 to 9\n"
        "                                                     ^ all was well until here (11); then x was 2 or 3\n");
}

TEST_CASE("Of many links that a fault is about, those that are told are told whole") {
  std::string text(stale_read_text);
  const std::string one = "a <-> b: nothing passes", many = "a <-> b, a <-> c2, c1 <-> b, c1 <-> c2: nothing passes";
  REQUIRE(text.find(one) != std::string::npos);
  for (std::size_t at = 0; (at = text.find(one, at)) != std::string::npos; at += many.size()) {
    text.replace(at, one.size(), many);
  }
  const checker::History history = history_of(text);
  CHECK_THAT(told(history, *stale_read_verdict(history).violation),
             Catch::Contains("\n    a <-> b, a <-> c2, ...: nothing passes        |~~~"));
}

TEST_CASE("That what is said to be possible may not be all is said") {
  const checker::History history = history_of(stale_read_text);
  checker::Violation violation = *stale_read_verdict(history).violation;
  violation.has_all_states = false;
  CHECK_THAT(told(history, violation), Catch::Contains("then x was 2 or 3 or something else\n"));
}

TEST_CASE("That all may have been well for longer is said") {
  const checker::History history = history_of(stale_read_text);
  checker::Violation violation = *stale_read_verdict(history).violation;
  violation.good_until_is_last = false;
  CHECK_THAT(told(history, violation), Catch::Contains("^ all was well at least until here (11); then x was"));
  CHECK(reason_json(reason_of(history, violation))["good_until_is_last"] == false);
  CHECK_THAT(picture(reason_of(history, violation), "file", "program"),
             Catch::Contains(">all was well at least until here</text>") &&
                 Catch::Contains("<dt>All was well at least until</dt>"));
}

TEST_CASE("That not all operations may be needed is said") {
  const checker::History history = history_of(stale_read_text);
  checker::Violation violation = *stale_read_verdict(history).violation;
  const auto says_so = Catch::Contains(". Perhaps not all\n  of these 3 operations are needed.\n");
  CHECK_THAT(told(history, violation), !says_so);
  violation.is_minimal = false;
  CHECK_THAT(told(history, violation), says_so);
}

TEST_CASE("Where a long value is cut short a second time, it ends as it did, and no state is told by half") {
  checker::History history;
  for (std::size_t n = 0; n < 6; ++n) {
    checker::Operation put;
    put.key = history.key("k");
    put.process = history.process("c" + std::to_string(n));
    put.verb = checker::Verb::put;
    put.argument = history.value(std::to_string(n) + std::string(150, 'v'));
    put.returned = 9;
    history.add(put, static_cast<std::uint32_t>(n + 1));
  }
  const std::string text = told(history, all_of(history));
  INFO(text);
  CHECK(text.find("c0  put k=0vvvvvvvvvvvv...vvvvvvvvvvvvv  ") != std::string::npos);
  CHECK(text.find("vvv (151 bytes) or one of 4") != std::string::npos);
}

TEST_CASE("Of however many operations, what the sentence names is shown with who it was, and the counts add up") {
  const checker::History history = busy(1000, 100, 0);
  checker::Violation violation = all_of(history);
  violation.anomaly = checker::Anomaly::stale_read;
  violation.other = 901;
  const std::string text = told(history, violation);
  INFO(text);
  CHECK(text.find("    \"process 1\"   put \"key \"=1  ") != std::string::npos);
  CHECK(text.find("line 902  ok") != std::string::npos);
  CHECK(text.find("    \"process 49\"  get \"key \"  ") != std::string::npos);
  std::size_t shown = 3;  // these, and one of unknown outcome
  CHECK(text.find("unknown\n") != std::string::npos);
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    const std::size_t times = line.rfind(" times");
    if (times != std::string::npos) shown += std::stoul(line.substr(line.rfind(' ', times - 1)));
  }
  CHECK(text.find("    and " + std::to_string(1000 - shown) + " more operations of the proof\n") != std::string::npos);
}

TEST_CASE("What was done is told, however long the names of who did it") {
  std::string text(stale_read_text);
  const std::string who = R"("process":"c)";
  for (std::size_t at = 0; (at = text.find(who, at)) != std::string::npos; at += who.size() + 40) {
    text.insert(at + who.size(), std::string(40, 'p'));
  }
  const checker::History history = history_of(text);
  for (const std::size_t width : {std::size_t{80}, text_width}) {
    const std::string text_of = told(history, *stale_read_verdict(history).violation, width);
    INFO(text_of);
    CHECK(text_of.find("...ppppp1  put x=2 ") != std::string::npos);
    CHECK(text_of.find("...ppppp2  get x ") != std::string::npos);
  }
}

// A history in which c1 writes two values, one after the other, and then the first is read.
checker::History overwritten(const std::string& key, const std::string& who, const std::string& first,
                             const std::string& second) {
  checker::History history;
  for (std::size_t n = 0; n < 3; ++n) {
    checker::Operation operation;
    operation.key = history.key(key);
    operation.process = history.process(who + (n == 2 ? "2" : "1"));
    operation.verb = n == 2 ? checker::Verb::get : checker::Verb::put;
    (n == 2 ? operation.result : operation.argument) = history.value(n == 1 ? second : first);
    operation.has_result = n == 2;
    operation.invoked = static_cast<checker::Instant>(2 * n);
    operation.returned = operation.invoked + 1;
    history.add(operation, static_cast<std::uint32_t>(2 * n + 1));
  }
  return history;
}

TEST_CASE("Bars stand below each other, however wide the letters of what is told are") {
  const checker::History history = overwritten("\xe8\xb3\xbc\xe7\x89\xa9", "c", "e\xcc\x81", "\xf0\x9f\x98\x80");
  const checker::Violation violation =
      violation_of(checker::Anomaly::stale_read, {0, 1, 2}, 2, 4, {history.operations()[1].argument}, 1);
  CHECK_THAT(
      told(history, violation, 80),
      Catch::Contains(
          "    c1  put \xe8\xb3\xbc\xe7\x89\xa9=e\xcc\x81   |-----|                            line 1  ok\n"
          "    c1  put \xe8\xb3\xbc\xe7\x89\xa9=\xf0\x9f\x98\x80              |-----|                line 3  ok\n"
          "    c2  get \xe8\xb3\xbc\xe7\x89\xa9                             |=====|    line 5  e\xcc\x81\n"));
}

TEST_CASE("In a narrow column the key is cut before what was written") {
  const checker::History history = overwritten("user:4711:cart", "worker-3", "book,lamp", "book,lamp,pen");
  const checker::Violation violation =
      violation_of(checker::Anomaly::stale_read, {0, 1, 2}, 2, 4, {history.operations()[1].argument}, 1);
  const std::string text = told(history, violation, 80);
  INFO(text);
  CHECK(text.find("put user...cart=book,lamp,pen  ") != std::string::npos);
}

TEST_CASE("However long all names are, the values of two writes can be told apart in a narrow column") {
  const checker::History history =
      overwritten("customer/4711/address", "process-on-node", "value-of-first-write", "value-of-second-write");
  const checker::Violation violation =
      violation_of(checker::Anomaly::stale_read, {0, 1, 2}, 2, 4, {history.operations()[1].argument}, 1);
  const std::string text = told(history, violation, 80);
  INFO(text);
  CHECK(text.find("put ...=valu...-f...  ") != std::string::npos);
  CHECK(text.find("put ...=valu...-s...  ") != std::string::npos);
}

TEST_CASE("A reason fits a screen, whatever it has to tell") {
  for (const std::size_t count : {1, 2, 13, 40, 1000}) {
    for (const std::size_t values : {2, 100}) {
      for (const std::size_t letters : {0, 3, 300}) {
        const checker::History history = busy(count, values, letters);
        for (const std::size_t width : {std::size_t{60}, std::size_t{80}, std::size_t{100}, text_width}) {
          const std::string text = told(history, all_of(history), width);
          INFO(text);
          const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
          CHECK((width < text_width || lines <= reason_lines_max));
          std::istringstream in(text);
          for (std::string line; std::getline(in, line);) CHECK(columns_of(line) <= width);
          CHECK(text.find('=') != std::string::npos);  // the culprit is there
        }
      }
    }
  }
}

}  // namespace
}  // namespace smalldb::reports
