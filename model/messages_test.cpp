#include "model/messages.h"

#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/codec.h"
#include "model/crc32c.h"
#include "model/refusal.h"
#include "model/testing/arbitrary.h"

namespace smalldb {
namespace {

using testing::any_message;
using testing::any_request;
using testing::pieces_of;
using testing::with_bit_flipped;

TEST_CASE("a message reads back as it was sent") {
  rc::prop("any message", [] {
    const Message message = *any_message();
    RC_ASSERT(decode_frame(encode(message)) == message);
  });
}

TEST_CASE("S12 every message carries the epoch and the incarnation of its sender") {
  const Message message = *decode_frame(encode(Epoch{7}, Incarnation{42}, Heartbeat{true}));
  CHECK(message.epoch == Epoch{7});
  CHECK(message.from == Incarnation{42});
  CHECK(message.body == MessageBody(Heartbeat{true}));
}

TEST_CASE("a damaged frame is not taken") {
  rc::prop("cut short anywhere", [] {
    const Bytes frame = encode(*any_message());
    for (std::size_t size = 0; size < frame.size(); ++size) RC_ASSERT(!decode_frame(frame.slice(0, size)));
  });
  rc::prop("with any bit turned over", [] {
    const std::string frame = encode(*any_message()).string();
    for (std::size_t bit = 0; bit < 8 * frame.size(); ++bit) {
      RC_ASSERT(!decode_frame(Bytes::copy(with_bit_flipped(frame, bit))));
    }
  });
  rc::prop("or with anything behind it", [](const std::string& behind) {
    RC_PRE(!behind.empty());
    RC_ASSERT(!decode_frame(Bytes::copy(encode(*any_message()).string() + behind)));
  });
}

TEST_CASE("a frame with fields that no sender writes is not taken, though its checksum holds") {
  const auto frame_of = [](std::string_view rest) {
    std::string frame;
    Writer(frame).u32(static_cast<std::uint32_t>(rest.size() + 4)).u32(crc32c(rest)).raw(rest);
    return Bytes::copy(frame);
  };
  const std::string heartbeat = encode({1}, {2}, Heartbeat{true}).string().substr(8);
  const std::string up_to_bool = heartbeat.substr(0, heartbeat.size() - 1);
  CHECK(decode_frame(frame_of(heartbeat)) == Message{{1}, {2}, Heartbeat{true}});
  CHECK_FALSE(decode_frame(frame_of(up_to_bool + '\2')));
  CHECK_FALSE(decode_frame(frame_of(heartbeat + '\0')));
  CHECK_FALSE(decode_frame(frame_of(up_to_bool)));
  for (const char* const kind : {"\0", "\x0E"}) {
    CHECK_FALSE(decode_frame(frame_of(std::string(kind, 1) + heartbeat.substr(1))));
  }
}

TEST_CASE("F8 payloads of frames are not copied") {
  const std::string payload(1000, 'x');
  const Bytes frame = encode({}, {}, Records{{1}, {1}, 0, Bytes::copy(payload)});
  const auto message = decode_frame(frame);
  const Bytes& bytes = std::get<Records>(message->body).bytes;
  CHECK(bytes.view() == payload);
  CHECK(bytes.data() >= frame.data());
  CHECK(bytes.data() < frame.data() + frame.size());
}

// As a primary ships them: small records and large ones, some of them side by side in memory.
std::vector<Bytes> runs_of_records() {
  std::vector<Bytes> runs;
  Record record{{7}, {3}, {1000}, Operation{}};
  Request& request = std::get<Operation>(record.body).request;
  request.verb = Verb::put;
  for (const std::size_t size : {0, 100, 300, 5000, 90, 4096}) {
    record.lsn = record.lsn.next();
    request.value = Bytes::copy(std::string(size, static_cast<char>('a' + runs.size())));
    runs.push_back(encode(record));
  }
  const Bytes beside[] = {runs[0], runs[1], runs[2]};
  runs.erase(runs.begin(), runs.begin() + 3);
  runs.insert(runs.begin(), Bytes::join(beside));
  return runs;
}

TEST_CASE("S1 a frame of records in several runs is that of the same records in one piece") {
  const std::vector<Bytes> all = runs_of_records();
  for (std::size_t count = 0; count <= all.size(); ++count) {
    const std::span<const Bytes> runs = std::span(all).first(count);
    const RecordsFrame made = encode_records({3}, {42}, Records{{8}, {5}, 6, {}}, runs);
    CHECK(made.frame == encode({3}, {42}, Records{{8}, {5}, 6, Bytes::join(runs)}));
    CHECK(made.records == Bytes::join(runs));
    if (count == 0) continue;
    CHECK(made.records.data() + made.records.size() == made.frame.data() + made.frame.size());
  }
}

// What a node ships it does not read again: what has become of a record in its memory the other one must notice.
TEST_CASE("S1 a record that has changed since it was made is not taken out of a frame") {
  const std::vector<Bytes> runs = runs_of_records();
  for (std::size_t changed = 1; changed < runs.size(); ++changed) {
    for (std::size_t at = 0; at < runs[changed].size(); ++at) {
      if (at < 4) continue;  // its length: this asks for whole records
      std::vector<Bytes> now = runs;
      now[changed] = Bytes::copy(with_bit_flipped(runs[changed].view(), 8 * at + at % 8));
      const std::optional<Message> message = decode_frame(encode_records({3}, {42}, {}, now).frame);
      if (!message) continue;
      std::string_view records = std::get<Records>(message->body).bytes.view();
      for (std::size_t before = 0; before < changed; ++before) records.remove_prefix(runs[before].size());
      REQUIRE_FALSE(decode_record(records));
    }
  }
}

TEST_CASE("what a request brings does not keep the frame alive") {
  Request request;
  request.key = Bytes::copy(std::string(100, 'k'));
  const Bytes frame = encode({}, {}, RequestMessage{request});
  const auto message = decode_frame(frame);
  const Bytes& key = std::get<RequestMessage>(message->body).request.key;
  CHECK(key == request.key);
  CHECK((key.data() < frame.data() || key.data() >= frame.data() + frame.size()));
}

TEST_CASE("a stream in any pieces gives the frames that were sent") {
  rc::prop("when asked for all after every piece, or at the end, or now and then", [] {
    std::string stream;
    std::vector<Bytes> sent;
    for (auto left = *rc::gen::inRange(0, 8); left > 0; --left) {
      sent.push_back(encode(*any_message()));
      stream += sent.back().view();
    }
    const auto asked_at_most = *rc::gen::element(1, 2, 1000);
    FrameReader reader;
    std::vector<Bytes> read;
    for (const std::string& piece : pieces_of(stream)) {
      reader.take(Bytes::copy(piece));
      for (int left = asked_at_most; left > 0; --left) {
        auto frame = reader.next();
        if (!frame) break;
        read.push_back(*frame);
      }
    }
    while (auto frame = reader.next()) read.push_back(*frame);
    RC_ASSERT(read == sent);
    RC_ASSERT(!reader.broken());
  });
}

TEST_CASE("a copied stream reader goes on by itself") {
  const Bytes frame = encode({1}, {1}, Hello{});
  FrameReader reader;
  reader.take(frame.slice(0, 20));
  CHECK(!reader.next());
  FrameReader copy = reader;
  copy.take(frame.slice(20, frame.size() - 20));
  CHECK(copy.next() == frame);
  CHECK(!reader.next());
  reader.take(frame.slice(20, frame.size() - 20));
  CHECK(reader.next() == frame);
}

TEST_CASE("frames that lie whole in a piece are slices of it") {
  const Bytes a = encode({1}, {1}, Hello{});
  const Bytes piece = Bytes::copy(a.string() + a.string());
  FrameReader reader;
  reader.take(piece);
  const auto first = reader.next();
  const auto second = reader.next();
  CHECK(first->data() == piece.data());
  CHECK(second->data() == piece.data() + a.size());
  CHECK(!reader.next());
}

TEST_CASE("a stream that promises a frame beyond all bounds is broken") {
  std::string bytes;
  Writer(bytes).u32(frame_size_max);
  const bool in_one_piece = GENERATE(true, false);
  FrameReader reader;
  if (in_one_piece) {
    reader.take(Bytes::copy(bytes));
  } else {
    reader.take(Bytes::copy(bytes.substr(0, 1)));
    CHECK(!reader.next());
    reader.take(Bytes::copy(bytes.substr(1)));
  }
  CHECK(!reader.next());
  CHECK(reader.broken());
}

TEST_CASE("a refusal names the request, the reason and where to go, and nothing else") {
  rc::prop("for any request", [] {
    const Request request = *any_request();
    const Refusal refusal = RefusalMaker::make(request, Status::not_primary, ProcessId{3});
    Response expected;
    expected.session = request.session;
    expected.number = request.number;
    expected.status = Status::not_primary;
    expected.primary = ProcessId{3};
    RC_ASSERT(decode_frame(refusal.bytes()) == (Message{{}, {}, ResponseMessage{expected}}));
  });
}

TEST_CASE("S10 only definite answers that say nothing of the state are refusals") {
  CHECK_FALSE(is_refusal(Status::ok));
  CHECK_FALSE(is_refusal(Status::not_found));
  CHECK_FALSE(is_refusal(Status::condition_failed));
  CHECK_FALSE(is_refusal(Status::session_expired));
  CHECK_FALSE(is_refusal(Status::number_taken));
  CHECK(is_refusal(Status::not_primary));
  CHECK(is_refusal(Status::not_serving));
  CHECK(is_refusal(Status::overloaded));
  CHECK(is_refusal(Status::too_large));
}

}  // namespace
}  // namespace smalldb
