// The writing half of document.h.
#include <algorithm>

#include "scenarios/document.h"

namespace smalldb::scenarios {

namespace {

constexpr std::size_t line_width = 110;

bool is_one_of(char letter, std::string_view letters) { return letters.find(letter) != std::string_view::npos; }

enum class Style { block, flow };

// Whether a plain (unquoted) scalar is read back as the same text.
bool is_plain(const std::string& text, Style style) {
  if (text.empty() || text == "null" || text == "~" || text.front() == ' ' || text.back() == ' ') return false;
  if (is_one_of(text.front(), "-?:,[]{}#&*!|>'\"%@`<=~")) {
    // A number below zero is as plain as one above.
    const bool negative = text.size() > 1 && text[0] == '-' && text[1] >= '0' && text[1] <= '9';
    if (!negative) return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte >= 0x7f || text[i] == '\\') return false;
    if (style == Style::flow && is_one_of(text[i], "[]{},?")) return false;
    if (text[i] == ':' && (i + 1 == text.size() || text[i + 1] == ' ')) return false;
    if (text[i] == '#' && text[i - 1] == ' ') return false;
  }
  return true;
}

std::string hexadecimal(unsigned value) {
  constexpr std::string_view digits = "0123456789abcdef";
  return {digits[value >> 4 & 15], digits[value & 15]};
}

// In double quotes: the JSON of a text, which is YAML too.
std::string in_quotes(const std::string& text) {
  std::string result = "\"";
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      result += '\\';
      result += letter;
    } else if (letter == '\n') {
      result += "\\n";
    } else if (letter == '\t') {
      result += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      result += "\\u00" + hexadecimal(byte);
    } else {
      result += letter;
    }
  }
  return result + "\"";
}

std::string scalar_text(const Node& node, Style style) {
  if (node.kind == Node::Kind::nothing) return "null";
  return !node.quoted && is_plain(node.text, style) ? node.text : in_quotes(node.text);
}

std::string key_text(const std::string& key) { return is_plain(key, Style::flow) ? key : in_quotes(key); }

bool is_leaf(const Node& node) { return node.kind == Node::Kind::nothing || node.is_scalar(); }

std::string flow(const Node& node) {
  if (is_leaf(node)) return scalar_text(node, Style::flow);
  std::string text;
  if (node.is_list()) {
    for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + flow(item);
    return "[" + text + "]";
  }
  for (const Node::Entry& entry : node.entries) {
    text += (text.empty() ? "" : ", ") + key_text(entry.key) + ": " + flow(entry.value);
  }
  return "{" + text + "}";
}

// Small enough for one line: a list of scalars (or of such lists), or a map of scalars within something else.
bool fits_on_a_line(const Node& node, std::size_t indent) {
  if (is_leaf(node)) return true;
  for (const Node& item : node.items) {
    if (item.is_map() || (item.is_list() && !fits_on_a_line(item, indent))) return false;
  }
  for (const Node::Entry& entry : node.entries) {
    if (!is_leaf(entry.value)) return false;
  }
  return indent + flow(node).size() <= line_width && (node.is_list() || node.entries.size() <= 4);
}

