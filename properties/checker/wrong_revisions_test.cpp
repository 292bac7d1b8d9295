#include "properties/checker/wrong_revisions.h"

#include <catch2/catch.hpp>

#include <string>

#include "properties/checker/check.h"
#include "properties/checker/testing/told.h"

namespace smalldb::checker {

using testing::Told;

TEST_CASE("A store that misnumbers what it does right is told so") {
  Told told;
  told.add(Verb::put, 1, 2, "a");
  told.add(Verb::put, 3, 4, "b");
  told.add(Verb::get, 5, 6, "b");
  Operations operations = told.history.operations();
  operations[0].revision = 9;
  operations[1].revision = 8;
  operations[2].revision = 8;
  told.history.replace_operations(operations);
  const Verdict verdict = check(told.history);
  CHECK(verdict.conclusion == Conclusion::holds);
  REQUIRE(verdict.wrong_revisions.size() == 2);
  CHECK(verdict.wrong_revisions[0].what == "revision 8 was told after 9 had been");
  CHECK(verdict.wrong_revisions[0].operation == 1);
  CHECK(verdict.wrong_revisions[0].other == 0);
}

TEST_CASE("A revision that no write of the value was given is wrong, if all have told theirs") {
  Told told;
  told.add(Verb::put, 1, 2, "a");
  told.add(Verb::put, 3, 4, "b");
  told.add(Verb::get, 5, 6, "b");
  std::string what;
  std::uint64_t read = 7;
  SECTION("a greater one") { what = "revision 7 was read with a value that was written as 5"; }
  SECTION("that of another value") {
    read = 3;
    what = "revision 3 was read with another value than was written as it";
  }
  SECTION("if one has not, it may be that one's") { told.add(Verb::put, 5, never, "b", Outcome::unknown); }
  SECTION("one that began later has not written it") {
    told.add(Verb::put, 7, never, "b", Outcome::unknown);
    what = "revision 7 was read with a value that was written as 5";
  }
  Operations operations = told.history.operations();
  operations[0].revision = 3;
  operations[1].revision = 5;
  operations[2].revision = read;
  told.history.replace_operations(operations);
  const Verdict verdict = check(told.history);
  CHECK(verdict.conclusion == Conclusion::holds);
  REQUIRE(verdict.wrong_revisions.size() == (what.empty() ? 0 : 1));
  if (what.empty()) return;
  CHECK(verdict.wrong_revisions[0].what == what);
  CHECK(verdict.wrong_revisions[0].operation == 2);
  CHECK(verdict.wrong_revisions[0].other == (read == 3 ? 0 : 1));
}

TEST_CASE("What was there at first, or was written by one who was not told, has one revision") {
  Told told;
  const bool was_there = GENERATE(true, false);
  if (was_there) told.history.start_all_keys_with(told.history.value("a"));
  if (!was_there) told.add(Verb::put, 1, never, "a", Outcome::unknown);
  told.add(Verb::get, 3, 4, "a");
  told.add(Verb::get, 5, 6, "a");
  const std::size_t first = told.history.operations().size() - 2;
  std::string what = "revision 2 was told of what had been told as 1, and no other write can have it";
  std::uint64_t last = 2;
  SECTION("and not two") {}
  SECTION("which both may be told") {
    last = 1;
    what = "";
  }
  SECTION("but a write more may have the other, even one that is on its way") {
    told.add(Verb::put, 6, never, "a", Outcome::unknown);
    what = "";
  }
  SECTION("and not one that began later") { told.add(Verb::put, 7, never, "a", Outcome::unknown); }
  Operations operations = told.history.operations();
  operations[first].revision = 1;
  operations[first + 1].revision = last;
  told.history.replace_operations(operations);
  const Verdict verdict = check(told.history);
  CHECK(verdict.conclusion == Conclusion::holds);
  REQUIRE(verdict.wrong_revisions.size() == (what.empty() ? 0 : 1));
  if (what.empty()) return;
  CHECK(verdict.wrong_revisions[0].what == what);
  CHECK(verdict.wrong_revisions[0].operation == first + 1);
  CHECK(verdict.wrong_revisions[0].other == first);
}

TEST_CASE("What was there at first has a smaller revision than any write") {
  Told told;
  told.history.start_all_keys_with(told.history.value("a"));
  told.add(Verb::get, 1, 6, "a");
  told.add(Verb::put, 2, 4, "a");
  Operations operations = told.history.operations();
  operations[0].revision = 3;
  operations[1].revision = 2;
  told.history.replace_operations(operations);
  const Verdict verdict = check(told.history);
  CHECK(verdict.conclusion == Conclusion::holds);
  REQUIRE(verdict.wrong_revisions.size() == 1);
  CHECK(verdict.wrong_revisions[0].what == "revision 3 was told, and given to no write");
}

TEST_CASE("A refusal may tell the revision of the remove that left nothing, and then it has its reason") {
  Told told;
  told.add(Verb::put, 1, 2, "a");
  told.add(Verb::put, 3, 4, "a");
  told.add(Verb::swap_if_revision, 5, 6, "b");
  Operations operations = told.history.operations();
  operations[0].revision = 4;
  operations[1].verb = Verb::remove;
  operations[1].argument = ValueId::absent;
  operations[1].revision = 5;
  operations[2].expected_revision = operations[2].revision = 5;
  operations[2].outcome = Outcome::mismatched;
  std::string what;
  SECTION("that nothing was there is told") {
    operations[2].has_result = true;
    operations[2].result = ValueId::absent;
  }
  SECTION("nothing more is told") {}
  SECTION("the remove has not told its revision") { operations[1].revision = 0; }
  SECTION("a value was there") {
    operations[1] = {.invoked = 3, .returned = 4, .result = operations[0].argument};
    operations[0].revision = operations[1].revision = 5;
    what = "revision 5 was told by a refusal for which it is no reason";
  }
  told.history.replace_operations(operations);
  const Verdict verdict = check(told.history);
  REQUIRE(verdict.wrong_revisions.size() == (what.empty() ? 0 : 1));
  if (!what.empty()) CHECK(verdict.wrong_revisions[0].what == what);
}

TEST_CASE("A revision is replaced once, and then it is gone, whether writes tell theirs or not") {
  Told told;
  told.add(Verb::put, 1, 2, "a");
  told.add(Verb::swap_if_revision, 3, 4, "b");
  told.add(Verb::swap_if_revision, 5, 6, "c");
  Operations operations = told.history.operations();
  Operation& first = operations[1];
  Operation& second = operations[2];
  first.expected_revision = 7;
  std::string what;
  std::size_t other = 1;
  SECTION("one after the other") { second.expected_revision = 8; }
  SECTION("twice") {
    second.expected_revision = 7;
    what = "revision 7 was replaced by two writes";
  }
  SECTION("twice at a time") {
    second.expected_revision = 7;
    second.invoked = 4;
    what = "revision 7 was replaced by two writes";
  }
  SECTION("an older one after it") {
    second.expected_revision = 6;
    what = "revision 6 was replaced after 7 had been";
  }
  SECTION("refused, though it was there") {
    second.expected_revision = second.revision = 8;
    second.outcome = Outcome::mismatched;
    other = 2;
    what = "revision 8 was told by a refusal for which it is no reason";
  }
  SECTION("told once it was gone") {
    second = {.invoked = 5, .returned = 6, .revision = 7, .result = told.history.value("b")};
    what = "revision 7 was told after 7 had been replaced";
  }
  SECTION("after a later one was told") {
    first = {.invoked = 3, .returned = 4, .revision = 9, .result = told.history.value("a")};
    second.expected_revision = 8;
    what = "revision 8 was replaced after 9 had been told";
  }
  SECTION("by a write that got a smaller one") {
    second.expected_revision = 9;
    second.revision = 8;
    other = 2;
    what = "revision 8 was given to a write that has replaced 9";
  }
  told.history.replace_operations(operations);
  const Verdict verdict = check(told.history);
  CHECK(verdict.conclusion == Conclusion::holds);
  REQUIRE(verdict.wrong_revisions.size() == (what.empty() ? 0 : 1));
  if (what.empty()) return;
  CHECK(verdict.wrong_revisions[0].what == what);
  CHECK(verdict.wrong_revisions[0].operation == 2);
  CHECK(verdict.wrong_revisions[0].other == other);
}

TEST_CASE("Where gets alone tell revisions, a condition on one is judged by the value that was told with it") {
  Told told;
  told.add(Verb::put, 1, 2, "a");
  told.add(Verb::get, 3, 4, "a");
  told.add(Verb::put, 5, 6, "b");
  const std::size_t swap = told.add(Verb::swap_if_revision, 7, 8, "c");
  Operations operations = told.history.operations();
  operations[1].revision = operations[swap].expected_revision = 7;
  std::string what;
  SECTION("lost update") { what = "revision 7 cannot have been there"; }
  SECTION("of unknown outcome") {
    operations[swap].outcome = Outcome::unknown;
    operations[swap].returned = never;
  }
  SECTION("refused, as it must be") { operations[swap].outcome = Outcome::mismatched; }
  SECTION("before it was overwritten") { operations[swap].invoked = 5; }
  SECTION("refused, though it was there") {
    operations[swap].outcome = Outcome::mismatched;
    operations[2] = operations[1];
    what = "revision 7 must have been there";
  }
  SECTION("refused, of a value that was written twice") {
    operations[swap].outcome = Outcome::mismatched;
    operations[2].argument = operations[0].argument;
  }
  SECTION("refused, of what was there at first") {
    operations[swap].outcome = Outcome::mismatched;
    told.history.start_all_keys_with(told.history.value("a"));
    operations[0] = operations[2] = operations[1];
    what = "revision 7 must have been there";
  }
  told.history.replace_operations(operations);
  const Verdict verdict = check(told.history);
  CHECK(verdict.conclusion == Conclusion::holds);
  REQUIRE(verdict.wrong_revisions.size() == (what.empty() ? 0 : 1));
  if (what.empty()) return;
  CHECK(verdict.wrong_revisions[0].what == what);
  CHECK(verdict.wrong_revisions[0].operation == swap);
}

TEST_CASE("Whoever finds nothing after a revision was told needs a delete with a greater one") {
  Told told;
  told.add(Verb::put, 1, 2, "a");
  std::uint64_t removed = 4;
  const std::size_t remove = told.add(Verb::remove, 3, 5, nullptr);
  const std::size_t put = told.add(Verb::put, 4, 6, "b");
  bool is_wrong = true;
  SECTION("and the only one has a smaller one") {}
  SECTION("which one has") {
    removed = 6;
    is_wrong = false;
  }
  SECTION("or claims none") {
    removed = 0;
    is_wrong = false;
  }
  SECTION("or is not known to have taken effect") {
    told.add(Verb::remove, 7, never, nullptr, Outcome::unknown);
    is_wrong = false;
  }
  const std::size_t get = told.add(Verb::get, 8, 9, nullptr);
  SECTION("before it returns") { told.add(Verb::remove, 10, never, nullptr, Outcome::unknown); }
  Operations operations = told.history.operations();
  operations[0].revision = 3;
  operations[remove].revision = removed;
  operations[put].revision = 5;
  operations[get].process = operations[put].process;
  told.history.replace_operations(operations);
  const Verdict verdict = check(told.history);
  CHECK(verdict.conclusion == Conclusion::holds);
  const std::vector<BrokenGuarantee> broken = check_sessions(told.history);
  CHECK(broken.size() == (is_wrong ? 1 : 0));
  REQUIRE(verdict.wrong_revisions.size() == (is_wrong ? 1 : 0));
  if (!is_wrong) return;
  CHECK(verdict.wrong_revisions[0].operation == get);
  CHECK(verdict.wrong_revisions[0].other == put);
  CHECK(name(broken[0].guarantee) == "read your writes");
  CHECK(broken[0].earlier == put);
  CHECK(broken[0].later == get);
}

TEST_CASE("A delete that claims no revision, and was over before something was there, has not removed it") {
  Told told;
  const std::size_t remove = told.add(Verb::remove, 1, 2, nullptr);
  const std::size_t put = told.add(Verb::put, 3, 6, "a");
  const std::size_t later = told.add(Verb::remove, 4, 5, nullptr);
  const std::size_t get = told.add(Verb::get, 7, 8, nullptr);
  const std::uint64_t claimed = GENERATE(4, 6);
  Operations operations = told.history.operations();
  operations[remove].revision = 0;
  operations[put].revision = 5;
  operations[later].revision = claimed;
  told.history.replace_operations(operations);
  const Verdict verdict = check(told.history);
  CHECK(verdict.conclusion == Conclusion::holds);
  REQUIRE(verdict.wrong_revisions.size() == (claimed < 5 ? 1 : 0));
  if (claimed < 5) CHECK(verdict.wrong_revisions[0].operation == get);
}

}  // namespace smalldb::checker
