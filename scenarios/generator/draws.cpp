#include "scenarios/generator/draws.h"

#include <algorithm>

#include "sim/chance.h"

namespace smalldb::scenarios {

Draws Draws::of(std::string_view part) {
  if (!from_bytes_) return Draws(sim::draw(seed_, sim::Chance::scenario, sim::key_of(part), 0));
  const std::size_t share = (bytes_.size() + 3) / 4;
  const Draws own(bytes_.first(share));
  bytes_ = bytes_.subspan(share);
  return own;
}

std::uint64_t Draws::below(std::uint64_t limit) {
  if (from_bytes_) return next() % limit;
  return sim::below(next(), limit);
}

std::uint64_t Draws::next() {
  if (!from_bytes_) return sim::draw(seed_, sim::Chance::scenario, sim::Key{~std::uint64_t{0}}, drawn_++);
  std::uint64_t value = 0;
  const std::size_t size = std::min<std::size_t>(bytes_.size(), 2);
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes_[i];
  bytes_ = bytes_.subspan(size);
  return value;
}

}  // namespace smalldb::scenarios
