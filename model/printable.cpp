#include "model/printable.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace smalldb {
namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// Unicode's general categories Cc (control), Cf (format), Zl and Zp (separators of lines and paragraphs).
constexpr Range unprintable[] = {
    {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x0600, 0x0605},   {0x061c, 0x061c},
    {0x06dd, 0x06dd},   {0x070f, 0x070f},   {0x0890, 0x0891},   {0x08e2, 0x08e2},   {0x180e, 0x180e},
    {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},   {0xfeff, 0xfeff},   {0xfff9, 0xfffb},
    {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
    {0xe0001, 0xe0001}, {0xe0020, 0xe007f},
};

bool is_shown(std::uint32_t character) {
  return std::none_of(std::begin(unprintable), std::end(unprintable),
                      [&](const Range& range) { return range.first <= character && character <= range.last; });
}

struct Character {
  std::uint32_t number = 0;
  std::size_t bytes = 0;  // 0: the first byte of the text begins none
};

// REQUIRES: text is not empty.
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < bytes) return {};
  std::uint32_t number = first & (0xffu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    number = number << 6 | (byte(i) & 0x3f);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = number >= 0xd800 && number < 0xe000;
  return number < least[bytes] || number > 0x10ffff || is_surrogate ? Character{} : Character{number, bytes};
}

std::string escape(char kind, std::uint32_t number, int digits) {
  std::string text = {'\\', kind};
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) text += "0123456789abcdef"[number >> shift & 0xf];
  return text;
}

std::string escaped(std::uint32_t character) {
  switch (character) {
    case '\n': return "\\n";
    case '\t': return "\\t";
    case '\r': return "\\r";
    default: break;
  }
  if (character < 0x80) return escape('x', character, 2);
  return character <= 0xffff ? escape('u', character, 4) : escape('U', character, 8);
}

}  // namespace

bool is_printable(std::string_view text) {
  while (!text.empty()) {
    const Character character = first_character(text);
    if (character.bytes == 0 || !is_shown(character.number)) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

std::string printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const Character character = first_character(text);
    if (character.bytes == 0) {
      shown += escape('x', static_cast<unsigned char>(text[0]), 2);
    } else if (is_shown(character.number)) {
      shown += text.substr(0, character.bytes);
    } else {
      shown += escaped(character.number);
    }
    text.remove_prefix(std::max<std::size_t>(character.bytes, 1));
  }
  return shown;
}

}  // namespace smalldb
