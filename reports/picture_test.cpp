#include "reports/picture.h"

#include <catch2/catch.hpp>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "reports/test_histories.h"
#include "reports/test_support.h"

namespace smalldb::reports {
namespace {

TEST_CASE("A picture shows the proof, the answer that nothing explains, and the faults") {
  const checker::History history = history_of(stale_read_text);
  const std::string page =
      picture(reason_of(history, *stale_read_verdict(history).violation), "a<b>.jsonl", "smalldb-sim 1");
  CHECK(count_of(page, "<g class=\"op ") == 4);  // three of the proof, and one that ran meanwhile
  CHECK(count_of(page, "<g class=\"op culprit") == 1);
  CHECK(count_of(page, "<g class=\"op other") == 1);
  CHECK(page.find("c1  put x=2: ok, revision 2 (line 4, 5 to 8)") != std::string::npos);
  CHECK(page.find("a &lt;-&gt; b: nothing passes") != std::string::npos);
  CHECK(page.find("<h1>Stale read</h1>") != std::string::npos);
  CHECK(page.find("a&lt;b&gt;.jsonl") != std::string::npos);
  check_golden("reports/testdata/picture.html", page);
  CHECK(count_of(page, "<svg") == count_of(page, "</svg>"));
  CHECK(count_of(page, "<g ") + count_of(page, "<g>") == count_of(page, "</g>"));
}

TEST_CASE("A picture needs nothing from elsewhere") {
  const checker::History history = history_of(stale_read_text);
  const std::string page = picture(reason_of(history, *stale_read_verdict(history).violation), "h", "p");
  for (const std::string_view outside : {"http", "url(", "src=", "@import", "<link"}) {
    CHECK(page.find(outside) == std::string::npos);
  }
}

TEST_CASE("A picture is small, whatever the size of the history") {
  checker::History history;
  const checker::KeyId key = history.key("<&>" + std::string(5000, '&'));
  checker::Violation violation = violation_of(checker::Anomaly::no_order, {}, 99'999, 77);
  for (std::size_t n = 0; n < 100'000; ++n) {
    checker::Operation operation;
    operation.key = key;
    operation.process = history.process("<&>" + std::string(300, '<') + std::to_string(n % 500));
    operation.verb = checker::Verb::swap_if_value;
    operation.argument = operation.expected = operation.result =
        history.value("&&" + std::string(300, '&') + std::to_string(n));
    operation.has_result = true;
    operation.outcome = checker::Outcome::mismatched;
    operation.invoked = static_cast<checker::Instant>(n) * 1'000'000'007;
    operation.returned = operation.invoked + 50'000'000'007;
    history.add(operation);
    history.add(checker::History::Mark{0, operation.invoked, std::string(1000, '&')});
    if (n % 2 == 0) violation.operations.push_back(n);
    violation.states.push_back(operation.argument);
  }
  const std::string page = picture(reason_of(history, violation), std::string(5000, '&'), "p");
  STATIC_REQUIRE(picture_size_max == 100'000);
  CHECK(page.size() <= picture_size_max);
  CHECK(page.find("<g class=\"op culprit") != std::string::npos);
}

TEST_CASE("Each process has a lane of its own, however alike their names are") {
  std::string text(stale_read_text);
  const std::string who = R"("process":")", more(30, 'p');
  for (std::size_t at = 0; (at = text.find(who, at)) != std::string::npos; at += who.size() + 2 * more.size()) {
    text.insert(at + who.size(), more);
    text.insert(at + who.size() + more.size() + 2, more);
  }
  const checker::History history = history_of(text);
  const std::string page = picture(reason_of(history, *stale_read_verdict(history).violation), "h", "p");
  CHECK(count_of(page, " x=\"14\"") == 3);
}

// Where the labels of a page stand, the left end of each and its right end, in the order of the operations.
std::vector<std::pair<int, int>> labels_of(const std::string& page) {
  std::vector<std::pair<int, int>> labels;
  const std::regex label(R"re(/><text x="(\d+)" y="\d+"( text-anchor="end")?>([^<]*)</text></g>)re");
  for (std::sregex_iterator at(page.begin(), page.end(), label), none; at != none; ++at) {
    const int x = std::stoi((*at)[1]), width = 8 * static_cast<int>((*at)[3].length());
    const bool ends_there = (*at)[2].matched;
    labels.emplace_back(ends_there ? x - width : x, ends_there ? x : x + width);
  }
  return labels;
}

TEST_CASE("Where a label has no room behind its bar, it leaves room to the one before") {
  checker::History history;
  checker::Violation violation = violation_of(checker::Anomaly::no_order, {0, 1, 2, 3}, 3, 7);
  for (std::size_t n = 0; n < 4; ++n) {
    checker::Operation operation;
    operation.key = history.key("x");
    operation.process = history.process(n == 0 ? "p" : "q");
    operation.verb = checker::Verb::swap_if_value;
    operation.argument = operation.expected = operation.result =
        history.value(std::string(100, 'v') + std::to_string(n) + std::string(100, 'v'));
    operation.has_result = true;
    operation.outcome = checker::Outcome::mismatched;
    operation.invoked = static_cast<checker::Instant>(2 * n);
    operation.returned = operation.invoked + 1;
    history.add(operation);
  }
  const std::string page = picture(reason_of(history, violation), "h", "p");
  const auto labels = labels_of(page);
  REQUIRE(labels.size() == 4);
  CHECK(labels[0].first < labels[1].first);  // begins at its bar
  CHECK(labels[1].second <= labels[2].first);
  CHECK(labels[2].second <= labels[3].first);
  CHECK(count_of(page, "text-anchor=\"end\">put x=v") == 1);
}

TEST_CASE("A label tells the answer where that fits in any way") {
  checker::History history;
  checker::Violation violation = violation_of(checker::Anomaly::no_order, {}, 59, 119);
  for (std::size_t n = 0; n < 60; ++n) {
    checker::Operation operation;
    operation.key = history.key("x");
    operation.process = history.process(n == 0 ? "p" : "q");
    const bool is_read = n == 0 || n == 59;
    operation.verb = is_read ? checker::Verb::get : checker::Verb::put;
    (is_read ? operation.result : operation.argument) =
        history.value(n == 0 ? "padded" + std::string(50, '.') : std::to_string(1'000'000 + n));
    operation.invoked = static_cast<checker::Instant>(2 * n);
    operation.returned = operation.invoked + 1;
    history.add(operation);
    violation.operations.push_back(n);
  }
  const std::string page = picture(reason_of(history, violation), "h", "p");
  CHECK(page.find(">get x \xe2\x86\x92 padded...</text>") != std::string::npos);
  CHECK(page.find("text-anchor=\"end\">get x \xe2\x86\x92 1000059</text>") != std::string::npos);  // before its bar
}

TEST_CASE("Of many writers some are left out of the picture, but nothing that proves something") {
  checker::History history;
  checker::Violation violation = violation_of(checker::Anomaly::no_order, {}, 201, 200);
  for (std::size_t n = 0; n < 202; ++n) {
    checker::Operation operation;
    operation.key = history.key("x");
    operation.process = history.process("p");
    operation.verb = n < 201 ? checker::Verb::put : checker::Verb::get;
    (n < 201 ? operation.argument : operation.result) = history.value("v" + std::to_string(n));
    operation.invoked = static_cast<checker::Instant>(2 * n);
    operation.returned = operation.invoked + 1;
    history.add(operation);
    (n < 200 ? violation.writers : violation.operations).push_back(n);
  }
  const std::string page = picture(reason_of(history, violation), "h", "p");
  CHECK(page.find("<code>put x=v200</code>") != std::string::npos);
  CHECK(page.find("<title>p  put x=v200: ok") != std::string::npos);
  CHECK(page.find("<code>put x=v199</code>") != std::string::npos);
  CHECK(page.find("<code>put x=v0</code>") == std::string::npos);
}

TEST_CASE("Of a long proof the picture has what the sentence names and what was last, and counts the others once") {
  checker::History history;
  for (std::size_t n = 0; n < 500; ++n) {
    checker::Operation operation;
    operation.key = history.key("x");
    operation.process = history.process("p");
    operation.verb = n < 499 ? checker::Verb::put : checker::Verb::get;
    (n < 499 ? operation.argument : operation.result) = history.value("v" + std::to_string(n));
    operation.invoked = static_cast<checker::Instant>(2 * n);
    operation.returned = operation.invoked + 1;
    history.add(operation);
  }
  checker::Violation violation = violation_of(checker::Anomaly::stale_read, {}, 499, 997, {}, 7);
  for (std::size_t n = 0; n < 500; n += 2) violation.operations.push_back(n);
  violation.operations.push_back(499);
  violation.writers = {7};
  const Reason reason = reason_of(history, violation);
  CHECK(reason.operations.size() == 252);
  const std::string page = picture(reason, "h", "p");
  CHECK(page.find("<code>put x=v7</code>") != std::string::npos);
  CHECK(page.find("<title>p  put x=v7: ok") != std::string::npos);
  CHECK(page.find("<code>put x=v498</code>") != std::string::npos);
  CHECK(page.find("<code>put x=v0</code>") == std::string::npos);
  const auto drawn = static_cast<std::size_t>(count_of(page, "<g class=\"op "));
  const std::string_view not_drawn = "<dt>Not drawn</dt><dd>";
  const std::size_t at = page.find(not_drawn);
  REQUIRE(at != std::string::npos);
  const std::size_t of_proof = std::stoul(page.substr(at + not_drawn.size()));
  const std::string_view and_others = " of the proof, and ";
  const std::size_t of_others = std::stoul(page.substr(page.find(and_others, at) + and_others.size()));
  CHECK(drawn + of_proof + of_others == 500);
}

TEST_CASE("What a proof names is seen at once, be a hundred others between") {
  checker::History history;
  checker::Violation violation = violation_of(checker::Anomaly::no_order, {0, 300}, 300, 599);
  for (std::size_t n = 0; n <= 300; ++n) {
    checker::Operation operation;
    operation.key = history.key("x");
    operation.process = history.process("p");
    operation.verb = checker::Verb::put;
    operation.argument = history.value("v" + std::to_string(n));
    operation.invoked = static_cast<checker::Instant>(2 * n);
    operation.returned = operation.invoked + 1;
    history.add(operation);
  }
  const std::string page = picture(reason_of(history, violation), "h", "p");
  const std::string box = "viewBox=\"";
  const std::size_t at = page.find(box, page.find("role=\"group\"") - 60);
  REQUIRE(at != std::string::npos);
  const std::string numbers = page.substr(at + box.size(), 30);
  const int left = std::stoi(numbers);
  const int width = std::stoi(numbers.substr(numbers.find(" 0 ") + 3));
  CHECK(left + width <= 1200);
}

}  // namespace
}  // namespace smalldb::reports
