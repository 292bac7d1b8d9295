// What the host of a machine promises it (model/machine.h), held against what a recording says that it was told. A
// machine relies on these: one that is told what no host says may do anything, and whoever feeds it has to look first.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/machine.h"

namespace smalldb::scenarios {

class HostPromises {
 public:
  // Why no host tells the machine this next, for people; empty if one may.
  std::string broken_by(const Event& event) const;
  // It was told so, and wanted this.
  void on_step(const Event& event, const std::vector<Effect>& effects);

 private:
  std::string broken_by(const DiskDone& done) const;

  bool started_ = false;
  bool stopped_ = false;
  std::uint64_t links_ = 0;  // that there have been; they are numbered from 1
  std::set<TimerId> armed_;
  std::map<DiskToken, effect::Disk> asked_;  // of the disk, without an answer
};

}  // namespace smalldb::scenarios
