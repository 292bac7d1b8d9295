#include "model/arbiter.h"

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/host_side.h"
#include "model/testing/memory_disk.h"

namespace smalldb {
namespace {

using testing::MemoryDisk;
using Verb = effect::DiskVerb;

constexpr DirectoryId a{1, 1};
constexpr DirectoryId b{2, 2};

// An arbiter on a disk, and two nodes with a connection each.
class Court {
 public:
  Court() { start(); }

  void start() {
    arbiter_ = std::make_unique<Arbiter>(ArbiterConfig{ProcessId{7}});
    effects_ = HostEffects();
    stopped_.clear();
    step(Started{{++lives_, lives_}});
    for (const Link link : {Link{101}, Link{102}}) step(HostEvents::accepted(link, ProcessId{0}, Port::arbiter));
  }
  // power: what was not synced is gone.
  void restart(bool power) {
    if (power) {
      disk.restart(0);
    } else {
      disk.restart_process();
    }
    start();
  }
  void claim(DirectoryId directory, std::uint64_t epoch) {
    const Link link{directory == a ? 101u : 102u};
    const DirectoryId its_founder = epoch == 1 ? DirectoryId{} : founder;
    step(Received{link, encode(Epoch{epoch - 1}, {5}, Claim{{epoch}, directory, ProcessId{0}, its_founder})});
  }
  // What `directory` has been told since one last asked: pairs of epoch and winner.
  std::vector<std::pair<std::uint64_t, DirectoryId>> told(DirectoryId directory) {
    return std::exchange(verdicts_[Link{directory == a ? 101u : 102u}], {});
  }
  void step(const Event& event) {
    arbiter_->step({}, event, effects_);
    take();
    if (!held) work();
  }
  // Carries out what the disk has been asked for.
  void work() {
    while (disk.busy()) {
      arbiter_->step({}, disk.carry_out(), effects_);
      take();
    }
  }
  const std::string& stopped() const { return stopped_; }

  MemoryDisk disk;
  DirectoryId founder = a;  // of the store of both
  bool held = false;
  bool over = false;  // the last verdict was on an epoch after which somebody else has one
  int pongs = 0;

 private:
  void take() {
    for (const Effect& effect : effects_.recorded()) {
      if (const auto* stop = std::get_if<effect::Stop>(&effect)) stopped_ = stop->why.string();
      const auto* send = std::get_if<effect::Send>(&effect);
      if (send == nullptr) continue;
      const auto message = decode_frame(send->bytes);
      REQUIRE(message);
      if (std::holds_alternative<Pong>(message->body)) {
        ++pongs;
        continue;
      }
      const auto& verdict = std::get<Verdict>(message->body);
      over = message->epoch > verdict.claimed;
      verdicts_[send->link].emplace_back(verdict.claimed.value, verdict.winner);
    }
    disk.take(effects_);
  }

