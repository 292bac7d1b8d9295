// One directory of the real file system, and the operations of the edge on it.
//
// Blocking: each function makes its system calls in the thread that calls it. Functions may be called from several
// threads at a time as long as no two of them deal with the same file; disk.h sees to that.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/machine.h"

namespace smalldb::server {

// Whether an error number says that there is no room, or that more is not allowed.
bool is_full_disk(int error);

class Directory {
 public:
  // Kept open: the log is written to again and again.
  static constexpr std::size_t open_files_max = 64;

  // Which files of the directory the machine never hears of: the server's own.
  static bool is_hidden(std::string_view name);

  // Opens an existing directory. `volume` decides what a failure of the medium means: on the shared one the other side
  // may not have answered. Throws std::system_error.
  Directory(std::string path, Volume volume);
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  // What became of an operation. `bytes` belongs to whoever holds the outcome (decision 0011).
  struct Outcome {
    DiskStatus status = DiskStatus::ok;
    int error = 0;  // errno, if it did not go well
    Bytes bytes;
    std::shared_ptr<const std::vector<FileEntry>> entries;
  };
  // REQUIRES for operations that write: `bytes` stays as it is until the function returns.
  // Whatever has a name, be it a file or not: a link in the place of a file must not pass for nothing at all.
  Outcome list() const;
  // A regular file has the name: no link, no folder.
  bool is_file(const std::string& name) const;
  Outcome read(const std::string& name, std::uint64_t offset, std::uint64_t length);
  Outcome write(const std::string& name, std::uint64_t offset, std::string_view bytes);
  Outcome write_synced(const std::string& name, std::uint64_t offset, std::string_view bytes);
  Outcome truncate(const std::string& name, std::uint64_t size);
  Outcome sync(const std::string& name);
  Outcome rename(const std::string& name, const std::string& new_name);
  Outcome link(const std::string& name, const std::string& new_name);
  Outcome remove(const std::string& name);
  Outcome sync_directory() const;

  // Excludes all other processes from the directory for the life of this object. Gives false if another has it.
  bool lock();
  // The server's own small files (hidden). Written whole, durably, or not at all. Throws std::system_error, and
  // std::runtime_error where no regular file has the name but something else.
  std::optional<std::string> read_hidden(const std::string& name) const;  // nothing if there is none
  void write_hidden(const std::string& name, std::string_view bytes);
  // The same, unless the file is there already, and safe against others that do so at the same time.
  void write_hidden_once(const std::string& name, std::string_view bytes);

  // From now on the directory is to hold this hidden file as it is. To be called before it is used by several threads.
  void hold_to(const std::string& name, std::string bytes);
  // Whether it does: ok, or why nothing may be done in it.
  Outcome recognize() const;

  const std::string& path() const { return path_; }
  // Everybody on this machine may put files into it, and take others away. Throws std::system_error.
  bool is_open_to_all() const;

 private:
  struct File {
    explicit File(int its_descriptor) : descriptor(its_descriptor) {}
    ~File();
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    const int descriptor;
  };
  using FilePtr = std::shared_ptr<const File>;

  Outcome failure(int error, bool reads) const;
  Outcome write(const File& file, std::uint64_t offset, std::string_view bytes) const;
  FilePtr open(const std::string& name, bool create, int& error);
  void forget(const std::string& name);
  void write_durably(const std::string& file, int flags, std::string_view bytes);

  std::string path_;
  Volume volume_;
  int descriptor_;
  int lock_descriptor_ = -1;
  std::string held_to_;  // a hidden file, or empty
  std::string held_to_bytes_;
  std::mutex mutex_;
  std::list<std::pair<std::string, FilePtr>> open_;  // the one used last first
};

}  // namespace smalldb::server
