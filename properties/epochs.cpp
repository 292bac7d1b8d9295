#include "properties/epochs.h"

#include <algorithm>

namespace smalldb::properties {

const Join* Tenure::join_at(Lsn position) const {
  for (auto join = joins.rbegin(); join != joins.rend(); ++join) {
    if (join->joining <= position) return &*join;
  }
  return nullptr;
}

// Tenures are asked for soon after they begin, so both searches go backwards.
Line Epochs::find(Epoch epoch, DirectoryId directory) const {
  for (Line line = count(); line-- > 0;) {
    if (tenures_[line].epoch == epoch && tenures_[line].directory == directory) return line;
  }
  return no_line;
}

Line Epochs::latest(Epoch epoch) const {
  for (Line line = count(); line-- > 0;) {
    if (tenures_[line].epoch == epoch) return line;
  }
  return no_line;
}

bool Epochs::contains(Line line, Line other, Lsn position) const {
  while (line != no_line) {
    const Tenure& tenure = tenures_[line];
    if (position >= tenure.first) return false;
    // A parent is always of a lower epoch; anything else is damage that must not lead round in circles.
    if (tenure.parent != no_line && tenures_[tenure.parent].epoch >= tenure.epoch) return false;
    line = tenure.parent;
    if (line == other) return line != no_line && position >= tenures_[line].first;
  }
  return false;
}

const Grant* Epochs::grant(Epoch epoch, DirectoryId directory) const {
  for (auto grant = grants_.rbegin(); grant != grants_.rend(); ++grant) {
    if (grant->epoch == epoch && grant->directory == directory) return &*grant;
  }
  return nullptr;
}

Line Epochs::begin(const Tenure& tenure) {
  const Line known = find(tenure.epoch, tenure.directory);
  if (known != no_line && tenures_[known].fingerprint == tenure.fingerprint) return known;
  if (known != no_line && tenures_[known].durable == sim::no_event) {
    tenures_[known] = tenure;
    return known;
  }
  tenures_.push_back(tenure);
  return count() - 1;
}

void Epochs::joining(Line line, const Join& join) {
  std::vector<Join>& joins = tenures_[line].joins;
  if (joins.empty() || joins.back().joining < join.joining) joins.push_back(join);
}

void Epochs::declared(Line line, DirectoryId backup, Lsn lsn) {
  std::vector<Join>& joins = tenures_[line].joins;
  if (!joins.empty() && joins.back().directory == backup && joins.back().declared.value == 0 &&
      joins.back().joining < lsn) {
    joins.back().declared = lsn;
  }
}

void Epochs::left(Line line, DirectoryId backup, Lsn lsn) {
  std::vector<Join>& joins = tenures_[line].joins;
  if (!joins.empty() && joins.back().directory == backup && joins.back().left.value == 0 &&
      joins.back().joining < lsn) {
    joins.back().left = lsn;
  }
}

void Epochs::granted(const Grant& grant) {
  const bool known = std::any_of(grants_.rbegin(), grants_.rend(), [&](const Grant& other) {
    return other.epoch == grant.epoch && other.directory == grant.directory && other.where == grant.where;
  });
  if (!known) grants_.push_back(grant);
}

}  // namespace smalldb::properties
