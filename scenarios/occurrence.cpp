#include "scenarios/occurrence.h"

#include <algorithm>
#include <array>
#include <span>

#include "scenarios/notation.h"
#include "scenarios/problem.h"

namespace smalldb::scenarios {

namespace {

using What = Occurrence::What;

// One way to say an occurrence. Words stand for themselves (`|` between words that mean the same, the first is
// written), {braces} for a field, [brackets] round what may be left out. The message or note of a row is fixed where it
// names one.
struct Phrase {
  What what;
  std::string_view words;
  std::string_view message = {};
  std::string_view note = {};
};

constexpr std::array phrases = std::to_array<Phrase>({
    {What::receives, "{process} receives acknowledgement|ack of record {number} [from {peer}]", "ack"},
    {What::receives, "{process} receives record {number} [from {peer}]", "records"},
    {What::receives, "{process} receives [a] {message} [from {peer}]"},
    {What::sends, "{process} sends acknowledgement|ack of record {number} [to {peer}]", "ack"},
    {What::sends, "{process} sends record {number} [to {peer}]", "records"},
    {What::sends, "{process} sends [a] {message} [to {peer}]"},
    {What::synced, "{process}'s {nth} fsync|sync [of {file}]"},
    {What::synced, "{process}'s fsync|sync [of {file}]"},
    {What::synced, "{process} syncs [{file}]"},
    {What::written, "{process}'s {nth} write [to {file}]"},
    {What::written, "{process}'s write [to {file}]"},
    {What::written, "{process} writes [to {file}]"},
    {What::renamed, "{process} renames to {file}"},
    {What::record_written, "log of {process} reaches {number}"},
    {What::record_written, "{process}'s log reaches {number}"},
    {What::record_written, "record {number} is written at|by {process}"},
    {What::record_durable, "record {number} is durable at {process}"},
    {What::goes_live, "{process} goes live"},
    {What::noted, "output|answer is held [at {process}]", {}, "output_held"},
    {What::noted, "{process} holds output", {}, "output_held"},
    {What::noted, "{process} takes over", {}, "took_over"},
    {What::noted, "{process} goes alone|on [alone]", {}, "went_alone"},
    {What::noted, "{process} founds [store]", {}, "founded"},
    {What::noted, "{process} is fenced", {}, "fenced"},
    {What::noted, "{process} claims [epoch]", {}, "claim_sent"},
    {What::noted, "{process} wins [a] claim|epoch", {}, "claim_won"},
    {What::noted, "{process} loses [a] claim", {}, "claim_lost"},
    {What::noted, "{process} suspects [its] peer", {}, "suspects_peer"},
    {What::noted, "{process} waits for operator", {}, "waits_for_operator"},
    {What::noted, "{process} cuts [a] torn tail", {}, "torn_tail_cut"},
    {What::noted, "{process} cuts its log", {}, "log_cut"},
    {What::noted, "{process} finds damage [in] [its] [log]", {}, "log_damaged"},
    {What::noted, "{process} installs [a] snapshot", {}, "snapshot_installed"},
    {What::noted, "{process} welcomes [a] comer", {}, "comer_welcomed"},
    {What::noted, "[a] backup is joining [at {process}]", {}, "backup_joining"},
    {What::noted, "[a] backup is declared [in] [sync] [at {process}]", {}, "backup_declared"},
    {What::noted, "[a] backup leaves [{process}]", {}, "backup_left"},
    {What::noted, "{process} begins|starts [a] checkpoint", {}, "checkpoint_begun"},
    {What::noted, "{process} finishes|completes [a] checkpoint", {}, "checkpoint_done"},
    {What::noted, "flow control begins [at {process}]", {}, "flow_control_on"},
    {What::noted, "flow control ends [at {process}]", {}, "flow_control_off"},
    {What::noted, "{process} recovers", {}, "recovered"},
    {What::noted, "{process} retries", {}, "client_retries"},
    {What::noted, "{process} gives up", {}, "client_gave_up"},
    {What::noted, "{process} notes {note}"},
    {What::becomes, "{process} becomes|is {note}"},
    {What::operation_issued, "{process}'s operation|request {number} is issued|sent"},
    {What::operation_issued, "{process} issues|sends operation|request {number}"},
    {What::operation_issued, "{process} issues operation|request"},
    {What::operation_answered, "{process}'s operation|request {number} is answered"},
    {What::operation_answered, "{process} has answer"},
    {What::operations_answered, "{number} operations|requests are|is answered"},
    {What::started, "{process} starts|restarts"},
    {What::crashed, "{process} crashes|dies"},
    {What::stopped, "{process} stops"},
    {What::connected, "{process} connects to {peer}"},
    {What::disconnected, "{process} loses [its] link [to {peer}]"},
    {What::fault_began, "fault {process} begins"},
    {What::fault_ended, "fault {process} ends"},
});

// What people call a message; the first is the name in docs/protocol.md and in traces.
struct MessageWord {
  std::string_view name;
  std::string_view words;
};
constexpr std::array message_words = std::to_array<MessageWord>({
    {"request", "request"},
    {"response", "answer|response"},
    {"hello", "hello"},
    {"not_primary", "not_primary"},
    {"welcome", "welcome"},
    {"snapshot_chunk", "snapshot|snapshot_chunk"},
    {"snapshot_taken", "snapshot_taken"},
    {"ready", "ready"},
    {"records", "records"},
    {"ack", "acknowledgement|ack"},
    {"claim", "claim"},
    {"verdict", "verdict"},
    {"heartbeat", "heartbeat"},
});

bool is_alternative(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find('|'), words.size());
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

std::string_view first_alternative(std::string_view words) { return words.substr(0, words.find('|')); }

// Words, `'s` apart, brackets apart; articles that say nothing dropped.
std::vector<std::string> words_of(std::string_view text, bool of_a_pattern) {
  std::vector<std::string> words;
  std::string word;
  const auto finish = [&] {
    if (!word.empty() && word != "the" && word != "an") words.push_back(word);
    word.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool possessive = text.substr(i, 2) == "'s" && (i + 2 == text.size() || text[i + 2] == ' ');
    if (c == ' ') {
      finish();
    } else if (possessive) {
      finish();
      words.emplace_back("'s");
      ++i;
    } else if (c == ',' || (of_a_pattern && (c == '[' || c == ']'))) {
      finish();
      words.emplace_back(1, c);
    } else {
      word += c;
    }
  }
  finish();
  return words;
}

using Words = std::span<const std::string>;

std::size_t end_of_group(Words pattern) {
  return static_cast<std::size_t>(std::find(pattern.begin(), pattern.end(), "]") - pattern.begin());
}

std::optional<std::uint64_t> number_of(const std::string& word) {
  std::string ignored;
  return notation::read_count(word, ignored);
}

// Fills the field that a placeholder stands for from the front of `words`; gives how many words it took, 0 for none.
std::size_t fill(std::string_view placeholder, Words words, Occurrence& occurrence) {
  if (words.empty()) return 0;
  const std::string& word = words[0];
  if (placeholder == "{process}" || placeholder == "{peer}") {
    std::string& name = placeholder == "{process}" ? occurrence.process : occurrence.peer;
    if (word == "any" && words.size() > 1 && (words[1] == "node" || words[1] == "client")) return 2;
    if (word == "anyone" || word == "anybody" || word == "someone") return 1;
    if (!notation::is_name(word)) return 0;
    name = word;
    return 1;
  }
  if (placeholder == "{message}") {
    for (const MessageWord& message : message_words) {
      if (is_alternative(message.words, word)) {
        occurrence.message = message.name;
        return 1;
      }
    }
    return 0;
  }
  if (placeholder == "{number}" || placeholder == "{nth}") {
    const auto number = placeholder == "{nth}" ? notation::read_ordinal(word) : number_of(word).value_or(0);
    if (number == 0) return 0;
    (placeholder == "{nth}" ? occurrence.nth : occurrence.number) = number;
    return 1;
  }
  if (placeholder == "{file}") occurrence.file = word;
  if (placeholder == "{note}") {
    if (!notation::is_name(word)) return 0;
    occurrence.note = word;
  }
  return 1;
}

bool match(Words pattern, Words words, Occurrence& occurrence) {
  if (pattern.empty()) return words.empty();
  const std::string& head = pattern[0];
  if (head == "[") {
    const std::size_t end = end_of_group(pattern);
    std::vector<std::string> with(pattern.begin() + 1, pattern.begin() + static_cast<std::ptrdiff_t>(end));
    with.insert(with.end(), pattern.begin() + static_cast<std::ptrdiff_t>(end) + 1, pattern.end());
    Occurrence attempt = occurrence;
    if (match(with, words, attempt)) {
      occurrence = attempt;
      return true;
    }
    return match(pattern.subspan(end + 1), words, occurrence);
  }
  if (head.front() == '{') {
    const std::size_t taken = fill(head, words, occurrence);
    return taken > 0 && match(pattern.subspan(1), words.subspan(taken), occurrence);
  }
  return !words.empty() && is_alternative(head, words[0]) && match(pattern.subspan(1), words.subspan(1), occurrence);
}

// The text of one placeholder; empty if its field is not set.
std::string text_of(std::string_view placeholder, const Occurrence& occurrence) {
  if (placeholder == "{process}") return occurrence.process;
  if (placeholder == "{peer}") return occurrence.peer;
  if (placeholder == "{file}") return occurrence.file;
  if (placeholder == "{note}") return occurrence.note;
  if (placeholder == "{number}") return occurrence.number == 0 ? "" : std::to_string(occurrence.number);
  if (placeholder == "{nth}") return notation::write_ordinal(occurrence.nth);
  for (const MessageWord& message : message_words) {
    if (message.name == occurrence.message) return std::string(first_alternative(message.words));
  }
  return {};
}

// Writes a pattern's words; false if a field that it needs is not set. Optional words are written only round a field.
bool write(Words pattern, const Occurrence& occurrence, std::string& text) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string& word = pattern[i];
    if (word == "[") {
      const std::size_t end = i + end_of_group(pattern.subspan(i));
      const Words group = pattern.subspan(i + 1, end - i - 1);
      const bool has_field = !text_of(group.back(), occurrence).empty() && group.back().front() == '{';
      if (has_field && !write(group, occurrence, text)) return false;
      i = end;
      continue;
    }
    std::string written(first_alternative(word));
    if (word.front() == '{') {
      written = text_of(word, occurrence);
      if (written.empty() && (word == "{process}" || word == "{peer}")) written = "anyone";
      if (written.empty()) return false;
    }
    if (!text.empty() && word != "'s") text += ' ';
    text += written;
  }
  return true;
}

}  // namespace

