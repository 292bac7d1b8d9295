// The golden stories of model/testdata: what a cluster does, event by event, as a person would tell it.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "model/testing/script.h"

namespace smalldb::testing {
namespace {

constexpr std::string_view folder = "model/testdata";

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream contents;
  contents << file.rdbuf();
  return contents.str();
}

// The first line in which two texts differ, with the one before it.
std::string first_difference(const std::string& kept, const std::string& told) {
  std::istringstream a(kept);
  std::istringstream b(told);
  std::string before, kept_line, told_line;
  for (std::size_t line = 1;; ++line) {
    const bool more_kept = static_cast<bool>(std::getline(a, kept_line));
    const bool more_told = static_cast<bool>(std::getline(b, told_line));
    if (!more_kept && !more_told) return "";
    if (more_kept && more_told && kept_line == told_line) {
      before = kept_line;
      continue;
    }
    return "line " + std::to_string(line) + "\n  before it: " + before +
           "\n  kept:      " + (more_kept ? kept_line : "(end)") +
           "\n  told:      " + (more_told ? told_line : "(end)");
  }
}

void tell(const std::string& story) {
  const std::string path = std::string(folder) + "/" + story + ".txt";
  const std::string kept = read_file(path);
  INFO(path);
  REQUIRE(!kept.empty());
  const std::string told = retell(kept);
  const char* rewrite = std::getenv("REWRITE_GOLDEN");
  if (rewrite != nullptr && std::string_view(rewrite) == "1") std::ofstream(path) << told;
  const bool rewritten = read_file(path) == told;
  INFO("REWRITE_GOLDEN=1 bin/model_protocol_test writes the story anew. It differs at "
       << first_difference(kept, told));
  CHECK(rewritten);
  CHECK(told.find("ASSERTION FAILED") == std::string::npos);
}

// clang-format off
#define STORIES(STORY)                                          \
  STORY("founding")                                             \
  STORY("backup_takes_over")                                    \
  STORY("checkpoint")                                           \
  STORY("clean_stop")                                           \
  STORY("damaged_log")                                          \
  STORY("definite_answers")                                     \
  STORY("deposed_primary")                                      \
  STORY("diverged_log")                                         \
  STORY("failed_sync")                                          \
  STORY("flow_control")                                         \
  STORY("joining_by_snapshot")                                  \
  STORY("joining_by_tail")                                      \
  STORY("leased_reads")                                         \
  STORY("lost_verdict")                                         \
  STORY("manual_arbiter")                                       \
  STORY("pipelining")                                           \
  STORY("primary_goes_alone")                                   \
  STORY("reads")                                                \
  STORY("restart_never_resumes")                                \
  STORY("retry_across_takeover")                                \
  STORY("shared_lock")                                          \
  STORY("split_brain")                                          \
  STORY("write_in_a_pair")
// clang-format on

#define TELL_STORY(name) \
  TEST_CASE("story: " name) { tell(name); }
STORIES(TELL_STORY)

TEST_CASE("every story in model/testdata is told") {
  std::set<std::string> listed;
#define LIST_STORY(name) listed.insert(name);
  STORIES(LIST_STORY)
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".txt") continue;
    INFO(file.path());
    CHECK(listed.contains(file.path().stem().string()));
  }
}

}  // namespace
}  // namespace smalldb::testing
