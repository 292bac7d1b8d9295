#include "model/snapshot.h"

#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include <cstddef>
#include <string>
#include <vector>

#include "model/codec.h"
#include "model/crc32c.h"
#include "model/testing/arbitrary.h"
#include "model/testing/story.h"

namespace smalldb {
namespace {

using testing::get;
using testing::on_condition;
using testing::pieces_of;
using testing::put;
using testing::remove;
using testing::Story;
using testing::with_bit_flipped;

std::string bytes_of(SnapshotWriter writer, std::size_t max_bytes) {
  std::string bytes;
  while (!writer.finished()) {
    const Bytes piece = writer.next(max_bytes);
    REQUIRE(piece.size() <= max_bytes);
    REQUIRE((piece.size() == max_bytes || writer.finished()));
    REQUIRE(!piece.empty());
    bytes += piece.view();
    REQUIRE(writer.size() == bytes.size());
  }
  return bytes;
}

std::string bytes_of(const Store& store) { return bytes_of(SnapshotWriter(store), 64 * 1024); }

std::optional<Store> store_of(std::string_view bytes) {
  SnapshotReader reader;
  reader.take(bytes);
  return reader.finish();
}

std::string problem_with(std::string_view bytes) {
  SnapshotReader reader;
  reader.take(bytes);
  reader.finish();
  return std::string(reader.problem());
}

// A store with something of everything in it.
Story small_story() {
  Story story;
  const SessionId session = story.open();
  story.append(BackupJoining{{0, 2}, ProcessId{1}});
  story.execute(put("x", "17", session, 1));
  story.execute(on_condition(put("x", "18", session, 2), Condition::Kind::absent));
  story.execute(put("a longer key than fits inline", "and a longer value than fits inline"));
  story.now.nanoseconds += 500;
  story.open();
  return story;
}

// What a random mix of clients leaves behind.
Story any_story() {
  Story story;
  std::vector<SessionId> sessions(1);
  std::vector<std::uint64_t> numbers(1);
  const auto steps = *rc::gen::element(0, 10, 100, 400);
  for (int step = 0; step < steps; ++step) {
    story.now.nanoseconds += *rc::gen::inRange(0, 100);
    const auto dice = *rc::gen::inRange(0, 20);
    const auto who = *rc::gen::inRange<std::size_t>(0, sessions.size());
    const std::string key = *rc::gen::element<std::string>("", "a", "b") + std::to_string(*rc::gen::inRange(0, 60));
    if (dice == 0) {
      sessions.push_back(story.open());
      numbers.push_back(0);
    } else if (dice == 1) {
      story.append(SessionsExpired{{story.now.nanoseconds - 1'000}});
    } else if (dice == 2) {
      story.append(EpochStarted{{0, static_cast<std::uint64_t>(step)}, ProcessId{0}});
    } else if (dice < 8) {
      story.execute(remove(key, sessions[who], ++numbers[who]));
    } else {
      const std::uint64_t number = ++numbers[who];
      story.execute(put(key, std::string(*rc::gen::inRange<std::size_t>(0, 40), 'v'), sessions[who], number,
                        number - number % 3));
    }
  }
  return story;
}

TEST_CASE("F7 a store reads back from its snapshot as it was") {
  rc::prop("in pieces of any size, on either side", [] {
    const Story story = any_story();
    const std::string bytes =
        bytes_of(SnapshotWriter(story.store), *rc::gen::element<std::size_t>(1, 7, 64, 1000, 1'000'000));
    SnapshotReader reader;
    for (const std::string& piece : pieces_of(bytes)) reader.take(piece);
    const std::optional<Store> store = reader.finish();
    RC_ASSERT(reader.problem() == "");
    RC_ASSERT(store.has_value());
    RC_ASSERT(store->applied() == story.store.applied());
    RC_ASSERT(store->stamp() == story.store.stamp());
    RC_ASSERT(store->configuration() == story.store.configuration());
    RC_ASSERT(store->size() == story.store.size());
    for (const auto& [key, entry] : story.store.entries()) RC_ASSERT(*store->entries().find(key) == entry);
    RC_ASSERT(store->sessions().size() == story.store.sessions().size());
    for (const auto& [id, session] : story.store.sessions().all()) {
      RC_ASSERT(*store->sessions().all().find(id) == session);
    }
    RC_ASSERT(store->oldest_session_activity() == story.store.oldest_session_activity());
  });
}

TEST_CASE("S1 the same store gives the same bytes, whatever path led to it") {
  rc::prop("all records applied, or a snapshot at any position and the records behind it", [] {
    const Story story = any_story();
    const std::string bytes = bytes_of(story.store);
    const auto position = *rc::gen::inRange<std::size_t>(0, story.records.size() + 1);
    Store replica;
    for (std::size_t i = 0; i < story.records.size(); ++i) {
      if (i == position) replica = *store_of(bytes_of(replica));
      replica.apply(story.records[i]);
    }
    RC_ASSERT(bytes_of(replica) == bytes);
  });
  SECTION("and however large the pieces are") {
    const Store store = small_story().store;
    for (const std::size_t size : {1u, 2u, 3u, 10u, 100u, 1'000u}) {
      CHECK(bytes_of(SnapshotWriter(store), size) == bytes_of(store));
    }
  }
  SECTION("and settings do not show") {
    Settings other;
    other.session_window = 1;
    other.sessions_max = 1;
    SnapshotReader reader(other);
    const std::string bytes = bytes_of(small_story().store);
    reader.take(bytes);
    CHECK(bytes_of(*reader.finish()) == bytes);
  }
}

TEST_CASE("F7 a snapshot is as of one position while the store goes on") {
  Story story = small_story();
  const std::string bytes = bytes_of(story.store);
  SnapshotWriter writer(story.store);
  SnapshotWriter copy = writer;
  std::string given;
  std::string given_by_copy;
  for (int i = 0; !writer.finished(); ++i) {
    given += writer.next(10).view();
    story.execute(put("x", std::to_string(i)));
    story.execute(put("new " + std::to_string(i), "v"));
    story.open();
    if (i == 4) copy = writer;
    if (i == 4) given_by_copy = given;
  }
  CHECK(writer.lsn() == Lsn{7});
  CHECK(given == bytes);
  writer = SnapshotWriter(Store());  // a copy needs nothing of what it was copied from
  while (!copy.finished()) given_by_copy += copy.next(10).view();
  CHECK(given_by_copy == bytes);
}

TEST_CASE("F7 one large value is given in pieces too") {
  Story story;
  story.execute(put("large", std::string(value_size_max, 'v')));
  const std::string bytes = bytes_of(SnapshotWriter(story.store), 64 * 1024);
  CHECK(bytes.size() > value_size_max);
  CHECK(store_of(bytes)->get(get("large"), {1}).value.size() == value_size_max);
}

TEST_CASE("S6 a part of a snapshot is no snapshot") {
  const std::string bytes = bytes_of(small_story().store);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    REQUIRE(problem_with(std::string_view(bytes).substr(0, size)) == "ends too early");
  }
  CHECK(problem_with(bytes).empty());
  CHECK(problem_with(bytes + '\0') == "has bytes after its end");
}

TEST_CASE("S11 a snapshot with a wrong bit is refused") {
  const std::string bytes = bytes_of(small_story().store);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    const std::string damaged = with_bit_flipped(bytes, bit);
    CAPTURE(bit / 8);
    REQUIRE(!store_of(damaged));
    SnapshotReader in_pieces;
    for (const char c : damaged) in_pieces.take({&c, 1});
    REQUIRE(!in_pieces.finish());
  }
}

TEST_CASE("S11 a snapshot that has problems is refused for good, and says why") {
  CHECK(problem_with("") == "ends too early");
  CHECK(problem_with("something else altogether") == "is no checkpoint of smalldb");
  CHECK(problem_with("sma11dbS") == "is no checkpoint of smalldb");
  std::string bytes = bytes_of(small_story().store);
  CHECK(problem_with(with_bit_flipped(bytes, 8 * (bytes.size() - 1))) == "has a wrong checksum");
  bytes[8] = 1;
  CHECK(problem_with(bytes) == "is of a version that is not known here");

  SnapshotReader reader;
  reader.take("x");
  const std::string_view problem = reader.problem();
  reader.take(bytes_of(Store()));
  CHECK(reader.problem() == problem);
  CHECK_FALSE(reader.finish().has_value());
}

// A snapshot of `contents`, with a footer that says what it is told and a checksum that holds.
std::string sealed(std::string contents, std::uint64_t size) {
  Writer(contents).u64(size);
  Writer(contents).u32(crc32c(contents));
  return contents;
}

TEST_CASE("S11 a checksum that holds makes no snapshot of what is malformed") {
  Story story;
  story.execute(put("x", "17"));
  story.execute(put("y", "18"));
  const std::string bytes = bytes_of(story.store);
  const std::string contents = bytes.substr(0, bytes.size() - 12);
  const std::size_t entry_size = 8 + 4 + 1 + 4 + 2;
  CHECK(problem_with(sealed(contents, contents.size())).empty());

  CHECK(problem_with(sealed(contents, contents.size() - 1)) == "has a wrong length");
  const std::string one_missing = contents.substr(0, contents.size() - entry_size);
  CHECK(!store_of(sealed(one_missing, one_missing.size())));
  const std::string one_twice = one_missing + one_missing.substr(one_missing.size() - entry_size);
  CHECK(problem_with(sealed(one_twice, one_twice.size())) == "has keys out of order");
  std::string too_long_a_key = contents;
  too_long_a_key[contents.size() - entry_size + 8 + 3] = 1;  // the length's highest byte
  CHECK(problem_with(sealed(too_long_a_key, contents.size())) == "has a malformed key");
}

TEST_CASE("S11 sessions in a snapshot that are out of order are refused, whatever the checksum says") {
  Story story;
  story.open();
  story.open();
  const std::string bytes = bytes_of(story.store);
  const std::size_t session_size = 28;
  const std::string one = bytes.substr(0, bytes.size() - 12 - session_size);
  const std::string one_twice = one + one.substr(one.size() - session_size);
  CHECK(problem_with(sealed(one_twice, one_twice.size())) == "has sessions out of order");
}

TEST_CASE("the empty store has a snapshot too") {
  const std::optional<Store> store = store_of(bytes_of(Store()));
  REQUIRE(store.has_value());
  CHECK(store->applied() == Lsn{});
  CHECK(store->size() == 0);
}

}  // namespace
}  // namespace smalldb
