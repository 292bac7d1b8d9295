// What a user wants of `smalldb-sim fuzz`, as the command line says it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/workers.h"
#include "scenarios/campaign/campaign.h"
#include "scenarios/campaign/corpus.h"
#include "scenarios/generator/generate.h"

namespace smalldb::cli {

struct FuzzWishes {
  enum class Format { text, json };

  std::string fixed;                  // the file that fixes a part of every scenario; empty: none
  std::uint64_t first = 1;            // seeds ...
  std::optional<std::uint64_t> last;  // ... to this one, inclusively; none: until the time is over or somebody stops it
  std::optional<std::uint64_t> milliseconds;
  std::optional<scenarios::Budget> budget;  // none: both, by turns
  std::uint64_t shard = 0;                  // of so many:
  std::uint64_t shards = 1;
  WorkerSettings workers;
  std::uint64_t events_max = scenarios::Campaign{}.events_max;
  bool require_coverage = false;
  bool shrink = true;
  sim::Ratio unjudged_max;
  Format format = Format::text;
  std::string junit;  // files to write; empty: none
  std::string results;
  std::string distil;
  std::optional<scenarios::Corpus> corpus;  // these seeds and no others
  std::string out = "findings";             // a directory for findings, made when there is one
};

// Nothing if `wishes` has been filled and the command is to go on; else the exit code.
std::optional<Exit> read_fuzz_wishes(const CommandLine& line, FuzzWishes& wishes);

}  // namespace smalldb::cli
