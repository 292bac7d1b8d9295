// Immutable bytes that many may hold: the payload of messages, disk blocks and trace events.
//
// A `Bytes` is a view into a shared, reference-counted block (or, up to `inline_capacity` bytes, the bytes
// themselves), so that copying, slicing and keeping one costs nothing that grows with its length. That is what lets a
// world be copied, and a stream deliver a message in pieces, without copying a payload.
//
// The count is not atomic: a block and all its views belong to one thread. To hand bytes to another thread, copy them
// (`Bytes::copy(bytes.view())`).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace smalldb {

class Bytes {
 public:
  static constexpr std::size_t inline_capacity = 16;

  Bytes() noexcept : size_(0), offset_(0), inline_{} {}
  Bytes(const Bytes& other) noexcept;
  Bytes(Bytes&& other) noexcept;
  Bytes& operator=(const Bytes& other) noexcept;
  Bytes& operator=(Bytes&& other) noexcept;
  ~Bytes();

  // A block of its own with the same bytes as `view`. REQUIRES: shorter than 4 GiB.
  static Bytes copy(std::string_view view);

  // The same bytes as the parts have, one after the other. REQUIRES: shorter than 4 GiB together.
  static Bytes join(std::span<const Bytes> parts);

  // A block of `size` bytes that `fill(char*)` writes before anybody can see it.
  template <class Fill>
  static Bytes build(std::size_t size, Fill&& fill);

  std::string_view view() const noexcept { return {data(), size_}; }
  const char* data() const noexcept { return size_ <= inline_capacity ? inline_ : block_->bytes() + offset_; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  std::string string() const { return std::string(view()); }

  // The `length` bytes from `offset` on, sharing the block. REQUIRES: offset + length <= size().
  Bytes slice(std::size_t offset, std::size_t length) const;
  // The same bytes as `part` has, to be kept for long: shares the block if they are most of it, and is a copy
  // otherwise, so that what is kept does not keep alive much more than itself. REQUIRES: `part` is empty, or of view().
  Bytes excerpt(std::string_view part) const;

  // Empty again.
  void clear() noexcept {
    release();
    size_ = 0;
  }

  // Takes `next` in, if it lies right behind these bytes in their block; whether it does.
  bool extend(const Bytes& next) noexcept;

  friend bool operator==(const Bytes& a, const Bytes& b) noexcept { return a.view() == b.view(); }
  friend auto operator<=>(const Bytes& a, const Bytes& b) noexcept { return a.view() <=> b.view(); }

 private:
  struct Block {
    std::uint32_t references;
    std::uint32_t size;
    char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
    const char* bytes() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  };

  static Block* allocate(std::size_t size);
  void release() noexcept;
  void take(const Bytes& other) noexcept;
  bool shared() const noexcept { return size_ > inline_capacity; }

  std::uint32_t size_;
  std::uint32_t offset_;
  union {
    char inline_[inline_capacity];
    Block* block_;
  };
};

inline Bytes::Bytes(const Bytes& other) noexcept : size_(other.size_), offset_(other.offset_) {
  std::memcpy(inline_, other.inline_, inline_capacity);
  if (shared()) ++block_->references;
}

inline Bytes::Bytes(Bytes&& other) noexcept : size_(other.size_), offset_(other.offset_) {
  std::memcpy(inline_, other.inline_, inline_capacity);
  other.size_ = 0;
}

inline Bytes& Bytes::operator=(const Bytes& other) noexcept {
  if (other.shared()) ++other.block_->references;  // first: it may be this one
  release();
  take(other);
  return *this;
}

inline Bytes& Bytes::operator=(Bytes&& other) noexcept {
  if (this == &other) return *this;
  release();
  take(other);
  other.size_ = 0;
  return *this;
}

// What the other says, not counted.
inline void Bytes::take(const Bytes& other) noexcept {
  const std::uint32_t size = other.size_;
  const std::uint32_t offset = other.offset_;
  std::memmove(inline_, other.inline_, inline_capacity);
  size_ = size;
  offset_ = offset;
}

inline Bytes::~Bytes() { release(); }

inline void Bytes::release() noexcept {
  if (shared() && --block_->references == 0) ::operator delete(block_);
}

inline Bytes::Block* Bytes::allocate(std::size_t size) {
  return ::new (::operator new(sizeof(Block) + size)) Block{1, static_cast<std::uint32_t>(size)};
}

template <class Fill>
Bytes Bytes::build(std::size_t size, Fill&& fill) {
  Bytes bytes;
  bytes.size_ = static_cast<std::uint32_t>(size);
  if (size <= inline_capacity) {
    fill(bytes.inline_);
  } else {
    bytes.block_ = allocate(size);
    fill(bytes.block_->bytes());
  }
  return bytes;
}

inline Bytes Bytes::copy(std::string_view view) {
  return build(view.size(), [view](char* to) {
    if (!view.empty()) std::memcpy(to, view.data(), view.size());
  });
}

inline Bytes Bytes::join(std::span<const Bytes> parts) {
  std::size_t size = 0;
  for (const Bytes& part : parts) size += part.size();
  return build(size, [parts](char* to) {
    for (const Bytes& part : parts) {
      std::memcpy(to, part.data(), part.size());
      to += part.size();
    }
  });
}

inline Bytes Bytes::slice(std::size_t offset, std::size_t length) const {
  if (length <= inline_capacity) return copy(view().substr(offset, length));
  Bytes part(*this);
  part.offset_ += static_cast<std::uint32_t>(offset);
  part.size_ = static_cast<std::uint32_t>(length);
  return part;
}

inline Bytes Bytes::excerpt(std::string_view part) const {
  const bool is_most = part.size() > inline_capacity && block_->size - part.size() <= part.size() / 8;
  return is_most ? slice(static_cast<std::size_t>(part.data() - data()), part.size()) : copy(part);
}

inline bool Bytes::extend(const Bytes& next) noexcept {
  if (!shared() || !next.shared() || block_ != next.block_ || offset_ + size_ != next.offset_) return false;
  size_ += next.size_;
  return true;
}

}  // namespace smalldb
