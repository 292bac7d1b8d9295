// What a user wants of `smalldb-sim run`, as the command line says it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/seeds.h"

namespace smalldb::cli {

class Options;

struct Wishes {
  enum class Format { text, json };
  enum class Story { automatic, none, what_matters, operations, full };
  enum class Colour { automatic, always, never };

  std::vector<std::string> files;
  std::optional<Seeds> seeds;  // in place of the scenarios' own; with a last one
  Format format = Format::text;
  Story story = Story::automatic;
  std::string trace;    // the file to write it to; empty: none
  std::string history;  // likewise
  std::string picture;  // likewise
  bool quiet = false;
  bool fail_if_stale = false;
  Colour colour = Colour::automatic;

  // More than one run.
  bool several() const { return files.size() > 1 || (seeds && seeds->first != seeds->last); }
};

// --picture.
void add_picture(Options& options, Wishes& wishes);

// Nothing if `wishes` has been filled and the command is to go on; else the exit code.
std::optional<Exit> read_wishes(const CommandLine& line, Wishes& wishes);

}  // namespace smalldb::cli
