#include "sim/fault.h"

#include <algorithm>
#include <array>

namespace smalldb::sim {
namespace {

constexpr std::array<std::string_view, fault_kinds> fault_names = {
    "crash",       "kill",         "power_failure",     "pause",         "slow_cpu",   "cut",         "clog",
    "delay",       "loss",         "duplication",       "reordering",    "bandwidth",  "queue_limit", "reset",
    "half_open",   "late_close",   "chunking",          "sync_failure",  "slow_disk",  "disk_full",   "bit_rot",
    "bad_sector",  "read_failure", "misdirected_write", "phantom_write", "wiped_disk", "saved_disk",  "old_disk",
    "clock_drift", "clock_step",   "clock_freeze",
};
static_assert(fault_names.back() == "clock_freeze");

bool contains(const std::vector<ProcessId>& group, ProcessId process) {
  return std::find(group.begin(), group.end(), process) != group.end();
}

}  // namespace

std::string_view name(FaultKind kind) { return fault_names[static_cast<std::size_t>(kind)]; }

std::string_view name(Unsynced unsynced) {
  constexpr std::array<std::string_view, 6> names = {"drawn", "kept", "lost", "torn", "subset", "garbage"};
  return names[static_cast<std::size_t>(unsynced)];
}

std::string_view name(Packets packets) {
  constexpr std::array<std::string_view, 3> names = {"all", "datagrams", "streams"};
  return names[static_cast<std::size_t>(packets)];
}

std::vector<Direction> one_way(const std::vector<ProcessId>& from, const std::vector<ProcessId>& to) {
  std::vector<Direction> directions;
  for (const ProcessId a : from) {
    for (const ProcessId b : to) {
      if (a != b) directions.push_back({a, b});
    }
  }
  return directions;
}

std::vector<Direction> both_ways(const std::vector<ProcessId>& one, const std::vector<ProcessId>& other) {
  std::vector<Direction> directions = one_way(one, other);
  const std::vector<Direction> back = one_way(other, one);
  directions.insert(directions.end(), back.begin(), back.end());
  return directions;
}

std::vector<Direction> between(const std::vector<std::vector<ProcessId>>& groups) {
  const auto share_a_group = [&](ProcessId a, ProcessId b) {
    return std::any_of(groups.begin(), groups.end(),
                       [&](const auto& group) { return contains(group, a) && contains(group, b); });
  };
  std::vector<Direction> directions;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (std::size_t j = i + 1; j < groups.size(); ++j) {
      for (const Direction direction : both_ways(groups[i], groups[j])) {
        const bool known = std::find(directions.begin(), directions.end(), direction) != directions.end();
        if (!known && !share_a_group(direction.from, direction.to)) directions.push_back(direction);
      }
    }
  }
  return directions;
}

}  // namespace smalldb::sim
