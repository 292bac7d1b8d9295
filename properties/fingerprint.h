// A 64-bit fingerprint of bytes, by which properties compare what two disks hold. The properties' own, so that a
// checker of checksums does not lean on the checksum it checks.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace smalldb::properties {

// Takes bytes in pieces; the pieces' borders do not matter.
class Fingerprint {
 public:
  void take(std::string_view bytes) {
    size_ += bytes.size();
    for (; pending_size_ != 0 && !bytes.empty(); bytes.remove_prefix(1)) take_byte(bytes.front());
    for (; bytes.size() >= sizeof(std::uint64_t); bytes.remove_prefix(sizeof(std::uint64_t))) mix(word(bytes.data()));
    for (; !bytes.empty(); bytes.remove_prefix(1)) take_byte(bytes.front());
  }

  std::uint64_t value() const {
    Fingerprint whole = *this;
    whole.mix(whole.pending_);
    whole.mix(size_);
    return spread(whole.state_);
  }
  std::uint64_t size() const { return size_; }

  static std::uint64_t of(std::string_view bytes) {
    Fingerprint fingerprint;
    fingerprint.take(bytes);
    return fingerprint.value();
  }

 private:
  void take_byte(char byte) {
    pending_ |= static_cast<std::uint64_t>(static_cast<unsigned char>(byte)) << (8 * pending_size_);
    if (++pending_size_ != sizeof(std::uint64_t)) return;
    mix(pending_);
    pending_ = 0;
    pending_size_ = 0;
  }
  // Little-endian on every machine.
  static std::uint64_t word(const char* bytes) {
    std::uint64_t value;
    std::memcpy(&value, bytes, sizeof value);
    if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
    return value;
  }
  // One state and two words give two states. One product a word: value() spreads the bits once, at the end.
  void mix(std::uint64_t word) { state_ = (std::rotl(state_, 29) ^ word) * 0x9e3779b97f4a7c15; }
  // The finalizer of MurmurHash3: every bit reaches every other.
  static std::uint64_t spread(std::uint64_t value) {
    value = (value ^ value >> 33) * 0xff51afd7ed558ccd;
    value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53;
    return value ^ value >> 33;
  }

  std::uint64_t state_ = 0x243f6a8885a308d3;
  std::uint64_t pending_ = 0;
  std::uint32_t pending_size_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace smalldb::properties
