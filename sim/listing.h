// What an event disk_listed carries: the names of the files, each ended by a zero byte.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "model/bytes.h"
#include "model/machine.h"

namespace smalldb::sim {

inline Bytes encode_listing(const std::vector<FileEntry>& files) {
  std::string names;
  for (const FileEntry& file : files) {
    names += file.name;
    names += '\0';
  }
  return Bytes::copy(names);
}

// Views into `listing`.
inline std::vector<std::string_view> decode_listing(std::string_view listing) {
  std::vector<std::string_view> names;
  while (!listing.empty()) {
    names.push_back(listing.substr(0, listing.find('\0')));
    listing.remove_prefix(std::min(names.back().size() + 1, listing.size()));
  }
  return names;
}

}  // namespace smalldb::sim
