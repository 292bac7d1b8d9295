#include "client/pursuit.h"

#include <catch2/catch.hpp>

namespace smalldb::client {
namespace {

Reply failed(unsigned status, const std::string& error) {
  return {.status = status, .body = R"({"error":")" + error + R"(","message":"said"})", .outcome = "failed"};
}
Reply unknown(unsigned status) { return {.status = status, .body = R"({"message":"said"})", .outcome = "unknown"}; }

const Reply written{.status = 204, .etag = "\"17\""};
const Silence refused{false, "refused"};
const Silence lost{true, "lost"};

// What a request has come to after these attempts; as if time were up then.
Result after(Verb verb, std::initializer_list<Heard> attempts) {
  Pursuit pursuit(verb);
  for (const Heard& heard : attempts) {
    if (const std::optional<Result> result = pursuit.take(heard)) return *result;
  }
  return pursuit.give_up("gave up");
}
Outcome outcome_of_write(std::initializer_list<Heard> attempts) { return after(Verb::put, attempts).outcome; }
bool goes_on(const Heard& heard) { return !Pursuit(Verb::put).take(heard); }

TEST_CASE("S10 an answer of the store ends the pursuit, whatever was lost before") {
  CHECK(after(Verb::put, {written}).revision == Revision{17});
  CHECK(outcome_of_write({lost, written}) == Outcome::done);
  CHECK(outcome_of_write({lost, failed(404, "not_found")}) == Outcome::absent);
  Reply other = failed(412, "condition_failed");
  other.etag = "\"3\"";
  CHECK(outcome_of_write({lost, other}) == Outcome::mismatched);
  CHECK(after(Verb::put, {other}).revision == Revision{3});
  CHECK(after(Verb::get, {Reply{.status = 200, .body = "x", .etag = "\"3\""}}).body == "x");
  CHECK(after(Verb::open_session, {Reply{.status = 201, .body = R"({"session":5})"}}).outcome == Outcome::done);
}

TEST_CASE("S10 refusals are tried again, and leave nothing open") {
  for (const unsigned status : {307u, 503u, 408u, 409u}) {
    CHECK(goes_on(failed(status, "not_now")));
    CHECK(outcome_of_write({failed(status, "not_now")}) == Outcome::failed);
  }
  CHECK(goes_on(refused));
  CHECK(outcome_of_write({refused, failed(503, "not_serving")}) == Outcome::failed);
}

TEST_CASE("S10 an attempt that may have taken effect makes a write unknown, whatever is refused later") {
  for (const Heard& open : {Heard(lost), Heard(unknown(504)), Heard(Reply{.status = 500})}) {
    CHECK(goes_on(open));
    CHECK(outcome_of_write({open}) == Outcome::unknown);
    CHECK(outcome_of_write({open, failed(503, "not_serving"), refused}) == Outcome::unknown);
    CHECK(outcome_of_write({open, failed(400, "bad_request")}) == Outcome::unknown);
  }
  CHECK(after(Verb::put, {lost}).message == "gave up");
}

TEST_CASE("S10 a read that has no answer has failed: it changed nothing") {
  CHECK(after(Verb::get, {lost}).outcome == Outcome::failed);
  CHECK(after(Verb::get, {unknown(504)}).outcome == Outcome::failed);
}

TEST_CASE("S9 a session that is not known any more ends the pursuit without knowing") {
  CHECK_FALSE(goes_on(unknown(409)));
  CHECK(outcome_of_write({unknown(409)}) == Outcome::unknown);
}

TEST_CASE("what is asked wrongly is not asked again") {
  const Result result = after(Verb::put, {failed(413, "value_too_large")});
  CHECK(result.outcome == Outcome::failed);
  CHECK(result.message == "said");
}

TEST_CASE("the success of somebody else's server is none of ours") {
  CHECK(outcome_of_write({Reply{.status = 200, .body = "welcome"}}) == Outcome::unknown);
  CHECK(outcome_of_write({Reply{.status = 204, .etag = "\"abc\""}}) == Outcome::unknown);
  CHECK(outcome_of_write({Reply{.status = 404, .body = "no such page"}}) == Outcome::failed);
  CHECK(outcome_of_write({Reply{.status = 412}}) == Outcome::failed);
  CHECK(outcome_of_write({Reply{.status = 201, .body = R"({"session":5})"}}) == Outcome::unknown);
  CHECK(outcome_of_write({Reply{.status = 200, .body = "x", .etag = "\"3\""}}) == Outcome::unknown);
  for (const char* body : {"[]", "{}", R"({"session":"5"})", R"({"session":-5})", R"({"session":0})"}) {
    CHECK(after(Verb::open_session, {Reply{.status = 201, .body = body}}).outcome == Outcome::failed);
  }
  for (const unsigned status : {201u, 204u, 304u}) {
    CHECK(after(Verb::get, {Reply{.status = status, .body = R"({"session":5})", .etag = "\"3\""}}).outcome ==
          Outcome::failed);
  }
}

TEST_CASE("a read that tells what it knows may be answered without a value") {
  const Reply known{.status = 304, .etag = "\"3\""};
  CHECK(Pursuit(Verb::get, true).take(known)->revision == Revision{3});
  CHECK_FALSE(Pursuit(Verb::get).take(known));
}

TEST_CASE("an answer that says nothing is told by its status") {
  for (const char* body : {"", "<html>", R"({"message":""})", R"({"message":7})"}) {
    CHECK(message_of({.status = 500, .body = body}) == "it answers 500, as no node of smalldb does");
  }
  CHECK(message_of({.status = 503, .body = R"({"message":"later"})"}) == "later");
}

}  // namespace
}  // namespace smalldb::client
