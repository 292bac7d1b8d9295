#include "cli/reason.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <variant>

#include "cli/interrupt.h"
#include "properties/checker/check.h"
#include "properties/checker/formats/reader.h"
#include "properties/properties.h"
#include "reports/names.h"
#include "reports/run_history.h"
#include "sim/world.h"

namespace smalldb::cli {
namespace {

// Of several keys with wrong answers the one is told of which the verdict tells.
void keep_the_key_of(const properties::Verdict& verdict, checker::History& history) {
  const auto is_witness = [&](const checker::Operation& operation) {
    return std::any_of(verdict.events.begin(), verdict.events.end(), [&](sim::EventIndex event) {
      return operation.invoked == static_cast<checker::Instant>(event);
    });
  };
  checker::Operations operations = history.operations();
  const auto witness = std::find_if(operations.begin(), operations.end(), is_witness);
  if (witness == operations.end()) return;
  const checker::KeyId key = witness->key;
  std::erase_if(operations, [&](const checker::Operation& other) { return other.key != key; });
  history.replace_operations(std::move(operations));
}

}  // namespace

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
  checker::Read read = checker::read(source, {.format = checker::Format::json, .lines = false});
  auto* history = std::get_if<checker::History>(&read);
  if (history == nullptr) return std::nullopt;  // no client has sent anything
  keep_the_key_of(result.verdicts[*place], *history);
  const checker::Verdict verdict = checker::check(*history);
  if (!verdict.violation) return std::nullopt;
  reports::Reason reason = reports::reason_of(*history, *verdict.violation);
  reason.but_for_revisions = result.verdicts[*place].kind == "a wrong revision";
  return reason;
}

}  // namespace smalldb::cli
