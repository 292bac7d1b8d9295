#include "reports/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "model/client.h"
#include "model/messages.h"
#include "model/operator_command.h"
#include "model/record.h"
#include "reports/layout.h"
#include "reports/sentences.h"
#include "reports/spoken.h"
#include "reports/words.h"
#include "scenarios/fault_grammar.h"

namespace smalldb::reports {
namespace {

using sim::EventKind;

NoteKind kind_of(const effect::Note& note) { return static_cast<NoteKind>(note.what); }

// Notes that say why a role changed: beside one of these, role_changed itself is no news.
bool tells_role(NoteKind kind) {
  switch (kind) {
    case NoteKind::founded:
    case NoteKind::took_over:
    case NoteKind::resumed_alone:
    case NoteKind::fenced:
    case NoteKind::claim_sent:
    case NoteKind::log_damaged:
    case NoteKind::stopped: return true;
    default: return false;
  }
}

// Whether the event is a role_changed beside which, in the same step, a note of the same process says why.
bool role_is_told(std::span<const sim::TraceEvent> events, std::span<const effect::Note> notes, std::size_t at) {
  const auto note_of = [&](std::size_t n) { return events[n].a < notes.size() ? &notes[events[n].a] : nullptr; };
  const auto same_step = [&](std::size_t n) {
    return events[n].time == events[at].time && events[n].process == events[at].process;
  };
  const auto tells = [&](std::size_t n) {
    return events[n].kind == EventKind::note && note_of(n) != nullptr && tells_role(kind_of(*note_of(n)));
  };
  if (note_of(at) == nullptr || kind_of(*note_of(at)) != NoteKind::role_changed) return false;
  for (std::size_t n = at; n > 0 && same_step(n - 1); --n) {
    if (tells(n - 1)) return true;
  }
  for (std::size_t n = at + 1; n < events.size() && same_step(n); ++n) {
    if (tells(n)) return true;
  }
  return false;
}

// What a run says by the thousand, or what another line says better.
bool is_routine(NoteKind kind) {
  switch (kind) {
    case NoteKind::claim_won:  // what the winner does with it is told
    case NoteKind::session_opened:
    case NoteKind::checkpoint_begun:
    case NoteKind::reads_confirmed:
    case NoteKind::read_under_lease:
    case NoteKind::client_retries:
    case NoteKind::client_gave_up:  // the operation's outcome is told
    case NoteKind::stopped:         // the event of this name is told
      return true;
    default: return false;
  }
}

Tone tone_of(NoteKind kind) {
  switch (kind) {
    case NoteKind::founded:
    case NoteKind::went_alone:
    case NoteKind::took_over:
    case NoteKind::resumed_alone:
    case NoteKind::backup_declared:
    case NoteKind::backup_resumed: return Tone::good;
    case NoteKind::log_damaged:
    case NoteKind::backup_lost_its_log: return Tone::bad;
    default: return Tone::plain;
  }
}

// A fault that its victim's own event tells of.
bool shows_by_itself(sim::FaultKind kind) {
  return kind == sim::FaultKind::crash || kind == sim::FaultKind::kill || kind == sim::FaultKind::pause;
}

// What repeats is looked for in so many lines together, and is worth saying of so many more.
constexpr std::size_t repeated_together_max = 12;
constexpr std::size_t repeated_more_min = 3;
// Of lines that differ in numbers it is worth saying of so many more: fewer may be work that goes on.
constexpr std::size_t grown_more_min = 30;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

enum class Growth : std::uint8_t { none, some, other };  // other: they differ in more than numbers that grow

// The whole number that stands there in both texts, which it takes off them.
Growth compare_numbers(std::string_view& before, std::string_view& after) {
  const auto take = [](std::string_view& text) {
    const std::size_t end = std::min(
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin()), text.size());
    const std::string_view digits = text.substr(0, end);
    text.remove_prefix(end);
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
  };
  const std::string_view a = take(before), b = take(after);
  if (a == b) return Growth::none;
  return std::pair(a.size(), a) < std::pair(b.size(), b) ? Growth::some : Growth::other;
}

Growth growth_of(std::string_view before, std::string_view after) {
  Growth growth = Growth::none;
  while (!before.empty() && !after.empty()) {
    if (is_digit(before.front()) && is_digit(after.front())) {
      const Growth of_number = compare_numbers(before, after);
      if (of_number == Growth::other) return Growth::other;
      if (of_number == Growth::some) growth = Growth::some;
    } else {
      if (before.front() != after.front()) return Growth::other;
      before.remove_prefix(1);
      after.remove_prefix(1);
    }
  }
  return before.empty() && after.empty() ? growth : Growth::other;
}

// How many lines from there on are those `together` lines before them, with greater numbers each time; whole times.
std::size_t grown_lines(std::span<const StoryLine> lines, std::size_t from, std::size_t together) {
  std::size_t whole = 0;
  bool grows = false;
  for (std::size_t n = 0; from + n < lines.size(); ++n) {
    const StoryLine& line = lines[from + n];
    const StoryLine& before = lines[from + n - together];
    if (line.is_named || line.repeat || line.left_out > 0 || before.is_named || before.repeat) break;
    const Growth growth = growth_of(before.text, line.text);
    if (growth == Growth::other) break;
    grows |= growth == Growth::some;
    if ((n + 1) % together != 0) continue;
    if (!std::exchange(grows, false)) break;
    whole = n + 1;
  }
  return whole;
}

// What goes round and round, and only counts further, is told twice.
std::vector<StoryLine> without_what_grows(const std::vector<StoryLine>& lines) {
  std::vector<StoryLine> told;
  std::size_t first = 0;  // behind what was folded
  for (std::size_t at = 0; at < lines.size(); ++at) {
    told.push_back(lines[at]);
    // The line is the last of those that stand there for the first time.
    for (std::size_t together = 1; together <= repeated_together_max && first + together <= at + 1; ++together) {
      const std::size_t grown = grown_lines(lines, at + 1, together);
      if (grown < grown_more_min + together) continue;
      told.insert(told.end(), lines.begin() + static_cast<std::ptrdiff_t>(at + 1),
                  lines.begin() + static_cast<std::ptrdiff_t>(at + 1 + together));
      at += grown;
      first = at + 1;
      told.back().repeat = StoryLine::Repeat{together, grown / together - 1, lines[at].time, true};
      break;
    }
  }
  return told;
}

// "record 6: put x=2 (request 2 of session 4)"; of what is no record, the file.
std::string written_text(const sim::TraceEvent& event, const Names& names) {
  std::string text;
  std::string_view bytes = event.payload.view();
  while (const auto record = decode_record(bytes)) {
    text += fmt::format("{}record {}: {}", text.empty() ? "" : "; ", record->lsn.value, record_text(*record, names));
    bytes.remove_prefix(decode_header(bytes)->record_size());
  }
  return text.empty() ? file_text(event, names) : shortened(text, 400);
}

// How far the sender's log reaches at least.
std::uint64_t position_in(const MessageBody& body) {
  if (const auto* records = std::get_if<Records>(&body)) {
    return records->first.value + count_records(records->bytes.view()) - 1;
  }
  if (const auto* ack = std::get_if<Ack>(&body)) return ack->received.value;
  if (const auto* response = std::get_if<ResponseMessage>(&body)) return response->response.position.value;
  return 0;
}

}  // namespace

