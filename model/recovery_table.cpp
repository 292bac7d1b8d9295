#include "model/recovery_table.h"

#include <array>

#include "model/assert.h"

namespace smalldb {
namespace {

using enum RecordState;
using enum Decision;

struct Pattern {
  RecoveryRow row;
  RecordState state;
  unsigned behind;  // bit set of Behind
  unsigned place;   // bit set of Place
};

constexpr unsigned bit(Behind behind) { return 1u << static_cast<unsigned>(behind); }
constexpr unsigned bit(Place place) { return 1u << static_cast<unsigned>(place); }

constexpr unsigned nothing = bit(Behind::nothing);
constexpr unsigned within = bit(Behind::within_a_write);
constexpr unsigned beyond = bit(Behind::beyond_a_write);
constexpr unsigned any = nothing | within | beyond;
constexpr unsigned last = bit(Place::last_segment);
constexpr unsigned followed = bit(Place::followed);
constexpr unsigned anywhere = last | followed;

constexpr std::string_view torn = "the last write was torn";
constexpr std::string_view lost = "a record that had been synced is missing, for the log goes on behind it";

// A crash tears the last write and nothing else; see model/log.h for why that is all that it can do.
constexpr std::array<Pattern, 18> table = {{
    // clang-format off
  {{'A', go_on, "a record"},                                                         whole,          any,     anywhere},
  {{'B', go_on, "the end"},                                                          end,            any,     anywhere},
  {{'C', cut,   torn},                                                               zeros,          any,     last},
  {{'D', cut,   torn},                                                               short_header,   any,     last},
  {{'E', cut,   torn},                                                               short_body,     any,     last},
  {{'F', cut,   torn},                                                               missing_sector, nothing, last},
  {{'G', cut,   torn},                                                               missing_sector, within,  last},
  {{'H', stop,  lost},                                                               missing_sector, beyond,  last},
  {{'I', stop,  lost},                                                               missing_sector, any,     followed},
  {{'J', stop,  lost},                                                               zeros,          any,     followed},
  {{'K', stop,  lost},                                                               short_header,   any,     followed},
  {{'L', stop,  lost},                                                               short_body,     any,     followed},
  {{'M', stop,  "records are missing between this segment and the next"},            gap,            any,     anywhere},
  {{'N', stop,  "bytes have changed: a checksum does not hold"},                     rotten,         nothing, anywhere},
  {{'O', stop,  "bytes have changed: a checksum does not hold, and records follow"}, rotten,         within,  anywhere},
  {{'P', stop,  "bytes have changed: a checksum does not hold, and records follow"}, rotten,         beyond,  anywhere},
  {{'Q', stop,  "a record of another place or epoch stands here"},                   stranger,       any,     anywhere},
  {{'R', stop,  "this program cannot read the record: written by a newer one?"},     unreadable,     any,     anywhere},
    // clang-format on
}};

}  // namespace

const RecoveryRow& judge(RecordState state, Behind behind, Place place) {
  const Pattern* found = nullptr;
  for (const Pattern& pattern : table) {
    if (pattern.state != state || !(pattern.behind & bit(behind)) || !(pattern.place & bit(place))) continue;
    SMALLDB_ASSERT(found == nullptr, found->row.letter, pattern.row.letter);
    found = &pattern;
  }
  SMALLDB_ASSERT(found != nullptr, static_cast<int>(state), static_cast<int>(behind), static_cast<int>(place));
  return found->row;
}

}  // namespace smalldb
