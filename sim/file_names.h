// Numbers for the names of files: strings are for the edge, numbers for everything within.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "model/bytes.h"
#include "sim/trace.h"

namespace smalldb::sim {

class FileNames {
 public:
  // The number of `name`, given on first use.
  FileId number(std::string_view name) {
    if (last_ < names_.size() && names_[last_].view() == name) return FileId{last_};
    const auto place = find(name);
    if (place == by_name_.end() || names_[*place].view() != name) {
      last_ = static_cast<std::uint32_t>(names_.size());
      names_.push_back(Bytes::copy(name));
      by_name_.insert(place, last_);
    } else {
      last_ = *place;
    }
    return FileId{last_};
  }

  // The number of `name`, no_file if it was never used.
  FileId known(std::string_view name) const {
    const auto place = find(name);
    return place != by_name_.end() && names_[*place].view() == name ? FileId{*place} : no_file;
  }

  std::string_view name(FileId file) const {
    return file == no_file ? std::string_view() : names_[static_cast<std::size_t>(file)].view();
  }

 private:
  std::vector<std::uint32_t>::const_iterator find(std::string_view name) const {
    return std::lower_bound(
        by_name_.begin(), by_name_.end(), name,
        [this](std::uint32_t number, std::string_view wanted) { return names_[number].view() < wanted; });
  }

  std::vector<Bytes> names_;            // by number
  std::vector<std::uint32_t> by_name_;  // numbers in the order of the names
  std::uint32_t last_ = 0;              // asked for last: most are asked for many times in a row
};

}  // namespace smalldb::sim
