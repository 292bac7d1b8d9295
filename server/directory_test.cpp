#include "server/directory.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "server/testing/temporary_directory.h"

namespace smalldb::server {
namespace {

// No file of this process may grow beyond `bytes`: a full disk that needs no disk.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

struct Fixture {
  TemporaryDirectory temporary;
  Directory directory{temporary.path(), Volume::own};
};

TEST_CASE_METHOD(Fixture, "a lock that cannot be had is named") {
  REQUIRE(mkdir((temporary.path() + "/server.lock").c_str(), 0700) == 0);
  CHECK_THROWS_WITH(directory.lock(), Catch::Contains("/server.lock is a link or a folder"));
}

TEST_CASE_METHOD(Fixture, "a write can be read back, in part and beyond its end") {
  REQUIRE(directory.write("log", 0, "hello, world").status == DiskStatus::ok);
  CHECK(directory.read("log", 0, 100).bytes.view() == "hello, world");
  CHECK(directory.read("log", 7, 3).bytes.view() == "wor");
  const Directory::Outcome beyond = directory.read("log", 50, 3);
  CHECK(beyond.status == DiskStatus::ok);
  CHECK(beyond.bytes.empty());
}

TEST_CASE_METHOD(Fixture, "a write beyond the end leaves zeros in between") {
  REQUIRE(directory.write_synced("log", 3, "x").status == DiskStatus::ok);
  CHECK(directory.read("log", 0, 10).bytes.view() == std::string_view("\0\0\0x", 4));
}

TEST_CASE_METHOD(Fixture, "a list has all that has a name, with their sizes by name, and none of the server's own") {
  directory.write("b", 0, "12345");
  directory.write("a", 0, "1");
  directory.write_hidden("members", "secret to the machine");
  REQUIRE(directory.lock());
  std::filesystem::create_directory(temporary.path() + "/folder");
  std::filesystem::create_symlink("elsewhere", temporary.path() + "/link");
  const Directory::Outcome listed = directory.list();
  REQUIRE(listed.status == DiskStatus::ok);
  REQUIRE(listed.entries->size() == 4);
  CHECK((*listed.entries)[0].name == "a");
  CHECK((*listed.entries)[0].size == 1);
  CHECK((*listed.entries)[1].name == "b");
  CHECK((*listed.entries)[1].size == 5);
  CHECK((*listed.entries)[2].name == "folder");
  CHECK((*listed.entries)[3].name == "link");
  CHECK(directory.is_file("a"));
  CHECK_FALSE(directory.is_file("folder"));
  CHECK_FALSE(directory.is_file("link"));
  CHECK_FALSE(directory.is_file("none"));
}

TEST_CASE_METHOD(Fixture, "what is not there is not found") {
  CHECK(directory.read("none", 0, 1).status == DiskStatus::not_found);
  CHECK(directory.truncate("none", 0).status == DiskStatus::not_found);
  CHECK(directory.sync("none").status == DiskStatus::not_found);
  CHECK(directory.rename("none", "other").status == DiskStatus::not_found);
  CHECK(directory.remove("none").status == DiskStatus::not_found);
}

TEST_CASE_METHOD(Fixture, "a renamed file is written to under its new name, and a new one begins under the old") {
  directory.write("meta.new", 0, "first");
  REQUIRE(directory.rename("meta.new", "meta").status == DiskStatus::ok);
  directory.write("meta.new", 0, "second");
  CHECK(directory.read("meta", 0, 10).bytes.view() == "first");
  REQUIRE(directory.rename("meta.new", "meta").status == DiskStatus::ok);
  CHECK(directory.read("meta", 0, 10).bytes.view() == "second");
  CHECK(directory.read("meta.new", 0, 10).status == DiskStatus::not_found);
}

TEST_CASE_METHOD(Fixture, "a removed file begins anew") {
  directory.write("log", 0, "old bytes");
  REQUIRE(directory.remove("log").status == DiskStatus::ok);
  directory.write("log", 0, "new");
  CHECK(directory.read("log", 0, 100).bytes.view() == "new");
}

TEST_CASE_METHOD(Fixture, "a link to a taken name says so, and changes nothing") {
  directory.write("claim-1", 0, "one");
  directory.write("claim-2", 0, "two");
  REQUIRE(directory.link("claim-1", "epoch-1").status == DiskStatus::ok);
  CHECK(directory.link("claim-2", "epoch-1").status == DiskStatus::exists);
  CHECK(directory.read("epoch-1", 0, 10).bytes.view() == "one");
}

TEST_CASE_METHOD(Fixture, "more files than are kept open") {
  for (int i = 0; i < 200; ++i) REQUIRE(directory.write("f" + std::to_string(i), 0, "x").status == DiskStatus::ok);
  for (int i = 0; i < 200; ++i) CHECK(directory.sync("f" + std::to_string(i)).status == DiskStatus::ok);
  CHECK(directory.sync_directory().status == DiskStatus::ok);
}

TEST_CASE_METHOD(Fixture, "a full disk takes nothing of a write") {
  REQUIRE(directory.write("log", 0, "1234").status == DiskStatus::ok);
  const SizeLimit limit(6);
  CHECK(directory.write_synced("log", 4, "5678").status == DiskStatus::no_space);
  CHECK(directory.read("log", 0, 100).bytes.view() == "1234");
  CHECK(directory.write_synced("log", 4, "56").status == DiskStatus::ok);
}

TEST_CASE_METHOD(Fixture, "where a write that found no room had begun to replace bytes, nobody knows what is there") {
  REQUIRE(directory.write("log", 0, "1234").status == DiskStatus::ok);
  const SizeLimit limit(6);
  CHECK(directory.write("log", 2, "abcdefgh").status == DiskStatus::failed);
}

TEST_CASE_METHOD(Fixture, "a medium that fails has failed, and on the shared volume may not have answered") {
  std::filesystem::create_directory(temporary.path() + "/folder");
  CHECK(directory.write("folder", 0, "x").status == DiskStatus::failed);
  CHECK(directory.read("folder", 0, 1).error == EISDIR);
  Directory shared(temporary.path(), Volume::shared);
  CHECK(shared.write("folder", 0, "x").status == DiskStatus::unreachable);
}

TEST_CASE_METHOD(Fixture, "a symbolic link is not followed out of the directory") {
  std::filesystem::create_symlink("/dev/null", temporary.path() + "/log");
  CHECK(directory.write("log", 0, "x").status == DiskStatus::failed);
}

TEST_CASE_METHOD(Fixture, "a directory is one process's at a time") {
  REQUIRE(directory.lock());
  {
    Directory second(temporary.path(), Volume::own);
    CHECK_FALSE(second.lock());
  }
  CHECK_FALSE(Directory(temporary.path(), Volume::own).lock());
}

TEST_CASE_METHOD(Fixture, "a hidden file is replaced as a whole") {
  CHECK(directory.read_hidden("members") == std::nullopt);
  directory.write_hidden("members", "one\n");
  directory.write_hidden("members", "two\n");
  CHECK(directory.read_hidden("members") == "two\n");
}

TEST_CASE("a directory that is not there cannot be opened") {
  const TemporaryDirectory temporary;
  CHECK_THROWS_AS(Directory(temporary.path() + "/none", Volume::own), std::system_error);
}

TEST_CASE("what has the name of a hidden file and is none is refused, and read from nowhere") {
  const TemporaryDirectory temporary;
  Directory directory(temporary.path(), Volume::own);
  const std::string name = temporary.path() + "/server.name";
  const auto refuse = [&] {
    CHECK_THROWS_WITH(directory.read_hidden("name"), name + " is a link or a folder: put the file itself in its place");
    std::filesystem::remove(name);
  };
  std::filesystem::create_directory(name);
  refuse();
  std::filesystem::create_symlink("elsewhere", name);
  refuse();
  REQUIRE(mkfifo(name.c_str(), 0600) == 0);
  refuse();
  std::filesystem::create_directory(temporary.path() + "/server.lock");
  CHECK_THROWS_WITH(directory.lock(), Catch::Contains("/server.lock is a link or a folder"));
}

}  // namespace
}  // namespace smalldb::server
