#include "client/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <utility>

#include "model/printable.h"
#include "model/version.h"
#include "server/command_line.h"
#include "server/manual.h"

namespace smalldb::client {
namespace {

constexpr const char* what_it_is =
    "smalldb asks a smalldb store: it finds the node that serves, and retries until the outcome is known.\n";

// A line is a paragraph: ManualFormatter breaks it. server/packaging/manuals.cmake makes the sections of a manual page
// of it; help2man knows examples by their prompts.
constexpr const char* manual =
    "Values:\n"
    "  TIME  a whole number of us, ms, s, min or h: 250ms\n"
    "In brackets stand the default and the range.\n"
    "\nExamples:\n"
    "  $ export SMALLDB_SERVERS=a.example:8080,b.example:8080\n"
    "  $ smalldb put greeting hello\n"
    "  $ smalldb get greeting\n"
    "  $ smalldb put greeting 'hello again' --if-revision 17\n"
    "  $ smalldb put picture --from picture.png\n"
    "  $ smalldb status\n"
    "  $ smalldb watch greeting --changes 3\n"
    "\nsmalldb COMMAND --help has the options of a command.\n"
    "\nServers: all nodes, or some of them: the others are learned from these. Any may be down.\n"
    "\nRetries: a write is sent under a name of its own (Idempotency-Key), so that it takes effect once at most, "
    "however often it is sent and whichever node is the primary meanwhile. After --timeout, and at Ctrl-C, smalldb "
    "says "
    "what it knows.\n"
    "\nOutput: get writes the bytes of the value, and nothing else; to a terminal, control characters as \\x1b and the "
    "like, and an end of line. With --format json each command writes one object a line; keys and values "
    "that are not UTF-8 are {\"hex\": \"00ff\"}.\n"
    "\nExit codes:\n"
    "  0  done; for status: one node serves\n"
    "  1  there is no such key (get, delete)\n"
    "  2  the outcome is unknown: the write may have taken effect, or still may\n"
    "  3  bad usage, a file that cannot be read, or what was read cannot be written\n"
    "  4  the condition does not hold, and nothing changed\n"
    "  5  failed: nothing took effect, nor will it; no node serves, or the request\n"
    "     was refused\n";

using namespace std::chrono_literals;

std::string no_address(const std::string& text) {
  return Address::parse(text) ? std::string() : "'" + text + "' is no address; an example: a.example:8080";
}

void add_common(CLI::App& app, Options& options, std::vector<std::string>& servers) {
  app.add_option("--servers", servers, "Where nodes listen for clients, with commas between them")
      ->delimiter(',')
      ->envname("SMALLDB_SERVERS")
      ->type_name("HOST:PORT,...")
      ->check(no_address);
  server::add_word(app, "--format",
                   {{"text", [&options] { options.json = false; }}, {"json", [&options] { options.json = true; }}},
                   "How to tell things");
  server::add_time(app, "--timeout", options.store.timeout, {1ms, 24h}, "For a request with all its attempts");
  server::add_time(app, "--attempt", options.store.attempt, {1ms, 24h}, "For one attempt");
  server::add_path(app, "--tls-authority", options.store.tls_authority, "FILE",
                   "Speak TLS to servers whose certificates this authority has signed (PEM)")
      ->envname("SMALLDB_TLS_AUTHORITY");
}

CLI::App& add_command(CLI::App& app, Options& options, Command command, const char* name, const char* what) {
  CLI::App& added = *app.add_subcommand(name, what);
  added.footer("smalldb --help has the options that all commands take.\n");
  added.fallthrough();  // --timeout and the like may stand behind the command
  added.callback([&options, command] { options.command = command; });
  return added;
}

void add_key(CLI::App& app, Options& options) {
  options.keys.resize(1);
  app.add_option("KEY", options.keys.front(), "1 to 1024 bytes")->required();
}

void add_conditions(CLI::App& app, Options& options, bool absent) {
  CLI::Option* const revision = server::add_count(
      app, "--if-revision",
      [&options](std::uint64_t wanted) {
        options.condition = {Condition::Kind::revision_is, {wanted}};
      },
      "Only if the key has this revision, as put and get --format json tell it");
  CLI::Option* const exists = app.add_flag_callback(
      "--if-exists", [&options] { options.condition.kind = Condition::Kind::exists; }, "Only if there is such a key");
  revision->excludes(exists);
  if (!absent) return;
  app.add_flag_callback(
         "--if-absent", [&options] { options.condition.kind = Condition::Kind::absent; },
         "Only if there is no such key")
      ->excludes(revision)
      ->excludes(exists);
}

void add_commands(CLI::App& app, Options& options) {
  CLI::App& put = add_command(app, options, Command::put, "put", "Writes a value, and tells its revision");
  add_key(put, options);
  CLI::Option* const value = put.add_option("VALUE", options.value, "Up to 1 MiB");
  server::add_path(put, "--from", options.from, "FILE", "Takes the value from a file; -: from standard input")
      ->excludes(value);
  add_conditions(put, options, true);

  add_key(add_command(app, options, Command::get, "get", "Writes the value of a key to standard output"), options);

  CLI::App& remove = add_command(app, options, Command::remove, "delete", "Removes a key");
  add_key(remove, options);
  add_conditions(remove, options, false);

  add_command(app, options, Command::status, "status", "Shows all nodes: what they are, and how far their logs are");

  CLI::App& watch = add_command(app, options, Command::watch, "watch",
                                "Tells what keys hold, and each change that it sees, until Ctrl-C. It looks now and "
                                "then: of changes between two looks it tells the last");
  watch.add_option("KEY", options.keys, "One or more")->required();
  server::add_time(watch, "--every", options.every, {1ms, 24h}, "Looks so often");
  server::add_count(watch, "--changes", options.changes_max, {1, 1'000'000'000},
                    "Ends after so many changes, of which what keys hold at first is none; otherwise it goes on");
  server::add_time(
      watch, "--for", options.watch_for, {1ms, 100'000h},
      "Ends after this time, in the middle of a look too; with exit code 5 if it has not yet told what each "
      "key holds; otherwise it goes on");

  CLI::App& promote = add_command(app, options, Command::promote, "promote",
                                  "With --manual nodes: lets the one that waits for it go on alone. That no other "
                                  "serves, or comes back and is promoted too, is your risk");
  promote.add_option("--node", options.node, "Which one, if several wait")->type_name("HOST:PORT")->check(no_address);
  promote.add_flag("--force", options.force, "Even if it does not wait for it, or another one serves")
      ->needs(promote.get_option("--node"));
  server::add_path(promote, "--operator-token-file", options.operator_token_file, "FILE", "What the node wants to see");
}

// What is wrong, for people; empty if nothing is.
std::string problem_of(const Options& options) {
  if (options.store.servers.empty()) return "no servers: say --servers HOST:PORT,... or set SMALLDB_SERVERS";
  if (options.command == Command::put && !options.value && options.from.empty()) {
    return "put wants a value: VALUE, or --from FILE";
  }
  if (options.condition == Condition{Condition::Kind::revision_is, {}}) {
    return "no key has revision 0; that there is no such key is --if-absent of put";
  }
  for (const std::string& key : options.keys) {
    const bool wanted = options.command != Command::status && options.command != Command::promote;
    if (wanted && (key.empty() || key.size() > key_size_max)) return "a key has 1 to 1024 bytes";
  }
  return {};
}

}  // namespace

Exit exit_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::done: return Exit::done;
    case Outcome::absent: return Exit::absent;
    case Outcome::mismatched: return Exit::mismatched;
    case Outcome::failed: return Exit::failed;
    case Outcome::unknown: return Exit::unknown;
  }
  return Exit::failed;
}

OptionsOrExit read_options(int argc, const char* const* argv) {
  Options options;
  std::vector<std::string> servers;
  CLI::App app(what_it_is, "smalldb");
  app.formatter(std::make_shared<server::ManualFormatter>());
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "Prints this");
  app.set_version_flag("--version", "smalldb " + std::string(version()), "Prints which version this is");
  add_common(app, options, servers);
  add_commands(app, options);
  app.footer(manual);
  std::string problem;
  try {
    problem = server::read_command_line(app, {argv + std::min(argc, 1), argv + argc});
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    std::cout << (chosen.empty() ? app.help() : chosen.front()->help("smalldb"));
    return {std::nullopt, 0};
  } catch (const CLI::CallForVersion& version) {
    std::cout << version.what() << "\n";
    return {std::nullopt, 0};
  }
  for (const std::string& server : servers) {
    if (const auto address = Address::parse(server)) options.store.servers.push_back(*address);
  }
  if (problem.empty()) problem = problem_of(options);
  if (!problem.empty()) {
    std::cerr << "smalldb: " << printable(problem) << "\n";
    return {std::nullopt, bad_input};
  }
  return {std::move(options), 0};
}

}  // namespace smalldb::client
