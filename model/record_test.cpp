#include "model/record.h"

#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/assert.h"
#include "model/codec.h"
#include "model/crc32c.h"
#include "model/testing/arbitrary.h"

namespace smalldb {
namespace {

using testing::any_record;
using testing::with_bit_flipped;

TEST_CASE("S1 a record reads back as it was written") {
  rc::prop("any record, whatever comes behind it", [](const std::string& behind) {
    const Record record = *any_record();
    const Bytes bytes = encode(record);
    RC_ASSERT(decode_record(bytes.view()) == record);
    RC_ASSERT(decode_record(bytes.string() + behind) == record);
    RC_ASSERT(decode_header(bytes.view())->record_size() == bytes.size());
  });
}

TEST_CASE("S1 a record has one encoding") {
  rc::prop("what reads back, writes the same bytes", [] {
    const Bytes bytes = encode(*any_record());
    RC_ASSERT(encode(*decode_record(bytes.view())) == bytes);
  });
}

TEST_CASE("the checksum of records comes from theirs") {
  rc::prop("of any records, after anything", [](const std::string& before) {
    std::string records;
    for (auto left = *rc::gen::inRange(0, 5); left > 0; --left) records += encode(*any_record()).view();
    RC_ASSERT(checksum_of_records(records, crc32c(before)) == crc32c(before + records));
  });
  Record record{{1}, {1}, {0}, Operation{}};
  std::get<Operation>(record.body).request.value = Bytes::copy(std::string(5000, 'v'));
  const std::string bytes = encode(record).string();
  CHECK(checksum_of_records(bytes, 7) == crc32c(bytes, 7));
  SECTION("and is not that of what has changed since") {
    const std::string changed = with_bit_flipped(bytes, 8 * 1000);
    CHECK(checksum_of_records(changed, 7) != crc32c(changed, 7));
  }
  SECTION("and there is none of less than a whole record") {
    CHECK_THROWS_AS(checksum_of_records(bytes.substr(0, 4000), 7), AssertionFailed);
  }
}

TEST_CASE("S11 no part of a record is taken for a record") {
  rc::prop("at every cut", [] {
    const std::string bytes = encode(*any_record()).string();
    for (std::size_t size = 0; size < bytes.size(); ++size) RC_ASSERT(!decode_record(bytes.substr(0, size)));
  });
}

TEST_CASE("S11 a record with a wrong bit is never taken") {
  rc::prop("at every bit", [] {
    const std::string bytes = encode(*any_record()).string();
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) RC_ASSERT(!decode_record(with_bit_flipped(bytes, bit)));
  });
}

TEST_CASE("S11 a header holds by itself, so that it can promise how far its body reaches") {
  rc::prop("the header of a record whose body is missing or damaged", [] {
    const Record record = *any_record();
    const std::string bytes = encode(record).string();
    for (std::size_t size = record_header_size; size < bytes.size(); ++size) {
      const auto header = decode_header(bytes.substr(0, size));
      RC_ASSERT(header.has_value());
      RC_ASSERT(header->record_size() == bytes.size());
      RC_ASSERT(header->lsn == record.lsn);
      RC_ASSERT(header->epoch == record.epoch);
      RC_ASSERT(header->stamp == record.stamp);
      RC_ASSERT(header->kind == record.body.index() + 1);
    }
  });
  rc::prop("but not with a wrong bit of its own", [] {
    const std::string bytes = encode(*any_record()).string();
    for (std::size_t bit = 0; bit < 8 * record_header_size; ++bit) {
      RC_ASSERT(!decode_header(with_bit_flipped(bytes, bit)));
    }
  });
}

// The bytes of a record with this kind and body, whatever they are, and with checksums that hold.
std::string sealed(std::uint8_t kind, std::string_view body) {
  std::string header;
  Writer(header).u32(static_cast<std::uint32_t>(body.size()));
  std::string rest;
  Writer(rest).u32(crc32c(body)).u64(1).u64(1).i64(0).u8(kind);
  Writer(header).u32(crc32c(header + rest));
  return header + rest + std::string(body);
}

TEST_CASE("S11 checksums that hold make no record of what is malformed") {
  const std::string cutoff(8, '\0');
  CHECK(decode_record(sealed(7, cutoff)) == Record{{1}, {1}, {}, SessionsExpired{}});
  CHECK_FALSE(decode_record(sealed(7, cutoff + '\0')));  // something left over
  CHECK_FALSE(decode_record(sealed(7, cutoff.substr(1))));
  CHECK_FALSE(decode_record(sealed(0, cutoff)));
  CHECK_FALSE(decode_record(sealed(8, cutoff)));
  Operation removal;
  removal.request.verb = Verb::remove;
  const std::string operation = encode(Record{{1}, {1}, {}, removal}).string().substr(record_header_size);
  std::string unknown_verb = operation;
  unknown_verb[24] = 4;
  CHECK(decode_record(sealed(2, operation)));
  CHECK_FALSE(decode_record(sealed(2, unknown_verb)));
  std::string read = operation;
  read[24] = 1;
  CHECK_FALSE(decode_record(sealed(2, read)));  // reads are not logged
  removal.request.key = Bytes::copy(std::string(key_size_max + 1, 'k'));
  CHECK_FALSE(decode_record(encode(Record{{1}, {1}, {}, removal}).view()));
}

TEST_CASE("a record that is known is read without its checksum, and is the same") {
  rc::prop("whatever is in it", [] {
    const Record record = *any_record();
    const Bytes encoded = encode(record);
    RC_ASSERT(decode_known_record(*decode_header(encoded.view()), encoded.view()) == record);
  });
}

TEST_CASE("S11 zeros are no record") {
  CHECK(!decode_header(std::string(4096, '\0')));
  CHECK(!decode_record(std::string(4096, '\0')));
}

TEST_CASE("the largest key and value fit into a record, larger bodies are a bug") {
  Operation operation;
  operation.request.verb = Verb::put;
  operation.request.key = Bytes::copy(std::string(key_size_max, 'k'));
  operation.request.value = Bytes::copy(std::string(value_size_max, 'v'));
  const Record largest{{1}, {1}, {}, operation};
  CHECK(decode_record(encode(largest).view()) == largest);

  operation.request.value = Bytes::copy(std::string(value_size_max + 1024, 'v'));
  CHECK_THROWS_AS(encode(Record{{1}, {1}, {}, operation}), AssertionFailed);
}

TEST_CASE("records are counted where they stand one behind the other") {
  std::string bytes;
  CHECK(count_records(bytes) == 0);
  for (std::uint64_t lsn = 1; lsn <= 3; ++lsn) {
    bytes += encode(Record{{lsn}, {1}, {}, SessionsExpired{}}).view();
    CHECK(count_records(bytes) == lsn);
  }
}

}  // namespace
}  // namespace smalldb
