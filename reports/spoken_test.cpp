#include "reports/spoken.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "reports/spoken_json.h"
#include "reports/test_support.h"

namespace smalldb::reports {
namespace {

Record write_of(std::uint64_t lsn, std::string_view key, std::string_view value) {
  Request request;
  request.session = {2};
  request.number = lsn;
  request.verb = Verb::put;
  request.key = Bytes::copy(key);
  request.value = Bytes::copy(value);
  return {{lsn}, {1}, {}, Operation{request}};
}

Message records(std::uint64_t first, const std::vector<Record>& list) {
  std::string bytes;
  for (const Record& record : list) bytes += encode(record).string();
  return {{1}, {7}, Records{{first}, {first - 1}, 0, Bytes::copy(bytes)}};
}

std::vector<MessageBody> one_of_each() {
  return {RequestMessage{}, ResponseMessage{}, Hello{},   NotPrimary{}, Welcome{}, SnapshotChunk{},
          SnapshotTaken{},  Ready{},           Records{}, Ack{},        Claim{},   smalldb::Verdict{},
          Heartbeat{},      Leaving{},         Ping{},    Pong{}};
}

}  // namespace

TEST_CASE("every message has words and fields of its own") {
  const TestNames names;
  std::set<std::string> texts, kinds;
  REQUIRE(one_of_each().size() == std::variant_size_v<MessageBody>);
  for (const MessageBody& body : one_of_each()) {
    const Message message{{1}, {2}, body};
    CHECK(texts.insert(message_text(message, names)).second);
    const auto json = message_json(message, names);
    CHECK(kinds.insert(json["name"]).second);
    CHECK(json["epoch"] == 1);
    const bool has_fields = !std::holds_alternative<Ping>(body) && !std::holds_alternative<Pong>(body);
    CHECK((json.size() > 3) == has_fields);
  }
}

TEST_CASE("records say what they write") {
  const TestNames names;
  CHECK(message_text(records(12, {write_of(12, "x", "17")}), names) ==
        "record 12, safe up to 11: put x=17 (request 12 of session 2)");
  const Message four =
      records(12, {write_of(12, "x", "1"), write_of(13, "x", "2"), write_of(14, "x", "3"), write_of(15, "x", "4")});
  CHECK(message_text(four, names) ==
        "records 12 to 15, safe up to 11: put x=1 (request 12 of session 2); put x=2 (request 13 of session 2); "
        "put x=3 (request 14 of session 2); ...");
  const auto json = message_json(four, names);
  REQUIRE(json["records"].size() == 4);
  CHECK(json["records"][3].dump() ==
        R"({"lsn":15,"epoch":1,"kind":"operation","session":2,"number":15,"verb":"put","key":"x","value":"4"})");
}

TEST_CASE("records of every kind have words of their own") {
  const TestNames names;
  std::set<std::string> seen;
  const std::vector<RecordBody> bodies{EpochStarted{}, Operation{},  BackupJoining{},  BackupDeclared{},
                                       BackupLeft{},   Checkpoint{}, SessionsExpired{}};
  REQUIRE(bodies.size() == std::variant_size_v<RecordBody>);
  for (const RecordBody& body : bodies) CHECK(seen.insert(record_text({{1}, {2}, {}, body}, names)).second);
  CHECK(record_text({{1}, {2}, {}, EpochStarted{{}, b}}, names) == "epoch 2 starts, b is primary");
}

TEST_CASE("operations are told as scenarios write them, and what became of them") {
  CHECK(operation_text(Verb::put, "x", "17", {}) == "put x=17");
  CHECK(operation_text(Verb::get, "x", "", {}) == "get x");
  CHECK(operation_text(Verb::remove, "x", "", {Condition::Kind::revision_is, {7}}) == "delete x if revision 7");
  CHECK(completion_text(Verb::put, {1, Outcome::ok, {5}, {}}) == "ok, revision 5");
  CHECK(completion_text(Verb::get, {1, Outcome::ok, {5}, Bytes::copy("17")}) == "17, revision 5");
  CHECK(completion_text(Verb::get, {1, Outcome::not_found, {}, {}}) == "there is none");
  CHECK(completion_text(Verb::put, {1, Outcome::condition_failed, {7}, {}}) == "condition failed, revision is 7");
}

}  // namespace smalldb::reports
