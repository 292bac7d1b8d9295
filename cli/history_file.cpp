#include "cli/history_file.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace smalldb::cli {
namespace {

constexpr std::size_t piece_size = std::size_t{256} << 10;

}  // namespace

class HistoryFile::Inflater {
 public:
  Inflater() : out_(4 * piece_size, '\0') {
    constexpr int gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, gzip_only) != Z_OK) throw std::runtime_error("zlib does not start");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool wants_input() const { return stream_.avail_in == 0 && !has_more_; }
  void give(std::string_view bytes) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
  }

  // Some of what the input says; nothing if it needs more.
  std::string_view take() {
    // Several members may stand one behind the other.
    if (std::exchange(is_between_, false)) inflateReset(&stream_);
    stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
    stream_.avail_out = static_cast<uInt>(out_.size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      throw UnreadableFile("is damaged: what gzip has compressed does not expand");
    }
    is_between_ = result == Z_STREAM_END;
    has_more_ = !is_between_ && stream_.avail_out == 0;
    return std::string_view(out_).substr(0, out_.size() - stream_.avail_out);
  }

  bool is_between() const { return is_between_; }

 private:
  z_stream stream_{};
  std::string out_;
  bool is_between_ = false;
  bool has_more_ = false;  // to come without more input
};

HistoryFile::HistoryFile(const std::string& name, std::atomic<std::uint64_t>& read)
    : file_(name == "-" ? dup(STDIN_FILENO) : open(name.c_str(), O_RDONLY | O_CLOEXEC)),
      read_(read),
      buffer_(piece_size, '\0') {
  if (file_ < 0) throw UnreadableFile(std::string("cannot be read: ") + std::strerror(errno));
  std::string_view first;
  try {
    first = next_of_file();
  } catch (...) {
    close(file_);
    throw;
  }
  if (first.starts_with("\x1f\x8b")) {
    inflater_ = std::make_unique<Inflater>();
    inflater_->give(first);
  } else {
    pushed_back_ = first;
  }
}

HistoryFile::~HistoryFile() { close(file_); }

std::string_view HistoryFile::next() {
  if (inflater_ == nullptr) return pushed_back_.empty() ? next_of_file() : std::exchange(pushed_back_, {});
  for (;;) {
    if (inflater_->wants_input()) {
      const std::string_view more = next_of_file();
      if (more.empty()) {
        if (inflater_->is_between()) return {};
        throw UnreadableFile("is cut short: what gzip has compressed does not end");
      }
      inflater_->give(more);
    }
    if (const std::string_view bytes = inflater_->take(); !bytes.empty()) return bytes;
  }
}

std::string_view HistoryFile::next_of_file() {
  ssize_t count = 0;
  do {
    count = ::read(file_, buffer_.data(), buffer_.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) throw UnreadableFile(std::string("cannot be read: ") + std::strerror(errno));
  read_ += static_cast<std::uint64_t>(count);
  return std::string_view(buffer_).substr(0, static_cast<std::size_t>(count));
}

}  // namespace smalldb::cli