std::optional<Occurrence> read_occurrence(std::string_view phrase, std::string& expected) {
  std::vector<std::string> words = words_of(phrase, false);
  bool before = false;
  if (!words.empty() && (words[0] == "before" || words[0] == "after" || words[0] == "when" || words[0] == "once")) {
    before = words[0] == "before";
    words.erase(words.begin());
  }
  // `..., the 2nd time` or `... for the second time`.
  std::uint64_t nth = 1;
  if (words.size() > 3 && words.back() == "time" &&
      (words[words.size() - 3] == "," || words[words.size() - 3] == "for")) {
    nth = notation::read_ordinal(words[words.size() - 2]);
    words.resize(words.size() - 3);
  }
  for (const Phrase& known : phrases) {
    Occurrence occurrence;
    const std::vector<std::string> pattern = words_of(known.words, true);
    if (nth == 0 || !match(pattern, words, occurrence)) continue;
    occurrence.what = known.what;
    occurrence.before = before;
    if (!known.message.empty()) occurrence.message = known.message;
    if (!known.note.empty()) occurrence.note = known.note;
    if (nth != 1) occurrence.nth = nth;
    return occurrence;
  }
  expected = "an occurrence, as \"before b receives record 3\", \"after a's 2nd fsync\" or \"b goes live\"";
  return {};
}

