#include "properties/exactly_once.h"

#include <algorithm>
#include <string>

#include "properties/words.h"

namespace smalldb::properties {
namespace {

// Beyond what any window of unanswered requests reaches (Settings::session_window).
constexpr std::size_t executions_max = 256;
constexpr std::size_t sessions_max = 4096;

}  // namespace

void ExactlyOnce::observe(const Observation& written, const Mirror& mirror) {
  if (written.session.value == 0) return;
  has_subject();
  std::vector<Execution>& executions = executions_[written.session];
  const auto place =
      std::lower_bound(executions.begin(), executions.end(), written.number,
                       [](const Execution& execution, std::uint64_t number) { return execution.number < number; });
  const Execution now{written.number, written.line, written.lsn, written.time, written.event};
  if (place == executions.end() || place->number != written.number) {
    executions.insert(place, now);
    if (executions.size() > executions_max) executions.erase(executions.begin());
    if (executions_.size() > sessions_max) executions_.erase(executions_.begin());
    return;
  }
  const Execution before = *place;
  if (before.line == now.line && before.lsn == now.lsn) return;  // the same record, on another disk
  const bool in_one_log = before.lsn != now.lsn && (mirror.line_at(now.line, before.lsn) == before.line ||
                                                    mirror.line_at(before.line, now.lsn) == now.line);
  if (in_one_log) {
    const ProcessId client = mirror.users.who_sent({written.session, written.number});
    const std::string request =
        "request " + std::to_string(written.number) + " of session " + std::to_string(written.session.value);
    std::string what = written.request == nullptr ? request : text(*written.request) + " (" + request + ")";
    if (client != no_process) what = "client " + std::string(mirror.name(client)) + "'s " + what;
    violate(written.time,
            what + " was executed twice: by " + text(before.lsn) + " (" + text(mirror, before.line) + "), written at " +
                text(before.at) + ", and by " + text(now.lsn) + " (" + text(mirror, now.line) + "), which " +
                std::string(mirror.name(written.process)) + " wrote at " + text(written.time),
            {before.event, now.event});
  } else if (mirror.epochs[now.line].epoch >= mirror.epochs[before.line].epoch) {
    *place = now;
  }
}

}  // namespace smalldb::properties
