// What can stand on the disk of a process whose recorded lives are gone through: what they wrote, and no more. What is
// read besides was written by a life that is missing, or by the rest of one whose recording was cut.
//
// Less is no surprise: a write that nobody heard of may not have happened, power fails, and an older copy of the
// directory, as of the end of an earlier life, may have been put back, or an empty one. So what is removed or cut off
// is kept here as well, and there are several images of the disk, one for the end of each earlier life, of which those
// fall out that do not fit what is read.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/machine.h"

namespace smalldb::scenarios {

class KnownDisk {
 public:
  void begin_life();
  // Only operations on the process's own volume.
  void on_wanted(const effect::Disk& disk);
  // REQUIRES: done.status is ok. The bytes that were read and that no recorded life wrote.
  std::uint64_t on_done(const effect::Disk& disk, const DiskDone& done);
  // It ended while it was being done: nobody knows whether it was.
  void on_left(const effect::Disk& disk);
  void end_life();

 private:
  // Null for a file of which nothing is known, and that holds anything.
  using File = std::shared_ptr<std::string>;
  struct Image {
    std::map<std::string, File> files;
    bool is_all = true;  // other files hold nothing; if not, they hold anything
  };

  static bool fits(const Image& image, const effect::Disk& disk, const Bytes& read);
  static void write(Image& image, const effect::Disk& disk);

  std::vector<Image> ends_;    // of earlier lives
  std::vector<Image> images_;  // that fit what the present life has read, the latest first
};

}  // namespace smalldb::scenarios
