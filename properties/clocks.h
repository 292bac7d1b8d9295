// What every process can have heard of, kept while the run goes on: vector clocks over the nodes and the arbiter.
//
// `heard(p, q)` is the last event of q in the causal past of p. Knowledge travels with the messages that were
// delivered, clients included as carriers, and stays with a process over its restarts (its disk remembers).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "properties/cast.h"
#include "sim/trace.h"

namespace smalldb::properties {

class Clocks {
 public:
  static constexpr std::size_t columns_max = nodes_max + 1;
  // Event indices plus one, by column; 0: nothing heard.
  using Clock = std::array<sim::EventIndex, columns_max>;

  explicit Clocks(const Cast& cast) : rows_(cast.size()), columns_(cast.size(), columns_max) {
    std::size_t next = 0;
    for (std::size_t process = 0; process < cast.size(); ++process) {
      if (cast.members[process].part == Part::client) continue;
      if (next < columns_max) columns_[process] = next;
      ++next;
    }
    complete_ = next <= columns_max;
    used_ = std::min(next, columns_max);
  }

  // Every node and the arbiter have a column. If not, what they did cannot be asked for.
  bool complete() const { return complete_; }

  void happened(ProcessId at, sim::EventIndex event) {
    const std::size_t process = static_cast<std::size_t>(at);
    if (columns_[process] < columns_max) rows_[process][columns_[process]] = event + 1;
  }
  const Clock& of(ProcessId process) const { return rows_[static_cast<std::size_t>(process)]; }
  void hears(ProcessId process, const Clock& clock) {
    Clock& row = rows_[static_cast<std::size_t>(process)];
    for (std::size_t i = 0; i < used_; ++i) row[i] = std::max(row[i], clock[i]);
  }

  // `event`, which happened at `where`, is in the causal past of what happens at `process` now.
  bool knows(ProcessId process, ProcessId where, sim::EventIndex event) const {
    const std::size_t column = columns_[static_cast<std::size_t>(where)];
    return column < columns_max && of(process)[column] > event;
  }

 private:
  std::vector<Clock> rows_;
  std::vector<std::size_t> columns_;  // by process; columns_max: none
  std::size_t used_ = 0;              // columns
  bool complete_ = true;
};

}  // namespace smalldb::properties
