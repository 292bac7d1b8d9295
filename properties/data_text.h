// Keys, values and names of others as a person reads them in a sentence or a row: whole where they are short, else cut,
// with the size.
//
//     17   "two words"   0x00ff   {"user":"alice",...:100} (31 bytes)   c1.20... (52 bytes)
//
// 1. It is one line of printable characters.
// 2. Of strings that are told together no two different ones have the same text: what is cut is cut where they agree.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace smalldb::properties {

struct TextLimit {
  std::size_t bytes = 40;  // of a text, without quotes; more only where it takes more to tell two strings apart
  bool tells_size = true;  // of what is cut; or else only where two differ in nothing else that is shown
};

// The texts of strings that are told together.
class DataTexts {
 public:
  DataTexts() = default;
  // REQUIRES: the strings outlive it.
  explicit DataTexts(std::vector<std::string_view> told_together, TextLimit limit = {});

  // One that is not among them is told by itself.
  std::string of(std::string_view bytes) const;

 private:
  TextLimit limit_;
  std::map<std::string_view, std::string> texts_;  // of those that are cut
};

// By itself.
std::string data_text(std::string_view bytes);
// All of it: as it is, quoted or hexadecimal.
std::string whole_data_text(std::string_view bytes);

}  // namespace smalldb::properties