std::string_view name(Tone tone) {
  switch (tone) {
    case Tone::plain: return "plain";
    case Tone::quiet: return "quiet";
    case Tone::good: return "good";
    case Tone::fault: return "fault";
    case Tone::bad: return "bad";
  }
  return "?";
}

std::string repeat_text(const StoryLine::Repeat& repeat) {
  const std::string lines =
      repeat.lines == 1 ? "this line repeats" : fmt::format("these {} lines repeat", repeat.lines);
  return fmt::format("{} {} more,{} until {} s", lines, counted(repeat.times, "time"),
                     repeat.numbers_grow ? " with growing numbers," : "", seconds_text(repeat.until));
}

Story::Story(std::vector<StoryColumn> columns, StoryDetail detail, StoryLimits limits,
             std::vector<sim::EventIndex> named)
    : columns_(std::move(columns)),
      detail_(detail),
      limits_(limits),
      named_(std::move(named)),
      cells_(columns_.size()),
      last_sent_(columns_.size()),
      last_replied_(columns_.size()) {}

void Story::see(std::span<const sim::TraceEvent> events, std::span<const effect::Note> notes, const Names& names) {
  for (std::size_t n = 0; n < events.size(); ++n) {
    const sim::TraceEvent& event = events[n];
    change_cell(event, notes);
    if (is_named(event)) {
      add(event, news_of_named(event, notes, names));
    } else if (event.kind != EventKind::note || !role_is_told(events, notes, n)) {
      if (std::optional<News> news = news_of(event, notes, names, detail_)) add(event, std::move(*news));
    }
  }
}

