// The contents of a file: bytes that copy in no time and are copied for real only where they are written.
//
// Blocks are shared between copies and counted; the count is not atomic (one world and its copies, one thread).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "model/bytes.h"

namespace smalldb::sim {

class Blocks {
 public:
  static constexpr std::uint64_t block_size = 4096;

  // Writes at `offset`; what lies between the end and there was never written and reads as zeros.
  void write(std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
      const std::uint64_t within = offset % block_size;
      const std::size_t length = std::min<std::size_t>(bytes.size(), block_size - within);
      std::memcpy(own(offset / block_size) + within, bytes.data(), length);
      bytes.remove_prefix(length);
      offset += length;
    }
  }

  // Fills `to` with the `length` bytes from `offset` on.
  void read(std::uint64_t offset, std::uint64_t length, char* to) const {
    while (length > 0) {
      const std::uint64_t within = offset % block_size;
      const std::size_t piece = std::min<std::size_t>(length, block_size - within);
      const std::uint64_t number = offset / block_size;
      if (number < blocks_.size() && blocks_[number]) {
        std::memcpy(to, blocks_[number].bytes() + within, piece);
      } else {
        std::memset(to, 0, piece);
      }
      to += piece;
      offset += piece;
      length -= piece;
    }
  }

  Bytes read(std::uint64_t offset, std::uint64_t length) const {
    return Bytes::build(length, [&](char* to) { read(offset, length, to); });
  }

  // Everything from `size` on reads as zeros.
  void cut(std::uint64_t size) {
    const std::uint64_t whole = (size + block_size - 1) / block_size;
    if (whole < blocks_.size()) blocks_.resize(whole);
    if (size % block_size != 0 && size / block_size < blocks_.size() && blocks_[size / block_size]) {
      std::memset(own(size / block_size) + size % block_size, 0, block_size - size % block_size);
    }
  }

 private:
  // A counted pointer to a block, or to none: all zeros.
  class Pointer {
   public:
    Pointer() = default;
    Pointer(const Pointer& other) : block_(other.block_) {
      if (block_) ++block_->holders;
    }
    Pointer(Pointer&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    Pointer& operator=(Pointer other) noexcept {
      std::swap(block_, other.block_);
      return *this;
    }
    ~Pointer() {
      if (block_ && --block_->holders == 0) delete block_;
    }

    explicit operator bool() const { return block_ != nullptr; }
    const char* bytes() const { return block_->bytes.data(); }
    // For writing: a block that nobody else holds.
    char* own() {
      if (!block_) {
        block_ = new Block{1, {}};
      } else if (block_->holders > 1) {
        --block_->holders;
        block_ = new Block{1, block_->bytes};
      }
      return block_->bytes.data();
    }

   private:
    struct Block {
      std::uint32_t holders;
      std::array<char, block_size> bytes;
    };
    Block* block_ = nullptr;
  };

  char* own(std::uint64_t number) {
    if (number >= blocks_.size()) blocks_.resize(number + 1);
    return blocks_[number].own();
  }

  std::vector<Pointer> blocks_;
};

}  // namespace smalldb::sim
