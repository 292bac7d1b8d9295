#include "client/text.h"

#include <catch2/catch.hpp>

namespace smalldb::client {
namespace {

std::string status(const std::string& node) { return R"({"name":"n","node":{)" + node + "}}"; }

TEST_CASE("bytes in JSON are text where they are UTF-8, and hexadecimal where not") {
  CHECK(bytes_json("").dump() == R"("")");
  CHECK(bytes_json("a\n\"\\ü").dump() == R"("a\n\"\\ü")");
  CHECK(bytes_json(std::string_view("\0a", 2)).dump() == R"("\u0000a")");
  CHECK(bytes_json("\xff\x01").dump() == R"({"hex":"ff01"})");
  CHECK(bytes_json("\xc3").dump() == R"({"hex":"c3"})");
}

TEST_CASE("bytes on a line stay on it, and can be told apart") {
  CHECK(on_a_line("plain ü") == "plain ü");
  CHECK(on_a_line("a\nb\\n") == R"(a\nb\\n)");
  CHECK(on_a_line("\xff\x1b") == R"(\xff\x1b)");
}

TEST_CASE("a value that is shown on a terminal moves and colours nothing there, and keeps its lines") {
  CHECK(for_a_terminal("one\n\ttwo\\n") == "one\n\ttwo\\n\n");
  CHECK(for_a_terminal("\x1b[2J\r\b\xff\u202e") == "\\x1b[2J\\r\\x08\\xff\\u202e\n");
  CHECK(for_a_terminal("one\n") == "one\n");
  CHECK(for_a_terminal("\n\n") == "\n\n");
  CHECK(for_a_terminal("") == "\n");
}

TEST_CASE("keys become targets that no server reads in another way") {
  CHECK(percent_encoded("a-b_c.d~e/f:g") == "a-b_c.d~e/f:g");
  CHECK(percent_encoded("a b?c#d%") == "a%20b%3Fc%23d%25");
  CHECK(percent_encoded("\xff\n") == "%FF%0A");
}

TEST_CASE("the table shows who serves and who is behind") {
  const std::vector<NodeView> views = {
      {{"a", "1"},
       status(R"("role":"primary","serving":true,"in_sync":true,"epoch":3,"log":{"end":120,"durable":120},)"
              R"("applied":120,"lag_bytes":77,"keys":5)"),
       {}},
      {{"b", "1"}, status(R"("role":"backup","epoch":3,"log":{"end":118,"durable":117},"applied":116,"keys":5)"), {}},
      {{"c", "1"}, {}, "Connection refused"}};
  CHECK(table_of(views) ==
        "node  role     epoch  log end  behind  durable  applied  unacknowledged  keys\n"
        "a:1   primary      3      120       0      120      120        77 bytes     5\n"
        "b:1   backup       3      118       2      117      116               -     5\n"
        "c:1   Connection refused\n");
  CHECK(somebody_serves(views));
  CHECK_FALSE(somebody_serves({views[1], views[2]}));
}

TEST_CASE("two that say that they serve are an alarm, and one that has not heard of its successor is another") {
  const NodeView a{{"a", "1"}, status(R"("role":"primary","serving":true,"epoch":2)"), {}};
  const NodeView b{{"b", "1"}, status(R"("role":"primary","serving":true,"epoch":2)"), {}};
  const NodeView later{{"b", "1"}, status(R"("role":"primary","serving":true,"epoch":3)"), {}};
  const NodeView gone{{"c", "1"}, {}, "Connection refused"};
  CHECK(alarm_of({a, b, gone}).starts_with("2 nodes say that they serve (a:1 in epoch 2, b:1 in epoch 2): what is"));
  CHECK(alarm_of({a, later}).find("that of the last epoch does") != std::string::npos);
  CHECK(alarm_of({a, gone}).empty());
  CHECK(alarm_of({gone}).empty());
}

TEST_CASE("a role is told with what it waits for") {
  CHECK(table_of({{{"a", "1"}, status(R"("role":"primary","serving":true,"in_sync":false)"), {}}})
            .find("primary, alone") != std::string::npos);
  CHECK(table_of({{{"a", "1"}, status(R"("role":"claiming","waits_for_operator":true,"claiming":true)"), {}}})
            .find("  claiming, waits for an operator") != std::string::npos);
  CHECK(table_of({{{"a", "1"}, status(R"("role":"seeking","waits_for_operator":true,"claiming":true)"), {}}})
            .find("seeking, claiming, waits for an operator") != std::string::npos);
  CHECK(table_of({{{"a", "1"}, status(R"("role":"backup","arbiter_reachable":false)"), {}}})
            .find("backup, arbiter away") != std::string::npos);
  for (const char* answer : {"true", "null", "17"}) {
    CHECK(table_of({{{"a", "1"}, status(R"("role":"backup","arbiter_reachable":)" + std::string(answer)), {}}})
              .find("away") == std::string::npos);
  }
}

}  // namespace
}  // namespace smalldb::client
