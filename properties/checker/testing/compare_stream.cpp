#include "properties/checker/testing/compare_stream.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "properties/checker/events.h"
#include "properties/checker/stream.h"
#include "properties/checker/testing/brute_force.h"
#include "properties/checker/testing/compare.h"

namespace smalldb::checker::testing {
namespace {

// What a refused write would have written counts as long as nobody knows that it will be refused.
Operation whole(Operation operation) {
  const bool swaps = operation.verb == Verb::swap_if_value || operation.verb == Verb::swap_if_revision;
  if (swaps && operation.argument == ValueId::absent) operation.argument = ValueId{1};
  return operation;
}

// All that had happened by `now`: what had not returned is of unknown outcome.
History past_of(const History& history, KeyId key, std::span<const std::uint32_t> positions, const Event& now,
                bool untold = false) {
  History past;
  past.key("k");
  for (std::uint32_t value = 1; value < history.value_count(); ++value) past.value(history.bytes(ValueId{value}));
  past.start_all_keys_with(history.initial(key));
  for (const std::uint32_t position : positions) {
    Operation operation = whole(history.operations()[position]);
    operation.key = KeyId{0};
    if (Event{operation.invoked, false, position} > now) continue;
    if (operation.returned != never && Event{operation.returned, true, position} > now) {
      operation.returned = never;
      operation.outcome = Outcome::unknown;
      operation.revision = 0;
    }
    const bool is_untold = untold && position == now.position && operation.revision != 0;
    if (is_untold) operation.revision = any_revision;
    past.add(operation);
  }
  return past;
}

bool is_linearizable(const History& history, const StreamOptions& options) {
  return options.revisions == Revisions::promised ? is_linearizable_as_promised(history)
                                                  : is_linearizable_by_definition(history);
}

// Where they are promised: a claim that contradicts others cannot be explained; and whether it is the revision alone
// that cannot. `untold`: the past, but for the last answer's revision.
std::string wrong_about_revisions(Stream& stream, const History& untold, const StreamOptions& options) {
  if (options.revisions != Revisions::promised) return "";
  if (!stream.contradiction()) return stream.wrong_claim() ? ", though claims contradict each other," : "";
  if (stream.contradiction()->late) return "";
  const bool by_revision = is_linearizable_as_promised(untold);
  return by_revision == stream.is_revision_wrong(Operation(stream.contradiction()->culprit))
             ? ""
             : ", by its revision or not,";
}

}  // namespace

StreamComparison compare_stream(const History& history, KeyId key, std::span<const std::uint32_t> positions,
                                const StreamOptions& options) {
  StreamComparison comparison;
  Stream stream(Options().steps_max, options);
  const ValueId initial = history.initial(key);
  if (initial != ValueId::absent) stream.start_all_keys_with(stream.value(history.bytes(initial)));
  std::vector<Stream::Ticket> tickets(history.operations().size());
  std::vector<std::uint32_t> open;
  const std::vector<Event> events = events_of(history.operations(), positions);
  const auto wrong = [&](const char* why, std::size_t after) {
    comparison.wrong = "the stream says " + std::string(name(stream.conclusion())) + why + " after event " +
                       std::to_string(after) + " of" + told(history, positions);
    return comparison;
  };
  for (std::size_t i = 0; i < events.size() && stream.conclusion() != Conclusion::violated; ++i) {
    const Event& event = events[i];
    const Operation operation = translated(history, whole(history.operations()[event.position]), stream);
    if (!event.returns) {
      tickets[event.position] = stream.invoke(operation);
      // That an outcome is unknown is learned at once, or in the end.
      const bool learned = operation.outcome == Outcome::unknown && event.position % 2 == 0;
      if (learned) stream.complete(tickets[event.position], operation);
      if (operation.outcome == Outcome::unknown && !learned) open.push_back(event.position);
    } else {
      stream.complete(tickets[event.position], operation);
    }
    if (comparison.violated_at != 0) continue;
    if (!is_linearizable(past_of(history, key, positions, event), options)) comparison.violated_at = i + 1;
    const bool is_late = stream.conclusion() == Conclusion::unknown;
    comparison.late = comparison.late || is_late;
    if (is_late) continue;
    if (stream.conclusion() != (comparison.violated_at == 0 ? Conclusion::holds : Conclusion::violated)) {
      return wrong("", i + 1);
    }
    const History untold = past_of(history, key, positions, event, true);
    if (const std::string why = wrong_about_revisions(stream, untold, options); !why.empty()) {
      return wrong(why.c_str(), i + 1);
    }
  }
  for (const std::uint32_t position : open) {
    stream.complete(tickets[position], translated(history, whole(history.operations()[position]), stream));
  }
  const Conclusion right = comparison.violated_at == 0 ? Conclusion::holds : Conclusion::violated;
  return stream.conclusion() == right ? comparison : wrong(", all outcomes known,", events.size());
}

std::size_t play(const History& history, Stream& stream, std::size_t look_every, TellsUnknown tells_unknown) {
  for (std::uint32_t key = 0; key < history.key_count(); ++key) {
    const ValueId initial = history.initial(KeyId{key});
    if (initial != ValueId::absent) stream.start_with(KeyId{key}, stream.value(history.bytes(initial)));
  }
  std::vector<std::uint32_t> positions(history.operations().size());
  std::iota(positions.begin(), positions.end(), 0);
  std::vector<Stream::Ticket> tickets(positions.size());
  std::size_t size = 0;
  std::size_t events = 0;
  for (const Event& event : events_of(history.operations(), positions)) {
    const Operation operation = translated(history, history.operations()[event.position], stream);
    if (!event.returns) {
      tickets[event.position] = stream.invoke(operation);
      const bool learned = operation.outcome == Outcome::unknown && tells_unknown == TellsUnknown::at_once;
      if (learned) stream.complete(tickets[event.position], operation);
    } else if (!stream.complete(tickets[event.position], operation)) {
      return size;
    }
    if (++events % look_every == 0) size = std::max(size, stream.size());
  }
  if (tells_unknown == TellsUnknown::at_once) return size;
  for (const std::uint32_t position : positions) {
    const Operation operation = translated(history, history.operations()[position], stream);
    if (operation.outcome == Outcome::unknown) stream.complete(tickets[position], operation);
  }
  return size;
}

}  // namespace smalldb::checker::testing
