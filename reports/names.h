// What the numbers in a trace event stand for.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/machine.h"
#include "sim/fault.h"
#include "sim/trace.h"
#include "sim/world.h"

namespace smalldb::reports {

// Asked while events are written. What it returns is valid until the world goes on.
class Names {
 public:
  virtual ~Names() = default;
  virtual std::string_view process(ProcessId process) const = 0;
  virtual std::string_view file(sim::FileId file) const = 0;
  virtual const sim::Fault& fault(sim::FaultId fault) const = 0;
};

// The names of a world. REQUIRES: the world outlives it.
class WorldNames final : public Names {
 public:
  explicit WorldNames(const sim::World& world) : world_(world) {}
  std::string_view process(ProcessId process) const override { return world_.name(process); }
  std::string_view file(sim::FileId file) const override { return world_.file_name(file); }
  const sim::Fault& fault(sim::FaultId fault) const override {
    return world_.faults().at(static_cast<std::size_t>(fault)).fault;
  }

 private:
  const sim::World& world_;
};

// Names of processes alone, by ProcessId.
class ListedNames final : public Names {
 public:
  explicit ListedNames(std::vector<std::string> processes) : processes_(std::move(processes)) {}
  std::string_view process(ProcessId process) const override {
    const auto place = static_cast<std::size_t>(process);
    return place < processes_.size() ? std::string_view(processes_[place]) : "nobody";
  }
  std::string_view file(sim::FileId) const override { return {}; }
  const sim::Fault& fault(sim::FaultId) const override {
    static const sim::Fault none;
    return none;
  }

 private:
  std::vector<std::string> processes_;
};

}  // namespace smalldb::reports
