#include "properties/sessions_kept.h"

#include <string>
#include <variant>

#include "model/record.h"
#include "properties/words.h"

namespace smalldb::properties {

void SessionsKept::observe(const Observation& written, const Mirror& mirror) {
  const auto* const expired = written.record == nullptr ? nullptr : std::get_if<SessionsExpired>(&written.record->body);
  if (expired == nullptr) return;
  has_subject();
  const Duration idle{written.record->stamp.nanoseconds - expired->cutoff.nanoseconds};
  const Duration kept = mirror.cast->session_kept_for;
  if (idle >= kept) return;
  violate(written.time, "dropped too early",
          std::string(mirror.name(written.process)) + " wrote at " + text(written.time) + ", in " + text(written.lsn) +
              ", that sessions idle for " + text(idle) + " are dropped, which are to be kept for " + text(kept),
          {written.event});
}

}  // namespace smalldb::properties
