#include "client/commands.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <variant>

#include "client/text.h"
#include "model/printable.h"
#include "server/secret.h"

namespace smalldb::client {
namespace {

using Json = nlohmann::ordered_json;

void say(const Json& json) { std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl; }

// ---- put, get, delete --------------------------------------------------------------------------------------------

std::string contents_of(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  if (path != "-" && !file) throw std::runtime_error(path + " cannot be read");
  std::istream& from = path == "-" ? std::cin : file;
  std::string contents(value_size_max + 1, '\0');
  from.read(contents.data(), static_cast<std::streamsize>(contents.size()));
  if (from.bad()) throw std::runtime_error(path + " cannot be read");
  contents.resize(static_cast<std::size_t>(from.gcount()));
  if (contents.size() > value_size_max) throw std::runtime_error(path + ": a value has at most 1048576 bytes");
  return contents;
}

Json result_json(const Options& options, const Result& result) {
  Json json = {{"outcome", name(result.outcome)}, {"key", bytes_json(options.keys.front())}};
  if (result.revision) json["revision"] = result.revision->value;
  if (options.command == Command::get && result.outcome == Outcome::done) json["value"] = bytes_json(result.body);
  if (result.outcome != Outcome::done) json["message"] = result.message;
  return json;
}

void say_in_words(const Options& options, const Result& result) {
  if (result.outcome == Outcome::unknown) {
    std::cerr << "smalldb: the outcome is unknown: " << printable(result.message) << "\n";
  } else if (result.outcome == Outcome::mismatched && result.revision) {
    std::cerr << "smalldb: " << printable(result.message) << "; the revision is " << result.revision->value << "\n";
  } else if (result.outcome != Outcome::done) {
    std::cerr << "smalldb: " << printable(result.message) << "\n";
  } else if (options.command == Command::get) {
    std::cout << (isatty(STDOUT_FILENO) != 0 ? for_a_terminal(result.body) : result.body) << std::flush;
  } else if (result.revision) {
    std::cout << "revision " << result.revision->value << std::endl;
  }
}

Exit perform_operation(Store& store, const Options& options) {
  Operation operation;
  operation.key = options.keys.front();
  operation.condition = options.condition;
  switch (options.command) {
    case Command::put:
      operation.verb = Verb::put;
      operation.value = options.value ? *options.value : contents_of(options.from);
      break;
    case Command::remove: operation.verb = Verb::remove; break;
    default: operation.verb = Verb::get; break;
  }
  const Result result = store.perform(operation);
  options.json ? say(result_json(options, result)) : say_in_words(options, result);
  return exit_of(result.outcome);
}

// ---- watch -------------------------------------------------------------------------------------------------------

std::string now() {
  const std::time_t time = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 40> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

void say_change(const Options& options, const std::string& key, const Result& result) {
  const bool there = result.outcome == Outcome::done;
  if (options.json) {
    Json json = {{"at", now()}, {"key", bytes_json(key)}, {"value", there ? bytes_json(result.body) : Json()}};
    if (there) json["revision"] = result.revision->value;
    return say(json);
  }
  std::cout << now() << "  " << on_a_line(key);
  if (there) {
    std::cout << " = " << on_a_line(result.body) << "  (revision " << result.revision->value << ")" << std::endl;
  } else {
    std::cout << " is absent" << std::endl;
  }
}

Exit watch(Store& store, const Options& options) {
  // What has been told of each key: its revision, or that there is none.
  std::map<std::string, std::optional<Revision>> told;
  const auto has_been_told = [&told](const std::string& key) { return told.contains(key); };
  const Clock::time_point end =
      options.watch_for.count() == 0 ? Clock::time_point::max() : Clock::now() + options.watch_for;
  std::uint64_t changes = 0;
  do {
    for (const std::string& key : options.keys) {
      const auto before = told.find(key);
      const bool is_first = before == told.end();
      Operation operation;
      operation.key = key;
      if (!is_first) operation.unless = before->second;
      const Result result = store.perform(operation, end);
      if (store.interrupted()) return Exit::done;
      if (result.outcome != Outcome::done && result.outcome != Outcome::absent) {
        const bool is_over = Clock::now() >= end && std::ranges::all_of(options.keys, has_been_told);
        if (is_over) return Exit::done;
        std::cerr << "smalldb: " << printable(result.message) << "\n";
        return exit_of(result.outcome);
      }
      if (!is_first && before->second == result.revision) continue;
      told[key] = result.revision;
      say_change(options, key, result);
      if (!std::cout) return Exit::done;  // nobody reads it any more
      if (!is_first && ++changes == options.changes_max) return Exit::done;
    }
  } while (store.rest(std::min<Clock::duration>(options.every, end - Clock::now())) && Clock::now() < end);
  return Exit::done;
}

// ---- status, promote ---------------------------------------------------------------------------------------------

Exit show_status(Store& store, const Options& options) {
  const std::vector<NodeView> views = store.look();
  if (options.json) {
    Json nodes = Json::array();
    for (const NodeView& view : views) {
      Json node = {{"address", view.address.text()}};
      if (view.status.empty()) {
        node["error"] = view.why;
      } else {
        node["status"] = Json::parse(view.status);
      }
      nodes.push_back(node);
    }
    say({{"nodes", nodes}});
  } else {
    std::cout << table_of(views);
  }
  const std::string alarm = alarm_of(views);
  if (!alarm.empty()) std::cerr << "smalldb: " << printable(alarm) << "\n";
  return alarm.empty() && somebody_serves(views) ? Exit::done : Exit::failed;
}

bool says(const NodeView& view, const char* word) {
  return !view.status.empty() && Json::parse(view.status)["node"].value(word, false);
}

std::string token_in(const std::string& path) {
  if (path.empty()) return {};
  std::string token = server::read_private_file(path, "the token file");
  if (token.empty()) throw std::runtime_error("the token file " + path + " is empty");
  return token;
}

struct NoChoice {
  Exit exit = Exit::failed;
  std::string why;
};

// The node that is to be promoted.
std::variant<Address, NoChoice> choose(const Options& options, const std::vector<NodeView>& views) {
  std::vector<Address> waiting;
  for (const NodeView& view : views) {
    if (says(view, "serving") && !options.force) {
      return NoChoice{Exit::failed, view.address.text() + " serves; two must not"};
    }
    if (says(view, "waits_for_operator")) waiting.push_back(view.address);
  }
  if (!options.node.empty()) return *Address::parse(options.node);
  if (waiting.empty()) return NoChoice{Exit::failed, "no node waits for an operator; see smalldb status"};
  if (waiting.size() > 1) return NoChoice{Exit::bad_input, "several nodes wait, say which: --node HOST:PORT"};
  return waiting.front();
}

std::uint64_t epoch_of(const NodeView& view) {
  return Json::parse(view.status)["node"].value("epoch", std::uint64_t{0});
}

// Nothing if the node was not seen.
std::optional<std::uint64_t> epoch_of(const std::vector<NodeView>& seen, const Address& node) {
  for (const NodeView& view : seen) {
    if (view.address == node && !view.status.empty()) return epoch_of(view);
  }
  return std::nullopt;
}

Exit promote(Store& store, const Options& options) {
  const std::vector<NodeView> seen = store.look();
  const std::variant<Address, NoChoice> chosen = choose(options, seen);
  if (const auto* const none = std::get_if<NoChoice>(&chosen)) {
    std::cerr << "smalldb: " << printable(none->why) << "\n";
    if (none->exit == Exit::bad_input) std::cerr << table_of(seen);
    return none->exit;
  }
  const Address& node = std::get<Address>(chosen);
  const std::optional<std::uint64_t> before = epoch_of(seen, node);
  const Result result = store.promote(node, before, options.force, token_in(options.operator_token_file));
  if (result.outcome != Outcome::done) {
    std::cerr << "smalldb: " << node.text() << ": " << printable(result.message) << "\n";
    return exit_of(result.outcome);
  }
  const Clock::time_point until = Clock::now() + options.store.timeout;
  do {
    for (const NodeView& view : store.look()) {
      if (view.address != node || !says(view, "serving")) continue;
      const std::uint64_t epoch = epoch_of(view);
      if (before && epoch <= *before) continue;
      if (options.json) {
        say({{"promoted", node.text()}, {"epoch", epoch}});
      } else {
        std::cout << node.text() << " serves, in epoch " << epoch << std::endl;
      }
      return Exit::done;
    }
  } while (Clock::now() < until && store.rest(std::chrono::milliseconds(100)));
  std::cerr << "smalldb: " << node.text() << " took the order, and does not serve yet\n";
  return Exit::unknown;
}

Exit carry_out(Store& store, const Options& options) {
  switch (options.command) {
    case Command::put:
    case Command::get:
    case Command::remove: return perform_operation(store, options);
    case Command::status: return show_status(store, options);
    case Command::watch: return watch(store, options);
    case Command::promote: return promote(store, options);
  }
  return Exit::failed;
}

}  // namespace

Exit perform(const Options& options) {
  Store store(options.store);
  const Exit exit = carry_out(store, options);
  if (std::cout.flush()) return exit;
  std::cerr << "smalldb: standard output cannot be written\n";
  // A write has done what it has done; of a read nothing is left.
  const bool reads =
      options.command == Command::get || options.command == Command::status || options.command == Command::watch;
  return reads && exit == Exit::done ? Exit::bad_input : exit;
}

}  // namespace smalldb::client
