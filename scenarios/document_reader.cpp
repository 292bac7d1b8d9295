// The one place that knows the library that reads YAML.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "properties/checker/formats/utf8.h"
#include "scenarios/document.h"

namespace smalldb::scenarios {
namespace {

// Thrown out of the parser's callbacks, and caught in read_yaml.
struct GiveUp {
  Place place;
  std::string found;
  std::string expected;
};

Place place_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {1, 1};
  return {mark.line + 1, mark.column + 1};
}

std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) count += count_nodes(item);
  for (const Node::Entry& entry : node.entries) count += count_nodes(entry.value);
  return count;
}

// Builds the tree from the parser's events. Keys arrive as values do, and must be scalars.
class TreeBuilder final : public YAML::EventHandler {
 public:
  Node take() { return std::move(root_); }
  // Where the last text in quotes begins, or its anchor.
  std::optional<Place> last_quoted() const { return last_quoted_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.place = place_of(mark);
    finish(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    Node node = Node::scalar(text, tag == "!");
    node.place = place_of(mark);
    reject_tag(tag, node.place);
    if (node.quoted) last_quoted_ = node.place;
    // An empty value is nothing, and so is a tilde; the parser says null for both, but not for `null`.
    if (!node.quoted && (text == "null" || text == "~" || text.empty())) node = nothing_at(node.place);
    finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchored_.find(anchor);
    if (known == anchored_.end())
      throw GiveUp{place_of(mark), "an alias inside of what it stands for", "a value that ends"};
    Node copy = known->second.node;
    copy.place = place_of(mark);
    count(known->second.size, copy.place);
    place(std::move(copy));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(Node::list(), mark, tag, anchor);
  }
  void OnSequenceEnd() override { end(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(Node::map(), mark, tag, anchor);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    bool has_key = false;
    std::string key;
    Place key_place;
  };
  struct Anchored {
    Node node;
    std::size_t size;
  };

  static Node nothing_at(Place place) {
    Node node;
    node.place = place;
    return node;
  }

  static void reject_tag(const std::string& tag, Place place) {
    if (!tag.empty() && tag != "?" && tag != "!")
      throw GiveUp{place, "the tag " + smalldb::quoted(tag), "a value without a tag"};
  }

  void begin(Node node, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    node.place = place_of(mark);
    reject_tag(tag, node.place);
    if (open_.size() >= static_cast<std::size_t>(depth_max)) {
      throw GiveUp{node.place, "values nested more than " + std::to_string(depth_max) + " deep", "a scenario"};
    }
    open_.push_back({std::move(node), anchor, false, {}, {}});
  }

  void end() {
    Open done = std::move(open_.back());
    open_.pop_back();
    finish(std::move(done.node), done.anchor);
  }

  void finish(Node node, YAML::anchor_t anchor) {
    count(1, node.place);
    if (anchor != 0) anchored_[anchor] = {node, count_nodes(node)};
    place(std::move(node));
  }

  void count(std::size_t more, Place at) {
    count_ += more;
    if (count_ > node_count_max) {
      throw GiveUp{at, "more than " + std::to_string(node_count_max) + " values", "a scenario"};
    }
  }

  void place(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.is_list()) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.has_key) {
      parent.has_key = false;
      parent.node.entries.push_back({std::move(parent.key), parent.key_place, std::move(node)});
    } else {
      if (!node.is_scalar()) throw GiveUp{node.place, node.describe() + " as a key", "a word as a key"};
      parent.has_key = true;
      parent.key = std::move(node.text);
      parent.key_place = node.place;
    }
  }

  Node root_;
  std::optional<Place> last_quoted_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchored_;
  std::size_t count_ = 0;
};

std::string sentence(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) < 0x20) text[i] = ' ';
  }
  return text;
}

