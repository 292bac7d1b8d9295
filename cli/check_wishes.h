// What a user wants of `smalldb-sim check`, as the command line says it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "properties/checker/check.h"
#include "properties/checker/formats/reader.h"

namespace smalldb::cli {

struct CheckWishes {
  enum class Format { text, json };

  std::vector<std::string> files;  // "-" is standard input
  checker::ReadOptions reading;
  checker::Engine engine = checker::Engine::automatic;
  std::uint64_t steps_max = checker::Options().steps_max;
  unsigned jobs = 0;  // 0: as many as the machine has processors
  Format format = Format::text;
  bool follow = false;  // judge while reading
  bool witness = false;
  bool sessions = true;
  bool numbers_all = false;  // the store's revisions: its writes of all keys together
  std::string picture;       // the file to write it to; empty: none
};

// Nothing if `wishes` has been filled and the command is to go on; else the exit code.
std::optional<Exit> read_wishes(const CommandLine& line, CheckWishes& wishes);

}  // namespace smalldb::cli
