// Words for a person who has written a wrong one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace smalldb {

// The candidate that takes the fewest edits (insert, drop, change or swap of neighbours) to reach from `word`, if they
// are few for its length: at most a third of it, and at least one, though not all of it. Empty otherwise. Letter case
// is no edit.
std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates);

// "; did you mean "holds"?", to end a complaint with; nothing if `nearest` is empty: if no word is near.
std::string did_you_mean(std::string_view nearest);

// What to say of an option that is none of these; each with its dashes. What stands behind a = in `word` is left out.
std::string unknown_option(std::string_view word, const std::vector<std::string>& known);

// "a", "a or b", "a, b or c".
std::string one_of(const std::vector<std::string>& words);

// The text in quotes, shortened in the middle when it is long and with control characters replaced, fit for a message.
std::string quoted(std::string_view text);

}  // namespace smalldb
