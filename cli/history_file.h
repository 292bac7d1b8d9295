// A history's file as a stream of bytes: as it is, or compressed by gzip (RFC 1952), known by its first bytes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "properties/checker/formats/reader.h"

namespace smalldb::cli {

// A file that cannot be read, in words that follow its name.
class UnreadableFile : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class HistoryFile final : public checker::Source {
 public:
  // "-" is standard input. `read` counts the bytes of the file, for who looks on. Throws UnreadableFile, as next()
  // does.
  HistoryFile(const std::string& name, std::atomic<std::uint64_t>& read);
  ~HistoryFile() override;
  HistoryFile(const HistoryFile&) = delete;
  HistoryFile& operator=(const HistoryFile&) = delete;

  std::string_view next() override;

 private:
  class Inflater;

  std::string_view next_of_file();

  int file_ = -1;
  std::atomic<std::uint64_t>& read_;
  std::string buffer_;
  std::string_view pushed_back_;  // what has been looked at to know what the file is
  std::unique_ptr<Inflater> inflater_;
};

}  // namespace smalldb::cli
