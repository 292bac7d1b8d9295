#include "properties/checker/formats/edn.h"

#include <algorithm>
#include <array>

namespace smalldb::checker {
namespace {

constexpr std::string_view spaces = " \t\r\n,";

// A set of letters, asked for one at a time.
class Letters {
 public:
  explicit constexpr Letters(std::string_view letters) {
    for (const char letter : letters) has_[static_cast<unsigned char>(letter)] = true;
  }
  // Where the first letter of the set, or the first that is not in it, stands from `at` on; the end if there is none.
  std::size_t find(std::string_view text, std::size_t at, bool wanted = true) const {
    while (at < text.size() && has_[static_cast<unsigned char>(text[at])] != wanted) ++at;
    return std::min(at, text.size());
  }

 private:
  std::array<bool, 256> has_{};
};
constexpr Letters space(spaces);
constexpr Letters end_of_token(" \t\r\n,()[]{}\";");

// Follows brackets over any number of pieces of text, until the first bracket is closed again.
class Balance {
 public:
  // How many bytes belong to the form; all of them if it goes on.
  std::size_t take(std::string_view text) {
    std::size_t n = 0;
    while (n < text.size() && !closed_) step(text[n++]);
    in_comment_ = false;  // a piece is a line
    return n;
  }
  bool closed() const { return closed_; }

 private:
  void step(char letter) {
    if (escaped_) {
      escaped_ = false;
    } else if (in_comment_) {
    } else if (letter == '\\') {
      escaped_ = true;
    } else if (letter == '"') {
      in_string_ = !in_string_;
    } else if (in_string_) {
    } else if (letter == ';') {
      in_comment_ = true;
    } else if (letter == '{' || letter == '[' || letter == '(') {
      ++depth_;
    } else if (letter == '}' || letter == ']' || letter == ')') {
      closed_ = --depth_ <= 0;
    }
  }

