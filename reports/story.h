// The story of a run: one line for each thing that mattered, gathered while the run goes on.
//
// What matters is what a person would tell: processes that come and go, roles, epochs, claims, the gate, joining,
// damage, faults, and operations that took long or came to nothing. Who wants to know more can have every operation, or
// every message and sync as well (StoryDetail); all of it is in the trace.
//
// A story is a value, and bounded: of a long run it keeps the first and the last lines, those between that a witness
// names, and how many else there were.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/bytes.h"
#include "model/ids.h"
#include "model/machine.h"
#include "model/notes.h"
#include "model/time.h"
#include "reports/names.h"
#include "sim/time.h"
#include "sim/trace.h"

namespace smalldb::reports {

// A node as its column shows it, after the event of the line.
struct StoryCell {
  enum class State : std::uint8_t { not_started, down, paused, running };
  State state = State::not_started;
  Role role = Role::none;
  bool alone = false;  // a primary that serves without a backup
  std::uint64_t epoch = 0;
  std::uint64_t position = 0;  // end of its log, as far as what it has said and sent shows

  friend bool operator==(const StoryCell&, const StoryCell&) = default;
};

// What kind of news a line is. Decides its colour, and nothing else.
enum class Tone : std::uint8_t { plain, quiet, good, fault, bad };
std::string_view name(Tone tone);

struct StoryLine {
  // Behind a line: it and those before it, so many, happened as often again.
  struct Repeat {
    std::size_t lines = 0;
    std::uint64_t times = 0;
    sim::Time until;
    bool numbers_grow = false;  // each time with greater numbers in them, and else the same
  };

  sim::EventIndex event = 0;
  sim::Time time;
  std::vector<StoryCell> cells;  // one per node
  Tone tone = Tone::plain;
  std::string text;
  bool is_named = false;  // by a witness
  std::optional<Repeat> repeat;
  std::uint64_t left_out = 0;  // so many before it are not told
};
// "these 2 lines repeat 118 times more, until 12.300000 s", or "118 times more, with growing numbers, until".
std::string repeat_text(const StoryLine::Repeat& repeat);

enum class StoryDetail : std::uint8_t {
  what_matters,
  operations,  // and every operation of a client
  messages,    // and every message but heartbeats, every one that is ignored, and every sync
};

struct StoryLimits {
  std::size_t first = 300;
  std::size_t last = 300;
  bool folds =
      true;  // what repeats, line for line or but for numbers that grow, is told twice, and then how often more
};

struct StoryColumn {
  ProcessId node = no_process;
  std::string name;
};

// An operation of which nothing need be told took less than this.
inline constexpr Duration long_wait = seconds(1);

class Story {
 public:
  // `named`: events that are told whatever else is, rising (reports/witnessed.h).
  explicit Story(std::vector<StoryColumn> columns = {}, StoryDetail detail = StoryDetail::what_matters,
                 StoryLimits limits = {}, std::vector<sim::EventIndex> named = {});

  // Takes in the next events of a trace: those of one call of a world, or any number of recorded ones. A note event's
  // `a` is an index of `notes`.
  void see(std::span<const sim::TraceEvent> events, std::span<const effect::Note> notes, const Names& names);

  const std::vector<StoryColumn>& columns() const { return columns_; }
  std::vector<StoryLine> lines() const;

 private:
  struct News {
    Tone tone;
    std::string text;
  };

  std::optional<std::size_t> column_of(ProcessId process) const;
  void change_cell(const sim::TraceEvent& event, std::span<const effect::Note> notes);
  static void change_cell(StoryCell& cell, const effect::Note& note);
  std::optional<News> news_of(const sim::TraceEvent& event, std::span<const effect::Note> notes, const Names& names,
                              StoryDetail detail);
  News news_of_named(const sim::TraceEvent& event, std::span<const effect::Note> notes, const Names& names);
  std::optional<News> news_of_note(const effect::Note& note, ProcessId process, const Names& names);
  std::optional<News> news_of_fault(const sim::TraceEvent& event, const Names& names) const;
  std::optional<News> news_of_input(const sim::TraceEvent& event, const Names& names, StoryDetail detail);
  std::optional<News> news_of_report(const sim::TraceEvent& event, const Names& names, StoryDetail detail);
  std::optional<News> news_of_message(const sim::TraceEvent& event, const Names& names) const;
  void forget_operations(ProcessId client);
  void take_positions();
  bool is_named(const sim::TraceEvent& event) const;
  void add(const sim::TraceEvent& event, News news);
  void keep(StoryLine line);
  bool is_repeated(const StoryLine& line);
  void notice_repetition();
  void end_repetition();

  struct Running {  // an operation without an answer
    sim::Time began;
    Bytes invocation;
  };

  std::vector<StoryColumn> columns_;
  StoryDetail detail_;
  StoryLimits limits_;
  std::vector<sim::EventIndex> named_;
  std::set<std::pair<SessionId, std::uint64_t>> asked_;  // the requests in those that were told
  std::vector<StoryCell> cells_;
  std::vector<Bytes> last_sent_;                          // to another node, by column; decoded when a line needs it
  std::vector<Bytes> last_replied_;                       // to a client
  std::map<ProcessId, std::uint64_t> primary_of_client_;  // where each client last found the primary
  std::map<std::pair<ProcessId, std::uint64_t>, Running> running_;  // by client and the user's number
  std::vector<StoryLine> beginning_;
  std::vector<StoryLine> between_;  // those that are named
  std::uint64_t left_out_ = 0;      // behind them
  std::deque<StoryLine> ending_;

  // The last lines that were kept, which may repeat; the last of them do.
  struct Repetition {
    StoryLine::Repeat repeat;
    std::vector<StoryLine> held;  // the lines that say so, as long as it is not worth saying, and the last, unfinished
    std::size_t next = 0;         // of the lines, the one with which it would go on
  };
  std::deque<std::string> recent_;
  std::optional<Repetition> repetition_;
};

}  // namespace smalldb::reports
