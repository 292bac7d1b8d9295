#include "properties/checker/formats/jepsen.h"

#include <catch2/catch.hpp>
#include <string>

#include "properties/checker/formats/test_support.h"

namespace smalldb::checker {
namespace {

TEST_CASE("Jepsen's maps are operations on one register") {
  const History history = history_of(R"({:process 0, :type :invoke, :f :write, :value 3, :time 10}
{:process 1, :type :invoke, :f :cas, :value [3 4], :time 11, :index 1}
{:process 2, :type :invoke, :f :read, :value nil, :time 11}
{:process 1, :type :fail, :f :cas, :value [3 4], :time 12}
{:process 2, :type :ok, :f :read, :value 3, :time 13}
{:process 0, :type :info, :f :write, :value 3, :time 14, :error :timeout}
{:process 1, :type :invoke, :f :cas, :value [nil 4], :time 15}
{:process 1, :type :fail, :f :cas, :value [nil 4], :time 16, :error :connection-refused}
)");
  REQUIRE(history.operations().size() == 4);
  REQUIRE(history.key_count() == 1);
  const auto& operations = history.operations();
  CHECK((operations[0].verb == Verb::put && operations[0].outcome == Outcome::unknown));
  CHECK((operations[1].verb == Verb::swap_if_value && operations[1].outcome == Outcome::mismatched));
  CHECK(history.bytes(operations[1].expected) == "3");
  CHECK(history.bytes(operations[1].argument) == "4");
  CHECK((operations[2].outcome == Outcome::ok && operations[2].result == operations[0].argument));
  CHECK((operations[3].outcome == Outcome::failed && operations[3].expected == ValueId::absent));
  CHECK(history.initial() == ValueId::absent);
}

TEST_CASE("An integer of any size is the same number as a small one, and a word that ends like it is not") {
  const auto is_same = [](const std::string& one, const std::string& other) {
    const Read read = read_text("{:process 0 :type :invoke :f :write :value " + one +
                                "}\n{:process 0 :type :ok :f :write :value " + one +
                                "}\n{:process 0 :type :invoke :f :read :value nil}\n"
                                "{:process 0 :type :ok :f :read :value " +
                                other + "}\n");
    const auto& operations = std::get<History>(read).operations();
    return operations[0].argument == operations[1].result;
  };
  CHECK(is_same("1N", "1"));
  CHECK(is_same("-12", "-12N"));
  CHECK_FALSE(is_same("1N", "-1N"));
  CHECK_FALSE(is_same("\"1N\"", "1"));
  CHECK_FALSE(is_same("aN", "a"));
  CHECK_FALSE(is_same("-N", "-"));
}

TEST_CASE("Independent registers have their keys in tuples, or beside the value") {
  const History history = history_of(R"([{:process 0 :type :invoke :f :write :value [:a "one"]}
 {:process 0 :type :ok :f :write :value [:a "one"]}
 {:process 0 :type :invoke :f :cas :value [:a ["one" 2]]}
 {:process 0 :type :ok :f :cas :value [:a ["one" 2]]}
 {:process 0 :type :invoke :f :read :value [:b nil]} {:process 0 :type :ok :f :read :value [:b nil]}
 #jepsen.history.Op{:process 1, :type :invoke, :f :read, :key "c", :value nil}
 {:process 1, :type :ok, :f :read, :key "c",
  :value "four\"" ; a comment }
 }])");
  const auto& operations = history.operations();
  REQUIRE(operations.size() == 4);
  CHECK(history.name(operations[0].key) == ":a");
  CHECK(history.bytes(operations[0].argument) == "one");
  CHECK(operations[1].key == operations[0].key);
  CHECK(operations[1].expected == operations[0].argument);
  CHECK((history.name(operations[2].key) == ":b" && operations[2].result == ValueId::absent));
  CHECK((history.name(operations[3].key) == "c" && history.bytes(operations[3].result) == "four\""));
  CHECK(history.line(3) == 6);
}

