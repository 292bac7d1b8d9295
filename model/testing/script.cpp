#include "model/testing/script.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "model/assert.h"
#include "model/operator_command.h"
#include "model/rule_switches.h"

namespace smalldb::testing {
namespace {

using Words = std::vector<std::string>;

Words split(std::string_view line) {
  Words words;
  std::istringstream in{std::string(line)};
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

[[noreturn]] void fail(std::string_view command, const std::string& why) {
  throw std::runtime_error("cannot do '" + std::string(command) + "': " + why);
}

std::optional<OperatorCommand> operator_command(std::string_view word) {
  for (const auto command : {OperatorCommand::promote, OperatorCommand::checkpoint, OperatorCommand::stop}) {
    if (name(command) == word) return command;
  }
  return std::nullopt;
}

std::uint64_t number(const std::string& word) { return std::stoull(word); }

Duration duration(const std::string& word) {
  std::size_t digits = 0;
  const std::int64_t count = std::stoll(word, &digits);
  const std::string unit = word.substr(digits);
  if (unit == "ms") return milliseconds(count);
  if (unit == "s") return seconds(count);
  if (unit == "h") return seconds(count * 3600);
  throw std::runtime_error("no duration: " + word);
}

void set(Stage& stage, const std::string& name, const std::string& value) {
  Settings& s = stage.settings;
  ClientSettings& c = stage.client_settings;
  const std::map<std::string, std::function<void()>> settings = {
      {"acknowledge", [&] { s.acknowledge = value == "received" ? Acknowledge::received : Acknowledge::durable; }},
      {"reads", [&] { s.reads = value == "leased" ? Reads::leased : Reads::confirmed; }},
      {"heartbeat_every", [&] { s.heartbeat_every = duration(value); }},
      {"suspect_after", [&] { s.suspect_after = duration(value); }},
      {"lease", [&] { s.lease = duration(value); }},
      {"clock_drift_max_ppm", [&] { s.clock_drift_max_ppm = static_cast<std::uint32_t>(number(value)); }},
      {"log_buffer_bytes", [&] { s.log_buffer_bytes = number(value); }},
      {"join_buffer_bytes", [&] { s.join_buffer_bytes = number(value); }},
      {"waiting_requests_max", [&] { s.waiting_requests_max = static_cast<std::uint32_t>(number(value)); }},
      {"checkpoint_every_bytes", [&] { s.checkpoint_every_bytes = number(value); }},
      {"segment_bytes", [&] { s.segment_bytes = number(value); }},
      {"chunk_bytes", [&] { s.chunk_bytes = static_cast<std::uint32_t>(number(value)); }},
      {"chunks_in_flight", [&] { s.chunks_in_flight = static_cast<std::uint32_t>(number(value)); }},
      {"session_window", [&] { s.session_window = static_cast<std::uint32_t>(number(value)); }},
      {"sessions_max", [&] { s.sessions_max = static_cast<std::uint32_t>(number(value)); }},
      {"session_expires_after", [&] { s.session_expires_after = duration(value); }},
      {"in_flight", [&] { c.in_flight_max = static_cast<std::uint32_t>(number(value)); }},
      {"answer_within", [&] { c.answer_within = duration(value); }},
      {"give_up_after", [&] { c.give_up_after = duration(value); }},
      {"arbiter",
       [&] {
         const std::map<std::string, ArbiterKind> kinds = {{"tie_breaker", ArbiterKind::tie_breaker},
                                                           {"shared_lock", ArbiterKind::shared_lock},
                                                           {"manual", ArbiterKind::manual},
                                                           {"none", ArbiterKind::none}};
         stage.arbiter_kind = kinds.at(value);
       }},
  };
  settings.at(name)();
}

void switch_off(RuleSwitches& rules, const std::string& name) {
  const auto* rule = std::find_if(rule_switches.begin(), rule_switches.end(),
                                  [&](const RuleSwitch& candidate) { return candidate.name == name; });
  SMALLDB_ASSERT(rule != rule_switches.end(), name);
  rules.*rule->on = false;
}

effect::DiskVerb disk_verb(const std::string& word) {
  using Verb = effect::DiskVerb;
  const std::map<std::string, Verb> verbs = {{"list", Verb::list},         {"read", Verb::read},
                                             {"write", Verb::write},       {"write_synced", Verb::write_synced},
                                             {"truncate", Verb::truncate}, {"sync", Verb::sync},
                                             {"rename", Verb::rename},     {"link", Verb::link},
                                             {"remove", Verb::remove},     {"sync_directory", Verb::sync_directory}};
  return verbs.at(word);
}

// "a->b" or "a-b".
std::pair<std::string, std::string> two(const std::string& word) {
  const std::size_t dash = word.find('-');
  const bool arrow = word.substr(dash, 2) == "->";
  return {word.substr(0, dash), word.substr(dash + (arrow ? 2 : 1))};
}

Invocation invocation(const Words& words) {
  Invocation invocation;
  const std::string& verb = words.at(1);
  invocation.verb = verb == "get" ? Verb::get : verb == "remove" ? Verb::remove : Verb::put;
  invocation.key = Bytes::copy(words.at(2));
  if (verb == "put") invocation.value = Bytes::copy(words.at(3));
  if (verb == "fill") invocation.value = Bytes::copy(std::string(number(words.at(3)), 'v'));
  for (std::size_t i = 3; i + 1 < words.size(); ++i) {
    if (words[i] != "if") continue;
    if (words[i + 1] == "absent") invocation.condition.kind = Condition::Kind::absent;
    if (words[i + 1] == "exists") invocation.condition.kind = Condition::Kind::exists;
    if (words[i + 1] == "revision") invocation.condition = {Condition::Kind::revision_is, {number(words.at(i + 2))}};
  }
  return invocation;
}

constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

std::size_t count(const Words& words, std::size_t at) { return words.size() > at ? number(words[at]) : all; }

void tell_all(Stage& stage, const std::vector<std::string>& lines, const std::string& if_none) {
  for (const std::string& line : lines) stage.say("  " + line);
  if (lines.empty()) stage.say("  " + if_none);
}

std::string full_file_name(Stage& stage, const std::string& node, const std::string& short_name) {
  for (const std::string& name : stage.disk(node).names()) {
    if (short_file_name(name) == short_name) return name;
  }
  throw std::runtime_error("no such file: " + short_name);
}

void disks(Stage& stage, const Words& words) {
  if (words[0] == "hold") stage.hold_disk(words.at(2), true);
  if (words[0] == "release") stage.hold_disk(words.at(2), false);
  if (words[0] == "fail") stage.disk(words.at(2)).fail_next(disk_verb(words.at(3)), DiskStatus::failed);
}

void network(Stage& stage, const Words& words) {
  const auto [from, to] = two(words.at(1));
  if (words[0] == "deliver") stage.deliver(from, to, count(words, 2));
  if (words[0] == "hold") stage.set_hold(from, to, Stage::Hold::held);
  if (words[0] == "close") stage.close(from, to);
  if (words[0] == "drop") stage.drop(from, to);
  const std::map<std::string, Stage::Hold> both_ways = {{"cut", Stage::Hold::cut},
                                                        {"heal", Stage::Hold::none},
                                                        {"deafen", Stage::Hold::deaf},
                                                        {"stall", Stage::Hold::stalled}};
  const auto found = both_ways.find(words[0]);
  if (found == both_ways.end()) return;
  stage.set_hold(from, to, found->second);
  stage.set_hold(to, from, found->second);
}

void pair(Stage& stage) {
  for (const std::string& name : stage.cast_in_order()) stage.start(name);
  stage.pass(seconds(1), true);
}

}  // namespace

void perform(Stage& stage, std::string_view command) {
  const Words words = split(command);
  const std::string& verb = words.at(0);
  if (verb == "hush") {
    const std::size_t told = stage.told().size();
    perform(stage, command.substr(command.find("hush") + 5));
    stage.told().resize(told);
  } else if (verb == "cast") {
    stage.cast({words.begin() + 1, words.end()});
  } else if (verb == "set") {
    set(stage, words.at(1), words.at(2));
  } else if (verb == "rule") {
    switch_off(stage.rules, words.at(1));
  } else if (verb == "start") {
    for (std::size_t i = 1; i < words.size(); ++i) stage.start(words[i]);
  } else if (verb == "pair") {
    const std::size_t told = stage.told().size();
    pair(stage);
    stage.told().resize(told);
  } else if (verb == "crash" || verb == "kill") {
    stage.crash(words.at(1), verb == "crash");
  } else if (verb == "wipe") {
    stage.disk(words.at(1)) = MemoryDisk();
  } else if (const auto order = operator_command(verb)) {
    stage.input(words.at(1), encode(*order));
  } else if (verb == "settle") {
    stage.settle();
  } else if (verb == "run" || verb == "pass") {
    stage.pass(duration(words.at(1)), verb == "run");
  } else if (verb == "wall") {
    stage.shift_wall_clock(duration(words.at(1)));
  } else if (verb == "disk") {
    stage.work_disk(words.at(1), count(words, 2));
  } else if (words.size() > 1 && words[1] == "disk") {
    disks(stage, words);
  } else if (verb == "shared") {
    stage.set_shared_down(words.at(1) == "down");
  } else if (verb == "lose") {
    stage.lose_shared_answer(disk_verb(words.at(3)));
  } else if (verb == "flip") {
    stage.disk(words.at(1)).flip_bit(full_file_name(stage, words.at(1), words.at(2)), number(words.at(3)));
  } else if (verb == "forge") {
    const auto [from, to] = two(words.at(2));
    stage.forge_datagram(from, to, encode(Epoch{number(words.at(4))}, Incarnation{1}, Heartbeat{true}));
  } else if (verb == "status") {
    stage.tell_status();
  } else if (verb == "log") {
    tell_all(stage, stage.durable_log(words.at(1)), "no records");
  } else if (verb == "state") {
    tell_all(stage, stage.durable_state(words.at(1)), "nothing");
  } else if (verb == "files") {
    for (const std::string& name : stage.disk(words.at(1)).names()) stage.say("  " + short_file_name(name));
  } else if (stage.knows(verb)) {
    stage.invoke(verb, invocation(words));
  } else if (words.size() > 1 && words[1].find('-') != std::string::npos) {
    network(stage, words);
  } else {
    fail(command, "no such command");
  }
}

namespace {

void perform_or_explain(Stage& stage, const std::string& command) {
  try {
    perform(stage, command);
  } catch (const AssertionFailed& failed) {
    stage.say(std::string("ASSERTION FAILED: ") + failed.what());
  } catch (const std::out_of_range&) {
    fail(command, "a word is missing or not known");
  }
}

}  // namespace

std::string retell(std::string_view script) {
  Stage stage;
  std::string retold;
  std::istringstream lines{std::string(script)};
  bool in_output = false;
  for (std::string line; std::getline(lines, line);) {
    if (in_output && !line.empty()) continue;  // told before
    if (line == "----") {
      retold += "----\n";
      for (const std::string& told : stage.told()) retold += told + "\n";
      if (stage.told().empty()) retold += "(not a word)\n";
      stage.told().clear();
      in_output = true;
      continue;
    }
    in_output = false;
    retold += line + "\n";
    if (!line.empty() && line[0] != '#') perform_or_explain(stage, line);
  }
  return retold;
}

std::vector<std::string> Play::operator()(std::string_view commands) {
  stage.told().clear();
  std::string command;
  const auto finish = [&] {
    const Words words = split(command);
    if (!words.empty() && words[0][0] != '#') perform(stage, command);
    command.clear();
  };
  for (const char c : commands) {
    if (c == '\n' || c == ';') {
      finish();
    } else {
      command += c;
    }
  }
  finish();
  return std::exchange(stage.told(), {});
}

std::size_t times_told(const std::vector<std::string>& told, std::string_view parts) {
  std::size_t times = 0;
  for (const std::string& line : told) {
    std::size_t at = 0;
    bool found = true;
    std::string_view rest = parts;
    while (found && !rest.empty()) {
      const std::size_t dots = rest.find("...");
      const std::string_view part = rest.substr(0, dots);
      const std::size_t place = line.find(part, at);
      found = place != std::string::npos;
      at = place + part.size();
      rest = dots == std::string_view::npos ? std::string_view() : rest.substr(dots + 3);
    }
    if (found) ++times;
  }
  return times;
}

bool was_told(const std::vector<std::string>& told, std::string_view parts) { return times_told(told, parts) > 0; }

}  // namespace smalldb::testing
