#include "properties/checker/stream.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <vector>

#include "properties/checker/testing/all_histories.h"
#include "properties/checker/testing/compare_stream.h"
#include "properties/checker/testing/dice.h"
#include "properties/checker/testing/effort.h"
#include "properties/checker/testing/generator.h"
#include "properties/checker/testing/random_histories.h"

namespace smalldb::checker {
namespace {

using testing::AllHistories;
using testing::parts_of_four;
using testing::parts_of_three;
using testing::random_histories;

// Of three operations those of which the number is `part` modulo `parts_of_three`.
void compare_all(const AllHistories& all, const StreamOptions& options = {}, std::uint32_t part = 0) {
  std::uint64_t histories = 0;
  std::uint64_t violated = 0;
  std::uint64_t late = 0;
  const auto compare = [&](std::span<const std::uint32_t> positions) {
    const testing::StreamComparison comparison = testing::compare_stream(all.history(), all.key(), positions, options);
    if (!comparison.wrong.empty()) FAIL(comparison.wrong);
    ++histories;
    violated += comparison.violated_at == 0 ? 0 : 1;
    late += comparison.late ? 1 : 0;
  };
  for (std::uint32_t size = 1; size <= 2; ++size) all.visit(size, 3, compare);
  all.visit(3, 3, compare, part, parts_of_three);
  all.visit(4, 3, compare, 2, parts_of_four);
  CAPTURE(histories, violated, late);
  CHECK(violated > histories / 20);
  CHECK(violated < histories - histories / 20);
  CHECK((late == 0) == (options.patience == StreamOptions().patience));
}

// Up to nine puts and gets of distinct values; now and then, late, something that zones cannot tell.
History distinct_values(testing::Dice& dice) {
  History history;
  history.key("k");
  std::vector<ValueId> values{ValueId::absent};
  const std::uint32_t size = 4 + dice.below(6);
  std::vector<Instant> places(2 * size);
  std::iota(places.begin(), places.end(), 0);
  const std::uint32_t reach = 2 + dice.below(8);
  const std::uint32_t special = dice.below(3) == 0 ? size / 2 + dice.below(size / 2) : size;
  std::vector<Operation> operations;
  for (std::uint32_t i = 0; i < size; ++i) {
    Operation operation;
    const auto take = [&](std::uint32_t most) {
      const auto at = places.begin() + dice.below(std::min(most, static_cast<std::uint32_t>(places.size())));
      const Instant place = *at;
      places.erase(at);
      return place;
    };
    operation.invoked = take(2);
    operation.returned = take(reach);
    if (operation.returned < operation.invoked) std::swap(operation.invoked, operation.returned);
    const std::uint32_t outcome = dice.below(12);
    if (outcome == 0) operation.outcome = Outcome::failed;
    if (outcome == 1 || outcome == 2) operation.outcome = Outcome::unknown;
    const auto known = [&] {
      return values[values.size() - 1 -
                    dice.below(static_cast<std::uint32_t>(std::min<std::size_t>(4, values.size())))];
    };
    if (i == special) {
      operation.verb = dice.below(2) == 0 ? Verb::remove : Verb::swap_if_value;
      operation.expected = known();
    } else if (dice.below(5) < 2) {
      operation.verb = Verb::put;
    }
    if (operation.verb == Verb::put || operation.verb == Verb::swap_if_value) {
      operation.argument = history.value(std::to_string(i + 1));
      values.push_back(operation.argument);
    }
    if (operation.verb == Verb::get) operation.result = known();
    if (operation.outcome == Outcome::unknown) operation.returned = never;
    operations.push_back(operation);
  }
  std::stable_sort(operations.begin(), operations.end(),
                   [](const Operation& one, const Operation& other) { return one.invoked < other.invoked; });
  for (const Operation& operation : operations) history.add(operation);
  return history;
}

// Two puts that are open nearly all the time, and may be read, beside seven operations that are soon over; the last
// ones may be what zones cannot tell. As a register would have answered, but for one get at most.
History open_puts(testing::Dice& dice) {
  History history;
  history.key("k");
  constexpr std::uint32_t slow = 2;
  constexpr std::uint32_t all = 9;
  const std::uint32_t special = 5 + dice.below(8);
  std::vector<ValueId> values{ValueId::absent};
  std::vector<Operation> operations;
  std::vector<std::size_t> open;
  std::vector<std::size_t> to_come;  // slow ones that have not taken effect
  ValueId now = ValueId::absent;
  Instant instant = 0;
  const auto value = [&] { return values[dice.below(static_cast<std::uint32_t>(values.size()))]; };
  const auto begin = [&] {
    const auto number = static_cast<std::uint32_t>(operations.size());
    Operation operation;
    operation.invoked = ++instant;
    operation.returned = never;
    if (number < slow || dice.below(2) == 0) operation.verb = Verb::put;
    if (number >= special) operation.verb = dice.below(2) == 0 ? Verb::remove : Verb::swap_if_value;
    operation.expected = value();
    if (operation.verb == Verb::put || operation.verb == Verb::swap_if_value) {
      operation.argument = history.value(std::to_string(number));
      values.push_back(operation.argument);
    }
    (number < slow ? to_come : open).push_back(number);
    operations.push_back(operation);
  };
  const auto take_effect = [&](Operation& operation) {
    if (operation.verb == Verb::get) operation.result = now;
    const bool is_refused = operation.verb == Verb::swap_if_value && operation.expected != now;
    if (is_refused) operation.outcome = Outcome::mismatched;
    if (operation.verb != Verb::get && !is_refused) now = operation.argument;
  };
  for (std::uint32_t i = 0; i < slow; ++i) begin();
  while (operations.size() < all || !open.empty()) {
    const bool is_late = !to_come.empty() && dice.below(3) == 0;
    if (is_late) {
      take_effect(operations[to_come.back()]);
      to_come.pop_back();
    } else if (operations.size() < all && (open.empty() || (open.size() < 2 && dice.below(2) == 0))) {
      begin();
    } else {
      const auto which = open.begin() + dice.below(static_cast<std::uint32_t>(open.size()));
      Operation& operation = operations[*which];
      take_effect(operation);
      operation.returned = ++instant;
      open.erase(which);
    }
  }
  for (std::uint32_t i = 0; i < slow; ++i) {
    operations[i].returned = ++instant;
    const std::uint32_t outcome = dice.below(4);
    if (outcome == 0) operations[i].outcome = Outcome::failed;
    if (outcome != 1) continue;
    operations[i].outcome = Outcome::unknown;
    operations[i].returned = never;
  }
  Operation& other = operations[slow + dice.below(all - slow)];
  if (other.verb == Verb::get && dice.below(2) == 0) other.result = value();
  for (const Operation& operation : operations) history.add(operation);
  return history;
}

}  // namespace

TEST_CASE("Every small history of a register is violated at the answer at which the definition says so") {
  const bool forgets_at_once = GENERATE(false, true);
  compare_all(AllHistories(testing::register_alphabet, 4), {.forgets_at_once = forgets_at_once});
}

TEST_CASE("Every small history with appends is violated at the answer at which the definition says so") {
  compare_all(AllHistories(testing::append_alphabet, 4));
}

TEST_CASE("Every small history with revisions is violated at the answer at which the definition says so") {
  compare_all(AllHistories(testing::revision_alphabet, 4));
}

TEST_CASE("Every small history with promised revisions is violated at the answer at which the definition says so") {
  compare_all(AllHistories(testing::promise_alphabet, 4), {.revisions = Revisions::promised});
}

TEST_CASE("Without patience every small history is judged in the end as the definition says") {
  const std::uint32_t which = GENERATE(0, 1, 2);
  const std::uint64_t patience = std::array{0, 2, 5}[which];
  const std::uint32_t part = which % parts_of_three;
  compare_all(AllHistories(testing::register_alphabet, 4), {.patience = patience}, part);
  compare_all(AllHistories(testing::promise_alphabet, 4), {.revisions = Revisions::promised, .patience = patience},
              part);
}

TEST_CASE("Random histories are violated at the answer at which the definition says so") {
  const std::size_t seats_spared = GENERATE(64, 0);
  testing::RandomHistories random(2017);
  int late = 0;
  for (int i = 0; i < random_histories; ++i) {
    const History history = random.next();
    const auto comparison =
        testing::compare_stream(history, KeyId{0}, testing::all_positions(history), {.seats_spared = seats_spared});
    INFO("number " << i << " of seed 2017");
    if (!comparison.wrong.empty()) FAIL(comparison.wrong);
    late += comparison.late ? 1 : 0;
  }
  CHECK(late <= random_histories / 1000);
}

TEST_CASE("Random histories with promised revisions are violated at the answer at which the definition says so") {
  const std::uint64_t patience = GENERATE(1000, 3);
  const std::size_t seats_spared = patience == 3 ? 0 : 64;
  testing::RandomHistories random(2018);
  int violated = 0;
  for (int i = 0; i < random_histories; ++i) {
    const History history = random.next_promised();
    const auto comparison = testing::compare_stream(history, KeyId{0}, testing::all_positions(history),
                                                    {Revisions::promised, patience, seats_spared});
    INFO("number " << i << " of seed 2018, with patience for " << patience);
    if (!comparison.wrong.empty()) FAIL(comparison.wrong);
    violated += comparison.violated_at == 0 ? 0 : 1;
  }
  CHECK(violated > random_histories / 5);
  CHECK(violated < random_histories * 4 / 5);
}

TEST_CASE("Histories of distinct values are violated at the answer at which the definition says so") {
  const bool forgets_at_once = GENERATE(false, true);
  testing::Dice dice(1997);
  int violated = 0;
  for (int i = 0; i < random_histories; ++i) {
    const History history = distinct_values(dice);
    const auto comparison = testing::compare_stream(history, KeyId{0}, testing::all_positions(history),
                                                    {.forgets_at_once = forgets_at_once});
    INFO("number " << i << " of seed 1997");
    if (!comparison.wrong.empty()) FAIL(comparison.wrong);
    violated += comparison.violated_at == 0 ? 0 : 1;
  }
  CHECK(violated > random_histories / 5);
  CHECK(violated < random_histories * 4 / 5);
}

TEST_CASE("Beside puts that stay open a history is violated at the answer at which the definition says so") {
  const bool forgets_at_once = GENERATE(true, false);
  testing::Dice dice(2023);
  int violated = 0;
  for (int i = 0; i < random_histories; ++i) {
    const History history = open_puts(dice);
    const auto comparison = testing::compare_stream(history, KeyId{0}, testing::all_positions(history),
                                                    {.forgets_at_once = forgets_at_once});
    INFO("number " << i << " of seed 2023");
    if (!comparison.wrong.empty()) FAIL(comparison.wrong);
    violated += comparison.violated_at == 0 ? 0 : 1;
  }
  CHECK(violated > random_histories / 5);
  CHECK(violated < random_histories * 4 / 5);
}

TEST_CASE("Puts that are never answered keep nothing of what comes after them") {
  Stream stream;
  Operation put;
  put.verb = Verb::put;
  Operation get;
  const auto write = [&](int number, bool is_answered) {
    put.argument = stream.value(std::to_string(number));
    const Stream::Ticket ticket = stream.invoke(put);
    if (is_answered) stream.complete(ticket, put);
    const Stream::Ticket read = stream.invoke(get);
    get.result = stream.value(std::to_string(number));
    stream.complete(read, get);
  };
  std::size_t most = 0;
  for (int i = 0; i < 3000; ++i) {
    write(i, i % 300 != 7);
    most = std::max(most, stream.size());
  }
  CHECK(stream.conclusion() == Conclusion::holds);
  CHECK(most < 50);
}

namespace {

using testing::Breakage;
using testing::Workload;

const Workload workloads[] = {
    {.seed = 1, .operations = 3000, .keys = 10, .clients = 6, .unknown = 30},
    {.seed = 2, .operations = 3000, .keys = 10, .clients = 6, .puts = 40, .removes = 10, .unknown = 30},
    {.seed = 3, .operations = 3000, .keys = 20, .clients = 8, .gets = 40, .puts = 40, .swaps = 20, .unknown = 30},
    {.seed = 4, .operations = 3000, .keys = 20, .clients = 8, .revisions = true},
    {.seed = 5, .operations = 3000, .clients = 50, .unknown = 30},  // all on one key
};

}  // namespace

TEST_CASE("A long history that a store has executed holds, and broken it is violated where the whole is") {
  const Workload& workload = workloads[GENERATE(0, 1, 2, 3, 4)];
  // In the end: whoever was not answered keeps all that comes after it from being forgotten.
  const auto tells_unknown = GENERATE(testing::TellsUnknown::at_once, testing::TellsUnknown::in_the_end);
  CAPTURE(workload.seed, static_cast<int>(tells_unknown));
  Stream stream;
  testing::play(testing::generate(workload), stream, 1, tells_unknown);
  CHECK(stream.conclusion() == Conclusion::holds);
  CHECK_FALSE(stream.wrong_claim());
  for (const Breakage breakage : {Breakage::stale_read, Breakage::phantom_value, Breakage::dirty_read,
                                  Breakage::future_read, Breakage::lost_update}) {
    History history = testing::generate(workload);
    REQUIRE(testing::break_it(history, breakage, 600));
    Stream broken;
    testing::play(history, broken, 1, tells_unknown);
    const Verdict whole = check(history);
    CAPTURE(static_cast<int>(breakage));
    REQUIRE(whole.violation);
    REQUIRE(broken.contradiction());
    const Operation& culprit = history.operations()[whole.violation->culprit];
    // That a write has failed is known when it has, though somebody read it before.
    const bool late = breakage == Breakage::dirty_read && broken.contradiction()->culprit.outcome == Outcome::failed;
    CHECK((late || broken.contradiction()->culprit.returned == culprit.returned));
    CHECK(broken.contradiction()->culprit.returned >= culprit.returned);
    CHECK(broken.contradiction()->culprit.key == culprit.key);
  }
}

TEST_CASE("What is remembered does not grow with the length of a history") {
  Workload workload = workloads[GENERATE(0, 1, 2, 3)];
  CAPTURE(workload.seed);
  workload.unknown = 0;
  workload.operations = 2000;
  Stream one;
  const std::size_t of_short = testing::play(testing::generate(workload), one);
  workload.operations = 20'000;
  Stream other;
  const std::size_t of_long = testing::play(testing::generate(workload), other);
  CHECK(other.conclusion() == Conclusion::holds);
  CHECK(of_long < 2 * of_short);
}

TEST_CASE("Dozens of writes of unknown outcome do not make a stream explode") {
  const Revisions revisions = GENERATE(Revisions::claimed, Revisions::promised);
  History history;
  Operation operation;
  operation.key = history.key("x");
  Instant now = 0;
  std::uint64_t revision = 0;
  const auto add = [&](Verb verb, Outcome outcome, const std::string& value) {
    operation.verb = verb;
    operation.outcome = outcome;
    operation.argument = verb == Verb::put ? history.value(value) : ValueId::absent;
    operation.result = verb == Verb::get ? history.value(value) : ValueId::absent;
    operation.invoked = now++;
    operation.returned = outcome == Outcome::unknown ? never : now++;
    operation.revision = outcome == Outcome::unknown ? 0 : ++revision;
    history.add(operation);
  };
  add(Verb::remove, Outcome::ok, "");  // from here on it is searched
  const int writes = testing::long_enough(200, 60);
  for (int i = 0; i < writes; ++i) add(Verb::put, Outcome::unknown, "v" + std::to_string(i));
  for (int i = 0; i < writes; ++i) add(Verb::put, Outcome::ok, "w" + std::to_string(i));
  add(Verb::get, Outcome::ok, "v7");
  add(Verb::get, Outcome::ok, "v3");
  Stream stream(100'000, {.revisions = revisions});
  testing::play(history, stream);
  CHECK(stream.conclusion() == Conclusion::holds);
  add(Verb::get, Outcome::ok, "v7");
  Stream again(100'000, {.revisions = revisions});
  testing::play(history, again);
  CHECK(again.conclusion() == Conclusion::violated);
}

TEST_CASE("A chain of unknown outcomes takes as many steps as there is to follow") {
  History history;
  Operation operation;
  operation.key = history.key("x");
  constexpr int links = 200;
  const auto value = [&](int i) { return history.value("v" + std::to_string(i)); };
  operation.verb = Verb::put;
  operation.argument = value(0);
  operation.returned = 1;
  history.add(operation);
  for (int i = 0; i < links; ++i) {
    Operation link;
    link.key = operation.key;
    link.verb = Verb::swap_if_value;
    link.outcome = Outcome::unknown;
    link.expected = value(i);
    link.argument = value(i + 1);
    link.invoked = 2 + i;
    history.add(link);
  }
  operation = {};
  operation.verb = Verb::get;
  operation.result = value(links);
  operation.invoked = 2 + links;
  operation.returned = 3 + links;
  history.add(operation);
  const auto judge = [&](std::uint64_t steps) {
    Stream stream(steps);
    testing::play(history, stream);
    return stream.conclusion();
  };
  // Each link is asked of whether somebody needs it, and so are all behind it.
  CHECK(judge(links * links / 4) == Conclusion::unknown);
  CHECK(judge(links * links * 4) == Conclusion::holds);
}

TEST_CASE("A stream without steps left gives a key up, and guesses nothing") {
  History history = testing::generate(workloads[1]);
  REQUIRE(testing::break_it(history, Breakage::stale_read, 900));
  Stream stream(100);
  testing::play(history, stream);
  CHECK(stream.conclusion() == Conclusion::unknown);
  CHECK(stream.steps_left() == 0);
}

TEST_CASE("A copy of a stream goes on by itself") {
  Stream stream;
  Operation operation;
  operation.verb = Verb::put;
  operation.argument = stream.value("17");
  const Stream::Ticket put = stream.invoke(operation);
  Stream copy = stream;
  Operation get;
  for (Stream* const one : {&stream, &copy}) {
    operation.outcome = one == &copy ? Outcome::failed : Outcome::ok;
    one->complete(put, operation);
    const Stream::Ticket ticket = one->invoke(get);
    get.result = one->value("17");
    one->complete(ticket, get);
  }
  CHECK(stream.conclusion() == Conclusion::holds);
  CHECK(copy.conclusion() == Conclusion::violated);
}

TEST_CASE("A revision that is replaced twice, or once it is gone, is told") {
  struct Row {
    std::vector<std::uint64_t> expected;
    std::vector<std::uint64_t> told;  // 0: nothing
    bool at_a_time = false;
    bool wrong = false;
  };
  const Row rows[] = {
      {{7, 8}, {0, 0}, false, false}, {{7, 8}, {8, 9}, false, false}, {{7, 7}, {0, 0}, false, true},
      {{7, 7}, {0, 0}, true, true},   {{7, 6}, {0, 0}, false, true},  {{7, 6}, {0, 0}, true, false},
      {{7, 8}, {9, 0}, false, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expected, row.told, row.at_a_time);
    Stream stream;
    Operation put;
    put.verb = Verb::put;
    put.argument = stream.value("a");
    stream.complete(stream.invoke(put), put);
    std::vector<std::pair<Stream::Ticket, Operation>> open;
    const auto complete_all = [&] {
      for (const auto& [ticket, operation] : open) stream.complete(ticket, operation);
      open.clear();
    };
    for (std::size_t i = 0; i < row.expected.size(); ++i) {
      Operation swap;
      swap.verb = Verb::swap_if_revision;
      swap.invoked = swap.returned = static_cast<Instant>(row.at_a_time ? 1 : 1 + i);
      swap.argument = stream.value("b" + std::to_string(i));
      swap.expected_revision = row.expected[i];
      swap.outcome = Outcome::unknown;
      const Stream::Ticket ticket = stream.invoke(swap);
      swap.outcome = Outcome::ok;
      swap.revision = row.told[i];
      open.emplace_back(ticket, swap);
      if (!row.at_a_time) complete_all();
    }
    complete_all();
    CHECK((stream.wrong_claim() && stream.wrong_claim()->kind == WrongClaim::Kind::gone) == row.wrong);
  }
}

TEST_CASE("Claims that contradict each other are told") {
  using Kind = WrongClaim::Kind;
  struct Told {
    Verb verb;
    const char* value;
    std::uint64_t revision;
  };
  struct Row {
    std::vector<Told> told;
    std::optional<Kind> wrong;
  };
  const Row rows[] = {
      {{{Verb::put, "a", 1}, {Verb::get, "a", 1}, {Verb::put, "b", 3}, {Verb::get, "b", 3}}, std::nullopt},
      {{{Verb::put, "a", 2}, {Verb::put, "b", 2}}, Kind::two_writes},
      {{{Verb::put, "a", 2}, {Verb::put, "b", 1}}, Kind::went_back},
      {{{Verb::put, "a", 2}, {Verb::get, "a", 3}, {Verb::get, "a", 2}}, Kind::went_back},
      {{{Verb::get, "", 2}, {Verb::put, "b", 2}}, Kind::not_new},
      {{{Verb::put, "a", 2}, {Verb::get, "a", 2}, {Verb::remove, "", 4}, {Verb::get, "c", 4}}, Kind::other_value},
  };
  for (const Row& row : rows) {
    Stream stream;
    for (const Told& told : row.told) {
      Operation operation;
      operation.verb = told.verb;
      const ValueId value = std::string_view(told.value).empty() ? ValueId::absent : stream.value(told.value);
      if (told.verb == Verb::put) operation.argument = value;
      const Stream::Ticket ticket = stream.invoke(operation);
      if (told.verb == Verb::get) operation.result = value;
      operation.revision = told.revision;
      stream.complete(ticket, operation);
    }
    REQUIRE(stream.wrong_claim().has_value() == row.wrong.has_value());
    if (row.wrong) CHECK(stream.wrong_claim()->kind == *row.wrong);
  }
}

TEST_CASE("A culprit is told from an operation that had its place before") {
  Stream stream(Options().steps_max, {.revisions = Revisions::promised});
  Operation put;
  put.verb = Verb::put;
  put.argument = stream.value("17");
  const Stream::Ticket before = stream.invoke(put);
  put.revision = 5;
  REQUIRE(stream.complete(before, put));
  Operation get;
  const Stream::Ticket culprit = stream.invoke(get);
  CHECK(culprit.slot == before.slot);
  REQUIRE_FALSE(stream.complete(culprit, get));  // it found nothing
  CHECK(stream.is_culprit(culprit));
  CHECK_FALSE(stream.is_culprit(before));
}

TEST_CASE("A value is forgotten once nobody holds it, and its number given to another") {
  LiveValues values;
  const ValueId kept = values.intern("kept");
  const ValueId gone = values.intern("gone");
  values.keep_only([&](const auto& mark) {
    mark(kept);
    mark(ValueId::absent);
    mark(no_value);
  });
  CHECK(values.intern("kept") == kept);
  CHECK(values.bytes(kept) == "kept");
  CHECK(values.intern("new") == gone);
  CHECK(values.bytes(values.join(kept, gone)) == "keptnew");
  CHECK(values.join(ValueId::absent, gone) == gone);
  for (int i = 0; i < 1000; ++i) values.intern(std::to_string(i));
  CHECK(values.is_worth_it());
  CHECK(values.bytes(values.intern("999")) == "999");
}

TEST_CASE("A value is the same however it was put together, and keeps what it begins with") {
  LiveValues values;
  const std::string text = "one, two and three";
  const ValueId whole = values.intern(text);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const ValueId one = values.intern(text.substr(0, cut)), other = values.intern(text.substr(cut));
    CHECK(values.join(one, other) == whole);
    CHECK(values.join(whole, one) == values.intern(text + text.substr(0, cut)));
  }
  ValueId made = values.intern("");
  std::string all;
  for (int i = 0; i < 1000; ++i) {
    made = values.join(made, values.intern(std::to_string(i)));
    all += std::to_string(i);
    if (values.is_worth_it()) values.keep_only([&](const auto& mark) { mark(made); });
  }
  CHECK(values.bytes(made) == all);
  CHECK(values.intern(all) == made);
  CHECK(values.intern(all + "0") != made);
}

}  // namespace smalldb::checker
