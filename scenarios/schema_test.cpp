#include "scenarios/schema.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "scenarios/document.h"
#include "scenarios/judged.h"
#include "scenarios/load.h"
#include "scenarios/occurrence.h"
#include "scenarios/run.h"
#include "scenarios/testing/library.h"

namespace smalldb::scenarios {
namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Node parse(const std::string& text) {
  std::vector<Problem> problems;
  Node node = read_yaml(text, "text", problems);
  for (const Problem& problem : problems) UNSCOPED_INFO(to_text(problem));
  REQUIRE(problems.empty());
  return node;
}

// As much of JSON Schema as the schema uses: whether `value` is what `schema` says.
class Validator {
 public:
  explicit Validator(const Node& root) : root_(root) {}

  bool accepts(const Node& value) const { return accepts(root_, value); }

 private:
  bool accepts(const Node& schema, const Node& value) const {
    if (!schema.is_map()) return schema.text != "false";
    return std::all_of(schema.entries.begin(), schema.entries.end(),
                       [&](const Node::Entry& word) { return holds(schema, word.key, word.value, value); });
  }

  bool holds(const Node& schema, const std::string& word, const Node& argument, const Node& value) const {
    const auto accept_count = [&] {
      return std::count_if(argument.items.begin(), argument.items.end(),
                           [&](const Node& s) { return accepts(s, value); });
    };
    if (word == "$ref") {
      const std::string name = argument.text.substr(argument.text.rfind('/') + 1);
      return accepts(*root_.find("definitions")->find(name), value);
    }
    if (word == "anyOf") return accept_count() > 0;
    if (word == "oneOf") return accept_count() == 1;
    if (word == "allOf") return accept_count() == static_cast<std::ptrdiff_t>(argument.items.size());
    if (word == "type") {
      if (argument.is_scalar()) return has_type(argument.text, value);
      return std::any_of(argument.items.begin(), argument.items.end(),
                         [&](const Node& t) { return has_type(t.text, value); });
    }
    if (word == "enum") {
      return std::any_of(argument.items.begin(), argument.items.end(),
                         [&](const Node& one) { return value.is_scalar() && one.text == value.text; });
    }
    if (word == "const") return value.is_scalar() && value.text == argument.text && (argument.quoted || !value.quoted);
    if (word == "pattern")
      return !has_type("string", value) || std::regex_search(value.text, std::regex(argument.text));
    if (word == "minimum") return !value.is_scalar() || std::stoull(value.text) >= std::stoull(argument.text);
    if (word == "maximum") return !value.is_scalar() || std::stoull(value.text) <= std::stoull(argument.text);
    if (word == "maxProperties") return value.entries.size() <= std::stoull(argument.text);
    if (word == "minProperties") return value.entries.size() >= std::stoull(argument.text);
    if (word == "maxItems") return value.items.size() <= std::stoull(argument.text);
    if (word == "minItems") return value.items.size() >= std::stoull(argument.text);
    if (word == "required") {
      return std::all_of(argument.items.begin(), argument.items.end(),
                         [&](const Node& key) { return value.find(key.text); });
    }
    if (word == "items") {
      return std::all_of(value.items.begin(), value.items.end(),
                         [&](const Node& item) { return accepts(argument, item); });
    }
    if (word == "properties") {
      return std::all_of(value.entries.begin(), value.entries.end(), [&](const Node::Entry& entry) {
        const Node* known = argument.find(entry.key);
        return known == nullptr || accepts(*known, entry.value);
      });
    }
    if (word == "additionalProperties") {
      const Node* properties = schema.find("properties");
      return std::all_of(value.entries.begin(), value.entries.end(), [&](const Node::Entry& entry) {
        return (properties != nullptr && properties->find(entry.key) != nullptr) || accepts(argument, entry.value);
      });
    }
    const bool is_prose = word == "$schema" || word == "title" || word == "description" || word == "definitions";
    INFO(word);
    REQUIRE(is_prose);  // a word that this validator does not know must not pass for checked
    return true;
  }

