// What all observations so far add up to: the nodes' logs, the epochs, and who can know of what. Properties read it;
// the observer alone writes it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "properties/cast.h"
#include "properties/clocks.h"
#include "properties/epochs.h"
#include "properties/node_log.h"
#include "properties/observation.h"
#include "properties/users.h"
#include "sim/time.h"

namespace smalldb::properties {

struct Mirror {
  explicit Mirror(Cast who)
      : cast(std::make_shared<const Cast>(std::move(who))),
        logs(cast->size()),
        received(cast->size()),
        leads(cast->size(), no_line),
        promoted(cast->size(), sim::no_event),
        running(cast->size(), false),
        lives(cast->size()),
        left(cast->size()),
        asks_for_an_epoch(cast->size(), false),
        waits_for_operator(cast->size(), false),
        clocks(*cast),
        users(cast->size()) {}

  struct Life {
    sim::EventIndex began = sim::no_event;
    sim::EventIndex ended = sim::no_event;
  };

  std::shared_ptr<const Cast> cast;
  // ---- By process
  std::vector<NodeLog> logs;
  std::vector<Milestones> received;       // records that reached a node; kept only where Acknowledge::received counts
  std::vector<Line> leads;                // the last line that it began durably in its present life; no_line: none
  std::vector<sim::EventIndex> promoted;  // an operator's word that has not been used for an epoch yet
  std::vector<bool> running;
  std::vector<Life> lives;  // the present one, or the last
  std::vector<Life> left;   // the last that ended because the process was told to
  // By its own word: in its present life, and has not been told whose it is. For what is promised, never for safety.
  std::vector<bool> asks_for_an_epoch;
  std::vector<bool> waits_for_operator;  // likewise, to be promoted, and no operator has
  // ----
  Epochs epochs;
  Clocks clocks;
  Users users;

  const NodeLog& log(ProcessId process) const { return logs[static_cast<std::size_t>(process)]; }
  Line led_by(ProcessId process) const { return leads[static_cast<std::size_t>(process)]; }
  // An operator has told `node` to go live, after `event`, and it has not begun an epoch since.
  bool promoted_since(ProcessId node, sim::EventIndex event) const {
    const sim::EventIndex word = promoted[static_cast<std::size_t>(node)];
    return word != sim::no_event && (event == sim::no_event || word > event);
  }
  // The first of those who wait for an operator; no_process: nobody does.
  ProcessId waiting_for_operator() const {
    const auto first = std::find(waits_for_operator.begin(), waits_for_operator.end(), true);
    if (first == waits_for_operator.end()) return no_process;
    return ProcessId{static_cast<std::uint32_t>(first - waits_for_operator.begin())};
  }
  std::string_view name(ProcessId process) const { return cast->name(process); }

  // The line whose record stands at `position` in a log that ends in `line`; no_line if that is not known.
  Line line_at(Line line, Lsn position) const {
    while (line != no_line && position < epochs[line].first) line = epochs[line].parent;
    return line;
  }

  // The step with which `node` came to have the record of `line` at `position`, as the setting `acknowledge` means it;
  // null if it never did.
  const Milestones::Step* held_by(ProcessId node, Line line, Lsn position) const {
    const std::size_t process = static_cast<std::size_t>(node);
    const Milestones::Step* durable = logs[process].durable().covering(line, position);
    if (cast->acknowledge == Acknowledge::durable) return durable;
    const Milestones::Step* received_step = received[process].covering(line, position);
    if (durable == nullptr || (received_step != nullptr && received_step->event < durable->event)) return received_step;
    return durable;
  }
};

}  // namespace smalldb::properties
