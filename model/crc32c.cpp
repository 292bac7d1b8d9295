#include "model/crc32c.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#include "model/assert.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace smalldb {
namespace {

constexpr std::uint32_t polynomial_reflected = 0x82F63B78;

// tables[0] advances the checksum by one byte; tables[n] by that byte and n zero bytes after it ("slicing by 8").
using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? polynomial_reflected : 0);
    tables[0][byte] = remainder;
  }
  for (std::size_t n = 1; n < tables.size(); ++n) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[n - 1][byte];
      tables[n][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

constexpr Tables tables = make_tables();

std::uint64_t load_little_endian(const char* from) {
  std::uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&word, from, sizeof word);
  } else {
    for (int i = 0; i < 8; ++i) word |= std::uint64_t{static_cast<unsigned char>(from[i])} << (8 * i);
  }
  return word;
}

}  // namespace

std::uint32_t crc32c_software(std::string_view bytes, std::uint32_t before) {
  std::uint32_t state = ~before;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    const std::uint64_t word = load_little_endian(at) ^ state;
    state = 0;
    for (std::size_t n = 0; n < 8; ++n) state ^= tables[7 - n][(word >> (8 * n)) & 0xFF];
  }
  for (; left != 0; ++at, --left) state = (state >> 8) ^ tables[0][(state ^ static_cast<unsigned char>(*at)) & 0xFF];
  return ~state;
}

#if defined(__x86_64__)

bool crc32c_has_hardware() { return __builtin_cpu_supports("sse4.2") != 0; }

__attribute__((target("sse4.2"))) std::uint32_t crc32c_hardware(std::string_view bytes, std::uint32_t before) {
  std::uint64_t state = ~before;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) state = _mm_crc32_u64(state, load_little_endian(at));
  auto rest = static_cast<std::uint32_t>(state);
  for (; left != 0; ++at, --left) rest = _mm_crc32_u8(rest, static_cast<unsigned char>(*at));
  return ~rest;
}

#elif defined(__ARM_FEATURE_CRC32)

bool crc32c_has_hardware() { return true; }

std::uint32_t crc32c_hardware(std::string_view bytes, std::uint32_t before) {
  std::uint32_t state = ~before;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) state = __crc32cd(state, load_little_endian(at));
  for (; left != 0; ++at, --left) state = __crc32cb(state, static_cast<unsigned char>(*at));
  return ~state;
}

#else

bool crc32c_has_hardware() { return false; }

std::uint32_t crc32c_hardware(std::string_view bytes, std::uint32_t before) {
  SMALLDB_ASSERT(crc32c_has_hardware(), bytes.size(), before);
  return 0;
}

#endif

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  return crc32c_has_hardware() ? crc32c_hardware(bytes, before) : crc32c_software(bytes, before);
}

}  // namespace smalldb
