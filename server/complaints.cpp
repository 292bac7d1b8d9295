#include "server/complaints.h"

namespace smalldb::server {

std::optional<std::uint64_t> Complaints::due(const std::string& what, Clock::time_point now) {
  auto kind = kinds_.find(what);
  if (kind == kinds_.end()) {
    std::erase_if(kinds_, [&](const auto& each) { return now - each.second.said >= 2 * every; });
    const bool room = kinds_.size() < kinds_max;
    const auto [made, first] = kinds_.try_emplace(room ? what : std::string(), Kind{now, 0});
    if (first) return 1;
    kind = made;
  }
  ++kind->second.times;
  if (now - kind->second.said < every) return std::nullopt;
  const std::uint64_t times = kind->second.times;
  kind->second = {now, 0};
  return times;
}

void Complaints::warn(Journal& journal, std::string_view event, const std::string& what,
                      std::vector<Journal::Field> fields) {
  const auto times = due(what, Clock::now());
  if (!times) return;
  if (*times > 1) fields.emplace_back("times", *times);
  journal.warning(event, fields);
}

}  // namespace smalldb::server
