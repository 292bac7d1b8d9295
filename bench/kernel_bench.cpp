// What an event of the simulated world costs, beside the honest opponent: a bare std::priority_queue of plain entries
// in a loop that does nothing else (no trace, no hash, no cancelling, no clocks, no machines). Compare ratios within
// one run only. See bench/README.md.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "bench/cycles.h"
#include "model/host_side.h"
#include "sim/chance.h"
#include "sim/event_queue.h"
#include "sim/trace_writer.h"
#include "sim/world.h"

namespace smalldb::sim {
namespace {

constexpr std::uint64_t spread = 1'000'000;  // every event schedules one up to a millisecond later

std::uint64_t next_random(std::uint64_t& state) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

std::int64_t later(std::uint64_t drawn) { return 1 + static_cast<std::int64_t>(below(drawn, spread)); }

// ---- The opponent ---------------------------------------------------------------------------------------------------

struct Entry {
  std::int64_t time;
  std::uint64_t sequence;
  std::uint32_t who;
};
struct Later {
  bool operator()(const Entry& a, const Entry& b) const {
    return a.time != b.time ? a.time > b.time : a.sequence > b.sequence;
  }
};
using Heap = std::priority_queue<Entry, std::vector<Entry>, Later>;

void phold_bare_heap(benchmark::State& state) {
  Heap heap;
  std::uint64_t random = 88172645463325252;
  std::uint64_t sequence = 0;
  for (std::uint32_t i = 0; i < state.range(0); ++i) heap.push({later(next_random(random)), sequence++, i});
  for (auto _ : state) {
    const Entry entry = heap.top();
    heap.pop();
    heap.push({entry.time + later(next_random(random)), sequence++, entry.who});
  }
  state.SetItemsProcessed(state.iterations());
}

// ---- PHOLD on the kernel --------------------------------------------------------------------------------------------

// The queue with cancellable slots, a named draw per event, a trace event per event, all of it hashed.
void phold_kernel(benchmark::State& state) {
  EventQueue queue;
  TraceWriter trace;
  std::vector<EventIndex> causes;
  std::uint64_t sequence = 0;
  for (std::uint32_t i = 0; i < state.range(0); ++i) {
    const Slot slot = queue.make();
    queue.arm(slot, Time{later(draw(1, Chance::workload, Key{i}, 0))}, sequence++);
    causes.push_back(no_event);
  }
  for (auto _ : state) {
    const Time now = queue.first_time();
    const Slot slot = queue.pop();
    queue.arm(slot, now + nanoseconds(later(draw(1, Chance::workload, Key{slot}, sequence))), sequence);
    ++sequence;
    trace.begin();
    TraceEvent& event = trace.add(EventKind::timer_fired, now, ProcessId{slot}, causes[slot]);
    event.a = slot;
    causes[slot] = event.index;
    trace.finish();
  }
  benchmark::DoNotOptimize(trace.hash());
  state.SetItemsProcessed(state.iterations());
}

// The same through all of a world: a machine with so many timers, each of which sets itself again when it fires.
class TimerMachine final : public Machine {
 public:
  explicit TimerMachine(std::uint32_t timers) : timers_(timers) {}
  void step(const Moment& moment, const Event& event, Effects& effects) override {
    if (const auto* fired = std::get_if<TimerFired>(&event)) {
      effects.set_timer(fired->timer, moment.now + nanoseconds(later(next_random(random_))));
    } else {
      for (std::uint32_t i = 0; i < timers_; ++i) {
        effects.set_timer(TimerId{i}, moment.now + nanoseconds(later(next_random(random_))));
      }
    }
  }
  std::unique_ptr<Machine> clone() const override { return std::make_unique<TimerMachine>(*this); }

