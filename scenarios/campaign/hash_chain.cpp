#include "scenarios/campaign/hash_chain.h"

#include <algorithm>
#include <array>

namespace smalldb::scenarios {
namespace {

constexpr std::size_t digits = 4;
constexpr std::size_t entries_a_line = 28;
constexpr std::string_view hexadecimal = "0123456789abcdef";

}  // namespace

void HashChain::add(std::uint64_t hash) {
  ++calls_;
  last_ = hash;
  if (calls_ % every_ != 0) return;
  entries_.push_back(static_cast<std::uint16_t>(hash >> 48));
  if (entries_.size() > entries_max) *this = thinned(2 * every_);
}

// REQUIRES: `every` is a multiple of every_.
HashChain HashChain::thinned(std::uint64_t every) const {
  HashChain thin = *this;
  thin.every_ = every;
  thin.entries_.clear();
  const std::size_t step = every / every_;
  for (std::size_t i = step; i <= entries_.size(); i += step) thin.entries_.push_back(entries_[i - 1]);
  return thin;
}

std::optional<HashChain::Fork> HashChain::fork(const HashChain& one, const HashChain& other) {
  // Both are powers of two.
  const std::uint64_t every = std::max(one.every_, other.every_);
  const HashChain a = one.thinned(every), b = other.thinned(every);
  const std::size_t both = std::min(a.entries_.size(), b.entries_.size());
  for (std::size_t i = 0; i < both; ++i) {
    if (a.entries_[i] != b.entries_[i]) return Fork{i * every, (i + 1) * every};
  }
  if (one.calls_ == other.calls_ && one.last_ == other.last_) return std::nullopt;
  return Fork{both * every, std::max(one.calls_, other.calls_)};
}

std::vector<std::string> HashChain::lines() const {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (i % entries_a_line == 0) lines.emplace_back();
    for (int shift = 12; shift >= 0; shift -= 4) lines.back() += hexadecimal[entries_[i] >> shift & 0xf];
  }
  return lines;
}

std::optional<HashChain> HashChain::read(std::uint64_t calls, std::uint64_t last, std::uint64_t every,
                                         const std::vector<std::string>& lines) {
  HashChain chain;
  chain.calls_ = calls;
  chain.last_ = last;
  chain.every_ = every;
  if (every == 0 || (every & (every - 1)) != 0) return std::nullopt;
  for (const std::string& line : lines) {
    if (line.size() % digits != 0) return std::nullopt;
    for (std::size_t at = 0; at < line.size(); at += digits) {
      std::uint32_t entry = 0;
      for (const char c : line.substr(at, digits)) {
        const std::size_t digit = hexadecimal.find(c);
        if (digit == hexadecimal.npos) return std::nullopt;
        entry = entry << 4 | static_cast<std::uint32_t>(digit);
      }
      chain.entries_.push_back(static_cast<std::uint16_t>(entry));
    }
  }
  return chain.entries_.size() == calls / every ? std::optional(chain) : std::nullopt;
}

}  // namespace smalldb::scenarios
