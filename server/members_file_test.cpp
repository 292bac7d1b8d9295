#include "server/members_file.h"

#include <boost/asio/executor_work_guard.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <optional>

#include "server/testing/temporary_directory.h"

namespace smalldb::server {
namespace {

struct Fixture {
  TemporaryDirectory temporary;
  boost::asio::io_context loop{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stays{loop.get_executor()};
  Journal journal{temporary.path() + "/log"};
  std::shared_ptr<Directory> directory = std::make_shared<Directory>(temporary.path(), Volume::own);
  Members members;
  std::optional<MembersFile> file;
  std::vector<std::string> tried;

  Fixture() { open(); }
  void open() {
    file.emplace(loop, directory, members, journal);
    file->on_tried = [this](const std::string& why_not) { tried.push_back(why_not); };
  }
  // What the next attempt came to.
  std::string next() {
    const std::size_t before = tried.size();
    while (tried.size() == before) loop.run_one();
    return tried[before];
  }
  std::string text() const { return directory->read_hidden("members").value(); }
};

TEST_CASE_METHOD(Fixture, "a name counts as written once it stands in the file") {
  members.learn({"b:1", "b:2"});
  CHECK_FALSE(file->has("b:1"));
  file->write();
  CHECK_FALSE(file->has("b:1"));
  CHECK(next().empty());
  CHECK(file->has("b:1"));
  CHECK(text() == "b:1 b:2\ncrc32c aece4ba4\n");
}

TEST_CASE_METHOD(Fixture, "what is learned while it writes is written with one more write") {
  members.learn({"b:1", ""});
  file->write();
  for (const char* name : {"c:1", "d:1", "e:1"}) {
    members.learn({name, ""});
    file->write();
  }
  CHECK(next().empty());
  CHECK(file->has("b:1"));
  CHECK_FALSE(file->has("e:1"));
  CHECK(next().empty());
  CHECK(file->has("e:1"));
  CHECK(tried.size() == 2);
}

TEST_CASE_METHOD(Fixture, "names of an earlier life are known, and count as written") {
  members.learn({"b:1", "b:2"});
  file->write();
  next();
  file.reset();
  members = {};
  open();
  CHECK(members.find(id_of("b:1"))->clients == "b:2");
  CHECK(file->has("b:1"));
}

TEST_CASE_METHOD(Fixture, "a file of which a byte is another, or is missing, is refused, and stays as it is") {
  members.learn({"b:1", "b:2"});
  members.learn({"c:1", ""});
  file->write();
  next();
  file.reset();
  const std::string good = text();
  const auto refuse = [&](const std::string& bytes) {
    std::ofstream(temporary.path() + "/server.members", std::ios::binary | std::ios::trunc) << bytes;
    members = {};
    CHECK_THROWS_WITH(open(), Catch::Contains("/server.members is damaged") && Catch::Contains("--peer"));
    CHECK(members.all().empty());
    CHECK(text() == bytes);
  };
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string other = good;
    other[i] = static_cast<char>(other[i] ^ 1);
    refuse(other);
    refuse(good.substr(0, i));
  }
  refuse(good + "\n");
}

TEST_CASE_METHOD(Fixture, "an end waits until what is known has been written") {
  members.learn({"b:1", ""});
  file->write();
  members.learn({"c:1", ""});
  file->write();
  file.reset();
  CHECK(text().find("c:1") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "a write that fails says why and is told once, and the next one may succeed") {
  const std::string obstacle = temporary.path() + "/server.members.new";
  std::filesystem::create_directory(obstacle);
  members.learn({"b:1", ""});
  for (int i = 0; i < 3; ++i) {
    file->write();
    CHECK(next().find("Is a directory") != std::string::npos);
    CHECK_FALSE(file->has("b:1"));
  }
  std::filesystem::remove(obstacle);
  file->write();
  CHECK(next().empty());
  CHECK(file->has("b:1"));
  std::ifstream log(temporary.path() + "/log");
  std::size_t told = 0;
  for (std::string line; std::getline(log, line);) told += line.find("event=members_not_written") != std::string::npos;
  CHECK(told == 1);
}

}  // namespace
}  // namespace smalldb::server