std::string nearest_word_of_an_occurrence(std::string_view phrase) {
  std::vector<std::string> vocabulary;
  for (const Phrase& known : phrases) {
    for (const std::string& words : words_of(known.words, true)) {
      for (std::string_view rest = words; !rest.empty() && rest[0] != '{';) {
        vocabulary.emplace_back(first_alternative(rest));
        rest.remove_prefix(std::min(rest.size(), vocabulary.back().size() + 1));
      }
    }
  }
  for (const MessageWord& message : message_words) vocabulary.emplace_back(first_alternative(message.words));
  for (const std::string& word : words_of(phrase, false)) {
    // Short words are names, numbers and the like.
    if (word.size() < 4 || notation::read_ordinal(word) != 0 ||
        std::find(vocabulary.begin(), vocabulary.end(), word) != vocabulary.end())
      continue;
    if (std::string nearest = nearest_word(word, vocabulary); !nearest.empty()) return nearest;
  }
  return {};
}

std::string to_text(const Occurrence& occurrence) {
  for (const Phrase& known : phrases) {
    if (known.what != occurrence.what) continue;
    if (!known.message.empty() && (known.message != occurrence.message || occurrence.number == 0)) continue;
    if (!known.note.empty() && known.note != occurrence.note) continue;
    std::string text;
    const std::vector<std::string> pattern = words_of(known.words, true);
    if (!write(pattern, occurrence, text)) continue;
    const bool says_nth = known.words.find("{nth}") != std::string_view::npos;
    if (occurrence.nth != 1 && !says_nth) text += ", the " + notation::write_ordinal(occurrence.nth) + " time";
    return occurrence.before ? "before " + text : text;
  }
  return "nothing";
}

std::vector<std::string> occurrence_phrases() {
  std::vector<std::string> texts;
  for (const Phrase& known : phrases) texts.emplace_back(known.words);
  return texts;
}

}  // namespace smalldb::scenarios