std::optional<std::size_t> Story::column_of(ProcessId process) const {
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    if (columns_[column].node == process) return column;
  }
  return std::nullopt;
}

void Story::change_cell(const sim::TraceEvent& event, std::span<const effect::Note> notes) {
  const auto column = column_of(event.process);
  if (!column) return;
  StoryCell& cell = cells_[*column];
  switch (event.kind) {
    case EventKind::started:
      cell = {StoryCell::State::running, Role::recovering, false, 0, 0};
      last_sent_[*column] = last_replied_[*column] = {};
      break;
    case EventKind::crashed:
    case EventKind::stopped:
    case EventKind::assertion_failed: cell.state = StoryCell::State::down; break;
    case EventKind::paused: cell.state = StoryCell::State::paused; break;
    case EventKind::resumed: cell.state = StoryCell::State::running; break;
    case EventKind::sent:
      if (column_of(event.peer)) last_sent_[*column] = event.payload;
      break;
    case EventKind::replied: last_replied_[*column] = event.payload; break;
    case EventKind::note:
      if (event.a < notes.size()) change_cell(cell, notes[event.a]);
      last_sent_[*column] = last_replied_[*column] = {};
      break;
    default: break;
  }
}

void Story::change_cell(StoryCell& cell, const effect::Note& note) {
  cell.role = static_cast<Role>(note.role);
  cell.epoch = note.epoch;
  cell.position = note.position;
  switch (kind_of(note)) {
    case NoteKind::founded:
    case NoteKind::went_alone:
    case NoteKind::took_over:
    case NoteKind::resumed_alone: cell.alone = true; break;
    case NoteKind::backup_declared: cell.alone = false; break;
    default: cell.alone = cell.alone && cell.role == Role::primary;
  }
}

// Between two notes of a node, what it ships, acknowledges and answers shows how far its log has come.
void Story::take_positions() {
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    std::uint64_t& position = cells_[column].position;
    for (Bytes* frame : {&last_sent_[column], &last_replied_[column]}) {
      if (frame->empty()) continue;
      const auto message = decode_frame(std::exchange(*frame, {}));
      if (message) position = std::max(position, position_in(message->body));
    }
  }
}

bool Story::is_named(const sim::TraceEvent& event) const {
  return std::binary_search(named_.begin(), named_.end(), event.index);
}

// A sentence for each, whether or not it would be news.
Story::News Story::news_of_named(const sim::TraceEvent& event, std::span<const effect::Note> notes,
                                 const Names& names) {
  std::optional<News> news = news_of(event, notes, names, StoryDetail::messages);
  std::string text;
  if (event.kind == EventKind::note && event.a < notes.size())
    text = note_text(notes[event.a], event.process, names);
  else if (event.kind == EventKind::disk_written)
    text = fmt::format("{} writes {}", names.process(event.process), written_text(event, names));
  else
    text = news ? std::move(news->text) : event_text(event, names);
  if (event.kind == EventKind::sent) {
    const auto message = decode_frame(event.payload);
    const auto* asked = message ? std::get_if<RequestMessage>(&message->body) : nullptr;
    if (asked && !asked_.emplace(asked->request.session, asked->request.number).second) text += ", again";
  }
  return {Tone::bad, std::move(text)};
}

