// Text in lines of a width that a person reads.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace smalldb::reports {

inline constexpr std::size_t text_width = 120;

// `text` broken at spaces so that no line is longer than `width`, if its words allow: `head` before the first line and
// as many spaces before each other. Both may hold colour; `head_width` is how wide the head shows. Not for what is to
// be pasted somewhere: a command, a name of a file.
void write_paragraph(std::string_view head, std::size_t head_width, std::string_view text, std::ostream& out,
                     std::size_t width = text_width);

// "1,234,567".
std::string grouped(std::uint64_t number);

// "1 event", "2 events".
// `plural` where it is not the singular with an s.
std::string counted(std::uint64_t number, std::string_view singular, std::string_view plural = {});

// At most `most` bytes of it, the rest of a longer text replaced by "...", on one line, as printable() shows them.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace smalldb::reports
