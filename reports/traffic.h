// What went on in a run, as a picture of it needs it: each message from where it leaves to where it arrives or is lost,
// what clients ask until they are told, what disks make durable, and how long faults last. Gathered while the run goes
// on.
//
// A value, and bounded: of a long run it keeps what came first and what came last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/machine.h"
#include "model/request.h"
#include "reports/names.h"
#include "sim/fault.h"
#include "sim/time.h"
#include "sim/trace.h"

namespace smalldb::reports {

// Where something stands in a run.
struct Moment {
  sim::EventIndex event = sim::no_event;
  sim::Time at;
};

struct Transmission {
  // heartbeat: whatever says no more than that its sender lives.
  enum class Kind : std::uint8_t { request, answer, records, acknowledgement, heartbeat, other };
  enum class Fate : std::uint8_t { under_way, arrived, lost };  // under way: when the run ended, at the latest

  ProcessId from = no_process;
  ProcessId to = no_process;
  Kind kind = Kind::other;
  Fate fate = Fate::under_way;
  Moment left;
  Moment ended;       // arrived or lost
  std::string label;  // as short as can be: "put x", "records 12..14"
  std::string text;   // all of it
  std::string about;  // what else there is to say of its end
};

// What a client was asked to do, until it told what came of it, or was no more.
struct Asking {
  enum class End : std::uint8_t { none, ok, refused, failed, unknown };  // refused: a condition that did not hold

  ProcessId client = no_process;
  Verb verb = Verb::get;
  Moment asked;
  Moment told;
  End end = End::none;  // none, and yet told: its client crashed or stopped
  std::string what;
  std::string answer;
};

std::string_view name(Transmission::Kind kind);
std::string_view name(Transmission::Fate fate);
std::string_view name(Asking::End end);

// What became durable at a process, or could not.
struct DiskMark {
  ProcessId process = no_process;
  Moment when;
  bool failed = false;
  std::string text;
};

struct Spell {
  sim::FaultId id{};
  sim::Fault fault;
  std::string text;
  Moment began;
  Moment ended;  // no_event: not before the run did
};

// The first and the last of many, numbered from 0.
template <class One>
class Ends {
 public:
  explicit Ends(std::size_t each) : each_(each) {}

  std::uint64_t add(One one) {
    if (first_.size() < each_) {
      first_.push_back(std::move(one));
    } else {
      last_.push_back(std::move(one));
      if (last_.size() > each_) {
        last_.pop_front();
        ++left_out_;
      }
    }
    return count() - 1;
  }

  // Null if it was left out.
  One* find(std::uint64_t number) {
    if (number < first_.size()) return &first_[number];
    const std::uint64_t place = number - first_.size();
    return place < left_out_ ? nullptr : &last_[place - left_out_];
  }

  template <class Use>
  void each(const Use& use) const {
    for (const One& one : first_) use(one);
    for (const One& one : last_) use(one);
  }

  std::uint64_t count() const { return first_.size() + left_out_ + last_.size(); }
  std::uint64_t left_out() const { return left_out_; }
  // What stands beside what was left out. REQUIRES: something was.
  const One& before_gap() const { return first_.back(); }
  const One& after_gap() const { return last_.front(); }

 private:
  std::size_t each_;
  std::vector<One> first_;
  std::uint64_t left_out_ = 0;
  std::deque<One> last_;
};

class Traffic {
 public:
  // Of everything keeps `each` first ones and as many last ones.
  explicit Traffic(std::size_t each = 20'000)
      : transmissions_(each), askings_(each), disk_marks_(each), spells_(each) {}

  // Takes in the next events of a trace, in their order.
  void see(std::span<const sim::TraceEvent> events, const Names& names);

  const Ends<Transmission>& transmissions() const { return transmissions_; }
  const Ends<Asking>& askings() const { return askings_; }
  const Ends<DiskMark>& disk_marks() const { return disk_marks_; }
  const Ends<Spell>& spells() const { return spells_; }
  // The last event of a process; no_event if there was none.
  Moment last_of(ProcessId process) const;

 private:
  // Bytes of a stream that have not been seen to end.
  struct Open {
    std::uint64_t number = 0;  // of the transmission
    std::uint64_t end = 0;     // in the stream
  };
  using Stream = std::pair<std::uint64_t, ProcessId>;  // the connection, and who sends

  void see(const sim::TraceEvent& event, const Names& names);
  void leaves(const sim::TraceEvent& event, const Names& names);
  void stream_ends(const sim::TraceEvent& event, ProcessId sender, Transmission::Fate fate);
  void datagram_ends(const sim::TraceEvent& event);
  void end(std::uint64_t number, const sim::TraceEvent& event, Transmission::Fate fate);
  void asks(const sim::TraceEvent& event);
  void tells(const sim::TraceEvent& event);
  void is_no_more(const sim::TraceEvent& event);
  void fault_ends(const sim::TraceEvent& event);

  Ends<Transmission> transmissions_;
  Ends<Asking> askings_;
  Ends<DiskMark> disk_marks_;
  Ends<Spell> spells_;
  std::map<Stream, std::deque<Open>> streams_;
  std::map<Stream, std::string> last_said_;
  std::map<sim::EventIndex, std::uint64_t> datagrams_;  // by the event that sent it
  std::map<std::pair<ProcessId, std::uint64_t>, std::uint64_t> asked_;
  std::map<sim::FaultId, std::uint64_t> lasting_;
  std::map<ProcessId, Moment> last_;
};

}  // namespace smalldb::reports
