#include "properties/checker/formats/porcupine.h"

#include <catch2/catch.hpp>

#include "properties/checker/formats/test_support.h"

namespace smalldb::checker {
namespace {

TEST_CASE("In Porcupine's text every key starts as the empty string") {
  const History history = history_of(R"({:process 9, :type :invoke, :f :append, :key "0", :value "x 9 0 y"}
{:process 4, :type :invoke, :f :get, :key "1", :value nil}
{:process 4, :type :ok, :f :get, :key "1", :value ""}
{:process 9, :type :ok, :f :append, :key "0", :value "x 9 0 y"}
)");
  REQUIRE(history.operations().size() == 2);
  CHECK(history.operations()[0].verb == Verb::append);
  CHECK(history.bytes(history.operations()[0].argument) == "x 9 0 y");
  CHECK(history.operations()[1].result == history.initial());
  CHECK(history.bytes(history.initial()).empty());
}

TEST_CASE("What is no line of Porcupine's text is refused, at its place") {
  const auto refused = [](std::string_view text) { return refusal(text, Format::porcupine); };
  CHECK(refused(R"({:process 9, :type :info, :f :append, :key "0", :value "x"})") ==
        "1:20: found the word \":info\", expected :invoke or :ok");
  CHECK(refused(R"({:process 9, :type :invoke, :f :append, :key 0, :value "x"})") ==
        "1:46: found the word \"0\", expected a string");
  CHECK(refused(R"({:process 9, :type :invoke, :f :append, :value "x"})") ==
        "1:1: found a map without :key, expected an event");
  CHECK(refused("{:process 9, :type :invoke, :f :append, :key \"0\", :value \"x\"}\n"
                "{:process 9, :type :ok, :f :append, :key \"1\", :value \"x\"}") ==
        "2:1: found an answer to something else, expected one to the call of process 9");
  CHECK(refused("{:process 9, :type :invoke, :f :append, :key \"0\", :value \"x\"}\n"
                "{:process 9, :type :ok, :f :append, :key \"0\", :value \"y\"}") ==
        "2:1: found an answer to something else, expected one to the call of process 9");
}

}  // namespace
}  // namespace smalldb::checker
