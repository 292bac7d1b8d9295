// A machine's life as bytes: what its host told it, so that the same steps can be made again elsewhere, and a
// fingerprint of what it wanted done, so that it can be told whether they were.
//
// A recording is a magic word and frames, each `length (u32), CRC32C of the payload (u32), payload`, all integers
// little-endian (docs/recording.md draws one). The first frame says which machine it is and how it was made; then come
// its steps in order. A process that dies leaves a recording that is good up to its last whole frame: bytes of zero
// follow where room had been made, or nothing, or a frame that was cut short.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/arbiter.h"
#include "model/machine.h"
#include "model/settings.h"
#include "model/time.h"

namespace smalldb {

inline constexpr std::string_view recording_magic = "SMDBREC1";

// What a process is called, by the numbers that its machine knows.
struct RecordedName {
  ProcessId process = no_process;
  std::string name;

  friend bool operator==(const RecordedName&, const RecordedName&) = default;
};

// The first frame: which machine this is, and all that it was made from.
struct RecordedMachine {
  enum class Kind : std::uint8_t { node, arbiter };
  Kind kind = Kind::node;
  NodeConfig node;        // of a node
  ArbiterConfig arbiter;  // of an arbiter
  std::string program;    // that made the recording, with its version
  std::vector<RecordedName> names;

  ProcessId self() const { return kind == Kind::node ? node.self : arbiter.self; }
};

struct RecordedStep {
  Moment moment;
  Event event;
  std::uint32_t effects = 0;  // fingerprint(what the machine recorded in the step)
};

// The machine found itself in a state that cannot be: the last step, which came to no end.
struct RecordedFailure {
  Moment moment;
  Event event;
  std::string what;
};

// The recording ends here, and why: the process ended, or no more was to be recorded.
struct RecordedEnd {
  enum class Why : std::uint8_t {
    process_ended,
    bound_reached,  // the process went on, unrecorded: the recording had grown to its bound
    cannot_write,   // the same: the disk was full, or failed
  };
  Why why = Why::process_ended;

  friend bool operator==(const RecordedEnd&, const RecordedEnd&) = default;
};

using RecordingFrame = std::variant<RecordedMachine, RecordedName, RecordedStep, RecordedFailure, RecordedEnd>;

// The frame as it stands in a recording. For a step the three parts are taken where they are, without a copy.
std::string encode_recording_frame(const RecordingFrame& frame);
void append_recorded_step(std::string& to, const Moment& moment, const Event& event, std::uint32_t effects);

// CRC32C over all effects, every field of them.
std::uint32_t fingerprint(const std::vector<Effect>& effects);

// Reads a recording frame by frame, up to the last whole one.
class RecordingReader {
 public:
  // How what was read so far ended.
  enum class State : std::uint8_t {
    whole,        // so far, or to its end
    torn,         // a frame that is cut short, or was being written: what comes of a process that dies
    damaged,      // a frame that is wrong, with others behind it
    no_recording  // does not begin with the magic word
  };

  // `bytes` outlives the reader.
  explicit RecordingReader(std::string_view bytes);

  // The next frame; nothing at the end, and at what is no whole frame.
  std::optional<RecordingFrame> next();

  State state() const { return state_; }
  // Where the next frame begins, or what is none.
  std::size_t position() const { return position_; }

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;
  State state_ = State::whole;
};

}  // namespace smalldb