TEST_CASE("What the nemesis starts lasts until it has stopped it") {
  const History history = history_of(R"({:process :nemesis, :type :info, :f :start-partition, :value :majority}
{:process 0, :type :invoke, :f :read, :value nil}
{:process :nemesis, :type :info, :f :start-partition, :value :done}
{:process 0, :type :ok, :f :read, :value nil}
{:process :nemesis, :type :info, :f :stop-partition, :value nil}
{:process :nemesis, :type :info, :f :stop-partition, :value :healed}
{:process :nemesis, :type :info, :f :kill, :value nil}
{:process :nemesis, :type :info, :f :kill, :value :killed}
)");
  REQUIRE(history.marks().size() == 2);
  CHECK(history.marks()[0].text == "nemesis: start-partition");
  CHECK((history.marks()[0].from == 1 && history.marks()[0].to == 6));
  CHECK((history.marks()[1].text == "nemesis: kill" && history.marks()[1].from == 7));
}

TEST_CASE("The text log is read, with the lines of others between") {
  const History history = history_of(
      "INFO  jepsen.core - Running test\n"
      "INFO  jepsen.util - 0\t:invoke\t:read\tnil\n"
      "INFO  jepsen.util - 1\t:invoke\t:cas\t[1 2]\n"
      "WARN  jepsen.client - slow\n"
      "INFO  jepsen.util - 0\t:fail\t:read\t:timed-out\n"
      "INFO  jepsen.util - 1\t:info\t:cas\t:timed-out\n"
      "INFO  jepsen.util - :nemesis\t:info\t:start\tnil\n"
      "2019-05-01 12:00:00,123 INFO [jepsen worker 2] jepsen.util: 2\t:invoke\t:write\t1\n");
  const auto& operations = history.operations();
  REQUIRE(operations.size() == 3);
  CHECK(operations[0].outcome == Outcome::failed);
  CHECK(operations[1].outcome == Outcome::unknown);
  CHECK(operations[2].verb == Verb::put);
  CHECK(history.marks().size() == 1);
}

TEST_CASE("In the log, a compare-and-set that failed with an error says nothing of the value") {
  const History history = history_of(
      "INFO  jepsen.util - 0\t:invoke\t:cas\t[1 2]\n"
      "INFO  jepsen.util - 1\t:invoke\t:cas\t[1 2]\n"
      "INFO  jepsen.util - 0\t:fail\t:cas\t[1 2]\ttimed out: {\n"
      "INFO  jepsen.util - 1\t:fail\t:cas\t[1 2] \n");
  CHECK(history.operations()[0].outcome == Outcome::failed);
  CHECK(history.operations()[1].outcome == Outcome::mismatched);
}

TEST_CASE("Times may be negative") {
  CHECK(refusal("{:process 0, :type :invoke, :f :read, :value nil, :time -5}\n"
                "{:process 0, :type :ok, :f :read, :value nil, :time -1}") == "good");
}

TEST_CASE("A history in a vector is EDN, whatever its maps are tagged with") {
  const History history = history_of(
      "[#jepsen.history.Op{:process 0, :type :invoke, :f :write, :value 3}\n"
      " #jepsen.history.Op{:process 0, :type :ok, :f :write, :value 3}]");
  CHECK(history.operations().size() == 1);
  CHECK(refusal("; jepsen's\n{:process 0, :type :invoke, :f :write, :value 3}") == "good");
}

TEST_CASE("A map that is to be left out is") {
  const std::string put =
      "{:process 0, :type :invoke, :f :write, :value 3}\n{:process 0, :type :ok, :f :write, :value 3}\n";
  const std::string left_out = "#_{:process 9, :type :ok, :f :write, :value 1}\n";
  CHECK(history_of(left_out + put + left_out).operations().size() == 1);
  CHECK(history_of("[" + left_out + put + left_out + "]").operations().size() == 1);
}

TEST_CASE("JSON that is no lines is told as such") {
  const std::string told =
      ": found ':' with no word behind it, as JSON has it, expected EDN, as {:process 0, ...}; JSON has a line for "
      "each event";
  CHECK(refusal("{\n  \"at\": 1,\n  \"process\": \"a\"\n}\n") == "2:7" + told);
  CHECK(refusal("[{\"at\": 1, \"process\": \"a\"}]\n") == "1:7" + told);
}