// Where the byte at `offset` stands, in characters: the text before it is UTF-8.
Place place_in(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // after the last end of a line, or 0
  const auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  const std::string_view line = before.substr(line_start);
  return {1 + static_cast<int>(std::count(before.begin(), before.end(), '\n')),
          1 + static_cast<int>(std::count_if(line.begin(), line.end(), begins_character))};
}

// What keeps the text from being one, if anything does: to the parser, such bytes would be others.
std::optional<Problem> check_bytes(std::string_view text) {
  const std::size_t end = std::min(checker::utf8_prefix(text), text.find('\0'));
  if (end >= text.size()) return std::nullopt;
  char byte[8];
  std::snprintf(byte, sizeof byte, "0x%02x", static_cast<unsigned char>(text[end]));
  const bool zero = text[end] == '\0';
  return Problem{{},
                 place_in(text, end),
                 zero ? "a zero byte" : "the byte " + std::string(byte) + ", which is no UTF-8",
                 "YAML, which is text in UTF-8",
                 {}};
}

// From the line, counted from 1, to the end of the text.
std::string_view from_line(std::string_view text, int line) {
  for (int before = 1; before < line; ++before) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text;
}

// The line, counted from 1, is indented by a tab: where.
std::optional<Place> tab_in_indentation(std::string_view text, int line) {
  text = from_line(text, line);
  const std::size_t tab = text.find_first_not_of(' ');
  if (tab == std::string_view::npos || text[tab] != '\t') return std::nullopt;
  return Place{line, static_cast<int>(tab) + 1};
}

// Whether the quotes that begin at `place` end; if nothing in quotes begins there, all is well.
bool quotes_end(std::string_view text, Place place) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";  // stands in no column
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  text = from_line(text, place.line);
  text.remove_prefix(std::min(static_cast<std::size_t>(place.column - 1), text.size()));
  if (text.starts_with('&')) {  // an anchor stands before them
    text.remove_prefix(std::min(text.find_first_of(" \t\r\n"), text.size()));
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  }
  if (!text.starts_with('"') && !text.starts_with('\'')) return true;
  const char quote = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      const bool is_one_inside = quote == '\'' && text.substr(i + 1).starts_with(quote);
      if (!is_one_inside) return true;
      ++i;
    }
  }
  return false;
}

// What is wrong, and what to write instead, said of the file and not of the parser.
struct Advice {
  std::string found;
  std::string expected;
};

// What the parser says in these words.
struct Translation {
  std::string_view words;  // that its message begins with
  Advice advice;
};

const Advice own_line_advice = {"a line that goes with none above it",
                                "the same indentation for all keys of a map, and for all items of a list"};
const Advice tag_advice = {"a tag (!)", "a value without a tag; a text with ! in front stands in quotes"};
const Advice name_advice = {"& or * without a name", "a text that begins with & or * in quotes"};

const std::vector<Translation>& translations() {
  static const std::vector<Translation> all = {
      {"end of sequence flow not found", {"a list that has not ended", "a comma or ] here"}},
      {"end of map flow not found", {"a map that has not ended", "a comma or } here"}},
      {"end of map not found", own_line_advice},
      {"end of sequence not found", own_line_advice},
      {"illegal map key", own_line_advice},
      {"illegal block entry",
       {"a list that begins within a line", "each \"- \" on a line of its own, or a list as [a, b]"}},
      {"the referenced anchor is not defined",
       {"an alias (*) of what has no anchor",
        "an anchor (&) of that name before, or a text that begins with * in quotes"}},
      {"alias not found", name_advice},
      {"anchor not found", name_advice},
      {"illegal character found while scanning alias", name_advice},
      {"illegal character found while scanning anchor", name_advice},
      {"cannot assign multiple anchors", {"a second anchor of a value", "one anchor"}},
      {"unknown escape character",
       {"a \\ that YAML does not know in double quotes", "\\\\ for a \\, or single quotes"}},
      {"bad character found while scanning hex number",
       {"a \\x or \\u without a number", "\\\\ for a \\, or single quotes"}},
      {"unexpected character in block scalar", {"a text beside > or |", "the text on the lines below, indented"}},
      {"illegal EOF in scalar", {"a quotation that does not end", "a closing quote"}},
      {"illegal document indicator in scalar", {"--- or ... within quotes", "a closing quote before it"}},
      {"illegal tab when looking for indentation", {"a tab", "spaces: YAML indents by them"}},
      {"end of verbatim tag not found", tag_advice},
      {"tag handle with no suffix", tag_advice},
      {"illegal character found while scanning tag handle", tag_advice},
      {"cannot assign multiple tags", tag_advice},
      {"YAML major version too large", {"a version of YAML that is not known", "no %YAML line"}},
      {"bad YAML version", {"a version of YAML that is not known", "no %YAML line"}},
  };
  return all;
}

