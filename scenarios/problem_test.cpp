#include "scenarios/problem.h"

#include <catch2/catch.hpp>

namespace smalldb::scenarios {
namespace {

TEST_CASE("a problem says where, what, what instead, and what was perhaps meant") {
  const Problem problem{"f.yaml", {3, 7}, "the key \"salt\"", "seed or store", "store"};
  CHECK(to_text(problem) == "f.yaml:3:7: found the key \"salt\", expected seed or store; did you mean \"store\"?");
  CHECK(to_text({"f.yaml", {}, "a directory", "a file", ""}) == "f.yaml: found a directory, expected a file");
}

}  // namespace
}  // namespace smalldb::scenarios