// Too long for a line, and read back as it was when it is broken at single spaces.
bool is_prose(const Node& node, std::size_t indent) {
  const std::string& text = node.text;
  if (!node.is_scalar() || node.quoted || indent + text.size() <= line_width) return false;
  if (text.front() == ' ' || text.back() == ' ' || text.find("  ") != std::string::npos) return false;
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void write_block(const Node& node, std::size_t indent, std::string& out);

// What follows `key:`.
void write_value(const Node& node, std::size_t indent, std::string& out, bool at_top) {
  if (is_prose(node, indent)) {
    // Folded: broken at single spaces, which reading puts back.
    out += " >-\n";
    const std::string margin(indent + 2, ' ');
    std::string line;
    std::size_t begin = 0;
    while (begin <= node.text.size()) {
      std::size_t end = node.text.find(' ', begin);
      if (end == std::string::npos) end = node.text.size();
      const std::string word = node.text.substr(begin, end - begin);
      if (!line.empty() && margin.size() + line.size() + 1 + word.size() > line_width) {
        out += margin + line + "\n";
        line.clear();
      }
      line += (line.empty() ? "" : " ") + word;
      begin = end + 1;
    }
    out += margin + line + "\n";
  } else if (is_leaf(node)) {
    out.append(" ").append(scalar_text(node, Style::block)).append("\n");
  } else if ((node.is_list() && node.items.empty()) || (node.is_map() && node.entries.empty()) ||
             (fits_on_a_line(node, indent + 20) && (node.is_list() || !at_top))) {
    out.append(" ").append(flow(node)).append("\n");
  } else {
    out += "\n";
    write_block(node, indent + 2, out);
  }
}

void write_entries(const Node& node, std::size_t indent, std::string& out, bool first_is_begun) {
  for (const Node::Entry& entry : node.entries) {
    if (!first_is_begun) out += std::string(indent, ' ');
    first_is_begun = false;
    out += key_text(entry.key) + ":";
    write_value(entry.value, indent, out, indent == 0);
  }
}

void write_block(const Node& node, std::size_t indent, std::string& out) {
  if (node.is_map()) return write_entries(node, indent, out, false);
  for (const Node& item : node.items) {
    out += std::string(indent, ' ') + "- ";
    if (item.is_map() && !item.entries.empty() && !fits_on_a_line(item, indent + 2)) {
      write_entries(item, indent + 2, out, true);
    } else {
      out += flow(item) + "\n";
    }
  }
}

bool is_bare_json(const Node& node) {
  if (node.quoted) return false;
  if (node.text == "true" || node.text == "false") return true;
  std::string_view digits = node.text;
  if (!digits.empty() && digits[0] == '-') digits.remove_prefix(1);
  return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos &&
         (digits.size() == 1 || digits[0] != '0');
}

// In one line.
std::string json_line(const Node& node) {
  if (node.kind == Node::Kind::nothing) return "null";
  if (node.is_scalar()) return is_bare_json(node) ? node.text : in_quotes(node.text);
  std::string text;
  for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + json_line(item);
  for (const Node::Entry& entry : node.entries) {
    text += (text.empty() ? "" : ", ") + in_quotes(entry.key) + ": " + json_line(entry.value);
  }
  return node.is_list() ? "[" + text + "]" : "{" + text + "}";
}

void write_json(const Node& node, std::size_t indent, std::string& out) {
  if (std::string line = json_line(node); is_leaf(node) || indent + line.size() <= line_width) {
    out += line;
    return;
  }
  const std::string margin(indent + 2, ' ');
  if (node.is_list()) {
    out += "[";
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      out += i == 0 ? "\n" : ",\n";
      out += margin;
      write_json(node.items[i], indent + 2, out);
    }
    if (!node.items.empty()) out.append("\n").append(indent, ' ');
    out += ']';
  } else {
    out += "{";
    for (std::size_t i = 0; i < node.entries.size(); ++i) {
      out += i == 0 ? "\n" : ",\n";
      out += margin + in_quotes(node.entries[i].key) + ": ";
      write_json(node.entries[i].value, indent + 2, out);
    }
    if (!node.entries.empty()) out.append("\n").append(indent, ' ');
    out += '}';
  }
}

}  // namespace

std::string write_yaml(const Node& node) {
  std::string out;
  if (node.is_map() || node.is_list()) {
    write_block(node, 0, out);
  } else {
    out = scalar_text(node, Style::block) + "\n";
  }
  return out;
}

std::string write_json(const Node& node) {
  std::string out;
  write_json(node, 0, out);
  return out + "\n";
}

}  // namespace smalldb::scenarios
