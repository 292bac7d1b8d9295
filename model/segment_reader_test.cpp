#include "model/segment_reader.h"

#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "model/settings.h"
#include "model/testing/log_fixture.h"

namespace smalldb {
namespace {

using testing::History;
using testing::next_bit;

constexpr std::uint64_t write_bytes = Settings{}.log_write_bytes;

struct Reading {
  Lsn last;
  std::uint64_t offset;
  RecordState state;
  Behind behind;
  bool cut() const { return judge(state, behind, Place::last_segment).decision == Decision::cut; }
  bool stop() const { return judge(state, behind, Place::last_segment).decision == Decision::stop; }
};

// Reads to the end, and checks that what is given are the history's records.
Reading read(const std::string& segment, const History& history) {
  SegmentReader reader(Bytes::copy(segment), Lsn{1}, write_bytes);
  Lsn last;
  while (auto stored = reader.next()) {
    last = last.next();
    REQUIRE(stored->record == history[last]);
    REQUIRE(stored->encoded == encode(history[last]));
  }
  REQUIRE(reader.expected() == last.next());
  return {last, reader.offset(), reader.state(), reader.behind()};
}

std::string whole(const History& history) { return history.bytes(Lsn{1}, history.end()); }

// Where the record at `lsn` begins.
std::size_t begin_of(const History& history, Lsn lsn) { return history.bytes(Lsn{1}, lsn.previous()).size(); }

bool all_zeros(const std::string& bytes) { return bytes.find_first_not_of('\0') == std::string::npos; }

// ---- Clean ends and tears ------------------------------------------------------------------------------------------

TEST_CASE("S11 a segment is read to its end") {
  const History history = History::mixed(50);
  const Reading reading = read(whole(history), history);
  REQUIRE(reading.last == Lsn{50});
  REQUIRE(reading.state == RecordState::end);
  REQUIRE(read("", history).state == RecordState::end);
}

TEST_CASE("S11 every cut of the bytes reads back as a prefix of the records") {
  const History history = History::mixed(20);
  const std::string bytes = whole(history);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    INFO("cut to " << size << " bytes");
    const Reading reading = read(bytes.substr(0, size), history);
    REQUIRE(reading.offset <= size);
    REQUIRE(begin_of(history, reading.last.next()) == reading.offset);
    REQUIRE(begin_of(history, reading.last.next().next()) > size);
    if (reading.offset == size) {
      REQUIRE(reading.state == RecordState::end);
    } else {
      REQUIRE(reading.cut());
    }
  }
}

TEST_CASE("S11 every cut of the bytes whose rest was lengthened with zeros reads back as a prefix of the records") {
  const History history = History::mixed(12);
  const std::string bytes = whole(history);
  for (std::size_t size = 0; size < bytes.size(); size += sector_size) {
    const std::string lengthened = bytes.substr(0, size) + std::string(bytes.size() - size, '\0');
    const Reading reading = read(lengthened, history);
    REQUIRE(reading.cut());
    REQUIRE(begin_of(history, reading.last.next()) == reading.offset);
    // At most the record that the sector's edge went through was lost beside what lies behind that edge.
    REQUIRE(begin_of(history, reading.last.next().next()) > size);
  }
}

TEST_CASE("S11 a torn write is cut where it begins to be torn, and nothing that was synced before it") {
  rc::prop("whatever sectors of it are missing", [] {
    History history = History::mixed(*rc::gen::inRange<std::size_t>(1, 25));
    const std::string synced = whole(history);
    const Lsn synced_end = history.end();
    for (int i = *rc::gen::inRange(1, 8); i > 0; --i) {
      history.put(*rc::gen::element<std::size_t>(1, 60, 200, 700, 3000), *rc::gen::element('v', '\0'));
    }
    std::string bytes = whole(history);
    if (*rc::gen::arbitrary<bool>()) bytes.resize(*rc::gen::inRange(synced.size(), bytes.size() + 1));
    const std::string before = synced + std::string(bytes.size() - synced.size(), '\0');
    for (std::size_t at = synced.size() / sector_size * sector_size; at < bytes.size(); at += sector_size) {
      if (*rc::gen::arbitrary<bool>()) bytes.replace(at, sector_size, before.substr(at, sector_size));
    }
    const Reading reading = read(bytes, history);
    RC_ASSERT(reading.last >= synced_end);
    RC_ASSERT(!reading.stop());
  });
}

TEST_CASE("S11 a tear is a tear even where one bit alone tells it from the whole record") {
  // The record's first byte is the last of a sector, and the lowest of its length, in which one bit is set.
  constexpr std::size_t length = 256 + 64;
  std::size_t first_size = 0;
  while (begin_of(History().put(first_size).put(0), Lsn{3}) % sector_size != sector_size - 1) ++first_size;
  const std::size_t overhead = encode(History().put(0)[Lsn{2}]).size() - record_header_size;
  const History history = History().put(first_size).put(length - overhead);
  std::string bytes = whole(history);
  const std::size_t begin = begin_of(history, Lsn{3});
  REQUIRE(bytes[begin] == 64);
  bytes[begin] = 0;
  const Reading reading = read(bytes, history);
  REQUIRE(reading.offset == begin);
  REQUIRE(reading.state == RecordState::missing_sector);
  REQUIRE(reading.cut());
}

// ---- Damage --------------------------------------------------------------------------------------------------------

TEST_CASE("S11 every flipped bit is damage, never a shorter log") {
  const History history = History::mixed(20);
  const std::string bytes = whole(history);
  std::size_t looked_torn = 0;
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += next_bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    const Reading reading = read(flipped, history);
    INFO("bit " << bit % 8 << " of byte " << bit / 8);
    REQUIRE(reading.offset <= bit / 8);
    if (reading.stop()) continue;
    // The one thing that cannot be told from a tear: the bit was the only one of its record set in a sector.
    const std::size_t begin = std::max<std::size_t>(reading.offset, bit / 8 / sector_size * sector_size);
    const std::size_t end = (bit / 8 / sector_size + 1) * sector_size;
    REQUIRE(all_zeros(flipped.substr(begin, end - begin)));
    ++looked_torn;
  }
  REQUIRE(looked_torn <= 2);
}

