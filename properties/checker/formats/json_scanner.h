// One JSON object in one line, field by field: what our JSON lines need of JSON (RFC 8259), with the place of each
// mistake.
//
//     JsonScanner json(lines);
//     while (json.next_field()) ... json.field(), then exactly one of the values
//     json.finish();
//
// Anything but what is asked for is refused (Malformed).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "properties/checker/formats/lines.h"

namespace smalldb::checker {

class JsonScanner {
 public:
  // Scans the present line. REQUIRES: `lines` stays at it.
  explicit JsonScanner(const Lines& lines) : lines_(lines), text_(lines.text()) {}

  // Goes into the object that stands here.
  void open_object();
  // Goes on to the value of the next field; false, and out of the object, if there is none.
  bool next_field();
  std::string_view field() const { return field_; }
  Place field_place() const { return lines_.at(field_at_); }
  // Of what comes next.
  Place place() const { return lines_.at(at_); }

  // Goes into the list that stands here, and on to its next item as with fields.
  void open_list(std::string_view expected);
  bool next_item();

  bool is_null() { return take_word("null"); }
  bool is_object() const { return at_ < text_.size() && text_[at_] == '{'; }
  bool is_string() const { return at_ < text_.size() && text_[at_] == '"'; }
  // A string; `scratch` holds it if it is not in the line as it is. UTF-8, as RFC 8259 wants it.
  std::string_view string(std::string& scratch, std::string_view expected = "a string");
  std::int64_t integer(std::string_view expected);
  std::uint64_t count(std::string_view expected);

  // Nothing more stands in the line.
  void finish();

 private:
  void skip_spaces();
  bool take(char symbol);
  bool take_word(std::string_view word);
  void unescape(std::string& into);
  std::uint32_t hex4();
  std::string_view digits();
  [[noreturn]] void refuse_here(std::string_view expected) const;

  const Lines& lines_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view field_;
  std::size_t field_at_ = 0;
  std::string field_scratch_;
  bool is_first_ = false;
};

}  // namespace smalldb::checker
