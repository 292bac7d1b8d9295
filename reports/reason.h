// Why a history is not linearizable, as it is told: the operations that prove it, what was possible before, and what
// else happened meanwhile. A plain value that has all of the proof, be it long, and of all else a bounded part;
// reason_text.h, reason_json.h and picture.h write it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "properties/checker/check.h"
#include "properties/checker/history.h"
#include "reports/phrase.h"

namespace smalldb::reports {

struct ReasonOperation {
  std::size_t position = 0;  // in the history
  checker::Instant invoked = 0;
  checker::Instant returned = 0;  // checker::never: unknown
  checker::ProcessId process{};
  std::string name;   // of the process
  Phrase who;         // "c1", "process 1"
  Phrase what;        // "put x=17"
  Phrase answer;      // "ok"
  std::string place;  // "line 12"
  checker::Verb verb{};
  checker::Outcome outcome = checker::Outcome::ok;
  bool is_culprit = false;
  bool is_other = false;  // the one that the sentence sets against the culprit
  // Counts only for what it writes, whenever that was: who wrote what the others have seen.
  bool is_writer = false;
};

// So many of something are not among those told.
struct LeftOut {
  std::uint64_t around = 0;
  std::uint64_t states = 0;
  std::uint64_t marks = 0;
};

// What a key may have held; nothing if it may not have been there.
using HeldValue = std::optional<std::string>;
Phrase text(const HeldValue& value);

struct Reason {
  std::string key;
  checker::Anomaly anomaly = checker::Anomaly::no_order;
  checker::Engine engine = checker::Engine::automatic;
  Phrase sentence;
  std::vector<ReasonOperation> operations;  // the proof, writers included, by invocation
  bool is_minimal = false;                  // or else perhaps not all of these are needed (checker/check.h)
  bool writers_are_free = false;            // Violation
  std::vector<ReasonOperation> around;      // others of that key, at about the same time, by invocation
  checker::Instant from = 0;                // the proof's first call
  checker::Instant to = 0;                  // its last call or answer
  checker::Instant good_until = 0;
  bool good_until_is_last = false;            // or else all may have been well for longer
  bool but_for_revisions = false;             // some that the store claimed were wrong before
  std::vector<HeldValue> states;              // what the key may have held then
  bool has_all_states = false;                // or else it may have held something else
  std::vector<checker::History::Mark> marks;  // those that overlap the proof, by their beginnings
  LeftOut left_out;
};

struct ReasonLimits {
  std::size_t around = 100;
  std::size_t states = 8;
  std::size_t marks = 8;
};

Reason reason_of(const checker::History& history, const checker::Violation& violation, const ReasonLimits& limits = {});

// All that it names, of the proof's operations those that shown_of() chooses. Valid as long as the reason.
void add_data_to(std::vector<std::string_view>& data, const Reason& reason, std::size_t most = std::string::npos);
// Where nothing else is told with it. REQUIRES: the reason outlives it.
Wording wording_of(const Reason& reason, std::size_t most = std::string::npos);

// "all was well until", with what that does not say; how texts and pictures say what `good_until` is.
std::string well_until_text(const Reason& reason);

// Which of the proof's operations to show where there is room for so many: the culprit, the one that the sentence sets
// against it, and of the others those nearest to the culprit, writers last.
std::vector<bool> shown_of(const Reason& reason, std::size_t most);

}  // namespace smalldb::reports
