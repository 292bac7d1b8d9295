// Machines and a stage for the tests of sim/: the world is tested without the store.
#pragma once

#include <algorithm>
#include <charconv>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "model/assert.h"
#include "model/host_side.h"
#include "model/machine.h"
#include "sim/world.h"

namespace smalldb::sim {

// Sends a number to and fro: whoever gets one sends it back, one less, until it is 0. An input starts a game.
class PingPong final : public Machine {
 public:
  explicit PingPong(ProcessId other) : other_(other) {}

  void step(const Moment&, const Event& event, Effects& effects) override {
    if (const auto* input = std::get_if<Input>(&event)) {
      if (link_ == Link{0}) link_ = effects.connect(other_, Port::replication).link();
      send(effects, input->bytes);
    } else if (const auto* accepted = std::get_if<Accepted>(&event)) {
      link_ = accepted->link();
    } else if (const auto* received = std::get_if<Received>(&event)) {
      const char count = received->bytes.view()[0];
      if (count > 0) send(effects, Bytes::copy(std::string(1, static_cast<char>(count - 1))));
    }
  }
  std::unique_ptr<Machine> clone() const override { return std::make_unique<PingPong>(*this); }

 private:
  void send(Effects& effects, Bytes bytes) {
    effects.send(HostEvents::accepted(link_, other_, Port::replication).as_peer(), bytes);
  }

  ProcessId other_;
  Link link_{0};
};

// Does what its inputs say, a line of words each; speaks of nothing by itself.
class Puppet final : public Machine {
 public:
  void step(const Moment& moment, const Event& event, Effects& effects) override {
    if (const auto* accepted = std::get_if<Accepted>(&event)) links_.push_back(accepted->as_peer());
    if (const auto* done = std::get_if<DiskDone>(&event)) {
      std::string answer = "disk " + std::to_string(static_cast<int>(done->status)) + " " + done->bytes.string();
      if (done->entries) {
        for (const FileEntry& entry : *done->entries) answer += entry.name + "=" + std::to_string(entry.size) + " ";
      }
      effects.report(Bytes::copy(answer));
    }
    if (const auto* input = std::get_if<Input>(&event)) obey(moment, input->bytes.view(), effects);
  }
  std::unique_ptr<Machine> clone() const override { return std::make_unique<Puppet>(*this); }

 private:
  static std::vector<std::string> words(std::string_view line) {
    std::vector<std::string> words(1);
    for (const char c : line) {
      if (c == ' ') {
        words.emplace_back();
      } else {
        words.back() += c;
      }
    }
    return words;
  }
  static std::uint64_t number(const std::string& word) {
    std::uint64_t value = 0;
    std::from_chars(word.data(), word.data() + word.size(), value);
    return value;
  }

  void obey(const Moment& moment, std::string_view line, Effects& effects) {
    const std::vector<std::string> word = words(line);
    const auto text = [&](std::size_t i) { return Bytes::copy(word.at(i)); };
    const auto process = [&](std::size_t i) { return ProcessId{static_cast<std::uint32_t>(number(word.at(i)))}; };
    const std::string& verb = word[0];
    const Volume volume = word.back() == "@shared" ? Volume::shared : Volume::own;
    const DiskToken token{++token_};
    if (verb == "connect") links_.push_back(effects.connect(process(1), Port::replication));
    if (verb == "send" && !links_.empty()) effects.send(links_.back(), text(1));
    if (verb == "close" && !links_.empty()) effects.close(links_.back());
    if (verb == "datagram") effects.send_datagram(process(1), text(2));
    if (verb == "timer") {
      effects.set_timer(TimerId{static_cast<std::uint32_t>(number(word.at(1)))},
                        moment.now + nanoseconds(static_cast<std::int64_t>(number(word.at(2)))));
    }
    if (verb == "cancel") effects.cancel_timer(TimerId{static_cast<std::uint32_t>(number(word.at(1)))});
    if (verb == "write") effects.write(token, word.at(1), number(word.at(2)), text(3), volume);
    if (verb == "fill") {  // fill FILE OFFSET LENGTH CHARACTER
      const std::string bytes(number(word.at(3)), word.at(4)[0]);
      effects.write(token, word.at(1), number(word.at(2)), Bytes::copy(bytes), volume);
    }
    if (verb == "write_synced") effects.write_synced(token, word.at(1), number(word.at(2)), text(3), volume);
    if (verb == "sync") effects.sync(token, word.at(1), volume);
    if (verb == "read") effects.read(token, word.at(1), number(word.at(2)), number(word.at(3)), volume);
    if (verb == "list") effects.list(token, volume);
    if (verb == "truncate") effects.truncate(token, word.at(1), number(word.at(2)), volume);
    if (verb == "rename") effects.rename(token, word.at(1), word.at(2), volume);
    if (verb == "link") effects.link(token, word.at(1), word.at(2), volume);
    if (verb == "remove") effects.remove(token, word.at(1), volume);
    if (verb == "sync_directory") effects.sync_directory(token, volume);
    if (verb == "clocks") {
      effects.report(
          Bytes::copy(std::to_string(moment.now.nanoseconds) + " " + std::to_string(moment.wall.nanoseconds)));
    }
    if (verb == "note")
      effects.note({.what = 7, .role = 2, .epoch = 3, .position = 4, .a = 5, .b = 6, .text = text(1)});
    if (verb == "stop") effects.stop(text(1));
    if (verb == "fail") SMALLDB_ASSERT(verb != "fail", verb);
    if (verb == "throw") throw std::out_of_range(std::string(text(1).view()));
  }

