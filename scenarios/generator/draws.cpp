#include "scenarios/generator/draws.h"

namespace smalldb::scenarios {

Draws Draws::of(std::string_view part) const {
  const sim::Key name = sim::key_of(part);
  Draws own = *this;
  own.seed_ = sim::draw(seed_, sim::Chance::scenario, name, 0);
  own.path_ = sim::key_of(path_, name);
  own.drawn_ = 0;
  own.place_ = 0;
  return own;
}

std::uint64_t Draws::below(std::uint64_t limit) {
  if (choices_ != nullptr) return choices_->next(Choices::name_of(path_), place_, limit);
  const std::uint64_t drawn = sim::draw(seed_, sim::Chance::scenario, sim::Key{~std::uint64_t{0}}, drawn_++);
  const std::uint64_t value = sim::below(drawn, limit);
  write(value, limit);
  return value;
}

void Draws::write(std::uint64_t value, std::uint64_t limit) {
  if (written_ != nullptr) written_->add(Choices::name_of(path_), value, limit);
}

}  // namespace smalldb::scenarios
