// Operations of a history in words, and what is wrong with them in the words of the field.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "properties/checker/check.h"
#include "properties/checker/history.h"
#include "reports/phrase.h"

namespace smalldb::reports {

// "17", "\"two words\"", "nothing".
Phrase value_text(const checker::History& history, checker::ValueId value);

// "c1"; of a number, "process 1".
Phrase process_text(const checker::History& history, checker::ProcessId process);

// "put x=17", "append x+=17", "put x=4 if it is 3", "delete x if revision 7".
Phrase operation_text(const checker::History& history, const checker::Operation& operation);

// "ok", "17", "nothing", "mismatched: it is 16", "failed", "unknown"; with the revision that the store claimed.
Phrase answer_text(const checker::History& history, const checker::Operation& operation);

// What the file itself says of where an operation is: "line 17"; without lines, "at 2,004".
std::string place_text(const checker::History& history, std::size_t position);

// "4 to 9"; of one instant, "at 4".
std::string span_text(checker::Instant from, checker::Instant to);

// In the words of the field: "stale read", "two writes that exclude each other".
std::string_view word(checker::Anomaly anomaly);

// One sentence that says what is wrong: "Stale read: c2 read x as 17 (line 40), ...".
Phrase sentence(const checker::History& history, const checker::Violation& violation);
// For who has been told which guarantee it is: "to c1, get x said revision 5 (line 5) after put x=1 said ...".
Phrase sentence(const checker::History& history, const checker::BrokenGuarantee& broken);
Phrase sentence(const checker::History& history, const checker::WrongRevision& wrong);

}  // namespace smalldb::reports