 private:
  std::uint32_t timers_;
  std::uint64_t random_ = 88172645463325252;
};

void phold_world(benchmark::State& state) {
  WorldSettings settings;
  settings.processes.push_back(
      {.name = "a", .pattern = std::make_shared<TimerMachine>(static_cast<std::uint32_t>(state.range(0)))});
  World world(settings);
  world.step();
  for (auto _ : state) world.step();
  benchmark::DoNotOptimize(world.hash());
  state.SetItemsProcessed(state.iterations());
}

// ---- A timer moved at every event -----------------------------------------------------------------------------------

// Every event moves one other timer away, as a heartbeat does. The heap cancels lazily: a stale entry is skipped.
void rearm_bare_heap(benchmark::State& state) {
  Heap heap;
  const auto timers = static_cast<std::uint32_t>(state.range(0));
  std::uint64_t random = 88172645463325252;
  std::uint64_t sequence = 0;
  std::vector<std::uint64_t> valid(timers);
  const auto push = [&](std::int64_t time, std::uint32_t who) {
    valid[who] = sequence;
    heap.push({time, sequence++, who});
  };
  for (std::uint32_t i = 0; i < timers; ++i) push(later(next_random(random)), i);
  for (auto _ : state) {
    while (valid[heap.top().who] != heap.top().sequence) heap.pop();
    const Entry entry = heap.top();
    heap.pop();
    push(entry.time + later(next_random(random)), entry.who);
    const auto other = static_cast<std::uint32_t>(below(next_random(random), timers));
    push(entry.time + later(next_random(random)), other);
  }
  state.SetItemsProcessed(state.iterations());
}

void rearm_kernel(benchmark::State& state) {
  EventQueue queue;
  TraceWriter trace;
  const auto timers = static_cast<std::uint32_t>(state.range(0));
  std::uint64_t random = 88172645463325252;
  std::uint64_t sequence = 0;
  for (std::uint32_t i = 0; i < timers; ++i) queue.arm(queue.make(), Time{later(next_random(random))}, sequence++);
  for (auto _ : state) {
    const Time now = queue.first_time();
    const Slot slot = queue.pop();
    queue.arm(slot, now + nanoseconds(later(next_random(random))), sequence++);
    const auto other = static_cast<Slot>(below(next_random(random), timers));
    queue.arm(other, now + nanoseconds(later(next_random(random))), sequence++);
    trace.begin();
    trace.add(EventKind::timer_fired, now, ProcessId{0}, no_event).a = slot;
    trace.finish();
  }
  benchmark::DoNotOptimize(trace.hash());
  state.SetItemsProcessed(state.iterations());
}

// ---- Messages -------------------------------------------------------------------------------------------------------

// 3 machines and 4 clients; every client keeps 16 questions open at one machine, which answers each, whereupon the
// client asks again. Latency is drawn, 1 % of the messages are lost and come a retransmission later.
constexpr std::uint32_t machines = 3;
constexpr std::uint32_t clients = 4;
constexpr int open_questions = 16;
constexpr std::size_t message_size = 64;

struct Message {
  std::uint32_t from;
  std::uint32_t to;
  char bytes[message_size];
};
struct HeapMessage {
  std::int64_t time;
  std::uint64_t sequence;
  std::unique_ptr<Message> message;
};
struct LaterMessage {
  bool operator()(const HeapMessage& a, const HeapMessage& b) const {
    return a.time != b.time ? a.time > b.time : a.sequence > b.sequence;
  }
};

// The simulator that one writes in an afternoon: parties behind an interface, as here, and a heap of what is on its
// way.
class BareLoop {
 public:
  class Party {
   public:
    virtual ~Party() = default;
    virtual void receive(BareLoop& loop, std::unique_ptr<Message> message) = 0;
  };

  BareLoop();
  void deliver() {
    std::pop_heap(heap_.begin(), heap_.end(), LaterMessage());
    HeapMessage next = std::move(heap_.back());
    heap_.pop_back();
    now_ = next.time;
    parties_[next.message->to]->receive(*this, std::move(next.message));
  }
  void send(std::unique_ptr<Message> message) {
    const bool lost = below(next_random(random_), 100) == 0;
    const std::int64_t latency = 100'000 + static_cast<std::int64_t>(below(next_random(random_), 400'000));
    heap_.push_back({now_ + latency + (lost ? 200'000'000 : 0), sequence_++, std::move(message)});
    std::push_heap(heap_.begin(), heap_.end(), LaterMessage());
  }

 private:
  std::vector<std::unique_ptr<Party>> parties_;
  std::vector<HeapMessage> heap_;
  std::int64_t now_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t random_ = 88172645463325252;
};

class BareAnswerer final : public BareLoop::Party {
 public:
  void receive(BareLoop& loop, std::unique_ptr<Message> message) override {
    std::swap(message->from, message->to);
    loop.send(std::move(message));
  }
};

class BareAsker final : public BareLoop::Party {
 public:
  BareAsker(std::uint32_t self, std::uint32_t whom) : self_(self), whom_(whom) {}
  void ask(BareLoop& loop) const {
    auto question = std::make_unique<Message>(Message{self_, whom_, {}});
    std::fill_n(question->bytes, message_size, 'm');
    loop.send(std::move(question));
  }
  void receive(BareLoop& loop, std::unique_ptr<Message> message) override {
    benchmark::DoNotOptimize(message->bytes[0]);
    ask(loop);
  }

 private:
  std::uint32_t self_;
  std::uint32_t whom_;
};