std::optional<Story::News> Story::news_of(const sim::TraceEvent& event, std::span<const effect::Note> notes,
                                          const Names& names, StoryDetail detail) {
  const auto of_process = [&](Tone tone, std::string_view what) {
    return News{tone, fmt::format("{} {}", names.process(event.process), what)};
  };
  switch (event.kind) {
    // That everything starts at the beginning is no news.
    case EventKind::started:
      return event.a <= 1 ? std::nullopt : std::optional(of_process(Tone::plain, "starts again"));
    case EventKind::crashed: forget_operations(event.process); return of_process(Tone::fault, "crashes");
    case EventKind::stopped:
      if (!event.payload.empty()) return of_process(Tone::bad, fmt::format("stops itself: {}", event.payload.view()));
      forget_operations(event.process);
      return of_process(Tone::plain, "stops");
    case EventKind::paused: return of_process(Tone::fault, "pauses");
    case EventKind::resumed: return of_process(Tone::fault, "goes on");
    case EventKind::assertion_failed: return of_process(Tone::bad, fmt::format("is wrong: {}", event.payload.view()));
    case EventKind::note:
      return event.a < notes.size() ? news_of_note(notes[event.a], event.process, names) : std::nullopt;
    case EventKind::fault_injected:
    case EventKind::fault_ended: return news_of_fault(event, names);
    case EventKind::input: return news_of_input(event, names, detail);
    case EventKind::report: return news_of_report(event, names, detail);
    default: return detail == StoryDetail::messages ? news_of_message(event, names) : std::nullopt;
  }
}

std::optional<Story::News> Story::news_of_note(const effect::Note& note, ProcessId process, const Names& names) {
  const NoteKind kind = kind_of(note);
  if (is_routine(kind)) return std::nullopt;
  if (kind == NoteKind::ignored && detail_ != StoryDetail::messages) return std::nullopt;
  if (kind == NoteKind::client_found_primary) {
    const auto [known, first] = primary_of_client_.try_emplace(process, note.a);
    if (first || std::exchange(known->second, note.a) == note.a) return std::nullopt;
  }
  return News{tone_of(kind), note_text(note, process, names)};
}

std::optional<Story::News> Story::news_of_fault(const sim::TraceEvent& event, const Names& names) const {
  const sim::Fault& fault = names.fault(sim::FaultId{static_cast<std::uint32_t>(event.a)});
  if (event.kind == EventKind::fault_injected) {
    if (shows_by_itself(fault.kind)) return std::nullopt;
    return News{Tone::fault, fault_text(fault, names)};
  }
  if (shows_by_itself(fault.kind) || scenarios::is_over_at_once(fault.kind)) return std::nullopt;
  return News{Tone::fault, fmt::format("over: {}", fault_text(fault, names))};
}

// What a user wants of a client, or an operator of a node.
std::optional<Story::News> Story::news_of_input(const sim::TraceEvent& event, const Names& names, StoryDetail detail) {
  const std::string_view process = names.process(event.process);
  if (column_of(event.process)) {
    const auto command = decode_operator_command(event.payload.view());
    if (!command) return std::nullopt;
    return News{Tone::plain, fmt::format("the operator tells {}: {}", process, name(*command))};
  }
  const auto invocation = decode_invocation(event.payload);
  if (!invocation) return std::nullopt;
  running_[{event.process, invocation->number}] = {event.time, event.payload};
  if (detail == StoryDetail::what_matters) return std::nullopt;
  return News{Tone::quiet, fmt::format("{} asks: {}", process, operation_text(*invocation))};
}

std::optional<Story::News> Story::news_of_report(const sim::TraceEvent& event, const Names& names, StoryDetail detail) {
  const auto completion = decode_completion(event.payload);
  if (!completion) return std::nullopt;
  const auto running = running_.find({event.process, completion->number});
  if (running == running_.end()) return std::nullopt;
  const auto invocation = decode_invocation(running->second.invocation);
  const Duration took{event.time.nanoseconds - running->second.began.nanoseconds};
  running_.erase(running);

  const bool definite = completion->outcome != Outcome::unknown && completion->outcome != Outcome::failed;
  if (detail == StoryDetail::what_matters && definite && took < long_wait) return std::nullopt;
  return News{definite ? Tone::plain : Tone::bad,
              fmt::format("{} {}: {} (after {})", names.process(event.process), operation_text(*invocation),
                          completion_text(invocation->verb, *completion), rounded_text(took))};
}

