#include "server/config.h"

#include <arpa/inet.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <memory>
#include <system_error>
#include <utility>

#include "model/arbiter.h"
#include "model/data_directory.h"
#include "model/printable.h"
#include "model/version.h"
#include "model/words.h"
#include "server/command_line.h"
#include "server/directory.h"
#include "server/manual.h"

namespace smalldb::server {
namespace {

// A line is a paragraph: ManualFormatter breaks it. packaging/manuals.cmake makes the sections of a manual page of it;
// help2man knows examples by their prompts and the empty line before.
constexpr const char* what_it_is =
    "smalldb-server runs a node of smalldb, a small key-value store that survives the loss of a machine: a primary "
    "serves, a backup holds a copy of all that an answer depends on, and an arbiter decides who may go on alone.\n";

constexpr const char* what_an_arbiter_is =
    "smalldb-server arbiter is the tie breaker of a pair: it answers, for each epoch once and for ever, whose it is. "
    "It "
    "belongs on a machine that is neither node's, and is asked when a node stops hearing from the other: while all is "
    "well, it has nothing to do.\n";

constexpr const char* how_to_start_a_node =
    "Starting a pair with a tie breaker, each on a machine of its own:\n\n"
    "  $ smalldb-server arbiter --data /var/lib/smalldb-arbiter \\\n"
    "  > --listen c.example:7003 --secret-file SECRET\n"
    "  $ smalldb-server --data /var/lib/smalldb \\\n"
    "  > --listen a.example:8080 --replication a.example:7001 \\\n"
    "  > --tie-breaker c.example:7003 --secret-file SECRET\n"
    "  $ smalldb-server --data /var/lib/smalldb \\\n"
    "  > --listen b.example:8080 --replication b.example:7001 \\\n"
    "  > --backup-of a.example:7001 \\\n"
    "  > --tie-breaker c.example:7003 --secret-file SECRET\n"
    "\nThe address of --replication is the node's name: others must call it by the same text. A node that was started "
    "before finds its peers in its data directory, and takes whatever role is right: --backup-of says whom to look "
    "for, "
    "not what to be.\n"
    "\nTalking to it:\n\n"
    "  $ curl -X PUT -d hello http://a.example:8080/kv/greeting\n"
    "  $ curl http://a.example:8080/kv/greeting\n"
    "  $ curl http://a.example:8080/status\n"
    "\n";

constexpr const char* how_to_start_an_arbiter =
    "Starting one:\n\n"
    "  $ smalldb-server arbiter --data /var/lib/smalldb-arbiter \\\n"
    "  > --listen c.example:7003 --status 127.0.0.1:7004 \\\n"
    "  > --secret-file SECRET\n"
    "\nNodes name it by --tie-breaker c.example:7003, by the same text. It must not forget what it has granted: never "
    "bring back an older copy of its directory, or epochs are given away a second time. smalldb-server --help has the "
    "nodes' side.\n"
    "\n";

constexpr const char* how_times_are_written = "  TIME   a whole number of us, ms, s, min or h: 250ms\n";

std::string manual_of(Config::Kind kind) {
  const bool is_node = kind == Config::Kind::node;
  return std::string("Values:\n") + (is_node ? how_times_are_written : "") +
         "  BYTES  a whole number, also of KiB, MiB, GiB or TiB: 64KiB\n"
         "In brackets stand the default and the range.\n"
         "\n" +
         (is_node ? how_to_start_a_node : how_to_start_an_arbiter) +
         "Signals:\n"
         "  SIGTERM, SIGINT  " +
         (is_node ? "answers what is under way, then stops (a backup takes over);\n"
                    "                   a second one stops at once\n"
                  : "stops when it has answered what its --status was asked; a\n"
                    "                   second one stops at once\n") +
         "  SIGHUP           opens the log file anew, and reads certificate, key and\n"
         "                   authority again, for connections from then on\n"
         "\nExit codes:\n"
         "  0  stopped by a signal\n"
         "  1  stopped by itself, because a disk failed or the data is damaged (the log\n"
         "     says what to do)\n"
         "  3  somebody must change something: usage, or what stands in the configuration\n"
         "     or in a file\n"
         "  4  it cannot begin now, for the system refuses a file, an address or room, or\n"
         "     a directory is in use\n"
         "A bug aborts the process.\n"
         "\nConfiguration file:\n" +
         (is_node ? "  data = \"/var/lib/smalldb\"  a text in quotes, or one word\n"
                    "  record-anew = true         an option that takes no value\n"
                  : "  data = \"/var/lib/smalldb-arbiter\"  a text in quotes, or one word\n"
                    "  record-anew = true                 an option that takes no value\n") +
         "It has the words of the command line, one a line, without the dashes. The command line goes before it.\n";
}

// ---- Reading -----------------------------------------------------------------------------------------------------

using namespace std::chrono_literals;

constexpr std::uint64_t KiB = 1024;
constexpr std::uint64_t MiB = 1024 * KiB;
constexpr std::uint64_t GiB = 1024 * MiB;
constexpr std::uint64_t TiB = 1024 * GiB;

template <class AddressOrMany>
CLI::Option* add_address(CLI::App& app, const std::string& name, AddressOrMany& to, const std::string& what) {
  return app.add_option(name, to, what)->type_name("HOST:PORT")->check([](const std::string& text) {
    return Address::parse(text) ? std::string() : "'" + text + "' is no address; an example: db1.example:7001";
  });
}

void add_common(CLI::App& app, Config& config) {
  app.set_help_flag("-h,--help", "Prints this");
  add_path(app, "--data", config.data, "DIR",
           "The process's own directory. Made if it is not there; refused if everybody may write to it")
      ->required();
  add_path(app, "--log-file", config.log_file, "FILE", "Where the log goes, instead of standard error");
  add_config_file(app);
  app.set_version_flag("--version", "smalldb-server " + std::string(version()), "Prints which version this is");
  const std::string security = "Security";
  add_path(app, "--secret-file", config.secret_file, "FILE",
           "The secret that the processes of the cluster prove to each other, at least 16 bytes. Without it only "
           "loopback addresses are taken")
      ->group(security);
  add_path(app, "--tls-certificate", config.tls_certificate, "FILE",
           "Speak TLS on all ports, with this certificate (PEM)")
      ->group(security);
  add_path(app, "--tls-key", config.tls_key, "FILE", "The certificate's key (PEM); refused if everybody may read it")
      ->group(security);
  add_path(app, "--tls-authority", config.tls_authority, "FILE",
           "Who has signed the certificates of the cluster's processes (PEM)")
      ->group(security);
  add_path(app, "--record", config.record, "FILE",
           "Writes every event that the machine receives, for smalldb-sim replay")
      ->group("Recording");
  add_size(app, "--record-max-bytes", config.record_max_bytes, {64 * KiB, TiB},
           "Then the recording is full; the next start begins another")
      ->group("Recording");
  app.add_flag(
         "--record-anew", config.record_anew,
         std::string("When an eighth of --record-max-bytes is left at most, stops as after SIGTERM and starts anew, "
                     "with a recording of its own") +
             (config.kind == Config::Kind::node ? "; waits for that until there is a pair in sync" : "") +
             ". Not if the start alone took more than half of them: then the log says so")
      ->group("Recording");
}

// The server's own choice, where the model's is made for short stories.
Settings default_settings() {
  Settings settings;
  settings.log_buffer_bytes = std::uint64_t{8} * 1024 * 1024;
  settings.waiting_requests_max = 65'536;
  settings.segment_bytes = std::uint64_t{16} * 1024 * 1024;
  settings.log_write_bytes = std::uint64_t{1} * 1024 * 1024;
  settings.arbiter_ping_every = seconds(5);
  settings.checkpoint_every_bytes = std::uint64_t{256} * 1024 * 1024;
  settings.join_buffer_bytes = std::uint64_t{256} * 1024 * 1024;
  settings.chunk_bytes = 256 * 1024;
  settings.sessions_max = 100'000;
  return settings;
}

void add_limits(CLI::App& app, Config& config) {
  const std::string limits = "Limits";
  add_time(app, "--answer-within", config.answer_within, {1ms, 1h}, "Then a client is told that the outcome is unknown")
      ->group(limits);
  add_time(app, "--drain-within", config.drain_within, {1ms, 1h},
           "Of a clean stop, all of it: answers under way, and the word to the other node; then it is cut short")
      ->group(limits);
  add_time(app, "--handshake-within", config.limits.handshake_within, {1s, 1h}, "For a client's TLS handshake")
      ->group(limits);
  add_time(app, "--request-within", config.limits.request_within, {1s, 1h}, "For a request to arrive")->group(limits);
  add_time(app, "--taken-within", config.limits.taken_within, {1s, 1h},
           "That a client takes nothing of its answer; whatever it takes begins it anew")
      ->group(limits);
  add_time(app, "--idle-for", config.limits.idle_for, {1s, 24h}, "That a client's connection may be silent")
      ->group(limits);
  add_count(app, "--connections-max", config.limits.connections_max, {1, 1'000'000},
            "Connections of clients. Beyond them 8 may ask for /healthz and the like; the rest is closed at once")
      ->group(limits);
  add_count(app, "--reads-max", config.reads_max, {1, 1'000'000},
            "Reads under way, each of which may hold a value of 1MiB; what comes behind them waits")
      ->group(limits);
  add_size(app, "--body-bytes-max", config.limits.body_bytes_max, {KiB, TiB},
           "Of all requests that the store has not answered, with 512 bytes for each; a further one gets 503")
      ->group(limits);
  add_size(app, "--answer-bytes-max", config.limits.answer_bytes_max, {1, TiB},
           "Of all answers that clients have not taken")
      ->group(limits);
}

void add_node_options(CLI::App& app, Config& config, bool& manual) {
  add_common(app, config);
  add_address(app, "--listen", config.clients, "Where clients speak HTTP")->required();
  add_address(app, "--replication", config.cluster,
              "Where other nodes connect, and send heartbeats (UDP, the same port). It is the node's name")
      ->required();
  add_address(app, "--backup-of", config.backup_of,
              "The name of a node to join; without it the node may found a store");
  add_address(app, "--peer", config.peers, "The name of a further node. May be given several times");
  add_address(app, "--advertise-listen", config.advertised_clients, "What clients are told instead of --listen");
  add_address(app, "--advertise-replication", config.advertised_cluster,
              "The node's name, if others reach it at another address than --replication");
  const std::string arbiter = "Who decides who may go on alone (one of them)";
  add_address(app, "--tie-breaker", config.tie_breaker, "An arbiter process, by its name")->group(arbiter);
  add_path(app, "--shared-lock", config.shared_lock, "DIR", "A directory that all nodes reach, as on NFS")
      ->group(arbiter);
  app.add_flag("--manual", manual, "You, by POST /promote. That two nodes are promoted is your risk")->group(arbiter);
  add_path(app, "--operator-token-file", config.operator_token_file, "FILE",
           "POST /promote and /checkpoint want this as Bearer token. Without it they are taken from this machine alone")
      ->group("Security");

  const std::string alike = "Settings that must be the same at all nodes, which refuse each other otherwise";
  const std::string tuning = "Settings that nodes may have of their own (docs/protocol.md)";
  const auto choice = [](const char* word, auto& to, auto value) { return Choice(word, [&to, value] { to = value; }); };
  add_word(app, "--acknowledge",
           {choice("durable", config.settings.acknowledge, Acknowledge::durable),
            choice("received", config.settings.acknowledge, Acknowledge::received)},
           "durable, or received: sooner, and both losing power loses what was answered")
      ->group(alike);
  add_word(app, "--reads",
           {choice("confirmed", config.settings.reads, Reads::confirmed),
            choice("leased", config.settings.reads, Reads::leased)},
           "confirmed by the backup, or leased: at once, trusting in clocks that drift apart by little")
      ->group(alike);
  const auto add_setting = [&](const std::string& group, const char* name, Duration& to, const Range<Time>& range,
                               const char* what) {
    const auto take = [&to](Time told) { to = {told.count()}; };
    add_time(app, name, Time(to.nanoseconds), range, take, what)->group(group);
  };
  Settings& settings = config.settings;
  add_setting(alike, "--heartbeat-every", settings.heartbeat_every, {1ms, 1min},
              "How often a node shows a sign of life");
  add_setting(alike, "--suspect-after", settings.suspect_after, {3ms, 1h},
              "How long a silence makes others take over: longer than two of --heartbeat-every");
  add_setting(alike, "--lease", settings.lease, {1ms, 1h},
              "With --reads leased, how long a promise of the backup holds: shorter than --suspect-after by a tenth");
  add_setting(tuning, "--seek-for", settings.seek_for, {1ms, 1h},
              "How long a node looks for a primary before it claims");
  add_setting(tuning, "--arbiter-ping-every", settings.arbiter_ping_every, {0ms, 1h},
              "How often a node looks whether the arbiter would answer, for /status and /metrics. 0s: never");
  add_setting(tuning, "--session-expires-after", settings.session_expires_after, {1s, 100'000h},
              "Sessions that are idle are kept so long; if all 100,000 are in use, a sixtieth of it");
  add_size(app, "--checkpoint-every-bytes", settings.checkpoint_every_bytes, {0, TiB},
           "After so much of log comes a checkpoint. 0: only when asked to")
      ->group(tuning);
  add_size(app, "--segment-bytes", settings.segment_bytes, {KiB, GiB}, "Of log in one file")->group(tuning);
  add_size(app, "--log-buffer-bytes", settings.log_buffer_bytes, {KiB, GiB},
           "Of log that the backup may be behind before the primary waits for it")
      ->group(tuning);
  add_limits(app, config);
}

void add_arbiter_options(CLI::App& app, Config& config) {
  add_common(app, config);
  add_address(app, "--listen", config.cluster, "Where nodes connect. It is the arbiter's name")->required();
  add_address(app, "--advertise-listen", config.advertised_cluster,
              "The arbiter's name, if others reach it at another address than --listen");
  add_address(app, "--status", config.clients, "Where /status, /metrics and /healthz are answered, in HTTP");
}

// A first word that can only have been meant as the mode.
std::string mistyped_mode(const Words& words) {
  if (words.empty() || words.front().starts_with("-")) return {};
  const std::string perhaps = did_you_mean(nearest_word(words.front(), {"arbiter"}));
  return "unknown word " + smalldb::quoted(words.front()) + (perhaps.empty() ? "; see smalldb-server --help" : perhaps);
}

// ---- Judging -----------------------------------------------------------------------------------------------------

bool is_wildcard(const std::string& host) { return host == "0.0.0.0" || host == "::"; }

// As far as it can be known; else it is taken as it is written.
std::filesystem::path plain(const std::string& path) {
  std::error_code unknown;
  return std::filesystem::weakly_canonical(std::filesystem::absolute(path, unknown), unknown);
}

bool is_one_directory(const std::string& one, const std::string& other) {
  return plain(one + "/.") == plain(other + "/.");
}

// Whether nobody can listen on both.
bool collide(const Address& a, const Address& b) {
  if (a.port != b.port || a.port == "0") return false;
  const auto takes_in = [](const std::string& all, const std::string& one) {
    return all == one || all == "::" || (all == "0.0.0.0" && one.find(':') == std::string::npos);
  };
  return takes_in(a.host, b.host) || takes_in(b.host, a.host);
}

// Whether a file of this name is the process's own: in its data directory, or in the one that nodes share.
bool is_own_name(const std::string& name) {
  const bool of_a_lock = name.starts_with("epoch-") || name.starts_with("claim-") || name.starts_with("ping-");
  return Directory::is_hidden(name) || name == Arbiter::file || of_a_lock ||
         parse_file_name(name).kind != FileKind::foreign;
}

// Whether a file with the name, or what it is a link to, is one that the process makes in one of its directories.
bool is_own_file(const std::string& path, const Config& config) {
  const std::filesystem::path said(path);
  const std::filesystem::path meant = plain(path);
  for (const std::string& own : {config.data, config.shared_lock}) {
    if (own.empty()) continue;
    const std::string folder = said.has_parent_path() ? said.parent_path().string() : ".";
    if (is_own_name(said.filename()) && is_one_directory(folder, own)) return true;
    if (is_own_name(meant.filename()) && is_one_directory(meant.parent_path(), own)) return true;
  }
  return false;
}

// A recording moves what stands there, and a log is written behind it: so it must be nothing that is needed.
std::string problem_of_outputs(const Config& config) {
  struct File {
    const char* option;
    const std::string& path;
  };
  const std::array<File, 7> files = {{{"--record", config.record},
                                      {"--log-file", config.log_file},
                                      {"--secret-file", config.secret_file},
                                      {"--operator-token-file", config.operator_token_file},
                                      {"--tls-certificate", config.tls_certificate},
                                      {"--tls-key", config.tls_key},
                                      {"--tls-authority", config.tls_authority}}};
  constexpr std::size_t outputs = 2;  // the first of them
  for (std::size_t i = 0; i < outputs; ++i) {
    const auto& [option, path] = files[i];
    if (path.empty()) continue;
    if (is_own_file(path, config)) {
      return std::string(option) + " " + path +
             " has the name of a file that the process itself makes there: say another";
    }
    for (std::size_t j = i + 1; j < files.size(); ++j) {
      if (files[j].path.empty() || plain(path) != plain(files[j].path)) continue;
      return std::string(option) + " and " + files[j].option + " are both " + path + ": each wants a file of its own";
    }
  }
  return {};
}

// What is wrong, for people; empty if nothing is.
std::string problem_of(const Config& config, bool manual) {
  const int arbiters = (config.tie_breaker.empty() ? 0 : 1) + (config.shared_lock.empty() ? 0 : 1) + (manual ? 1 : 0);
  if (config.kind == Config::Kind::node && arbiters != 1) {
    return std::string(arbiters == 0 ? "one of" : "no two of") +
           " --tie-breaker, --shared-lock and --manual: who decides who may go on alone?";
  }
  const auto host_of = [](const std::string& address) { return Address::parse(address)->host; };
  if (!config.shared_lock.empty() && is_one_directory(config.data, config.shared_lock)) {
    return "--shared-lock " + config.shared_lock + " is --data itself: say the directory that all nodes share";
  }
  if (is_wildcard(host_of(config.cluster)) && config.advertised_cluster.empty()) {
    return config.cluster + " is every address of this machine and no name; say --advertise-" +
           (config.kind == Config::Kind::node ? "replication" : "listen");
  }
  if (config.kind == Config::Kind::node && is_wildcard(host_of(config.clients)) && config.advertised_clients.empty()) {
    return config.clients + " is every address of this machine and tells clients nothing; say --advertise-listen";
  }
  for (const std::string& own : {config.cluster, config.advertised_cluster}) {
    if (!config.backup_of.empty() && config.backup_of == own) {
      return "--backup-of " + own + " is this node itself: say the name of the other";
    }
    if (!config.tie_breaker.empty() && config.tie_breaker == own) {
      return "--tie-breaker " + own + " is this node itself: say the name of a process of smalldb-server arbiter";
    }
  }
  if (!config.clients.empty() && collide(*Address::parse(config.clients), *Address::parse(config.cluster))) {
    const bool is_node = config.kind == Config::Kind::node;
    return std::string(is_node ? "--listen " : "--status ") + config.clients + " and --" +
           (is_node ? "replication " : "listen ") + config.cluster + " are one address: each wants a port of its own";
  }
  if (const std::string problem = problem_of_outputs(config); !problem.empty()) return problem;
  std::vector<std::string> others = config.peers;
  others.push_back(config.cluster);
  if (!config.backup_of.empty()) others.push_back(config.backup_of);
  if (!config.tie_breaker.empty()) others.push_back(config.tie_breaker);
  for (const std::string& address : others) {
    if (config.secret_file.empty() && !is_loopback(host_of(address))) {
      return address + " is not on loopback; anybody who reaches it could speak for a node. Say --secret-file";
    }
  }
  const int tls = (config.tls_certificate.empty() ? 0 : 1) + (config.tls_key.empty() ? 0 : 1) +
                  (config.tls_authority.empty() ? 0 : 1);
  if (tls != 0 && tls != 3) return "--tls-certificate, --tls-key and --tls-authority go together";
  if (config.settings.reads == Reads::leased && config.settings.suspect_after <= config.settings.lease * 11 / 10) {
    return "--suspect-after must be longer than --lease and a tenth";
  }
  if (config.settings.suspect_after <= config.settings.heartbeat_every * 2) {
    return "--suspect-after must be longer than two of --heartbeat-every";
  }
  if (config.record_anew && config.record.empty()) return "--record-anew needs --record";
  for (const std::string& address : {config.cluster, config.clients}) {
    if (config.record_anew && !address.empty() && Address::parse(address)->port == "0") {
      return "--record-anew needs ports that stay the same, and " + address + " leaves the choice to the system";
    }
  }
  return {};
}

}  // namespace

// In digits: what a name that begins with 127 stands for is for others to say.
bool is_loopback(const std::string& host) {
  in_addr address{};
  const bool digits = inet_pton(AF_INET, host.c_str(), &address) == 1;
  return host == "localhost" || host == "::1" || (digits && ntohl(address.s_addr) >> 24 == 127);
}

std::string host_in(const std::string& text) {
  if (const std::optional<Address> address = Address::parse(text)) return address->host;
  const bool brackets = text.size() > 2 && text.front() == '[' && text.back() == ']';
  return brackets ? text.substr(1, text.size() - 2) : text;
}

ConfigOrExit read_config(int argc, const char* const* argv) {
  const bool arbiter = argc > 1 && std::string(argv[1]) == "arbiter";
  bool manual = false;
  Config config;
  config.kind = arbiter ? Config::Kind::arbiter : Config::Kind::node;
  config.settings = default_settings();
  CLI::App app(arbiter ? what_an_arbiter_is : what_it_is, arbiter ? "smalldb-server arbiter" : "smalldb-server");
  app.formatter(std::make_shared<ManualFormatter>(arbiter ? "" : "smalldb-server arbiter [OPTIONS]"));
  if (arbiter) {
    add_arbiter_options(app, config);
  } else {
    add_node_options(app, config, manual);
  }
  app.footer(manual_of(config.kind));
  std::string problem;
  try {
    const Words words(argv + std::min(argc, arbiter ? 2 : 1), argv + argc);
    problem = mistyped_mode(words);
    if (problem.empty()) problem = read_command_line(app, words);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return {std::nullopt, 0};
  } catch (const CLI::CallForVersion& version) {
    std::cout << version.what() << "\n";
    return {std::nullopt, 0};
  }
  if (!config.tie_breaker.empty()) config.arbiter = ArbiterKind::tie_breaker;
  if (!config.shared_lock.empty()) config.arbiter = ArbiterKind::shared_lock;
  if (problem.empty()) problem = problem_of(config, manual);
  if (!problem.empty()) {
    std::cerr << "smalldb-server: " << printable(problem) << "\n";
    return {std::nullopt, bad_input};
  }
  return {std::move(config), 0};
}

}  // namespace smalldb::server
