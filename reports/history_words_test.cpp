#include "reports/history_words.h"

#include <catch2/catch.hpp>
#include <string>

#include "reports/test_histories.h"

namespace smalldb::reports {
namespace {

using checker::Anomaly;

TEST_CASE("Operations and answers in words") {
  const checker::History history = history_of(R"({"process":"a","call":"put","key":"x","value":"17","if_value":null}
{"process":"b","call":"put","key":"x","value":"two words","if_revision":7}
{"process":"c","call":"delete","key":"x","if_revision":"any"}
{"process":"d","call":"append","key":"x","value":"17"}
{"process":"e","call":"get","key":"x"}
{"process":"f","call":"delete","key":"x","if_value":"3"}
{"process":"a","return":"mismatched","value":"16"}
{"process":"b","return":"ok","revision":8}
{"process":"c","return":"mismatched"}
{"process":"d","return":"failed"}
{"process":"e","return":"ok","value":null,"revision":2}
)");
  const auto told = [&](std::size_t n) {
    const checker::Operation& operation = history.operations()[n];
    return said(operation_text(history, operation), " -> ", answer_text(history, operation)).whole();
  };
  CHECK(told(0) == "put x=17 if absent -> mismatched: it is 16");
  CHECK(told(1) == "put x=\"two words\" if revision 7 -> ok, revision 8");
  CHECK(told(2) == "delete x if present -> mismatched");
  CHECK(told(3) == "append x+=17 -> failed");
  CHECK(told(4) == "get x -> nothing, revision 2");
  CHECK(told(5) == "delete x if it is 3 -> unknown");
  CHECK(place_text(history, 3) == "line 4");
}

TEST_CASE("What took one instant is told by that one") {
  CHECK(span_text(4, 9) == "4 to 9");
  CHECK(span_text(25, 25) == "at 25");
}

TEST_CASE("Every anomaly has its sentence, with who and where") {
  const checker::History history = history_of(stale_read_text);
  const auto told = [&](Anomaly anomaly, std::vector<std::size_t> operations, std::size_t culprit,
                        std::optional<std::size_t> other = {}) {
    return sentence(history, violation_of(anomaly, std::move(operations), culprit, 11, {}, other)).whole();
  };
  CHECK(told(Anomaly::stale_read, {0, 1, 3}, 3, 1) ==
        "Stale read: c2 read x as 1 (line 8), but c1's put x=2 (line 4) had overwritten that before the call.");
  CHECK(told(Anomaly::lost_update, {1, 3}, 3, 1) ==
        "Lost update: c2 read x as 1 (line 8), and c1's put x=2 (line 4), acknowledged before the call, was never seen "
        "by "
        "anybody.");
  CHECK(told(Anomaly::phantom_value, {3}, 3) == "Phantom value: c2 read x as 1 (line 8), but nobody ever wrote that.");
  CHECK(told(Anomaly::exclusive_writes, {0, 1}, 1, 0) ==
        "Two writes that exclude each other: c1 got ok for put x=2 (line 4), and so did c1's put x=1 (line 1): no "
        "order lets both find it so.");
  CHECK(told(Anomaly::no_order, {0, 1, 3}, 3) ==
        "No order: c2 read x as 1 (line 8), and no order of these 3 operations explains all their answers.");
  for (int n = 0; n <= static_cast<int>(Anomaly::no_order); ++n) {
    const auto anomaly = static_cast<Anomaly>(n);
    const std::string alone = told(anomaly, {1, 3}, 3, 1);
    CHECK(alone.find("c2 read x as 1 (line 8)") != std::string::npos);
    const bool names_no_other =
        anomaly == Anomaly::phantom_value || anomaly == Anomaly::no_order || anomaly == Anomaly::non_monotonic_read;
    CHECK((names_no_other || alone.find("c1's put x=2 (line 4)") != std::string::npos));
    CHECK(alone.back() == '.');
  }
}

TEST_CASE("Of a write of unknown outcome it is not said that it got ok") {
  const checker::History history = history_of(R"({"process":"a","call":"put","key":"x","value":"1","if_value":null}
{"process":"a","return":"unknown"}
{"process":"b","call":"put","key":"x","value":"2","if_value":null}
{"process":"b","return":"ok"}
)");
  CHECK(
      sentence(history, violation_of(Anomaly::exclusive_writes, {0, 1}, 1, 3, {}, 0)).whole() ==
      "Two writes that exclude each other: b got ok for put x=2 if absent (line 3), and a's put x=1 if absent (line 1) "
      "took effect too: no order lets both find it so.");
}

TEST_CASE("What nobody wrote is named where an answer only says that it was there") {
  const checker::History history = history_of(R"({"process":"a","call":"put","key":"x","value":"1","if_value":"2"}
{"process":"a","return":"ok"}
{"process":"b","call":"delete","key":"x","if_value":null}
{"process":"b","return":"ok"}
)");
  CHECK(sentence(history, violation_of(Anomaly::phantom_value, {0}, 0, 0)).whole() ==
        "Phantom value: a got ok for put x=1 if it is 2 (line 1), but nobody ever wrote 2.");
  CHECK(sentence(history, violation_of(Anomaly::phantom_value, {1}, 1, 2)).whole() ==
        "Phantom value: b got ok for delete x if absent (line 3), but nobody ever deleted it.");
}

TEST_CASE("A value of which the write was refused is told with that write") {
  const checker::History history = history_of(R"({"process":"a","call":"put","key":"x","value":"1","if_value":"2"}
{"process":"a","return":"mismatched"}
{"process":"b","call":"get","key":"x"}
{"process":"b","return":"ok","value":"1"}
)");
  CHECK(sentence(history, violation_of(Anomaly::dirty_read, {0, 1}, 1, 3, {}, 0)).whole() ==
        "Dirty read of a failed write: b read x as 1 (line 3), but a's put x=1 if it is 2 (line 1) was refused.");
}

TEST_CASE("A broken session guarantee and a wrong revision name both operations") {
  const checker::History history = history_of(stale_read_text);
  CHECK(sentence(history, checker::BrokenGuarantee{checker::Guarantee::monotonic_writes, 0, 1}).whole() ==
        "to c1, put x=2 said revision 2 (line 4) after put x=1 said revision 1 (line 1).");
  CHECK(sentence(history, checker::WrongRevision{1, 0, "revision 1 was told after 2 had been"}).whole() ==
        "revision 1 was told after 2 had been: c1's put x=2 (line 4), c1's put x=1 (line 1).");
  CHECK(sentence(history, checker::WrongRevision{1, 1, "revision 1 was told, and given to no write"}).whole() ==
        "revision 1 was told, and given to no write: c1's put x=2 (line 4).");
}

TEST_CASE("What was appended is not called overwritten") {
  const checker::History history = history_of(R"({"process":"a","call":"append","key":"x","value":"1"}
{"process":"a","return":"ok"}
{"process":"b","call":"get","key":"x"}
{"process":"b","return":"ok","value":null}
)");
  CHECK(
      sentence(history, violation_of(Anomaly::stale_read, {0, 1}, 1, 3, {}, 0)).whole() ==
      "Stale read: b read x as nothing (line 3), but a's append x+=1 (line 1) had been acknowledged before the call.");
}

TEST_CASE("A value that reads like none is told apart from none") {
  checker::History history;
  CHECK(value_text(history, checker::ValueId::absent).whole() == "nothing");
  CHECK(value_text(history, history.value("nothing")).whole() == "\"nothing\"");
}

}  // namespace
}  // namespace smalldb::reports
