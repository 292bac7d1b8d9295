#include "model/testing/arbitrary.h"

#include <ostream>
#include <variant>

namespace smalldb::testing {
namespace {

template <class T>
T number() {
  return T{*any_number()};
}

template <class Enumeration>
Enumeration enumerator(Enumeration last) {
  return static_cast<Enumeration>(*rc::gen::inRange(0, static_cast<int>(last) + 1));
}

bool yes_or_no() { return *rc::gen::arbitrary<bool>(); }
WallTime wall_time() { return WallTime{*rc::gen::arbitrary<std::int64_t>()}; }
Condition condition() { return {enumerator(Condition::Kind::absent), number<Lsn>()}; }

Request request() {
  return {number<SessionId>(), *any_number(), *any_number(), enumerator(Verb::remove),
          *any_bytes(),        *any_bytes(),  condition()};
}

// What is logged: no read.
Request logged_request() {
  Request logged = request();
  if (logged.verb == Verb::get) logged.verb = Verb::put;
  return logged;
}

Response response() {
  return {number<SessionId>(), *any_number(), enumerator(Status::too_large),
          number<Epoch>(),     number<Lsn>(), number<Lsn>(),
          *any_process(),      *any_bytes()};
}

std::vector<EpochStart> epochs() {
  std::vector<EpochStart> all;
  for (auto left = *rc::gen::inRange(0, 20); left > 0; --left) {
    all.push_back({number<Epoch>(), number<Lsn>(), *any_directory(), wall_time()});
  }
  return all;
}

RecordBody record_body() {
  static_assert(std::variant_size_v<RecordBody> == 7);
  switch (*rc::gen::inRange(0, 7)) {
    case 0: return EpochStarted{*any_directory(), *any_process()};
    case 1: return Operation{logged_request()};
    case 2: return BackupJoining{*any_directory(), *any_process()};
    case 3: return BackupDeclared{*any_directory(), *any_process()};
    case 4: return BackupLeft{*any_directory()};
    case 5: return Checkpoint{};
    default: return SessionsExpired{wall_time()};
  }
}

MessageBody message_body() {
  static_assert(std::variant_size_v<MessageBody> == 16);
  switch (*rc::gen::inRange(0, 16)) {
    case 0: return RequestMessage{request()};
    case 1: return ResponseMessage{response()};
    case 2: return Hello{*any_directory(), *any_process(), *any_number(), number<Lsn>(), number<Lsn>(), epochs()};
    case 3: return NotPrimary{*any_process(), *any_process()};
    case 4: return Welcome{number<Lsn>(), yes_or_no(), number<Lsn>()};
    case 5: return SnapshotChunk{number<Lsn>(), *any_number(), yes_or_no(), *any_bytes()};
    case 6: return SnapshotTaken{number<Lsn>(), *any_number()};
    case 7: return Ready{number<Lsn>()};
    case 8: return Records{number<Lsn>(), number<Lsn>(), *any_number(), *any_bytes()};
    case 9: return Ack{number<Lsn>(), number<Lsn>(), *any_number(), yes_or_no()};
    case 10: return Claim{number<Epoch>(), *any_directory(), *any_process(), *any_directory()};
    case 11: return Verdict{number<Epoch>(), *any_directory(), *any_process()};
    case 12: return Heartbeat{yes_or_no()};
    case 13: return Leaving{number<Lsn>()};
    case 14: return Ping{};
    default: return Pong{};
  }
}

void show_bytes(std::string_view bytes, std::ostream& to) {
  static constexpr char digits[] = "0123456789abcdef";
  for (const char c : bytes)
    to << digits[static_cast<unsigned char>(c) >> 4] << digits[static_cast<unsigned char>(c) & 15];
}

}  // namespace

rc::Gen<std::uint64_t> any_number() {
  return rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(0, 10), rc::gen::arbitrary<std::uint64_t>());
}

rc::Gen<Bytes> any_bytes() {
  return rc::gen::map(rc::gen::arbitrary<std::string>(), [](const std::string& text) { return Bytes::copy(text); });
}

rc::Gen<DirectoryId> any_directory() {
  return rc::gen::exec([] { return DirectoryId{*any_number(), *any_number()}; });
}

rc::Gen<ProcessId> any_process() {
  return rc::gen::exec([] { return ProcessId{*rc::gen::arbitrary<std::uint32_t>()}; });
}

rc::Gen<Request> any_request() { return rc::gen::exec(request); }

rc::Gen<Record> any_record() {
  return rc::gen::exec([] { return Record{number<Lsn>(), number<Epoch>(), wall_time(), record_body()}; });
}

rc::Gen<Message> any_message() {
  return rc::gen::exec([] { return Message{number<Epoch>(), number<Incarnation>(), message_body()}; });
}

std::string with_bit_flipped(std::string_view bytes, std::size_t bit) {
  std::string flipped(bytes);
  flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
  return flipped;
}

std::vector<std::string> pieces_of(const std::string& bytes) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto size = *rc::gen::inRange<std::size_t>(1, bytes.size() - at + 1);
    pieces.push_back(bytes.substr(at, size));
    at += size;
  }
  return pieces;
}

}  // namespace smalldb::testing

namespace smalldb {

void showValue(const Bytes& bytes, std::ostream& to) { testing::show_bytes(bytes.view(), to); }

void showValue(const Record& record, std::ostream& to) {
  to << "record of kind " << record.body.index() + 1 << ": ";
  testing::show_bytes(encode(record).view(), to);
}

void showValue(const Message& message, std::ostream& to) {
  to << name(message.body) << ": ";
  testing::show_bytes(encode(message).view(), to);
}

}  // namespace smalldb
