#include "scenarios/campaign/capsule.h"

#include <array>
#include <cstdlib>

#include "scenarios/document.h"
#include "scenarios/load.h"
#include "scenarios/notation.h"
#include "scenarios/run.h"
#include "scenarios/save.h"
#include "sim/world.h"

namespace smalldb::scenarios {
namespace {

constexpr std::string_view separator = "---\n";
constexpr std::string_view end_mark = "...\n";  // of the last document: a file that was cut off has none
constexpr const char* format = "3";

std::string hexadecimal(std::uint64_t value) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

// Some who pass a file on mark its beginning.
std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  return text.substr(text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
}

// ... or end its lines in two bytes.
std::string with_plain_line_ends(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!text.substr(at).starts_with("\r\n")) plain += text[at];
  }
  return plain;
}

// A key of a capsule's first document, which is a flat map of texts.
class Header {
 public:
  Header(const Node& root, const std::string& file, std::vector<Problem>& problems)
      : root_(root), file_(file), problems_(problems) {}

  std::string text(std::string_view key) {
    const Node* node = root_.find(key);
    if (node != nullptr && node->is_scalar()) return node->text;
    wrong(node, "the key \"" + std::string(key) + "\" of a capsule, with a text");
    return {};
  }
  std::uint64_t number(std::string_view key) {
    std::string expected;
    const auto value = notation::read_count(text(key), expected);
    if (!value) wrong(root_.find(key), std::string(key) + ": " + expected);
    return value.value_or(0);
  }
  std::uint64_t milliseconds(std::string_view key) {
    constexpr std::int64_t millisecond = 1'000'000;
    std::string expected;
    const auto length = notation::read_duration(text(key), expected);
    const bool is_some = length && length->nanoseconds >= millisecond;
    if (!is_some) wrong(root_.find(key), std::string(key) + ": " + (length ? "a millisecond or more" : expected));
    return is_some ? static_cast<std::uint64_t>(length->nanoseconds / millisecond) : 0;
  }
  std::uint64_t hash(std::string_view key) {
    const std::string digits = text(key);
    if (digits.size() != 16 || digits.find_first_not_of("0123456789abcdef") != digits.npos) {
      wrong(root_.find(key), std::string(key) + ": sixteen hexadecimal digits");
    }
    return std::strtoull(digits.c_str(), nullptr, 16);
  }
  std::vector<std::string> list(std::string_view key) {
    std::vector<std::string> texts;
    const Node* node = root_.find(key);
    if (node == nullptr || !node->is_list()) wrong(node, std::string(key) + ": a list");
    if (node != nullptr) {
      for (const Node& item : node->items) texts.push_back(item.text);
    }
    return texts;
  }
  void wrong(const Node* node, std::string expected) {
    const Node& at = node == nullptr ? root_ : *node;
    problems_.push_back({file_, at.place, node == nullptr ? "nothing" : node->describe(), std::move(expected), {}});
  }

 private:
  const Node& root_;
  const std::string& file_;
  std::vector<Problem>& problems_;
};

}  // namespace

bool is_capsule(std::string_view text) { return without_byte_order_mark(text).starts_with("capsule:"); }

std::string write_capsule(const Capsule& capsule) {
  Node header = Node::map();
  header.add("capsule", Node::scalar(format));
  const auto add = [&](const char* key, const std::string& text) { header.add(key, Node::scalar(text, true)); };
  add("program", capsule.program);
  add("compiler", capsule.compiler);
  add("origin", capsule.origin);
  add("property", capsule.kind.property);
  add("shape", capsule.kind.shape);
  add("witness", capsule.witness);
  header.add("hang_after",
             Node::scalar(notation::write_duration(milliseconds(static_cast<std::int64_t>(capsule.hang_after_ms)))));
  header.add("events", Node::scalar(std::to_string(capsule.events)));
  header.add("calls", Node::scalar(std::to_string(capsule.chain.calls())));
  add("trace", hexadecimal(capsule.chain.last()));
  header.add("hash_every", Node::scalar(std::to_string(capsule.chain.every())));
  Node hashes = Node::list();
  for (std::string& line : capsule.chain.lines()) hashes.items.push_back(Node::scalar(std::move(line), true));
  header.add("hashes", std::move(hashes));
  return write_yaml(header) + std::string(separator) + save_text(capsule.scenario) + std::string(end_mark);
}

