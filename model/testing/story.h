// A log written by hand: numbers and stamps its records as a primary would, and applies them to a store.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/record.h"
#include "model/store.h"

namespace smalldb::testing {

inline Request put(std::string_view key, std::string_view value, SessionId session = {}, std::uint64_t number = 0,
                   std::uint64_t oldest_unanswered = 0) {
  return {session, number, oldest_unanswered, Verb::put, Bytes::copy(key), Bytes::copy(value), {}};
}
inline Request remove(std::string_view key, SessionId session = {}, std::uint64_t number = 0) {
  return {session, number, 0, Verb::remove, Bytes::copy(key), {}, {}};
}
inline Request get(std::string_view key) { return {{}, 0, 0, Verb::get, Bytes::copy(key), {}, {}}; }
inline Request open_session() { return {{}, 0, 0, Verb::open_session, {}, {}, {}}; }
inline Request on_condition(Request request, Condition::Kind kind, Revision revision = {}) {
  request.condition = {kind, revision};
  return request;
}

class Story {
 public:
  explicit Story(const Settings& settings = {}, const RuleSwitches& rules = {}, DirectoryId founder = {0, 1},
                 WallTime begin = {1'000})
      : store(settings, rules), now(begin) {
    append(EpochStarted{founder, ProcessId{0}});
  }

  // Appends a record in the present epoch (an EpochStarted: in the next) and applies it.
  Response append(RecordBody body) {
    const Epoch epoch = store.configuration().epoch();
    const bool begins = std::holds_alternative<EpochStarted>(body);
    records.push_back({store.applied().next(), begins ? epoch.next() : epoch, now, std::move(body)});
    return store.apply(records.back());
  }
  Response execute(const Request& request) { return append(Operation{request}); }
  SessionId open() { return SessionId{execute(open_session()).revision.value}; }

  // The value of a key, "-" if there is none.
  std::string value(std::string_view key) const {
    const Response response = store.get(get(key), store.configuration().epoch());
    return response.status == Status::ok ? response.value.string() : "-";
  }

  Store store;
  WallTime now;
  std::vector<Record> records;
};

}  // namespace smalldb::testing
