// The guarantees that concern one process (Terry et al. 1994), key by key, by the revisions that the store claims.
#include <map>
#include <utility>
#include <vector>

#include "properties/checker/check.h"
#include "properties/checker/removes.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {
namespace {

struct Known {
  std::uint64_t revision = 0;
  std::size_t operation = 0;
};

// What one process knows of one key, by what has returned: the greatest revision that it wrote and that it read; and of
// those that were not of a remove.
struct Session {
  Known written;
  Known read;
  Known present_written;
  Known present_read;
};

class Sessions {
 public:
  Sessions(const History& history, std::size_t most) : operations_(history.operations()), most_(most) {}

  // Operations of one process do not overlap, so that they return in the order in which they are invoked.
  std::vector<BrokenGuarantee> judge() {
    for (const Operation& operation : operations_) {
      if (removes(operation)) removes_[operation.key].add(operation);
    }
    for (std::size_t i = 0; i < operations_.size() && found_.size() < most_; ++i) {
      const Operation& operation = operations_[i];
      const bool told = operation.outcome == Outcome::ok || operation.outcome == Outcome::mismatched;
      if (!told) continue;
      const bool writes = operation.verb != Verb::get && operation.outcome == Outcome::ok;
      if (operation.revision == 0 && !finds_nothing(operation)) continue;
      Session& session = sessions_[{operation.process, operation.key}];
      // What found nothing names no revision; but nothing is older than what was written, unless it was removed.
      if (operation.revision == 0) {
        judge_absence(session, i);
        continue;
      }
      judge_one(session, i, writes);
      know(writes ? session.written : session.read, i);
      if (claims_presence(operation)) know(writes ? session.present_written : session.present_read, i);
    }
    return std::move(found_);
  }

 private:
  void judge_one(const Session& session, std::size_t later, bool writes) {
    const std::uint64_t revision = operations_[later].revision;
    if (writes) {
      if (revision < session.written.revision) add(Guarantee::monotonic_writes, session.written.operation, later);
      if (revision < session.read.revision) add(Guarantee::writes_follow_reads, session.read.operation, later);
    } else {
      if (revision < session.written.revision) add(Guarantee::read_your_writes, session.written.operation, later);
      if (revision < session.read.revision) add(Guarantee::monotonic_reads, session.read.operation, later);
    }
  }

  void judge_absence(const Session& session, std::size_t later) {
    const auto judge = [&](Guarantee guarantee, const Known& known) {
      const Operation& present = operations_[known.operation];
      const Operation& absent = operations_[later];
      const bool is_broken = known.revision != 0 && !removes_[absent.key].may_explain(absent, present, known.revision);
      if (is_broken) add(guarantee, known.operation, later);
    };
    judge(Guarantee::read_your_writes, session.present_written);
    judge(Guarantee::monotonic_reads, session.present_read);
  }

  void know(Known& known, std::size_t operation) const {
    const std::uint64_t revision = operations_[operation].revision;
    if (revision > known.revision) known = {revision, operation};
  }

  void add(Guarantee guarantee, std::size_t earlier, std::size_t later) {
    const bool in_order = operations_[earlier].returned < operations_[later].invoked;
    if (in_order && found_.size() < most_) found_.push_back({guarantee, earlier, later});
  }

  const Operations& operations_;
  const std::size_t most_;
  std::map<KeyId, Removes> removes_;
  std::map<std::pair<ProcessId, KeyId>, Session> sessions_;
  std::vector<BrokenGuarantee> found_;
};

}  // namespace

std::vector<BrokenGuarantee> check_sessions(const History& history, std::size_t most) {
  return Sessions(history, most).judge();
}

}  // namespace smalldb::checker
