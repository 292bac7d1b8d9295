#include "scenarios/lives/known_disk.h"

#include <algorithm>
#include <utility>

namespace smalldb::scenarios {

using effect::DiskVerb;

void KnownDisk::begin_life() {
  images_.assign(ends_.rbegin(), ends_.rend());
  if (images_.empty()) images_.push_back({.files = {}, .is_all = false});  // what was there before was not recorded
}

void KnownDisk::on_wanted(const effect::Disk& disk) {
  if (disk.verb != DiskVerb::write && disk.verb != DiskVerb::write_synced) return;
  for (Image& image : images_) write(image, disk);
}

std::uint64_t KnownDisk::on_done(const effect::Disk& disk, const DiskDone& done) {
  switch (disk.verb) {
    case DiskVerb::list:
      for (Image& image : images_) {
        if (std::exchange(image.is_all, true)) continue;
        for (const FileEntry& entry : *done.entries) image.files.try_emplace(entry.name);
      }
      return 0;
    case DiskVerb::rename:
    case DiskVerb::link:
      for (Image& image : images_) {
        const auto known = image.files.find(disk.name);
        if (known != image.files.end()) {
          image.files[disk.new_name] = known->second;
        } else if (!image.is_all) {
          image.files[disk.new_name] = nullptr;
        }
      }
      return 0;
    case DiskVerb::read: break;
    default: return 0;
  }
  const auto none = std::stable_partition(images_.begin(), images_.end(),
                                          [&](const Image& image) { return fits(image, disk, done.bytes); });
  if (none != images_.begin()) {
    images_.erase(none, images_.end());
    return 0;
  }
  ends_.clear();
  begin_life();
  return done.bytes.size();
}

void KnownDisk::on_left(const effect::Disk& disk) {
  if (disk.verb != DiskVerb::rename && disk.verb != DiskVerb::link) return;
  for (Image& image : images_) image.files[disk.new_name] = nullptr;
}

void KnownDisk::end_life() {
  if (!images_.empty()) ends_.push_back(std::move(images_.front()));
  images_.clear();
}

bool KnownDisk::fits(const Image& image, const effect::Disk& disk, const Bytes& read) {
  const auto known = image.files.find(disk.name);
  if (known == image.files.end()) return !image.is_all || read.size() == 0;
  if (!known->second) return true;
  const std::string& bytes = *known->second;
  return disk.offset <= bytes.size() && bytes.compare(disk.offset, read.size(), read.view()) == 0;
}

void KnownDisk::write(Image& image, const effect::Disk& disk) {
  auto known = image.files.find(disk.name);
  if (known == image.files.end()) {
    if (!image.is_all && disk.offset > 0) return;
    known = image.files.emplace(disk.name, std::make_shared<std::string>()).first;
  }
  File& file = known->second;
  if (!file) return;
  if (file.use_count() > 1) file = std::make_shared<std::string>(*file);
  const std::size_t end = disk.offset + disk.bytes.size();
  if (file->size() < end) file->resize(end);
  file->replace(disk.offset, disk.bytes.size(), disk.bytes.view());
}

}  // namespace smalldb::scenarios
