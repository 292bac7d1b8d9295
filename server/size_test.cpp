#include "server/size.h"

#include <catch2/catch.hpp>

namespace smalldb::server {
namespace {

TEST_CASE("sizes are read as people write them") {
  CHECK(read_size("0") == 0);
  CHECK(read_size("1000") == 1000);
  CHECK(read_size("64KiB") == 65536);
  CHECK(read_size("16MiB") == 16777216);
  CHECK(read_size("16383TiB") == std::uint64_t{16383} << 40);
}

TEST_CASE("what is no size is not read") {
  for (const char* text :
       {"", "KiB", "-1", "+1", "1.5MiB", "1 MiB", "1kb", "1MB", "1MiB2", "16777216TiB", "18446744073709551616"}) {
    CAPTURE(text);
    CHECK_FALSE(read_size(text));
  }
}

TEST_CASE("sizes are told as they are read") {
  for (const char* text : {"0", "1", "1000", "1KiB", "1025", "1536KiB", "8MiB", "1GiB", "16383TiB"}) {
    CHECK(size_text(read_size(text).value()) == text);
  }
}

}  // namespace
}  // namespace smalldb::server
