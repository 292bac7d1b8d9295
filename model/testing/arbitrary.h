// Records, requests and messages made up by rapidcheck, for tests. Sizes and numbers cover the edges: empty and long
// keys and values, bytes of every kind, positions up to the largest.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/bytes.h"
#include "model/messages.h"
#include "model/record.h"
#include "model/request.h"

namespace smalldb::testing {

inline rc::Gen<std::uint64_t> any_number() {
  return rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(0, 10), rc::gen::arbitrary<std::uint64_t>());
}

inline rc::Gen<Bytes> any_bytes() {
  return rc::gen::map(rc::gen::arbitrary<std::string>(), [](const std::string& text) { return Bytes::copy(text); });
}

template <class T>
rc::Gen<T> any_of_number() {
  return rc::gen::map(any_number(), [](std::uint64_t n) { return T{n}; });
}

template <class Enumeration>
rc::Gen<Enumeration> any_enumerator(Enumeration last) {
  return rc::gen::map(rc::gen::inRange(0, static_cast<int>(last) + 1),
                      [](int n) { return static_cast<Enumeration>(n); });
}

inline rc::Gen<DirectoryId> any_directory() { return rc::gen::construct<DirectoryId>(any_number(), any_number()); }

inline rc::Gen<ProcessId> any_process() {
  return rc::gen::map(rc::gen::arbitrary<std::uint32_t>(), [](std::uint32_t n) { return ProcessId{n}; });
}

inline rc::Gen<WallTime> any_wall_time() { return rc::gen::construct<WallTime>(rc::gen::arbitrary<std::int64_t>()); }

inline rc::Gen<Condition> any_condition() {
  return rc::gen::construct<Condition>(any_enumerator(Condition::Kind::absent), any_of_number<Lsn>());
}

inline rc::Gen<Request> any_request() {
  return rc::gen::construct<Request>(any_of_number<SessionId>(), any_number(), any_number(),
                                     any_enumerator(Verb::remove), any_bytes(), any_bytes(), any_condition());
}

// What is logged: no read.
inline rc::Gen<Request> any_logged_request() {
  return rc::gen::map(any_request(), [](Request request) {
    if (request.verb == Verb::get) request.verb = Verb::put;
    return request;
  });
}

inline rc::Gen<Response> any_response() {
  return rc::gen::construct<Response>(any_of_number<SessionId>(), any_number(), any_enumerator(Status::too_large),
                                      any_of_number<Epoch>(), any_of_number<Lsn>(), any_of_number<Lsn>(), any_process(),
                                      any_bytes());
}

template <class Body, class... Gens>
rc::Gen<RecordBody> record_body(Gens... gens) {
  return rc::gen::map(rc::gen::construct<Body>(std::move(gens)...), [](const Body& body) { return RecordBody(body); });
}

inline rc::Gen<RecordBody> any_record_body() {
  return rc::gen::oneOf(
      record_body<EpochStarted>(any_directory(), any_process()), record_body<Operation>(any_logged_request()),
      record_body<BackupJoining>(any_directory(), any_process()),
      record_body<BackupDeclared>(any_directory(), any_process()), record_body<BackupLeft>(any_directory()),
      rc::gen::just(RecordBody(Checkpoint{})), record_body<SessionsExpired>(any_wall_time()));
}

inline rc::Gen<Record> any_record() {
  return rc::gen::construct<Record>(any_of_number<Lsn>(), any_of_number<Epoch>(), any_wall_time(), any_record_body());
}

template <class Body, class... Gens>
rc::Gen<MessageBody> message_body(Gens... gens) {
  return rc::gen::map(rc::gen::construct<Body>(std::move(gens)...), [](const Body& body) { return MessageBody(body); });
}

inline rc::Gen<MessageBody> any_message_body() {
  const auto lsn = any_of_number<Lsn>();
  const auto yes_or_no = rc::gen::arbitrary<bool>();
  const auto epochs = rc::gen::container<std::vector<EpochStart>>(
      rc::gen::construct<EpochStart>(any_of_number<Epoch>(), any_of_number<Lsn>(), any_directory(), any_wall_time()));
  return rc::gen::oneOf(message_body<RequestMessage>(any_request()), message_body<ResponseMessage>(any_response()),
                        message_body<Hello>(any_directory(), any_process(), any_number(), lsn, lsn, epochs),
                        message_body<NotPrimary>(any_process()), message_body<Welcome>(lsn, yes_or_no, lsn),
                        message_body<SnapshotChunk>(lsn, any_number(), yes_or_no, any_bytes()),
                        message_body<SnapshotTaken>(lsn, any_number()), message_body<Ready>(lsn),
                        message_body<Records>(lsn, lsn, any_number(), any_bytes()),
                        message_body<Ack>(lsn, lsn, any_number(), yes_or_no),
                        message_body<Claim>(any_of_number<Epoch>(), any_directory(), any_process()),
                        message_body<Verdict>(any_of_number<Epoch>(), any_directory(), any_process()),
                        message_body<Heartbeat>(yes_or_no));
}

inline rc::Gen<Message> any_message() {
  return rc::gen::construct<Message>(any_of_number<Epoch>(), any_of_number<Incarnation>(), any_message_body());
}

// `bytes` with one bit turned over.
inline std::string with_bit_flipped(std::string_view bytes, std::size_t bit) {
  std::string flipped(bytes);
  flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
  return flipped;
}

// `bytes` cut into pieces at random.
inline std::vector<std::string> pieces_of(const std::string& bytes) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto size = *rc::gen::inRange<std::size_t>(1, bytes.size() - at + 1);
    pieces.push_back(bytes.substr(at, size));
    at += size;
  }
  return pieces;
}

}  // namespace smalldb::testing

// How a failed property shows what it was tried with.
namespace smalldb {

inline void show_bytes(std::string_view bytes, std::ostream& to) {
  static constexpr char digits[] = "0123456789abcdef";
  for (const char c : bytes)
    to << digits[static_cast<unsigned char>(c) >> 4] << digits[static_cast<unsigned char>(c) & 15];
}
inline void showValue(const Bytes& bytes, std::ostream& to) { show_bytes(bytes.view(), to); }
inline void showValue(const Record& record, std::ostream& to) {
  to << "record of kind " << record.body.index() + 1 << ": ";
  show_bytes(encode(record).view(), to);
}
inline void showValue(const Message& message, std::ostream& to) {
  to << name(message.body) << ": ";
  show_bytes(encode(message).view(), to);
}

}  // namespace smalldb
