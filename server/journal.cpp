#include "server/journal.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <ctime>
#include <system_error>

#include "model/printable.h"

namespace smalldb::server {
namespace {

constexpr mode_t file_mode = 0640;

// Not blocking, for the sake of a pipe with a name: opening it would wait for its reader.
int open_file(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, file_mode);
}

std::string_view name(Journal::Level level) {
  switch (level) {
    case Journal::Level::info: return "info";
    case Journal::Level::warning: return "warning";
    case Journal::Level::error: return "error";
  }
  return "?";
}

std::string now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  tm parts{};
  gmtime_r(&time.tv_sec, &parts);
  std::array<char, 40> text;
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + size, text.size() - size, ".%06ldZ", time.tv_nsec / 1000);
  return text.data();
}

void append_value(std::string& line, std::string_view value) {
  const auto is_plain = [](char c) { return c > ' ' && c != '"' && c != '\\' && c < 0x7f; };
  bool plain = !value.empty();
  for (const char c : value) plain = plain && is_plain(c);
  if (plain) {
    line += value;
    return;
  }
  std::string text;
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  line += '"' + printable(text) + '"';
}

}  // namespace

Journal::Journal(std::string path) : path_(std::move(path)) {
  const int descriptor = path_.empty() ? STDERR_FILENO : open_file(path_);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), path_);
  use(descriptor);
}

Journal::~Journal() {
  if (!path_.empty()) close(descriptor_);
}

void Journal::use(int descriptor) {
  struct stat about {};
  descriptor_ = descriptor;
  may_block_ = fstat(descriptor, &about) == 0 && !S_ISREG(about.st_mode);
}

void Journal::write(Level level, std::string_view event, const std::vector<Field>& fields) {
  if (lost_ > 0 && put(line_of(Level::warning, "log_lines_lost", {{"lines", lost_}}))) lost_ = 0;
  if (lost_ > 0 || !put(line_of(level, event, fields))) ++lost_;
}

std::string Journal::line_of(Level level, std::string_view event, const std::vector<Field>& fields) {
  std::string line = now();
  line += ' ';
  line += name(level);
  line += " event=";
  line += event;
  for (const Field& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    append_value(line, field.value);
  }
  line += '\n';
  return line;
}

// One write for a line, so that lines of several processes do not mix. A log that cannot be written stops nobody.
bool Journal::put(std::string line) {
  if (!may_block_) {
    [[maybe_unused]] const ssize_t written = ::write(descriptor_, line.data(), line.size());
    return true;  // a full disk has no reader who may come back
  }
  // A pipe that says that it can be written has room for so much. Standard error is not made non-blocking: it would be
  // for all who have inherited it.
  if (line.size() > PIPE_BUF) line.replace(PIPE_BUF - 1, std::string::npos, "\n");
  pollfd there{descriptor_, POLLOUT, 0};
  if (poll(&there, 1, 0) != 1 || (there.revents & POLLOUT) == 0) return false;
  return ::write(descriptor_, line.data(), line.size()) > 0;
}

void Journal::reopen() {
  if (path_.empty()) return info("log_reopened", {});  // there is nothing to do
  const int fresh = open_file(path_);
  if (fresh < 0) {
    error("log_not_reopened", {{"file", path_}, {"error", std::generic_category().message(errno)}});
    return;
  }
  close(descriptor_);
  use(fresh);
  info("log_reopened", {});
}

}  // namespace smalldb::server
