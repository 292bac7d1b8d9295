// What smalldb is told on the command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/store.h"

namespace smalldb::client {

// For whoever started the process: what became of what it was asked for.
enum Exit : int {
  done = 0,
  absent = 1,
  unknown = 2,
  bad_input = 3,  // usage, a file that cannot be read, standard output that cannot be written
  mismatched = 4,
  failed = 5,
};
Exit exit_of(Outcome outcome);

enum class Command : std::uint8_t { put, get, remove, status, watch, promote };

struct Options {
  Command command = Command::get;
  StoreOptions store;
  bool json = false;

  std::vector<std::string> keys;     // one, but for watch
  std::optional<std::string> value;  // of put
  std::string from;                  // of put, instead: a file, or - for standard input
  Condition condition;

  std::chrono::nanoseconds every{std::chrono::milliseconds(250)};  // of watch
  std::uint64_t changes_max = 0;                                   // of watch; 0: without end
  std::chrono::nanoseconds watch_for{0};                           // of watch; 0: without end
  std::string node;                                                // of promote; empty: the one that waits
  std::string operator_token_file;
  bool force = false;  // of promote
};

// Options, or the exit code (after --help, or one clear error on standard error).
struct OptionsOrExit {
  std::optional<Options> options;
  int exit = 0;
};
OptionsOrExit read_options(int argc, const char* const* argv);

}  // namespace smalldb::client
