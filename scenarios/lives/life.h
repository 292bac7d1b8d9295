// The recorded life of a process that really ran, read back and gone through again.
//
//     std::variant<Life, LifeProblem> read = read_life(bytes);
//     Reenactor again(life);
//     while (const Reenactor::Step* step = again.next()) ...   // the same machine, told the same, wants the same
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/host_side.h"
#include "model/machine.h"
#include "model/recording.h"
#include "scenarios/lives/host_promises.h"

namespace smalldb::scenarios {

struct Life {
  enum class End : std::uint8_t {
    died,           // the recording just ends, as it does when the process is killed, or as long as it lives
    process_ended,  // by a signal that it heeded, or by itself
    failed,         // an assertion of the machine's
    bound_reached,  // the process went on, unrecorded
    cannot_write,   // the same
    damaged,        // the recording cannot be read beyond `bytes`
  };

  RecordedMachine machine;
  std::vector<RecordedStep> steps;
  std::optional<RecordedFailure> failure;
  End end = End::died;
  std::size_t bytes = 0;        // of the recording, that could be read
  std::size_t bytes_after = 0;  // that could not
  std::map<ProcessId, std::string> names;
  // Where the recorder has put it, if that is known: FILE.2 was moved aside twice since it was FILE.
  struct Aside {
    std::string file;
    unsigned times = 0;
  };
  std::optional<Aside> aside = {};

  // "a.example:7001"; a number for a process without a name.
  std::string name(ProcessId process) const;
};

// Why bytes are no life, for people, and where.
struct LifeProblem {
  std::size_t offset = 0;
  std::string what;
  bool nothing_yet = false;  // the process ended before its machine's first step: nothing is missing without it
};

// Whether it is to be read by read_life.
bool is_recording(std::string_view bytes);

std::variant<Life, LifeProblem> read_life(std::string_view bytes);

// Where a machine did not want what it had wanted when it was recorded, or is said to have been told what it cannot
// have been.
struct Divergence {
  std::size_t step = 0;  // in Life::steps; behind the last for the step that failed
  std::string what;
};

// Makes the steps of a life again, one by one. REQUIRES: the life outlives it.
class Reenactor {
 public:
  struct Step {
    const Moment& moment;
    const Event& event;
    const std::vector<Effect>& effects;  // until the next call
  };

  explicit Reenactor(const Life& life);

  // The next step, made again; nothing when all have been, or at the first that diverges.
  std::optional<Step> next();
  // Of the step that next() will make; nothing at the end. The step that failed does not count.
  const RecordedStep* upcoming() const;

  const std::optional<Divergence>& divergence() const { return divergence_; }

 private:
  bool may_be_told(const Event& event);
  void make_failing_step();

  const Life& life_;
  std::unique_ptr<Machine> machine_;
  HostEffects effects_;
  HostPromises promises_;
  std::size_t made_ = 0;
  bool failure_made_ = false;
  std::optional<Divergence> divergence_;
};

}  // namespace smalldb::scenarios
