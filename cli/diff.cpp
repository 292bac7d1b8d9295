#include <iostream>
#include <sstream>
#include <string>

#include "cli/command.h"
#include "cli/failing.h"
#include "cli/growth.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "model/printable.h"
#include "reports/layout.h"
#include "reports/trace_file.h"
#include "scenarios/campaign/campaign.h"
#include "scenarios/campaign/difference.h"
#include "scenarios/notation.h"
#include "scenarios/run.h"
#include "sim/world.h"

namespace smalldb::cli {
namespace {

// The names of a recording.
class RecordedNames final : public reports::Names {
 public:
  explicit RecordedNames(const scenarios::Recording& recording) : recording_(recording) {}
  std::string_view process(ProcessId process) const override {
    if (process == sim::shared_volume) return "disk";
    const auto place = static_cast<std::size_t>(process);
    return place < recording_.process_names.size() ? recording_.process_names[place] : std::string_view("nobody");
  }
  std::string_view file(sim::FileId file) const override {
    const auto place = static_cast<std::size_t>(file);
    return place < recording_.file_names.size() ? recording_.file_names[place] : std::string_view();
  }
  const sim::Fault& fault(sim::FaultId fault) const override {
    return recording_.faults.at(static_cast<std::size_t>(fault));
  }

 private:
  const scenarios::Recording& recording_;
};

void write_side(const std::string& file, const scenarios::Recording& recording, sim::EventIndex event) {
  std::cout << printable(file) << '\n';
  const RecordedNames names(recording);
  bool any = false;
  for (const sim::TraceEvent& one : recording.events) {
    std::ostringstream text;
    write_trace({&one, 1}, recording.notes, names, text);
    std::string line = text.str();
    if (line.ends_with('\n')) line.pop_back();
    std::cout << (one.index < event    ? "    "
                  : one.index == event ? "  > "
                                       : "  . ")
              << reports::shortened(line, 400) << '\n';
    any |= one.index >= event;
  }
  if (!any) std::cout << "  > (the run is over)\n";
}

// Writes whether the capsule's trace is still the one that it was made of; true if it is, or there is none.
bool is_as_it_was(const Failing& failing) {
  if (!failing.capsule || failing.capsule->chain.calls() == 0) return true;
  Growth growth;
  scenarios::RunOptions options;
  options.events_max = is_endless(failing.capsule->kind) ? failing.capsule->events : scenarios::Campaign{}.events_max;
  options.reader = [&](const sim::World& world) { growth.see(world); };
  scenarios::run(failing.scenario, options);
  const std::string change = growth.since(failing.capsule->chain);
  if (change.empty()) return true;
  reports::write_paragraph("", 0,
                           printable(failing.file) + " has another trace than when it was made, by " +
                               printable(failing.capsule->program) + ": " + change + ".",
                           std::cout, output_width());
  return false;
}

}  // namespace

Exit diff(const CommandLine& line) {
  std::string one, other;
  std::optional<std::uint64_t> context;
  Options options{
      "Runs two scenarios or capsules side by side and shows the first event in which their traces differ, with what "
      "came before it. Of a capsule it says as well whether its trace is still the one that it was made of, and if "
      "not, where it is another.",
      "smalldb-sim diff",
      {"the traces are the same", "they differ, or one of them is another than when its capsule was made", ""}};
  options.add_option("A", one, "A scenario or capsule").required().type_name("");
  options.add_option("B", other, "Another").required().type_name("");
  add_read(
      options, "--context", context, "N",
      [](const std::string& text, std::string& expected) {
        return scenarios::notation::read_count(text, expected, 10'000);
      },
      "So many events before it; 5 if not said");
  if (const auto exit = options.parse(line)) return *exit;
  const auto a = load_failing(one), b = load_failing(other);
  if (!a || !b) return bad_input;
  const bool is_old = !is_as_it_was(*a), other_is_old = !is_as_it_was(*b);
  if (is_old || other_is_old) std::cout << "what is compared here are the traces of now:\n";
  const auto difference = scenarios::first_difference(a->scenario, b->scenario, context.value_or(5));
  if (!difference) {
    std::cout << "the same trace\n";
    return is_old || other_is_old ? not_as_expected : as_expected;
  }
  if (difference->event == 0) {
    std::cout << "they differ from the first event on\n\n";
  } else {
    std::cout << "the same up to event " << difference->event << "; then they differ\n\n";
  }
  write_side(one, difference->one, difference->event);
  std::cout << '\n';
  write_side(other, difference->other, difference->event);
  return not_as_expected;
}

}  // namespace smalldb::cli
