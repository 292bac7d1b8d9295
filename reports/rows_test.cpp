#include "reports/rows.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace smalldb::reports {
namespace {

RowWish wish(sim::EventIndex event, std::int64_t milliseconds, bool is_news = false, int height = 10) {
  return {event, sim::Time{milliseconds * 1'000'000}, height, is_news};
}

std::string shown(const Rows& rows) {
  std::string text;
  for (const Rows::Row& row : rows.rows()) text += std::to_string(row.event) + " ";
  return text;
}

TEST_CASE("Rows stand in the order of events, each at its height") {
  const Rows rows({wish(30, 0), wish(10, 0), wish(20, 0, false, 40), wish(20, 0, true, 10)}, 100);
  CHECK(shown(rows) == "10 20 30 ");
  CHECK(rows.height() == 60);
  CHECK(rows.y_of(10) == 5);
  CHECK(rows.y_of(20) == 30);
  CHECK(rows.y_of(30) == 55);
  CHECK(rows.folds().empty());
}

TEST_CASE("An event without a row stands between its neighbours") {
  const Rows rows({wish(10, 0), wish(20, 0)}, 100);
  CHECK(rows.y_of(15) == 10);
  CHECK(rows.y_of(1) == 5);
  CHECK(rows.y_of(99) == rows.height());
}

TEST_CASE("Time in which nothing is shown takes room: the more the longer, and never much") {
  const auto gap_of = [](std::int64_t milliseconds) {
    const Rows rows({wish(1, 0), wish(2, milliseconds)}, 100);
    return rows.y_of(2) - rows.y_of(1) - 10;
  };
  CHECK(gap_of(1) == 0);
  CHECK(gap_of(10) > 0);
  CHECK(gap_of(100) > gap_of(10));
  CHECK(gap_of(100'000'000) == gap_of(1'000'000));
}

TEST_CASE("What does not fit is folded away where there is least news") {
  std::vector<RowWish> wishes;
  for (std::uint64_t n = 0; n < 100; ++n) wishes.push_back(wish(n, static_cast<std::int64_t>(n), n == 40 || n == 60));
  const Rows rows(wishes, 20);
  CHECK(rows.rows().size() <= 20);
  for (const std::uint64_t event : {0, 39, 40, 41, 59, 60, 61, 99}) CHECK(rows.shows(event));
  for (const std::uint64_t event : {20, 50, 80}) CHECK_FALSE(rows.shows(event));
  REQUIRE(rows.folds().size() == 3);
  const Rows::Fold& fold = rows.folds()[1];
  CHECK_FALSE(rows.shows(fold.first));
  CHECK(rows.shows(fold.first - 1));
  CHECK_FALSE(rows.shows(fold.last));
  CHECK(rows.shows(fold.last + 1));
  CHECK(fold.count() == fold.last + 1 - fold.first);
  CHECK(fold.to == sim::Time{static_cast<std::int64_t>(fold.last + 1) * 1'000'000});
  CHECK(rows.y_of(fold.first) == rows.y_of(fold.last));
  CHECK(rows.y_of(40) < rows.y_of(fold.first));
  CHECK(rows.y_of(fold.last) < rows.y_of(60));
}

TEST_CASE("As much is shown around news as there is room for") {
  std::vector<RowWish> wishes;
  for (std::uint64_t n = 0; n < 1'000; ++n) wishes.push_back(wish(n, 0, n == 500));
  for (const std::size_t most : {100, 127, 128, 129, 300}) {
    INFO(most);
    const std::size_t count = Rows(wishes, most).rows().size();
    CHECK(count <= most);
    CHECK(count + 4 > most);  // one row more at either end of a stretch would be too many
  }
}

TEST_CASE("Where not all is known only news is shown, and a fold says how much is missing") {
  std::vector<RowWish> wishes;
  for (const std::uint64_t event : {1, 2, 50, 900, 901}) wishes.push_back(wish(event, 0));
  for (const std::uint64_t event : {100, 101, 300}) wishes.push_back(wish(event, 0, true));
  const Rows rows(wishes, 1'000, {{2, 900}});
  CHECK(shown(rows) == "1 2 100 101 300 900 901 ");
  REQUIRE(rows.folds().size() == 3);
  CHECK(rows.folds()[0].count() == 97);   // 3 to 99
  CHECK(rows.folds()[1].count() == 198);  // 102 to 299
  CHECK(rows.folds()[2].count() == 599);  // 301 to 899
  CHECK_FALSE(rows.shows(50));
}

TEST_CASE("News is shown, however much there is, and nothing makes no picture") {
  std::vector<RowWish> wishes;
  for (std::uint64_t n = 0; n < 100; ++n) wishes.push_back(wish(n, 0, true));
  CHECK(Rows(wishes, 10).rows().size() == 100);
  CHECK(Rows({}, 10).height() == 0);
  CHECK(Rows({}, 10).y_of(5) == 0);
}

}  // namespace
}  // namespace smalldb::reports