BareLoop::BareLoop() {
  for (std::uint32_t i = 0; i < machines; ++i) parties_.push_back(std::make_unique<BareAnswerer>());
  for (std::uint32_t i = 0; i < clients; ++i) {
    auto asker = std::make_unique<BareAsker>(machines + i, i % machines);
    for (int open = 0; open < open_questions; ++open) asker->ask(*this);
    parties_.push_back(std::move(asker));
  }
}

class Answerer final : public Machine {
 public:
  void step(const Moment&, const Event& event, Effects& effects) override {
    if (const auto* received = std::get_if<Received>(&event)) {
      effects.send(HostEvents::accepted(received->link, no_process, Port::replication).as_peer(), received->bytes);
    }
  }
  std::unique_ptr<Machine> clone() const override { return std::make_unique<Answerer>(*this); }
};

class Asker final : public Machine {
 public:
  explicit Asker(ProcessId whom) : whom_(whom) {}
  void step(const Moment&, const Event& event, Effects& effects) override {
    if (std::holds_alternative<Started>(event)) {
      const PeerLink link = effects.connect(whom_, Port::replication);
      for (int i = 0; i < open_questions; ++i) ask(effects, link);
    } else if (const auto* received = std::get_if<Received>(&event)) {
      ask(effects, HostEvents::accepted(received->link, whom_, Port::replication).as_peer());
    }
  }
  std::unique_ptr<Machine> clone() const override { return std::make_unique<Asker>(*this); }

 private:
  static void ask(Effects& effects, PeerLink link) {
    effects.send(link, Bytes::build(message_size, [](char* to) { std::fill_n(to, message_size, 'm'); }));
  }
  ProcessId whom_;
};

WorldSettings messages() {
  WorldSettings settings;
  const auto answerer = std::make_shared<Answerer>();
  for (std::uint32_t i = 0; i < machines; ++i)
    settings.processes.push_back({.name = "m" + std::to_string(i), .pattern = answerer});
  for (std::uint32_t i = 0; i < clients; ++i) {
    settings.processes.push_back(
        {.name = "c" + std::to_string(i), .pattern = std::make_shared<Asker>(ProcessId{i % machines})});
  }
  settings.network.link.loss = {1, 100};
  return settings;
}

void messages_bare_heap(benchmark::State& state) {
  BareLoop loop;
  for (auto _ : state) loop.deliver();
  state.SetItemsProcessed(state.iterations());
}

void messages_world(benchmark::State& state) {
  World world(messages());
  for (int i = 0; i < 1000; ++i) world.step();  // all connected
  for (auto _ : state) world.step();
  benchmark::DoNotOptimize(world.hash());
  state.SetItemsProcessed(state.iterations());
}

void run_of_200_bare_heap(benchmark::State& state) {
  for (auto _ : state) {
    BareLoop loop;
    for (int i = 0; i < 200; ++i) loop.deliver();
  }
}

void run_of_200_world(benchmark::State& state) {
  const WorldSettings settings = messages();
  for (auto _ : state) {
    World world(settings);
    int received = 0;
    while (received < 200) received += world.step().front().kind == EventKind::received;
    benchmark::DoNotOptimize(world.hash());
  }
}

// ---- Forking --------------------------------------------------------------------------------------------------------

void fork_world(benchmark::State& state) {
  WorldSettings settings = messages();
  World world(settings);
  for (int i = 0; i < 500; ++i) world.step();
  for (auto _ : state) {
    World branch(world);
    benchmark::DoNotOptimize(branch.now());
  }
}

void draw_one(benchmark::State& state) {
  std::uint64_t n = 0;
  std::uint64_t sum = 0;
  for (auto _ : state) sum += draw(1, Chance::latency, Key{2}, n++);
  benchmark::DoNotOptimize(sum);
}

BENCHMARK(cycles);
BENCHMARK(phold_bare_heap)->Arg(16)->Arg(64)->Arg(1024)->Arg(65536);
BENCHMARK(phold_kernel)->Arg(16)->Arg(64)->Arg(1024)->Arg(65536);
BENCHMARK(phold_world)->Arg(16)->Arg(64)->Arg(1024)->Arg(65536);
BENCHMARK(rearm_bare_heap)->Arg(64)->Arg(1024);
BENCHMARK(rearm_kernel)->Arg(64)->Arg(1024);
BENCHMARK(messages_bare_heap);
BENCHMARK(messages_world);
BENCHMARK(run_of_200_bare_heap);
BENCHMARK(run_of_200_world);
BENCHMARK(fork_world);
BENCHMARK(draw_one);

}  // namespace
}  // namespace smalldb::sim

BENCHMARK_MAIN();
