#include "properties/provenance.h"

#include <algorithm>

#include "properties/happens_before.h"
#include "properties/output_rule.h"

namespace smalldb::properties {

ProvenanceFinder::ProvenanceFinder(Cast cast, std::vector<sim::EventIndex> candidates)
    : observer_(std::move(cast)), candidates_(std::move(candidates)) {}

void ProvenanceFinder::observe(std::span<const sim::TraceEvent> events, const FileNames& files) {
  for (const sim::TraceEvent& event : events) {
    if (!found_) {
      events_.push_back(event);
      if (events_.size() > events_max) events_.pop_front();
    }
    observer_.observe(event, files, *this);
  }
}

void ProvenanceFinder::on(const Observation& observation, const Mirror& mirror) {
  if (found_) {
    if (!is_complete()) look_for_what_is_needed(observation, mirror);
  } else if (observation.kind == ObservationKind::record_written) {
    written_.push_back({observation.process, observation.lsn, observation.event});
    if (written_.size() > records_max) written_.pop_front();
  } else if (observation.kind == ObservationKind::answer_released &&
             std::find(candidates_.begin(), candidates_.end(), observation.event) != candidates_.end()) {
    on_answer(observation, mirror);
  }
}

void ProvenanceFinder::on_answer(const Observation& answer, const Mirror& mirror) {
  found_.emplace();
  found_->answer = answer_of(answer);
  found_->acknowledge = mirror.cast->acknowledge;
  received_ = answer.since;
  if (const Users::Operation* asked = mirror.users.find(answer.peer, {answer.session, answer.number})) {
    invoked_ = asked->invoked;
  }
  const auto record = std::find_if(written_.rbegin(), written_.rend(), [&](const Written& written) {
    return written.node == answer.process && written.lsn == answer.lsn;
  });
  if (record != written_.rend() && record->event > received_) recorded_ = record->event;
  line_ = mirror.led_by(answer.process);
  if (line_ == no_line) return;
  const Tenure& tenure = mirror.epochs[line_];
  found_->epoch = tenure.epoch;
  const Join* join = tenure.join_at(answer.lsn);
  const bool has_backup = join != nullptr && join->left.value == 0;
  found_->need = has_backup ? Provenance::Need::copy : Provenance::Need::grant;
  found_->of = has_backup ? join->node : answer.process;
  look_for_what_is_needed(answer, mirror);
}

void ProvenanceFinder::look_for_what_is_needed(const Observation& observation, const Mirror& mirror) {
  const auto moment = [&](sim::EventIndex event) {
    const auto known = std::find_if(events_.rbegin(), events_.rend(), [&](const auto& e) { return e.index == event; });
    return Provenance::Moment{event, known == events_.rend() ? observation.time : known->time};
  };
  const Lsn position = found_->answer.position;
  if (!found_->own) {
    const Line holder = mirror.line_at(line_, position);
    const Milestones::Step* own = mirror.log(found_->answer.node).durable().covering(holder, position);
    if (own != nullptr) found_->own = moment(own->event);
  }
  if (found_->met) return;
  if (found_->need == Provenance::Need::copy) {
    const Milestones::Step* held = mirror.held_by(found_->of, line_, position);
    if (held != nullptr) found_->met = moment(held->event);
  } else if (found_->need == Provenance::Need::grant) {
    const Tenure& tenure = mirror.epochs[line_];
    const Grant* grant = mirror.epochs.grant(tenure.epoch, tenure.directory);
    if (grant != nullptr) found_->met = moment(grant->event);
  }
}

std::optional<Provenance> ProvenanceFinder::find() const {
  if (!found_) return std::nullopt;
  Provenance provenance = *found_;
  const std::vector<sim::TraceEvent> events(events_.begin(), events_.end());
  const HappensBefore graph(events);
  const sim::EventIndex first = events.front().index;
  const sim::EventIndex answer = provenance.answer.event;
  const auto is_remembered = [&](sim::EventIndex event) { return event >= first && event <= answer; };
  const auto add = [&](std::vector<sim::TraceEvent>& chain, sim::EventIndex event) {
    if (is_remembered(event) && (chain.empty() || chain.back().index < event)) chain.push_back(events[event - first]);
  };
  if (is_remembered(invoked_) && is_remembered(received_)) {
    for (const sim::EventIndex event : graph.path(invoked_, received_)) add(provenance.chain, event);
  } else if (is_remembered(received_)) {
    for (const sim::EventIndex event : graph.causes(received_)) {
      if (events[event - first].kind == sim::EventKind::sent) add(provenance.chain, event);
    }
  }
  add(provenance.chain, received_);
  add(provenance.chain, recorded_);
  if (provenance.own && recorded_ != sim::no_event) add(provenance.chain, provenance.own->event);
  add(provenance.chain, answer);
  if (provenance.met && is_remembered(provenance.met->event)) {
    for (const sim::EventIndex event : graph.path(provenance.met->event, answer)) add(provenance.word, event);
  }
  if (provenance.need != Provenance::Need::copy) return provenance;
  const std::vector<sim::EventIndex> past = graph.past(answer);
  const auto last = std::find_if(past.rbegin(), past.rend(), [&](sim::EventIndex event) {
    const sim::TraceEvent& one = events[event - first];
    return one.process == provenance.of && one.kind == sim::EventKind::sent && one.peer == provenance.answer.node;
  });
  if (last != past.rend()) provenance.last_word = events[*last - first];
  return provenance;
}

}  // namespace smalldb::properties
