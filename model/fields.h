// How the nouns of the protocol are put into bytes: one list of fields per struct, for both directions.
//
// `fields(archive, x)` hands all fields of x to the archive, in the order of the format. A `FieldsOut` writes them, a
// `FieldsIn` reads them and refuses what no writer writes (an enumerator that does not exist, a bool that is neither 0
// nor 1), so that every value has exactly one encoding. For the bodies of codecs; nobody else includes this.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "model/bytes.h"
#include "model/codec.h"
#include "model/ids.h"
#include "model/machine.h"
#include "model/messages.h"
#include "model/record.h"
#include "model/request.h"
#include "model/time.h"

namespace smalldb {

// T is Plain, perhaps const: lets one list of fields serve a writer and a reader.
template <class T, class Plain>
concept Like = std::same_as<std::remove_const_t<T>, Plain>;

template <class Archive>
void fields(Archive& archive, Like<Lsn> auto& x) {
  archive(x.value);
}
template <class Archive>
void fields(Archive& archive, Like<Epoch> auto& x) {
  archive(x.value);
}
template <class Archive>
void fields(Archive& archive, Like<DirectoryId> auto& x) {
  archive(x.high, x.low);
}
template <class Archive>
void fields(Archive& archive, Like<Incarnation> auto& x) {
  archive(x.value);
}
template <class Archive>
void fields(Archive& archive, Like<SessionId> auto& x) {
  archive(x.value);
}
template <class Archive>
void fields(Archive& archive, Like<WallTime> auto& x) {
  archive(x.nanoseconds);
}
template <class Archive>
void fields(Archive& archive, Like<EpochStart> auto& x) {
  archive(x.epoch, x.first, x.primary, x.stamp);
}
template <class Archive>
void fields(Archive& archive, Like<Condition> auto& x) {
  archive(x.kind, x.revision);
}
template <class Archive>
void fields(Archive& archive, Like<Request> auto& x) {
  archive(x.session, x.number, x.oldest_unanswered, x.verb, x.condition, x.key, x.value);
}
template <class Archive>
void fields(Archive& archive, Like<Response> auto& x) {
  archive(x.session, x.number, x.status, x.epoch, x.revision, x.position, x.primary, x.value);
}

// One of few kinds, each of which has a name; and what has a type of its own, but is a number like another.
template <class T>
concept EnumerationOfKinds = std::is_enum_v<T> && sizeof(T) == 1;
template <class T>
concept EnumerationOfNumbers = std::is_enum_v<T> && sizeof(T) > 1;

// The last enumerator of an enumeration of kinds that is sent or stored.
template <class Enumeration>
inline constexpr Enumeration last_of{};
template <>
inline constexpr Verb last_of<Verb> = Verb::remove;
template <>
inline constexpr Status last_of<Status> = Status::too_large;
template <>
inline constexpr Condition::Kind last_of<Condition::Kind> = Condition::Kind::absent;

template <class Sink>
class FieldsOut {
 public:
  explicit FieldsOut(BasicWriter<Sink>& to) : to_(to) {}

  template <class... Values>
  void operator()(const Values&... values) {
    (put(values), ...);
  }
  void payload(const Bytes& bytes) { put(bytes); }

 private:
  void put(bool value) { to_.u8(value ? 1 : 0); }
  void put(std::uint8_t value) { to_.u8(value); }
  void put(std::uint32_t value) { to_.u32(value); }
  void put(std::uint64_t value) { to_.u64(value); }
  void put(std::int64_t value) { to_.i64(value); }
  void put(const Bytes& value) { to_.text(value.view()); }
  void put(const std::string& value) { to_.text(value); }
  template <class T>
  void put(const std::vector<T>& values) {
    to_.u32(static_cast<std::uint32_t>(values.size()));
    for (const T& value : values) put(value);
  }
  template <class Enumeration>
  requires std::is_enum_v<Enumeration>
  void put(Enumeration value) { put(static_cast<std::underlying_type_t<Enumeration>>(value)); }
  template <class T>
  requires std::is_class_v<T>
  void put(const T& value) { fields(*this, value); }

  BasicWriter<Sink>& to_;
};

class FieldsIn {
 public:
  // `whole`, if given, is what `from` reads: payloads become slices of it instead of copies, and so do values that are
  // most of it.
  explicit FieldsIn(Reader& from, const Bytes* whole = nullptr) : from_(from), whole_(whole) {}

  template <class... Values>
  void operator()(Values&... values) {
    (take(values), ...);
  }
  // Bytes that are handed on soon. All others are excerpts, so that a value in the store does not keep alive the block
  // of the stream in which it happened to arrive.
  void payload(Bytes& bytes) {
    const std::string_view view = from_.text();
    bytes = whole_ == nullptr || view.empty() ? Bytes::copy(view) : whole_->slice(offset_of(view), view.size());
  }

 private:
  void take(bool& value) {
    const std::uint8_t byte = from_.u8();
    if (byte > 1) from_.fail();
    value = byte == 1;
  }
  void take(std::uint8_t& value) { value = from_.u8(); }
  void take(std::uint32_t& value) { value = from_.u32(); }
  void take(std::uint64_t& value) { value = from_.u64(); }
  void take(std::int64_t& value) { value = from_.i64(); }
  void take(Bytes& value) {
    const std::string_view view = from_.text();
    value = whole_ == nullptr ? Bytes::copy(view) : whole_->excerpt(view);
  }
  void take(std::string& value) { value = from_.text(); }
  template <class T>
  void take(std::vector<T>& values) {
    values.clear();
    // A count beyond what is there ends at the first value that is missing.
    for (std::uint32_t left = from_.u32(); left != 0 && !from_.failed(); --left) take(values.emplace_back());
  }
  template <EnumerationOfKinds Enumeration>
  void take(Enumeration& value) {
    const std::uint8_t byte = from_.u8();
    if (byte > static_cast<std::uint8_t>(last_of<Enumeration>)) from_.fail();
    value = static_cast<Enumeration>(byte);
  }
  template <EnumerationOfNumbers Enumeration>
  void take(Enumeration& value) {
    std::underlying_type_t<Enumeration> number{};
    take(number);
    value = Enumeration{number};
  }
  template <class T>
  requires std::is_class_v<T>
  void take(T& value) { fields(*this, value); }

  std::size_t offset_of(std::string_view view) const { return static_cast<std::size_t>(view.data() - whole_->data()); }

  Reader& from_;
  const Bytes* whole_;
};

// Writes `values` one after the other to a BasicWriter of any sink.
template <class Sink, class... Values>
void put_fields(BasicWriter<Sink>& writer, const Values&... values) {
  FieldsOut<Sink> archive(writer);
  archive(values...);
}

}  // namespace smalldb