  int depth_ = 0;
  bool in_string_ = false;
  bool in_comment_ = false;
  bool escaped_ = false;
  bool closed_ = false;
};

}  // namespace

const Form* Form::find(std::string_view keyword) const {
  for (std::size_t n = 0; n + 1 < items.size(); n += 2) {
    if (items[n].is_keyword(keyword)) return &items[n + 1];
  }
  return nullptr;
}

std::string_view Form::unescaped(std::string& scratch) const {
  if (!is_escaped) return text;
  scratch.clear();
  for (std::size_t n = 0; n < text.size(); ++n) {
    if (text[n] != '\\' || n + 1 == text.size()) {
      scratch += text[n];
      continue;
    }
    constexpr std::string_view letters = "tnrbf", meant = "\t\n\r\b\f";
    const std::size_t which = letters.find(text[++n]);
    scratch += which == std::string_view::npos ? text[n] : meant[which];
  }
  return scratch;
}

std::string Form::describe() const {
  switch (kind) {
    case Kind::nil: return "nil";
    case Kind::scalar: return "the word " + shown(text);
    case Kind::string: return "the string " + shown(text);
    case Kind::keyword: return "the word " + shown(":" + std::string(text));
    case Kind::list: return "a list of " + std::to_string(items.size());
    case Kind::map: return "a map";
  }
  return "?";
}

bool FormParser::next(Form& form) { return parse(form, 0); }

bool FormParser::has_more() {
  skip_spaces();
  return at_ < text_.size();
}

bool FormParser::parse(Form& form, int depth) {
  skip_spaces();
  if (at_ == text_.size()) return false;
  if (depth > depth_max) refuse(place_of(at_), "a form within 64 others", "an event, which is flat");
  form.items.clear();
  form.is_escaped = false;
  form.place = place_of(at_);
  const char first = text_[at_];
  if (first == '"') {
    parse_string(form);
  } else if (first == '{' || first == '[' || first == '(') {
    ++at_;
    form.kind = first == '{' ? Form::Kind::map : Form::Kind::list;
    parse_items(form, first == '{' ? '}' : first == '[' ? ']' : ')', depth);
    if (form.kind == Form::Kind::map && form.items.size() % 2 != 0) {
      refuse(form.place, "a map of " + std::to_string(form.items.size()) + " forms", "a value for each key");
    }
  } else if (first == '}' || first == ']' || first == ')') {
    refuse(form.place, shown(text_.substr(at_, 1)), "a form");
  } else if (first == '#' && at_ + 1 < text_.size() && text_[at_ + 1] == '{') {
    at_ += 2;
    form.kind = Form::Kind::list;
    parse_items(form, '}', depth);
  } else if (first == '#') {
    const std::size_t end = end_of_token.find(text_, at_);
    const bool is_discard = text_.substr(at_, 2) == "#_";
    at_ = is_discard ? at_ + 2 : end;
    if (!parse(form, depth + 1)) refuse(form.place, "the end", "a form behind a tag");
    if (is_discard) return parse(form, depth + 1);
  } else {
    std::size_t end = end_of_token.find(text_, at_ + 1);
    if (first == '\\' && at_ + 1 < text_.size()) end = end_of_token.find(text_, at_ + 2);
    const bool is_keyword = first == ':';
    if (is_keyword && end == at_ + 1) {
      refuse(form.place, "':' with no word behind it, as JSON has it",
             "EDN, as {:process 0, ...}; JSON has a line for each event");
    }
    form.text = text_.substr(at_, end - at_);
    if (is_keyword) form.text.remove_prefix(1);
    form.kind = is_keyword ? Form::Kind::keyword : form.text == "nil" ? Form::Kind::nil : Form::Kind::scalar;
    at_ = end;
  }
  return true;
}

void FormParser::parse_string(Form& form) {
  form.kind = Form::Kind::string;
  const std::size_t start = ++at_;
  while (at_ < text_.size() && text_[at_] != '"') {
    form.is_escaped |= text_[at_] == '\\';
    at_ += text_[at_] == '\\' ? 2 : 1;
  }
  if (at_ >= text_.size()) refuse(place_of(text_.size()), "the end", "'\"' at the end of a string");
  form.text = text_.substr(start, at_++ - start);
}

void FormParser::parse_items(Form& form, char end, int depth) {
  for (;;) {
    skip_spaces();
    if (at_ == text_.size()) refuse(place_of(at_), "the end", "'" + std::string(1, end) + "'");
    if (text_[at_] == end) break;
    if (text_.substr(at_, 2) == "#_") {
      at_ += 2;
      Form item;
      if (!parse(item, depth + 1)) refuse(place_of(at_), "the end", "a form to leave out");
      continue;
    }
    form.items.emplace_back();
    parse(form.items.back(), depth + 1);
    if (form.items.size() > items_max) refuse(form.items.back().place, "more than 100,000 forms in one", "an event");
  }
  ++at_;
}

void FormParser::skip_spaces() {
  while (at_ < text_.size()) {
    at_ = space.find(text_, at_, false);
    if (at_ == text_.size() || text_[at_] != ';') return;
    at_ = std::min(text_.find('\n', at_), text_.size());
  }
}

Place FormParser::place_of(std::size_t offset) {
  for (;;) {
    const std::size_t end = text_.substr(placed_, offset - placed_).find('\n');
    if (end == std::string_view::npos) break;
    start_ = {start_.line + 1, 1};
    placed_ += end + 1;
  }
  start_.column += offset - placed_;
  placed_ = offset;
  return start_;
}

bool Maps::next(Form& map) {
  while (next_text()) {
    FormParser parser(text_, start_);
    if (!parser.next(map)) continue;  // it is to be left out: #_{...}
    if (!map.is(Form::Kind::map)) refuse(start_, map.describe(), "a map: {:process 0, :type :invoke, ...}");
    return true;
  }
  return false;
}

bool Maps::next_text() {
  if (!skip_to_form()) return false;
  start_ = lines_.at(static_cast<std::size_t>(line_.data() - lines_.text().data()));
  const std::size_t map_at = line_.front() == '#' ? line_.find('{') : 0;  // behind a tag: #jepsen.history.Op{...}
  if (map_at == std::string_view::npos || line_[map_at] != '{') {
    refuse(start_, shown(line_.substr(0, line_.find_first_of(" ,"))), "a map: {:process 0, :type :invoke, ...}");
  }
  Balance balance;
  std::size_t taken = balance.take(line_);
  text_ = line_.substr(0, taken);
  line_.remove_prefix(taken);
  if (balance.closed()) return true;
  several_ = text_;
  while (lines_.next()) {
    line_ = lines_.text();
    taken = balance.take(line_);
    several_ += '\n';
    several_ += line_.substr(0, taken);
    line_.remove_prefix(taken);
    if (several_.size() > line_max) refuse(start_, "a form of more than 16 MiB", "a map for each event");
    text_ = several_;
    if (balance.closed()) return true;
  }
  refuse(start_, "a map that has no end", "'}'");
}

// To the next map, through the bracket that may stand around all of them.
bool Maps::skip_to_form() {
  for (;;) {
    const std::size_t start = line_.find_first_not_of(spaces);
    if (start == std::string_view::npos || line_[start] == ';') {
      if (!lines_.next()) break;
      line_ = lines_.text();
      continue;
    }
    line_.remove_prefix(start);
    const Place place = lines_.at(static_cast<std::size_t>(line_.data() - lines_.text().data()));
    if (is_over_) refuse(place, shown(line_), "nothing behind the end of the history");
    const char first = line_.front();
    if (end_of_all_ == 0 && (first == '[' || first == '(')) {
      end_of_all_ = first == '[' ? ']' : ')';
    } else if (end_of_all_ != 0 && first == end_of_all_) {
      is_over_ = true;
    } else {
      return true;
    }
    line_.remove_prefix(1);
  }
  if (end_of_all_ != 0 && !is_over_) {
    refuse(lines_.at(lines_.text().size()), "the end of the file", "'" + std::string(1, end_of_all_) + "'");
  }
  return false;
}

}  // namespace smalldb::checker
