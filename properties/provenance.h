// What an answer rests on, and whether word of it had come to the node that gave it: the question of the Output Rule
// (F2, F5), asked with all of a trace at hand, what came later included.
//
// The monitors say that a rule is broken while a run goes on, and keep no history. This says why, over the same run run
// once more: the chain of events that led to the answer, taken from the happens-before graph, and the link that is
// missing.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "properties/cast.h"
#include "properties/observer.h"
#include "properties/words.h"
#include "sim/time.h"
#include "sim/trace.h"

namespace smalldb::properties {

struct Provenance {
  // What must have happened before the answer, and be known where it was given.
  enum class Need : std::uint8_t {
    copy,   // the backup `of` has the record that the answer rests on
    grant,  // `of` has been given `epoch`: it is alone
    none,   // the node leads no epoch: nothing could permit the answer
  };
  // The moment it came to be.
  struct Moment {
    sim::EventIndex event = sim::no_event;
    sim::Time at;
  };

  Answer answer;
  // From what the user asked for (or the first of it that is known): the way to the node, the record that the answer
  // rests on if it was written for it, and its fsync; last the answer.
  std::vector<sim::TraceEvent> chain;
  std::optional<Moment>
      own;  // when that record was durable at the node itself; nothing: never, as far as the trace goes
  Need need = Need::none;
  Acknowledge acknowledge = Acknowledge::durable;  // when a copy counts
  ProcessId of = no_process;
  Epoch epoch;                               // in which the node served
  std::optional<Moment> met;                 // nothing: never, as far as the trace goes
  std::vector<sim::TraceEvent> word;         // a shortest chain from there to the answer; empty: no word had come
  std::optional<sim::TraceEvent> last_word;  // the last that `of` had sent of which the node had heard; copy alone
};

// Shown a whole trace, looks for the first of some answers.
class ProvenanceFinder final : private Listener {
 public:
  // Events that are no answers are passed over.
  ProvenanceFinder(Cast cast, std::vector<sim::EventIndex> candidates);

  // The next events of the trace, in order and without gaps, as Properties::observe.
  void observe(std::span<const sim::TraceEvent> events, const FileNames& files);

  // Nothing if none of the candidates was an answer. A chain that began too long before the answer is shown from where
  // memory begins.
  std::optional<Provenance> find() const;

 private:
  // Of what happened before the answer, this much is remembered.
  static constexpr std::size_t events_max = 200'000;

  // Of the records written, so many.
  static constexpr std::size_t records_max = 10'000;
  struct Written {
    ProcessId node;
    Lsn lsn;
    sim::EventIndex event;
  };

  void on(const Observation& observation, const Mirror& mirror) override;
  void on_answer(const Observation& answer, const Mirror& mirror);
  void look_for_what_is_needed(const Observation& observation, const Mirror& mirror);
  bool is_complete() const { return found_->own && (found_->met || found_->need == Provenance::Need::none); }

  Observer observer_;
  std::vector<sim::EventIndex> candidates_;
  std::deque<sim::TraceEvent> events_;  // up to the answer
  std::deque<Written> written_;         // up to the answer
  std::optional<Provenance> found_;     // without chains
  Line line_ = no_line;                 // that the node led
  // On the way to the answer; no_event: not known.
  sim::EventIndex invoked_ = sim::no_event;
  sim::EventIndex received_ = sim::no_event;
  sim::EventIndex recorded_ = sim::no_event;
};

}  // namespace smalldb::properties
