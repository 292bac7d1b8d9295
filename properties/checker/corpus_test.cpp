// The histories of other systems in testdata/histories, against their known verdicts.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "properties/checker/check.h"
#include "properties/checker/formats/test_support.h"

namespace smalldb::checker {
namespace {

const std::string folder = "properties/checker/testdata/histories/";

struct Known {
  std::string file;
  std::string model;
  std::size_t operations = 0;
  bool linearizable = false;
};

std::string content(const std::string& file) {
  std::ifstream in(folder + file, std::ios::binary);
  INFO("file " << file);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<Known> known() {
  std::istringstream lines(content("verdicts.csv"));
  std::vector<Known> all;
  std::string line;
  std::getline(lines, line);
  REQUIRE(line == "file,model,operations,verdict");
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    Known one;
    std::string count, verdict;
    std::getline(fields, one.file, ',');
    std::getline(fields, one.model, ',');
    std::getline(fields, count, ',');
    std::getline(fields, verdict);
    one.operations = std::stoul(count);
    one.linearizable = verdict == "linearizable";
    REQUIRE((one.linearizable || verdict == "not linearizable"));
    all.push_back(one);
  }
  REQUIRE(all.size() == 18);
  return all;
}

TEST_CASE("Every history of the corpus is read, all its operations") {
  for (const Known& one : known()) {
    INFO(one.file);
    const History history = history_of(content(one.file));
    CHECK(history.operations().size() == one.operations);
    CHECK((history.initial() == ValueId::absent) == (one.model == "register with cas"));
  }
}

TEST_CASE("Every history of the corpus gets its known verdict, and a proof if it is violated") {
  for (const Known& one : known()) {
    INFO(one.file);
    const Verdict verdict = check(history_of(content(one.file)));
    CHECK(name(verdict.conclusion) == (one.linearizable ? "holds" : "violated"));
    REQUIRE(verdict.violation.has_value() == !one.linearizable);
    if (verdict.violation) CHECK(verdict.violation->operations.size() > 1);
  }
}

}  // namespace
}  // namespace smalldb::checker
