// Writes what a machine is told to a recording (model/recording.h), so that its life can be gone through again with
// `smalldb-sim replay`.
//
// The file is memory: a step costs a copy into the page cache and no system call, and what was written there survives
// the process, whatever ends it. Room is made ahead, in pieces that are really allocated, so that a full disk ends the
// recording and not the process; so does somebody who makes the file shorter. A recording never grows beyond its bound.
// It begins with a life; recordings of earlier lives are kept beside it as FILE.1 (the last), FILE.2, ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "model/recording.h"
#include "server/tap.h"

namespace smalldb::server {

class Recorder final : public Tap {
 public:
  struct Limits {
    std::uint64_t bytes_max = 256 * 1024 * 1024;
    unsigned lives_kept = 8;  // earlier ones, beside the present
  };

  // Whoever wants to know; each is told once at most.
  struct Listeners {
    // The event that comes next takes it to so many bytes, which is beyond seven eighths of the bound. If that is
    // beyond the bound as well, the recording ends before it.
    std::function<void(std::uint64_t bytes)> on_nearly_full;
    std::function<void(RecordedEnd::Why)> on_end;  // before the process ends
  };

  // Throws std::system_error if the file cannot be made, std::runtime_error if what has its name, or one that an
  // earlier life's recording would get, is no recording. All files are then as they were.
  Recorder(std::string file, const Limits& limits, const RecordedMachine& machine, Listeners listeners);
  // The process ends: so does the recording, and gives back the room it did not need.
  ~Recorder() override;
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void on_step(const Moment& moment, const Event& event, const std::vector<Effect>& effects) override;
  void on_assertion_failed(const Moment& moment, const Event& event, const char* what) override;
  // The machine may meet a process of this name from now on.
  void name(ProcessId process, std::string_view name);

  // Bytes recorded so far.
  std::uint64_t size() const { return size_; }

 private:
  void write(std::string_view frame);
  bool is_shorter() const;
  bool make_room(std::uint64_t size);
  void end(RecordedEnd::Why why);

  std::string file_;
  std::uint64_t bytes_max_;
  Listeners listeners_;
  int descriptor_ = -1;
  char* memory_ = nullptr;  // room_ bytes of the file; null: the recording has ended
  std::uint64_t room_ = 0;
  std::uint64_t size_ = 0;
  std::string frame_;  // used again for every step
};

}  // namespace smalldb::server
