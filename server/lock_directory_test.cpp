#include "server/lock_directory.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>
#include <vector>

#include "server/not_now.h"
#include "server/testing/temporary_directory.h"

namespace smalldb::server {
namespace {

struct Fixture {
  TemporaryDirectory volume, data_of_a, data_of_b;
  Directory a{data_of_a.path(), Volume::own};
  Directory b{data_of_b.path(), Volume::own};

  // As a start does.
  static std::string begin(const std::string& at, Directory& own, bool may_found = false) {
    Directory lock(at, Volume::shared);
    const std::string identity = recognize_lock(lock, own, may_found);
    remember_lock(own, identity);
    return identity;
  }
};

TEST_CASE_METHOD(Fixture, "the node that founds the store makes the identity, and the next one finds it") {
  CHECK_THROWS_WITH(begin(volume.path(), b), Catch::Contains("has no server.identity: is its volume mounted?"));
  const std::string identity = begin(volume.path(), a, true);
  CHECK(identity.size() == 32);
  CHECK(begin(volume.path(), b) == identity);
  CHECK(begin(volume.path(), a, true) == identity);
  CHECK(std::distance(std::filesystem::directory_iterator(volume.path()), {}) == 1);
}

TEST_CASE_METHOD(Fixture, "a node that has seen an identity begins with no directory that lacks it, or has another") {
  const std::string identity = begin(volume.path(), a, true);
  const TemporaryDirectory other;
  CHECK_THROWS_AS(begin(other.path(), a, true), NotNow);
  CHECK_THROWS_WITH(begin(other.path(), a, true),
                    Catch::Contains(other.path()) &&
                        Catch::Contains("it has no server.identity, and had " + identity) &&
                        Catch::Contains("remove " + data_of_a.path() + "/server.lock-directory"));
  CHECK(std::filesystem::is_empty(other.path()));
  const std::string another = begin(other.path(), b, true);
  CHECK_THROWS_WITH(begin(other.path(), a), Catch::Contains("it has the server.identity " + another + ", and had"));
  CHECK(begin(volume.path(), a) == identity);
}

TEST_CASE_METHOD(Fixture, "without what it remembers a node takes an empty directory, as after a restore") {
  begin(volume.path(), a, true);
  const TemporaryDirectory other;
  std::filesystem::remove(data_of_a.path() + "/server.lock-directory");
  CHECK(begin(other.path(), a, true).size() == 32);
}

TEST_CASE_METHOD(Fixture, "of nodes that found at the same time all have the identity of one") {
  std::vector<std::string> identities(8);
  std::vector<std::thread> threads;
  for (std::string& identity : identities) {
    threads.emplace_back([&] {
      const TemporaryDirectory data;
      Directory own(data.path(), Volume::own);
      identity = begin(volume.path(), own, true);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(identities == std::vector<std::string>(identities.size(), identities.front()));
  CHECK(std::distance(std::filesystem::directory_iterator(volume.path()), {}) == 1);
}

TEST_CASE_METHOD(Fixture, "a directory that loses its identity, or gets another, does not answer until it is back") {
  const std::string identity = begin(volume.path(), a, true);
  Directory lock(volume.path(), Volume::shared);
  CHECK(lock.recognize().status == DiskStatus::ok);  // not held to anything yet
  recognize_lock(lock, a, false);
  CHECK(lock.recognize().status == DiskStatus::ok);
  std::filesystem::remove(volume.path() + "/server.identity");
  CHECK(lock.recognize().status == DiskStatus::unreachable);
  lock.write_hidden("identity", "another");
  CHECK(lock.recognize().status == DiskStatus::unreachable);
  lock.write_hidden("identity", identity);
  CHECK(lock.recognize().status == DiskStatus::ok);
}

}  // namespace
}  // namespace smalldb::server
