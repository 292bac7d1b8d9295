#include "cli/reason.h"

#include <sstream>
#include <string>
#include <variant>

#include "cli/interrupt.h"
#include "properties/checker/check.h"
#include "properties/checker/formats/reader.h"
#include "properties/properties.h"
#include "reports/names.h"
#include "reports/run_history.h"
#include "sim/world.h"

namespace smalldb::cli {

std::optional<reports::Reason> reason_of(const scenarios::Result& result) {
  const auto place = properties::find("linearizability");
  if (!place || result.verdicts[*place].conclusion != properties::Conclusion::violated) return std::nullopt;
  std::ostringstream text;
  reports::RunHistory recorder(text);
  scenarios::RunOptions options;
  options.events_max = result.event_count;
  options.interrupted = interrupted;
  options.reader = [&](const sim::World& world) {
    recorder.see(world.events(), world.notes(), reports::WorldNames(world));
  };
  scenarios::run(result.scenario, options);

  const std::string bytes = text.str();
  checker::Text source(bytes);
  const checker::Read read = checker::read(source, {.format = checker::Format::json, .lines = false});
  const auto* history = std::get_if<checker::History>(&read);
  if (history == nullptr) return std::nullopt;  // no client has sent anything
  const checker::Verdict verdict = checker::check(*history);
  if (!verdict.violation) return std::nullopt;
  return reports::reason_of(*history, *verdict.violation);
}

}  // namespace smalldb::cli
