#include "server/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "server/secret.h"

namespace smalldb::server {
namespace {

constexpr std::string_view hidden_prefix = "server.";
constexpr mode_t file_mode = 0640;
// A write of so many bytes is a piece of a checkpoint or a snapshot: others follow, and then one sync.
constexpr std::size_t piece_size_min = 64 * 1024;

// pwrite until all is written. An error number, or 0.
int write_all(int descriptor, std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return 0;
}

[[noreturn]] void refuse_what_is_no_file(const std::string& path) {
  throw std::runtime_error(path + " is a link or a folder: put the file itself in its place");
}

}  // namespace

bool is_full_disk(int error) { return error == ENOSPC || error == EDQUOT || error == EFBIG; }

bool Directory::is_hidden(std::string_view name) { return name.starts_with(hidden_prefix); }

Directory::File::~File() { ::close(descriptor); }

Directory::Directory(std::string path, Volume volume)
    : path_(std::move(path)), volume_(volume), descriptor_(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), path_);
}

Directory::~Directory() {
  if (lock_descriptor_ >= 0) ::close(lock_descriptor_);
  ::close(descriptor_);
}

// What an error means to a machine. S11: after a failed write or sync nobody knows what is on the disk.
Directory::Outcome Directory::failure(int error, bool reads) const {
  Outcome outcome;
  outcome.error = error;
  if (error == ENOENT) {
    outcome.status = DiskStatus::not_found;
  } else if (error == EEXIST) {
    outcome.status = DiskStatus::exists;
  } else if (is_full_disk(error)) {
    outcome.status = reads ? DiskStatus::failed : DiskStatus::no_space;
  } else {
    outcome.status = volume_ == Volume::shared ? DiskStatus::unreachable : DiskStatus::failed;
  }
  return outcome;
}

// ---- Open files: the log is written to again and again -----------------------------------------------------------

Directory::FilePtr Directory::open(const std::string& name, bool create, int& error) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(open_.begin(), open_.end(), [&](const auto& each) { return each.first == name; });
    if (found != open_.end()) {
      open_.splice(open_.begin(), open_, found);
      return found->second;
    }
  }
  const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0);
  const int descriptor = openat(descriptor_, name.c_str(), flags, file_mode);
  if (descriptor < 0) {
    error = errno;
    return nullptr;
  }
  FilePtr file = std::make_shared<const File>(descriptor);
  const std::lock_guard lock(mutex_);
  open_.emplace_front(name, file);
  if (open_.size() > open_files_max) open_.pop_back();
  return file;
}

void Directory::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  open_.remove_if([&](const auto& each) { return each.first == name; });
}

// ---- The operations ----------------------------------------------------------------------------------------------

