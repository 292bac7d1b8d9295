#include "model/messages.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "model/assert.h"
#include "model/codec.h"
#include "model/crc32c.h"
#include "model/fields.h"

namespace smalldb {

template <class Archive>
void fields(Archive& archive, Like<RequestMessage> auto& x) {
  archive(x.request);
}
template <class Archive>
void fields(Archive& archive, Like<ResponseMessage> auto& x) {
  archive(x.response);
}
template <class Archive>
void fields(Archive& archive, Like<Hello> auto& x) {
  archive(x.directory, x.node, x.number, x.log_end, x.checkpoint, x.epochs);
}
template <class Archive>
void fields(Archive& archive, Like<NotPrimary> auto& x) {
  archive(x.primary, x.backup);
}
template <class Archive>
void fields(Archive& archive, Like<Welcome> auto& x) {
  archive(x.cut, x.snapshot, x.snapshot_lsn);
}
template <class Archive>
void fields(Archive& archive, Like<SnapshotChunk> auto& x) {
  archive(x.snapshot_lsn, x.offset, x.last);
  archive.payload(x.bytes);
}
template <class Archive>
void fields(Archive& archive, Like<SnapshotTaken> auto& x) {
  archive(x.snapshot_lsn, x.size);
}
template <class Archive>
void fields(Archive& archive, Like<Ready> auto& x) {
  archive(x.end);
}
template <class Archive>
void fields_before_bytes(Archive& archive, Like<Records> auto& x) {
  archive(x.first, x.safe, x.confirm);
}
template <class Archive>
void fields(Archive& archive, Like<Records> auto& x) {
  fields_before_bytes(archive, x);
  archive.payload(x.bytes);
}
template <class Archive>
void fields(Archive& archive, Like<Ack> auto& x) {
  archive(x.received, x.durable, x.confirmed, x.lease);
}
template <class Archive>
void fields(Archive& archive, Like<Claim> auto& x) {
  archive(x.wanted, x.directory, x.node, x.founder);
}
template <class Archive>
void fields(Archive& archive, Like<Verdict> auto& x) {
  archive(x.claimed, x.winner, x.node);
}
template <class Archive>
void fields(Archive& archive, Like<Heartbeat> auto& x) {
  archive(x.primary);
}
template <class Archive>
void fields(Archive& archive, Like<Leaving> auto& x) {
  archive(x.end);
}
template <class Archive>
void fields(Archive&, Like<Ping> auto&) {}
template <class Archive>
void fields(Archive&, Like<Pong> auto&) {}

namespace {

constexpr std::size_t length_size = 4;
constexpr std::size_t frame_prefix_size = 8;  // length and checksum
// Parts of a frame that are smaller together become one: a stream of single bytes takes no room for each.
constexpr std::size_t kept_apart_from = 512;

// Reads the body of a message of `kind`: that of the alternative `kind` - 1.
template <std::size_t index = 0>
void read_body(std::size_t kind, Reader& reader, const Bytes& frame, MessageBody& body) {
  if constexpr (index == std::variant_size_v<MessageBody>) {
    reader.fail();
  } else if (kind == index + 1) {
    FieldsIn archive(reader, &frame);
    fields(archive, body.emplace<index>());
  } else {
    read_body<index + 1>(kind, reader, frame, body);
  }
}

}  // namespace

std::span<const std::string_view> message_names() {
  static constexpr std::string_view names[] = {
      "request", "answer",          "hello", "not_primary", "welcome",   "snapshot", "snapshot_taken", "ready",
      "records", "acknowledgement", "claim", "verdict",     "heartbeat", "leaving",  "ping",           "pong"};
  static_assert(std::size(names) == std::variant_size_v<MessageBody>);
  return names;
}

std::string_view name(const MessageBody& body) { return message_names()[body.index()]; }

Bytes encode(const Message& message) { return encode(message.epoch, message.from, message.body); }

Bytes encode(Epoch epoch, Incarnation from, const MessageBody& body) {
  const auto write = [&](auto& writer) {
    writer.u8(static_cast<std::uint8_t>(body.index() + 1));
    put_fields(writer, epoch, from);
    std::visit([&writer](const auto& alternative) { put_fields(writer, alternative); }, body);
  };
  SizeSink measured;
  BasicWriter measure(measured);
  write(measure);
  const std::size_t size = frame_prefix_size + measured.size();
  SMALLDB_ASSERT(size <= frame_size_max, name(body), size);

  return Bytes::build(size, [&](char* to) {
    MemorySink rest_sink(to + frame_prefix_size);
    BasicWriter rest_writer(rest_sink);
    write(rest_writer);
    MemorySink sink(to);
    BasicWriter(sink)
        .u32(static_cast<std::uint32_t>(size - length_size))
        .u32(crc32c({to + frame_prefix_size, measured.size()}));
  });
}

RecordsFrame encode_records(Epoch epoch, Incarnation from, const Records& message, std::span<const Bytes> runs) {
  SMALLDB_ASSERT(message.bytes.empty(), message.bytes.size());
  std::size_t records_size = 0;
  for (const Bytes& run : runs) records_size += run.size();
  const Bytes head = encode_exactly([&](auto& writer) {
    writer.u8(static_cast<std::uint8_t>(MessageBody(message).index() + 1));
    FieldsOut archive(writer);
    archive(epoch, from);
    fields_before_bytes(archive, message);
    writer.u32(static_cast<std::uint32_t>(records_size));
  });
  const std::size_t size = frame_prefix_size + head.size() + records_size;
  SMALLDB_ASSERT(size <= frame_size_max, size);
  std::uint32_t checksum = crc32c(head.view());
  for (const Bytes& run : runs) checksum = checksum_of_records(run.view(), checksum);
  RecordsFrame made;
  made.frame = Bytes::build(size, [&](char* to) {
    MemorySink sink(to);
    BasicWriter frame(sink);
    frame.u32(static_cast<std::uint32_t>(size - length_size)).u32(checksum).raw(head.view());
    for (const Bytes& run : runs) frame.raw(run.view());
  });
  made.records = made.frame.slice(size - records_size, records_size);
  return made;
}

std::optional<Message> decode_frame(const Bytes& frame) {
  std::optional<Message> message;  // the only object that is returned: it is put together where it is wanted
  Reader reader(frame.view());
  const std::uint32_t length = reader.u32();
  const std::uint32_t checksum = reader.u32();
  if (reader.failed() || length != frame.size() - length_size || checksum != crc32c(reader.rest())) return message;
  const std::uint8_t kind = reader.u8();
  message.emplace();
  FieldsIn archive(reader);
  archive(message->epoch, message->from);
  read_body(kind, reader, frame, message->body);
  if (!reader.complete()) message.reset();
  return message;
}

// ---- FrameReader ------------------------------------------------------------------------------------------------

void FrameReader::take(const Bytes& bytes) {
  if (position_ == piece_.size()) {
    piece_ = bytes;
  } else {
    // Somebody stopped asking for frames before there was none: what is left of the old piece comes first.
    const std::string_view left = piece_.view().substr(position_);
    piece_ = Bytes::build(left.size() + bytes.size(), [&](char* to) {
      std::memcpy(to, left.data(), left.size());
      if (!bytes.empty()) std::memcpy(to + left.size(), bytes.data(), bytes.size());
    });
  }
  position_ = 0;
}

std::optional<Bytes> FrameReader::next() {
  SMALLDB_ASSERT(!broken_, position_, piece_.size());
  if (position_ == piece_.size()) return std::nullopt;
  if (begun_.empty() && piece_.size() - position_ >= length_size) {
    const std::size_t size = frame_size(piece_.view().substr(position_));
    if (broken_) return std::nullopt;
    if (piece_.size() - position_ >= size) {
      Bytes frame = piece_.slice(position_, size);
      advance(size);
      return frame;
    }
  }
  if (!fill(length_size)) return std::nullopt;
  const std::size_t size = frame_size(begun_.front().view());
  if (broken_ || !fill(size)) return std::nullopt;
  Bytes frame = Bytes::join(begun_);
  begun_.clear();
  begun_size_ = 0;
  return frame;
}

bool FrameReader::fill(std::size_t size) {
  if (begun_size_ < size) {
    const std::size_t taken = std::min(size - begun_size_, piece_.size() - position_);
    keep(piece_.slice(position_, taken));
    advance(taken);
  }
  return begun_size_ >= size;
}

void FrameReader::keep(Bytes part) {
  if (part.empty()) return;
  begun_size_ += part.size();
  if (!begun_.empty() && begun_.back().size() + part.size() <= kept_apart_from) {
    const Bytes both[] = {std::move(begun_.back()), std::move(part)};
    begun_.back() = Bytes::join(both);
  } else {
    begun_.push_back(std::move(part));
  }
}

std::size_t FrameReader::frame_size(std::string_view begin) {
  const std::size_t size = length_size + Reader(begin).u32();
  broken_ = size > frame_size_max;
  return size;
}

void FrameReader::advance(std::size_t size) {
  position_ += size;
  if (position_ != piece_.size()) return;
  piece_ = {};  // so that an idle stream keeps nothing alive
  position_ = 0;
}

}  // namespace smalldb
