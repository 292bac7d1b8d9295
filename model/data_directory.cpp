#include "model/data_directory.h"

#include <algorithm>
#include <cstddef>

#include "model/assert.h"
#include "model/codec.h"
#include "model/crc32c.h"

namespace smalldb {
namespace {

constexpr std::string_view meta_magic = "smalldb\n";

constexpr std::string_view log_prefix = "log-";
constexpr std::string_view checkpoint_prefix = "checkpoint-";
constexpr std::string_view temporary_suffix = ".tmp";
constexpr std::size_t generation_digits = 10;
constexpr std::size_t lsn_digits = 20;

std::string padded(std::uint64_t number, std::size_t digits) {
  const std::string text = std::to_string(number);
  SMALLDB_ASSERT(text.size() <= digits, text);
  return std::string(digits - text.size(), '0') + text;
}

std::string numbered_file(std::string_view prefix, std::uint64_t generation, Lsn lsn) {
  return std::string(prefix) + padded(generation, generation_digits) + "-" + padded(lsn.value, lsn_digits);
}

std::optional<std::uint64_t> number(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (__builtin_mul_overflow(value, std::uint64_t{10}, &value) || __builtin_add_overflow(value, digit, &value)) {
      return std::nullopt;
    }
  }
  return value;
}

FileName parse_numbered_file(FileKind kind, std::string_view numbers) {
  if (numbers.size() != generation_digits + 1 + lsn_digits || numbers[generation_digits] != '-') return {};
  const auto generation = number(numbers.substr(0, generation_digits));
  const auto lsn = number(numbers.substr(generation_digits + 1));
  if (!generation || !lsn) return {};
  return {kind, *generation, Lsn{*lsn}};
}

}  // namespace

Bytes encode(const Meta& meta) {
  std::string bytes(meta_magic);
  Writer writer(bytes);
  writer.u32(meta_version).u64(meta.directory.high).u64(meta.directory.low).u64(meta.generation);
  writer.u8(meta.begun ? 1 : 0);
  writer.u32(crc32c(bytes));
  return Bytes::copy(bytes);
}

std::optional<Meta> decode_meta(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.raw(meta_magic.size()) != meta_magic || reader.u32() != meta_version) return std::nullopt;
  Meta meta;
  meta.directory.high = reader.u64();
  meta.directory.low = reader.u64();
  meta.generation = reader.u64();
  const std::uint8_t begun = reader.u8();
  meta.begun = begun == 1;
  const std::uint32_t checksum = reader.u32();
  if (!reader.complete() || begun > 1 || checksum != crc32c(bytes.substr(0, bytes.size() - sizeof checksum)))
    return std::nullopt;
  return meta;
}

std::optional<std::uint32_t> other_meta_version(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.raw(meta_magic.size()) != meta_magic) return std::nullopt;
  const std::uint32_t version = reader.u32();
  if (reader.failed() || version == meta_version || reader.rest().size() < sizeof(std::uint32_t)) return std::nullopt;
  const std::string_view sealed = bytes.substr(0, bytes.size() - sizeof(std::uint32_t));
  if (Reader(bytes.substr(sealed.size())).u32() != crc32c(sealed)) return std::nullopt;
  return version;
}

std::string log_file(std::uint64_t generation, Lsn first) { return numbered_file(log_prefix, generation, first); }

std::string checkpoint_file(std::uint64_t generation, Lsn lsn) {
  return numbered_file(checkpoint_prefix, generation, lsn);
}

std::string temporary_file(std::string_view name) { return std::string(name) + std::string(temporary_suffix); }

FileName parse_file_name(std::string_view name) {
  if (name.ends_with(temporary_suffix)) {
    FileName file = parse_file_name(name.substr(0, name.size() - temporary_suffix.size()));
    if (file.kind != FileKind::foreign) file.kind = FileKind::temporary;
    return file;
  }
  if (name == meta_file) return {FileKind::meta, 0, {}};
  if (name.starts_with(log_prefix)) return parse_numbered_file(FileKind::log, name.substr(log_prefix.size()));
  if (name.starts_with(checkpoint_prefix)) {
    return parse_numbered_file(FileKind::checkpoint, name.substr(checkpoint_prefix.size()));
  }
  return {};
}

void stop_after_failure(const DiskDone& done, std::string_view doing, std::string_view file, Effects& effects) {
  SMALLDB_ASSERT(done.status != DiskStatus::ok);
  std::string why = "cannot " + std::string(doing) + ": ";
  if (done.status == DiskStatus::no_space) {
    why += "no space is left for " + std::string(file) + ". Make room, and start again";
  } else {
    why += "the disk reported an error on " + std::string(file) +
           ", and what it holds of it is not known. Check the disk, and start again to recover from what it kept";
  }
  effects.stop(Bytes::copy(why));
}

}  // namespace smalldb