std::optional<Story::News> Story::news_of_message(const sim::TraceEvent& event, const Names& names) const {
  switch (event.kind) {
    case EventKind::sent:
    case EventKind::replied:
    case EventKind::datagram_sent: {
      const auto message = decode_frame(event.payload);
      if (!message || std::holds_alternative<Heartbeat>(message->body)) return std::nullopt;
      return News{Tone::quiet, fmt::format("{} -> {}: {}", names.process(event.process), names.process(event.peer),
                                           message_text(*message, names))};
    }
    case EventKind::disk_synced:
      return News{Tone::quiet, fmt::format("{} has synced {}", names.process(event.process), file_text(event, names))};
    case EventKind::disk_failed:
      return News{Tone::quiet,
                  fmt::format("{} cannot {}: {}", names.process(event.process),
                              word(static_cast<effect::DiskVerb>(event.a)), word(static_cast<DiskStatus>(event.b)))};
    default: return std::nullopt;
  }
}

void Story::forget_operations(ProcessId client) {
  std::erase_if(running_, [client](const auto& operation) { return operation.first.first == client; });
}

void Story::add(const sim::TraceEvent& event, News news) {
  // A line stays one line, and no byte of it speaks to the terminal.
  std::replace_if(
      news.text.begin(), news.text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; },
      ' ');
  take_positions();
  StoryLine line{event.index, event.time, cells_, news.tone, std::move(news.text), is_named(event), {}, 0};
  if (line.is_named) {
    end_repetition();
    recent_.clear();
    keep(std::move(line));
  } else if (!limits_.folds) {
    keep(std::move(line));
  } else if (!is_repeated(line)) {
    end_repetition();
    recent_.push_back(line.text);
    keep(std::move(line));
    notice_repetition();
  }
}

// Holds it back then.
bool Story::is_repeated(const StoryLine& line) {
  if (!repetition_) return false;
  auto& [repeat, held, next] = *repetition_;
  if (line.text != recent_[recent_.size() - repeat.lines + next]) return false;
  held.push_back(line);
  if (++next < repeat.lines) return true;
  next = 0;
  ++repeat.times;
  repeat.until = line.time;
  if (repeat.times * repeat.lines >= repeated_more_min) held.clear();
  return true;
}

// Of the last lines, as few together as may be.
void Story::notice_repetition() {
  if (recent_.size() > 2 * repeated_together_max) recent_.pop_front();
  for (std::size_t lines = 1; 2 * lines <= recent_.size(); ++lines) {
    const auto last = recent_.end() - static_cast<std::ptrdiff_t>(lines);
    if (!std::equal(last, recent_.end(), last - static_cast<std::ptrdiff_t>(lines))) continue;
    repetition_ = Repetition();
    repetition_->repeat.lines = lines;
    return;
  }
}

void Story::end_repetition() {
  if (!repetition_) return;
  const Repetition ended = *std::exchange(repetition_, std::nullopt);
  if (ended.repeat.times * ended.repeat.lines >= repeated_more_min) {
    (ending_.empty() ? beginning_.back() : ending_.back()).repeat = ended.repeat;
    recent_.clear();
  }
  for (const StoryLine& line : ended.held) {
    recent_.push_back(line.text);
    keep(line);
  }
}

std::vector<StoryLine> Story::lines() const {
  Story whole = *this;
  whole.end_repetition();
  std::vector<StoryLine> lines = std::move(whole.beginning_);
  lines.insert(lines.end(), whole.between_.begin(), whole.between_.end());
  if (!whole.ending_.empty()) whole.ending_.front().left_out = whole.left_out_;
  lines.insert(lines.end(), whole.ending_.begin(), whole.ending_.end());
  return limits_.folds ? without_what_grows(lines) : lines;
}

void Story::keep(StoryLine line) {
  if (beginning_.size() < limits_.first) {
    beginning_.push_back(std::move(line));
    return;
  }
  ending_.push_back(std::move(line));
  if (ending_.size() <= limits_.last) return;
  if (ending_.front().is_named) {
    ending_.front().left_out = std::exchange(left_out_, 0);
    between_.push_back(std::move(ending_.front()));
  } else {
    ++left_out_;
  }
  ending_.pop_front();
}

}  // namespace smalldb::reports
