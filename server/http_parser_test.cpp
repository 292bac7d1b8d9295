#include "server/http_parser.h"

#include <catch2/catch.hpp>
#include <vector>

namespace smalldb::server {
namespace {

// Feeds a stream in pieces, as a connection does, and keeps what came of it.
struct Reader {
  explicit Reader(std::uint64_t body_max = 100) : parser(body_max) {}

  HttpParser parser;
  std::string buffer;
  std::vector<HttpRequest> requests;
  std::vector<std::optional<std::uint64_t>> bodies;  // their sizes, at the headers of those that have one
  std::optional<HttpFault> fault;

  void feed(std::string_view text, std::size_t piece) {
    for (std::size_t i = 0; i < text.size() && !fault; i += piece) {
      buffer += text.substr(i, piece);
      std::string_view rest = buffer;
      while (!fault) {
        const HttpParser::Outcome outcome = parser.take(rest);
        if (outcome == HttpParser::Outcome::wants_more) break;
        if (outcome == HttpParser::Outcome::header) bodies.push_back(parser.body_size());
        if (outcome == HttpParser::Outcome::request) requests.push_back(parser.request());
        if (outcome == HttpParser::Outcome::fault) fault = parser.fault();
      }
      buffer.erase(0, buffer.size() - rest.size());
    }
  }
};

TEST_CASE("requests come one after the other, in pieces of any size") {
  const std::size_t piece = GENERATE(1, 2, 7, 10'000);
  Reader reader;
  reader.feed(
      "PUT /kv/a HTTP/1.1\r\nHost: x\r\nIf-Match: \"1\"\r\nContent-Length: 5\r\n\r\nhello"
      "GET /kv/b HTTP/1.1\r\nHost: x\r\n\r\n"
      "PUT /kv/c HTTP/1.1\r\nHost: x\r\nIdempotency-Key: 1-2\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
      "DELETE /kv/d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      piece);
  REQUIRE_FALSE(reader.fault);
  REQUIRE(reader.requests.size() == 4);
  CHECK(reader.requests[0].body == "hello");
  CHECK(reader.requests[0].if_match == "\"1\"");
  CHECK(reader.requests[0].target == "/kv/a");
  CHECK(reader.requests[1].method == boost::beast::http::verb::get);
  CHECK(reader.requests[1].if_match.empty());
  CHECK(reader.requests[2].body == "abcde");
  CHECK(reader.requests[2].idempotency_key == "1-2");
  CHECK(reader.requests[2].keep_alive);
  CHECK_FALSE(reader.requests[3].keep_alive);
  CHECK(reader.bodies == std::vector<std::optional<std::uint64_t>>{5, std::nullopt});
  CHECK_FALSE(reader.parser.inside_request());
}

TEST_CASE("a connection of HTTP/1.0 has one request") {
  Reader reader;
  reader.feed("GET /kv/a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 1000);
  REQUIRE(reader.requests.size() == 1);
  CHECK_FALSE(reader.requests[0].keep_alive);
}

TEST_CASE("a body may be as large as it may, and not larger") {
  Reader reader(4);
  reader.feed("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n1234", 3);
  CHECK(reader.requests.size() == 1);
  reader.feed("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345", 3);
  CHECK(reader.fault == HttpFault::body_too_large);
  Reader chunked(4);
  chunked.feed("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 100);
  CHECK(chunked.fault == HttpFault::body_too_large);
}

TEST_CASE("a header may not go on for ever") {
  Reader reader;
  reader.feed("GET /" + std::string(20'000, 'x'), 1000);
  CHECK(reader.fault == HttpFault::header_too_large);
}

TEST_CASE("a header has its bound however many lines it is of, and in whatever pieces it comes") {
  const std::size_t piece = GENERATE(7, 1'000, 100'000);
  const std::string begin = "GET / HTTP/1.1\r\nHost: x\r\n";
  std::string lines;
  while (begin.size() + lines.size() + 8 <= HttpParser::header_size_max) lines += "X: a\r\n";
  Reader most;
  most.feed(begin + lines + "\r\n" + begin + lines + "\r\n", piece);
  CHECK_FALSE(most.fault);
  CHECK(most.requests.size() == 2);
  Reader more;
  more.feed(begin + lines + "X: a\r\nX: a\r\n\r\n", piece);
  CHECK(more.fault == HttpFault::header_too_large);
  CHECK(more.requests.empty());
}

TEST_CASE("nor may the line before a chunk, nor what comes behind the last one") {
  for (const std::string begin : {"5;", "5\r\nabcde\r\n0;", "5\r\nabcde\r\n0\r\nTrailer: "}) {
    Reader reader;
    reader.feed("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + begin + std::string(20'000, 'x'),
                1000);
    INFO(begin);
    CHECK(reader.fault == HttpFault::header_too_large);
  }
}

TEST_CASE("what comes behind the body decides nothing") {
  Reader reader;
  reader.feed(
      "PUT / HTTP/1.1\r\nHost: x\r\nIf-Match: \"1\"\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
      "If-Match: \"2\"\r\nIdempotency-Key: 1-1\r\n\r\n",
      1000);
  REQUIRE(reader.requests.size() == 1);
  CHECK(reader.requests[0].if_match == "\"1\"");
  CHECK(reader.requests[0].idempotency_key.empty());
}

TEST_CASE("what is no HTTP is found out") {
  for (const std::string wrong :
       {"hello\r\n\r\n", "GET / HTTP/9\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"}) {
    Reader reader;
    reader.feed(wrong, 1000);
    INFO(wrong);
    CHECK(reader.fault == HttpFault::malformed);
  }
}

TEST_CASE("a field that counts stands there once, and the host has to") {
  const auto fault_of = [](const std::string& text) {
    Reader reader;
    reader.feed(text, 1000);
    return reader.fault;
  };
  CHECK(fault_of("GET / HTTP/1.1\r\n\r\n") == HttpFault::no_host);
  CHECK(fault_of("PUT / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx") == HttpFault::no_host);
  CHECK(fault_of("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n") == HttpFault::repeated_field);
  CHECK(fault_of("PUT / HTTP/1.1\r\nHost: x\r\nIf-Match: \"1\"\r\nIf-Match: \"2\"\r\n\r\n") ==
        HttpFault::repeated_field);
  CHECK_FALSE(fault_of("GET / HTTP/1.0\r\n\r\n"));
}

TEST_CASE("a Host is one host with or without a port, or an empty one, as some send it who look after servers") {
  const auto fault_of = [](const std::string& host, const std::string& version = "1.1") {
    Reader reader;
    reader.feed("GET / HTTP/" + version + "\r\nHost: " + host + "\r\n\r\n", 1000);
    return reader.fault;
  };
  for (const std::string good : {"", "x", "a.example", "a.example:8080", "a.example:", "127.0.0.1:1", "[::1]",
                                 "[::1]:80", "[::ffff:1.2.3.4]:80", "%c3%bc", "a_b~c-d!$&'()*+;="}) {
    CAPTURE(good);
    CHECK_FALSE(fault_of(good));
  }
  for (const std::string bad :
       {"a b",     "a,b", "a, b", "[::1", "::1", "[]", "[x]", "[::1]x",   "[::1]:x", "a:b",
        "a:80:80", "a/b", "a?b",  "a#b",  "a@b", "%c", "%xy", "\xc3\xbc", "\"a\"",   "http://a"}) {
    CAPTURE(bad);
    CHECK(fault_of(bad) == HttpFault::bad_host);
    CHECK(fault_of(bad, "1.0") == HttpFault::bad_host);
  }
}

TEST_CASE("a list of revisions may stand on several lines") {
  Reader reader;
  reader.feed("GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"1\"\r\nIf-None-Match: \"2\", \"3\"\r\n\r\n", 1000);
  REQUIRE(reader.requests.size() == 1);
  CHECK(reader.requests[0].if_none_match == "\"1\", \"2\", \"3\"");
}

TEST_CASE("a body that is encoded is noticed, and one that is identical is not") {
  for (const std::string coding : {"gzip", "identity, gzip", "identity\r\nContent-Encoding: br", ""}) {
    Reader reader;
    reader.feed("PUT / HTTP/1.1\r\nHost: x\r\nContent-Encoding: " + coding + "\r\n\r\n", 1000);
    INFO(coding);
    REQUIRE(reader.requests.size() == 1);
    CHECK(reader.requests[0].encoded);
  }
  Reader reader;
  reader.feed("PUT / HTTP/1.1\r\nHost: x\r\nContent-Encoding: Identity\r\n\r\nPUT / HTTP/1.1\r\nHost: x\r\n\r\n", 1000);
  REQUIRE(reader.requests.size() == 2);
  CHECK_FALSE(reader.requests[0].encoded);
  CHECK_FALSE(reader.requests[1].encoded);
}

TEST_CASE("a field that counts and says nothing is noticed") {
  for (const std::string field : {"If-Match:", "If-None-Match: ", "Idempotency-Key:", "If-Match:\r\nIf-Match: \"1\""}) {
    Reader reader;
    reader.feed("PUT / HTTP/1.1\r\nHost: x\r\n" + field + "\r\n\r\nPUT / HTTP/1.1\r\nHost: x\r\n\r\n", 1000);
    INFO(field);
    REQUIRE(reader.requests.size() == 2);
    CHECK(reader.requests[0].undecided);
    CHECK_FALSE(reader.requests[1].undecided);
  }
}

TEST_CASE("a body in a coding that is not known is not taken for another") {
  for (const std::string coding : {"gzip, chunked", "gzip", "xchunked", "chunked, identity", "identity"}) {
    for (const std::string length : {"", "Content-Length: 5\r\n"}) {
      if (!length.empty() && coding == "gzip, chunked") continue;  // malformed for another reason
      Reader reader;
      reader.feed("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + coding + "\r\n" + length + "\r\n0\r\n\r\n",
                  1000);
      INFO(coding << " " << length);
      CHECK(reader.fault == HttpFault::unknown_coding);
      CHECK(reader.requests.empty());
    }
  }
  Reader older;
  older.feed("PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 1000);
  CHECK(older.fault == HttpFault::unknown_coding);
}

TEST_CASE("one line before a request is passed over") {
  const std::size_t piece = GENERATE(1, 2, 1000);
  Reader reader;
  reader.feed("\r\nPUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
              piece);
  CHECK_FALSE(reader.fault);
  CHECK(reader.requests.size() == 2);
  reader.feed("\r\n\r\nGET / HTTP/1.1\r\n", piece);
  CHECK(reader.fault == HttpFault::malformed);
}

TEST_CASE("a client of HTTP/1.0 knows of no word before the body") {
  HttpParser parser(100);
  std::string_view bytes = "PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
  CHECK(parser.take(bytes) == HttpParser::Outcome::header);
  CHECK_FALSE(parser.expects_continue());
}

TEST_CASE("what nobody can fulfil is not expected in vain") {
  Reader reader;
  reader.feed("PUT / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\nx", 1000);
  CHECK(reader.fault == HttpFault::unknown_expectation);
  Reader older;
  older.feed("PUT / HTTP/1.0\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\nx", 1000);
  CHECK(older.requests.size() == 1);
}

TEST_CASE("who waits for a word before the body is noticed") {
  HttpParser parser(100);
  std::string_view bytes = "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n";
  CHECK(parser.take(bytes) == HttpParser::Outcome::header);
  CHECK(parser.expects_continue());
  CHECK(parser.inside_request());
}

}  // namespace
}  // namespace smalldb::server