  static bool has_type(const std::string& type, const Node& value) {
    if (type == "object") return value.is_map();
    if (type == "array") return value.is_list();
    if (type == "null") return value.kind == Node::Kind::nothing;
    if (!value.is_scalar()) return false;
    // What a reader of YAML takes for a number or a truth is no string.
    const bool has_digits = value.text.find_first_of("0123456789") != std::string::npos;
    const bool is_number =
        !value.quoted && has_digits && value.text.find_first_not_of("0123456789_.") == std::string::npos;
    const bool is_truth = !value.quoted && (value.text == "true" || value.text == "false");
    if (type == "number") return is_number;
    if (type == "integer") return is_number && value.text.find('.') == std::string::npos;
    if (type == "boolean") return is_truth;
    REQUIRE(type == "string");
    return !is_number && !is_truth;
  }

  const Node& root_;
};

TEST_CASE("schema.json is what the loader knows") {
  const std::string file = "scenarios/schema.json";
  if (std::getenv("REWRITE_GOLDEN") != nullptr) std::ofstream(file, std::ios::binary) << schema_text();
  INFO("REWRITE_GOLDEN=1 bin/scenarios_test writes it anew");
  const bool same = contents(file) == schema_text();
  CHECK(same);
}

TEST_CASE("the schema takes every scenario of the library") {
  const Node schema = parse(schema_text());
  for (const std::string& path : testing::library_files()) {
    INFO(path);
    CHECK(Validator(schema).accepts(parse(contents(path))));
  }
}

TEST_CASE("the schema refuses what the loader refuses for its form") {
  const Node schema = parse(schema_text());
  for (const char* text : {"seed: 1",
                           "why: x\nsead: 1",
                           "why: x\nseed: one",
                           "why: x\ncluster: 5",
                           "why: x\ncluster: {arbiter: nobody}",
                           "why: x\ncluster: {rules: {output_rule: maybe}}",
                           "why: x\nfaults: [{explode: a, at: 1s}]",
                           "why: x\nfaults: [{crash: a}]",
                           "why: x\nfaults: [{crash: a, at: 1s, every: 1s}]",
                           "why: x\nfaults: [{delay: a -> b, at: 1s}]",
                           "why: x\nfaults: [{cut: a b, at: 1s}]",
                           "why: x\nfaults: [{crash: a, at: soon}]",
                           "why: x\nexpect: {output_rule: perhaps}",
                           "why: x\nexpect: {no_such_rule: holds}",
                           "why: x\nworkload: [{script: [jump]}]",
                           "why: x\nnetwork: {loss: lots}",
                           "why: x\nend: {until: later}",
                           "why: x\ndisks: {sync: {a: 1, b: 2}}",
                           "why: x\noperator: [{dance: a, at: 1s}]",
                           "why: x\ncluster: {nodes: 17}",
                           "why: x\ncluster: {nodes: 0}",
                           "why: x\ncluster: {clients: 257}",
                           "why: x\nworkload: [{generate: {keys: 1000001}}]",
                           "why: x\nseed: '7'",
                           "why: x\ncluster: {nodes: '3'}",
                           "why: x\ncluster: {nodes: [\xc3\xa9]}",
                           "why: x\nnetwork: {latency: {normal: 2ms}}",
                           "why: x\nnetwork: {latency: {uniform: [5ms]}}",
                           "why: x\nnetwork: {latency: {}}",
                           "why: x\nnetwork: {latency: 5}",
                           "why: x\nnetwork: {latency: 1e3ms}",
                           "why: x\nnetwork: {latency: '1ms..5ms, often 50ms'}",
                           "why: x\nend: {settle: 5}",
                           "why: x\nworkload: [{}]",
                           "why: x\ncluster: {founders: []}",
                           "why: x\nworkload: [{generate: {mix: {}}}]",
                           "why: ''",
                           "why: ' '",
                           "why: x\nfaults: [{crash: a, at: 1s, for: 0s}]",
                           "why: x\nfaults: [{crash: a, at: 1s, for: 0}]"}) {
    INFO(text);
    CHECK_FALSE(Validator(schema).accepts(parse(text)));
    CHECK_FALSE(load_text(text, "f").problems.empty());
  }
}

TEST_CASE("the schema takes what the loader takes") {
  const Node schema = parse(schema_text());
  for (const char* text :
       {"why: 5", "why: true", "why: x\nfaults:", "why: x\ncluster:\nexpect:\nend: {lost: }\ndisks: {only: }",
        "why: x\nexpect: {values: {x: true, y: 7, z: absent}}\nworkload: [{script: get x}]",
        "why: x\ncluster: {nodes: 3, clients: 0}", "why: x\nnetwork: {latency: 0, loss: 0.5, bandwidth: 0}",
        "why: x\nnetwork: {latency: {uniform: [1ms, 5ms]}}", "why: x\nnetwork: {latency: {exponential: 2ms}}",
        "why: x\nnetwork: {latency: exponential 2ms from 1ms up to 50ms}",
        "why: x\nnetwork: {latency: '1ms..5ms, 1/100 of them 50ms..90ms'}",
        "why: x\ndisks: {sync: pareto 1ms..10s, capacity: 512}",
        "why: x\nfaults: [{crash: a, at: 0, for: 0.5s}, {pause: a, randomly: 3 times, to: 5s}]"}) {
    INFO(text);
    CHECK(Validator(schema).accepts(parse(text)));
    const Loaded loaded = load_text(text, "f");
    for (const Problem& problem : loaded.problems) UNSCOPED_INFO(to_text(problem));
    CHECK(loaded.problems.empty());
  }
}

// Every key that a schema's objects have, with the path to it.
void collect_keys(const Node& schema, std::vector<std::string>& keys) {
  if (const Node* properties = schema.find("properties")) {
    for (const Node::Entry& property : properties->entries) keys.push_back(property.key);
  }
  for (const Node::Entry& entry : schema.entries) collect_keys(entry.value, keys);
  for (const Node& item : schema.items) collect_keys(item, keys);
}

TEST_CASE("every key of the schema has a description") {
  const Node schema = parse(schema_text());
  std::vector<std::string> bare;
  const auto look = [&](const Node& node, const auto& self) -> void {
    if (const Node* properties = node.find("properties")) {
      for (const Node::Entry& property : properties->entries) {
        const bool told = property.value.find("description") != nullptr || property.value.find("$ref") != nullptr;
        if (!told) bare.push_back(property.key);
      }
    }
    for (const Node::Entry& entry : node.entries) self(entry.value, self);
    for (const Node& item : node.items) self(item, self);
  };
  look(schema, look);
  CHECK(bare.empty());
  std::vector<std::string> keys;
  collect_keys(schema, keys);
  CHECK(keys.size() > 150);
}

// Words that can be chosen among, wherever they stand in a schema.
void collect_choices(const Node& schema, std::vector<std::string>& words) {
  if (const Node* choices = schema.find("enum")) {
    for (const Node& word : choices->items) words.push_back(word.text);
  }
  for (const Node::Entry& entry : schema.entries) collect_choices(entry.value, words);
  for (const Node& item : schema.items) collect_choices(item, words);
}

TEST_CASE("docs/scenarios.md explains every key, every choice and every occurrence") {
  const std::string page = contents("docs/scenarios.md");
  REQUIRE_FALSE(page.empty());
  std::vector<std::string> words;
  const Node schema = parse(schema_text());
  collect_keys(schema, words);
  collect_choices(schema, words);
  // What is expected of each property is listed by a command, and so are conditions.
  for (const Judged& property : judged_properties()) std::erase(words, property.name);
  std::vector<std::string> missing;
  const std::regex word_of_the_page("[A-Za-z_]+");
  std::set<std::string> told(std::sregex_token_iterator(page.begin(), page.end(), word_of_the_page), {});
  for (const std::string& word : words) {
    if (!told.contains(word)) missing.push_back(word);
  }
  for (const OccurrenceDescription& known : occurrence_descriptions()) {
    if (page.find("`" + known.phrase + "`") == std::string::npos) missing.push_back(known.phrase);
  }
  for (const std::string_view name : message_names()) {
    const std::string message(name);
    if (page.find("`" + message + "`") == std::string::npos) missing.push_back(message);
  }
  CHECK(missing == std::vector<std::string>{});
}

TEST_CASE("the first example of docs/scenarios.md comes out as it expects, whatever the seed") {
  const std::string page = contents("docs/scenarios.md");
  const std::string fence = "```yaml\n";
  const std::size_t from = page.find(fence) + fence.size();
  const Loaded loaded = load_text(page.substr(from, page.find("```", from) - from), "example.yaml");
  REQUIRE(loaded.scenario.has_value());
  Scenario scenario = *loaded.scenario;
  REQUIRE(scenario.expect.primary.has_value());
  for (scenario.seed = 1; scenario.seed <= 100; ++scenario.seed) {
    INFO("seed " << scenario.seed);
    CHECK(run(scenario).exit_code() == 0);
  }
}

}  // namespace
}  // namespace smalldb::scenarios
