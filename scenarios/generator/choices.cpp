#include "scenarios/generator/choices.h"

#include <algorithm>

namespace smalldb::scenarios {

Choices::Choices(std::span<const std::uint8_t> bytes) {
  auto at = std::find(bytes.begin(), bytes.end(), mark);
  while (at != bytes.end()) {
    const auto end = std::find(at + 1, bytes.end(), mark);
    if (end - at > 2) {
      const std::uint64_t name = at[1] + base * at[2];
      parts_[static_cast<Name>(name)] = Bytes(at + 3, end);
    }
    at = end;
  }
}

void Choices::add(Name part, std::uint64_t value, std::uint64_t limit) {
  Bytes& digits = parts_[part];
  for (std::uint64_t most = limit - 1; most > 0; most /= base, value /= base) {
    digits.push_back(static_cast<std::uint8_t>(value % base));
  }
}

std::uint64_t Choices::next(Name part, std::size_t& place, std::uint64_t limit) const {
  const auto known = parts_.find(part);
  if (known == parts_.end()) return 0;
  const Bytes& digits = known->second;
  std::uint64_t value = 0, weight = 1;
  for (std::uint64_t most = limit - 1; most > 0 && place < digits.size(); most /= base, weight *= base) {
    value += weight * digits[place++];
  }
  return value % limit;
}

Choices::Bytes Choices::bytes() const {
  Bytes all;
  for (const auto& [name, digits] : parts_) {
    all.insert(all.end(), {mark, static_cast<std::uint8_t>(name % base), static_cast<std::uint8_t>(name / base)});
    all.insert(all.end(), digits.begin(), digits.end());
  }
  return all;
}

std::vector<Choices> Choices::simpler() const {
  std::vector<Choices> all;
  for (const auto& [name, digits] : parts_) {
    all.push_back(*this);
    all.back().parts_.erase(name);
  }
  for (const auto& [name, digits] : parts_) {
    if (digits.size() < 2) continue;
    all.push_back(*this);
    all.back().parts_[name].resize(digits.size() / 2);
  }
  return all;
}

}  // namespace smalldb::scenarios
