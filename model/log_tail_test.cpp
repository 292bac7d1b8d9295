#include "model/log_tail.h"

#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include <string>

#include "model/assert.h"
#include "model/testing/log_fixture.h"

namespace smalldb {
namespace {

using testing::History;

LogTail tail_of(const History& history) {
  LogTail tail(Lsn{0});
  while (tail.end() < history.end()) tail.append(encode(history[tail.end().next()]));
  return tail;
}

TEST_CASE("F8 a tail gives back every record and every run of records") {
  const History history = History::mixed(300);
  const LogTail tail = tail_of(history);
  REQUIRE(tail.first() == Lsn{1});
  REQUIRE(tail.size() == history.bytes(Lsn{1}, Lsn{300}).size());
  rc::prop("from anywhere, however much at a time", [&] {
    const Lsn first{*rc::gen::inRange<std::uint64_t>(1, 302)};
    const Lsn up_to{*rc::gen::inRange<std::uint64_t>(first.value - 1, 301)};
    const auto max = *rc::gen::inRange<std::uint64_t>(0, 60'000);
    const LogTail::Run run = tail.run_from(first, up_to, max);
    if (up_to < first) {
      RC_ASSERT(run.parts.empty() && run.size == 0 && run.last == first.previous());
      return;
    }
    RC_ASSERT(first <= run.last && run.last <= up_to);
    RC_ASSERT(run.joined().view() == history.bytes(first, run.last));
    RC_ASSERT(run.size == run.joined().size());
    RC_ASSERT(run.size <= max || run.last == first);
    const bool one_more_fits = run.last < up_to && run.size + encode(history[run.last.next()]).size() <= max;
    RC_ASSERT(!one_more_fits);
    RC_ASSERT(tail.record(first) == encode(history[first]));
    const Bytes beside = tail.records_at(first);
    RC_ASSERT(beside.size() >= tail.record(first).size());
    RC_ASSERT(history.bytes(first, Lsn{300}).starts_with(beside.view()));
    RC_ASSERT(tail.size_after(first) == history.bytes(first.next(), Lsn{300}).size());
  });
}

TEST_CASE("S6 a tail that was cut goes on with other records") {
  rc::prop("at any position", [] {
    const History history = History::mixed(120);
    LogTail tail = tail_of(history);
    const Lsn cut{*rc::gen::inRange<std::uint64_t>(1, 121)};
    tail.cut(cut);
    RC_ASSERT(tail.end() == cut);
    RC_ASSERT(tail.size() == history.bytes(Lsn{1}, cut).size());
    const History other = History(history).back_to(cut).put(3, 'o').put(400, 'o');
    while (tail.end() < other.end()) tail.append(encode(other[tail.end().next()]));
    RC_ASSERT(tail.run_from(Lsn{1}, tail.end(), ~std::uint64_t{0}).joined().view() == other.bytes(Lsn{1}, other.end()));
  });
}

// As a backup gets them: slices of one message.
TEST_CASE("S1 large records that lie behind one another in a block are held and given without a copy") {
  History history = History::mixed(1);
  while (history.end() < Lsn{40}) history.put(5000);
  const Bytes message = Bytes::copy(history.bytes(Lsn{1}, Lsn{40}));
  LogTail tail(Lsn{0});
  for (std::size_t at = 0; tail.end() < history.end();) {
    const std::size_t size = decode_header(message.view().substr(at))->record_size();
    tail.append(message.slice(at, size));
    at += size;
  }
  REQUIRE(tail.run_from(Lsn{1}, Lsn{40}, ~std::uint64_t{0}).joined().data() == message.data());
  const Bytes part = tail.run_from(Lsn{20}, Lsn{30}, ~std::uint64_t{0}).joined();
  REQUIRE(part.view() == history.bytes(Lsn{20}, Lsn{30}));
  REQUIRE(message.data() < part.data());
  REQUIRE(part.data() < message.data() + message.size());
  tail.cut(Lsn{30});
  tail.append(encode(history[Lsn{31}]));
  REQUIRE(tail.run_from(Lsn{1}, Lsn{31}, ~std::uint64_t{0}).joined().view() == history.bytes(Lsn{1}, Lsn{31}));
}

TEST_CASE("S6 a tail can be cut below what it holds") {
  LogTail tail = tail_of(History::mixed(50));
  tail.trim(0, Lsn{51});
  REQUIRE(tail.first() == Lsn{51});
  tail.cut(Lsn{20});
  REQUIRE(tail.end() == Lsn{20});
  REQUIRE(tail.first() == Lsn{21});
  REQUIRE(tail.size() == 0);
  tail.append(encode(History::mixed(21)[Lsn{21}]));
  REQUIRE(tail.end() == Lsn{21});
}

TEST_CASE("F8 trimming keeps what it was told to keep") {
  rc::prop("however little is to stay otherwise", [] {
    const History history = History::mixed(200);
    LogTail tail = tail_of(history);
    const auto bytes = *rc::gen::inRange<std::uint64_t>(0, 50'000);
    const Lsn keep_from{*rc::gen::inRange<std::uint64_t>(1, 202)};
    tail.trim(bytes, keep_from);
    RC_ASSERT(tail.first() <= keep_from);
    RC_ASSERT(tail.size() >= std::min<std::uint64_t>(bytes, history.bytes(Lsn{1}, Lsn{200}).size()));
    RC_ASSERT(tail.size() == history.bytes(tail.first(), Lsn{200}).size());
    RC_ASSERT(tail.run_from(tail.first(), tail.end(), ~std::uint64_t{0}).joined().view() ==
              history.bytes(tail.first(), Lsn{200}));
  });
}

TEST_CASE("F8 a tail that is trimmed bit by bit is the same as one that is trimmed at once") {
  const History history = History::mixed(3000);
  LogTail tail = tail_of(history);
  for (std::uint64_t kept = 1; kept <= 2500; kept += 7) {
    tail.trim(20'000, Lsn{kept});
    REQUIRE(tail.record(Lsn{kept}) == encode(history[Lsn{kept}]));
    if (kept % 10 != 1) continue;
    LogTail at_once = tail_of(history);
    at_once.trim(20'000, Lsn{kept});
    REQUIRE(tail.first() == at_once.first());
    REQUIRE(tail.size() == at_once.size());
  }
  REQUIRE(tail.first() > Lsn{2000});
  SECTION("and cut to what is left of it") {
    const Lsn first = tail.first();
    tail.cut(first);
    REQUIRE(tail.first() == tail.end());
    REQUIRE(tail.size_after(first.previous()) == tail.size());
    while (tail.end().value < first.value + 20) tail.append(encode(history[tail.end().next()]));
    REQUIRE(tail.first() == first);
    REQUIRE(tail.run_from(first, tail.end(), ~std::uint64_t{0}).joined().view() == history.bytes(first, tail.end()));
  }
  SECTION("and cut below it, to nothing") {
    const Lsn end{GENERATE_REF(tail.first().value - 1, tail.first().value - 200)};
    tail.cut(end);
    REQUIRE(tail.first() == end.next());
    REQUIRE(tail.size() == 0);
    tail.append(encode(history[end.next()]));
    REQUIRE(tail.first() == end.next());
    REQUIRE(tail.record(end.next()) == encode(history[end.next()]));
    REQUIRE(tail.size_after(end) == tail.size());
  }
}

TEST_CASE("F8 nothing is given that is not held") {
  LogTail tail = tail_of(History::mixed(50));
  tail.trim(0, Lsn{30});
  REQUIRE_THROWS_AS(tail.record(tail.first().previous()), AssertionFailed);
  REQUIRE_THROWS_AS(tail.record(Lsn{51}), AssertionFailed);
  REQUIRE_THROWS_AS(tail.records_at(Lsn{51}), AssertionFailed);
  REQUIRE_THROWS_AS(tail.run_from(tail.first().previous(), tail.end(), 100), AssertionFailed);
}

}  // namespace
}  // namespace smalldb
