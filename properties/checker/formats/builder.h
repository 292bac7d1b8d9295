// Makes operations of events: calls, their answers, marks, each at an instant, in the order in which they happened.
// Refuses (Malformed) what cannot have happened.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "properties/checker/formats/lines.h"
#include "properties/checker/history.h"

namespace smalldb::checker {

// Who takes what a file says: a history to be, or a judge who does not wait for the end. Names and values are its own.
class Recipient {
 public:
  virtual ~Recipient() = default;
  virtual KeyId key(std::string_view name) = 0;
  virtual ProcessId process(std::string_view name) = 0;
  virtual std::string_view name(ProcessId process) const = 0;
  virtual ValueId value(std::string_view bytes) = 0;
  // From now on things happen at this instant, later than before or at the same; before their values are asked for.
  virtual void advance(Instant now) = 0;
  // Before the first call.
  virtual void start_all_keys_with(ValueId value) = 0;
  virtual void start_with(KeyId key, ValueId value) = 0;
  // An operation begins, as far as it is known. Gives a number by which it is told how it went, in the order in which
  // operations return; what never does is told at the end.
  virtual std::uint64_t call(const Operation& operation, std::uint64_t line) = 0;
  virtual void answer(std::uint64_t number, const Operation& operation, std::uint64_t line) = 0;
  virtual void mark(History::Mark mark) = 0;
};

// A history to be: operations are handed over in the order of their invocations.
class Recorder final : public Recipient {
 public:
  // REQUIRES: the history outlives it, and nobody else adds to it. `lines`: as in ReadOptions.
  Recorder(History& history, bool lines) : history_(history), lines_(lines) {}

  KeyId key(std::string_view name) override { return history_.key(name); }
  ProcessId process(std::string_view name) override { return history_.process(name); }
  std::string_view name(ProcessId process) const override { return history_.name(process); }
  ValueId value(std::string_view bytes) override { return history_.value(bytes); }
  void advance(Instant) override {}
  void start_all_keys_with(ValueId value) override { history_.start_all_keys_with(value); }
  void start_with(KeyId key, ValueId value) override { history_.start_with(key, value); }
  std::uint64_t call(const Operation& operation, std::uint64_t line) override;
  void answer(std::uint64_t number, const Operation& operation, std::uint64_t line) override;
  void mark(History::Mark mark) override { history_.add(std::move(mark)); }

 private:
  struct Waiting {
    Operation operation;
    std::uint32_t line = 0;
    bool closed = false;
  };

  History& history_;
  bool lines_;
  std::deque<Waiting> waiting_;    // in the order of the calls; those before it are in the history
  std::uint64_t handed_over_ = 0;  // how many
};

class Builder {
 public:
  // REQUIRES: the recipient outlives it.
  explicit Builder(Recipient& recipient) : recipient_(recipient) {}

  Recipient& recipient() { return recipient_; }

  // The next event happens at this instant: REQUIRED before each. Refused if it is before the one before.
  void at(Instant instant, Place place);
  // For a format that has no instants, or whose order of lines says more: the next event comes after the one before.
  void next_instant() { recipient_.advance(++now_); }

  // A process asks for something: all of `operation` but its instants and what the answer says.
  void call(const Operation& operation, Place place);
  // The operation that the process waits for, for its answer to be filled in. Valid until the next event.
  Operation& answered(ProcessId process, Place place);
  // The answer of that operation is there.
  void close(ProcessId process, Place place);

  void mark(std::string_view text) { recipient_.mark({now_, now_, std::string(text)}); }
  // Refused if too many have begun and not ended.
  void begin_mark(std::string_view text, Place place);
  // Refused if none by this text has begun and not ended.
  void end_mark(std::string_view text, Place place);
  // Whether one by this text has begun and not ended.
  bool has_mark(std::string_view text) const;

  // What is still open is of unknown outcome; marks that have not ended last to the end. How many operations there
  // were.
  std::uint64_t finish();

 private:
  // What a process waits for.
  struct Open {
    Operation operation;
    std::uint64_t number = 0;
    std::uint64_t line = 0;
    bool is_open = false;
  };

  Recipient& recipient_;
  std::vector<Open> open_;  // by process
  std::vector<History::Mark> begun_;
  std::uint64_t calls_ = 0;
  Instant now_ = 0;
  bool has_begun_ = false;
};

// Lets `recipient` take what the source says (reader.h). Throws Malformed.
void read_into(Recipient& recipient, Source& source, const ReadOptions& options);

}  // namespace smalldb::checker