TEST_CASE("S11 a flipped bit is damage even where a value is nothing but zeros") {
  const History history = History().put(100).put(1500, '\0');
  const std::string bytes = whole(history);
  for (std::size_t bit = begin_of(history, Lsn{3}) * 8; bit < bytes.size() * 8; bit += next_bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    const Reading reading = read(flipped, history);
    INFO("bit " << bit % 8 << " of byte " << bit / 8);
    REQUIRE(reading.state == RecordState::rotten);
  }
}

TEST_CASE("S11 several wrong bytes without a missing sector are damage") {
  rc::prop("wherever they are", [] {
    const History history = History().put(300).put(400).put(500).put(600);
    std::string bytes = whole(history);
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size() - 8);
    const std::string wrong = *rc::gen::container<std::string>(8, rc::gen::inRange<char>(1, 127));
    RC_PRE(bytes.substr(at, 8) != wrong);
    bytes.replace(at, 8, wrong);
    const Reading reading = read(bytes, history);
    RC_ASSERT(reading.state == RecordState::rotten);
    RC_ASSERT(reading.stop());
    RC_ASSERT(reading.offset <= at + 7);
  });
}

TEST_CASE("S11 a missing sector with more behind it than one write carries is damage") {
  History history;
  for (int i = 0; i < 200; ++i) history.put(700);
  const std::string bytes = whole(history);
  for (std::size_t at = 0; at + sector_size <= bytes.size(); at += sector_size) {
    std::string lost = bytes;
    lost.replace(at, sector_size, std::string(sector_size, '\0'));
    const Reading reading = read(lost, history);
    INFO("the sector at " << at << " of " << bytes.size());
    // Nothing but what one write carries, and the record that the sector belongs to, may be in doubt.
    if (bytes.size() - reading.offset > write_bytes) {
      REQUIRE(reading.stop());
    } else {
      REQUIRE(reading.cut());
    }
  }
}

TEST_CASE("S11 a record of another place is damage") {
  const History history = History().put(10).put(20).put(30);
  const std::string skipped = history.bytes(Lsn{1}, Lsn{1}) + history.bytes(Lsn{3}, Lsn{4});
  REQUIRE(read(skipped, history).state == RecordState::stranger);
  const std::string repeated = history.bytes(Lsn{1}, Lsn{2}) + history.bytes(Lsn{2}, Lsn{4});
  REQUIRE(read(repeated, history).state == RecordState::stranger);
  REQUIRE(read(repeated, history).stop());
}

TEST_CASE("S11 a value that looks like the log does not make a tear look like damage") {
  // The record's own body holds whole records that would follow it, far beyond what one write carries.
  History inner = History::mixed(40);
  History history;
  std::string value;
  while (value.size() < 2 * write_bytes) value += inner.bytes(Lsn{3}, Lsn{40});
  Operation operation;
  operation.request.verb = Verb::put;
  operation.request.value = Bytes::copy(value);
  std::string bytes = whole(history) + encode(Record{Lsn{2}, Epoch{1}, WallTime{2}, operation}).string();
  bytes.replace(1024, sector_size, std::string(sector_size, '\0'));
  SegmentReader reader(Bytes::copy(bytes), Lsn{1}, write_bytes);
  REQUIRE(reader.next());
  REQUIRE(!reader.next());
  REQUIRE(reader.state() == RecordState::missing_sector);
  REQUIRE(reader.behind() == Behind::nothing);
}

// ---- Labs ----------------------------------------------------------------------------------------------------------

TEST_CASE("with torn_tail_cut off, a torn record is believed, whatever has become of its value") {
  const History history = History().put(2000);
  std::string bytes = whole(history);
  bytes.replace(1024, sector_size, std::string(sector_size, '\0'));
  SegmentReader reader(Bytes::copy(bytes), Lsn{1}, write_bytes);
  REQUIRE(reader.next());
  REQUIRE(!reader.next());
  const auto believed = reader.believe();
  REQUIRE(believed);
  REQUIRE(believed->record.lsn == Lsn{2});
  const std::string value = std::get<Operation>(believed->record.body).request.value.string();
  REQUIRE(value.size() == 2000);
  REQUIRE(value.find('\0') != std::string::npos);
  REQUIRE(decode_record(believed->encoded.view()) == believed->record);
}

TEST_CASE("with torn_tail_cut off, a header that cannot be made out is not believed") {
  const History history = History().put(2000);
  SegmentReader reader(Bytes::copy(whole(history).substr(0, begin_of(history, Lsn{2}) + 20)), Lsn{1}, write_bytes);
  REQUIRE(reader.next());
  REQUIRE(!reader.next());
  REQUIRE(!reader.believe());
}

}  // namespace
}  // namespace smalldb
