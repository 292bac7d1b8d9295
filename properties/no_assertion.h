// No assertion failed: no machine found itself in a state that cannot be.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"
#include "properties/words.h"

namespace smalldb::properties {

class NoAssertion : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::assertion_failed};

  void observe(const Observation& failed, const Mirror& mirror) {
    violate(failed.time, without_line_and_values(failed.text),
            "at " + text(failed.time) + " " + std::string(mirror.name(failed.process)) +
                " found a state that cannot be: " + std::string(failed.text),
            {failed.event});
  }
  void finish(sim::Time, const Mirror&) { has_subject(); }

 private:
  // "model/store.cpp:17: assertion failed: lsn == next with 4 5" is of one kind wherever it stands and whatever it saw.
  static std::string without_line_and_values(std::string_view message) {
    message = message.substr(0, message.find(" with "));
    const std::size_t file_end = message.find(':');
    if (file_end == std::string_view::npos) return std::string(message);
    const std::size_t line_end = std::min(message.find(':', file_end + 1), message.size());
    return std::string(message.substr(0, file_end)) + std::string(message.substr(line_end));
  }
};

}  // namespace smalldb::properties
