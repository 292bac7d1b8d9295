// What the server is told: on the command line, or in a file of the same words.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/settings.h"
#include "server/http_server.h"
#include "server/members.h"

namespace smalldb::server {

// For whoever started the process: 2 is what shells and CLI libraries use for other things.
enum Exit : int {
  stopped_by_signal = 0,
  stopped_itself = 1,  // a disk failed, the data is damaged, or what it had cannot be had any more
  bad_input = 3,       // somebody must change something: usage, configuration, what stands in a file
  not_now = 4,         // what it wants cannot be had now, and may be had later
};

struct Config {
  enum class Kind : std::uint8_t { node, arbiter };
  Kind kind = Kind::node;

  std::string data;
  std::string cluster;             // where other processes connect: --replication, or an arbiter's --listen
  std::string clients;             // where HTTP is spoken: --listen, or an arbiter's --status
  std::string advertised_cluster;  // what others are told instead
  std::string advertised_clients;
  std::string backup_of;           // a node to join
  std::vector<std::string> peers;  // further nodes
  ArbiterKind arbiter = ArbiterKind::manual;
  std::string tie_breaker;
  std::string shared_lock;

  std::string secret_file;
  std::string operator_token_file;
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_authority;
  std::string log_file;
  std::string record;
  std::uint64_t record_max_bytes = std::uint64_t{1} << 30;
  bool record_anew = false;  // when it is full, in a new life of the process

  Settings settings;
  HttpLimits limits;
  std::uint64_t reads_max = 256;  // that wait for their answers, each of which may have value_size_max
  std::chrono::nanoseconds answer_within = std::chrono::seconds(10);
  std::chrono::nanoseconds drain_within = std::chrono::seconds(10);
};

// What came of reading the command line: a configuration, or the exit code (after --help, or one clear error on
// standard error).
struct ConfigOrExit {
  std::optional<Config> config;
  int exit = 0;
};
ConfigOrExit read_config(int argc, const char* const* argv);

// Whether an address can be reached from this machine alone.
bool is_loopback(const std::string& host);
// Of "host:port" or "host", without the brackets of IPv6.
std::string host_in(const std::string& text);

}  // namespace smalldb::server
