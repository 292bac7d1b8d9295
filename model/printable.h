// Text of strangers (a scenario's words, the names of files, keys and values) on its way to a terminal.
//
// A terminal obeys control characters, and shows what stands beside marks of direction in another order than it has, so
// that text could colour, move or replace what a program says for itself. Whatever did not come from this program goes
// through here before it is shown to a person. In JSON, YAML and HTML it is escaped as these formats do it.
#pragma once

#include <string>
#include <string_view>

namespace smalldb {

// Whether `text` is UTF-8 and has nothing in it but characters that show as themselves: no control characters (C0, DEL,
// C1), no marks of direction or other format controls, no separators of lines or paragraphs.
bool is_printable(std::string_view text);

// `text` with all that is not printable in it written as an escape of printable characters: \n, \t and \r, else \x1b
// for a control character or a byte that belongs to no character, \u202e or \U000e0001 for any other.
std::string printable(std::string_view text);

}  // namespace smalldb
