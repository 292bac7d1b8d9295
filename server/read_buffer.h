// Bytes that have been read and not been used yet, with room behind them to read more.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace smalldb::server {

class ReadBuffer {
 public:
  std::string_view view() const { return {bytes_.get(), size_}; }
  bool empty() const { return size_ == 0; }

  // Where the next `size` bytes can be read to. They do not count before add() says so. Good until the next change.
  char* room(std::size_t size) {
    if (capacity_ - size_ < size) {
      const std::size_t capacity = std::max(2 * capacity_, size_ + size);
      auto larger = std::make_unique_for_overwrite<char[]>(capacity);
      if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
      bytes_ = std::move(larger);
      capacity_ = capacity;
    }
    return bytes_.get() + size_;
  }
  void add(std::size_t size) { size_ += size; }

  // Drops all but the last `rest` bytes. Much room is given back when there is nothing in it.
  void keep(std::size_t rest) {
    if (rest > 0 && rest < size_) std::memmove(bytes_.get(), bytes_.get() + (size_ - rest), rest);
    size_ = rest;
    if (size_ > 0 || capacity_ <= kept_capacity) return;
    bytes_.reset();
    capacity_ = 0;
  }

 private:
  static constexpr std::size_t kept_capacity = 64 * 1024;

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace smalldb::server
