#include "server/disk.h"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "model/host_side.h"
#include "server/testing/temporary_directory.h"

namespace smalldb::server {
namespace {

// A disk, and what it answered.
struct Fixture {
  TemporaryDirectory own;
  TemporaryDirectory shared;
  boost::asio::io_context loop{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work = make_work_guard(loop);
  std::vector<DiskDone> answers;
  Disk disk{loop, std::make_shared<Directory>(own.path(), Volume::own),
            std::make_shared<Directory>(shared.path(), Volume::shared),
            [this](DiskDone done) { take(std::move(done)); }};
  std::size_t wanted = 0;

  void take(DiskDone done) {
    answers.push_back(std::move(done));
    if (answers.size() == wanted) loop.stop();
  }
  // Records operations as a machine does, and waits until all are answered.
  template <class Record>
  void run(Record record) {
    HostEffects effects;
    record(static_cast<Effects&>(effects));
    wanted = answers.size() + effects.recorded().size();
    for (Effect& effect : effects.recorded()) disk.submit(std::move(std::get<effect::Disk>(effect)));
    loop.restart();
    loop.run();
  }
  const DiskDone& answer(std::uint64_t token) const {
    for (const DiskDone& done : answers) {
      if (done.token == DiskToken{token}) return done;
    }
    FAIL("no answer to operation " << token);
    return answers.front();
  }
};

TEST_CASE_METHOD(Fixture, "operations on one file are carried out in their order") {
  run([](Effects& effects) {
    for (std::uint64_t i = 0; i < 100; ++i) {
      effects.write(DiskToken{2 * i}, "log", i, Bytes::copy("x"));
      effects.read(DiskToken{2 * i + 1}, "log", 0, 1000);
    }
  });
  for (std::uint64_t i = 0; i < 100; ++i) CHECK(answer(2 * i + 1).bytes.size() == i + 1);
}

TEST_CASE_METHOD(Fixture, "a rename waits for both of its files, and both wait for it") {
  run([](Effects& effects) {
    effects.write_synced(DiskToken{1}, "new", 0, Bytes::copy(std::string(1 << 20, 'n')));
    effects.write_synced(DiskToken{2}, "old", 0, Bytes::copy(std::string(1 << 20, 'o')));
    effects.rename(DiskToken{3}, "new", "old");
    effects.read(DiskToken{4}, "old", 0, 1);
    effects.read(DiskToken{5}, "new", 0, 1);
  });
  CHECK(answer(3).status == DiskStatus::ok);
  CHECK(answer(4).bytes.view() == "n");
  CHECK(answer(5).status == DiskStatus::not_found);
}

TEST_CASE_METHOD(Fixture, "a file of one name on both volumes is two files") {
  run([](Effects& effects) {
    effects.write(DiskToken{1}, "x", 0, Bytes::copy("own"), Volume::own);
    effects.write(DiskToken{2}, "x", 0, Bytes::copy("shared"), Volume::shared);
  });
  run([](Effects& effects) {
    effects.read(DiskToken{3}, "x", 0, 100, Volume::own);
    effects.read(DiskToken{4}, "x", 0, 100, Volume::shared);
    effects.list(DiskToken{5}, Volume::shared);
  });
  CHECK(answer(3).bytes.view() == "own");
  CHECK(answer(4).bytes.view() == "shared");
  CHECK(answer(5).entries->size() == 1);
}

TEST_CASE_METHOD(Fixture, "every verb reaches the disk") {
  run([](Effects& effects) { effects.write_synced(DiskToken{1}, "a", 0, Bytes::copy("12345")); });
  run([](Effects& effects) { effects.truncate(DiskToken{2}, "a", 2); });
  run([](Effects& effects) { effects.sync(DiskToken{3}, "a"); });
  run([](Effects& effects) { effects.link(DiskToken{4}, "a", "b"); });
  run([](Effects& effects) { effects.rename(DiskToken{5}, "a", "c"); });
  run([](Effects& effects) { effects.sync_directory(DiskToken{6}); });
  run([](Effects& effects) { effects.list(DiskToken{7}); });
  run([](Effects& effects) { effects.remove(DiskToken{8}, "b"); });
  run([](Effects& effects) { effects.read(DiskToken{9}, "c", 0, 100); });
  for (const DiskDone& done : answers) CHECK(done.status == DiskStatus::ok);
  CHECK(answer(7).entries->size() == 2);
  CHECK(answer(9).bytes.view() == "12");
  CHECK(disk.figures().operations == 9);
  CHECK(disk.figures().syncs == 3);
  CHECK(disk.figures().bytes_written == 5);
  CHECK(disk.figures().waiting == 0);
}

TEST_CASE_METHOD(Fixture, "a failure is told to the one who asked, and the next operation goes on") {
  run([](Effects& effects) {
    effects.remove(DiskToken{1}, "x");
    effects.write(DiskToken{2}, "x", 0, Bytes::copy("x"));
    effects.sync(DiskToken{3}, ".");
  });
  CHECK(answer(1).status == DiskStatus::not_found);  // an answer, and no failure
  CHECK(answer(2).status == DiskStatus::ok);
  CHECK(answer(3).status == DiskStatus::failed);
  CHECK(disk.figures().failures == 1);
}

TEST_CASE_METHOD(Fixture, "a failure is told with its reason, and so is a write whose directory is gone") {
  std::vector<std::pair<std::string, int>> told;
  disk.on_failure = [&](const effect::Disk& operation, int error) { told.emplace_back(operation.name, error); };
  std::filesystem::remove_all(own.path());
  run([](Effects& effects) {
    effects.read(DiskToken{1}, "x", 0, 1);
    effects.write_synced(DiskToken{2}, "y", 0, Bytes::copy("y"));
  });
  CHECK(told == std::vector<std::pair<std::string, int>>{{"y", ENOENT}});
  CHECK(disk.figures().failures == 1);
}

}  // namespace
}  // namespace smalldb::server