std::optional<Capsule> read_capsule(std::string_view as_stored, const std::string& file,
                                    std::vector<Problem>& problems) {
  const std::string with_plain_ends = with_plain_line_ends(without_byte_order_mark(as_stored));
  const std::string_view text = with_plain_ends;
  const std::size_t between = text.find("\n" + std::string(separator));
  if (!is_capsule(text) || between == text.npos) {
    problems.push_back(
        {file, {}, "no capsule", "a capsule: two YAML documents, of which the first has the key \"capsule\"", {}});
    return std::nullopt;
  }
  const Node root = read_yaml(text.substr(0, between + 1), file, problems);
  if (!problems.empty()) return std::nullopt;
  Header header(root, file, problems);
  if (const std::string written = header.text("capsule"); problems.empty() && written != format) {
    const Node* const program = root.find("program");
    const bool is_named = program != nullptr && program->is_scalar();
    problems.push_back({file,
                        root.find("capsule")->place,
                        "a capsule of format " + written + (is_named ? ", of " + program->text : ""),
                        std::string("one of format ") + format +
                            ": the program that wrote it replays it; its scenario, behind the line \"---\", runs here",
                        {}});
    return std::nullopt;
  }
  if (problems.empty() && !text.ends_with("\n" + std::string(end_mark))) {
    problems.push_back({file, {}, "the end of the file", "the line \"...\" as its last: the capsule was cut off", {}});
  }
  Capsule capsule;
  capsule.program = header.text("program");
  capsule.compiler = header.text("compiler");
  capsule.origin = header.text("origin");
  capsule.kind = {header.text("property"), header.text("shape")};
  capsule.witness = header.text("witness");
  capsule.hang_after_ms = header.milliseconds("hang_after");
  capsule.events = header.number("events");
  const auto chain =
      HashChain::read(header.number("calls"), header.hash("trace"), header.number("hash_every"), header.list("hashes"));
  if (!chain && problems.empty()) header.wrong(root.find("hashes"), "hashes: as many as calls and hash_every say");
  Loaded loaded = load_text(text.substr(between + 1 + separator.size()), file);
  // Places are counted from the top of the file.
  std::size_t lines = 1;
  for (const char c : text.substr(0, between + 1)) lines += c == '\n' ? 1 : 0;
  for (Problem& problem : loaded.problems) {
    problem.place.line += static_cast<decltype(problem.place.line)>(lines);
    problems.push_back(std::move(problem));
  }
  if (!problems.empty()) return std::nullopt;
  capsule.chain = *chain;
  capsule.scenario = std::move(*loaded.scenario);
  return capsule;
}

std::optional<Capsule> seal(const Scenario& scenario, const Origin& origin) {
  Capsule capsule;
  RunOptions options;
  options.events_max = origin.events_max;
  options.interrupted = origin.interrupted;
  options.reader = [&](const sim::World& world) { capsule.chain.add(world.hash()); };
  const Result result = run(scenario, options);
  auto failure = failure_of(result);
  if (!failure) return std::nullopt;
  capsule.program = origin.program;
  capsule.compiler = origin.compiler;
  capsule.origin = origin.origin;
  capsule.kind = std::move(failure->kind);
  capsule.witness = std::move(failure->witness);
  capsule.hang_after_ms = origin.hang_after_ms;
  capsule.events = result.event_count;
  capsule.scenario = scenario;
  return capsule;
}

}  // namespace smalldb::scenarios
