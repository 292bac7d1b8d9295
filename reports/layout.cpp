#include "reports/layout.h"

#include <algorithm>
#include <ostream>

#include "model/printable.h"
#include "reports/columns.h"

namespace smalldb::reports {

void write_paragraph(std::string_view head, std::size_t head_width, std::string_view text, std::ostream& out,
                     std::size_t width) {
  out << head;
  std::size_t column = head_width;
  bool begun = false;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const std::size_t word_width = columns_of(word);
    if (begun && column + 1 + word_width > width) {
      out << '\n' << std::string(head_width, ' ');
      column = head_width;
    } else if (begun) {
      out << ' ';
      ++column;
    }
    out << word;
    column += word_width;
    begun = true;
  }
  out << '\n';
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string counted(std::uint64_t number, std::string_view singular, std::string_view plural) {
  if (number != 1 && !plural.empty()) return grouped(number) + " " + std::string(plural);
  return grouped(number) + " " + std::string(singular) + (number == 1 ? "" : "s");
}

std::string shortened(std::string_view text, std::size_t most) {
  // Not within a character of more than one byte.
  std::size_t end = std::min(most, text.size());
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  std::string shown(text.substr(0, end));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c == '\n' || c == '\t' || c == '\r'; }, ' ');
  shown = printable(shown);
  return text.size() > most ? shown + "..." : shown;
}

}  // namespace smalldb::reports
