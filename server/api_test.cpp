#include "server/api.h"

#include <catch2/catch.hpp>

namespace smalldb::server {
namespace {

namespace http = boost::beast::http;
using Catch::Contains;

HttpRequest request(http::verb method, const std::string& target) {
  HttpRequest request;
  request.method = method;
  request.target = target;
  return request;
}

StoreRequest store(HttpRequest request) {
  const Asked asked = understand(request);
  if (const auto* refused = std::get_if<HttpAnswer>(&asked)) FAIL(refused->body);
  return std::get<StoreRequest>(asked);
}
HttpAnswer refused(HttpRequest request) {
  const Asked asked = understand(request);
  REQUIRE(std::holds_alternative<HttpAnswer>(asked));
  return std::get<HttpAnswer>(asked);
}

// ---- What is asked ------------------------------------------------------------------------------------------------

TEST_CASE("a key is what stands behind /kv/, percent-decoded") {
  CHECK(store(request(http::verb::get, "/kv/a")).request.key.view() == "a");
  CHECK(store(request(http::verb::get, "/kv/a/b/")).request.key.view() == "a/b/");
  CHECK(store(request(http::verb::get, "/kv/%00%fF%2f")).request.key.view() == std::string_view("\0\xff/", 3));
  CHECK(store(request(http::verb::get, "http://host:80/kv/a")).request.key.view() == "a");
  for (const std::string wrong : {"/kv/%", "/kv/%1", "/kv/%1g", "/kv/a%", "/kv/", "/kv/a?x", "/kv/a#b", "/kv/#"}) {
    CHECK(refused(request(http::verb::get, wrong)).status == 400);
  }
  CHECK(store(request(http::verb::get, "/kv/" + std::string(1024, 'k'))).request.key.size() == 1024);
  CHECK(refused(request(http::verb::get, "/kv/" + std::string(1025, 'k'))).status == 414);
}

TEST_CASE("a query is nothing to what only tells, and otherwise not understood") {
  const auto inquiry = [](const char* target) {
    HttpRequest asked = request(http::verb::get, target);
    const Asked understood = understand(asked);
    REQUIRE(std::holds_alternative<Inquiry>(understood));
    return std::get<Inquiry>(understood);
  };
  CHECK(inquiry("/healthz?x=1") == Inquiry::health);
  CHECK(inquiry("/metrics?collect%5B%5D=all") == Inquiry::metrics);
  CHECK(inquiry("http://host/status?") == Inquiry::status);
  for (const char* target : {"/promote?x", "/checkpoint?", "/sessions?x"}) {
    CHECK(refused(request(http::verb::post, target)).status == 400);
  }
}

TEST_CASE("only a PUT has a body") {
  for (const auto& [method, target] :
       {std::pair(http::verb::post, "/sessions"), {http::verb::get, "/kv/a"}, {http::verb::delete_, "/kv/a"}}) {
    HttpRequest asked = request(method, target);
    store(asked);
    asked.body = "x";
    CHECK_THAT(refused(asked).body, Contains("only a PUT has a body"));
  }
  CHECK(store(request(http::verb::get, "/kv/a%23b")).request.key.view() == "a#b");
}

TEST_CASE("methods are verbs of the store") {
  CHECK(store(request(http::verb::get, "/kv/a")).request.verb == Verb::get);
  CHECK(store(request(http::verb::head, "/kv/a")).request.verb == Verb::get);
  CHECK(store(request(http::verb::put, "/kv/a")).request.verb == Verb::put);
  CHECK(store(request(http::verb::delete_, "/kv/a")).request.verb == Verb::remove);
  CHECK(store(request(http::verb::post, "/sessions")).request.verb == Verb::open_session);
  CHECK(refused(request(http::verb::post, "/kv/a")).status == 405);
  CHECK_THAT(refused(request(http::verb::post, "/kv/a")).fields, Contains("Allow: GET, HEAD, PUT, DELETE"));
  CHECK(refused(request(http::verb::get, "/sessions")).status == 405);
  CHECK(refused(request(http::verb::get, "/promote")).status == 405);
  CHECK(refused(request(http::verb::patch, "/status")).status == 405);
  CHECK_THAT(refused(request(http::verb::patch, "/status")).fields, Contains("Allow: GET, HEAD\r\n"));
  for (const char* path : {"/kv/a", "/status", "/nothing"}) {
    CHECK(refused(request(http::verb::unknown, path)).status == 501);
  }
  CHECK(refused(request(http::verb::options, "*")).status == 405);
  CHECK_THAT(refused(request(http::verb::options, "*")).fields, Contains("Allow: GET, HEAD, PUT, DELETE, POST\r\n"));
  CHECK(refused(request(http::verb::connect, "a.example:80")).status == 501);
  CHECK(refused(request(http::verb::get, "/nothing")).status == 404);
  HttpRequest with_body = request(http::verb::delete_, "/kv/a");
  with_body.body = "x";
  CHECK(refused(with_body).status == 400);
}

TEST_CASE("a write whose condition is empty is not made without one") {
  for (const http::verb method : {http::verb::put, http::verb::delete_}) {
    HttpRequest write = request(method, "/kv/a");
    write.undecided = true;
    CHECK(refused(write).status == 400);
  }
  HttpRequest get = request(http::verb::get, "/kv/a");
  get.undecided = true;
  CHECK(store(get).request.verb == Verb::get);
}

TEST_CASE("a promotion says of which epoch, and whether it is forced") {
  const auto read = [](const char* target) { return read_promotion(target).value(); };
  CHECK_FALSE(read("/promote").epoch);
  CHECK_FALSE(read("/promote?epoch=7").force);
  CHECK(read("/promote?epoch=7").epoch == 7);
  CHECK(read("/promote?force=true&epoch=7").epoch == 7);
  CHECK(read("/promote?epoch=7&force=true").force);
  for (const char* wrong : {"?", "?force", "?force=1", "?epoch=", "?epoch=x", "?epoch=7&", "?&epoch=7", "?x=1"}) {
    CHECK_FALSE(read_promotion(std::string("/promote") + wrong));
    CHECK(refused(request(http::verb::post, std::string("/promote") + wrong)).status == 400);
  }
  HttpRequest good = request(http::verb::post, "/promote?epoch=7");
  CHECK(std::get<Inquiry>(understand(good)) == Inquiry::promote);
}

TEST_CASE("a value is written as a whole") {
  HttpRequest put = request(http::verb::put, "/kv/a");
  put.of_a_part = true;
  CHECK(refused(put).status == 400);
  HttpRequest get = request(http::verb::get, "/kv/a");
  get.of_a_part = true;  // means nothing there
  CHECK(store(get).request.verb == Verb::get);
}

TEST_CASE("a value that is encoded is refused, with what is taken") {
  HttpRequest put = request(http::verb::put, "/kv/a");
  put.encoded = true;
  const HttpAnswer answer = refused(put);
  CHECK(answer.status == 415);
  CHECK(answer.fields.find("Accept-Encoding: identity\r\n") != std::string::npos);
  HttpRequest remove = request(http::verb::delete_, "/kv/a");
  remove.encoded = true;  // there is no body
  CHECK(store(remove).request.verb == Verb::remove);
}

TEST_CASE("conditions of writes are compare-and-set") {
  HttpRequest put = request(http::verb::put, "/kv/a");
  CHECK(store(put).request.condition == Condition{});
  put.if_match = "\"17\"";
  CHECK(store(put).request.condition == Condition{Condition::Kind::revision_is, {17}});
  put.if_match = "*";
  CHECK(store(put).request.condition == Condition{Condition::Kind::exists, {}});
  put.if_none_match = "*";
  CHECK(refused(put).status == 400);
  put.if_match.clear();
  CHECK(store(put).request.condition == Condition{Condition::Kind::absent, {}});
  const std::string too_large = "\"18446744073709551616\"";
  for (const std::string wrong :
       {"17", "\"\"", "\"x\"", "W/\"17\"", "\"1\", \"2\"", "\"-1\"", "\"0\"", "\"05\"", too_large.c_str()}) {
    put.if_none_match.clear();
    put.if_match = wrong;
    CHECK(refused(put).status == 400);
    put.if_match.clear();
    put.if_none_match = wrong;
    CHECK(refused(put).status == 400);
  }
}

TEST_CASE("a get may want to know of changes only") {
  HttpRequest get = request(http::verb::get, "/kv/a");
  get.if_none_match = "\"17\"";
  const StoreRequest asked = store(get);
  CHECK(asked.request.condition == Condition{});
  Response response;
  response.revision = {17};
  response.value = Bytes::copy("v");
  CHECK(answer(asked, response, nullptr, "/kv/a", false).status == 304);
  CHECK(answer(asked, response, nullptr, "/kv/a", false).body.empty());
  response.revision = {18};
  CHECK(answer(asked, response, nullptr, "/kv/a", false).body == "v");
  for (const std::string known : {"*", "W/\"18\"", "\"17\", \"18\"", "\"abc\" ,W/\"18\",", "\"a,b\",,\"18\""}) {
    get.if_none_match = known;
    INFO(known);
    CHECK(answer(store(get), response, nullptr, "/kv/a", false).status == 304);
    response.status = Status::not_found;
    CHECK(answer(store(get), response, nullptr, "/kv/a", false).status == 404);
    response.status = Status::ok;
  }
  for (const std::string other : {"\"abc\"", "\"\"", "W/\"17\", \"19\"", "\"18446744073709551616\""}) {
    get.if_none_match = other;
    INFO(other);
    CHECK(answer(store(get), response, nullptr, "/kv/a", false).status == 200);
  }
  for (const std::string wrong : {"18", "\"18", "\"17\" \"18\"", "W/18", "W/", "*, \"18\"", "w/\"18\""}) {
    get.if_none_match = wrong;
    INFO(wrong);
    CHECK(refused(get).status == 400);
  }
  get.if_match = "*";
  CHECK(refused(get).status == 400);
}

TEST_CASE("an Idempotency-Key is a session and numbers") {
  HttpRequest put = request(http::verb::put, "/kv/a");
  put.idempotency_key = "7-12";
  CHECK(store(put).request.session == SessionId{7});
  CHECK(store(put).request.number == 12);
  CHECK(store(put).request.oldest_unanswered == 12);
  put.idempotency_key = "\"7-12-10\"";
  CHECK(store(put).request.number == 12);
  CHECK(store(put).request.oldest_unanswered == 10);
  for (const std::string wrong : {"7", "7-", "-7", "7-0", "0-7", "7-12-13", "7-12-x", "7-12-10-1", "a-b", "7 -12"}) {
    put.idempotency_key = wrong;
    CHECK(refused(put).status == 400);
  }
}

// ---- What is answered --------------------------------------------------------------------------------------------

Response response_of(Status status, std::uint64_t revision = 0) {
  Response response;
  response.status = status;
  response.revision = {revision};
  return response;
}

TEST_CASE("what was granted") {
  const StoreRequest put = store(request(http::verb::put, "/kv/a"));
  CHECK(answer(put, response_of(Status::ok, 5), nullptr, "/kv/a", false).status == 204);
  CHECK(answer(put, response_of(Status::ok, 5), nullptr, "/kv/a", false).fields == "ETag: \"5\"\r\n");
  const StoreRequest open = store(request(http::verb::post, "/sessions"));
  CHECK(answer(open, response_of(Status::ok, 9), nullptr, "/sessions", false).body == "{\"session\":9}\n");
}

TEST_CASE("S10 an answer says whether what was not granted may yet take effect") {
  const StoreRequest put = store(request(http::verb::put, "/kv/a"));
  const auto outcome = [&](Status status) { return answer(put, response_of(status), nullptr, "/kv/a", false).fields; };
  for (const Status status : {Status::not_found, Status::condition_failed, Status::not_primary, Status::not_serving,
                              Status::overloaded, Status::too_large, Status::number_taken}) {
    CHECK_THAT(outcome(status), Contains("Smalldb-Outcome: failed"));
  }
  CHECK_THAT(outcome(Status::session_expired), Contains("Smalldb-Outcome: unknown"));
  CHECK_THAT(leave_open(504, "no_answer", "late").body, Contains("\"outcome\":\"unknown\""));
}

TEST_CASE("S9 another request under a number that is taken is no retry, and hears so") {
  const StoreRequest put = store(request(http::verb::put, "/kv/a"));
  const HttpAnswer taken = answer(put, response_of(Status::number_taken), nullptr, "/kv/a", false);
  CHECK(taken.status == 422);
  CHECK_THAT(taken.body, Contains("Idempotency-Key"));
}

TEST_CASE("a session that cannot be opened is told from other work that cannot be taken") {
  const StoreRequest open = store(request(http::verb::post, "/sessions"));
  const HttpAnswer full = answer(open, response_of(Status::overloaded), nullptr, "/sessions", false);
  CHECK(full.status == 503);
  CHECK_THAT(full.fields, Contains("Retry-After: 1\r\n"));
  CHECK_THAT(full.body, Contains("sessions"));
}

TEST_CASE("S9 a write under a name hears that it may be the first one's answer that is waited for") {
  StoreRequest put = store(request(http::verb::put, "/kv/a"));
  CHECK_THAT(answer(put, response_of(Status::overloaded), nullptr, "", false).body, !Contains("Idempotency-Key"));
  put.request.session = SessionId{7};
  CHECK_THAT(answer(put, response_of(Status::overloaded), nullptr, "", false).body,
             Contains("another request under this Idempotency-Key has no answer yet"));
}

TEST_CASE("a failed condition tells the present revision") {
  const StoreRequest put = store(request(http::verb::put, "/kv/a"));
  CHECK_THAT(answer(put, response_of(Status::condition_failed, 3), nullptr, "", false).fields, Contains("ETag: \"3\""));
  CHECK_THAT(answer(put, response_of(Status::condition_failed), nullptr, "", false).fields, !Contains("ETag"));
}

TEST_CASE("a backup says where the primary is, if it knows") {
  const StoreRequest put = store(request(http::verb::put, "/kv/a%20b"));
  const Member primary{"a:7001", "a:8080"};
  const HttpAnswer there = answer(put, response_of(Status::not_primary), &primary, "/kv/a%20b", false);
  CHECK(there.status == 307);
  CHECK_THAT(there.fields, Contains("Location: http://a:8080/kv/a%20b\r\n") && Contains("Smalldb-Primary: a:8080\r\n"));
  CHECK_THAT(there.body, Contains("I am a backup"));
  CHECK_THAT(answer(put, response_of(Status::not_primary), &primary, "/kv/a", true).fields, Contains("https://"));
  const HttpAnswer nowhere = answer(put, response_of(Status::not_primary), nullptr, "/kv/a", false);
  CHECK(nowhere.status == 503);
  CHECK_THAT(nowhere.fields, Contains("Retry-After: 1\r\n"));
  const Member without_clients{"a:7001", ""};
  CHECK(answer(put, response_of(Status::not_primary), &without_clients, "/kv/a", false).status == 503);
}

TEST_CASE("an answer as it goes over the connection") {
  std::string out;
  write_answer({200, "text/plain", "hello", "ETag: \"1\"\r\n"}, false, false, "now", out);
  CHECK(out ==
        "HTTP/1.1 200 OK\r\nDate: now\r\nConnection: close\r\nETag: \"1\"\r\nContent-Type: text/plain\r\n"
        "Content-Length: 5\r\n\r\nhello");
  out.clear();
  write_answer({200, "text/plain", "hello", {}}, true, true, "now", out);
  CHECK(out == "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n");
  out.clear();
  write_answer({204, {}, {}, {}}, true, false, "now", out);
  CHECK(out == "HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n");
}

}  // namespace
}  // namespace smalldb::server
