#include "model/whole_file.h"

#include <catch2/catch.hpp>

#include <string>

#include "model/host_side.h"
#include "model/testing/log_fixture.h"
#include "model/testing/memory_disk.h"

namespace smalldb {
namespace {

using testing::MemoryDisk;
using testing::PowerLost;

// A file being made on a disk.
struct Making {
  MemoryDisk disk;
  DiskTokens tokens{DiskOwner::checkpoint};
  HostEffects effects;
  WholeFile file;

  void run() {
    for (disk.take(effects); disk.busy() && disk.stopped().empty(); disk.take(effects)) {
      file.on_disk_done(disk.carry_out(), tokens, effects);
    }
  }
  void make(const std::string& name, const std::string& contents) {
    file.begin(name, tokens, effects);
    for (std::size_t at = 0; at < contents.size(); at += 700) {
      file.append(Bytes::copy(contents.substr(at, 700)), tokens, effects);
    }
    file.finish(tokens, effects);
    run();
  }
};

const std::string old_contents(3000, 'o');
const std::string new_contents(5000, 'n');

TEST_CASE("a new file stands under its name when it is done") {
  Making making;
  making.make("name", new_contents);
  CHECK(making.file.done());
  CHECK(making.file.written() == new_contents.size());
  making.disk.restart(0);
  CHECK(making.disk.names() == std::vector<std::string>{"name"});
  CHECK(making.disk.contents("name") == new_contents);
}

TEST_CASE("a file is the old one or the new one, whenever power is lost while it is replaced") {
  bool finished = false;
  for (std::size_t operations = 0; !finished; ++operations) {
    for (std::uint64_t fate = 0; fate < 40; ++fate) {
      Making making;
      making.disk.put("name", old_contents);
      making.disk.lose_power_after(operations);
      making.disk.shuffle(fate);
      try {
        making.make("name", new_contents);
        finished = true;
      } catch (const PowerLost&) {
      }
      INFO("power lost after " << operations << " operations, fate " << fate);
      making.disk.restart(fate);
      REQUIRE((making.disk.contents("name") == old_contents || making.disk.contents("name") == new_contents));
      if (finished) REQUIRE(making.disk.contents("name") == new_contents);
    }
  }
}

TEST_CASE("a file given up leaves nothing, and the next one nothing of it") {
  Making making;
  making.file.begin("name", making.tokens, making.effects);
  making.file.append(Bytes::copy(old_contents), making.tokens, making.effects);
  making.disk.take(making.effects);
  making.file.begin("name", making.tokens, making.effects);
  making.file.append(Bytes::copy("short"), making.tokens, making.effects);
  making.file.on_disk_done(making.disk.carry_out(), making.tokens, making.effects);
  CHECK(making.file.written() == 0);  // that was an answer to what was given up
  making.file.finish(making.tokens, making.effects);
  making.run();
  CHECK(making.file.done());
  CHECK(making.file.written() == 5);
  CHECK(making.disk.contents("name") == "short");

  making.file.begin("other", making.tokens, making.effects);
  making.file.append(Bytes::copy(old_contents), making.tokens, making.effects);
  making.file.abandon(making.tokens, making.effects);
  making.run();
  CHECK(!making.file.making());
  CHECK(making.disk.names() == std::vector<std::string>{"name"});
  CHECK(making.disk.stopped().empty());
}

TEST_CASE("S11 a file that cannot be written stops the process, and is not there") {
  for (const auto verb : {MemoryDisk::Verb::write, MemoryDisk::Verb::sync, MemoryDisk::Verb::rename}) {
    Making making;
    making.disk.fail_next(verb, DiskStatus::failed);
    making.make("name", new_contents);
    CHECK(!making.file.done());
    CHECK_THAT(making.disk.stopped(),
               Catch::Contains("cannot write a new name: the disk reported an error on name.tmp"));
    CHECK(!making.disk.holds("name"));
  }
}

}  // namespace
}  // namespace smalldb
