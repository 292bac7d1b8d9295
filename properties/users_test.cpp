#include "properties/users.h"

#include <catch2/catch.hpp>

#include "properties/trace_builder.h"

namespace smalldb::properties {
namespace {

Invocation put_x(std::uint64_t number, std::string_view value = "v") {
  return {number, Verb::put, Bytes::copy("x"), Bytes::copy(value), {}};
}

std::uint64_t sent_now(Users& users, const Request& request, sim::EventIndex cause = sim::no_event) {
  const Users::Operation* operation = users.sent(c1, request, cause);
  return operation == nullptr ? 0 : operation->invocation.number;
}

}  // namespace

TEST_CASE("A request is for the operation of the same contents that has waited longest") {
  Users users(5);
  users.invoked(c1, put_x(1), 10);
  users.invoked(c1, put_x(2, "w"), 11);
  users.invoked(c1, put_x(3), 12);
  CHECK(sent_now(users, put(7, "x")) == 1);
  CHECK(sent_now(users, put(7, "x")) == 0);  // a retry
  CHECK(sent_now(users, put(8, "x")) == 3);
  CHECK(sent_now(users, put(9, "x", "w")) == 2);
  CHECK(sent_now(users, put(10, "x")) == 0);  // nobody's
  CHECK(users.completed(c1, 3)->invoked == 12);
  CHECK_FALSE(users.completed(c1, 3));
}

TEST_CASE("In a new session an operation gets another name, before one that waits is taken up") {
  Users users(5);
  users.invoked(c1, put_x(1), 10);
  users.invoked(c1, put_x(2), 11);
  CHECK(sent_now(users, put(1, "x")) == 1);
  Request renamed = put(1, "x");
  renamed.session = {50};
  CHECK(sent_now(users, renamed) == 1);
  renamed.number = 2;
  CHECK(sent_now(users, renamed) == 2);
  CHECK(users.completed(c1, 1)->names.size() == 2);
}

TEST_CASE("What is sent in the step in which it was asked for is that, however many are alike") {
  Users users(5);
  users.invoked(c1, put_x(1), 10);
  CHECK(sent_now(users, put(1, "x"), 10) == 1);
  users.invoked(c1, put_x(2), 12);
  users.invoked(c1, put_x(3), 14);
  Request of_another_session = put(1, "x");
  of_another_session.session = {50};
  CHECK(sent_now(users, of_another_session, 14) == 3);
  CHECK(users.completed(c1, 3));
  CHECK(sent_now(users, put(2, "x")) == 2);
  CHECK(users.completed(c1, 1)->names.size() == 1);
}

TEST_CASE("Outside of a session each request is for an operation of its own") {
  Users users(5);
  for (std::uint64_t number = 1; number <= 3; ++number) users.invoked(c1, put_x(number), number);
  Request nameless = put(1, "x");
  nameless.session = {};
  CHECK(sent_now(users, nameless) == 1);
  CHECK(sent_now(users, nameless) == 2);
  CHECK(sent_now(users, put(1, "x")) == 3);
  CHECK(sent_now(users, nameless) == 0);
  CHECK(users.completed(c1, 2)->names.empty());
}

TEST_CASE("An operation may be completed before it is sent, and a client that is gone has none") {
  Users users(5);
  for (std::uint64_t number = 1; number <= 6; ++number) users.invoked(c1, put_x(number), number);
  CHECK(users.completed(c1, 4)->invoked == 4);
  for (const std::uint64_t number : {1, 2, 3, 5}) CHECK(sent_now(users, put(number, "x")) == number);
  users.gone(c1);
  CHECK(sent_now(users, put(6, "x")) == 0);
  CHECK_FALSE(users.completed(c1, 5));
}

}  // namespace smalldb::properties
