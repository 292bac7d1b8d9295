#include "model/recording.h"

#include <algorithm>

#include "model/codec.h"
#include "model/crc32c.h"
#include "model/fields.h"
#include "model/host_side.h"

namespace smalldb {

template <>
inline constexpr Port last_of<Port> = Port::arbiter;
template <>
inline constexpr CloseReason last_of<CloseReason> = CloseReason::closed_by_peer;
template <>
inline constexpr DiskStatus last_of<DiskStatus> = DiskStatus::unreachable;
template <>
inline constexpr ArbiterKind last_of<ArbiterKind> = ArbiterKind::none;
template <>
inline constexpr Acknowledge last_of<Acknowledge> = Acknowledge::received;
template <>
inline constexpr Reads last_of<Reads> = Reads::leased;
template <>
inline constexpr RecordedMachine::Kind last_of<RecordedMachine::Kind> = RecordedMachine::Kind::arbiter;
template <>
inline constexpr RecordedEnd::Why last_of<RecordedEnd::Why> = RecordedEnd::Why::cannot_write;

// ---- The nouns of the edge -----------------------------------------------------------------------------------------

template <class Archive>
void fields(Archive& archive, Like<Duration> auto& x) {
  archive(x.nanoseconds);
}
template <class Archive>
void fields(Archive& archive, Like<Instant> auto& x) {
  archive(x.nanoseconds);
}
template <class Archive>
void fields(Archive& archive, Like<Moment> auto& x) {
  archive(x.now, x.wall);
}

template <class Archive>
void fields(Archive& archive, Like<Started> auto& x) {
  archive(x.entropy[0], x.entropy[1]);
}
template <class Archive>
void fields(Archive& archive, Like<TimerFired> auto& x) {
  archive(x.timer);
}
template <class Archive>
void fields(Archive& archive, const Accepted& x) {
  archive(x.link(), x.from(), x.port());
}
void fields(FieldsIn& archive, Accepted& x) {
  Link link{};
  ProcessId from{};
  Port port{};
  archive(link, from, port);
  x = HostEvents::accepted(link, from, port);
}
template <class Archive>
void fields(Archive& archive, Like<Connected> auto& x) {
  archive(x.link);
}
template <class Archive>
void fields(Archive& archive, Like<Closed> auto& x) {
  archive(x.link, x.reason);
}
template <class Archive>
void fields(Archive& archive, Like<Received> auto& x) {
  archive(x.link, x.bytes);
}
template <class Archive>
void fields(Archive& archive, Like<DatagramReceived> auto& x) {
  archive(x.from, x.bytes);
}
template <class Archive>
void fields(Archive& archive, Like<FileEntry> auto& x) {
  archive(x.name, x.size);
}
template <class Sink>
void fields(FieldsOut<Sink>& archive, const DiskDone& x) {
  archive(x.token, x.status, x.bytes, x.entries != nullptr);
  if (x.entries != nullptr) archive(*x.entries);
}
inline void fields(FieldsIn& archive, DiskDone& x) {
  bool listed = false;
  archive(x.token, x.status, x.bytes, listed);
  if (!listed) return;
  std::vector<FileEntry> entries;
  archive(entries);
  x.entries = std::make_shared<const std::vector<FileEntry>>(std::move(entries));
}
template <class Archive>
void fields(Archive& archive, Like<Input> auto& x) {
  archive(x.bytes);
}

template <class Archive>
void fields(Archive& archive, const effect::Connect& x) {
  archive(x.link, x.to, x.port);
}
template <class Archive>
void fields(Archive& archive, const effect::Send& x) {
  archive(x.link, x.bytes);
}
template <class Archive>
void fields(Archive& archive, const effect::Reply& x) {
  archive(x.link, x.bytes);
}
template <class Archive>
void fields(Archive& archive, const effect::Close& x) {
  archive(x.link);
}
template <class Archive>
void fields(Archive& archive, const effect::SendDatagram& x) {
  archive(x.to, x.bytes);
}
template <class Archive>
void fields(Archive& archive, const effect::SetTimer& x) {
  archive(x.timer, x.at);
}
template <class Archive>
void fields(Archive& archive, const effect::CancelTimer& x) {
  archive(x.timer);
}
template <class Archive>
void fields(Archive& archive, const effect::Disk& x) {
  archive(x.verb, x.volume, x.token, x.name, x.new_name, x.offset, x.length, x.bytes);
}
template <class Archive>
void fields(Archive& archive, const effect::Report& x) {
  archive(x.bytes);
}
template <class Archive>
void fields(Archive& archive, const effect::Note& x) {
  archive(std::uint32_t{x.what}, x.role, x.epoch, x.position, x.a, x.b, x.text);
}
template <class Archive>
void fields(Archive& archive, const effect::Stop& x) {
  archive(x.why);
}

// ---- Frames --------------------------------------------------------------------------------------------------------

// All settings, by count: one that is added to the struct and not here does not compile.
template <class Archive>
void fields(Archive& archive, Like<Settings> auto& x) {
  auto& [acknowledge, reads, heartbeat_every, suspect_after, retry_after, seek_for, arbiter_ping_every, lease,
         clock_drift_max_ppm, log_buffer_bytes, waiting_requests_max, join_buffer_bytes, checkpoint_every_bytes,
         segment_bytes, log_write_bytes, chunk_bytes, chunks_in_flight, session_window, sessions_max,
         session_expires_after] = x;
  archive(acknowledge, reads, heartbeat_every, suspect_after, retry_after, seek_for, arbiter_ping_every, lease,
          clock_drift_max_ppm, log_buffer_bytes, waiting_requests_max, join_buffer_bytes, checkpoint_every_bytes,
          segment_bytes, log_write_bytes, chunk_bytes, chunks_in_flight, session_window, sessions_max,
          session_expires_after);
}
template <class Archive>
void fields(Archive& archive, Like<NodeConfig> auto& x) {
  archive(x.self, x.nodes, x.arbiter_kind, x.arbiter, x.may_found, x.settings);
}
template <class Archive>
void fields(Archive& archive, Like<ArbiterConfig> auto& x) {
  archive(x.self);
}
template <class Archive>
void fields(Archive& archive, Like<RecordedName> auto& x) {
  archive(x.process, x.name);
}
template <class Archive>
void fields(Archive& archive, Like<RecordedMachine> auto& x) {
  archive(x.kind, x.node, x.arbiter, x.program, x.names);
}
template <class Archive>
void fields(Archive& archive, Like<RecordedEnd> auto& x) {
  archive(x.why);
}

namespace {

constexpr std::size_t prefix_size = 8;  // length and checksum

enum class FrameKind : std::uint8_t { machine = 1, name, step, failure, end };
template <class T>
constexpr FrameKind kind_of = FrameKind{};
template <>
constexpr FrameKind kind_of<RecordedMachine> = FrameKind::machine;
template <>
constexpr FrameKind kind_of<RecordedName> = FrameKind::name;
template <>
constexpr FrameKind kind_of<RecordedEnd> = FrameKind::end;

template <class Sink>
void put_event(BasicWriter<Sink>& writer, const Event& event) {
  writer.u8(static_cast<std::uint8_t>(event.index()));
  std::visit([&writer](const auto& alternative) { put_fields(writer, alternative); }, event);
}

// Reads the alternative of that index into `event`.
template <std::size_t... Index>
void take_alternative(std::size_t index, FieldsIn& archive, Reader& reader, Event& event,
                      std::index_sequence<Index...>) {
  const bool known =
      ((index == Index && (archive(event.emplace<Index>()), true)) || ...);  // the first that fits is the only one
  if (!known) reader.fail();
}

void take_event(Reader& reader, FieldsIn& archive, Event& event) {
  take_alternative(reader.u8(), archive, reader, event, std::make_index_sequence<std::variant_size_v<Event>>());
}

// Appends a frame whose payload `write(writer)` writes.
template <class Write>
void append_frame(std::string& to, Write&& write) {
  const std::size_t begin = to.size();
  to.append(prefix_size, '\0');
  Writer payload(to);
  write(payload);
  const std::size_t size = to.size() - begin - prefix_size;
  MemorySink prefix(to.data() + begin);
  BasicWriter(prefix)
      .u32(static_cast<std::uint32_t>(size))
      .u32(crc32c(std::string_view(to).substr(begin + prefix_size)));
}

template <class Frame>
void append(std::string& to, const Frame& frame) {
  append_frame(to, [&frame](Writer& writer) {
    writer.u8(static_cast<std::uint8_t>(kind_of<Frame>));
    put_fields(writer, frame);
  });
}

void append(std::string& to, const RecordedStep& step) {
  append_recorded_step(to, step.moment, step.event, step.effects);
}

void append(std::string& to, const RecordedFailure& failure) {
  append_frame(to, [&failure](Writer& writer) {
    writer.u8(static_cast<std::uint8_t>(FrameKind::failure));
    put_fields(writer, failure.moment, failure.what);
    put_event(writer, failure.event);
  });
}

std::optional<RecordingFrame> decode(std::string_view payload) {
  Reader reader(payload);
  FieldsIn archive(reader);
  RecordingFrame frame;
  switch (FrameKind{reader.u8()}) {
    case FrameKind::machine: archive(frame.emplace<RecordedMachine>()); break;
    case FrameKind::name: archive(frame.emplace<RecordedName>()); break;
    case FrameKind::step: {
      auto& step = frame.emplace<RecordedStep>();
      archive(step.moment, step.effects);
      take_event(reader, archive, step.event);
      break;
    }
    case FrameKind::failure: {
      auto& failure = frame.emplace<RecordedFailure>();
      archive(failure.moment, failure.what);
      take_event(reader, archive, failure.event);
      break;
    }
    case FrameKind::end: archive(frame.emplace<RecordedEnd>()); break;
    default: return std::nullopt;
  }
  if (!reader.complete()) return std::nullopt;
  return frame;
}

}  // namespace

std::string encode_recording_frame(const RecordingFrame& frame) {
  std::string bytes;
  std::visit([&bytes](const auto& alternative) { append(bytes, alternative); }, frame);
  return bytes;
}

void append_recorded_step(std::string& to, const Moment& moment, const Event& event, std::uint32_t effects) {
  append_frame(to, [&](Writer& writer) {
    writer.u8(static_cast<std::uint8_t>(FrameKind::step));
    put_fields(writer, moment, effects);
    put_event(writer, event);
  });
}

std::uint32_t fingerprint(const std::vector<Effect>& effects) {
  ChecksumSink sink;
  BasicWriter writer(sink);
  for (const Effect& effect : effects) {
    writer.u8(static_cast<std::uint8_t>(effect.index()));
    std::visit([&writer](const auto& alternative) { put_fields(writer, alternative); }, effect);
  }
  return sink.checksum();
}

// ---- RecordingReader -----------------------------------------------------------------------------------------------

RecordingReader::RecordingReader(std::string_view bytes) : bytes_(bytes) {
  if (bytes_.starts_with(recording_magic)) {
    position_ = recording_magic.size();
  } else {
    state_ = State::no_recording;
  }
}

std::optional<RecordingFrame> RecordingReader::next() {
  if (state_ != State::whole) return std::nullopt;
  const std::string_view rest = bytes_.substr(position_);
  // Room that was made and not written to.
  if (std::all_of(rest.begin(), rest.begin() + std::min(rest.size(), prefix_size), [](char c) { return c == 0; })) {
    if (rest.find_first_not_of('\0') != std::string_view::npos) state_ = State::torn;
    return std::nullopt;
  }
  Reader reader(rest);
  const std::uint32_t size = reader.u32();
  const std::uint32_t checksum = reader.u32();
  const std::string_view payload = reader.raw(size);
  if (reader.failed()) {
    state_ = State::torn;
    return std::nullopt;
  }
  std::optional<RecordingFrame> frame;
  if (crc32c(payload) == checksum) frame = decode(payload);
  if (!frame) {
    // With nothing but room behind it, it was being written.
    state_ = reader.rest().find_first_not_of('\0') == std::string_view::npos ? State::torn : State::damaged;
    return std::nullopt;
  }
  position_ += prefix_size + size;
  return frame;
}

}  // namespace smalldb
