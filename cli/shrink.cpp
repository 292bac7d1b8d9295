#include <cstdint>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/failing.h"
#include "cli/file_output.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/read_file.h"
#include "cli/watch.h"
#include "model/printable.h"

namespace smalldb::cli {

namespace {

Exit shrink_here(const Failing& failing, const std::string& file, const std::string& out, Pulse& pulse) {
  scenarios::Origin origin{program_name(), std::string(compiler()), kept_name(file)};
  origin.interrupted = interrupted;
  if (failing.capsule) {
    origin.origin = failing.capsule->origin;
    if (is_endless(failing.capsule->kind)) origin.events_max = failing.capsule->events;
  }
  std::optional<scenarios::Capsule> capsule;
  {
    const WatchedRun watched(pulse);
    capsule = scenarios::seal(failing.scenario, origin);
  }
  if (!capsule && interrupted()) {
    std::cerr << "smalldb-sim shrink: interrupted before " << printable(shown_name(file)) << " had failed\n";
    return unknown;
  }
  if (!capsule) {
    std::cerr << "smalldb-sim shrink: " << printable(shown_name(file))
              << " does not fail; there is nothing to shrink\n";
    return bad_input;
  }
  if (failing.capsule && capsule->kind != failing.capsule->kind) {
    std::cerr << "smalldb-sim shrink: " << printable(shown_name(file)) << " no longer fails by "
              << printable(to_text(failing.capsule->kind)) << ", but by " << to_text(capsule->kind)
              << "; that other failure is shrunk from its scenario, which smalldb-sim replay writes with --save\n";
    return bad_input;
  }
  if (const std::string why_not = why_not_shrunk(*capsule); !why_not.empty()) {
    std::cerr << "smalldb-sim shrink: " << printable(shown_name(file)) << " is not shrunk: " << why_not << '\n';
    return bad_input;
  }
  FileOutput written("smalldb-sim shrink", "scenario", out);
  if (!open_all({&written}, {file})) return bad_input;
  const std::string stem = std::filesystem::path(!out.empty() ? out : file == "-" ? "shrunk" : file).stem().string();
  const SmallFailure small = make_small(*capsule, stem, pulse);
  std::cerr << capsule->kind.property << ": " << small.summary << '\n';
  (written.stream() == nullptr ? std::cout : *written.stream()) << small.text;
  if (!written.close()) return failed;
  if (!interrupted()) return as_expected;
  std::cerr << "smalldb-sim shrink: interrupted; this is how small it had become\n";
  return unknown;
}

}  // namespace

Exit shrink(const CommandLine& line) {
  std::string file, out;
  std::optional<std::uint64_t> wished_hang_after_ms;
  Options options{
      "Makes a failing scenario as small as it can be while it fails in the same way: the same property, with a "
      "witness of the same shape. What is left is a scenario to keep: it says why, expects that all is well, and so "
      "goes green when the bug is mended.",
      "smalldb-sim shrink",
      {"it was made small", "it, or what is left of it, hangs in real time", "it was interrupted",
       "a mistake in the command line or in what was read; it does not fail, or no longer in the same "
       "way, or cannot be shrunk"}};
  options.add_option("CAPSULE|SCENARIO.yaml", file, "What fails; - is standard input").required().type_name("");
  options.add_option("-o,--out", out, "Writes the scenario to this file instead of standard output").type_name("FILE");
  add_hang(options, wished_hang_after_ms, as_the_capsule_says);
  if (const auto exit = options.parse(line)) return *exit;
  auto failing = load_failing(file);
  if (!failing) return bad_input;
  note_interrupts();
  const Watched watched = watch(hang_after_ms(wished_hang_after_ms, *failing),
                                [&](Pulse& pulse, std::string&) { return shrink_here(*failing, file, out, pulse); });
  if (watched.exit) return *watched.exit;
  if (interrupted()) {
    std::cerr << "smalldb-sim shrink: interrupted\n";
    return unknown;
  }
  std::cerr << "smalldb-sim shrink: " << printable(shown_name(file)) << ", or what is left of it, "
            << how_it_ended(watched) << ", and is not shrunk; smalldb-sim replay says where\n";
  return watched.hung ? not_as_expected : failed;
}

}  // namespace smalldb::cli
