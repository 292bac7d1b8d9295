#include "server/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
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
  CHECK(line({{"text", "one\ntwo\x1b[2J\x7f"}}) == "info event=e text=\"one\\ntwo\\x1b[2J\\x7f\"\n");
  CHECK(line({{"text", "\xc2\x9b\xff"}}) == "info event=e text=\"\\u009b\\xff\"\n");
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
  CHECK(std::regex_search(contents(path), std::regex("^there\n.*info event=log_reopened\n.*error event=third\n$")));
}

// Standard error as a pipe, for the length of a test.
class Piped {
 public:
  Piped() : before_(dup(STDERR_FILENO)) {
    REQUIRE(pipe(ends_.data()) == 0);
    REQUIRE(dup2(ends_[1], STDERR_FILENO) >= 0);
    REQUIRE(fcntl(ends_[0], F_SETFL, O_NONBLOCK) == 0);
  }
  ~Piped() {
    dup2(before_, STDERR_FILENO);
    for (const int descriptor : {before_, ends_[0], ends_[1]}) close(descriptor);
  }
  Piped(const Piped&) = delete;
  Piped& operator=(const Piped&) = delete;

  // What has been written and not read.
  std::string take() const {
    std::string all;
    std::array<char, 4096> piece;
    for (ssize_t got = 0; (got = read(ends_[0], piece.data(), piece.size())) > 0;) {
      all.append(piece.data(), static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  int before_;
  std::array<int, 2> ends_{};
};

TEST_CASE_METHOD(Fixture, "nobody waits for a reader who does not read, and is told then how much is missing") {
  const Piped piped;
  Journal journal("");
  constexpr int lines = 10'000;
  for (int i = 0; i < lines; ++i) journal.info("e", {{"number", i}});
  const std::string first = piped.take();
  const auto written = std::count(first.begin(), first.end(), '\n');
  CHECK(written > 100);
  CHECK(written < lines);
  CHECK(first.ends_with("number=" + std::to_string(written - 1) + "\n"));
  journal.info("next", {});
  journal.info("last", {});
  CHECK(std::regex_search(piped.take(),
                          std::regex("^[^\n]* warning event=log_lines_lost lines=" + std::to_string(lines - written) +
                                     "\n[^\n]* event=next\n[^\n]* event=last\n$")));
}

TEST_CASE_METHOD(Fixture, "a line that a pipe cannot take at once is cut") {
  const Piped piped;
  Journal("").info("e", {{"long", std::string(10'000, 'x')}});
  const std::string said = piped.take();
  CHECK(said.size() == 4096);
  CHECK(said.ends_with("x\n"));
}

TEST_CASE_METHOD(Fixture, "a pipe with a name is not waited for when it is opened") {
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK_THROWS_AS(Journal(path), std::system_error);
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
