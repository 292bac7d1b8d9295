// One key, judged while things happen to it, in the cheapest way that says all: by zones as long as they can tell, from
// then on by a search. Where revisions are promised, always by a search: zones know nothing of them, and hardly any
// order is left to be searched for.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "properties/checker/live_values.h"
#include "properties/checker/search_stream.h"
#include "properties/checker/zone_stream.h"

namespace smalldb::checker {

class KeyStream {
 public:
  using Slot = std::uint32_t;
  using Answer = SearchStream::Answer;

  KeyStream(ValueId initial, const StreamOptions& options);

  // An operation begins; its answer is not known yet. Nothing if the key is given up. Takes from `steps_left`.
  std::optional<Slot> invoke(const Operation& operation, LiveValues& values, std::uint64_t& steps_left);
  // Its outcome is known. REQUIRES: no answer before was other than explained.
  Answer complete(Slot slot, const Operation& operation, LiveValues& values, std::uint64_t& steps_left);

  // Where revisions are promised: when it was invoked (search_stream.h).
  std::uint64_t invoked(Slot slot) const;

  // After an answer that contradicts: which is the first that no order explains; that answer, or, if the stream was
  // behind, maybe one before it. And whether it is its revision alone that does; `operation`: that of the culprit.
  Slot culprit() const;
  bool would_explain_without_revision(const Operation& operation, LiveValues& values, std::uint64_t& steps_left) const;

  // Answers wait to be judged, until more is known of what is open.
  bool is_behind() const;
  // The states that the key may be in: before the last answer if that contradicts, else now.
  std::vector<State> states() const;
  // How many things it remembers: operations, values, configurations.
  std::size_t size() const;
  template <class Mark>
  void mark_values(const Mark& mark) const {
    std::visit([&](const auto& way) { way.mark_values(mark); }, way_);
  }

 private:
  StreamOptions options_;
  std::variant<ZoneStream, SearchStream> way_;
};

}  // namespace smalldb::checker
