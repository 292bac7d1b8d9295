// Holds what a run came to against what its scenario expects.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/run.h"
#include "scenarios/scenario.h"
#include "scenarios/users.h"

namespace smalldb::scenarios {

// What judging needs beside the result.
struct Facts {
  std::vector<Expected> expected;                // by properties::names()
  std::optional<std::string> why_unrecoverable;  // by ground truth; nothing: somebody must be able to go on
  bool disks_destroyed = false;                  // at least in part
  std::optional<std::string>
      why_not_promised;  // what `acknowledge: received` let a backup forget; nothing: all must be
  Service service;
  Name primary;   // at the end; `nobody`
  Name declared;  // the backup in sync with it; `nobody`
  std::map<std::string, Users::FinalValue> values;
  std::string still_to_come;  // what the story had not come to when it ended; empty if it had
};

// What the scenario expects of each property, by properties::names(). What can only be judged of a world that has
// healed is not expected of one that does not.
std::vector<Expected> expected_properties(const Scenario& scenario);

std::vector<Judgement> judge(const Result& result, const Facts& facts);

}  // namespace smalldb::scenarios
