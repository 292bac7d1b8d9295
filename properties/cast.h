// Who takes part in a run: what the numbers of a trace stand for, and the settings that say what is promised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/machine.h"
#include "model/settings.h"
#include "model/time.h"
#include "sim/trace.h"

namespace smalldb::sim {
class World;
}

namespace smalldb::properties {

// The most nodes of a run that is judged while it goes on: what each has heard of is kept for every other.
inline constexpr std::size_t nodes_max = 16;

enum class Part : std::uint8_t { node, arbiter, client };

struct Member {
  std::string name;
  Part part = Part::node;
};

struct Cast {
  std::vector<Member> members;  // by ProcessId
  // What messages and records call a process, where that is not its place among the members (as in recordings of
  // processes that really ran).
  std::map<ProcessId, ProcessId> places = {};
  ArbiterKind arbiter_kind = ArbiterKind::tie_breaker;
  Acknowledge acknowledge = Acknowledge::durable;
  // Bounds that the settings promise; as they are here where they are not known.
  std::uint64_t log_buffer_bytes = ~std::uint64_t{0};  // Settings::log_buffer_bytes
  Duration session_kept_for;                           // so long after its last record at least

  std::size_t size() const { return members.size(); }
  bool has(ProcessId process) const { return static_cast<std::size_t>(process) < members.size(); }
  bool is(ProcessId process, Part part) const {
    return has(process) && members[static_cast<std::size_t>(process)].part == part;
  }
  // The place of the process that a message or record calls by this number.
  ProcessId place_of(ProcessId called) const {
    const auto known = places.find(called);
    return known == places.end() ? called : known->second;
  }
  // The process's name; "nobody" for no_process.
  std::string_view name(ProcessId process) const;
};

// The names of files, asked for when a FileId is met for the first time. Borrows what it looks into; made for one call.
class FileNames {
 public:
  // Implicit, so that whoever has names in one of these forms passes them as they are.
  FileNames(const sim::World& world) : world_(&world) {}
  FileNames(std::span<const std::string> by_id) : by_id_(by_id) {}
  FileNames(const std::vector<std::string>& by_id) : by_id_(by_id) {}

  std::string_view operator()(sim::FileId file) const;

 private:
  const sim::World* world_ = nullptr;
  std::span<const std::string> by_id_;
};

}  // namespace smalldb::properties
