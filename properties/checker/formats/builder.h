// Makes a history of events: calls, their answers, marks, each at an instant, in the order in which they happened.
// Refuses (Malformed) what cannot have happened.
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "properties/checker/formats/lines.h"
#include "properties/checker/history.h"

namespace smalldb::checker {

class Builder {
 public:
  // REQUIRES: the history outlives it, and nobody else adds to it before finish(). `lines`: as in ReadOptions.
  explicit Builder(History& history, bool lines = true) : history_(history), lines_(lines) {}

  History& history() { return history_; }

  // The next event happens at this instant: REQUIRED before each. Refused if it is before the one before.
  void at(Instant instant, Place place);
  // For a format that has no instants, or whose order of lines says more: the next event comes after the one before.
  void next_instant() { ++now_; }

  // A process asks for something: all of `operation` but its instants and what the answer says.
  void call(const Operation& operation, Place place);
  // The operation that the process waits for, for its answer to be filled in. Valid until the next event.
  Operation& answered(ProcessId process, Place place);
  // The answer of that operation is there.
  void close(ProcessId process);

  void mark(std::string_view text) { history_.add(History::Mark{now_, now_, std::string(text)}); }
  // Refused if too many have begun and not ended.
  void begin_mark(std::string_view text, Place place);
  // Refused if none by this text has begun and not ended.
  void end_mark(std::string_view text, Place place);
  // Whether one by this text has begun and not ended.
  bool has_mark(std::string_view text) const;

  // What is still open is of unknown outcome; marks that have not ended last to the end.
  void finish();

 private:
  struct Waiting {
    Operation operation;
    std::uint32_t line = 0;
    bool closed = false;
  };

  void hand_over();

  History& history_;
  std::deque<Waiting> waiting_;      // in the order of the calls; those before it are in the history
  std::uint64_t handed_over_ = 0;    // how many
  std::vector<std::uint64_t> open_;  // by process: the how-manieth call of all is open, from 1; 0: none
  std::vector<History::Mark> begun_;
  bool lines_ = true;
  Instant now_ = 0;
  bool has_begun_ = false;
};

}  // namespace smalldb::checker
