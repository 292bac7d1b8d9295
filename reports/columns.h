// How wide text shows on a terminal: most characters take one column, those of East Asia and emoji two, and what is
// combined with the character before it none. The same in every locale.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smalldb::reports {

// Of UTF-8. What switches colour takes none.
std::size_t columns_of(std::string_view text);

// The longest beginning, or end, of at most so many columns. REQUIRES: no colour.
std::string_view begin_within(std::string_view text, std::size_t columns);
std::string_view end_within(std::string_view text, std::size_t columns);

// At most so many columns of it, the rest of a longer text replaced by "..."; the same, and spaces up to there.
// REQUIRES: no colour; 3 columns at least.
std::string cut_to(std::string_view text, std::size_t columns);
std::string fitted_to(std::string_view text, std::size_t columns);

}  // namespace smalldb::reports
