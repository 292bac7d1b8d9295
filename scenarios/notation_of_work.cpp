// The half of notation.h that reads and writes links and what clients do.
#include <algorithm>

#include "scenarios/notation.h"
#include "scenarios/scanner.h"

namespace smalldb::scenarios::notation {

namespace {

std::optional<std::vector<Name>> take_names(Scanner& scanner) {
  std::vector<Name> names;
  const bool in_brackets = scanner.take_symbol("[");
  do {
    std::string_view name = scanner.take_name();
    if (name == "the") name = scanner.take_name();
    if (name.empty()) {
      if (!scanner.take_symbol("*")) return {};
      name = "all";
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) return {};
    names.emplace_back(name);
  } while (scanner.take_symbol(",") || scanner.take_word("and"));
  if (in_brackets && !scanner.take_symbol("]")) return {};
  return names;
}

std::string write_names(const std::vector<Name>& names) {
  std::string text;
  for (const Name& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

// Splits ` if ...` off the end of an operation. False if what follows `if` is no condition.
bool take_condition(std::string_view& text, Operation& operation) {
  const std::size_t at = text.rfind(" if ");
  if (at == std::string_view::npos) return true;
  Scanner scanner(text.substr(at + 4));
  text = text.substr(0, at);
  scanner.take_word("still");
  if (scanner.take_word("absent"))
    operation.condition = Operation::Condition::absent;
  else if (scanner.take_word("exists"))
    operation.condition = Operation::Condition::exists;
  else if (scanner.take_word("unchanged"))
    operation.condition = Operation::Condition::unchanged;
  else if (scanner.take_word("revision")) {
    scanner.take_word("is");
    const auto revision = scanner.take_decimal();
    if (!revision || revision->decimals > 0) return false;
    operation.condition = Operation::Condition::revision_is;
    operation.revision = revision->digits;
  }
  return operation.condition != Operation::Condition::none && scanner.done();
}

std::optional<Operation> read_operation(std::string_view text) {
  Operation operation;
  Scanner scanner(text);
  if (scanner.take_word("get"))
    operation.verb = Verb::get;
  else if (scanner.take_word("put"))
    operation.verb = Verb::put;
  else if (scanner.take_word("delete"))
    operation.verb = Verb::remove;
  else
    return {};

  std::string_view rest = scanner.rest();
  if (operation.verb == Verb::get) {
    operation.key = trimmed(rest);
  } else if (!take_condition(rest, operation)) {
    return {};
  } else if (operation.verb == Verb::remove) {
    operation.key = trimmed(rest);
  } else {
    // `put x=1`, `put x = 1`, and `put x 1`.
    std::size_t split = rest.find('=');
    if (split == std::string_view::npos) split = rest.find(' ');
    if (split == std::string_view::npos) return {};
    operation.key = trimmed(rest.substr(0, split));
    operation.value = trimmed(rest.substr(split + 1));
  }
  const bool one_word = operation.key.find_first_of(" =") == std::string::npos;
  if (operation.key.empty() || !one_word) return {};
  return operation;
}

std::string write_operation(const Operation& operation) {
  std::string text(operation.verb == Verb::get ? "get " : operation.verb == Verb::put ? "put " : "delete ");
  text += operation.key;
  if (operation.verb == Verb::put) text += "=" + operation.value;
  switch (operation.condition) {
    case Operation::Condition::none: break;
    case Operation::Condition::absent: text += " if absent"; break;
    case Operation::Condition::exists: text += " if exists"; break;
    case Operation::Condition::unchanged: text += " if unchanged"; break;
    case Operation::Condition::revision_is: text += " if revision " + std::to_string(operation.revision); break;
  }
  return text;
}

}  // namespace

std::optional<Links> read_links(std::string_view text, std::string& expected) {
  Scanner scanner(text);
  Links links;
  if (const auto from = take_names(scanner)) {
    links.from = *from;
    links.both = scanner.take_symbol("<->") || scanner.take_symbol("<>");
    if (links.both || scanner.take_symbol("->")) {
      if (const auto to = take_names(scanner); to && scanner.done()) {
        links.to = *to;
        return links;
      }
    }
  }
  expected = "links, as a -> b (one way), a <-> b (both), or all -> b, c1";
  return {};
}

std::string write_links(const Links& links) {
  return write_names(links.from) + (links.both ? " <-> " : " -> ") + write_names(links.to);
}

std::optional<Skew> read_skew(std::string_view text, std::string& expected) {
  Scanner scanner(text);
  Skew skew;
  if (scanner.take_word("uniform") && scanner.done()) return skew;
  if (scanner.take_word("zipf") && scanner.done()) {
    skew.shape = Skew::Shape::zipf;
    return skew;
  }
  scanner.take_word("hot");
  const std::string rest(scanner.rest());
  std::size_t split = rest.find(" on ");
  if (split != std::string::npos) {
    std::string keys = rest.substr(split + 4);
    for (const std::string_view ending : {" of the keys", " of keys", " of them"}) {
      if (keys.ends_with(ending)) keys.resize(keys.size() - ending.size());
    }
    std::string ignored;
    const auto operations = read_ratio(rest.substr(0, split), ignored);
    const auto share = read_ratio(keys, ignored);
    if (operations && share && !operations->never() && !share->never()) {
      return Skew{Skew::Shape::hot, *operations, *share};
    }
  }
  expected = "a skew: uniform, zipf, or as 80 % on 20 % of the keys";
  return {};
}

std::string write_skew(const Skew& skew) {
  switch (skew.shape) {
    case Skew::Shape::uniform: return "uniform";
    case Skew::Shape::zipf: return "zipf";
    case Skew::Shape::hot: return write_ratio(skew.operations) + " on " + write_ratio(skew.keys) + " of the keys";
  }
  return {};
}

std::optional<SizeRange> read_size_range(std::string_view text, std::string& expected) {
  std::string ignored;
  std::size_t split = text.find("..");
  std::size_t width = 2;
  if (split == std::string_view::npos && (split = text.find(" to ")) != std::string_view::npos) width = 4;
  const auto least = read_size(text.substr(0, split), ignored);
  const auto most = split == std::string_view::npos ? least : read_size(text.substr(split + width), ignored);
  if (least && most && *least <= *most) return SizeRange{*least, *most};
  expected = "a size or a range of sizes, as 100, 16..64 or 1 KiB..4 KiB";
  return {};
}

std::string write_size_range(const SizeRange& range) {
  return range.least == range.most ? write_size(range.least) : write_size(range.least) + ".." + write_size(range.most);
}

std::optional<ScriptStep> read_step(std::string_view text, std::string& expected) {
  Scanner scanner(text);
  if (scanner.take_word("wait")) {
    if (scanner.take_word("until")) {
      const auto occurrence = read_occurrence(scanner.rest(), expected);
      if (!occurrence) return {};
      return WaitUntil{*occurrence};
    }
    scanner.take_word("for");
    const auto length = read_duration(scanner.rest(), expected);
    if (!length) return {};
    return Wait{*length};
  }
  if (const auto operation = read_operation(text)) return *operation;
  expected =
      "a step: get x, put x=1, delete x (with if absent, if exists, if unchanged or if revision 7), wait 100ms, or "
      "wait until something occurs";
  return {};
}

std::string write_step(const ScriptStep& step) {
  if (const auto* wait = std::get_if<Wait>(&step)) return "wait " + write_duration(wait->length);
  if (const auto* wait = std::get_if<WaitUntil>(&step)) return "wait until " + to_text(wait->occurrence);
  return write_operation(std::get<Operation>(step));
}

}  // namespace smalldb::scenarios::notation
