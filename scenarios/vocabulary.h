// The words of the notations, for what somebody wrote that is none of them.
#pragma once

#include <string>
#include <string_view>

namespace smalldb::scenarios {

// For a text that is not of the notation with this name (`duration`, `step`, ...; grammar.h): the valid word nearest to
// the first of its words that is none. Empty if none is near, or the notation has no words.
std::string nearest_word_of(std::string_view notation, std::string_view text);

}  // namespace smalldb::scenarios