  std::unique_ptr<Arbiter> arbiter_;
  HostEffects effects_;
  std::uint64_t lives_ = 0;
  std::map<Link, std::vector<std::pair<std::uint64_t, DirectoryId>>> verdicts_;
  std::string stopped_;
};

using Told = std::vector<std::pair<std::uint64_t, DirectoryId>>;

TEST_CASE("S2 the first claimer has an epoch, whoever asks, and as often as anybody asks") {
  Court court;
  court.claim(a, 2);
  court.claim(b, 2);
  court.claim(a, 2);
  CHECK(court.told(a) == Told{{2, a}, {2, a}});
  CHECK(court.told(b) == Told{{2, a}});
}

TEST_CASE("S2 each epoch is a register of its own") {
  Court court;
  court.claim(a, 1);
  court.claim(b, 2);
  court.claim(a, 2);
  court.claim(b, 1);
  CHECK(court.told(a) == Told{{1, a}, {2, b}});
  CHECK(court.told(b) == Told{{2, b}, {1, a}});
}

TEST_CASE("S2 a verdict on an epoch says whether somebody else than its winner has a later one") {
  Court court;
  court.claim(a, 1);
  CHECK_FALSE(court.over);
  court.claim(a, 2);
  court.claim(a, 1);
  CHECK_FALSE(court.over);
  court.claim(b, 3);
  CHECK_FALSE(court.over);
  court.claim(a, 4);
  CHECK_FALSE(court.over);
  court.restart(true);
  court.claim(a, 1);
  CHECK(court.over);
  court.claim(a, 4);
  CHECK_FALSE(court.over);
  court.claim(b, 3);
  CHECK(court.over);
  CHECK(court.told(a) == Told{{1, a}, {2, a}, {1, a}, {4, a}, {1, a}, {4, a}});
}

TEST_CASE("S2 a grant is told to nobody before it is durable") {
  Court court;
  court.held = true;
  court.claim(a, 2);
  court.claim(b, 2);
  CHECK(court.told(a).empty());
  CHECK(court.told(b).empty());
  court.work();
  CHECK(court.told(a) == Told{{2, a}});
  CHECK(court.told(b) == Told{{2, a}});
}

TEST_CASE("S2 a grant is remembered over restarts and losses of power") {
  for (const bool power : {false, true}) {
    Court court;
    court.claim(a, 1);
    court.claim(b, 2);
    for (int i = 0; i < 3; ++i) court.restart(power);
    court.told(a);
    court.claim(a, 2);
    court.claim(a, 1);
    CHECK(court.told(a) == Told{{2, b}, {1, a}});
  }
}

TEST_CASE("S2 a grant that was being written when power was lost has been told to nobody, and may go to another") {
  Court court;
  court.held = true;
  court.claim(a, 2);
  court.restart(true);
  court.held = false;
  court.work();
  court.claim(b, 2);
  CHECK(court.told(b) == Told{{2, b}});
  CHECK(court.told(a).empty());
}

TEST_CASE("S2 what is read at a start may stand in the cache alone: it is made durable before it is told") {
  Court court;
  court.claim(a, 1);
  // A grant that was written and not synced when the process ended; then, after a start, the machine loses power.
  const std::string before = court.disk.contents("grants");
  Court scratch;
  scratch.claim(a, 1);
  scratch.claim(b, 2);
  HostEffects write;
  write.write(DiskToken{99}, "grants", 0, Bytes::copy(scratch.disk.contents("grants")));
  court.disk.take(write);
  court.disk.carry_out();
  court.restart(false);
  court.told(a);
  court.claim(a, 2);
  REQUIRE(court.told(a) == Told{{2, b}});
  court.restart(true);
  court.claim(a, 2);
  CHECK(court.told(a) == Told{{2, b}});
}

TEST_CASE("S2 who holds the log of another store is told who founded this one, and granted nothing") {
  Court court;
  court.claim(a, 1);
  court.founder = b;
  for (const std::uint64_t epoch : {2u, 7u}) court.claim(b, epoch);
  CHECK(court.told(b) == Told{{1, a}, {1, a}});
  court.restart(true);
  court.claim(b, 2);
  CHECK(court.told(b) == Told{{1, a}});
  court.founder = a;
  court.told(a);
  court.claim(a, 2);
  CHECK(court.told(a) == Told{{2, a}});
}

TEST_CASE("S2 an arbiter that was not there when the store was founded takes the first claimer's word for it") {
  Court court;
  court.claim(b, 5);
  CHECK(court.told(b) == Told{{5, b}});
  court.restart(true);
  court.founder = b;
  court.claim(b, 6);
  CHECK(court.told(b) == Told{{1, a}});
  court.founder = a;
  court.claim(b, 6);
  CHECK(court.told(b) == Told{{6, b}});
}

TEST_CASE("S2 a claim of a later epoch that names no founder is not answered, and founds nothing") {
  Court court;
  court.founder = {};
  court.claim(b, 5);
  CHECK(court.told(b).empty());
  court.founder = a;
  court.claim(a, 2);
  CHECK(court.told(a) == Told{{2, a}});
}

TEST_CASE("S2 many claims at once are granted in the order in which they came, a sector at a time") {
  Court court;
  court.founder = b;
  court.held = true;
  for (std::uint64_t epoch = 1; epoch <= 40; ++epoch) court.claim(epoch % 2 == 0 ? a : b, epoch);
  while (court.disk.busy()) {
    court.work();
  }
  CHECK(court.told(a).size() == 20);
  CHECK(court.told(b).size() == 20);
  court.held = false;
  court.restart(true);
  court.claim(a, 39);
  court.claim(b, 40);
  CHECK(court.told(a) == Told{{39, b}});
  CHECK(court.told(b) == Told{{40, a}});
}

TEST_CASE("a claim that comes before the grants have been read is not answered, and is granted when it comes again") {
  Court court;
  court.claim(a, 1);
  court.told(a);
  court.held = true;
  court.restart(true);
  court.claim(b, 1);
  court.work();
  CHECK(court.told(b).empty());
  court.claim(b, 1);
  CHECK(court.told(b) == Told{{1, a}});
}

TEST_CASE("S11 zeros up to the end of a sector were told to nobody, and are cut") {
  for (const std::size_t zeros : {32u, 64u, 480u}) {
    Court court;
    court.claim(a, 1);
    court.told(a);
    court.disk.put("grants", court.disk.contents("grants") + std::string(zeros, '\0'));
    court.restart(true);
    REQUIRE(court.stopped().empty());
    court.claim(b, 2);
    court.restart(true);
    REQUIRE(court.stopped().empty());
    court.claim(a, 1);
    court.claim(a, 2);
    CHECK(court.told(a) == Told{{1, a}, {2, b}});
  }
}

TEST_CASE("S11 what a crash leaves of a write of grants stops no arbiter, and no grant that was told is lost") {
  for (std::uint64_t luck = 0; luck < 40; ++luck) {
    Court court;
    for (std::uint64_t epoch = 1; epoch <= 14; ++epoch) court.claim(a, epoch);
    court.told(a);
    court.held = true;
    for (std::uint64_t epoch = 15; epoch <= 30; ++epoch) court.claim(b, epoch);  // over the end of the sector
    court.disk.lose_power_after(luck % 2, luck % 4 < 2);
    CHECK_THROWS_AS(court.work(), testing::PowerLost);
    const auto told = court.told(b);
    court.disk.restart(luck);
    court.held = false;
    court.start();
    REQUIRE(court.stopped().empty());
    for (std::uint64_t epoch = 1; epoch <= 14; ++epoch) court.claim(b, epoch);
    for (const auto& verdict : court.told(b)) CHECK(verdict.second == a);
    for (const auto& verdict : told) court.claim(a, verdict.first);
    for (const auto& verdict : court.told(a)) CHECK(verdict.second == b);
  }
}

TEST_CASE("S11 an arbiter whose grants have been cut anywhere but between two of them stops, and grants nothing") {
  Court whole;
  for (std::uint64_t epoch = 1; epoch <= 5; ++epoch) whole.claim(a, epoch);
  const std::string grants = whole.disk.contents("grants");
  for (std::size_t size = 1; size < grants.size(); ++size) {
    if (size % 32 == 0) continue;
    Court court;
    court.disk.put("grants", grants.substr(0, size));
    court.restart(true);
    CHECK(court.stopped().find("grants: the file ends in the middle of a grant at offset " +
                               std::to_string(size / 32 * 32)) == 0);
    court.claim(b, 5);
    CHECK(court.told(b).empty());
    CHECK(court.disk.contents("grants").size() == size);
  }
}

TEST_CASE("S11 zeros beyond the end of their sector, or less than a grant of them, stop the arbiter") {
  for (const std::size_t zeros : {1u, 31u, 33u, 481u, 512u, 4096u}) {
    Court court;
    court.claim(a, 1);
    court.disk.put("grants", court.disk.contents("grants") + std::string(zeros, '\0'));
    court.restart(true);
    CHECK_FALSE(court.stopped().empty());
  }
}

TEST_CASE("S11 an epoch that is granted twice stops the arbiter: the file has been put together") {
  Court first;
  first.claim(a, 1);
  Court second;
  second.claim(b, 1);
  first.disk.put("grants", first.disk.contents("grants") + second.disk.contents("grants"));
  first.restart(true);
  CHECK(first.stopped().find("for the second time at offset 32") != std::string::npos);
}

TEST_CASE("S11 an arbiter whose grants have rotted stops, wherever a bit has changed, and grants nothing") {
  for (std::size_t bit = 0; bit < 3 * 32 * 8; bit += 5) {
    Court court;
    for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) court.claim(a, epoch);
    court.told(a);
    court.disk.flip_bit("grants", bit);
    court.restart(true);
    CHECK(court.stopped().find("grants") != std::string::npos);
    court.claim(b, 2);
    CHECK(court.told(b).empty());
  }
}

TEST_CASE("S11 a hole in the grants is damage, not a tail") {
  Court court;
  for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) court.claim(a, epoch);
  std::string grants = court.disk.contents("grants");
  grants.replace(32, 32, std::string(32, '\0'));
  court.disk.put("grants", grants);
  court.restart(true);
  CHECK_FALSE(court.stopped().empty());
}

