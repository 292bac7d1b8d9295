#include "properties/checker/formats/reader.h"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "properties/checker/formats/test_support.h"

namespace smalldb::checker {
namespace {

const std::string json = R"({"at":1,"process":"a","call":"put","key":"x","value":"1"}
{"at":2,"process":"a","return":"ok","revision":3}
)";
const std::string jepsen =
    "{:process 0, :type :invoke, :f :write, :value 3}\n{:process 0, :type :ok, :f :write, :value 3}\n";
const std::string jepsen_log = "INFO  jepsen.util - 0\t:invoke\t:write\t3\nINFO  jepsen.util - 0\t:ok\t:write\t3\n";
const std::string porcupine =
    "{:process 0, :type :invoke, :f :put, :key \"0\", :value \"1\"}\n{:process 0, :type :ok, :f :put, :key \"0\", "
    ":value \"1\"}\n";
const std::vector<std::string> samples{json, jepsen, jepsen_log, porcupine};

// Its bytes in pieces of a size.
class Pieces final : public Source {
 public:
  Pieces(std::string_view bytes, std::size_t size) : rest_(bytes), size_(size) {}
  std::string_view next() override {
    const std::string_view piece = rest_.substr(0, size_);
    rest_.remove_prefix(piece.size());
    return piece;
  }

 private:
  std::string_view rest_;
  std::size_t size_;
};

// The same bytes again and again, without an end of line.
class Endless final : public Source {
 public:
  std::string_view next() override { return left_-- > 0 ? std::string_view(piece_) : std::string_view(); }

 private:
  std::string piece_ = "{\"process\":\"a\",\"call\":\"put\",\"key\":\"x\",\"value\":\"" + std::string(1 << 20, 'v');
  int left_ = 100;
};

TEST_CASE("The format is known by the content") {
  for (const std::string& sample : samples) CHECK(history_of(sample).operations().size() == 1);
  CHECK(history_of(porcupine).initial() != ValueId::absent);
  CHECK(history_of(jepsen).initial() == ValueId::absent);
  CHECK(history_of("#jepsen.history.Op{:process 0, :type :invoke, :f :write, :value 3}\n").operations().size() == 1);
  for (const std::string& sample : samples) CHECK(history_of("\xef\xbb\xbf\n  " + sample).operations().size() == 1);
  std::string dos;
  for (const char letter : json) dos += letter == '\n' ? std::string("\r\n") : std::string(1, letter);
  CHECK(history_of(dos).operations().size() == 1);
  CHECK(refusal("\xff\xfe\x1b[31m") ==
        "1:1: found the line \"\\xff\\xfe\\x1b[31m\", expected a history: JSON lines, Jepsen's EDN or log, or "
        "Porcupine's text");
  CHECK(refusal("PK\x03\x04").starts_with("1:1: found the line \"PK"));
}

TEST_CASE("It does not matter in which pieces a file comes") {
  for (const std::string& sample : samples) {
    for (const std::size_t size : {1, 2, 3, 7, 50, 1000}) {
      Pieces source(sample, size);
      const Read read = checker::read(source);
      REQUIRE(std::holds_alternative<History>(read));
      CHECK(std::get<History>(read).operations().size() == 1);
      CHECK(std::get<History>(read).operations()[0].outcome == Outcome::ok);
    }
  }
}

TEST_CASE("A file without an operation is no history") {
  CHECK(refusal("") == "0:0: found nothing, expected a history: JSON lines, Jepsen's EDN or log, or Porcupine's text");
  CHECK(refusal("\n\n").find("expected a history") != std::string::npos);
  CHECK(refusal("{\"smalldb_history\":1}\n") == "0:0: found no operation, expected at least one");
  CHECK(refusal("[]") == "0:0: found no operation, expected at least one");
}

TEST_CASE("What all keys start with can be said from outside") {
  Text source(jepsen);
  const Read read = checker::read(source, {Format::automatic, "0"});
  const auto& history = std::get<History>(read);
  CHECK(history.bytes(history.initial(history.operations()[0].key)) == "0");
}

TEST_CASE("A line of a hundred mebibytes is refused") {
  for (const Format format : formats) {
    Endless source;
    const Read read = checker::read(source, {format, {}});
    REQUIRE(std::holds_alternative<Malformed>(read));
    CHECK(std::get<Malformed>(read).line <= 1);
  }
}

TEST_CASE("A file that was cut anywhere is refused, or is what stands before the cut") {
  for (const std::string& sample : samples) {
    for (std::size_t end = 0; end < sample.size(); ++end) {
      const Read read = read_text(std::string_view(sample).substr(0, end));
      if (const auto* history = std::get_if<History>(&read)) CHECK(history->operations().size() == 1);
    }
  }
}

TEST_CASE("Any bytes whatever are a history or are refused, in every format") {
  for (const Format format : {Format::automatic, Format::json, Format::jepsen, Format::jepsen_log, Format::porcupine}) {
    CHECK(rc::check("any bytes", [&] {
      const std::string bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
      const Read read = read_text(bytes, format);
      RC_ASSERT(std::holds_alternative<Malformed>(read));
      RC_ASSERT(!std::get<Malformed>(read).expected.empty());
    }));
  }
}

TEST_CASE("A history with some bytes changed is a history or is refused") {
  CHECK(rc::check("changed bytes", [] {
    std::string bytes = *rc::gen::elementOf(samples);
    for (int left = *rc::gen::inRange(1, 6); left > 0; --left) {
      const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
      const char byte = *rc::gen::weightedOneOf<char>(
          {{2, rc::gen::arbitrary<char>()}, {3, rc::gen::elementOf(std::string("{}[]()\"\\:;#,-0 \n"))}});
      if (*rc::gen::arbitrary<bool>()) {
        bytes[at] = byte;
      } else {
        bytes.insert(at, 1, byte);
      }
    }
    const Read read = read_text(bytes);
    if (const auto* malformed = std::get_if<Malformed>(&read)) {
      const auto lines = static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
      RC_ASSERT(malformed->line <= lines + 1);
      RC_ASSERT(!malformed->found.empty());
      RC_ASSERT(!malformed->expected.empty());
    }
  }));
}

TEST_CASE("Brackets within brackets are refused before they fill the stack") {
  for (const std::string_view bracket : {"[", "{", "(", "#_", "#a ", "#{"}) {
    std::string deep = "{:process 0, :type :invoke, :f :write, :value ";
    for (int n = 0; n < 100'000; ++n) deep += bracket;
    CHECK(refusal(deep, Format::jepsen) != "good");
    for (int n = 0; n < 100'001; ++n) deep += "}";
    CHECK(refusal(deep, Format::jepsen) != "good");
  }
}

}  // namespace
}  // namespace smalldb::checker