TEST_CASE("An answer to something else is refused") {
  const auto answered = [](const std::string& call, const std::string& answer) {
    return refusal("{:process 0, :type :invoke, " + call + "}\n{:process 0, :type :ok, " + answer + "}");
  };
  CHECK(answered(":f :read, :value [1 nil]", ":f :read, :value [2 5]") ==
        "2:43: found an answer about the key \"2\", expected \"1\", as in the call");
  CHECK(answered(":f :write, :key :a, :value 1", ":f :write, :key :b, :value 1") ==
        "2:41: found an answer about the key \":b\", expected \":a\", as in the call");
  CHECK(answered(":f :write, :value [1 5]", ":f :write, :value [2 5]") ==
        "2:44: found an answer about the key \"2\", expected \"1\", as in the call");
  CHECK(answered(":f :write, :value 3", ":f :write, :value 4") ==
        "2:43: found an answer to something else, expected the value of the call, or none");
  CHECK(answered(":f :write, :value [1 5]", ":f :write, :value [1 6]") ==
        "2:46: found an answer to something else, expected the value of the call, or none");
  CHECK(answered(":f :cas, :value [1 [5 6]]", ":f :cas, :value [1 [5 7]]") ==
        "2:44: found an answer to something else, expected the value of the call, or none");
  CHECK(answered(":f :cas, :value [5 6]", ":f :cas, :value [5 7]") ==
        "2:41: found an answer to something else, expected the value of the call, or none");
  for (const std::string value : {"3", "\"3\"", "nil", "[1 2 3]", "{:index 7}"}) {
    CHECK(answered(":f :write, :value 3", ":f :write, :value " + value) == "good");
  }
  CHECK(answered(":f :cas, :value [1 [5 6]]", ":f :cas, :value [1 [5 6]]") == "good");
  CHECK(answered(":f :delete, :value [1 nil]", ":f :delete, :value [1 true]") == "good");
}

TEST_CASE("What is no event of Jepsen is refused, at its place") {
  const auto edn = [](std::string_view text) { return refusal(text, Format::jepsen); };
  CHECK(edn("{:process 0, :type :ok, :f :read, :value 1}") ==
        "1:1: found an answer to process 0, expected a call of it first");
  CHECK(edn("{:process 0, :type :invok, :f :read}") ==
        "1:20: found the word \":invok\", expected :invoke, :ok, :fail or :info");
  CHECK(edn("{:process 0, :type :invoke, :f :reed}") ==
        "1:32: found the word \":reed\", expected an operation on a key: :read, :write, :cas, :append or :delete");
  CHECK(edn("{:process 0, :type :invoke}") == "1:1: found a map without :f, expected an event");
  CHECK(edn("{:process 0, :type :invoke, :f :txn, :value [[:r 1 nil]]}").starts_with("1:32: found the word \":txn\""));
  CHECK(edn("{:process 0, :type :invoke, :f :cas, :value 3}") == "1:45: found the word \"3\", expected [expected new]");
  CHECK(edn("{:process 0, :type :invoke, :f :write, :value 3, :time 5}\n"
            "{:process 1, :type :invoke, :f :write, :value 3, :time 4}") ==
        "2:56: found the time 4 after 5, expected a time that does not go back");
  CHECK(edn("{:process 0, :type :invoke, :f :write, :value 3}\n{:process 0, :type :ok, :f :read, :value 3}") ==
        "2:28: found :read in the answer to :write, expected :write");
  CHECK(edn("{:process 0, :type :invoke, :f :write\n, :value 3") == "1:1: found a map that has no end, expected '}'");
  CHECK(edn("[{:process 0, :type :invoke, :f :write, :value 3}") == "1:50: found the end of the file, expected ']'");
  CHECK(edn("[{:process 0, :type :invoke, :f :write, :value 3}] {}") ==
        "1:52: found \"{}\", expected nothing behind the end of the history");
  CHECK(refusal("INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:ok\t:re", Format::jepsen_log) ==
        "2:30: found the end of the line, expected a process, a type, a function and a value");
}

}  // namespace
}  // namespace smalldb::checker
