// A history that is judged while it is read (checker/stream.h): of any length, from a pipe that may never end, in
// memory that depends on what is open and may still be read.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "properties/checker/conclusion.h"
#include "properties/checker/formats/reader.h"
#include "properties/checker/history.h"

namespace smalldb::checker {

struct Followed {
  Conclusion conclusion = Conclusion::unknown;  // of what was read: a violation ends the reading
  std::uint64_t operations = 0;
  std::uint64_t operations_unknown = 0;
  std::uint64_t keys = 0;
  std::uint64_t processes = 0;
  std::uint64_t steps = 0;

  // A key that steps did not suffice for; up to `judged_until` there is an order.
  struct Undecided {
    std::string key;
    std::uint64_t operations = 0;
    Instant judged_until = 0;
  };
  static constexpr std::size_t undecided_most = 10;
  std::vector<Undecided> undecided;  // the first of them
  std::uint64_t undecided_left_out = 0;

  // An answer with which something is wrong, as a history of one operation, with the line of its call.
  struct Answer {
    History operation;
    std::uint64_t line = 0;  // of the answer
  };
  // violated: no order explains it. `states` are what the key may have held instead, values of that history.
  std::optional<Answer> contradiction;
  std::vector<ValueId> states;
  bool late = false;  // it may be an answer before it that no order explains
  // The first whose revision contradicts what was told before: a finding of its own. In words: "revision 5 was ...".
  std::optional<Answer> wrong_revision;
  std::string wrong;
};

// Reads to the end, or to the first answer that no order explains. `options.lines` does not matter. Who looks
// on is told the line of each answer that was judged, or waits for what is open.
std::variant<Followed, Malformed> follow(Source& source, std::uint64_t steps_max, const ReadOptions& options,
                                         const std::function<void(std::uint64_t line)>& tell);

}  // namespace smalldb::checker
