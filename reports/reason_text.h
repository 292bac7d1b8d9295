// Why a history is not linearizable, told to a person in a terminal: a sentence, and below it the operations that prove
// it, as bars in the order of time.
//
//     Stale read: c2 read x as 1 (line 5), but c1's put x=2 (line 3) had overwritten that before the call.
//
//       c1  put x=1  |--|                 line 1  ok
//       c1  put x=2        |--|           line 3  ok
//       c2  get x                |====|   line 5  1
//                             ^ all was well until here (5); then x was 2
//
// The time between two instants is not drawn to scale; their order is.
#pragma once

#include <cstddef>
#include <iosfwd>

#include "reports/phrase.h"
#include "reports/reason.h"
#include "reports/style.h"

namespace smalldb::reports {

// Never more lines than this.
inline constexpr std::size_t reason_lines_max = 24;

// `wording` is of all that is told with it.
void write_reason(const Reason& reason, const Wording& wording, const Style& style, std::ostream& out);

}  // namespace smalldb::reports