// What to do about what the parser complained of at `place` of `text`.
Advice advice_for(const std::string& message, std::string_view text, Place place) {
  const std::string_view line = from_line(text, place.line);
  const std::size_t column =
      std::min(static_cast<std::size_t>(place.column - 1), line.size());  // in bytes, if it is ASCII
  const std::string_view before = line.substr(0, column);
  const std::string here(line.substr(column, 1));
  const std::size_t last = before.find_last_not_of(' ');
  const bool is_after_a_quote = last != std::string_view::npos && (before[last] == '"' || before[last] == '\'');
  if (message == "illegal map value") {
    if (before.find(": ") == std::string_view::npos) {
      return {"a key where no map can begin",
              "\"key: value\" in the lines before, and the same indentation for all keys of a map"};
    }
    return {"a text with \": \" in it", "it in quotes, or on the lines below after >-"};
  }
  if (message == "illegal flow end")
    return {smalldb::quoted(here) + " without what it closes", "[ or { before it, or a text in quotes"};
  if (message == "unknown token") return {"a text that begins with " + smalldb::quoted(here), "it in quotes"};
  if (message == "end of map not found" && is_after_a_quote)
    return {"more after a closing quote", "the whole text in quotes"};
  for (const Translation& known : translations()) {
    if (message.starts_with(known.words)) return known.advice;
  }
  return {"broken YAML (" + sentence(message) + ")", "YAML"};
}

}  // namespace

Node read_yaml(std::string_view text, const std::string& file, std::vector<Problem>& problems) {
  const auto problem = [&](Place place, std::string found, std::string expected) {
    problems.push_back({file, place, std::move(found), std::move(expected), {}});
    return Node{};
  };
  if (text.size() > file_size_max) {
    return problem({}, "more than " + std::to_string(file_size_max / 1024) + " KiB",
                   "a scenario, which is a short text");
  }
  if (auto wrong = check_bytes(text)) return problem(wrong->place, wrong->found, wrong->expected);
  TreeBuilder builder;
  const auto check_quotes = [&] {  // the parser ends them with the file
    if (!builder.last_quoted() || quotes_end(text, *builder.last_quoted())) return true;
    problem(*builder.last_quoted(), "a quotation that does not end", "a closing quote");
    return false;
  };
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return problem({1, 1}, "an empty file", "a scenario");
    if (!check_quotes()) return {};
    Node root = builder.take();
    TreeBuilder second;
    if (parser.HandleNextDocument(second)) {
      const Node more = second.take();
      return problem(more.place, "a second document", "one scenario in a file");
    }
    return root;
  } catch (const GiveUp& given_up) {
    return problem(given_up.place, given_up.found, given_up.expected);
  } catch (const YAML::Exception& error) {
    if (!check_quotes()) return {};
    const Place place = place_of(error.mark);
    if (const auto tab = tab_in_indentation(text, place.line))
      return problem(*tab, "a tab", "spaces: YAML indents by them");
    Advice advice = advice_for(error.msg, text, place);
    return problem(place, std::move(advice.found), std::move(advice.expected));
  }
}

}  // namespace smalldb::scenarios
