#include "server/journal.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <system_error>

#include "server/testing/temporary_directory.h"

namespace smalldb::server {
namespace {

struct Fixture {
  TemporaryDirectory directory;
  const std::string path = directory.path() + "/log";

  static std::string contents(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // A line without its time.
  std::string line(const std::vector<Journal::Field>& fields) {
    std::filesystem::remove(path);
    Journal(path).info("e", fields);
    const std::string text = contents(path);
    REQUIRE(std::regex_search(text, std::regex(R"(^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z )")));
    return text.substr(text.find(' ') + 1);
  }
};

TEST_CASE_METHOD(Fixture, "a line has its time, level, event and fields in their order") {
  CHECK(line({{"role", "primary"}, {"epoch", 3}, {"left", std::uint64_t{0}}}) ==
        "info event=e role=primary epoch=3 left=0\n");
  CHECK(line({}) == "info event=e\n");
}

TEST_CASE_METHOD(Fixture, "no value can look like another field, or another line") {
  CHECK(line({{"text", ""}}) == "info event=e text=\"\"\n");
  CHECK(line({{"text", "a b=c"}}) == "info event=e text=\"a b=c\"\n");
  CHECK(line({{"text", "say \"x\"\\"}}) == "info event=e text=\"say \\\"x\\\"\\\\\"\n");
  CHECK(line({{"text", "one\ntwo\x1b[2J\x7f"}}) == "info event=e text=\"one\\ntwo?[2J?\"\n");
}

TEST_CASE_METHOD(Fixture, "after it was renamed, the file is opened anew, and appended to if it is there") {
  Journal journal(path);
  journal.info("first", {});
  std::filesystem::rename(path, path + ".1");
  journal.warning("second", {});
  std::ofstream(path) << "there\n";
  journal.reopen();
  journal.error("third", {});
  CHECK(std::regex_search(contents(path + ".1"), std::regex("info event=first\n.*warning event=second\n$")));
  CHECK(std::regex_search(contents(path), std::regex("^there\n.*error event=third\n$")));
}

TEST_CASE_METHOD(Fixture, "a file that cannot be opened is an error at the start, and kept away from later") {
  CHECK_THROWS_AS(Journal(directory.path() + "/none/log"), std::system_error);
  Journal journal(path);
  std::filesystem::rename(path, path + ".1");
  std::filesystem::create_directory(path);
  journal.reopen();
  journal.info("later", {});
  CHECK(std::regex_search(contents(path + ".1"), std::regex("error event=log_not_reopened .*\n.*info event=later\n$")));
}

}  // namespace
}  // namespace smalldb::server
