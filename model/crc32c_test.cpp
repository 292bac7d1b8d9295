#include "model/crc32c.h"

#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include <cstddef>
#include <string>

namespace smalldb {
namespace {

TEST_CASE("crc32c gives the published values") {
  // RFC 3720, appendix B.4; the last is the check value of the catalogue of parametrised CRC algorithms.
  std::string rising(32, '\0');
  for (std::size_t i = 0; i < rising.size(); ++i) rising[i] = static_cast<char>(i);
  const std::string falling(rising.rbegin(), rising.rend());
  for (const auto& checksum : {&crc32c, &crc32c_software}) {
    CHECK(checksum("", 0) == 0);
    CHECK(checksum(std::string(32, '\0'), 0) == 0x8A9136AA);
    CHECK(checksum(std::string(32, '\xFF'), 0) == 0x62A8AB43);
    CHECK(checksum(rising, 0) == 0x46DD794E);
    CHECK(checksum(falling, 0) == 0x113FDB5C);
    CHECK(checksum("123456789", 0) == 0xE3069283);
  }
}

TEST_CASE("crc32c by the processor and by tables are the same") {
  if (!crc32c_has_hardware()) {
    WARN("this processor has no instruction for it: nothing to compare");
    return;
  }
  rc::prop("for any bytes, at any alignment, after any checksum", [](std::uint32_t before) {
    const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    const auto skipped = *rc::gen::inRange<std::size_t>(0, bytes.size() + 1);
    const std::string_view view = std::string_view(bytes).substr(skipped);
    RC_ASSERT(crc32c_hardware(view, before) == crc32c_software(view, before));
  });
}

TEST_CASE("crc32c of many bytes by the processor and by tables are the same") {
  if (!crc32c_has_hardware()) return;
  std::string bytes;
  std::uint32_t draw = 1;
  while (bytes.size() < 3000) bytes += static_cast<char>((draw = draw * 1664525 + 1013904223) >> 24);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const std::string_view view = std::string_view(bytes).substr(bytes.size() - size);
    REQUIRE(crc32c_hardware(view, draw) == crc32c_software(view, draw));
  }
}

TEST_CASE("crc32c of two parts is that of the whole") {
  rc::prop("for any parts", [](const std::string& a, const std::string& b) {
    RC_ASSERT(crc32c(b, crc32c(a)) == crc32c(a + b));
    RC_ASSERT(crc32c_software(b, crc32c_software(a)) == crc32c_software(a + b));
    RC_ASSERT(crc32c_of_both(crc32c(a), crc32c(b), static_cast<std::uint32_t>(b.size())) == crc32c(a + b));
  });
}

TEST_CASE("crc32c of two parts is put together for a second part of any size") {
  const std::uint32_t first = crc32c("what comes before");
  const std::string second(3 << 20, 'x');
  for (std::size_t size = 0; size <= second.size(); size += 1 + size / 3) {
    const std::string_view view = std::string_view(second).substr(0, size);
    REQUIRE(crc32c_of_both(first, crc32c(view), static_cast<std::uint32_t>(size)) == crc32c(view, first));
  }
}

}  // namespace
}  // namespace smalldb
