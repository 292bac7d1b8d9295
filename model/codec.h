// Little-endian integers and length-prefixed strings: the one way in which smalldb puts values into bytes.
//
// Every format (records, messages, files) is fixed by the order of calls to `Writer`, and read back by the same order of
// calls to `Reader`. A reader never reads past its end: it notes the failure, gives zeros from then on, and is asked once,
// with `complete()`, whether all that was read was there and nothing was left over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace smalldb {

class Writer {
 public:
  explicit Writer(std::string& to) : to_(to) {}

  Writer& u8(std::uint8_t value) { return integer(value, 1); }
  Writer& u32(std::uint32_t value) { return integer(value, 4); }
  Writer& u64(std::uint64_t value) { return integer(value, 8); }
  Writer& i64(std::int64_t value) { return u64(static_cast<std::uint64_t>(value)); }
  // A u32 length, then the bytes.
  Writer& text(std::string_view value) {
    u32(static_cast<std::uint32_t>(value.size()));
    to_.append(value);
    return *this;
  }

 private:
  Writer& integer(std::uint64_t value, int bytes) {
    char little_endian[8];
    for (int i = 0; i < bytes; ++i) little_endian[i] = static_cast<char>(value >> (8 * i));
    to_.append(little_endian, static_cast<std::size_t>(bytes));
    return *this;
  }

  std::string& to_;
};

class Reader {
 public:
  explicit Reader(std::string_view from) : rest_(from) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(integer(1)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(integer(4)); }
  std::uint64_t u64() { return integer(8); }
  std::int64_t i64() { return static_cast<std::int64_t>(integer(8)); }
  // A view into what is being read.
  std::string_view text() { return raw(u32()); }
  std::string_view raw(std::size_t size) {
    if (size > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest() const { return rest_; }
  bool failed() const { return failed_; }
  bool complete() const { return !failed_ && rest_.empty(); }

 private:
  std::uint64_t integer(std::size_t bytes) {
    const std::string_view taken = raw(bytes);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < taken.size(); ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(taken[i])) << (8 * i);
    }
    return value;
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace smalldb
