#include "properties/checker/formats/json_scanner.h"

#include <charconv>

#include "properties/checker/formats/utf8.h"

namespace smalldb::checker {

void JsonScanner::open_object() {
  skip_spaces();
  if (!take('{')) refuse_here("an object: {\"process\": ...}");
  is_first_ = true;
}

bool JsonScanner::next_field() {
  skip_spaces();
  if (take('}')) {
    is_first_ = false;  // for the object around it, of which this was a value
    return false;
  }
  if (!is_first_ && !take(',')) refuse_here("',' or '}'");
  is_first_ = false;
  skip_spaces();
  field_at_ = at_;
  field_ = string(field_scratch_, "the name of a field");
  skip_spaces();
  if (!take(':')) refuse_here("':'");
  skip_spaces();
  return true;
}

void JsonScanner::open_list(std::string_view expected) {
  if (!take('[')) refuse_here(expected);
  is_first_ = true;
}

bool JsonScanner::next_item() {
  skip_spaces();
  if (take(']')) {
    is_first_ = false;
    return false;
  }
  if (!is_first_ && !take(',')) refuse_here("',' or ']'");
  is_first_ = false;
  skip_spaces();
  return true;
}

std::string_view JsonScanner::string(std::string& scratch, std::string_view expected) {
  if (!take('"')) refuse_here(expected);
  const std::size_t start = at_;
  unsigned char bits = 0;
  for (; at_ < text_.size(); ++at_) {
    const auto byte = static_cast<unsigned char>(text_[at_]);
    if (byte == '"' || byte == '\\' || byte < 0x20) break;
    bits |= byte;
  }
  std::string_view all = text_.substr(start, at_ - start);
  if (at_ < text_.size() && text_[at_] == '\\') {
    scratch = all;
    unescape(scratch);
    all = scratch;
    bits = 0x80;
  }
  if (!take('"')) {
    if (at_ == text_.size()) refuse(place(), "the end of the line", "'\"' at the end of a string");
    refuse_here("no control character in a string: \\n, \\t or \\u00..");
  }
  if ((bits & 0x80) != 0 && !is_utf8(all)) {
    refuse(lines_.at(start), "bytes that are not UTF-8", "text, or {\"hex\": \"...\"} for other bytes");
  }
  return all;
}

void JsonScanner::unescape(std::string& into) {
  while (at_ < text_.size() && text_[at_] != '"' && static_cast<unsigned char>(text_[at_]) >= 0x20) {
    if (text_[at_] != '\\') {
      into += text_[at_++];
      continue;
    }
    ++at_;
    constexpr std::string_view letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
    const std::size_t which = at_ < text_.size() ? letters.find(text_[at_]) : std::string_view::npos;
    if (which != std::string_view::npos) {
      into += meant[which];
      ++at_;
      continue;
    }
    if (!take('u')) refuse_here("one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
    std::uint32_t point = hex4();
    if (point >= 0xd800 && point < 0xdc00 && take_word("\\u")) {
      const std::uint32_t low = hex4();
      point = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00) : 0xd800;
    }
    if (point >= 0xd800 && point < 0xe000) refuse_here("both halves of a surrogate pair, as \\ud83d\\ude00");
    append_utf8(into, point);
  }
}

std::uint32_t JsonScanner::hex4() {
  std::uint32_t number = 0;
  const std::string_view four = text_.substr(at_, 4);
  const auto [end, error] = std::from_chars(four.data(), four.data() + four.size(), number, 16);
  if (four.size() < 4 || error != std::errc() || end != four.data() + 4) refuse_here("four hexadecimal digits");
  at_ += 4;
  return number;
}

std::string_view JsonScanner::digits() {
  const std::size_t start = at_;
  while (at_ < text_.size() && std::string_view("+-0123456789.eE").find(text_[at_]) != std::string_view::npos) ++at_;
  return text_.substr(start, at_ - start);
}

std::int64_t JsonScanner::integer(std::string_view expected) {
  const std::size_t start = at_;
  const std::string_view all = digits();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), number);
  if (all.empty() || error != std::errc() || end != all.data() + all.size()) {
    at_ = start;
    refuse_here(expected);
  }
  return number;
}

std::uint64_t JsonScanner::count(std::string_view expected) {
  const std::size_t start = at_;
  const std::string_view all = digits();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), number);
  if (all.empty() || error != std::errc() || end != all.data() + all.size()) {
    at_ = start;
    refuse_here(expected);
  }
  return number;
}

void JsonScanner::finish() {
  skip_spaces();
  if (at_ < text_.size()) refuse_here("the end of the line: one object each");
}

void JsonScanner::skip_spaces() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
}

bool JsonScanner::take(char symbol) {
  if (at_ >= text_.size() || text_[at_] != symbol) return false;
  ++at_;
  return true;
}

bool JsonScanner::take_word(std::string_view word) {
  if (!text_.substr(at_).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

void JsonScanner::refuse_here(std::string_view expected) const {
  if (at_ >= text_.size()) refuse(place(), "the end of the line", std::string(expected));
  const std::string_view rest = text_.substr(at_);
  refuse(place(), shown(rest.substr(0, rest.find_first_of(",}", 1))), std::string(expected));
}

}  // namespace smalldb::checker
