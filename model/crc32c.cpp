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

template <class Word>
Word load_little_endian(const char* from) {
  Word word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&word, from, sizeof word);
  } else {
    for (std::size_t i = 0; i < sizeof word; ++i) word |= Word{static_cast<unsigned char>(from[i])} << (8 * i);
  }
  return word;
}

// zeros[k][n][digit] advances the state's digit n, of its eight of 4 bits, by 2^k zero bytes; the state is the sum of
// its digits. So few tables, each so small that it stays at hand, do for any number of bytes.
using ZerosTables = std::array<std::array<std::array<std::uint32_t, 16>, 8>, 32>;

constexpr std::uint32_t past_zeros(const ZerosTables::value_type& table, std::uint32_t state) {
  std::uint32_t past = 0;
  for (std::size_t n = 0; n < 8; ++n) past ^= table[n][(state >> (4 * n)) & 0xF];
  return past;
}

constexpr ZerosTables make_zeros_tables() {
  ZerosTables zeros{};
  for (std::size_t k = 0; k < zeros.size(); ++k) {
    for (std::size_t bit = 0; bit < 32; ++bit) {
      const std::uint32_t state = std::uint32_t{1} << bit;
      const std::uint32_t past =
          k == 0 ? (state >> 8) ^ tables[0][state & 0xFF] : past_zeros(zeros[k - 1], past_zeros(zeros[k - 1], state));
      for (std::size_t digit = 0; digit < 16; ++digit) {
        if ((digit >> (bit % 4) & 1) != 0) zeros[k][bit / 4][digit] ^= past;
      }
    }
  }
  return zeros;
}

constexpr ZerosTables zeros_tables = make_zeros_tables();

}  // namespace

std::uint32_t crc32c_of_both(std::uint32_t first, std::uint32_t second, std::uint32_t second_size) {
  for (; second_size != 0; second_size &= second_size - 1) {
    first = past_zeros(zeros_tables[static_cast<std::size_t>(std::countr_zero(second_size))], first);
  }
  return first ^ second;
}

std::uint32_t crc32c_software(std::string_view bytes, std::uint32_t before) {
  std::uint32_t state = ~before;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    const std::uint64_t word = load_little_endian<std::uint64_t>(at) ^ state;
    state = 0;
    for (std::size_t n = 0; n < 8; ++n) state ^= tables[7 - n][(word >> (8 * n)) & 0xFF];
  }
  for (; left != 0; ++at, --left) state = (state >> 8) ^ tables[0][(state ^ static_cast<unsigned char>(*at)) & 0xFF];
  return ~state;
}

#if defined(__x86_64__)

#define SMALLDB_CRC32C_TARGET __attribute__((target("sse4.2")))

bool crc32c_has_hardware() { return __builtin_cpu_supports("sse4.2") != 0; }

namespace {
SMALLDB_CRC32C_TARGET inline std::uint32_t with_word(std::uint32_t state, const char* at) {
  return static_cast<std::uint32_t>(_mm_crc32_u64(state, load_little_endian<std::uint64_t>(at)));
}
SMALLDB_CRC32C_TARGET inline std::uint32_t with_half_word(std::uint32_t state, const char* at) {
  return _mm_crc32_u32(state, load_little_endian<std::uint32_t>(at));
}
SMALLDB_CRC32C_TARGET inline std::uint32_t with_byte(std::uint32_t state, char byte) {
  return _mm_crc32_u8(state, static_cast<unsigned char>(byte));
}
}  // namespace

#elif defined(__ARM_FEATURE_CRC32)

#define SMALLDB_CRC32C_TARGET

bool crc32c_has_hardware() { return true; }

namespace {
inline std::uint32_t with_word(std::uint32_t state, const char* at) {
  return __crc32cd(state, load_little_endian<std::uint64_t>(at));
}
inline std::uint32_t with_half_word(std::uint32_t state, const char* at) {
  return __crc32cw(state, load_little_endian<std::uint32_t>(at));
}
inline std::uint32_t with_byte(std::uint32_t state, char byte) {
  return __crc32cb(state, static_cast<unsigned char>(byte));
}
}  // namespace

#else

bool crc32c_has_hardware() { return false; }

std::uint32_t crc32c_hardware(std::string_view bytes, std::uint32_t before) {
  SMALLDB_ASSERT(crc32c_has_hardware(), bytes.size(), before);
  return 0;
}

#endif

#if defined(SMALLDB_CRC32C_TARGET)

namespace {

constexpr std::size_t strip_size = 256;
constexpr const auto& past_strip = zeros_tables[std::countr_zero(strip_size)];
constexpr const auto& past_two_strips = zeros_tables[std::countr_zero(2 * strip_size)];

}  // namespace

// An instruction takes three cycles and the next one may begin after one: many bytes are taken as three strips at once.
SMALLDB_CRC32C_TARGET std::uint32_t crc32c_hardware(std::string_view bytes, std::uint32_t before) {
  std::uint32_t state = ~before;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 3 * strip_size; at += 3 * strip_size, left -= 3 * strip_size) {
    std::uint32_t second = 0;
    std::uint32_t third = 0;
    for (std::size_t i = 0; i < strip_size; i += 8) {
      state = with_word(state, at + i);
      second = with_word(second, at + strip_size + i);
      third = with_word(third, at + 2 * strip_size + i);
    }
    state = past_zeros(past_two_strips, state) ^ past_zeros(past_strip, second) ^ third;
  }
  for (; left >= 8; at += 8, left -= 8) state = with_word(state, at);
  if (left >= 4) {
    state = with_half_word(state, at);
    at += 4;
    left -= 4;
  }
  for (; left != 0; ++at, --left) state = with_byte(state, *at);
  return ~state;
}

#endif

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  return crc32c_has_hardware() ? crc32c_hardware(bytes, before) : crc32c_software(bytes, before);
}

}  // namespace smalldb