TEST_CASE("S11 an arbiter stops when a disk operation fails, whichever it is") {
  for (const Verb verb : {Verb::read, Verb::truncate, Verb::sync, Verb::sync_directory, Verb::write_synced}) {
    Court court;
    court.claim(a, 1);
    court.told(a);
    court.disk.restart(0);
    court.disk.fail_next(verb, DiskStatus::failed);
    court.start();
    court.claim(b, 2);
    CHECK_FALSE(court.stopped().empty());
    CHECK(court.told(b).empty());
  }
}

// The operating system shows what it could not write, and takes it for written.
TEST_CASE("S2 a grant whose sync failed is told once it has been written again, and not forgotten then") {
  for (std::uint64_t before = 0; before < 40; ++before) {
    INFO(before << " grants before it");
    Court court;
    for (std::uint64_t epoch = 1; epoch <= before; ++epoch) court.claim(a, epoch);
    court.told(a);
    court.disk.fail_next(Verb::write_synced, DiskStatus::failed);
    court.claim(a, before + 1);
    REQUIRE_FALSE(court.stopped().empty());
    CHECK(court.told(a).empty());
    court.restart(false);
    court.claim(b, before + 1);
    CHECK(court.told(b) == Told{{before + 1, a}});
    court.restart(true);
    court.claim(b, before + 1);
    CHECK(court.told(b) == Told{{before + 1, a}});
  }
}

TEST_CASE("an arbiter answers a ping once it could answer a claim, and grants nothing by it") {
  Court court;
  const auto ping = [&] { court.step(Received{Link{101}, encode({4}, {5}, Ping{})}); };
  ping();
  CHECK(court.pongs == 1);
  CHECK(court.told(a).empty());
  court.claim(b, 5);
  CHECK(court.told(b) == Told{{5, b}});

  court.held = true;
  court.restart(true);
  ping();
  CHECK(court.pongs == 1);
}

TEST_CASE("an arbiter closes a connection that speaks rubbish, and serves the others") {
  Court court;
  court.step(Received{Link{101}, Bytes::copy(std::string(64, '\xff'))});
  court.claim(b, 1);
  CHECK(court.told(b) == Told{{1, b}});
}

}  // namespace
}  // namespace smalldb
