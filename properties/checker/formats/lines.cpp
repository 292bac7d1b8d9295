#include "properties/checker/formats/lines.h"

#include <algorithm>
#include <utility>

#include "model/printable.h"

namespace smalldb::checker {

bool Lines::next() {
  if (std::exchange(is_back_, false)) return true;
  carried_.clear();
  for (;;) {
    if (piece_.empty()) piece_ = source_.next();
    const std::size_t end = piece_.empty() ? 0 : piece_.find('\n');
    const bool whole = !piece_.empty() && end != std::string_view::npos;
    const std::string_view part = piece_.substr(0, end);
    if (carried_.size() + part.size() > line_max) {
      refuse({number_ + 1, line_max}, "a line of more than 16 MiB", "a line for each event");
    }
    if (piece_.empty() && carried_.empty()) return false;
    if (whole && carried_.empty()) {
      text_ = part;
    } else {
      carried_ += part;
      text_ = carried_;
    }
    const bool is_end = piece_.empty();
    piece_.remove_prefix(whole ? end + 1 : piece_.size());
    if (whole || is_end) break;
  }
  ++number_;
  if (text_.ends_with('\r')) text_.remove_suffix(1);
  if (number_ == 1 && text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);  // a byte order mark
  return true;
}

std::string shown(std::string_view text) {
  constexpr std::size_t shown_max = 60;
  std::string_view part = text.substr(0, shown_max);
  if (text.size() > shown_max) {
    // Not in the middle of a character of several bytes.
    while (!part.empty() && (static_cast<unsigned char>(part.back()) & 0xc0) == 0x80) part.remove_suffix(1);
    if (!part.empty() && static_cast<unsigned char>(part.back()) >= 0xc0) part.remove_suffix(1);
  }
  return "\"" + printable(part) + (part.size() < text.size() ? "...\"" : "\"");
}

std::string named(std::string_view name) {
  constexpr std::size_t bare_max = 30;
  const bool is_plain = !name.empty() && name.size() <= bare_max &&
                        std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '"'; });
  return is_plain ? std::string(name) : shown(name);
}

void refuse(Place place, std::string found, std::string expected, std::string_view word,
            std::vector<std::string> words) {
  throw Malformed{place.line, place.column, std::move(found), std::move(expected), std::string(word), std::move(words)};
}

}  // namespace smalldb::checker
