// The lookout: sees occurrences in the trace, and, for those that a scenario names with "before", in the event that the
// world is about to execute.
//
// A watch counts how often its occurrence has occurred. Who wants to know what occurred since some moment remembers the
// count of that moment.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "model/machine.h"
#include "model/notes.h"
#include "scenarios/occurrence.h"
#include "scenarios/parts.h"
#include "scenarios/stage.h"
#include "sim/trace.h"
#include "sim/world.h"

namespace smalldb::scenarios {

using WatchId = std::uint32_t;

class Lookout {
 public:
  explicit Lookout(std::size_t processes) : log_end_(processes), log_durable_(processes) {}

  // From now on `occurrence` is watched for. Its `nth` is the asker's to count.
  WatchId watch(const Occurrence& occurrence, const Numbers& numbers);

  std::uint64_t count(WatchId watch) const { return watches_[watch].count; }
  bool watches_ahead() const { return watches_ahead_; }
  bool watches_any() const { return !watches_.empty(); }

  // What happened. Watches whose occurrence it was go into `seen`.
  void observe(const sim::TraceEvent& event, const sim::World& world, const Parts& parts, std::vector<WatchId>& seen);
  // What is about to happen. The same event is seen once, however often it is shown until `executed`.
  void foresee(const sim::TraceEvent& event, const sim::World& world, const Parts& parts, std::vector<WatchId>& seen);
  void executed() { foreseen_.clear(); }

  // Faults by label, told by the director.
  void fault_began(const std::string& label, std::vector<WatchId>& seen) {
    fault(label, Occurrence::What::fault_began, seen);
  }
  void fault_ended(const std::string& label, std::vector<WatchId>& seen) {
    fault(label, Occurrence::What::fault_ended, seen);
  }

 private:
  // A process, anyone, or who plays a role.
  struct Who {
    enum class Kind : std::uint8_t { anyone, one, primary, backup };
    Kind kind = Kind::anyone;
    ProcessId process = no_process;
  };
  struct Watch {
    Occurrence::What what;
    bool before;
    Who process;
    Who peer;
    std::uint8_t message = 0;  // the kind byte of its frame
    std::uint16_t note = 0;
    std::uint64_t number = 0;
    std::string text;  // file pattern, or label
    std::uint64_t count = 0;
    std::uint64_t reached = 0;  // acknowledgements of a record: the last position acknowledged
  };
  // A message on its way that a watch waits for.
  struct Flight {
    WatchId watch;
    std::uint64_t connection;
    ProcessId from;
    ProcessId to;
    std::uint64_t end;  // offset behind its last byte
  };

  // Whether there is a watch for any of these.
  bool watches(std::initializer_list<Occurrence::What> kinds) const {
    return std::any_of(kinds.begin(), kinds.end(),
                       [this](Occurrence::What what) { return (watched_ >> static_cast<int>(what) & 1) != 0; });
  }
  static bool is(const Who& who, ProcessId process, const Parts& parts);
  static Who who(const Name& name, const Numbers& numbers);
  void fault(const std::string& label, Occurrence::What what, std::vector<WatchId>& seen);
  void see(WatchId watch, std::vector<WatchId>& seen);
  bool has_message(Watch& watch, const Bytes& frame) const;

  void message_sent(const sim::TraceEvent& event, bool datagram, const Parts& parts, std::vector<WatchId>& seen);
  void bytes_received(const sim::TraceEvent& event, bool ahead, std::vector<WatchId>& seen);
  void datagram_received(const sim::TraceEvent& event, bool ahead, const Parts& parts, std::vector<WatchId>& seen);
  void on_disk(const sim::TraceEvent& event, bool ahead, const sim::World& world, const Parts& parts,
               std::vector<WatchId>& seen);
  void on_operation(const sim::TraceEvent& event, bool ahead, const Parts& parts, std::vector<WatchId>& seen);
  void on_process(const sim::TraceEvent& event, bool ahead, const Parts& parts, std::vector<WatchId>& seen);
  void on_note(const sim::TraceEvent& event, const sim::World& world, const Parts& parts, std::vector<WatchId>& seen);
  template <class Matches>
  void each(Occurrence::What what, bool ahead, std::vector<WatchId>& seen, Matches&& matches);

  std::vector<Watch> watches_;
  std::vector<Flight> flights_;
  std::vector<std::uint64_t> log_end_;      // per process: the last record written to its log
  std::vector<std::uint64_t> log_durable_;  // per process: the last record synced
  std::uint64_t answered_ = 0;
  bool watches_ahead_ = false;
  std::uint64_t watched_ = 0;              // a bit for each kind of occurrence
  std::vector<sim::TraceEvent> foreseen_;  // shown since the last step
};

}  // namespace smalldb::scenarios
