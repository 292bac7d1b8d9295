// docs/wal.md and the code say the same.
#include <catch2/catch.hpp>

#include <cstddef>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "model/data_directory.h"
#include "model/record.h"
#include "model/snapshot.h"
#include "model/testing/story.h"

namespace smalldb {
namespace {

constexpr DirectoryId directory{0x1111111111111111, 0x2222222222222222};

// The story that the page tells.
testing::Story example() {
  testing::Story story{{}, {}, directory, WallTime{1'700'000'000'000'000'000}};
  const SessionId session = story.open();
  story.now.nanoseconds += 1'500'000'000;
  story.execute(testing::put("x", "17", session, 1, 1));
  story.append(Checkpoint{});
  return story;
}

std::string page() {
  std::ifstream file("docs/wal.md");
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The bytes that the page shows for a file. A line there is an offset, two spaces, bytes in hexadecimal with a space
// between them, then what they mean.
std::string shown(std::string_view name) {
  std::istringstream lines(page());
  std::string line;
  while (std::getline(lines, line) && line != "```hex " + std::string(name)) continue;
  REQUIRE(lines);
  std::string bytes;
  while (std::getline(lines, line) && line != "```") {
    if (line.empty()) continue;
    CAPTURE(line);
    REQUIRE(std::stoul(line.substr(0, 4), nullptr, 16) == bytes.size());
    for (std::size_t at = 6; at + 1 < line.size() && line[at] != ' '; at += 3) {
      bytes += static_cast<char>(std::stoul(line.substr(at, 2), nullptr, 16));
    }
  }
  return bytes;
}

TEST_CASE("docs/wal.md shows a segment as the log writes it") {
  std::string segment;
  for (const Record& record : example().records) segment += encode(record).view();
  CHECK(shown(log_file(1, {1})) == segment);
  CHECK_THAT(page(), Catch::Contains(log_file(1, {1}) + "             " + std::to_string(segment.size()) + " bytes"));
}

TEST_CASE("docs/wal.md shows a checkpoint as it is written") {
  const std::string checkpoint = SnapshotWriter(example().store).next(4096).string();
  CHECK(shown(checkpoint_file(1, {4})) == checkpoint);
  CHECK_THAT(page(),
             Catch::Contains(checkpoint_file(1, {4}) + "      " + std::to_string(checkpoint.size()) + " bytes"));
}

TEST_CASE("docs/wal.md shows meta as it is written") { CHECK(shown("meta") == encode(Meta{directory, 1}).string()); }

TEST_CASE("docs/wal.md numbers the kinds of record as the log does") {
  const RecordBody bodies[] = {EpochStarted{}, Operation{},  BackupJoining{},  BackupDeclared{},
                               BackupLeft{},   Checkpoint{}, SessionsExpired{}};
  const std::string_view names[] = {"EpochStarted", "Operation",  "BackupJoining",  "BackupDeclared",
                                    "BackupLeft",   "Checkpoint", "SessionsExpired"};
  for (std::size_t i = 0; i < std::size(bodies); ++i) {
    const auto kind = static_cast<unsigned>(decode_header(encode(Record{{1}, {1}, {}, bodies[i]}).view())->kind);
    CHECK_THAT(page(), Catch::Contains("| " + std::to_string(kind) + " | " + std::string(names[i]) + " |"));
  }
}

}  // namespace
}  // namespace smalldb
