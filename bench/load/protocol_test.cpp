#include "bench/load/protocol.h"

#include <catch2/catch.hpp>

namespace smalldb::load {
namespace {

using namespace std::string_literals;

// Of no beginning of the answer it says that it is whole, and what comes behind it is not taken for a part of it.
void ends_where_it_ends(const Protocol& protocol, Kind kind, const std::string& answer) {
  for (std::size_t size = 0; size < answer.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(protocol.answer(kind, std::string_view(answer).substr(0, size)));
  }
  CHECK(protocol.answer(kind, answer) == answer.size());
  CHECK(protocol.answer(kind, answer + answer) == answer.size());
}

std::string message(char kind, const std::string& content) {
  return kind + "\0\0\0"s + static_cast<char>(content.size() + 4) + content;
}

TEST_CASE("smalldb's answers end where their length says", "[load]") {
  const auto protocol = smalldb_protocol();
  ends_where_it_ends(*protocol, Kind::write, "HTTP/1.1 204 No Content\r\nETag: \"7\"\r\n\r\n");
  ends_where_it_ends(*protocol, Kind::read, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nETag: \"7\"\r\n\r\nhello");
  CHECK_THROWS_AS(protocol->answer(Kind::write, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), Refused);
  CHECK_THROWS_AS(protocol->answer(Kind::read, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"), Refused);
  CHECK_THROWS_AS(protocol->answer(Kind::read, "HTTP/1.1 200 OK\r\n\r\n"), Refused);
}

TEST_CASE("etcd's answers may come in chunks", "[load]") {
  const auto protocol = etcd_protocol();
  ends_where_it_ends(*protocol, Kind::write, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  ends_where_it_ends(*protocol, Kind::read,
                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n{\"kvs\":[1]\r\n1\r\n}\r\n0\r\n\r\n");
  CHECK_THROWS_AS(protocol->answer(Kind::read, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), Refused);
}

TEST_CASE("etcd is sent its keys and values in base 64", "[load]") {
  std::string out;
  etcd_protocol()->write(out, "key-1", "hello!");
  CHECK(out.ends_with("\r\n\r\n{\"key\":\"a2V5LTE=\",\"value\":\"aGVsbG8h\"}"));
}

TEST_CASE("A write to Redis is answered when a replica has it", "[load]") {
  const auto protocol = redis_protocol();
  ends_where_it_ends(*protocol, Kind::write, "+OK\r\n:1\r\n");
  ends_where_it_ends(*protocol, Kind::read, "$5\r\nhello\r\n");
  CHECK_THROWS_AS(protocol->answer(Kind::write, "+OK\r\n:0\r\n"), Refused);
  CHECK_THROWS_AS(protocol->answer(Kind::write, "-READONLY\r\n:1\r\n"), Refused);
  CHECK_THROWS_AS(protocol->answer(Kind::read, "$-1\r\n"), Refused);
}

TEST_CASE("PostgreSQL's answers end when it is ready for the next", "[load]") {
  const auto protocol = postgres_protocol("on");
  const std::string bound = message('2', ""), row = message('D', "\0\1\0\0\0\1x"s), ready = message('Z', "I");
  ends_where_it_ends(*protocol, Kind::write, bound + message('C', "INSERT 0 1\0"s) + ready);
  ends_where_it_ends(*protocol, Kind::read, bound + row + message('C', "SELECT 1\0"s) + ready);
  CHECK_THROWS_AS(protocol->answer(Kind::read, bound + message('C', "SELECT 0\0"s) + ready), Refused);
  CHECK_THROWS_WITH(protocol->answer(Kind::write, message('E', "SERROR\0Mno room\0\0"s) + ready), "no room");
  CHECK_THROWS_AS(protocol->answer(Kind::write, message('E', "SERROR"s) + ready), Refused);

  const std::string start = message('R', "\0\0\0\0"s) + message('S', "a\0b\0"s) + ready;
  const std::string greeted = start + message('1', "") + message('1', "") + ready;
  CHECK_FALSE(protocol->greeted(start));
  CHECK(protocol->greeted(greeted) == greeted.size());
  CHECK_THROWS_AS(protocol->greeted(message('R', "\0\0\0\5"s)), Refused);
}

}  // namespace
}  // namespace smalldb::load
