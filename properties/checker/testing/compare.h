// All engines on the same operations, against the definition.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "properties/checker/history.h"

namespace smalldb::checker::testing {

// Forces each engine on the operations at `positions`, of one key, few, and compares its verdict with the definition;
// replays the orders of those that hold; confirms the proof of those that do not, and that it needs every answer. Of
// verdicts alone, only the proofs that come with them. Nothing if all is right, otherwise what is wrong, with the
// operations.
struct Comparison {
  bool is_linearizable = false;
  std::string wrong;
};
enum class Compares : std::uint8_t { verdicts, reasons };
// The operations, one a line.
std::string told(const History& history, std::span<const std::uint32_t> positions);
Comparison compare(const History& history, KeyId key, std::span<const std::uint32_t> positions,
                   Compares compares = Compares::reasons);

}  // namespace smalldb::checker::testing
