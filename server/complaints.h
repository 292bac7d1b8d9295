// Keeps the log readable when the same goes wrong over and over: who is refused comes again ten times a second.
//
// Each thing is said when it happens first, then once a minute at most, with how often it has happened since. What can
// be said is bounded too: strangers cannot fill a log by going wrong in ever new ways.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/journal.h"

namespace smalldb::server {

class Complaints {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds every{60};
  static constexpr std::size_t kinds_max = 32;  // that are told apart at a time

  // How often it has happened since it was last said, this time included; nothing if it is not to be said now.
  std::optional<std::uint64_t> due(const std::string& what, Clock::time_point now);
  // Warns of it in the log if it is to be said now, with `times=` if it has happened more than once since.
  void warn(Journal& journal, std::string_view event, const std::string& what, std::vector<Journal::Field> fields);

 private:
  struct Kind {
    Clock::time_point said;
    std::uint64_t times = 0;  // since
  };
  std::map<std::string, Kind> kinds_;
};

}  // namespace smalldb::server
