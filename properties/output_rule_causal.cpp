#include "properties/output_rule_causal.h"

#include "properties/happens_before.h"
#include "properties/output_rule.h"
#include "properties/words.h"

namespace smalldb::properties {

void OutputRuleCausal::observe(const Observation& answer, const Mirror& mirror) {
  const Line line = mirror.led_by(answer.process);
  if (line == no_line) return;  // the monitor says so
  has_subject();
  const Tenure& tenure = mirror.epochs[line];
  const Join* join = tenure.join_at(answer.lsn);
  if (join != nullptr && join->left.value == 0) {
    if (join->declared.value == 0) return;  // the join may have been given up; what counts is the monitor's patience
    const Milestones::Step* held = mirror.held_by(join->node, line, answer.lsn);
    if (held != nullptr && in_the_past(held->event, join->node, answer, mirror)) return;
    if (!grants_are_seen(*mirror.cast) || knows_of_grant(tenure.epoch.next(), tenure.directory, answer, mirror) ||
        mirror.promoted_since(answer.process, tenure.durable)) {
      return;
    }
    const std::string backup(mirror.name(join->node));
    const std::string why =
        held == nullptr ? "there was no copy of " + text(answer.lsn) + ", which it rests on, at the backup " + backup
                        : "nothing that had reached " + std::string(mirror.name(answer.process)) +
                              " told of the copy of " + text(answer.lsn) + " at the backup " + backup;
    violate(answer.time, held == nullptr ? "no copy" : "a copy not heard of",
            text(answer_of(answer), mirror) + "; " + why,
            {answer.event, answer.since, held == nullptr ? sim::no_event : held->event});
    return;
  }
  if (!grants_are_seen(*mirror.cast) || knows_of_grant(tenure.epoch, tenure.directory, answer, mirror)) return;
  violate(answer.time, "a grant not heard of",
          text(answer_of(answer), mirror) + "; nothing that had reached " + std::string(mirror.name(answer.process)) +
              " told of a grant of " + text(tenure.epoch),
          {answer.event, answer.since, tenure.durable});
}

bool OutputRuleCausal::knows_of_grant(Epoch epoch, DirectoryId directory, const Observation& answer,
                                      const Mirror& mirror) const {
  for (const Grant& grant : mirror.epochs.grants()) {
    const bool of_it = grant.epoch == epoch && grant.directory == directory;
    if (of_it && in_the_past(grant.event, grant.where, answer, mirror)) return true;
  }
  return false;
}

bool OutputRuleCausal::in_the_past(sim::EventIndex event, ProcessId where, const Observation& of,
                                   const Mirror& mirror) const {
  if (graph_ != nullptr) return graph_->before(event, of.event);
  return !mirror.clocks.complete() || mirror.clocks.knows(of.process, where, event);
}

void OutputRuleCausal::finish(sim::Time, const Mirror& mirror) {
  if (graph_ == nullptr && !mirror.clocks.complete()) {
    doubt("more than " + std::to_string(Clocks::columns_max) + " nodes and arbiters: not judged while the run went on");
  }
}

}  // namespace smalldb::properties
