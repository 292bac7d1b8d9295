// Tells of recorded lives that were gone through again: whose they are, whether the same came of them, the story, and
// what the properties say.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/names.h"
#include "reports/story.h"
#include "reports/style.h"
#include "scenarios/lives/join.h"
#include "scenarios/lives/judge_lives.h"
#include "scenarios/lives/life.h"

namespace smalldb::reports {

// Names of a joined trace: of its processes, and of those that messages and notes call by other numbers.
class JoinedNames final : public Names {
 public:
  // REQUIRES: `joined` outlives it.
  explicit JoinedNames(const scenarios::Joined& joined) : joined_(joined) {}
  std::string_view process(ProcessId process) const override;
  std::string_view file(sim::FileId file) const override;
  const sim::Fault& fault(sim::FaultId fault) const override;

 private:
  const scenarios::Joined& joined_;
};

struct LivesReport {
  std::vector<std::string> files;      // of the recordings
  std::vector<scenarios::Life> lives;  // in the same order
  scenarios::Joined joined;
  scenarios::LivesJudged judged;
  std::optional<Story> story;
};

// The columns of a story: the nodes.
std::vector<StoryColumn> story_columns(const properties::Cast& cast);

void write_lives(const LivesReport& report, const Style& style, std::ostream& out);

}  // namespace smalldb::reports
