// UTF-8 (RFC 3629), as far as histories need it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace smalldb::checker {

// Whether the bytes are UTF-8: no overlong form, no surrogate, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

// REQUIRES: a code point that is no surrogate.
void append_utf8(std::string& into, std::uint32_t point);

}  // namespace smalldb::checker
