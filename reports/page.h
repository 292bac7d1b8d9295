// What the pages of HTML share: text in them, and how they look. A page stands by itself: no font, script or image from
// elsewhere; light or dark as the reader's system.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smalldb::reports {

// As the text of HTML; control characters are replaced by a dot.
std::string escaped(std::string_view text);
// The same, and the ends of lines are kept.
std::string escaped_lines(std::string_view text);

// At most `most` bytes.
std::string fitted(std::string_view text, std::size_t most);

// From the first line to the beginning of the body's main part. `style` is this page's own.
std::string page_head(std::string_view title, std::string_view style);
// From the end of the main part to the last line.
std::string page_foot(std::string_view program, std::string_view script);

}  // namespace smalldb::reports
