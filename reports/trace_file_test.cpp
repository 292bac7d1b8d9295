#include "reports/trace_file.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "model/client.h"
#include "model/messages.h"
#include "model/notes.h"
#include "model/operator_command.h"
#include "reports/test_support.h"

namespace smalldb::reports {
namespace {

using sim::EventKind;

sim::TraceEvent event(sim::EventIndex index, EventKind kind, ProcessId process, std::uint64_t first = 0,
                      std::uint64_t second = 0, std::string_view payload = {}) {
  sim::TraceEvent made;
  made.index = index;
  made.cause = index == 0 ? sim::no_event : index - 1;
  made.time = {static_cast<std::int64_t>(index) * 1'000'500};
  made.kind = kind;
  made.process = process;
  made.a = first;
  made.b = second;
  made.payload = Bytes::copy(payload);
  return made;
}

std::string written(const sim::TraceEvent& one, std::vector<effect::Note> notes = {}) {
  TestNames names;
  std::ostringstream out;
  write_trace(std::span(&one, 1), notes, names, out);
  return out.str();
}

}  // namespace

TEST_CASE("S12 what is ignored stands in the trace by name of reason and message") {
  effect::Note note{};
  note.what = static_cast<std::uint16_t>(NoteKind::ignored);
  note.a = static_cast<std::uint64_t>(IgnoreReason::other_incarnation);
  note.b = 12;
  const std::string line = written(event(0, EventKind::note, a, 0), {note});
  CHECK(line.find(R"("reason":"other_incarnation","message":"heartbeat")") != std::string::npos);
}

TEST_CASE("a trace is written line by line") {
  TestNames names;
  std::vector<sim::TraceEvent> events{
      event(0, EventKind::started, a, 1),
      event(1, EventKind::connecting, a, 5, static_cast<std::uint64_t>(Port::replication)),
      event(2, EventKind::sent, a, 5, 512, "\n\x1b,"),
      event(3, EventKind::closed, a, 5, static_cast<std::uint64_t>(CloseReason::timed_out)),
      event(4, EventKind::datagram_lost, b, 9, static_cast<std::uint64_t>(sim::LossReason::cut)),
      event(5, EventKind::disk_written, b, 1024, 2, "xy"),
      event(6, EventKind::disk_renamed, b, 0, 0, std::string_view("old\0new", 7)),
      event(7, EventKind::disk_failed, b, static_cast<std::uint64_t>(effect::DiskVerb::sync),
            static_cast<std::uint64_t>(DiskStatus::failed)),
      event(8, EventKind::note, a, 0),
      event(9, EventKind::fault_injected, no_process, 0, static_cast<std::uint64_t>(sim::FaultKind::cut)),
      event(10, EventKind::assertion_failed, a, 0, 0, "model/primary.cpp:7: assertion failed: \"gate\""),
  };
  events[2].peer = b;
  events[2].link = Link{3};
  events[5].file = sim::FileId{0};
  events[5].volume = Volume::shared;
  const std::vector<effect::Note> notes{
      {static_cast<std::uint16_t>(NoteKind::took_over), static_cast<std::uint8_t>(Role::primary), 2, 131, 2, 3, {}}};

  std::ostringstream out;
  write_trace(events, notes, names, out);
  check_golden("reports/testdata/trace.jsonl", out.str());
}

TEST_CASE("every kind of event is one line of JSON that says its kind") {
  for (std::size_t kind = 0; kind < sim::event_kinds; ++kind) {
    const std::string line = written(event(1, static_cast<EventKind>(kind), b));
    CAPTURE(line);
    CHECK(std::count(line.begin(), line.end(), '\n') == 1);
    const auto json = nlohmann::json::parse(line);
    CHECK(json["kind"] == std::string(name(static_cast<EventKind>(kind))));
    CHECK(json["cause"] == 0);
    CHECK(json["process"] == "b");
  }
}

TEST_CASE("what bytes say stands beside them") {
  const auto json = [](EventKind kind, ProcessId process, const Bytes& bytes) {
    return nlohmann::json::parse(written(event(1, kind, process, 0, 0, bytes.view())));
  };
  const Bytes frame = encode(Message{{2}, {7}, Ack{{14}, {12}, 0, false}});
  CHECK(json(EventKind::sent, b, frame)["message"]["durable"] == 12);
  CHECK(json(EventKind::received, a, frame)["message"]["name"] == "acknowledgement");
  CHECK_FALSE(json(EventKind::received, a, frame.slice(0, frame.size() - 1)).contains("message"));
  const Invocation put{3, Verb::put, Bytes::copy("x"), Bytes::copy("17"), {}};
  CHECK(json(EventKind::input, c1, encode(put))["operation"]["value"] == "17");
  CHECK(json(EventKind::report, c1, encode(Completion{3, Outcome::unknown, {}, {}}))["completion"]["outcome"] ==
        "unknown");
  CHECK(json(EventKind::input, b, encode(OperatorCommand::promote))["command"] == "promote");
}

TEST_CASE("bytes that are not text do not break a line") {
  const std::string line = written(event(1, EventKind::assertion_failed, a, 0, 0, "\xff\xfe\n"));
  CHECK(nlohmann::json::parse(line)["text"] == "\xef\xbf\xbd\xef\xbf\xbd\n");
}

}  // namespace smalldb::reports
