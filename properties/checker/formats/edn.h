// EDN (https://github.com/edn-format/edn), as far as histories are written in it: forms, one after the other, each with
// its place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "properties/checker/formats/lines.h"

namespace smalldb::checker {

struct Form {
  enum class Kind : std::uint8_t { nil, scalar, string, keyword, list, map };

  Kind kind = Kind::nil;
  bool is_escaped = false;  // `text` is of a string with escapes: unescaped() has what it says
  Place place;
  // As it is written: a number, symbol or character; a string without its quotes; a keyword without its colon.
  std::string_view text;
  // Of a list, vector or set; of a map, keys and values in turn.
  std::vector<Form> items;

  bool is(Kind wanted) const { return kind == wanted; }
  bool is_keyword(std::string_view word) const { return kind == Kind::keyword && text == word; }
  // The value beside that keyword; null if there is none. REQUIRES: a map.
  const Form* find(std::string_view keyword) const;
  // What a string says, or the text of any other scalar. `scratch` holds it if need be.
  std::string_view unescaped(std::string& scratch) const;
  // "the word \"x\"", "a map": for a refusal.
  std::string describe() const;
};

// Parses the forms in a text, one by one. A tag says nothing here: `#tag form` is the form; `#_ form` is nothing.
class FormParser {
 public:
  // `start` is where the text begins in its file. What is parsed refers to the text.
  FormParser(std::string_view text, Place start) : text_(text), start_(start) {}

  // False if nothing but spaces is left.
  bool next(Form& form);
  bool has_more();  // than spaces

 private:
  static constexpr int depth_max = 64;
  static constexpr std::size_t items_max = 100'000;

  bool parse(Form& form, int depth);
  void parse_string(Form& form);
  void parse_items(Form& form, char end, int depth);
  void skip_spaces();
  // REQUIRES: offsets that do not fall from call to call.
  Place place_of(std::size_t offset);

  std::string_view text_;
  Place start_;             // of what has been looked at last
  std::size_t placed_ = 0;  // its offset
  std::size_t at_ = 0;
};

// The maps of a file of EDN: one behind the other, or all within one vector or list. A form may go over several lines.
class Maps {
 public:
  explicit Maps(Lines& lines) : lines_(lines) {}

  // The next, whose text lives until the next call. False at the end of the file.
  bool next(Form& map);

 private:
  bool next_text();
  bool skip_to_form();

  Lines& lines_;
  std::string_view line_;  // what is left of it
  std::string several_;    // a form of several lines
  std::string_view text_;  // the present form
  Place start_;            // of it
  char end_of_all_ = 0;    // closes the vector or list around all maps
  bool is_over_ = false;   // it has been closed
};

}  // namespace smalldb::checker
