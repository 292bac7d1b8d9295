// What the tests of this folder share.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "properties/checker/formats/reader.h"

namespace smalldb::checker {

inline Read read_text(std::string_view text, Format format = Format::automatic) {
  Text source(text);
  return read(source, {format, {}});
}

// REQUIRES: it is one.
inline History history_of(std::string_view text, Format format = Format::automatic) {
  Read read = read_text(text, format);
  if (const auto* malformed = std::get_if<Malformed>(&read)) {
    FAIL("line " << malformed->line << ", column " << malformed->column << ": found " << malformed->found
                 << ", expected " << malformed->expected);
  }
  return std::get<History>(std::move(read));
}

// "line:column: found ..., expected ..."; "good" if it is a history.
inline std::string refusal(std::string_view text, Format format = Format::automatic) {
  const Read read = read_text(text, format);
  const auto* malformed = std::get_if<Malformed>(&read);
  if (malformed == nullptr) return "good";
  return std::to_string(malformed->line) + ":" + std::to_string(malformed->column) + ": found " + malformed->found +
         ", expected " + malformed->expected;
}

}  // namespace smalldb::checker
