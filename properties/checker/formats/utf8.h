// UTF-8 (RFC 3629), as far as histories and scenarios need it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace smalldb::checker {

// How many bytes from the beginning are whole characters: no overlong form, no surrogate, nothing above U+10FFFF.
std::size_t utf8_prefix(std::string_view bytes);

inline bool is_utf8(std::string_view bytes) { return utf8_prefix(bytes) == bytes.size(); }

// REQUIRES: a code point that is no surrogate.
void append_utf8(std::string& into, std::uint32_t point);

}  // namespace smalldb::checker
