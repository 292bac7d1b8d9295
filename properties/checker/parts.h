// What values are made of, on a key that is appended to: each begins with what was put, or with what was there at
// first, and goes on with what was appended to that. It can be told from the bytes if what one operation writes never
// begins what another writes: then there is but one way to cut a value into parts (a prefix code).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "properties/checker/engines.h"
#include "properties/checker/history.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {

class Parts {
 public:
  explicit Parts(const KeyTask& task);

  // Or else values may be read in more than one way, or two writes wrote the same.
  bool are_clear() const { return clear_; }

  struct Part {
    ValueId written{};      // the argument of a write, or what was there at first
    bool appended = false;  // by its write
    std::size_t end = 0;    // in the bytes of the value
  };
  struct Reading {
    std::span<const Part> parts;  // valid until the next
    std::size_t known = 0;        // so many of them have come in a reading before, one after the other
    bool breaks_off = false;      // what comes behind them was not written by anybody
  };
  // REQUIRES: clear; not absent.
  Reading read(ValueId value);

 private:
  void add(ValueId written, bool appended, bool took_effect);
  bool begins_with_another(std::string_view bytes) const;
  // The one whose bytes `text` begins with; nothing if there is none.
  struct Word {
    ValueId written = no_value;
    bool appended = false;
    bool took_effect = false;
  };
  const Word* find(std::string_view text) const;
  std::size_t slot(std::string_view bytes, std::uint64_t hash) const;

  const History& history_;
  bool clear_ = true;
  std::vector<Word> words_;      // open addressing; a power of two, at most half full
  std::vector<bool> is_length_;  // of a word
  std::string_view last_;        // the bytes of `parts_`
  std::vector<Part> parts_;
};

}  // namespace smalldb::checker
