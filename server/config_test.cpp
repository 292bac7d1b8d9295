#include "server/config.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>

#include "server/testing/temporary_directory.h"

namespace smalldb::server {
namespace {

using Words = std::vector<std::string>;

struct Told {
  ConfigOrExit result;
  std::string output;
  std::string errors;
};

Told tell(Words words) {
  words.insert(words.begin(), "smalldb-server");
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  std::ostringstream output;
  std::ostringstream errors;
  std::streambuf* const output_before = std::cout.rdbuf(output.rdbuf());
  std::streambuf* const errors_before = std::cerr.rdbuf(errors.rdbuf());
  ConfigOrExit result = read_config(static_cast<int>(arguments.size()), arguments.data());
  std::cout.rdbuf(output_before);
  std::cerr.rdbuf(errors_before);
  return {std::move(result), output.str(), errors.str()};
}

// A node that is told all that it needs, and more.
Words node(const Words& more) {
  Words words = {"--data", "d", "--listen", "127.0.0.1:1", "--replication", "127.0.0.1:2"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// One clear line that holds these words.
bool refused(const Words& words, const std::string& why) {
  const Told told = tell(words);
  CAPTURE(told.errors);
  CHECK(told.errors.find(why) != std::string::npos);
  CHECK(std::count(told.errors.begin(), told.errors.end(), '\n') == 1);
  return !told.result.config && told.result.exit == bad_input;
}

TEST_CASE("a node is told where it is, who decides, and how long things take") {
  const Told told =
      tell(node({"--tie-breaker", "127.0.0.1:3", "--backup-of", "localhost:4", "--suspect-after", "2s", "--peer",
                 "[::1]:5", "--peer", "127.0.0.9:6", "--answer-within", "1m", "--reads", "leased"}));
  REQUIRE(told.result.config);
  const Config& config = *told.result.config;
  CHECK(config.kind == Config::Kind::node);
  CHECK(config.arbiter == ArbiterKind::tie_breaker);
  CHECK(config.backup_of == "localhost:4");
  CHECK(config.peers == Words{"[::1]:5", "127.0.0.9:6"});
  CHECK(config.settings.suspect_after == Duration{2'000'000'000});
  CHECK(config.settings.reads == Reads::leased);
  CHECK(config.answer_within == std::chrono::minutes(1));
  CHECK(tell(node({"--shared-lock", "s"})).result.config->arbiter == ArbiterKind::shared_lock);
  CHECK(tell(node({"--manual"})).result.config->arbiter == ArbiterKind::manual);
}

TEST_CASE("an arbiter is told less") {
  const Told told = tell({"arbiter", "--data", "d", "--listen", "127.0.0.1:1", "--status", "127.0.0.1:2"});
  REQUIRE(told.result.config);
  CHECK(told.result.config->kind == Config::Kind::arbiter);
  CHECK(told.result.config->cluster == "127.0.0.1:1");
  CHECK(told.result.config->clients == "127.0.0.1:2");
  CHECK(refused({"arbiter", "--data", "d"}, "--listen"));
  CHECK(refused({"arbiter", "--data", "d", "--listen", "127.0.0.1:1", "--manual"}, "--manual"));
}

TEST_CASE("a file has the same words, and the command line goes before it") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/server.conf";
  std::ofstream(path) << "data = \"/var/lib/x\"\nlisten = \"127.0.0.1:1\"\nreplication = \"127.0.0.1:2\"\n"
                         "manual = true\nsuspect-after = \"3s\"\n";
  const Told told = tell({"--config", path, "--suspect-after", "4s"});
  REQUIRE(told.result.config);
  CHECK(told.result.config->data == "/var/lib/x");
  CHECK(told.result.config->settings.suspect_after == Duration{4'000'000'000});
  CHECK(refused({"--config", path + ".none"}, ".none"));
  std::ofstream(path, std::ios::app) << "colour = \"red\"\n";
  CHECK(refused({"--config", path}, "colour"));
}

TEST_CASE("a file may begin with a byte order mark, and nothing else may") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/server.conf";
  const std::string good = "data = d\nlisten = 127.0.0.1:1\nreplication = 127.0.0.1:2\nmanual = true\n";
  std::ofstream(path) << "\xef\xbb\xbf" << good;
  CHECK(tell({"--config", path}).result.config);
  std::ofstream(path) << good << "\xef\xbb\xbflease = 1s\n";
  CHECK(refused({"--config", path}, path + ":5: found the word"));
}

TEST_CASE("what is wrong with a file is told with its line, what was wanted, and the nearest word") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/server.conf";
  const std::string good = "# a node\ndata = '/var/lib/x'  # here\nlisten = 127.0.0.1:1\nreplication=\"127.0.0.1:2\"\n";
  const auto says = [&](const std::string& more, const std::string& words) {
    std::ofstream(path) << good << more;
    CAPTURE(more);
    return refused({"--config", path}, words);
  };
  std::ofstream(path) << good << "manual = true\npeer = \"127.0.0.1:5\"\npeer = \"127.0.0.1:6\"\n";
  const Told told = tell({"--config", path});
  REQUIRE(told.result.config);
  CHECK(told.result.config->data == "/var/lib/x");
  CHECK(told.result.config->peers == std::vector<std::string>{"127.0.0.1:5", "127.0.0.1:6"});
  const std::string at = path + ":5: found ";
  CHECK(says("manul = true\n",
             at + "the word \"manul\", expected an option without its dashes; did you mean \"manual\"?"));
  CHECK(says("manual\n", at + "\"manual\", expected manual = true\n"));
  CHECK(says("peer\n", at + "\"peer\", expected peer = VALUE\n"));
  CHECK(says("manul\n", at + "\"manul\", expected NAME = VALUE; did you mean \"manual\"?"));
  CHECK(says("[node]\n", at + "\"[node]\", expected NAME = VALUE"));
  CHECK(says("manual = yes\n", at + "manual = \"yes\", expected true or false"));
  CHECK(says("data = \"/other\"\n", at + "\"data\" for the second time, expected it once: it stands in line 2"));
  CHECK(says("log-file = \"/x\n", at + "\"/x, expected a closing quote"));
  CHECK(says("log-file = \"/x\" y\n", at + "\"y\" behind the value"));
  CHECK(says("log-file = /x y\n", at + "\"/x y\", expected one word"));
  CHECK(says("log-file =\n", at + "no value"));
  CHECK(says("\n\x01\x02", path + ":6: found bytes that are no text"));
  CHECK(says("manual = true\npeer = 127.0.0.1:5\npeer = b\npeer = 127.0.0.1:6\n",
             path + ":7: --peer: 'b' is no address; an example: db1.example:7001"));
  CHECK(says("manual = true\nlease = \"1x\"\n", path + ":6: --lease: '1x' is no length of time"));
  CHECK(says("config = \"x\"\n", at + "the word \"config\""));
  CHECK(refused({"--config", directory.path()},
                "cannot read the configuration " + directory.path() + ": it is a directory"));
  CHECK(refused({"--config", path + ".none"}, path + ".none: No such file"));
  CHECK(refused({"--config", "/dev/zero"}, "/dev/zero:1: found more than 1 MiB"));
}

TEST_CASE("an address stands for one thing") {
  const auto at = [](const std::string& clients, const std::string& nodes) {
    return Words{"--data",
                 "d",
                 "--secret-file",
                 "s",
                 "--manual",
                 "--advertise-listen",
                 "a:1",
                 "--advertise-replication",
                 "a:2",
                 "--listen",
                 clients,
                 "--replication",
                 nodes};
  };
  CHECK(
      refused(at("127.0.0.1:1", "127.0.0.1:1"), "--listen 127.0.0.1:1 and --replication 127.0.0.1:1 are one address"));
  CHECK(refused(at("0.0.0.0:1", "127.0.0.1:1"), "are one address"));
  CHECK(refused(at("[::1]:1", "[::]:1"), "are one address"));
  CHECK(refused(at("127.0.0.1:1", "[::]:1"), "are one address"));
  for (const auto& [clients, nodes] : {std::pair("127.0.0.1:1", "127.0.0.2:1"),
                                       {"127.0.0.1:0", "127.0.0.1:0"},
                                       {"127.0.0.1:1", "127.0.0.1:2"},
                                       {"0.0.0.0:1", "[::1]:1"}}) {
    CHECK(tell(at(clients, nodes)).result.config);
  }
  CHECK(refused({"arbiter", "--data", "d", "--listen", "127.0.0.1:1", "--status", "127.0.0.1:1"},
                "--status 127.0.0.1:1 and --listen 127.0.0.1:1 are one address"));
  CHECK(refused(node({"--tie-breaker", "127.0.0.1:2"}), "--tie-breaker 127.0.0.1:2 is this node itself"));
  CHECK(refused(node({"--tie-breaker", "localhost:3", "--advertise-replication", "localhost:3"}), "this node itself"));
}

TEST_CASE("what is written besides the data has a file of its own") {
  const TemporaryDirectory directory;
  const std::string data = directory.path() + "/data";
  const std::string lock = directory.path() + "/lock";
  std::filesystem::create_directory(data);
  const auto with = [&](const Words& more) {
    Words words{"--data", data, "--listen", "127.0.0.1:1", "--replication", "127.0.0.1:2", "--shared-lock", lock};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  for (const std::string output : {"--record", "--log-file"}) {
    CAPTURE(output);
    for (const char* own : {"meta", "meta.tmp", "log-0000000001-00000000000000000001", "grants", "server.name",
                            "claim-1", "epoch-000000000001", "ping-5"}) {
      CAPTURE(own);
      for (const std::string& folder : {data, lock}) {
        CHECK(refused(with({output, folder + "/" + own}),
                      output + " " + folder + "/" + own + " has the name of a file that the process itself makes"));
      }
      CHECK(tell(with({output, directory.path() + "/" + own})).result.config);
    }
    CHECK(tell(with({output, data + "/of-its-own"})).result.config);
    std::ofstream(data + "/meta") << "something";
    std::filesystem::create_symlink(data + "/meta", directory.path() + "/link" + output);
    CHECK(refused(with({output, directory.path() + "/link" + output}), "has the name of a file that the process"));
    std::filesystem::create_symlink(directory.path() + "/elsewhere", data + "/grants");
    CHECK(refused(with({output, data + "/grants"}), "has the name of a file that the process itself makes"));
    std::filesystem::remove(data + "/grants");
    const std::string secret = directory.path() + "/secret";
    CHECK(refused(with({output, data + "/../secret", "--secret-file", secret}),
                  output + " and --secret-file are both " + data + "/../secret: each wants a file of its own"));
    CHECK(refused({"arbiter", "--data", data, "--listen", "127.0.0.1:1", output, data + "/grants"}, output));
  }
  CHECK(refused(with({"--record", data + "/../data/log.txt", "--log-file", data + "/log.txt"}),
                "--record and --log-file are both "));
  CHECK(refused(with({"--log-file", "/x/t", "--operator-token-file", "/x/t"}), "--log-file and --operator-token-file"));
}

TEST_CASE("a word that is nobody's is told as such, with the nearest") {
  CHECK(refused({"--dat", "d"}, "unknown option \"--dat\"; did you mean \"--data\"?"));
  CHECK(refused({"-x"}, "unknown option \"-x\"; see smalldb-server --help"));
  CHECK(refused({"arbitr", "--data", "d"}, "unknown word \"arbitr\"; did you mean \"arbiter\"?"));
  CHECK(refused(node({"--manual", "stray"}), "takes no argument \"stray\""));
  CHECK(refused(node({"--manual", "--data", "e"}), "--data is said more than once"));
  CHECK(refused({"--data"}, "--data needs a value"));
  CHECK(tell({"--version"}).output.starts_with("smalldb-server 0."));
  CHECK(tell({"arbiter", "--version"}).output.starts_with("smalldb-server 0."));
  CHECK(tell({"--help"}).output.find("\n  or:  smalldb-server arbiter [OPTIONS]\n") != std::string::npos);
}

TEST_CASE("a node is no backup of itself") {
  CHECK(refused(node({"--manual", "--backup-of", "127.0.0.1:2"}), "--backup-of 127.0.0.1:2 is this node itself"));
  CHECK(refused(node({"--manual", "--advertise-replication", "127.0.0.1:7", "--backup-of", "127.0.0.1:7"}), "itself"));
}

TEST_CASE("exactly one decides who may go on alone") {
  CHECK(refused(node({}), "--tie-breaker"));
  CHECK(refused(node({"--manual", "--shared-lock", "s"}), "no two of --tie-breaker"));
  for (const char* same : {"d", "./d/", "x/../d"}) {
    CHECK(refused(node({"--shared-lock", same}), "is --data itself: say the directory that all nodes share"));
  }
}

TEST_CASE("without a secret nobody but this machine is let in") {
  CHECK(is_loopback("localhost"));
  CHECK(is_loopback("127.3.2.1"));
  CHECK(is_loopback("::1"));
  CHECK_FALSE(is_loopback("10.0.0.1"));
  CHECK_FALSE(is_loopback("127.evil.example"));
  CHECK_FALSE(is_loopback("127.0.0.1.evil.example"));
  for (const char* option : {"--backup-of", "--tie-breaker", "--peer"}) {
    CAPTURE(option);
    const Words more = std::string(option) == "--tie-breaker" ? Words{} : Words{"--manual"};
    Words words = node({option, "10.0.0.1:7"});
    words.insert(words.end(), more.begin(), more.end());
    CHECK(refused(words, "10.0.0.1:7 is not on loopback"));
    words.insert(words.end(), {"--secret-file", "s"});
    CHECK(tell(words).result.config);
  }
}

TEST_CASE("every address of the machine is no name for others") {
  CHECK(refused({"--data", "d", "--manual", "--listen", "127.0.0.1:1", "--replication", "0.0.0.0:2"},
                "--advertise-replication"));
  CHECK(
      refused({"--data", "d", "--manual", "--listen", "[::]:1", "--replication", "127.0.0.1:2"}, "--advertise-listen"));
  CHECK(tell({"--data", "d", "--manual", "--listen", "0.0.0.0:1", "--advertise-listen", "a:1", "--replication",
              "127.0.0.1:2"})
            .result.config);
}

TEST_CASE("the help tells the default and the range of every time, size and number, in lines of 80") {
  const Told told = tell({"--help"});
  CHECK(told.result.exit == 0);
  std::istringstream lines(told.output);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
  const std::regex breaks("\n {28}");
  const std::string text = std::regex_replace(told.output, breaks, " ");
  const std::regex wants(R"(\n  --[a-z-]+ (TIME|BYTES|N) [^\n]*)");
  const std::regex remarks(R"(.*\(default [0-9A-Za-z]+; [0-9A-Za-z]+ to [0-9A-Za-z]+\))");
  int options = 0;
  for (auto found = std::sregex_iterator(text.begin(), text.end(), wants); found != std::sregex_iterator(); ++found) {
    const std::string option = found->str().substr(1);
    CAPTURE(option);
    CHECK(std::regex_match(option, remarks));
    ++options;
  }
  CHECK(options == 20);
  for (const char* words : {"(default 100ms; 1ms to 1min)", "--reads confirmed|leased ", "(default confirmed)",
                            "(default 16MiB; 1KiB to 1GiB)", "(default 4096; 1 to 1000000)", "(required)"}) {
    CAPTURE(words);
    CHECK(text.find(words) != std::string::npos);
  }
}

TEST_CASE("the arbiter's help is a manual too") {
  const std::string help = tell({"arbiter", "--help"}).output;
  for (const char* words : {"Usage: smalldb-server arbiter [OPTIONS]\n", "Starting one:", "Exit codes:", "SIGHUP",
                            "Configuration file:", "never bring back an older copy"}) {
    CAPTURE(words);
    CHECK(help.find(words) != std::string::npos);
  }
  for (const char* of_a_node : {"a backup takes over", "a pair in sync", "TIME ", "/var/lib/smalldb\""}) {
    CAPTURE(of_a_node);
    CHECK(help.find(of_a_node) == std::string::npos);
    CHECK(tell({"--help"}).output.find(of_a_node) != std::string::npos);
  }
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
}

TEST_CASE("what makes no sense is refused with one line that says why") {
  CHECK(refused(node({"--manual", "--listen", "here"}), "--listen"));
  CHECK(refused(node({"--manual", "--peer", "there"}), "'there' is no address"));
  CHECK(refused(node({"--manual", "--lease", "1x"}), "'1x' is no length of time"));
  CHECK(refused(node({"--manual", "--answer-within", "1000000h"}), "is no length of time"));
  CHECK(refused(node({"--manual", "--acknowledge", "maybe"}), "--acknowledge: 'maybe' is not durable or received"));
  CHECK(refused(node({"--manual", "--reads", "lease"}), "confirmed or leased; did you mean \"leased\"?\n"));
  CHECK(refused(node({"--manual", "--record", ""}), "--record: an empty name"));
  CHECK(refused(node({"--manual", "--tls-key", "k"}), "go together"));
  CHECK(refused(node({"--manual", "--suspect-after", "100ms"}), "--heartbeat-every"));
  CHECK(refused(node({"--manual", "--reads", "leased", "--lease", "500ms"}), "--lease"));
  CHECK(refused(node({"--manual", "--segment-bytes", "0"}), "--segment-bytes: '0' is not between 1KiB and 1GiB"));
  CHECK(refused(node({"--manual", "--segment-bytes", "1MB"}), "'1MB' is no amount of bytes"));
  CHECK(refused(node({"--manual", "--heartbeat-every", "0s"}), "--heartbeat-every: '0s' is not between 1ms and 1min"));
  CHECK(refused(node({"--manual", "--idle-for", "999ms"}), "--idle-for: '999ms' is not between 1s and 24h"));
  CHECK(refused(node({"--manual", "--connections-max", "-1"}), "'-1' is no whole number"));
  CHECK(refused(node({"--manual", "--colour", "red"}), "--colour"));
  CHECK(refused(node({"--manual", "--record-anew"}), "--record-anew needs --record"));
  const Words anew = {"--record", "f", "--record-anew", "--data", "d", "--manual", "--replication", "127.0.0.1:2"};
  const auto at = [&anew](const char* listen) {
    Words words = anew;
    words.insert(words.end(), {"--listen", listen});
    return words;
  };
  CHECK(tell(at("127.0.0.1:1")).result.config);
  CHECK(refused(at("127.0.0.1:0"), "ports that stay the same"));
}

}  // namespace
}  // namespace smalldb::server