  std::vector<PeerLink> links_;
  std::uint64_t token_ = 0;
};

// A world of puppets, and all that happened in it.
class Stage {
 public:
  static WorldSettings puppets(std::size_t count, std::uint64_t seed = 1) {
    WorldSettings settings;
    settings.seed = seed;
    for (std::size_t i = 0; i < count; ++i) {
      settings.processes.push_back(
          {.name = std::string(1, static_cast<char>('a' + i)), .pattern = std::make_shared<Puppet>()});
    }
    return settings;
  }

  explicit Stage(std::size_t count, std::uint64_t seed = 1) : Stage(puppets(count, seed)) {}
  explicit Stage(const WorldSettings& settings) : world(settings) { run(); }

  // Runs until nothing is left to happen.
  void run() {
    run_while([](const TraceEvent&) { return true; });
  }
  // Runs up to `length` from now.
  void run_for(Duration length) {
    const Time until = world.now() + length;
    while (world.peek(until)) keep(world.step());
    world.advance(until);
  }
  // Runs until the next event is of this kind; false if there is none.
  bool run_before(EventKind kind) {
    run_while([&](const TraceEvent& next) { return next.kind != kind; });
    return world.peek() != nullptr;
  }
  void run_while(const std::function<bool(const TraceEvent&)>& go_on) {
    for (const TraceEvent* next = world.peek(); next && go_on(*next); next = world.peek()) keep(world.step());
  }
  // Gives the orders and runs until they are done.
  void tell(ProcessId process, std::string_view order) {
    ask(process, order);
    run();
  }
  // Gives the order; it reaches the process with the next events.
  void ask(ProcessId process, std::string_view order) {
    world.schedule_input(process, world.now(), Bytes::copy(order));
  }
  FaultId inject(const Fault& fault) {
    const FaultId id = world.inject(fault);
    keep(world.events());
    return id;
  }
  void end(FaultId fault) {
    world.end(fault);
    keep(world.events());
  }
  void crash_and_restart(ProcessId process, Unsynced unsynced) {
    const FaultId crash = inject({.kind = FaultKind::crash, .process = process, .unsynced = unsynced});
    end(crash);
    run();
  }

  std::size_t count(EventKind kind) const {
    return static_cast<std::size_t>(
        std::count_if(trace.begin(), trace.end(), [&](const TraceEvent& event) { return event.kind == kind; }));
  }
  const TraceEvent* last(EventKind kind) const {
    const auto found =
        std::find_if(trace.rbegin(), trace.rend(), [&](const TraceEvent& event) { return event.kind == kind; });
    return found == trace.rend() ? nullptr : &*found;
  }
  // The payload of the last event of this kind.
  std::string said(EventKind kind) const {
    const TraceEvent* const event = last(kind);
    return event ? event->payload.string() : std::string("nothing");
  }
  // All that arrived on streams at `process`, in order.
  std::string heard(ProcessId process) const {
    std::string heard;
    for (const TraceEvent& event : trace) {
      if (event.kind == EventKind::received && event.process == process) heard += event.payload.string();
    }
    return heard;
  }
  std::uint64_t effects(FaultId fault) const { return world.faults()[static_cast<std::size_t>(fault)].effects; }

  World world;
  std::vector<TraceEvent> trace;

 private:
  void keep(std::span<const TraceEvent> events) { trace.insert(trace.end(), events.begin(), events.end()); }
};

inline constexpr ProcessId a{0};
inline constexpr ProcessId b{1};
inline constexpr ProcessId c{2};

}  // namespace smalldb::sim
