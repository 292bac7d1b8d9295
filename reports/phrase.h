// What is said of operations, with the keys, values and names of others in it kept as they are: who writes it down says
// how long they may get.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "properties/data_text.h"

namespace smalldb::reports {

class Phrase {
 public:
  Phrase() = default;
  Phrase(std::string_view words) : bytes_(words) {}
  Phrase(const std::string& words) : bytes_(words) {}
  Phrase(const char* words) : bytes_(words) {}
  // A key, a value or a name.
  static Phrase data(std::string_view bytes);

  Phrase& operator+=(const Phrase& more);

  std::string text(const properties::DataTexts& texts) const;
  // With all bytes of all data.
  std::string whole() const;
  // Valid as long as the phrase.
  void add_data_to(std::vector<std::string_view>& data) const;

 private:
  struct Range {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  template <class TextOf>
  std::string written(const TextOf& text_of) const;

  std::string bytes_;
  std::vector<Range> data_;  // which of them are data, in order
};

// One after the other.
template <class... Parts>
Phrase said(const Parts&... parts) {
  Phrase phrase;
  ((phrase += parts), ...);
  return phrase;
}

// How phrases are written that are told together: so that no two different data of theirs read alike. It has several
// ways, from the longest to the shortest, and takes one that fits.
class Wording {
 public:
  static constexpr std::size_t ways = 5;
  static constexpr std::size_t way_of_names = 3;  // the longest that there is room for where names stand in a column

  // REQUIRES: who holds the bytes outlives it.
  explicit Wording(std::vector<std::string_view> data) : data_(std::move(data)) {}

  // Of data that is cut the size is told. Where no way has at most so many bytes, the end is left out.
  std::string sentence(const Phrase& phrase, std::size_t most = std::string::npos) const;
  // Without sizes, for columns.
  std::string row(const Phrase& phrase, std::size_t way) const;
  // In the longest way of at most so many bytes, if there is one.
  std::optional<std::string> row_within(const Phrase& phrase, std::size_t most) const;
  // Likewise; or else its end is left out.
  std::string row_fitted(const Phrase& phrase, std::size_t most) const;

 private:
  using Texts = std::array<std::optional<properties::DataTexts>, ways>;
  const properties::DataTexts& texts(Texts& all, std::size_t way, bool tells_size) const;

  std::vector<std::string_view> data_;
  mutable Texts sentence_texts_;  // made when they are first asked for
  mutable Texts row_texts_;
};

}  // namespace smalldb::reports
