#include "properties/checkpoints_identical.h"

#include <string>
#include <type_traits>
#include <variant>

#include "model/record.h"
#include "properties/words.h"

namespace smalldb::properties {
namespace {

constexpr std::size_t written_max = 64;
constexpr std::uint64_t checkpoint_kind = 6;  // the place of Checkpoint in RecordBody, plus one
static_assert(std::is_same_v<std::variant_alternative_t<checkpoint_kind - 1, RecordBody>, Checkpoint>);

}  // namespace

void CheckpointsIdentical::observe(const Observation& written, const Mirror& mirror) {
  const std::string who(mirror.name(written.process));
  if (written.number != 0 && written.number != checkpoint_kind) {
    violate(written.time, "not in the stream",
            who + " wrote a checkpoint as of " + text(written.lsn) + " at " + text(written.time) +
                ", where the stream has no checkpoint record",
            {written.event});
    return;
  }
  for (const Written& other : written_) {
    if (other.line != written.line || other.lsn != written.lsn) continue;
    has_subject();
    if (other.fingerprint == written.a && other.size == written.b) continue;
    violate(written.time, "other bytes",
            "the checkpoints as of " + text(written.lsn) + " differ: that of " + std::string(mirror.name(other.node)) +
                " has " + std::to_string(other.size) + " bytes, that of " + who + ", written at " + text(written.time) +
                ", has " + std::to_string(written.b) + (other.size == written.b ? " others" : ""),
            {other.event, written.event});
    return;
  }
  if (written.line == no_line) return;
  if (written_.size() == written_max) written_.erase(written_.begin());
  written_.push_back({written.line, written.lsn, written.a, written.b, written.process, written.event});
}

}  // namespace smalldb::properties
