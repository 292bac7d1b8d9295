// The order that revisions claim across keys.
#include <catch2/catch.hpp>

#include <sstream>
#include <string>
#include <vector>

#include "properties/checker/check.h"
#include "properties/checker/testing/generator.h"

namespace smalldb::checker {
namespace {

// What is wrong with the order of a store's revisions. Operations are written as by hand: "x=5 0-1" put x and was told
// revision 5, from 0 to 1; "x 5 2-3" read it.
std::vector<std::string> wrong_across_keys(const std::vector<std::string>& operations) {
  History history;
  for (const std::string& text : operations) {
    std::istringstream words(text);
    std::string key, revision, times;
    words >> key;
    Operation operation;
    operation.process = history.process("p" + std::to_string(history.operations().size()));
    if (const auto sign = key.find('='); sign != key.npos) {
      operation.verb = Verb::put;
      revision = key.substr(sign + 1);
      operation.argument = history.value(revision);
      key.resize(sign);
    } else {
      words >> revision;
      operation.result = history.value(revision);
    }
    words >> times;
    operation.key = history.key(key);
    operation.revision = std::stoull(revision);
    operation.invoked = std::stoll(times);
    operation.returned = std::stoll(times.substr(times.find('-') + 1));
    history.add(operation);
  }
  std::vector<std::string> found;
  for (const WrongRevision& wrong : check_order_of_revisions(history)) {
    found.push_back(operations[wrong.operation] + " against " + operations[wrong.other] + ": " + wrong.what);
  }
  return found;
}

}  // namespace

TEST_CASE("The order of a store's revisions is judged across keys") {
  using Found = std::vector<std::string>;
  CHECK(wrong_across_keys({"x=5 0-1", "y=6 2-3", "x 5 4-5", "y 6 4-5"}).empty());
  CHECK(wrong_across_keys({"x=10 0-1", "y=5 2-3"}) ==
        Found{"y=5 2-3 against x=10 0-1: revision 5 was told after 10 had been"});
  SECTION("not of operations that overlap, nor at one instant") {
    CHECK(wrong_across_keys({"x=10 0-3", "y=5 2-4"}).empty());
    CHECK(wrong_across_keys({"x=10 0-1", "y=5 1-2"}).empty());
  }
  SECTION("a read was told what had been replaced by then") {
    CHECK(wrong_across_keys({"y=3 0-1", "x=10 0-9", "y=7 0-9", "x 10 2-3", "y 3 4-5"}) ==
          Found{"y 3 4-5 against x 10 2-3: revision 3, which 7 replaced, was told after 10 had been"});
    CHECK(wrong_across_keys({"y=3 0-1", "x=10 0-9", "y=12 0-9", "x 10 2-3", "y 3 4-5"}).empty());
  }
  SECTION("what one was told reaches another through what overlaps neither") {
    // z was read after x, and y was written after that.
    CHECK(wrong_across_keys({"z=1 0-1", "x=10 2-3", "z 1 4-5", "y=5 6-7"}) ==
          Found{"y=5 6-7 against x=10 2-3: revision 5 was told after 10 had been"});
  }
  SECTION("two writes have one revision") {
    CHECK(wrong_across_keys({"x=5 0-1", "y=5 0-1"}) ==
          Found{"y=5 0-1 against x=5 0-1: revision 5 was given to two writes"});
  }
  SECTION("what is wrong of one key is found with that key") {
    CHECK(wrong_across_keys({"x=10 0-1", "x=5 2-3"}).empty());
  }
}

TEST_CASE("A store that numbers all its writes in the order in which it executes them is not accused") {
  testing::Workload workload{
      .operations = 2000, .keys = 5, .clients = 8, .removes = 10, .unknown = 20, .revisions = true};
  for (workload.seed = 1; workload.seed <= 20; ++workload.seed) {
    INFO("seed " << workload.seed);
    const History history = testing::generate(workload);
    CHECK(check_order_of_revisions(history).empty());
  }
}

}  // namespace smalldb::checker
