#include "properties/checker/formats/utf8.h"

namespace smalldb::checker {

std::size_t utf8_prefix(std::string_view bytes) {
  std::size_t whole = 0;
  while (whole < bytes.size()) {
    std::size_t i = whole;
    const auto first = static_cast<unsigned char>(bytes[i++]);
    if (first < 0x80) {
      whole = i;
      continue;
    }
    if (first < 0xc2 || first > 0xf4) return whole;
    const std::size_t more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (bytes.size() - i < more) return whole;
    std::uint32_t point = first & (0x3fU >> more);
    for (std::size_t n = 0; n < more; ++n) {
      const auto next = static_cast<unsigned char>(bytes[i++]);
      if ((next & 0xc0) != 0x80) return whole;
      point = (point << 6) | (next & 0x3fU);
    }
    const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
    if (overlong || (point >= 0xd800 && point < 0xe000) || point > 0x10ffff) return whole;
    whole = i;
  }
  return whole;
}

void append_utf8(std::string& into, std::uint32_t point) {
  const auto tail = [&](int shift) { into += static_cast<char>(0x80 | ((point >> shift) & 0x3f)); };
  if (point < 0x80) {
    into += static_cast<char>(point);
  } else if (point < 0x800) {
    into += static_cast<char>(0xc0 | (point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    into += static_cast<char>(0xe0 | (point >> 12));
    tail(6);
    tail(0);
  } else {
    into += static_cast<char>(0xf0 | (point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace smalldb::checker
