// Sets the stage: the world that a scenario asks for, made of the model's machines, and who is who in it.
#pragma once

#include <vector>

#include "model/machine.h"
#include "properties/cast.h"
#include "scenarios/scenario.h"
#include "sim/settings.h"

namespace smalldb::scenarios {

// The numbers of the processes of a cluster. Nodes come first, then the arbiter if it is a process, then clients.
class Numbers {
 public:
  explicit Numbers(const Cluster& cluster);

  // `disk` is sim::shared_volume. no_process if nobody is called that.
  ProcessId of(const Name& name) const;
  std::size_t nodes() const { return nodes_; }
  std::size_t all() const { return names_.size(); }
  const std::vector<Name>& names() const { return names_; }
  bool is_node(ProcessId process) const { return static_cast<std::size_t>(process) < nodes_; }
  bool is_client(ProcessId process) const {
    return static_cast<std::size_t>(process) >= first_client_ && static_cast<std::size_t>(process) < names_.size();
  }

 private:
  std::vector<Name> names_;
  std::size_t nodes_;
  std::size_t first_client_;
};

sim::WorldSettings world_settings(const Scenario& scenario, const Numbers& numbers);

properties::Cast cast_of(const Scenario& scenario, const Numbers& numbers);

// The directions that `links` names, `all` being everyone, the shared volume included where there is one.
std::vector<sim::Direction> directions_of(const Links& links, const Numbers& numbers, bool has_shared_volume);

}  // namespace smalldb::scenarios
