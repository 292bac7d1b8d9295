// Little-endian integers and length-prefixed strings: the one way in which smalldb puts values into bytes.
//
// Every format (records, messages, files) is fixed by the order of calls to a writer, and read back by the same order
// of calls to `Reader`. A reader never reads past its end: it notes the failure, gives zeros from then on, and is asked
// once, with `complete()`, whether all that was read was there and nothing was left over.
//
// Where each value goes is a matter of the writer's sink: `Writer` appends to a string, `encode_exactly` measures first
// and then fills one block of just that size.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "model/bytes.h"

namespace smalldb {

// Sink: anything with append(const char*, std::size_t).
template <class Sink>
class BasicWriter {
 public:
  explicit BasicWriter(Sink& to) : to_(to) {}

  BasicWriter& u8(std::uint8_t value) { return integer(value); }
  BasicWriter& u32(std::uint32_t value) { return integer(value); }
  BasicWriter& u64(std::uint64_t value) { return integer(value); }
  BasicWriter& i64(std::int64_t value) { return u64(static_cast<std::uint64_t>(value)); }
  // A u32 length, then the bytes.
  BasicWriter& text(std::string_view value) {
    u32(static_cast<std::uint32_t>(value.size()));
    return raw(value);
  }
  BasicWriter& raw(std::string_view value) {
    to_.append(value.data(), value.size());
    return *this;
  }

 private:
  template <class Integer>
  BasicWriter& integer(Integer value) {
    char little_endian[sizeof value];
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(little_endian, &value, sizeof value);
    } else {
      for (std::size_t i = 0; i < sizeof value; ++i) little_endian[i] = static_cast<char>(value >> (8 * i));
    }
    to_.append(little_endian, sizeof value);
    return *this;
  }

  Sink& to_;
};

using Writer = BasicWriter<std::string>;

// Counts what would be written.
class SizeSink {
 public:
  void append(const char*, std::size_t size) { size_ += size; }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
};

// Writes to memory that is known to be large enough.
class MemorySink {
 public:
  explicit MemorySink(char* to) : to_(to) {}
  void append(const char* from, std::size_t size) {
    if (size != 0) std::memcpy(to_, from, size);
    to_ += size;
  }

 private:
  char* to_;
};

// The bytes that `write(writer)` writes, in one block of exactly their size. `write` takes any BasicWriter and is
// called twice: to measure, and to write.
template <class Write>
Bytes encode_exactly(Write&& write) {
  SizeSink measured;
  BasicWriter measure(measured);
  write(measure);
  return Bytes::build(measured.size(), [&write](char* to) {
    MemorySink sink(to);
    BasicWriter writer(sink);
    write(writer);
  });
}

class Reader {
 public:
  explicit Reader(std::string_view from) : rest_(from) {}

  std::uint8_t u8() { return integer<std::uint8_t>(); }
  std::uint32_t u32() { return integer<std::uint32_t>(); }
  std::uint64_t u64() { return integer<std::uint64_t>(); }
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  // A view into what is being read.
  std::string_view text() { return raw(u32()); }
  std::string_view raw(std::size_t size) {
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  // What was read makes no sense: from now on as if the end had been passed.
  void fail() {
    failed_ = true;
    rest_ = {};
  }

  std::string_view rest() const { return rest_; }
  bool failed() const { return failed_; }
  bool complete() const { return !failed_ && rest_.empty(); }

 private:
  template <class Integer>
  Integer integer() {
    const std::string_view taken = raw(sizeof(Integer));
    Integer value = 0;
    if (taken.empty()) return value;
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(&value, taken.data(), sizeof value);
    } else {
      for (std::size_t i = 0; i < sizeof value; ++i) {
        value = static_cast<Integer>(value | Integer{static_cast<unsigned char>(taken[i])} << (8 * i));
      }
    }
    return value;
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace smalldb
