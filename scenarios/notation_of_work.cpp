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

constexpr std::string_view condition_sign = " if ";

// Where ` if ...` begins, with something behind it or nothing.
std::size_t find_condition(std::string_view text) { return (std::string(text) + ' ').find(condition_sign); }

// Splits ` if ...` off the end of an operation. False if what follows the first `if` is no condition.
bool take_condition(std::string_view& text, Operation& operation) {
  const std::size_t at = find_condition(text);
  if (at == std::string_view::npos) return true;
  Scanner scanner(text.substr(std::min(at + condition_sign.size(), text.size())));
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

// "..." at the front of `text`, in which \" stands for " and \\ for \, and the spaces before it.
std::optional<std::string> take_quoted(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos || text[begin] != '"') return {};
  std::string value;
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (text[i] == '\\' && ++i == text.size()) break;
    value += text[i];
  }
  return {};
}

bool has_spaces(std::string_view text) { return text.find(' ') != std::string_view::npos; }

bool needs_quotes(const std::string& value) { return has_spaces(value) || value.starts_with('"'); }

std::string in_quotes(const std::string& value) {
  std::string text = "\"";
  for (const char letter : value) {
    if (letter == '"' || letter == '\\') text += '\\';
    text += letter;
  }
  return text + "\"";
}

// ` times 1000` at the front of `text`, behind what is repeated so often. False if the value is too large.
bool take_times(std::string_view& text, std::string& value) {
  Scanner scanner(text);
  if (!scanner.take_word("times")) return true;
  const auto times = scanner.take_decimal();
  if (!times || times->decimals > 0 || times->digits == 0) return false;
  if (!value.empty() && times->digits > value_size_max / value.size()) return false;
  const std::string once = value;
  for (std::uint64_t n = 1; n < times->digits && !once.empty(); ++n) value += once;
  const std::size_t taken = text.size() - scanner.rest().size();
  text.remove_prefix(text[taken - 1] == ' ' ? taken - 1 : taken);  // a condition begins with a space
  return true;
}

bool is_one_letter_often(const std::string& value) {
  constexpr std::size_t shown_in_full_max = 12;  // as long as what says it by its length
  return value.size() > shown_in_full_max && value.find_first_not_of(value.front()) == std::string::npos;
}

std::string write_value(const std::string& value) {
  if (is_one_letter_often(value)) return in_quotes(value.substr(0, 1)) + " times " + std::to_string(value.size());
  return needs_quotes(value) ? in_quotes(value) : value;
}

// What follows the key of a put: a value, and perhaps a condition. Words behind a value may be a condition that is
// none, or something else that was not meant as a part of it: one that has spaces stands in quotes.
bool take_value(std::string_view text, Operation& operation) {
  if (const std::size_t begin = text.find_first_not_of(' '); begin != std::string_view::npos && text[begin] == '"') {
    const auto value = take_quoted(text);
    if (!value) return false;
    operation.value = *value;
    if (!take_times(text, operation.value)) return false;
    return take_condition(text, operation) && trimmed(text).empty();
  }
  if (!take_condition(text, operation)) return false;
  operation.value = trimmed(text);
  return !has_spaces(operation.value);
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
  if (operation.verb == Verb::put) {
    // `put x=1`, `put x = 1`, and `put x 1`, where there must be a value.
    std::size_t split = rest.find('=');
    const bool has_sign = split < rest.find(" \"");  // one within quotes is the value's
    if (!has_sign) split = rest.find(' ');
    if (split == std::string_view::npos) return {};
    operation.key = trimmed(rest.substr(0, split));
    if (!take_value(rest.substr(split + (has_sign ? 1 : 0)), operation)) return {};
    if (!has_sign && operation.value.empty() && rest.find('"') == std::string_view::npos) return {};
  } else {
    if (operation.verb == Verb::remove && !take_condition(rest, operation)) return {};
    operation.key = trimmed(rest);
  }
  const bool one_word = operation.key.find_first_of(" =") == std::string::npos;
  if (operation.key.empty() || !one_word) return {};
  return operation;
}

// What could stand in place of a text that is no step.
std::string expected_step(std::string_view text) {
  Scanner scanner(text);
  const bool is_put = scanner.take_word("put");
  const bool is_write = is_put || scanner.take_word("delete");
  const bool has_condition = find_condition(text) != std::string_view::npos;
  const std::size_t revision = text.rfind("revision ");
  if (is_write && has_condition && revision != std::string_view::npos &&
      is_beyond_numbers(Scanner(text.substr(revision + 9)).rest())) {
    return "a revision below 2^64";
  }
  std::string_view without_condition = text;
  Operation ignored;
  if (is_write && !take_condition(without_condition, ignored)) {
    return "one of if absent, if exists, if unchanged and if revision 7 at the end; a value with an if of its own "
           "stands in quotes, as put x=\"1 if any\"";
  }
  if (is_write && text.find('"') != std::string_view::npos) {
    return "a value in quotes that ends in them, as put x=\"1 or 2\" or put x=\".\" times 1000 (of at most " +
           std::to_string(value_size_max) + " bytes), and perhaps a condition; \\\" stands for one in it";
  }
  if (is_put && has_spaces(trimmed(Scanner(without_condition.substr(3)).rest()))) {
    return "a value without spaces, or in quotes: put x=\"1 or 2\"; what is to be repeated stands in them too, as "
           "put x=\".\" times 1000";
  }
  if (scanner.take_word("get") && has_condition) return "get x alone: put and delete can have a condition";
  return "a step: get x, put x=1, delete x (with if absent, if exists, if unchanged or if revision 7), wait 100ms, or "
         "wait until something occurs";
}

std::string write_operation(const Operation& operation) {
  std::string text(operation.verb == Verb::get ? "get " : operation.verb == Verb::put ? "put " : "delete ");
  text += operation.key;
  if (operation.verb == Verb::put) text += "=" + write_value(operation.value);
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
  expected = form_or_largest(text, "a size or a range of sizes, as 100, 16..64 or 1 KiB..4 KiB");
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
  expected = expected_step(text);
  return {};
}

std::string write_step(const ScriptStep& step) {
  if (const auto* wait = std::get_if<Wait>(&step)) return "wait " + write_duration(wait->length);
  if (const auto* wait = std::get_if<WaitUntil>(&step)) return "wait until " + to_text(wait->occurrence);
  return write_operation(std::get<Operation>(step));
}

}  // namespace smalldb::scenarios::notation
