#include "model/data_directory.h"

#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include <string>
#include <variant>

#include "model/codec.h"
#include "model/crc32c.h"
#include "model/testing/arbitrary.h"

namespace smalldb {
namespace {

TEST_CASE("S2 the identity of a directory reads back as it was written") {
  rc::prop("any", [] {
    const Meta meta{*testing::any_directory(), *testing::any_number()};
    RC_ASSERT(decode_meta(encode(meta).view()) == meta);
  });
  REQUIRE(encode(Meta{}).size() <= meta_size_max);
}

TEST_CASE("S11 no part and no damaged copy of a directory's identity is believed") {
  const std::string bytes = encode(Meta{{1, 2}, 3}).string();
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK(!decode_meta(bytes.substr(0, size)));
  CHECK(!decode_meta(bytes + '\0'));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    CHECK(!decode_meta(flipped));
  }
}

TEST_CASE("S11 an identity of another format is told from one that has changed") {
  std::string bytes = encode(Meta{{1, 2}, 3}).string();
  CHECK(!other_meta_version(bytes));
  bytes = bytes.substr(0, bytes.size() - 4);
  bytes[8] = static_cast<char>(GENERATE(1, 7));
  bytes += "more";
  Writer(bytes).u32(crc32c(bytes));
  CHECK(!decode_meta(bytes));
  CHECK(other_meta_version(bytes) == static_cast<std::uint32_t>(bytes[8]));
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK(!other_meta_version(bytes.substr(0, size)));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    CHECK(!other_meta_version(flipped));
  }
}

TEST_CASE("names of files say what they are, and sort as they count") {
  const FileName log = parse_file_name(log_file(3, Lsn{18446744073709551615u}));
  CHECK(log.kind == FileKind::log);
  CHECK(log.generation == 3);
  CHECK(log.lsn == Lsn{18446744073709551615u});
  const FileName checkpoint = parse_file_name(checkpoint_file(9999999999, Lsn{0}));
  CHECK(checkpoint.kind == FileKind::checkpoint);
  CHECK(checkpoint.generation == 9999999999);
  CHECK(parse_file_name(meta_file).kind == FileKind::meta);
  CHECK(parse_file_name(temporary_file(meta_file)).kind == FileKind::temporary);
  const FileName temporary = parse_file_name(temporary_file(checkpoint_file(4, Lsn{5})));
  CHECK(temporary.kind == FileKind::temporary);
  CHECK(temporary.generation == 4);
  CHECK(log_file(1, Lsn{9}) < log_file(1, Lsn{10}));
  CHECK(log_file(9, Lsn{99}) < log_file(10, Lsn{1}));
}

TEST_CASE("files of others are not taken for ours") {
  for (const char* name :
       {"", "lost+found", "log-", "log-1-2", "log-0000000001-0000000000000000000x", "meta.bak", "notes.tmp", ".tmp",
        "log-0000000001-000000000000000000010", "Log-0000000001-00000000000000000001",
        "log-0000000001-99999999999999999999", "checkpoint-0000000001_00000000000000000001"}) {
    INFO(name);
    CHECK(parse_file_name(name).kind == FileKind::foreign);
  }
}

TEST_CASE("a token names its owner and is never given twice") {
  DiskTokens tokens(DiskOwner::checkpoint);
  const DiskToken first = tokens.take();
  const DiskToken second = tokens.take();
  CHECK(owner_of(first) == DiskOwner::checkpoint);
  CHECK(first < second);
  CHECK(tokens.last() == second);
  CHECK(owner_of(make_token(DiskOwner::claimer, 1)) == DiskOwner::claimer);
}

}  // namespace
}  // namespace smalldb
