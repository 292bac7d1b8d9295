#include "server/recorder.h"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "server/testing/temporary_directory.h"

namespace smalldb::server {
namespace {

const Moment now{Instant{5}, WallTime{6}};

std::string contents(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Contents {
  std::vector<RecordingFrame> frames;
  RecordingReader::State state;
};
Contents read(const std::string& file) {
  const std::string bytes = contents(file);
  RecordingReader reader(bytes);
  Contents all;
  while (auto frame = reader.next()) all.frames.push_back(std::move(*frame));
  all.state = reader.state();
  return all;
}

RecordedMachine machine(std::string program = "test") {
  RecordedMachine made;
  made.program = std::move(program);
  return made;
}

TEST_CASE("a recording that cannot be begun leaves those of earlier lives where they are") {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/recording";
  for (const char* program : {"first", "second"}) Recorder(file, {}, machine(program), {});
  std::filesystem::create_directory(file + ".new");
  CHECK_THROWS_AS(Recorder(file, {}, machine("third"), {}), std::runtime_error);
  CHECK(std::get<RecordedMachine>(read(file).frames[0]).program == "second");
  CHECK(std::get<RecordedMachine>(read(file + ".1").frames[0]).program == "first");
  CHECK_FALSE(std::filesystem::exists(file + ".2"));
}

TEST_CASE("a file that is no recording is neither moved nor written to") {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/recording";
  const Recorder::Limits limits{.lives_kept = 2};
  for (const char* program : {"first", "second"}) Recorder(file, limits, machine(program), {});
  const std::string first = contents(file + ".1");
  std::string other;
  SECTION("under its own name") { other = file; }
  SECTION("under that of the oldest life, which goes") { other = file + ".2"; }
  SECTION("under that of one that is being begun") { other = file + ".new"; }
  std::ofstream(other) << "a letter";
  CHECK_THROWS_WITH(Recorder(file, limits, machine("third"), {}), Catch::Contains(other + " is no recording"));
  CHECK(contents(other) == "a letter");
  CHECK(contents(file + ".1") == first);
  std::filesystem::remove(other);
  std::filesystem::create_symlink("/dev/null", other);
  CHECK_THROWS_WITH(Recorder(file, limits, machine("third"), {}), Catch::Contains(other + " is no recording"));
  std::filesystem::remove(other);
  // What a process that was ended meanwhile may leave.
  for (const std::string& begun : {std::string(), std::string(100, '\0'), "SMDB" + std::string(100, '\0')}) {
    std::ofstream(other) << begun;
    CHECK_NOTHROW(Recorder(file, limits, machine("third"), {}));
  }
}

TEST_CASE("a file that somebody makes shorter ends the recording, and not the process") {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/recording";
  const bool grows = GENERATE(false, true);  // into a further piece of room, just then
  std::vector<RecordedEnd::Why> ends;
  Recorder recorder(file, {}, machine(), {.on_nearly_full = {}, .on_end = [&](auto why) { ends.push_back(why); }});
  recorder.on_step(now, TimerFired{TimerId{1}}, {});
  REQUIRE(truncate(file.c_str(), 0) == 0);
  CHECK(ends.empty());
  const Bytes bytes = Bytes::copy(std::string(grows ? 5'000'000 : 1, 'x'));
  recorder.on_step(now, Received{Link{1}, bytes}, {});
  recorder.on_step(now, Received{Link{1}, bytes}, {});
  CHECK(ends == std::vector{RecordedEnd::Why::cannot_write});
  CHECK(std::filesystem::file_size(file) == 0);
  // The next one is as good as any.
  { Recorder(directory.path() + "/next", {}, machine("next"), {}); }
  CHECK(read(directory.path() + "/next").frames.size() == 2);
}

TEST_CASE("a recorder writes the machine, its steps, and the end") {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/recording";
  {
    Recorder recorder(file, {}, machine(), {});
    recorder.on_step(now, TimerFired{TimerId{3}}, {});
    recorder.name(ProcessId{9}, "b.example:7001");
    recorder.on_assertion_failed(now, TimerFired{TimerId{4}}, "what");
  }
  const Contents all = read(file);
  REQUIRE(all.frames.size() == 5);
  CHECK(std::get<RecordedMachine>(all.frames[0]).program == "test");
  CHECK(std::get<TimerFired>(std::get<RecordedStep>(all.frames[1]).event).timer == TimerId{3});
  CHECK(std::get<RecordedName>(all.frames[2]) == RecordedName{ProcessId{9}, "b.example:7001"});
  CHECK(std::get<RecordedFailure>(all.frames[3]).what == "what");
  CHECK(std::get<RecordedEnd>(all.frames[4]) == RecordedEnd{RecordedEnd::Why::process_ended});
  CHECK(all.state == RecordingReader::State::whole);
  CHECK(std::filesystem::file_size(file) < 1000);  // room that was not needed is given back
}

TEST_CASE("what was recorded survives the process") {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/recording";
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Recorder recorder(file, {}, machine(), {});
    for (std::uint32_t i = 0; i < 100'000; ++i) recorder.on_step(now, TimerFired{TimerId{i}}, {});
    raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  const Contents all = read(file);
  REQUIRE(all.frames.size() == 100'001);
  CHECK(std::get<TimerFired>(std::get<RecordedStep>(all.frames.back()).event).timer == TimerId{99'999});
  CHECK(all.state == RecordingReader::State::whole);
}

TEST_CASE("a recording ends at its bound, and says so") {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/recording";
  std::vector<std::uint64_t> nearly_full_at;
  std::optional<RecordedEnd::Why> told;
  {
    std::optional<Recorder> recorder;
    recorder.emplace(file, Recorder::Limits{.bytes_max = 10'000}, machine(),
                     Recorder::Listeners{.on_nearly_full = [&](auto bytes) { nearly_full_at.push_back(bytes); },
                                         .on_end = [&](RecordedEnd::Why why) { told = why; }});
    for (int i = 0; i < 1000; ++i) recorder->on_step(now, Received{Link{1}, Bytes::copy(std::string(100, 'x'))}, {});
  }
  CHECK(told == RecordedEnd::Why::bound_reached);
  REQUIRE(nearly_full_at.size() == 1);
  CHECK(nearly_full_at[0] > 8'750);
  CHECK(nearly_full_at[0] < 9'000);
  CHECK(std::filesystem::file_size(file) <= 10'000);
  const Contents all = read(file);
  CHECK(std::get<RecordedEnd>(all.frames.back()) == RecordedEnd{RecordedEnd::Why::bound_reached});
  CHECK(all.frames.size() > 50);
}

TEST_CASE("a recording that one event takes from below seven eighths of its bound past it is nearly full as well") {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/recording";
  std::vector<std::uint64_t> nearly_full_at;
  std::vector<RecordedEnd::Why> ends;
  {
    Recorder recorder(file, {.bytes_max = 10'000}, machine(),
                      {.on_nearly_full =
                           [&](auto bytes) {
                             CHECK(ends.empty());
                             nearly_full_at.push_back(bytes);
                           },
                       .on_end = [&](RecordedEnd::Why why) { ends.push_back(why); }});
    recorder.on_step(now, Received{Link{1}, Bytes::copy(std::string(7'000, 'x'))}, {});
    REQUIRE(nearly_full_at.empty());
    recorder.on_step(now, Received{Link{1}, Bytes::copy(std::string(4'000, 'x'))}, {});
  }
  REQUIRE(nearly_full_at.size() == 1);
  CHECK(nearly_full_at[0] > 11'000);
  CHECK(ends == std::vector{RecordedEnd::Why::bound_reached});
  CHECK(std::filesystem::file_size(file) < 8'000);
}

TEST_CASE("a recording takes no more of the disk than its bound while the process lives") {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/recording";
  constexpr std::uint64_t bound = 64 * 1024 + 1;
  Recorder recorder(file, {.bytes_max = bound}, machine(), {});
  CHECK(std::filesystem::file_size(file) == bound);
  for (int i = 0; i < 100; ++i) recorder.on_step(now, TimerFired{TimerId{1}}, {});
  CHECK(std::filesystem::file_size(file) == bound);
}

TEST_CASE("recordings of earlier lives are kept, as many as wanted") {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/recording";
  for (int life = 1; life <= 4; ++life) {
    const Recorder recorder(file, {.lives_kept = 2}, machine(std::to_string(life)), {});
  }
  const auto made_by = [](const std::string& name) {
    return std::get<RecordedMachine>(read(name).frames.front()).program;
  };
  CHECK(made_by(file) == "4");
  CHECK(made_by(file + ".1") == "3");
  CHECK(made_by(file + ".2") == "2");
  CHECK_FALSE(std::filesystem::exists(file + ".3"));
}

TEST_CASE("a file that cannot be made is told by name") {
  CHECK_THROWS_WITH(Recorder("/no/such/directory/recording", {}, machine(), {}),
                    Catch::Matchers::Contains("/no/such/directory/recording"));
}

}  // namespace
}  // namespace smalldb::server
