// The judge of what is going on, against the definition: event by event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "properties/checker/history.h"
#include "properties/checker/stream.h"

namespace smalldb::checker::testing {

// Lets the operations at `positions`, of one key, few, happen one event after the other, and compares what the stream
// says after each answer with what the definition says of all that had happened by then. Nothing if all is right,
// otherwise what is wrong. `violated_at`: the event, counted from 1, at which it is violated; 0: at none. `late`: the
// stream was behind for a while, and said so.
struct StreamComparison {
  std::size_t violated_at = 0;
  bool late = false;
  std::string wrong;
};
StreamComparison compare_stream(const History& history, KeyId key, std::span<const std::uint32_t> positions,
                                const StreamOptions& options = {});

// Lets a whole history happen, of any keys, until it is violated. Gives the greatest Stream::size() there was, looked
// at after each `look_every` events.
enum class TellsUnknown : std::uint8_t { at_once, in_the_end };  // that an outcome is unknown
std::size_t play(const History& history, Stream& stream, std::size_t look_every = 1,
                 TellsUnknown tells_unknown = TellsUnknown::at_once);

}  // namespace smalldb::checker::testing
