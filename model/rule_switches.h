// The rule switches as a list, for whoever goes through them by name.
#pragma once

#include <array>
#include <string_view>

#include "model/settings.h"

namespace smalldb {

struct RuleSwitch {
  std::string_view name;
  bool RuleSwitches::*on;
  std::string_view what;  // what the rule says
};

inline constexpr std::array rule_switches = std::to_array<RuleSwitch>({
    {"output_rule", &RuleSwitches::output_rule, "F2: no output before the backup has acknowledged what it depends on."},
    {"read_confirmation", &RuleSwitches::read_confirmation, "S8: reads are outputs too."},
    {"local_sync_before_release", &RuleSwitches::local_sync_before_release,
     "S7: durable here before an output leaves."},
    {"backup_sync_before_ack", &RuleSwitches::backup_sync_before_ack,
     "S7: durable at the backup before it acknowledges."},
    {"arbiter_before_live", &RuleSwitches::arbiter_before_live, "F5: going live needs a won test-and-set."},
    {"drain_before_live", &RuleSwitches::drain_before_live,
     "F4: a backup applies all it has received before going live."},
    {"exactly_once", &RuleSwitches::exactly_once, "S9: a retry is answered from memory, not executed again."},
    {"epoch_check", &RuleSwitches::epoch_check, "S12: messages of another epoch or life are ignored."},
    {"torn_tail_cut", &RuleSwitches::torn_tail_cut, "S11: recovery cuts a torn tail."},
    {"checkpoint_in_stream", &RuleSwitches::checkpoint_in_stream,
     "F9: checkpoints are taken at the same position by both."},
});
// No switch is left out.
static_assert(sizeof(RuleSwitches) == rule_switches.size() * sizeof(bool));

}  // namespace smalldb
