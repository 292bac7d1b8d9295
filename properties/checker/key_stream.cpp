#include "properties/checker/key_stream.h"

#include <utility>

namespace smalldb::checker {

KeyStream::KeyStream(ValueId initial, const StreamOptions& options)
    : options_(options), way_(ZoneStream(initial, options)) {
  if (options.revisions == Revisions::promised) way_ = SearchStream(initial, options);
}

std::optional<KeyStream::Slot> KeyStream::invoke(const Operation& operation, LiveValues& values,
                                                 std::uint64_t& steps_left) {
  if (auto* const zones = std::get_if<ZoneStream>(&way_)) {
    if (zones->can_invoke(operation)) return zones->invoke(operation);
    std::optional<SearchStream> search = zones->to_search(options_, values, steps_left);
    if (!search) return std::nullopt;
    way_ = std::move(*search);
  }
  return std::get<SearchStream>(way_).invoke(operation);
}

KeyStream::Answer KeyStream::complete(Slot slot, const Operation& operation, LiveValues& values,
                                      std::uint64_t& steps_left) {
  if (auto* const search = std::get_if<SearchStream>(&way_)) {
    return search->complete(slot, operation, values, steps_left);
  }
  return std::get<ZoneStream>(way_).complete(slot, operation) ? Answer::explained : Answer::contradicts;
}

// Zones are never behind, and know nothing of slots once an answer contradicts.
std::uint64_t KeyStream::invoked(Slot slot) const {
  const auto* const search = std::get_if<SearchStream>(&way_);
  return search == nullptr ? 0 : search->invoked(slot);
}

KeyStream::Slot KeyStream::culprit() const { return std::get<SearchStream>(way_).culprit(); }

bool KeyStream::would_explain_without_revision(const Operation& operation, LiveValues& values,
                                               std::uint64_t& steps_left) const {
  return std::get<SearchStream>(way_).would_explain_without_revision(operation, values, steps_left);
}

bool KeyStream::is_behind() const {
  const auto* const search = std::get_if<SearchStream>(&way_);
  return search != nullptr && search->is_behind();
}

std::vector<State> KeyStream::states() const {
  return std::visit([](const auto& way) { return way.states(); }, way_);
}

std::size_t KeyStream::size() const {
  return std::visit([](const auto& way) { return way.size(); }, way_);
}

}  // namespace smalldb::checker
