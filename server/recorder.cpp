#include "server/recorder.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace smalldb::server {
namespace {

// Room is made in pieces of this size, up to the bound.
constexpr std::uint64_t piece = 4 * 1024 * 1024;
// What the last frame, which says why there are no more, may need at most.
constexpr std::uint64_t end_size_max = 64;

// What the present recorder has mapped: of the one that a process has, for a signal knows of nothing else.
std::atomic<char*> mapped_memory = nullptr;
std::atomic<std::uint64_t> mapped_room = 0;
std::atomic<bool> mapped_lost = false;

// A file that somebody makes shorter, as a rotation that copies and truncates does, or whose disk fails, is told by a
// signal at the next write to its memory. That ends the recording and not the process: other memory takes its place.
void on_bus_error(int, siginfo_t* info, void*) {
  if (info->si_code <= 0) {  // sent by somebody, and no access of ours that would be repeated
    std::signal(SIGBUS, SIG_DFL);
    std::raise(SIGBUS);
    return;
  }
  char* const memory = mapped_memory;
  const auto* const at = static_cast<const char*>(info->si_addr);
  if (memory == nullptr || at < memory || at >= memory + mapped_room ||
      mmap(memory, mapped_room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
           0) == MAP_FAILED) {
    std::signal(SIGBUS, SIG_DFL);  // it happens again at once, and ends the process
    return;
  }
  mapped_lost = true;
}

void survive_bus_errors() {
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &action, nullptr);
}

// FILE for 0, FILE.1, ...
std::string nth_of(const std::string& file, unsigned n) { return n == 0 ? file : file + "." + std::to_string(n); }

// Nobody's file is moved, or removed in the end, for having the name of a recording. One that has just been begun may
// hold less than the magic word.
void refuse_what_is_no_recording(const std::string& file) {
  struct stat about {};
  if (stat(file.c_str(), &about) != 0) return;
  std::string begin(recording_magic.size(), '\0');
  if (S_ISREG(about.st_mode)) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::system_error(errno, std::generic_category(), "cannot read " + file);
    in.read(begin.data(), static_cast<std::streamsize>(begin.size()));
    if (recording_magic.starts_with(begin.substr(0, begin.find_last_not_of('\0') + 1))) return;
  }
  throw std::runtime_error(file + " is no recording, and would be moved: say another --record, or move it yourself");
}

// FILE.2 becomes FILE.3, FILE.1 FILE.2, and FILE FILE.1; the last of them goes.
void shift_earlier_lives(const std::string& file, unsigned kept) {
  for (unsigned n = kept; n > 0; --n) {
    std::error_code ignored;  // there may be none
    std::filesystem::rename(nth_of(file, n - 1), nth_of(file, n), ignored);
  }
}

}  // namespace

Recorder::Recorder(std::string file, const Limits& limits, const RecordedMachine& machine, Listeners listeners)
    : file_(std::move(file)), bytes_max_(limits.bytes_max), listeners_(std::move(listeners)) {
  survive_bus_errors();
  const std::string fresh = file_ + ".new";  // until all that can fail has not
  refuse_what_is_no_recording(fresh);
  for (unsigned n = 0; n <= limits.lives_kept; ++n) refuse_what_is_no_recording(nth_of(file_, n));
  descriptor_ = open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);  // it holds users' data
  const bool made = descriptor_ >= 0 && make_room(end_size_max);
  const int why = errno;
  if (made) shift_earlier_lives(file_, limits.lives_kept);
  if (!made || std::rename(fresh.c_str(), file_.c_str()) != 0) {
    const int problem = made ? errno : why;
    mapped_memory = nullptr;
    if (memory_ != nullptr) munmap(memory_, room_);
    if (descriptor_ >= 0) close(descriptor_);
    std::remove(fresh.c_str());
    throw std::system_error(problem, std::generic_category(), "cannot record to " + file_);
  }
  write(std::string(recording_magic) + encode_recording_frame(machine));
}

Recorder::~Recorder() {
  listeners_ = {};
  end(RecordedEnd::Why::process_ended);
}

void Recorder::on_step(const Moment& moment, const Event& event, const std::vector<Effect>& effects) {
  if (memory_ == nullptr) return;
  frame_.clear();
  append_recorded_step(frame_, moment, event, fingerprint(effects));
  write(frame_);
}

void Recorder::on_assertion_failed(const Moment& moment, const Event& event, const char* what) {
  write(encode_recording_frame(RecordedFailure{moment, event, what}));
}

void Recorder::name(ProcessId process, std::string_view name) {
  write(encode_recording_frame(RecordedName{process, std::string(name)}));
}

void Recorder::write(std::string_view frame) {
  if (memory_ == nullptr) return;
  const std::uint64_t size = size_ + frame.size();
  if (size > bytes_max_ - bytes_max_ / 8) {
    if (const auto tell = std::exchange(listeners_.on_nearly_full, nullptr)) tell(size);
  }
  if (size + end_size_max > bytes_max_) return end(RecordedEnd::Why::bound_reached);
  if (size + end_size_max > room_ && !make_room(size + end_size_max)) return end(RecordedEnd::Why::cannot_write);
  std::memcpy(memory_ + size_, frame.data(), frame.size());
  if (mapped_lost) return end(RecordedEnd::Why::cannot_write);
  size_ = size;
}

// Somebody else has cut it. (Within the page that is written to this raises no signal.)
bool Recorder::is_shorter() const {
  struct stat about {};
  return fstat(descriptor_, &about) == 0 && static_cast<std::uint64_t>(about.st_size) < room_;
}

// At least `size` bytes: of whole pieces, if the bound has room for them. False, with errno, if they cannot be had;
// what was there is still there.
bool Recorder::make_room(std::uint64_t size) {
  const std::uint64_t room = std::max(size, std::min((size + piece - 1) / piece * piece, bytes_max_));
  if (is_shorter()) {
    errno = EIO;
    mapped_lost = true;
    return false;
  }
  if (const int error = posix_fallocate(descriptor_, static_cast<off_t>(room_), static_cast<off_t>(room - room_))) {
    errno = error;
    return false;
  }
  void* const memory = memory_ == nullptr ? mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0)
                                          : mremap(memory_, room_, room, MREMAP_MAYMOVE);
  if (memory == MAP_FAILED) return false;
  memory_ = static_cast<char*>(memory);
  room_ = room;
  mapped_lost = false;
  mapped_room = room;
  mapped_memory = memory_;
  return true;
}

void Recorder::end(RecordedEnd::Why why) {
  if (memory_ == nullptr) return;
  const std::string frame = encode_recording_frame(RecordedEnd{why});
  std::memcpy(memory_ + size_, frame.data(), frame.size());  // there is always room for it
  size_ += frame.size();
  mapped_memory = nullptr;
  munmap(memory_, room_);
  memory_ = nullptr;
  // Failing that, zeros are left at the end, which readers take for what they are. A file that has been made shorter is
  // left as it is.
  if (!mapped_lost && !is_shorter() && ftruncate(descriptor_, static_cast<off_t>(size_)) != 0) errno = 0;
  close(descriptor_);
  if (listeners_.on_end) listeners_.on_end(why);
}

}  // namespace smalldb::server
