// What values are made of, on a key that is appended to: each begins with what was put, or with what was there at
// first, and goes on with what was appended to that. It can be told from the bytes of a value if there is but one way
// to cut it into such parts. Values that are written need not be of one length, nor end in a mark: `c1` and `c17` will
// do, unless something is read in which a 7 may be a part of its own.
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
  Parts(const History& history, const Steps& all);  // of these alone

  // Or else two appended the same, or nothing, or what another put.
  bool are_clear() const { return clear_; }

  struct Part {
    ValueId written{};      // the argument of a write, or what was there at first
    bool appended = false;  // by its write
    std::size_t end = 0;    // in the bytes of the value
  };
  struct Reading {
    std::span<const Part> parts;  // valid until the next
    std::size_t known = 0;        // so many of them were those of the reading before
    bool breaks_off = false;      // what comes behind them was not written by anybody
    bool is_ambiguous = false;    // these are one way to cut it of several
  };
  // REQUIRES: clear; not absent.
  Reading read(ValueId value);

 private:
  // What is written; no_value: the place is free.
  struct Word {
    ValueId written = no_value;
    bool appended = false;
    bool took_effect = false;
  };
  // In the bytes of a value: how often a part may end there, and the last such part.
  enum class Ways : std::uint8_t { none, one, more };
  struct Place {
    Ways ways = Ways::none;
    bool appended = false;
    ValueId written{};
    std::size_t begin = 0;
  };

  void add(ValueId written, bool appended, bool took_effect);
  void add_initial(ValueId initial);
  std::size_t slot(std::string_view bytes, std::uint64_t hash) const;
  void reach(std::string_view text, std::size_t known);
  void follow(std::size_t begin, std::size_t known);
  std::size_t trace(std::size_t end, std::size_t known);

  const History& history_;
  bool clear_ = true;
  std::vector<Word> words_;             // open addressing; a power of two, at most half full
  std::vector<bool> is_length_{false};  // of a word
  std::string_view text_;               // what was read last
  std::vector<Place> places_;           // of that, by the bytes before them
  std::vector<Part> parts_;             // likewise
};

}  // namespace smalldb::checker
