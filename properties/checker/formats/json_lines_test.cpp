#include "properties/checker/formats/json_lines.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "properties/checker/formats/json_writer.h"
#include "properties/checker/formats/test_support.h"

namespace smalldb::checker {
namespace {

TEST_CASE("JSON lines say all that an operation is") {
  const History history = history_of(R"({"smalldb_history":1,"initial":null,"initial_of":[{"key":"x","value":"1"}]}
{"at":10,"process":"c1","call":"put","key":"x","value":"17","if_value":"1"}
{"at":12,"process":"c2","call":"get","key":"y"}
{"at":13,"process":"c2","return":"ok","value":null,"revision":4}
{"at":15,"process":"c1","return":"mismatched","value":"2","revision":9}
{"at":15,"process":"c1","call":"delete","key":"x","if_revision":9}
)");
  REQUIRE(history.operations().size() == 3);
  const Operation& put = history.operations()[0];
  CHECK(history.name(put.process) == "c1");
  CHECK(history.name(put.key) == "x");
  CHECK(put.verb == Verb::swap_if_value);
  CHECK(history.bytes(put.argument) == "17");
  CHECK(history.bytes(put.expected) == "1");
  CHECK(put.outcome == Outcome::mismatched);
  CHECK(put.has_result);
  CHECK(history.bytes(put.result) == "2");
  CHECK(put.revision == 9);
  CHECK((put.invoked == 10 && put.returned == 15));
  CHECK(history.line(0) == 2);
  const Operation& get = history.operations()[1];
  CHECK((get.verb == Verb::get && get.result == ValueId::absent && get.has_result && get.revision == 4));
  const Operation& remove = history.operations()[2];
  CHECK((remove.verb == Verb::remove_if_revision && remove.expected_revision == 9));
  CHECK((remove.outcome == Outcome::unknown && remove.returned == never));
  CHECK(history.bytes(history.initial(put.key)) == "1");
  CHECK(history.initial(get.key) == ValueId::absent);
}

TEST_CASE("Without instants, the order of the lines is the order of events") {
  const History history = history_of(R"({"process":"a","call":"put","key":"x","value":"1"}
{"process":"a","return":"ok"}
{"process":"b","call":"get","key":"x"}
{"process":"b","return":"ok","value":"1"}
)");
  CHECK(history.operations()[0].returned < history.operations()[1].invoked);
}

TEST_CASE("Marks last from their beginning to their end, or to the end of all") {
  const History history = history_of(R"({"at":1,"process":"a","call":"get","key":"x"}
{"at":2,"begins":"a <-> b: nothing passes"}
{"at":3,"mark":"b takes over"}
{"at":4,"begins":"the disk of b is full"}
{"at":5,"ends":"a <-> b: nothing passes"}
{"at":9,"process":"a","return":"ok","value":null}
)");
  REQUIRE(history.marks().size() == 3);
  CHECK((history.marks()[0].text == "b takes over" && history.marks()[0].from == 3 && history.marks()[0].to == 3));
  CHECK((history.marks()[1].from == 2 && history.marks()[1].to == 5));
  CHECK((history.marks()[2].text == "the disk of b is full" && history.marks()[2].to == 9));
}

TEST_CASE("Keys and values may be any bytes") {
  const History history = history_of(R"({"process":"a","call":"put","key":{"hex":"ff00"},"value":"\u00e9\ud83d\ude00\n"}
{"process":"b","call":"put","key":"é","value":{"hex":""}}
)");
  CHECK(history.name(history.operations()[0].key) == std::string_view("\xff\0", 2));
  CHECK(history.bytes(history.operations()[0].argument) == "é😀\n");
  CHECK(history.name(history.operations()[1].key) == "é");
  CHECK(history.bytes(history.operations()[1].argument).empty());
}

TEST_CASE("A store whose delete says whether it found something removes on condition that there is something") {
  const History history = history_of(R"({"process":"a","call":"delete","key":"x","if_revision":"any"}
{"process":"a","return":"mismatched"}
)");
  const Operation& operation = history.operations()[0];
  CHECK((operation.verb == Verb::remove_if_revision && operation.expected_revision == any_revision));
  CHECK((operation.outcome == Outcome::mismatched && !operation.has_result));
}

TEST_CASE("What is no line of a history is refused, at its place") {
  const std::string call = R"({"process":"a","call":"get","key":"x"})"
                           "\n";
  const auto refused = [&](std::string_view line) { return refusal(call + std::string(line), Format::json); };
  CHECK(refused(R"({"process":"a","call":"get","key":"x"})") ==
        "2:1: found a second call of process a, expected the answer to its call in line 1 first; a user that does two "
        "things at a time is two processes");
  CHECK(refused(R"({"process":"b","return":"ok"})") ==
        "2:1: found an answer to process b, expected a call of it first");
  CHECK(refused(R"({"process":"b","call":"gett","key":"x"})") ==
        "2:23: found the word \"gett\", expected get, put, delete or append");
  CHECK(refused(R"({"process":"a","return":"fine"})") ==
        "2:25: found the word \"fine\", expected ok, mismatched, failed or unknown");
  CHECK(refused(R"({"process":"b","call":"put","key":"x"})") == "2:23: found \"put\" without \"value\", expected both");
  CHECK(refused(R"({"process":"a","return":"ok"})") ==
        "2:25: found a get that is ok without \"value\", expected what it read, null for nothing");
  CHECK(refused(R"({"process":"a","return":"mismatched"})") ==
        "2:25: found a mismatch of what has no condition, expected ok, failed or unknown");
  CHECK(refused(R"({"at":3,"process":"a","return":"unknown"})") ==
        "2:7: found a line with \"at\", expected it in all lines or in none");
  CHECK(refused(R"({"process":"b","call":"get"})") == "2:23: found \"call\" without \"key\", expected both");
  CHECK(refused(R"({"process":"b"})").starts_with("2:1: found an object that is no event, expected exactly one of"));
  CHECK(refused(R"({"proces":"b","call":"get","key":"x"})").starts_with("2:2: found the field \"proces\", expected"));
  CHECK(refused(R"({"process":"b","process":"b"})") == "2:16: found the field \"process\" twice, expected it once");
  CHECK(refused(R"({"process":"b","call":"get","key":"x"} x)") ==
        "2:40: found \"x\", expected the end of the line: one object each");
  CHECK(refused(R"({"process":"b","call":"get","ke)") ==
        "2:32: found the end of the line, expected '\"' at the end of a string");
  CHECK(refused("{\"process\":\"b\",\"call\":\"get\",\"key\":\"\xff\"}") ==
        "2:36: found bytes that are not UTF-8, expected text, or {\"hex\": \"...\"} for other bytes");
  CHECK(refused(R"({"process":"b","call":"put","key":"x","value":null})") ==
        "2:47: found null, expected a value to write; delete leaves none");
  CHECK(refused(R"({"process":"b","call":"put","key":"x","value":17})") ==
        "2:47: found \"17\", expected a string, or {\"hex\": \"...\"}");
  CHECK(refused(R"({"ends":"night"})") == "2:9: found the end of \"night\", expected that it begins first");
  CHECK(refused(R"({"smalldb_history":1})") == "2:1: found a header, expected it in the first line, once");
  CHECK(refusal("{\"smalldb_history\":2}\n" + call, Format::json) ==
        "1:20: found another version of this format, expected 1");
  CHECK(refusal("{\"smalldb_history\":1,\"initial_of\":[{\"key\":\"x\",\"value\":\"1\"},"
                "{\"key\":\"y\",\"value\":null},{\"key\":\"x\",\"value\":\"2\"}]}\n" +
                    call,
                Format::json) == "1:85: found what a key holds at first, twice, expected it once");
  CHECK(refused(R"({"process":"b","call":"put","key":"x","value":"1","if_revision":18446744073709551615})") ==
        "2:65: found \"18446744073709551615\", expected a revision: a whole number from 0 on, or \"any\", and less");
  CHECK(refused(R"({"process":"a","return":"ok","value":null,"revision":18446744073709551615})") ==
        "2:54: found \"18446744073709551615\", expected a revision: a whole number from 0 on, and less");
  CHECK(refusal("{\"at\":5,\"mark\":\"a\"}\n{\"at\":4,\"mark\":\"b\"}\n", Format::json) ==
        "2:7: found the time 4 after 5, expected a time that does not go back: lines stand in the order in which "
        "things happened");
  const std::string first = "{\"at\":-9223372036854775808,\"mark\":\"a\"}\n";
  CHECK(refusal(first, Format::json) ==
        "1:7: found the time -9223372036854775808, expected a time from -9223372036854775807 on");
  CHECK(std::holds_alternative<History>(
      read_text("{\"at\":-9223372036854775807,\"process\":\"a\",\"call\":\"get\",\"key\":\"x\"}\n")));
}

TEST_CASE("Of a mistyped word, the candidates are told") {
  const Read read = read_text("{\"process\":\"b\",\"call\":\"gett\",\"key\":\"x\"}");
  const auto& malformed = std::get<Malformed>(read);
  CHECK(malformed.word == "gett");
  CHECK(malformed.words == std::vector<std::string>{"get", "put", "delete", "append"});
}

// Any history whatever in which each process does one thing at a time.
History any_history() {
  History history;
  const auto bytes = [] { return *rc::gen::container<std::string>(rc::gen::arbitrary<char>()); };
  std::vector<KeyId> keys{history.key("x"), history.key(bytes())};
  std::vector<ValueId> values{ValueId::absent, history.value("1"), history.value(bytes())};
  const auto any_value = [&](std::size_t from) { return values[*rc::gen::inRange<std::size_t>(from, values.size())]; };
  history.start_all_keys_with(any_value(0));
  history.start_with(keys[1], any_value(0));
  std::vector<ProcessId> processes{history.process("a"), history.process(bytes()), history.process("c")};
  std::vector<Instant> free_at(processes.size());
  Instant now = 0;
  for (int left = *rc::gen::inRange(1, 12); left > 0; --left) {
    const auto user = *rc::gen::inRange<std::size_t>(0, processes.size());
    Operation operation;
    now = std::max(now, free_at[user]) + *rc::gen::inRange(0, 3);
    operation.invoked = now;
    operation.process = processes[user];
    operation.key = keys[*rc::gen::inRange<std::size_t>(0, keys.size())];
    operation.verb = static_cast<Verb>(*rc::gen::inRange(0, 8));
    const bool conditional = operation.verb >= Verb::swap_if_value;
    const bool writes = operation.verb == Verb::put || operation.verb == Verb::append ||
                        operation.verb == Verb::swap_if_value || operation.verb == Verb::swap_if_revision;
    const bool by_value = operation.verb == Verb::swap_if_value || operation.verb == Verb::remove_if_value;
    if (writes) operation.argument = any_value(1);
    if (by_value) operation.expected = any_value(0);
    if (conditional && !by_value) operation.expected_revision = *rc::gen::element<std::uint64_t>(0, 7, any_revision);
    operation.outcome =
        *(conditional ? rc::gen::element(Outcome::ok, Outcome::mismatched, Outcome::failed, Outcome::unknown)
                      : rc::gen::element(Outcome::ok, Outcome::failed, Outcome::unknown));
    const bool known = operation.outcome == Outcome::ok || operation.outcome == Outcome::mismatched;
    if (known) operation.revision = *rc::gen::inRange<std::uint64_t>(0, 3);
    if (operation.outcome != Outcome::unknown) operation.returned = now + *rc::gen::inRange(0, 9);
    operation.has_result = (operation.verb == Verb::get && operation.outcome == Outcome::ok) ||
                           (operation.outcome == Outcome::mismatched && *rc::gen::arbitrary<bool>());
    if (operation.has_result) operation.result = any_value(0);
    free_at[user] = operation.outcome == Outcome::unknown ? now : operation.returned;
    history.add(operation);
  }
  if (*rc::gen::arbitrary<bool>()) history.add(History::Mark{now, now + 4, bytes()});
  return history;
}

std::string told(const History& history, const Operation& operation) {
  std::string text;
  write_json_call(history, operation, text);
  write_json_return(history, operation, operation.returned, text);
  return text;
}

TEST_CASE("What is written as JSON lines reads back as the same history") {
  CHECK(rc::check("any history", [] {
    const History history = any_history();
    const std::string text = write_json_lines(history);
    Text source(text);
    const Read read = checker::read(source, {Format::json, {}});
    if (const auto* malformed = std::get_if<Malformed>(&read)) {
      RC_FAIL(text + "\n" + std::to_string(malformed->line) + ": " + malformed->found + " / " + malformed->expected);
    }
    const auto& again = std::get<History>(read);
    RC_ASSERT(again.operations().size() == history.operations().size());
    for (std::size_t n = 0; n < history.operations().size(); ++n) {
      RC_ASSERT(told(again, again.operations()[n]) == told(history, history.operations()[n]));
      RC_ASSERT(again.operations()[n].returned == history.operations()[n].returned);
      RC_ASSERT(again.operations()[n].has_result == history.operations()[n].has_result);
    }
    RC_ASSERT(again.marks().size() == history.marks().size());
    RC_ASSERT(write_json_lines(again) == text);
  }));
}

}  // namespace
}  // namespace smalldb::checker
