// Epochs as the trace shows them: who began each, where in the log, on top of which, and who stood by.
//
//     line 0: epoch 1 by a   1 2 3 4 5 6 7
//     line 1: epoch 2 by b           5 6 7 8      parent: line 0; a's 5 to 7 are not part of it
//
// A *line* is one directory's tenure of one epoch. There is one per epoch (S2) as long as the rules are kept; the
// checkers must be able to tell two apart when they are not.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/ids.h"
#include "model/machine.h"
#include "properties/observation.h"
#include "sim/trace.h"

namespace smalldb::properties {

// A backup on its way into a line, or part of it.
struct Join {
  Lsn joining;   // from this record on outputs wait for the backup (S5)
  Lsn declared;  // in sync from this record on; 0: not yet
  Lsn left;      // given up by this record; 0: no
  DirectoryId directory;
  ProcessId node = no_process;
};

struct Tenure {
  Epoch epoch;
  DirectoryId directory;
  ProcessId node = no_process;
  Lsn first;                                // the position of its EpochStarted record ...
  std::uint64_t fingerprint = 0;            // ... and its bytes
  Line parent = no_line;                    // of the record before it
  sim::EventIndex written = sim::no_event;  // the EpochStarted record, at `node`
  sim::EventIndex durable = sim::no_event;
  std::vector<Join> joins;  // rising

  // The join that `position` falls under: the last one whose joining record is not beyond it; null if there is none.
  const Join* join_at(Lsn position) const;
};

// `directory` has `epoch`: a word of the tie breaker, what a node read on the shared volume, or an operator's.
struct Grant {
  Epoch epoch;
  DirectoryId directory;
  sim::EventIndex event = sim::no_event;  // when it was first said, read, or put in ...
  ProcessId where = no_process;           // ... at this process
};

class Epochs {
 public:
  const Tenure& operator[](Line line) const { return tenures_[line]; }
  Line count() const { return static_cast<Line>(tenures_.size()); }

  // The line of a directory's tenure that was seen last; no_line if none was.
  Line find(Epoch epoch, DirectoryId directory) const;
  // The line of that epoch seen last; no_line if none was.
  Line latest(Epoch epoch) const;

  // A log of `line` holds, before its first record, the record of `other` at `position`.
  bool contains(Line line, Line other, Lsn position) const;

  const Grant* grant(Epoch epoch, DirectoryId directory) const;
  const std::vector<Grant>& grants() const { return grants_; }

  // ---- For the observer

  // An EpochStarted record was written at `first`. A tenure that was lost before it was durable begins afresh; one that
  // was lost after that (a disk lied, or an old copy of it was put back) is another line.
  Line begin(const Tenure& tenure);
  void became_durable(Line line, sim::EventIndex event) { tenures_[line].durable = event; }
  void joining(Line line, const Join& join);
  void declared(Line line, DirectoryId backup, Lsn lsn);
  void left(Line line, DirectoryId backup, Lsn lsn);
  void granted(const Grant& grant);

 private:
  std::vector<Tenure> tenures_;
  std::vector<Grant> grants_;
};

}  // namespace smalldb::properties