Directory::Outcome Directory::list() const {
  const int descriptor = openat(descriptor_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* const stream = descriptor < 0 ? nullptr : fdopendir(descriptor);
  if (stream == nullptr) return failure(errno, true);
  std::vector<FileEntry> entries;
  errno = 0;
  while (const dirent* const entry = readdir(stream)) {
    struct stat about {};
    const std::string name = entry->d_name;
    if (fstatat(descriptor_, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) continue;
    const bool is_itself_or_above = name == "." || name == "..";
    if (!is_itself_or_above && !is_hidden(name)) entries.push_back({name, static_cast<std::uint64_t>(about.st_size)});
    errno = 0;
  }
  const int error = errno;
  closedir(stream);
  if (error != 0) return failure(error, true);
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return {DiskStatus::ok, 0, {}, std::make_shared<const std::vector<FileEntry>>(std::move(entries))};
}

bool Directory::is_file(const std::string& name) const {
  struct stat about {};
  return fstatat(descriptor_, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(about.st_mode);
}

Directory::Outcome Directory::read(const std::string& name, std::uint64_t offset, std::uint64_t length) {
  int error = 0;
  const FilePtr file = open(name, false, error);
  if (!file) return failure(error, true);
  struct stat about {};
  if (fstat(file->descriptor, &about) != 0) return failure(errno, true);
  const auto size = static_cast<std::uint64_t>(about.st_size);
  const std::uint64_t there = offset < size ? std::min(length, size - offset) : 0;
  Bytes bytes = Bytes::build(there, [&](char* to) {
    for (std::uint64_t done = 0; done < there && error == 0;) {
      const ssize_t got = pread(file->descriptor, to + done, there - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) error = got < 0 ? errno : EIO;
      done += static_cast<std::uint64_t>(std::max<ssize_t>(got, 0));
    }
  });
  if (error != 0) return failure(error, true);
  return {DiskStatus::ok, 0, std::move(bytes), nullptr};
}

// A large file's way to the disk begins with its first piece: the sync at its end would otherwise keep the disk busy
// for a tenth of a second and more, and the log's with it.
Directory::Outcome Directory::write(const std::string& name, std::uint64_t offset, std::string_view bytes) {
  int error = 0;
  const FilePtr file = open(name, true, error);
  if (!file) return failure(error, false);
  Outcome written = write(*file, offset, bytes);
  if (written.status == DiskStatus::ok && bytes.size() >= piece_size_min) {
    // A mere hint: what cannot be begun now is done by the sync.
    sync_file_range(file->descriptor, static_cast<off_t>(offset), static_cast<off_t>(bytes.size()),
                    SYNC_FILE_RANGE_WRITE);
  }
  return written;
}

Directory::Outcome Directory::write_synced(const std::string& name, std::uint64_t offset, std::string_view bytes) {
  int error = 0;
  const FilePtr file = open(name, true, error);
  if (!file) return failure(error, false);
  Outcome written = write(*file, offset, bytes);
  return written.status == DiskStatus::ok ? sync(name) : written;
}

// no_space promises that nothing of the write took effect: what it added to the file is taken off again.
Directory::Outcome Directory::write(const File& file, std::uint64_t offset, std::string_view bytes) const {
  struct stat before {};
  if (fstat(file.descriptor, &before) != 0) return failure(errno, false);
  const int error = write_all(file.descriptor, offset, bytes);
  if (error == 0) return {};
  Outcome outcome = failure(error, false);
  const bool only_adds = offset >= static_cast<std::uint64_t>(before.st_size);
  const bool undone = only_adds && ftruncate(file.descriptor, before.st_size) == 0;
  if (outcome.status == DiskStatus::no_space && !undone) outcome.status = DiskStatus::failed;
  return outcome;
}

Directory::Outcome Directory::truncate(const std::string& name, std::uint64_t size) {
  int error = 0;
  const FilePtr file = open(name, false, error);
  if (!file) return failure(error, false);
  return ftruncate(file->descriptor, static_cast<off_t>(size)) == 0 ? Outcome{} : failure(errno, false);
}

// A sync that finds no room (a disk that allocates late) has lost what was written: not no_space, but failed.
Directory::Outcome Directory::sync(const std::string& name) {
  int error = 0;
  const FilePtr file = open(name, false, error);
  if (!file) return failure(error, false);
  if (fdatasync(file->descriptor) == 0) return {};
  Outcome outcome = failure(errno, false);
  if (outcome.status == DiskStatus::no_space) outcome.status = DiskStatus::failed;
  return outcome;
}

Directory::Outcome Directory::rename(const std::string& name, const std::string& new_name) {
  forget(name);
  forget(new_name);
  const int result = renameat(descriptor_, name.c_str(), descriptor_, new_name.c_str());
  return result == 0 ? Outcome{} : failure(errno, false);
}

Directory::Outcome Directory::link(const std::string& name, const std::string& new_name) {
  const int result = linkat(descriptor_, name.c_str(), descriptor_, new_name.c_str(), 0);
  return result == 0 ? Outcome{} : failure(errno, false);
}

Directory::Outcome Directory::remove(const std::string& name) {
  forget(name);
  return unlinkat(descriptor_, name.c_str(), 0) == 0 ? Outcome{} : failure(errno, false);
}

Directory::Outcome Directory::sync_directory() const {
  return fsync(descriptor_) == 0 ? Outcome{} : failure(errno, false);
}

bool Directory::is_open_to_all() const {
  struct stat about {};
  if (fstat(descriptor_, &about) != 0) throw std::system_error(errno, std::generic_category(), path_);
  return (about.st_mode & S_IWOTH) != 0;
}

// ---- The server's own files --------------------------------------------------------------------------------------

bool Directory::lock() {
  const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
  const std::string file = std::string(hidden_prefix) + "lock";
  lock_descriptor_ = openat(descriptor_, file.c_str(), flags, file_mode);
  if (lock_descriptor_ < 0 && (errno == EISDIR || errno == ELOOP)) refuse_what_is_no_file(path_ + "/" + file);
  if (lock_descriptor_ < 0) throw std::system_error(errno, std::generic_category(), path_ + "/" + file);
  if (flock(lock_descriptor_, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  throw std::system_error(errno, std::generic_category(), path_);
}

std::optional<std::string> Directory::read_hidden(const std::string& name) const {
  const std::string file = std::string(hidden_prefix) + name;
  const int descriptor = openat(descriptor_, file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0 && errno == ENOENT) return std::nullopt;
  if (descriptor < 0 && errno == ELOOP) refuse_what_is_no_file(path_ + "/" + file);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), path_ + "/" + file);
  const File open_file(descriptor);
  struct stat about {};
  if (fstat(descriptor, &about) == 0 && !S_ISREG(about.st_mode)) refuse_what_is_no_file(path_ + "/" + file);
  std::string bytes(64 * 1024, '\0');
  const ssize_t got = ::read(descriptor, bytes.data(), bytes.size());
  if (got < 0) throw std::system_error(errno, std::generic_category(), path_ + "/" + file);
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

void Directory::write_durably(const std::string& file, int flags, std::string_view bytes) {
  const auto check = [&](bool good) {
    if (!good) throw std::system_error(errno, std::generic_category(), path_ + "/" + file);
  };
  const int descriptor =
      openat(descriptor_, file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, file_mode);
  check(descriptor >= 0);
  const File open_file(descriptor);
  errno = write_all(descriptor, 0, bytes);
  check(errno == 0 && fsync(descriptor) == 0);
}

void Directory::write_hidden(const std::string& name, std::string_view bytes) {
  const std::string file = std::string(hidden_prefix) + name;
  const std::string temporary = file + ".new";
  write_durably(temporary, O_TRUNC, bytes);
  if (renameat(descriptor_, temporary.c_str(), descriptor_, file.c_str()) != 0 || fsync(descriptor_) != 0) {
    throw std::system_error(errno, std::generic_category(), path_ + "/" + file);
  }
}

// By a link, which is all or nothing on NFS too: an exclusive creation would leave an empty file if this process ended
// before it has written it.
void Directory::write_hidden_once(const std::string& name, std::string_view bytes) {
  const std::string file = std::string(hidden_prefix) + name;
  std::string temporary = file + ".";
  for (const char c : draw_nonce()) temporary += static_cast<char>('a' + static_cast<unsigned char>(c) % 26);
  write_durably(temporary, O_EXCL, bytes);
  const bool linked = linkat(descriptor_, temporary.c_str(), descriptor_, file.c_str(), 0) == 0 || errno == EEXIST;
  const int error = linked ? 0 : errno;
  unlinkat(descriptor_, temporary.c_str(), 0);
  if (!linked) throw std::system_error(error, std::generic_category(), path_ + "/" + file);
  if (fsync(descriptor_) != 0) throw std::system_error(errno, std::generic_category(), path_);
}

void Directory::hold_to(const std::string& name, std::string bytes) {
  held_to_ = name;
  held_to_bytes_ = std::move(bytes);
}

Directory::Outcome Directory::recognize() const {
  if (held_to_.empty()) return {};
  try {
    return read_hidden(held_to_) == held_to_bytes_ ? Outcome{} : failure(ESTALE, true);
  } catch (const std::system_error& error) {
    return failure(error.code().value(), true);
  } catch (const std::runtime_error&) {
    return failure(ESTALE, true);
  }
}

}  // namespace smalldb::server
