// From YAML to a scenario, strictly.
//
// Unknown and repeated keys, wrong types, unknown names, impossible times and faults that can never fire are problems,
// each with its place; all of them are reported, not the first alone. Any bytes whatever may be given: loading ends,
// and throws nothing but std::bad_alloc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/problem.h"
#include "scenarios/scenario.h"

namespace smalldb::scenarios {

struct Loaded {
  std::optional<Scenario> scenario;  // nothing if there are problems
  std::vector<Problem> problems;     // in the order of their places
};

// Reads the file or pipe at `path`. A scenario without a name gets that of its file.
Loaded load_file(const std::string& path);

// Reads standard input to its end; problems, and a scenario without a name, call it so.
Loaded load_standard_input();

// Reads a text; `file` is what problems call it.
Loaded load_text(std::string_view text, const std::string& file);

// Whether a line of it begins with a key of a scenario: then it is meant as one, whatever is wrong with it.
bool is_meant_as_scenario(std::string_view text);

}  // namespace smalldb::scenarios
