#include "properties/cast.h"

#include "sim/world.h"

namespace smalldb::properties {

std::string_view Cast::name(ProcessId process) const {
  if (process == no_process) return "nobody";
  return has(process) ? std::string_view(members[static_cast<std::size_t>(process)].name) : "?";
}

std::string_view FileNames::operator()(sim::FileId file) const {
  if (world_ != nullptr) return world_->file_name(file);
  const std::size_t index = static_cast<std::size_t>(file);
  return index < by_id_.size() ? std::string_view(by_id_[index]) : std::string_view();
}

}  // namespace smalldb::properties
