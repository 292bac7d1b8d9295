#include "scenarios/occurrence.h"

#include <catch2/catch.hpp>

namespace smalldb::scenarios {
namespace {

using What = Occurrence::What;

Occurrence read(std::string_view phrase) {
  std::string expected;
  const auto occurrence = read_occurrence(phrase, expected);
  INFO(phrase);
  REQUIRE(occurrence);
  return *occurrence;
}

TEST_CASE("occurrences are read as they would be told") {
  const Occurrence ack = read("before b receives the acknowledgement of record 3");
  CHECK(ack.what == What::receives);
  CHECK(ack.before);
  CHECK(ack.process == "b");
  CHECK(ack.message == "acknowledgement");
  CHECK(ack.number == 3);

  const Occurrence fsync = read("after a's second fsync of log-*");
  CHECK(fsync.what == What::synced);
  CHECK(fsync.nth == 2);
  CHECK(fsync.file == "log-*");

  CHECK(read("when an output is held").note == "output_held");
  CHECK(read("when an output is held at the primary").process == "primary");
  CHECK(read("b goes live").what == What::goes_live);
  CHECK(read("when the log of a reaches 20").number == 20);
  CHECK(read("after c1's request 4 is answered").what == What::operation_answered);
  CHECK(read("before any node receives record 7 from a").peer == "a");
  CHECK(read("when 100 operations are answered").number == 100);
  CHECK(read("fault split ends").process == "split");
}

TEST_CASE("a process may be called a") {
  CHECK(read("a takes over").process == "a");
  CHECK(read("a backup is declared in sync at a").process == "a");
  CHECK(read("before c receives a snapshot").message == "snapshot");
  CHECK(read("b wins a claim").process == "b");
}

TEST_CASE("the nth time can be said of anything") {
  CHECK(read("b goes live, the 2nd time").nth == 2);
  CHECK(read("when b goes live for the third time").nth == 3);
  CHECK(to_text(read("b goes live, the 2nd time")) == "b goes live, the 2nd time");
}

TEST_CASE("every phrase that is listed is read, and read back as what it was written for") {
  for (const OccurrenceDescription& known : occurrence_descriptions()) {
    CHECK_FALSE(known.means.empty());
    std::string whole = known.phrase;  // with all that may be left out, and without
    std::erase_if(whole, [](char c) { return c == '[' || c == ']'; });
    std::string least = known.phrase;
    for (std::size_t open; (open = least.find(" [")) != std::string::npos;) {
      least.erase(open, least.find(']', open) + 1 - open);
    }
    for (const std::string& phrase : {whole, least}) {
      const Occurrence first = read(phrase);
      INFO(phrase << " became " << to_text(first));
      CHECK(read(to_text(first)) == first);
      CHECK(can_be_foreseen(first.what) == known.can_be_foreseen);
      Occurrence before = first;
      before.before = true;
      CHECK(read(to_text(before)) == before);
    }
  }
}

TEST_CASE("occurrences are written as they would be told") {
  for (const char* phrase :
       {"before b receives the acknowledgement of record 3", "a's 2nd fsync of log-*", "an output is held at a",
        "b goes alone", "a claims an epoch", "a suspects its peer", "a backup is declared in sync at a",
        "the log of a reaches 20", "a founds the store", "c1 issues an operation", "anyone takes over"}) {
    CHECK(to_text(read(phrase)) == phrase);
  }
}

TEST_CASE("a misspelt word of an occurrence has a nearest one") {
  CHECK(nearest_word_of_an_occurrence("before b recieves record 3") == "receives");
  CHECK(nearest_word_of_an_occurrence("after a's second fsnyc") == "fsync");
  CHECK(nearest_word_of_an_occurrence("b receives the acknowlegdement of record 3") == "acknowledgement");
  CHECK(nearest_word_of_an_occurrence("b explodes").empty());
  CHECK(nearest_word_of_an_occurrence("when b goes liv, the 2nd time") == "live");
  CHECK(nearest_word_of_an_occurrence("record 3 is durable on b") == "at");
  CHECK(nearest_word_of_an_occurrence("b gos live") == "goes");
  CHECK(nearest_word_of_an_occurrence("b goes dead").empty());
}

TEST_CASE("what else could stand in place of a word is said, if it is little") {
  const auto expected = [](std::string_view phrase) {
    std::string text;
    CHECK_FALSE(read_occurrence(phrase, text));
    return text;
  };
  CHECK(expected("when b goes dead") == R"(an occurrence, as "b goes live", "b goes alone" or "b goes on")");
  CHECK(expected("c1's operation 3 is done") ==
        R"(an occurrence, as "c1's operation 3 is issued" or "c1's operation 3 is answered")");
  CHECK(expected("record 99999999999999999999 is written at b") == "an occurrence with numbers below 2^64");
  CHECK(expected("b explodes").ends_with("or \"b goes live\""));
}

TEST_CASE("what is no occurrence is not read") {
  std::string expected;
  for (const char* phrase :
       {"", "before", "b", "b explodes", "b receives", "b receives record", "b's fsync of", "record 0 is written at b",
        "b goes live, the lucky time", "the", "log of reaches 5", "b receives record -3"}) {
    INFO(phrase);
    CHECK_FALSE(read_occurrence(phrase, expected));
    CHECK(expected.find("an occurrence") == 0);
  }
}

}  // namespace
}  // namespace smalldb::scenarios
