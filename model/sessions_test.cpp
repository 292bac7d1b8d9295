// S9, as the store keeps it.
#include "model/sessions.h"

#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/store.h"
#include "model/testing/story.h"

namespace smalldb {
namespace {

using testing::on_condition;
using testing::open_session;
using testing::put;
using testing::remove;
using testing::Story;

using Kind = Admission::Kind;

TEST_CASE("S9 a session is named by the record that opened it, and no two are the same") {
  Story story;
  const Response first = story.execute(open_session());
  const Response second = story.execute(open_session());
  CHECK(first.status == Status::ok);
  CHECK(first.revision == Lsn{2});
  CHECK(second.revision == Lsn{3});
}

TEST_CASE("S9 a retry is answered from the remembered result") {
  Story story;
  const SessionId session = story.open();  // 2
  const Request request = put("x", "1", session, 1);
  CHECK(story.store.admit(request).kind == Kind::execute);
  const Response executed = story.execute(request);  // 3
  story.execute(put("x", "2"));                      // 4

  const Admission retry = story.store.admit(request);
  CHECK(retry.kind == Kind::answered);
  CHECK(retry.response == executed);
  CHECK(retry.response.position == Lsn{3});
  CHECK(story.value("x") == "2");
}

TEST_CASE("S9 every kind of result is remembered") {
  Story story;
  const SessionId session = story.open();
  story.execute(put("x", "1"));  // 3
  const Request failed = on_condition(put("x", "2", session, 1), Condition::Kind::absent);
  const Request missing = remove("y", session, 2);
  const Request removed = remove("x", session, 3);
  const std::pair<Request, Status> expected[] = {
      {failed, Status::condition_failed}, {missing, Status::not_found}, {removed, Status::ok}};
  for (const auto& [request, status] : expected) {
    const Response executed = story.execute(request);
    CHECK(executed.status == status);
    CHECK(story.store.admit(request).response == executed);
  }
  CHECK(story.store.admit(failed).response.revision == Lsn{3});  // as it was then; the key is gone by now
}

TEST_CASE("F3 a retry at a new primary has the old result and the new epoch") {
  Story story;
  const SessionId session = story.open();
  const Request request = put("x", "1", session, 1);
  const Response executed = story.execute(request);
  story.append(EpochStarted{{0, 2}, ProcessId{1}});
  const Admission retry = story.store.admit(request);
  CHECK(retry.kind == Kind::answered);
  CHECK(retry.response.revision == executed.revision);
  CHECK(retry.response.position == executed.position);
  CHECK(retry.response.epoch == Epoch{2});
}

TEST_CASE("S9 a request that stands in the log twice is executed once") {
  Story story;
  const SessionId session = story.open();
  const Request request = on_condition(put("x", "1", session, 1), Condition::Kind::absent);
  const Response first = story.execute(request);
  CHECK(first.status == Status::ok);
  CHECK(story.execute(request) == first);
  CHECK(story.store.entries().find(request.key)->revision == first.revision);
}

TEST_CASE("S9 a number names one request: another one under it is denied, before the log and in it") {
  Story story;
  const SessionId session = story.open();  // 2
  const Request request = on_condition(put("x", "1", session, 1), Condition::Kind::revision_is);
  const Response executed = story.execute(request);  // 3
  const Request others[] = {
      put("x", "1", session, 1),
      remove("x", session, 1),
      on_condition(put("y", "1", session, 1), Condition::Kind::revision_is),
      on_condition(put("x", "2", session, 1), Condition::Kind::revision_is),
      on_condition(put("x", "1", session, 1), Condition::Kind::absent),
      on_condition(put("x", "1", session, 1), Condition::Kind::revision_is, {3}),
      on_condition(put("x1", "", session, 1), Condition::Kind::revision_is),
  };
  for (const Request& other : others) {
    CAPTURE(name(other.verb), other.key.view(), other.value.view());
    const Admission admission = story.store.admit(other);
    CHECK(admission.kind == Kind::denied);
    CHECK(admission.response.status == Status::number_taken);
    CHECK(admission.response.position == story.store.applied());
    CHECK(story.execute(other).status == Status::number_taken);
  }
  CHECK(story.value("x") == "1");
  CHECK(story.store.entries().find(request.key)->revision == executed.revision);
  CHECK(story.store.admit(request).response == executed);  // the retry has its answer still
}

TEST_CASE("S9 a retry may say that its client has more answers by now") {
  Story story;
  const SessionId session = story.open();
  const Response executed = story.execute(put("x", "1", session, 2, 1));
  CHECK(story.store.admit(put("x", "1", session, 2, 2)).response == executed);
}

TEST_CASE("S9 requests outside any session are executed every time") {
  Story story;
  CHECK(story.execute(put("x", "1")).revision == Lsn{2});
  CHECK(story.store.admit(put("x", "1")).kind == Kind::execute);
  CHECK(story.execute(put("x", "1")).revision == Lsn{3});
}

TEST_CASE("S9 requests of one session may arrive in any order") {
  Story story;
  const SessionId session = story.open();
  for (const std::uint64_t number : {3u, 1u, 2u}) story.execute(put(std::to_string(number), "v", session, number));
  for (std::uint64_t number = 1; number <= 3; ++number) {
    const Admission retry = story.store.admit(put(std::to_string(number), "v", session, number));
    CHECK(retry.kind == Kind::answered);
    CHECK(story.store.entries().find(Bytes::copy(std::to_string(number)))->revision == retry.response.revision);
  }
}

TEST_CASE("S9 a result is dropped when its client says that it has the answer, not before") {
  Story story;
  const SessionId session = story.open();
  for (std::uint64_t number = 1; number <= 5; ++number) story.execute(put("x", "v", session, number));
  for (std::uint64_t number = 1; number <= 5; ++number) {
    CHECK(story.store.admit(put("x", "v", session, number)).kind == Kind::answered);
  }
  story.execute(put("x", "v", session, 6, 4));
  CHECK(story.store.sessions().all().find(session)->results.size() == 3);
  for (const std::uint64_t number : {4u, 5u, 6u}) {
    CHECK(story.store.admit(put("x", "v", session, number)).kind == Kind::answered);
  }
  // A late copy of a request that was answered long ago must not take effect again, and its answer is gone.
  const Admission late = story.store.admit(put("x", "v", session, 3));
  CHECK(late.kind == Kind::denied);
  CHECK(late.response.status == Status::session_expired);
  CHECK(story.execute(put("x", "late", session, 3)).status == Status::session_expired);
  CHECK(story.value("x") == "v");
}

TEST_CASE("S9 an old word about what was answered takes nothing back") {
  Story story;
  const SessionId session = story.open();
  story.execute(put("x", "v", session, 5, 5));
  story.execute(put("x", "v", session, 6, 2));
  CHECK(story.store.sessions().all().find(session)->oldest_unanswered == 5);
}

TEST_CASE("S9 what a client is asking for it cannot have been answered, whatever it says") {
  Story story;
  const SessionId session = story.open();
  const Request request = put("x", "v", session, 3, 1'000'000);
  CHECK(story.store.admit(request).kind == Kind::execute);
  story.execute(request);
  CHECK(story.store.admit(request).kind == Kind::answered);
}

TEST_CASE("S9 the results kept for a session are bounded by the window") {
  Settings settings;
  settings.session_window = 4;
  Story story(settings);
  const SessionId session = story.open();
  const auto admit = [&](std::uint64_t number, std::uint64_t oldest) {
    return story.store.admit(put("x", "v", session, number, oldest));
  };
  CHECK(admit(3, 0).kind == Kind::execute);
  CHECK(admit(4, 0).kind == Kind::refused);
  CHECK(admit(4, 0).reason == Status::too_large);
  CHECK(admit(4, 1).kind == Kind::execute);
  story.execute(put("x", "v", session, 2, 2));
  CHECK(admit(5, 0).kind == Kind::execute);
  CHECK(admit(6, 0).kind == Kind::refused);
}

TEST_CASE("S9 a request of a session that nobody knows is never executed") {
  Story story;
  const Request request = put("x", "v", SessionId{99}, 1);
  const Admission admission = story.store.admit(request);
  CHECK(admission.kind == Kind::denied);
  CHECK(admission.response.status == Status::session_expired);
  CHECK(admission.response.position == story.store.applied());
  const Response response = story.execute(request);
  CHECK(response.status == Status::session_expired);
  CHECK(response.position == Lsn{2});
  CHECK(story.value("x") == "-");
}

TEST_CASE("F10 sessions expire by a record, by the stamps of records, those idle before the cutoff") {
  Story story;
  CHECK_FALSE(story.store.oldest_session_activity().has_value());
  const SessionId early = story.open();
  const SessionId active = story.open();
  story.now = {2'000};
  const SessionId late = story.open();
  CHECK(story.store.oldest_session_activity() == WallTime{1'000});
  story.now = {3'000};
  story.execute(put("x", "v", active, 1));

  story.append(SessionsExpired{{2'000}});
  CHECK(story.store.admit(put("x", "w", early, 1)).kind == Kind::denied);
  CHECK(story.store.admit(put("x", "w", late, 1)).kind == Kind::execute);
  CHECK(story.store.admit(put("x", "v", active, 1)).kind == Kind::answered);
  CHECK(story.store.oldest_session_activity() == WallTime{2'000});

  story.append(SessionsExpired{{3'001}});
  CHECK(story.store.sessions().size() == 0);
  CHECK_FALSE(story.store.oldest_session_activity().has_value());
  CHECK(story.execute(put("x", "w", late, 1)).status == Status::session_expired);
  CHECK(story.value("x") == "v");
}

TEST_CASE("S9 when there is no room for another session, the store drops none for it by itself") {
  Settings settings;
  settings.sessions_max = 2;
  Story story(settings);
  const SessionId first = story.open();
  CHECK(story.store.admit(open_session()).kind == Kind::execute);
  story.open();
  CHECK(story.store.admit(open_session()).kind == Kind::refused);
  CHECK(story.store.admit(open_session()).reason == Status::overloaded);
  CHECK(story.store.admit(put("x", "v", first, 1)).kind == Kind::execute);
}

TEST_CASE("F1 settings bound what is admitted, not what is done with what was logged") {
  Settings narrow;
  narrow.sessions_max = 1;
  narrow.session_window = 1;
  Story wide_story;
  Story narrow_story(narrow);
  for (Story* story : {&wide_story, &narrow_story}) {
    const SessionId session = story->open();
    story->open();
    story->execute(put("x", "v", session, 1));
    story->execute(put("x", "w", session, 50));
  }
  CHECK(narrow_story.store.sessions().size() == 2);
  CHECK(narrow_story.value("x") == wide_story.value("x"));
}

TEST_CASE("S9 with the rule off a retry is executed again, at every replica the same") {
  RuleSwitches rules;
  rules.exactly_once = false;
  Story story({}, rules);
  const SessionId session = story.open();
  const Request request = put("x", "v", session, 1);
  CHECK(story.execute(request).revision == Lsn{3});
  CHECK(story.store.admit(request).kind == Kind::execute);
  CHECK(story.execute(request).revision == Lsn{4});
}

// Clients that retry at random, out of order and late, and now and then go quiet.
TEST_CASE("S9 whatever is repeated, each request takes effect at most once and has one answer") {
  rc::prop("with any order of requests and retries, restarts from a copy included", [] {
    Story story;
    struct Client {
      SessionId session;
      std::uint64_t next = 1;
      std::map<std::uint64_t, Response> unanswered;  // executed, the client does not know it yet
      std::vector<Request> sent;
    };
    std::vector<Client> clients(*rc::gen::inRange<std::size_t>(1, 4));
    for (Client& client : clients) client.session = story.open();

    for (int step = 0; step < 80; ++step) {
      Client& client = clients[*rc::gen::inRange<std::size_t>(0, clients.size())];
      story.now.nanoseconds += *rc::gen::inRange(0, 3);
      if (!client.sent.empty() && *rc::gen::arbitrary<bool>()) {
        const Request retry = *rc::gen::elementOf(client.sent);
        const Admission admission = story.store.admit(retry);
        if (const auto known = client.unanswered.find(retry.number); known != client.unanswered.end()) {
          RC_ASSERT(admission.kind == Kind::answered);
          RC_ASSERT(admission.response == known->second);
          if (*rc::gen::arbitrary<bool>()) client.unanswered.erase(known);
        } else {
          RC_ASSERT(admission.kind != Kind::execute);
        }
        if (*rc::gen::inRange(0, 4) == 0) story.execute(retry);  // a retry that got into the log nevertheless
      } else {
        const std::uint64_t oldest = client.unanswered.empty() ? client.next : client.unanswered.begin()->first;
        const std::string key = std::to_string(client.session.value) + "/" + std::to_string(client.next);
        const Request request = on_condition(put(key, "v", client.session, client.next, oldest),
                                             *rc::gen::element(Condition::Kind::none, Condition::Kind::absent));
        ++client.next;
        if (story.store.admit(request).kind == Kind::execute) {
          const Response response = story.execute(request);
          RC_ASSERT(response.status == Status::ok);
          client.sent.push_back(request);
          client.unanswered[request.number] = response;
        } else {
          RC_ASSERT(request.number - oldest >= 64);
        }
      }
    }
    // Had any request been executed twice, its key would have the revision of another record.
    for (const Client& client : clients) {
      for (const auto& [number, response] : client.unanswered) {
        const std::string key = std::to_string(client.session.value) + "/" + std::to_string(number);
        RC_ASSERT(story.store.entries().find(Bytes::copy(key))->revision == response.revision);
      }
    }
  });
}

}  // namespace
}  // namespace smalldb
