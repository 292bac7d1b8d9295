#include "properties/replicas_agree.h"

#include <string>

#include "properties/words.h"

namespace smalldb::properties {

void ReplicasAgree::observe(const Observation& written, const Mirror& mirror) {
  const std::size_t here = static_cast<std::size_t>(written.process);
  for (std::size_t other = 0; other < mirror.logs.size(); ++other) {
    if (other == here) continue;
    const LogEntry* theirs = mirror.logs[other].entry(written.lsn);
    if (theirs == nullptr || mirror.epochs[theirs->line].epoch != written.epoch) continue;
    has_subject();
    const auto both = [&] {
      return std::string(mirror.name(written.process)) + " wrote " + text(written.lsn) + " of " + text(written.epoch) +
             " at " + text(written.time) + "; " + mirror.cast->members[other].name;
    };
    if (theirs->fingerprint != written.a) {
      violate(written.time, "other bytes", both() + " holds other bytes there", {written.event});
      return;
    }
    const LogEntry* our_previous = mirror.logs[here].entry(written.lsn.previous());
    const LogEntry* their_previous = mirror.logs[other].entry(written.lsn.previous());
    if (our_previous == nullptr || their_previous == nullptr) continue;
    if (our_previous->fingerprint == their_previous->fingerprint) continue;
    violate(written.time, "another record before it",
            both() + " holds the same there, but another " + text(written.lsn.previous()) + " before it",
            {written.event});
    return;
  }
}

}  // namespace smalldb::properties
