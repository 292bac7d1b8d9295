#include "cli/read_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

namespace smalldb::cli {

std::string shown_name(const std::string& file) { return file == "-" ? "standard input" : file; }

std::string kept_name(const std::string& file) {
  namespace fs = std::filesystem;
  if (!fs::path(file).is_absolute()) return shown_name(file);
  std::error_code unknown;
  const fs::path here = fs::current_path(unknown);
  const fs::path from_here = fs::weakly_canonical(file, unknown).lexically_relative(here);
  const bool is_below = !unknown && !from_here.empty() && *from_here.begin() != "..";
  return is_below ? from_here.string() : file;
}

std::optional<std::string> read_file(const std::string& file, std::string& why) {
  struct stat status {};
  const bool is_input = file == "-";
  const bool is_there = is_input ? fstat(STDIN_FILENO, &status) == 0 : stat(file.c_str(), &status) == 0;
  const bool has_an_end = is_input || S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode);
  if (is_there && !has_an_end) {
    why = S_ISDIR(status.st_mode) ? "a directory" : "no file, but a device";
    return std::nullopt;
  }
  const auto open = [&] { return is_input ? fdopen(dup(STDIN_FILENO), "rb") : std::fopen(file.c_str(), "rb"); };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(is_there ? open() : nullptr, std::fclose);
  why = std::strerror(errno);
  if (!in) return std::nullopt;

  std::string text;
  std::array<char, 65536> piece;
  while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), in.get())) text.append(piece.data(), got);
  if (std::ferror(in.get()) == 0) return text;
  why = std::strerror(errno);
  return std::nullopt;
}

}  // namespace smalldb::cli
