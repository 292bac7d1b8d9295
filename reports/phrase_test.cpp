#include "reports/phrase.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

namespace smalldb::reports {
namespace {

Wording wording_of(const std::vector<Phrase>& phrases) {
  std::vector<std::string_view> data;
  for (const Phrase& phrase : phrases) phrase.add_data_to(data);
  return Wording(data);
}

TEST_CASE("A phrase is told whole, or with its data cut and its words as they are") {
  const std::vector<Phrase> one{said("put ", Phrase::data("two words"), "=", Phrase::data(std::string(100, 'v')), "!")};
  CHECK(one[0].whole() == "put \"two words\"=" + std::string(100, 'v') + "!");
  CHECK(wording_of(one).sentence(one[0]) == "put \"two words\"=vvvvvvvvvvvv...vvvvvvvvvvvv (100 bytes)!");
  CHECK(wording_of(one).row(one[0], 4) == "put \"two words\"=vvvv...vvvv!");
}

TEST_CASE("What has to fit has its data cut shorter, and its end only if that does not do") {
  const std::vector<Phrase> one{said("a ", Phrase::data(std::string(100, 'v')), " of that")};
  const Wording wording = wording_of(one);
  CHECK(wording.sentence(one[0]).size() == 49);
  CHECK(wording.sentence(one[0], 48) == "a vvvvvvv...vvvvvvv (100 bytes) of that");
  CHECK(wording.row_fitted(one[0], 22) == "a vvvv...vvvv of that");
  CHECK(wording.row_within(one[0], 22) == "a vvvv...vvvv of that");
  CHECK(wording.row_within(one[0], 20) == std::nullopt);
  CHECK(wording.row_fitted(one[0], 20) == "a vvvv...vvvv of ...");
  CHECK(wording.row_fitted(one[0], 11) == "a vvvv...");
}

TEST_CASE("Data that are told together read differently in all ways, one beside the other") {
  const std::string begin(30, 'b'), end(30, 'e');
  std::vector<Phrase> phrases;
  for (const std::string differing : {"1", "2", "", "a longer one that is not cut away"}) {
    phrases.push_back(Phrase::data(begin + differing + end));
  }
  const Wording wording = wording_of(phrases);
  for (std::size_t way = 0; way < Wording::ways; ++way) {
    std::set<std::string> seen;
    for (const Phrase& phrase : phrases) CHECK(seen.insert(wording.row(phrase, way)).second);
  }
  std::set<std::string> seen;
  for (const Phrase& phrase : phrases) CHECK(seen.insert(wording.sentence(phrase)).second);
}

}  // namespace
}  // namespace smalldb::reports
