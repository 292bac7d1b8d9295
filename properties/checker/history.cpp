#include "properties/checker/history.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "model/assert.h"

namespace smalldb::checker {
namespace {

// FNV-1a, with its high bits mixed into the low ones. Chosen for having no state and no seed.
std::uint64_t hash(std::string_view bytes) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char byte : bytes) value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return value ^ (value >> 32);
}

constexpr std::size_t block_size = std::size_t{1} << 16;

}  // namespace

std::uint32_t Names::intern(std::string_view name) {
  if (2 * (names_.size() + 1) > table_.size()) grow();
  const std::size_t at = place_of(name);
  if (table_[at] != 0) return table_[at] - 1;
  names_.push_back(keep(name));
  table_[at] = size();
  return size() - 1;
}

std::optional<std::uint32_t> Names::find(std::string_view name) const {
  if (table_.empty()) return std::nullopt;
  const std::uint32_t found = table_[place_of(name)];
  return found == 0 ? std::nullopt : std::optional(found - 1);
}

std::size_t Names::place_of(std::string_view name) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t at = hash(name) & mask;
  while (table_[at] != 0 && names_[table_[at] - 1] != name) at = (at + 1) & mask;
  return at;
}

std::string_view Names::operator[](std::uint32_t number) const {
  SMALLDB_ASSERT(number < names_.size(), number, names_.size());
  return names_[number];
}

std::string_view Names::keep(std::string_view name) {
  if (name.empty()) return {};
  if (name.size() > left_) {
    const std::size_t size = std::max(block_size, name.size());
    blocks_.push_back(std::unique_ptr<char[]>(new char[size]));
    left_ = size;
    // A block larger than the others serves one name only, so that the place of the next can be told from `left_`.
    if (size > block_size) left_ = 0;
  }
  char* const to = name.size() > block_size ? blocks_.back().get() : blocks_.back().get() + (block_size - left_);
  std::memcpy(to, name.data(), name.size());
  if (name.size() <= block_size) left_ -= name.size();
  return {to, name.size()};
}

void Names::grow() {
  table_.assign(std::max<std::size_t>(64, 2 * table_.size()), 0);
  const std::size_t mask = table_.size() - 1;
  for (std::uint32_t number = 0; number < names_.size(); ++number) {
    std::size_t at = hash(names_[number]) & mask;
    while (table_[at] != 0) at = (at + 1) & mask;
    table_[at] = number + 1;
  }
}

KeyId History::key(std::string_view name) { return KeyId{keys_.intern(name)}; }
ProcessId History::process(std::string_view name) { return ProcessId{processes_.intern(name)}; }
ValueId History::value(std::string_view bytes) { return ValueId{values_.intern(bytes) + 1}; }
std::optional<ValueId> History::find_value(std::string_view bytes) const {
  const std::optional<std::uint32_t> found = values_.find(bytes);
  return found ? std::optional(ValueId{*found + 1}) : std::nullopt;
}

std::string_view History::name(KeyId key) const { return keys_[static_cast<std::uint32_t>(key)]; }
std::string_view History::name(ProcessId process) const { return processes_[static_cast<std::uint32_t>(process)]; }
std::string_view History::bytes(ValueId value) const {
  SMALLDB_ASSERT(value != ValueId::absent);
  return values_[static_cast<std::uint32_t>(value) - 1];
}

std::size_t History::key_count() const { return keys_.size(); }
std::size_t History::process_count() const { return processes_.size(); }
std::size_t History::value_count() const { return values_.size() + std::size_t{1}; }

void History::start_all_keys_with(ValueId value) { initial_ = value; }
void History::start_with(KeyId key, ValueId value) { initial_of_[static_cast<std::uint32_t>(key)] = value; }
ValueId History::initial(KeyId key) const {
  const auto own = initial_of_.find(static_cast<std::uint32_t>(key));
  return own == initial_of_.end() ? initial_ : own->second;
}

void History::check_next(const Operation* before, const Operation& operation) {
  SMALLDB_ASSERT(!before || before->invoked <= operation.invoked, operation.invoked);
  SMALLDB_ASSERT((operation.returned == never) == (operation.outcome == Outcome::unknown), operation.returned);
  SMALLDB_ASSERT(operation.invoked <= operation.returned, operation.invoked, operation.returned);
}

void History::add(const Operation& operation, std::uint32_t line) {
  check_next(operations_.empty() ? nullptr : &operations_.back(), operation);
  if (line != 0) {
    lines_.resize(operations_.size(), 0);
    lines_.push_back(line);
  }
  operations_.push_back(operation);
}

void History::replace_operations(Operations operations) {
  const Operation* before = nullptr;
  for (const Operation& operation : operations) {
    check_next(before, operation);
    before = &operation;
  }
  operations_ = std::move(operations);
  lines_.clear();
}

std::uint32_t History::line(std::size_t position) const { return position < lines_.size() ? lines_[position] : 0; }

void History::add(Mark mark) { marks_.push_back(std::move(mark)); }

}  // namespace smalldb::checker
