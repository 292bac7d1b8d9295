#include "client/options.h"

#include <catch2/catch.hpp>
#include <iostream>
#include <sstream>

namespace smalldb::client {
namespace {

OptionsOrExit read(std::vector<const char*> words) {
  words.insert(words.begin(), {"smalldb", "--servers", "a:1,[::1]:2"});
  return read_options(static_cast<int>(words.size()), words.data());
}
bool refused(const std::vector<const char*>& words) {
  const OptionsOrExit result = read(words);
  return !result.options && result.exit == bad_input;
}

std::string errors_of(const std::vector<const char*>& words) {
  std::ostringstream errors;
  std::streambuf* const before = std::cerr.rdbuf(errors.rdbuf());
  CHECK(refused(words));
  std::cerr.rdbuf(before);
  return errors.str();
}

TEST_CASE("a command or an option that is mistyped is told with the nearest") {
  CHECK(errors_of({"gett", "x"}).find("unknown command \"gett\"; did you mean \"get\"?") != std::string::npos);
  CHECK(errors_of({"put", "x", "1", "--if-absnt"}).find("did you mean \"--if-absent\"?") != std::string::npos);
  CHECK(errors_of({}).find("says no command: one of put, get, delete, status, watch or promote") != std::string::npos);
  CHECK(errors_of({"--timeout"}) == "smalldb: --timeout needs a value; see smalldb --help\n");
  CHECK(errors_of({"get", "x", "y"}) == "smalldb: takes no argument \"y\"; see smalldb --help\n");
  CHECK(errors_of({"get", "-k"}) == "smalldb: unknown option \"-k\"; see smalldb --help\n");
  CHECK(errors_of({"put", "x", "1", "--if-revision", "y"}).find("'y' is no whole number") != std::string::npos);
  CHECK(errors_of({"put", "x", "1", "--if-revision", "0"}).find("--if-absent") != std::string::npos);
  CHECK(errors_of({"get", "x", "--format", "jsn"}).find("did you mean \"json\"?") != std::string::npos);
  CHECK(read({"--version"}).exit == 0);
}

TEST_CASE("commands are read with their options, which may stand behind them") {
  const auto put = read({"put", "k", "v", "--if-revision", "7", "--timeout", "3s", "--format", "json"}).options;
  REQUIRE(put);
  CHECK(put->command == Command::put);
  CHECK(put->keys == std::vector<std::string>{"k"});
  CHECK(put->value == "v");
  CHECK(put->condition == Condition{Condition::Kind::revision_is, {7}});
  CHECK(put->store.timeout == std::chrono::seconds(3));
  CHECK(put->json);
  REQUIRE(put->store.servers.size() == 2);
  CHECK(put->store.servers[1] == Address{"::1", "2"});

  CHECK(read({"put", "k", "", "--if-absent"}).options->condition.kind == Condition::Kind::absent);
  CHECK(read({"put", "k", ""}).options->value == "");
  CHECK(read({"put", "--from", "-", "k"}).options->from == "-");
  CHECK(read({"get", "--", "-k"}).options->keys == std::vector<std::string>{"-k"});
  CHECK(read({"delete", "k", "--if-exists"}).options->condition.kind == Condition::Kind::exists);
  CHECK(read({"watch", "k", "l", "--changes", "2"}).options->keys == std::vector<std::string>{"k", "l"});
  CHECK(read({"status"}).options->command == Command::status);
  CHECK(read({"promote", "--node", "b:2"}).options->node == "b:2");
}

TEST_CASE("what makes no sense is refused") {
  const std::string long_key(1025, 'k');
  CHECK(refused({}));
  CHECK(refused({"put", "k"}));
  CHECK(refused({"put", "k", "v", "--from", "f"}));
  CHECK(refused({"put", "k", "v", "--if-absent", "--if-exists"}));
  CHECK(refused({"put", "k", "v", "--if-revision", "x"}));
  CHECK(refused({"delete", "k", "--if-absent"}));
  CHECK(refused({"get", ""}));
  CHECK(refused({"get", long_key.c_str()}));
  CHECK(refused({"get", "k", "--timeout", "1x"}));
  CHECK(refused({"get", "k", "--format", "yaml"}));
  CHECK(refused({"promote", "--node", "b"}));
  CHECK(refused({"promote", "--force"}));  // which one, nobody else says
  CHECK(refused({"watch"}));
}

TEST_CASE("the help of all commands fits 80 columns") {
  for (const char* command : {"", "put", "get", "delete", "status", "watch", "promote"}) {
    std::ostringstream help;
    std::streambuf* const before = std::cout.rdbuf(help.rdbuf());
    const bool alone = std::string(command).empty();
    CHECK(read(alone ? std::vector<const char*>{"--help"} : std::vector<const char*>{command, "--help"}).exit == 0);
    std::cout.rdbuf(before);
    CHECK(help.str().find(alone ? "Exit codes:" : std::string("Usage: smalldb ") + command) != std::string::npos);
    std::istringstream lines(help.str());
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
  }
}

}  // namespace
}  // namespace smalldb::client
