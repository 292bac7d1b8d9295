// All that is told of one run: what came of it, its story, and how to see it again. A plain value; text_report.h and
// json_report.h write it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/reason.h"
#include "reports/story.h"
#include "reports/why.h"
#include "scenarios/run.h"

namespace smalldb::reports {

// How a failure that was run again compares with what its capsule says.
struct Comparison {
  enum class Outcome { same, trace_changed, another_failure, no_failure };
  Outcome outcome = Outcome::same;
  std::string text;  // the same in a sentence, with where the traces part and what made them
};
std::string_view name(Comparison::Outcome outcome);

struct Report {
  scenarios::Result result;
  std::optional<Story> story;  // none if nobody asked for it
  std::string file;            // the scenario's, as the user named it
  std::string program;         // "smalldb-sim 0.1.0"
  std::string again;           // the command that shows this run again
  // Why the answers of the run are not linearizable, if they are not. Instants are indexes of events in its trace.
  std::optional<Reason> reason = {};
  std::vector<Why> whys = {};  // of answers that should not have left
  std::optional<Comparison> comparison = {};
  bool must_end = false;        // a run that comes to no end has failed, as a campaign has it
  bool fails_if_stale = false;  // a stale run (scenarios/run.h) has failed
};

// 0, 1 or 2: as that of the result, but for `must_end` and `fails_if_stale`.
int exit_code(const Report& report);

// How the run came out, from its exit code: "as expected", "not as expected", "unknown".
std::string_view outcome(const Report& report);

// In what a run is stale: "none of its 2 faults took effect". REQUIRES: result.is_stale().
std::string stale_in(const scenarios::Result& result);

// Whether a judgement says no more than the verdict of a property or the ledger of the faults does.
bool stands_elsewhere(const scenarios::Judgement& judgement);

// The columns of a story of this scenario: its nodes.
std::vector<StoryColumn> story_columns(const scenarios::Scenario& scenario);

}  // namespace smalldb::reports
