// What comes over the wire is not believed: a node that says what no sound node would is refused and left, and never
// makes an assertion of its peer fail. Each test speaks to one node in the place of another.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "model/testing/alone.h"

namespace smalldb::testing {
namespace {

constexpr ProcessId other{1};
constexpr DirectoryId its_directory{9, 9};
constexpr Incarnation its_life{3};

// ---- To a primary ---------------------------------------------------------------------------------------------------

Hello greeting(std::uint64_t number) {
  Hello hello;
  hello.directory = its_directory;
  hello.node = other;
  hello.number = number;
  return hello;
}

void greet(Alone& node, const Hello& hello, std::uint64_t link = Alone::peer, Incarnation life = its_life) {
  node.sent.clear();
  node.say(link, encode(Epoch{}, life, hello));
}

void acknowledge(Alone& node, Lsn position, std::uint64_t link = Alone::peer, bool lease = false) {
  const Records* records = node.last_sent<Records>();
  const std::uint64_t confirmed = records == nullptr ? 0 : records->confirm;
  node.say(link, encode(Epoch{1}, its_life, Ack{position, position, confirmed, lease}));
}

// A comer that has nothing yet becomes the backup: record 2 says that it joins, record 3 that it is in sync.
void join(Alone& node, std::uint64_t number = 1) {
  greet(node, greeting(number));
  node.say(Alone::peer, encode(Epoch{1}, its_life, Ready{{0}}));
  acknowledge(node, {2});
  acknowledge(node, {3});
}

TEST_CASE("S6 a comer that is ready for other records than the ones it was promised gets none") {
  Alone node;
  greet(node, greeting(1));
  node.say(Alone::peer, encode(Epoch{1}, its_life, Ready{{1}}));
  CHECK(node.times_sent<Records>() == 0);
  node.say(Alone::peer, encode(Epoch{1}, its_life, Ready{{0}}));
  CHECK(node.times_sent<Records>() > 0);
}

TEST_CASE("S6 a greeting that cannot be is not welcomed") {
  const auto with = [](auto change) {
    Hello hello = greeting(1);
    hello.log_end = {9};
    hello.epochs = {{{1}, {1}, its_directory, {}}, {{2}, {5}, its_directory, {}}};
    change(hello);
    return hello;
  };
  const std::vector<Hello> impossible = {
      with([](Hello& hello) { hello.directory = {7, 7}; }),  // a copy of the primary's own directory
      with([](Hello& hello) { hello.directory = {}; }),        with([](Hello& hello) { hello.node = ProcessId{4}; }),
      with([](Hello& hello) { hello.epochs[1].epoch = {1}; }), with([](Hello& hello) { hello.epochs[1].first = {1}; }),
      with([](Hello& hello) { hello.epochs[0].first = {0}; }), with([](Hello& hello) { hello.log_end = {4}; }),
      with([](Hello& hello) { hello.epochs.clear(); }),
  };
  for (std::size_t i = 0; i < impossible.size(); ++i) {
    INFO("greeting " << i);
    Alone node;
    greet(node, impossible[i]);
    CHECK(node.times_sent<Welcome>() == 0);
    CHECK(node.times_sent<NotPrimary>() == 1);
    join(node);
    CHECK(node.times_sent<Welcome>() == 1);
  }
}

TEST_CASE("S12 an acknowledgement of another epoch, or of another life of the backup, releases nothing") {
  Alone node;
  join(node);
  node.say(Alone::client, Alone::put("x", 3));
  CHECK(node.replies == 0);
  node.say(Alone::peer, encode(Epoch{0}, its_life, Ack{{4}, {4}, 0, false}));
  node.say(Alone::peer, encode(Epoch{1}, Incarnation{4}, Ack{{4}, {4}, 0, false}));
  CHECK(node.replies == 0);
  acknowledge(node, {4});
  CHECK(node.replies == 1);
}

TEST_CASE("F8 what goes to the backup and what is written to the log are the same bytes in memory") {
  Alone node;
  join(node);
  std::string requests;
  for (const std::size_t size : {1500, 800, 300}) requests += Alone::put("x", size).view();
  node.sent.clear();
  node.written.clear();
  node.say(Alone::client, Bytes::copy(requests));
  REQUIRE(node.times_sent<Records>() == 1);
  REQUIRE(node.written.size() == 1);
  const Bytes& shipped = node.last_sent<Records>()->bytes;
  CHECK(count_records(shipped.view()) == 3);
  CHECK(shipped == node.written.front());
  CHECK(shipped.data() == node.written.front().data());
}

TEST_CASE("F2 a follower that acknowledges what it was not sent is left, and nothing is released") {
  for (const Ack& ack : {Ack{{9}, {9}, 0, false}, Ack{{3}, {4}, 0, false}, Ack{{4}, {4}, 7, false}}) {
    Alone node;
    join(node);
    node.say(Alone::client, Alone::put("x", 3));
    node.say(Alone::peer, encode(Epoch{1}, its_life, ack));
    INFO("received " << ack.received.value << ", durable " << ack.durable.value << ", reads " << ack.confirmed);
    CHECK(node.closed == Alone::peer);
    CHECK(node.replies == 0);
    // It is the backup still: it may come back.
    node.step(HostEvents::accepted(Link{102}, other, Port::replication));
    Hello hello = greeting(2);
    hello.log_end = {3};
    hello.epochs = {{{1}, {1}, {7, 7}, {}}};
    greet(node, hello, 102);
    node.say(102, encode(Epoch{1}, its_life, Ready{{3}}));
    acknowledge(node, {4}, 102);
    CHECK(node.replies == 1);
  }
}

TEST_CASE("F7 a comer that has taken more of the snapshot than was sent is left") {
  Alone node;
  Hello damaged = greeting(1);
  damaged.checkpoint = {~std::uint64_t{0}};
  greet(node, damaged);
  REQUIRE(node.times_sent<SnapshotChunk>() > 0);
  const Lsn lsn = node.last_sent<SnapshotChunk>()->snapshot_lsn;
  node.say(Alone::peer, encode(Epoch{1}, its_life, SnapshotTaken{lsn, 10}));
  CHECK(node.closed == 0);
  node.say(Alone::peer, encode(Epoch{1}, its_life, SnapshotTaken{lsn, 1'000'000}));
  CHECK(node.closed == Alone::peer);
}

TEST_CASE("S8 that a number is another's, or a session unknown, is told when the backup has confirmed it") {
  Alone node;
  join(node);
  node.say(Alone::client, Alone::request({.verb = Verb::open_session}));
  acknowledge(node, {4});
  const auto write = [](SessionId session, std::string_view value) {
    return Alone::request({session, 1, 1, Verb::put, Bytes::copy("x"), Bytes::copy(value), {}});
  };
  node.say(Alone::client, write({4}, "1"));
  acknowledge(node, {5});
  REQUIRE(node.replies == 2);
  node.say(Alone::client, write({4}, "2"));
  CHECK(node.replies == 2);
  acknowledge(node, {5});
  CHECK(node.replies == 3);
  CHECK(node.last == Status::number_taken);
  node.say(Alone::client, write({3}, "2"));
  CHECK(node.replies == 3);
  acknowledge(node, {5});
  CHECK(node.last == Status::session_expired);
}

// ---- Late greetings -------------------------------------------------------------------------------------------------

TEST_CASE("S6 a greeting that a later one of the same life overtook disturbs no join") {
  Alone node;
  greet(node, greeting(2));
  REQUIRE(node.times_sent<Welcome>() == 1);
  node.step(HostEvents::accepted(Link{102}, other, Port::replication));
  greet(node, greeting(1), 102);
  CHECK(node.times_sent<Welcome>() == 0);
  CHECK(node.closed == 0);
  node.say(Alone::peer, encode(Epoch{1}, its_life, Ready{{0}}));
  CHECK(node.times_sent<Records>() > 0);
  // A later one is welcomed in its place.
  greet(node, greeting(3), 102);
  CHECK(node.times_sent<Welcome>() == 1);
  CHECK(node.closed == Alone::peer);
}

TEST_CASE("S3 a late greeting of this life or of another does not cost a backup that is heard of its standing") {
  for (const Incarnation life : {its_life, Incarnation{2}}) {
    for (const DirectoryId directory : {its_directory, DirectoryId{8, 8}}) {
      Alone node;
      join(node, 2);
      node.step(HostEvents::accepted(Link{102}, other, Port::replication));
      Hello late = greeting(1);
      late.directory = directory;
      greet(node, late, 102, life);
      node.say(Alone::client, Alone::put("x", 3));
      CHECK(node.replies == 0);
      acknowledge(node, {4});
      CHECK(node.replies == 1);
    }
  }
}

TEST_CASE("S4 a backup that comes back with less than it acknowledged is gone without at once when its connection is") {
  Alone node;
  join(node);
  node.step(Closed{Link{Alone::peer}, CloseReason::reset});
  node.say(Alone::client, Alone::put("x", 3));
  node.step(HostEvents::accepted(Link{102}, other, Port::replication));
  CHECK(node.replies == 0);
  greet(node, greeting(1), 102, Incarnation{4});
  CHECK(node.replies == 1);
}

// ---- Records that left memory ---------------------------------------------------------------------------------------

TEST_CASE("S6 what a comer was promised stays in memory, though a record is added in the step of its welcome") {
  Settings settings;
  settings.log_buffer_bytes = 512;
  settings.session_expires_after = seconds(1);
  // The comer lacks all that is in memory, and not a record more: one that is added then may push out what it lacks
  // first.
  std::size_t by_snapshot = 0;
  for (int puts = 10; puts < 40; ++puts) {
    for (std::uint64_t end = 1;; ++end) {
      Alone node(settings);
      Request open;
      open.verb = Verb::open_session;
      node.say(Alone::client, Alone::request(open));
      for (int i = 0; i < puts; ++i) node.say(Alone::client, Alone::put("x", 3));
      // Now the session has been idle for too long, which the welcome's own step finds.
      node.wall.nanoseconds += 2'000'000'000;
      Hello hello = greeting(1);
      hello.log_end = {end};
      hello.epochs = {{{1}, {1}, {7, 7}, {}}};
      greet(node, hello);
      REQUIRE(node.times_sent<Welcome>() == 1);
      by_snapshot += node.last_sent<Welcome>()->snapshot ? 1 : 0;
      if (node.last_sent<Welcome>()->snapshot) continue;
      INFO("after " << puts << " writes the comer has " << end << " records");
      CHECK_NOTHROW(node.say(Alone::peer, encode(Epoch{1}, its_life, Ready{{end}})));
      CHECK(node.times_sent<Records>() > 0);
      break;
    }
  }
  CHECK(by_snapshot > 0);
}

// ---- Leases ---------------------------------------------------------------------------------------------------------

TEST_CASE("S8 a lease ends with the epoch that it was promised in, whoever stands by in the next") {
  Settings settings;
  settings.reads = Reads::leased;
  settings.lease = seconds(60);
  Alone node(settings);
  join(node);
  node.pass(milliseconds(100));
  acknowledge(node, {3}, Alone::peer, true);
  node.say(Alone::client, Alone::get("x"));
  REQUIRE(node.replies == 1);
  // The backup is gone, and another that has promised nothing is in sync in epoch 2.
  for (int i = 0; i < 10; ++i) node.pass(milliseconds(100));
  node.step(HostEvents::accepted(Link{102}, other, Port::replication));
  Hello next = greeting(1);
  next.directory = {8, 8};
  greet(node, next, 102, Incarnation{4});
  node.say(102, encode(Epoch{2}, Incarnation{4}, Ready{{0}}));
  for (const Lsn position : {Lsn{5}, Lsn{6}}) {
    node.say(102, encode(Epoch{2}, Incarnation{4}, Ack{position, position, 0, false}));
  }
  node.say(Alone::client, Alone::put("y", 1));
  node.say(102, encode(Epoch{2}, Incarnation{4}, Ack{{7}, {7}, 0, false}));
  REQUIRE(node.replies == 2);
  node.say(Alone::client, Alone::get("x"));
  CHECK(node.replies == 2);
}

// ---- To a comer and to a backup -------------------------------------------------------------------------------------

constexpr DirectoryId primary_directory{5, 5};
constexpr Incarnation primary_life{6};

// A node that has nothing and has just been welcomed.
class Newcomer : public Alone {
 public:
  explicit Newcomer(const Welcome& welcome = {}) : Alone({}, {ProcessId{0}, other}, false) {
    answer_call();
    primary_says(welcome);
    closed = 0;
  }
  void primary_says(const MessageBody& body) { say(called, encode(Epoch{1}, primary_life, body)); }
  void ship(Lsn first, const std::vector<Record>& records) {
    std::string bytes;
    for (const Record& record : records) bytes += encode(record).view();
    primary_says(Records{first, {}, 0, Bytes::copy(bytes)});
  }
};

Record record(std::uint64_t lsn, RecordBody body, std::uint64_t epoch = 1, std::int64_t stamp = 1000) {
  return {{lsn}, {epoch}, {stamp}, std::move(body)};
}

const Record first_record = record(1, EpochStarted{primary_directory, other});

TEST_CASE("S12 a seeker does not follow a welcome of an epoch before its own") {
  for (const std::uint64_t epoch : {0u, 1u}) {
    INFO("a welcome of epoch " << epoch << " to a node whose log stands in epoch 1");
    Alone node({}, {ProcessId{0}, other});
    node.restart();
    node.answer_call();
    node.closed = 0;
    node.say(node.called, encode(Epoch{epoch}, primary_life, Welcome{{1}, false, {}}));
    CHECK(node.times_sent<Ready>() == epoch);
    CHECK((node.closed == node.called) == (epoch == 0));
  }
}

TEST_CASE("S6 a welcome that cannot be is not followed") {
  for (const Lsn cut : {Lsn{0}, Lsn{1}}) {
    INFO("keep up to " << cut.value << " of nothing");
    const Newcomer node(Welcome{cut, false, {}});
    CHECK(node.times_sent<Ready>() == (cut == Lsn{} ? 1 : 0));
  }
}

TEST_CASE("S1 a backup takes no record that does not follow its log: it stops, and says which") {
  Operation operation;
  operation.request.verb = Verb::put;
  const std::vector<std::vector<Record>> impossible = {
      {first_record, record(2, operation, 2)},  // of an epoch that has not begun
      {first_record, record(2, operation, 0)},
      {first_record, record(2, EpochStarted{primary_directory, other})},  // the epoch begins again
      {first_record, record(2, BackupDeclared{{7, 7}, ProcessId{0}})},    // that never joined
      {first_record, record(2, BackupLeft{{7, 7}})},
      {first_record, record(2, BackupJoining{{7, 7}, ProcessId{0}}), record(3, BackupJoining{{8, 8}, ProcessId{0}})},
      {first_record, record(2, operation, 1, 999)},  // stamped before the one before it
      {first_record, record(3, operation)},          // one is missing
      {record(1, operation)},                        // nothing has begun
      {record(1, operation, 0)},
  };
  for (std::size_t i = 0; i < impossible.size(); ++i) {
    INFO("records " << i);
    Newcomer node;
    REQUIRE(node.times_sent<Ready>() == 1);
    node.ship({1}, impossible[i]);
    CHECK_THAT(node.stopped, Catch::Contains("record " + std::to_string(impossible[i].size())) &&
                                 Catch::Contains("does not follow the log of this node"));
    CHECK(node.closed == node.called);
  }
}

TEST_CASE("S1 a backup that cannot read a record stops, and says so") {
  Newcomer node;
  std::string bytes = encode(first_record).string();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  node.primary_says(Records{{1}, {}, 0, Bytes::copy(bytes)});
  CHECK_THAT(node.stopped, Catch::Contains("record 1") && Catch::Contains("cannot be read"));
}

TEST_CASE("S1 a backup whom a message is missing looks for the primary again") {
  Newcomer node;
  node.ship({1}, {first_record});
  node.primary_says(Records{{3}, {}, 0, {}});
  CHECK(node.stopped.empty());
  CHECK(node.closed != 0);
}

}  // namespace
}  // namespace smalldb::testing
