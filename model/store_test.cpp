#include "model/store.h"

#include <catch2/catch.hpp>

#include <string>

#include "model/assert.h"
#include "model/testing/story.h"

namespace smalldb {
namespace {

using testing::get;
using testing::on_condition;
using testing::put;
using testing::remove;
using testing::Story;

TEST_CASE("a put is read by the next get, with its revision, in the epoch in which it is answered") {
  Story story;
  const Response written = story.execute(put("x", "17"));
  CHECK(written.status == Status::ok);
  CHECK(written.epoch == Epoch{1});
  CHECK(written.revision == Lsn{2});
  CHECK(written.position == Lsn{2});

  const Response read = story.store.get(get("x"), {1});
  CHECK(read.status == Status::ok);
  CHECK(read.value.view() == "17");
  CHECK(read.revision == Lsn{2});
  CHECK(read.epoch == Epoch{1});
}

TEST_CASE("S8 a get depends on all that is applied, whatever it finds") {
  Story story;
  story.execute(put("x", "17"));
  story.append(Checkpoint{});
  CHECK(story.store.get(get("x"), {1}).position == Lsn{3});
  CHECK(story.store.get(get("y"), {1}).position == Lsn{3});
  CHECK(story.store.get(get("y"), {1}).status == Status::not_found);
}

TEST_CASE("a remove leaves nothing behind, and finds nothing the second time") {
  Story story;
  story.execute(put("x", "17"));
  const Response removed = story.execute(remove("x"));
  CHECK(removed.status == Status::ok);
  CHECK(removed.revision == Lsn{3});
  CHECK(story.value("x") == "-");
  CHECK(story.store.size() == 0);
  const Response again = story.execute(remove("x"));
  CHECK(again.status == Status::not_found);
  CHECK(again.revision == Lsn{0});
  CHECK(again.position == Lsn{4});
}

TEST_CASE("F1 conditions are judged when the record is applied, and a failed one changes nothing") {
  using Kind = Condition::Kind;
  Story story;
  story.execute(put("here", "old"));  // revision 2
  struct Row {
    std::string_view key;
    Kind kind;
    std::uint64_t revision;
    bool holds;
  };
  const auto row = GENERATE(Row{"here", Kind::none, 0, true}, Row{"gone", Kind::none, 0, true},
                            Row{"here", Kind::revision_is, 2, true}, Row{"here", Kind::revision_is, 1, false},
                            Row{"gone", Kind::revision_is, 2, false}, Row{"gone", Kind::revision_is, 0, true},
                            Row{"here", Kind::exists, 0, true}, Row{"gone", Kind::exists, 0, false},
                            Row{"here", Kind::absent, 0, false}, Row{"gone", Kind::absent, 0, true});
  CAPTURE(row.key, static_cast<int>(row.kind), row.revision);
  const std::string before = story.value(row.key);
  const Revision present{row.key == "here" ? 2u : 0u};

  SECTION("of a put") {
    const Response response = story.execute(on_condition(put(row.key, "new"), row.kind, {row.revision}));
    CHECK(response.status == (row.holds ? Status::ok : Status::condition_failed));
    CHECK(response.revision == (row.holds ? Lsn{3} : present));
    CHECK(story.value(row.key) == (row.holds ? "new" : before));
  }
  SECTION("of a remove") {
    const Response response = story.execute(on_condition(remove(row.key), row.kind, {row.revision}));
    const bool found = row.key == "here";
    CHECK(response.status == (!row.holds ? Status::condition_failed : found ? Status::ok : Status::not_found));
    CHECK(response.revision == (!row.holds ? present : found ? Lsn{3} : Lsn{0}));
    CHECK(story.value(row.key) == (row.holds ? "-" : before));
  }
}

TEST_CASE("F9 a copy of the store stands still while the original goes on") {
  Story story;
  story.execute(put("x", "1"));
  const SessionId session = story.open();
  const Store copy = story.store;
  story.execute(put("x", "2", session, 1));
  story.execute(put("y", "3"));
  story.append(EpochStarted{{0, 2}, ProcessId{1}});

  CHECK(copy.applied() == Lsn{3});
  CHECK(copy.size() == 1);
  CHECK(copy.get(get("x"), {1}).value.view() == "1");
  CHECK(copy.configuration().epoch() == Epoch{1});
  CHECK(copy.admit(put("x", "2", session, 1)).kind == Admission::Kind::execute);
  CHECK(story.store.admit(put("x", "2", session, 1)).kind == Admission::Kind::answered);
}

TEST_CASE("S1 records are applied in their order, none twice, none left out") {
  Story story;
  const Record again = story.records.back();
  CHECK_THROWS_AS(story.store.apply(again), AssertionFailed);
  CHECK_THROWS_AS(story.store.apply({{3}, {1}, story.now, Checkpoint{}}), AssertionFailed);
}

TEST_CASE("F10 stamps never fall") {
  Story story;
  CHECK(story.store.stamp() == WallTime{1'000});
  CHECK_THROWS_AS(story.store.apply({{2}, {1}, {999}, Checkpoint{}}), AssertionFailed);
}

TEST_CASE("a get is never logged") {
  Story story;
  CHECK_THROWS_AS(story.execute(get("x")), AssertionFailed);
}

TEST_CASE("control records change the configuration and answer nobody") {
  Story story;
  CHECK(story.append(BackupJoining{{0, 2}, ProcessId{1}}) == Response{});
  CHECK(story.append(BackupDeclared{{0, 2}, ProcessId{1}}) == Response{});
  CHECK(story.append(Checkpoint{}) == Response{});
  CHECK(story.store.configuration().may_claim_next({0, 2}));
  CHECK(story.store.applied() == Lsn{4});
}

TEST_CASE("keys and values beyond the limits are refused before they are logged") {
  const Story story;
  const auto kind = [&story](const Request& request) { return story.store.admit(request).kind; };
  CHECK(kind(put(std::string(key_size_max, 'k'), std::string(value_size_max, 'v'))) == Admission::Kind::execute);
  CHECK(kind(put(std::string(key_size_max + 1, 'k'), "")) == Admission::Kind::refused);
  CHECK(kind(put("k", std::string(value_size_max + 1, 'v'))) == Admission::Kind::refused);
  CHECK(kind(get(std::string(key_size_max + 1, 'k'))) == Admission::Kind::refused);
  CHECK(story.store.admit(get(std::string(key_size_max + 1, 'k'))).reason == Status::too_large);
}

}  // namespace
}  // namespace smalldb
