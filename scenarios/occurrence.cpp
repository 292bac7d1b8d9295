#include "scenarios/occurrence.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

#include "model/messages.h"
#include "model/notes.h"
#include "scenarios/notation.h"
#include "scenarios/problem.h"

namespace smalldb::scenarios {

namespace {

using What = Occurrence::What;

// One way to say an occurrence. Words stand for themselves (`|` between words that mean the same, the first is
// written), {braces} for a field, [brackets] round what may be left out and is written round a field alone,
// (parentheses) round what may be left out and is written. Articles may always be left out. The message or note of a
// row is fixed where it names one. A row that says what it means stands in lists; one that does not is another way to
// say the same.
struct Phrase {
  What what;
  std::string_view words;
  std::string_view means = {};
  std::string_view message = {};
  std::string_view note = {};
};

constexpr std::array phrases = std::to_array<Phrase>({
    {What::receives, "{process} receives the acknowledgement of record {number} [from {peer}]",
     "the first that covers it", "acknowledgement"},
    {What::receives, "{process} receives record {number} [from {peer}]", "from the primary", "records"},
    {What::receives, "{process} receives [a] {message} [from {peer}]", "any message, by its name"},
    {What::sends, "{process} sends the acknowledgement of record {number} [to {peer}]", "the first that covers it",
     "acknowledgement"},
    {What::sends, "{process} sends record {number} [to {peer}]", "to its backup", "records"},
    {What::sends, "{process} sends [a] {message} [to {peer}]", "any message, by its name"},
    {What::synced, "{process}'s {nth} fsync|sync [of {file}]", "what was written is durable"},
    {What::synced, "{process}'s fsync|sync [of {file}]"},
    {What::synced, "{process} syncs [{file}]", "the same; each time, where it may occur more than once"},
    {What::written, "{process}'s {nth} write [to {file}]", "into the cache: durable only with the next fsync"},
    {What::written, "{process}'s write [to {file}]"},
    {What::written, "{process} writes [to {file}]", "the same; each time"},
    {What::renamed, "{process} renames to {file}", "a file gets its final name"},
    {What::record_written, "the log of {process} reaches {number}", "its record 3 is written"},
    {What::record_written, "{process}'s log reaches {number}"},
    {What::record_written, "record {number} is written at|by {process}", "the same"},
    {What::record_durable, "record {number} is durable at {process}", "its fsync is done"},
    {What::goes_live, "{process} goes live", "founds, takes over, or serves again after a restart"},
    {What::noted,
     "an output|answer is held [at {process}]",
     "an answer waits: the first after the gate has closed for a backup",
     {},
     "output_held"},
    {What::noted, "{process} holds an output", {}, {}, "output_held"},
    {What::noted, "{process} takes over", "the backup serves, alone", {}, "took_over"},
    {What::noted, "{process} goes alone", "the primary serves without its backup", {}, "went_alone"},
    {What::noted, "{process} goes on [alone]", {}, {}, "went_alone"},
    {What::noted, "{process} founds (the) (store)", "epoch 1 begins", {}, "founded"},
    {What::noted, "{process} is fenced", "another has won the epoch", {}, "fenced"},
    {What::noted, "{process} claims (an) (epoch)", "asks the arbiter", {}, "claim_sent"},
    {What::noted, "{process} wins (a) claim|epoch", "the arbiter's answer", {}, "claim_won"},
    {What::noted, "{process} loses (a) claim|epoch", "the arbiter's answer", {}, "claim_lost"},
    {What::noted, "{process} suspects (its) peer", "has heard nothing for too long", {}, "suspects_peer"},
    {What::misses, "{process} misses heartbeats", "and suspects its peer", {}, "heartbeats"},
    {What::misses, "{process} misses log traffic", "and suspects its peer", {}, "log_traffic"},
    {What::noted, "{process} waits for the operator", "arbiter: manual", {}, "waits_for_operator"},
    {What::noted, "{process} cuts (a) torn tail", "at a restart", {}, "torn_tail_cut"},
    {What::noted, "{process} cuts its log", "of what was never released", {}, "log_cut"},
    {What::noted, "{process} finds damage (in) (its) (log)", "at a restart", {}, "log_damaged"},
    {What::noted, "{process} installs (a) snapshot", "of the running store", {}, "snapshot_installed"},
    {What::noted, "{process} welcomes (a) comer", "somebody wants to be its backup", {}, "comer_welcomed"},
    {What::noted, "(a) backup is joining [at {process}]", "outputs wait for it from here on", {}, "backup_joining"},
    {What::noted, "(a) backup is declared (in) (sync) [at {process}]", "there is a pair", {}, "backup_declared"},
    {What::noted, "(a) backup leaves [{process}]", "the primary gives it up", {}, "backup_left"},
    {What::noted, "{process} begins|starts (a) checkpoint", "as the log tells it to", {}, "checkpoint_begun"},
    {What::noted, "{process} finishes|completes (a) checkpoint", "it has its final name", {}, "checkpoint_done"},
    {What::noted, "flow control begins [at {process}]", "requests wait for the backup", {}, "flow_control_on"},
    {What::noted, "flow control ends [at {process}]", "it has caught up", {}, "flow_control_off"},
    {What::noted, "{process} recovers", "has read its disk", {}, "recovered"},
    {What::noted, "{client} retries", "sends an operation again", {}, "client_retries"},
    {What::noted, "{client} gives up", "an operation: its outcome is unknown", {}, "client_gave_up"},
    {What::noted, "{process} notes {note}", "anything that a machine notes, by its name"},
    {What::becomes, "{process} becomes|is {role}", "any role"},
    {What::operation_issued, "{client}'s operation|request {number} is issued|sent", "of the client's own, from 1"},
    {What::operation_issued, "{client} issues|sends operation|request {number}"},
    {What::operation_issued, "{client} issues an operation|request", "each"},
    {What::operation_answered, "{client}'s operation|request {number} is answered",
     "by the store, or its client gives it up"},
    {What::operation_answered, "{client} has an answer", "each that is answered so"},
    {What::operations_answered, "{number} operations|requests are|is answered", "by the store, whoever's"},
    {What::started, "{process} starts|restarts", "any process"},
    {What::crashed, "{process} crashes|dies", "by a fault"},
    {What::stopped, "{process} stops", "by itself: a failed fsync, a damaged log"},
    {What::connected, "{process} connects to {peer}", "a stream is open"},
    {What::disconnected, "{process} loses (its) link [to {peer}]", "a stream has broken"},
    {What::fault_began, "fault {label} begins", "strikes"},
    {What::fault_ended, "fault {label} ends", "all that it struck is let go"},
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

bool is_article(std::string_view word) { return word == "the" || word == "an"; }

// Words, `'s` apart, brackets apart; of a phrase that somebody wrote without articles, which say nothing.
std::vector<std::string> words_of(std::string_view text, bool of_a_pattern) {
  std::vector<std::string> words;
  std::string word;
  const auto finish = [&] {
    if (!word.empty() && (of_a_pattern || !is_article(word))) words.push_back(word);
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
    } else if (c == ',' || (of_a_pattern && std::string_view("[]()").find(c) != std::string_view::npos)) {
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

bool opens_group(std::string_view word) { return word == "[" || word == "("; }

// Where the group ends that `pattern` begins with.
std::size_t end_of_group(Words pattern) {
  const std::string_view closing = pattern[0] == "[" ? "]" : ")";
  return static_cast<std::size_t>(std::find(pattern.begin(), pattern.end(), closing) - pattern.begin());
}

bool is_name_of_a_process(std::string_view placeholder) {
  return placeholder == "{process}" || placeholder == "{peer}" || placeholder == "{client}" || placeholder == "{label}";
}

std::optional<std::uint64_t> number_of(const std::string& word) {
  std::string ignored;
  return notation::read_count(word, ignored);
}

// Fills the field that a placeholder stands for from the front of `words`; gives how many words it took, 0 for none.
std::size_t fill(std::string_view placeholder, Words words, Occurrence& occurrence) {
  if (words.empty()) return 0;
  const std::string& word = words[0];
  if (is_name_of_a_process(placeholder)) {
    std::string& name = placeholder == "{peer}" ? occurrence.peer : occurrence.process;
    if (word == "any" && words.size() > 1 && (words[1] == "node" || words[1] == "client")) return 2;
    if (word == "anyone" || word == "anybody" || word == "someone") return 1;
    if (!notation::is_name(word)) return 0;
    name = word;
    return 1;
  }
  if (placeholder == "{message}") {
    const auto names = message_names();
    if (std::find(names.begin(), names.end(), word) == names.end()) return 0;
    occurrence.message = word;
    return 1;
  }
  if (placeholder == "{number}" || placeholder == "{nth}") {
    const auto number = placeholder == "{nth}" ? notation::read_ordinal(word) : number_of(word).value_or(0);
    if (number == 0) return 0;
    (placeholder == "{nth}" ? occurrence.nth : occurrence.number) = number;
    return 1;
  }
  if (placeholder == "{file}") occurrence.file = word;
  if (placeholder == "{note}" || placeholder == "{role}") {
    if (!notation::is_name(word)) return 0;
    occurrence.note = word;
  }
  return 1;
}

// A word that stands for the one that a pattern has at its place, and what that is.
struct Wrong {
  const std::string* word;
  std::string right = {};
};

// Whether the words are what the pattern says, but for one that is `wrong`, if there is one.
bool match(Words pattern, Words words, Occurrence& occurrence, Wrong* wrong = nullptr) {
  if (pattern.empty()) return words.empty();
  const std::string& head = pattern[0];
  if (is_article(head)) return match(pattern.subspan(1), words, occurrence, wrong);
  if (opens_group(head)) {
    const std::size_t end = end_of_group(pattern);
    std::vector<std::string> with(pattern.begin() + 1, pattern.begin() + static_cast<std::ptrdiff_t>(end));
    with.insert(with.end(), pattern.begin() + static_cast<std::ptrdiff_t>(end) + 1, pattern.end());
    Occurrence attempt = occurrence;
    if (match(with, words, attempt, wrong)) {
      occurrence = attempt;
      return true;
    }
    return match(pattern.subspan(end + 1), words, occurrence, wrong);
  }
  if (head.front() == '{') {
    const std::size_t taken = fill(head, words, occurrence);
    return taken > 0 && match(pattern.subspan(1), words.subspan(taken), occurrence, wrong);
  }
  if (words.empty()) return false;
  const bool is_wrong = wrong != nullptr && wrong->word == &words[0];
  if (!is_wrong && !is_alternative(head, words[0])) return false;
  if (!match(pattern.subspan(1), words.subspan(1), occurrence, wrong)) return false;
  if (is_wrong) wrong->right = head;
  return true;
}

// What could stand for `words[wrong]` so that they were an occurrence, as each pattern has it.
std::vector<std::string> right_words(Words words, std::size_t wrong) {
  std::vector<std::string> right;
  for (const Phrase& known : phrases) {
    Occurrence ignored;
    Wrong one{&words[wrong]};
    if (!match(words_of(known.words, true), words, ignored, &one) || one.right.empty()) continue;
    if (std::find(right.begin(), right.end(), one.right) == right.end()) right.push_back(one.right);
  }
  return right;
}

// What could have been meant, if it is one of a few phrases that differ in a word: a late one, since they begin alike.
std::vector<std::string> similar_phrases(Words words) {
  constexpr std::size_t few = 4;
  for (std::size_t wrong = words.size(); wrong-- > 0;) {
    const std::vector<std::string> right = right_words(words, wrong);
    if (right.empty() || right.size() > few) continue;
    std::vector<std::string> similar;
    for (const std::string& one : right) {
      std::string phrase;
      for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0 && words[i] != "'s") phrase += ' ';
        phrase += i == wrong ? first_alternative(one) : words[i];
      }
      similar.push_back(quoted(phrase));
    }
    return similar;
  }
  return {};
}

// The word that is meant by one that is wrong, where the others leave only few for its place: one that is near, or the
// only one where a short word stands.
std::string right_word(Words words) {
  constexpr std::size_t short_word = 3;
  for (std::size_t wrong = 0; wrong < words.size(); ++wrong) {
    std::vector<std::string> candidates;
    for (std::string_view rest : right_words(words, wrong)) {
      while (!rest.empty()) {
        candidates.emplace_back(first_alternative(rest));
        rest.remove_prefix(std::min(rest.size(), candidates.back().size() + 1));
      }
    }
    if (std::string near = nearest_word(words[wrong], candidates); !near.empty()) return near;
    if (candidates.size() == 1 && words[wrong].size() <= short_word && candidates[0].size() <= short_word) {
      return candidates[0];
    }
  }
  return {};
}

// The words of a phrase that somebody wrote, without what can be said of any: before, the 2nd time.
struct Said {
  std::vector<std::string> words;
  bool before = false;
  std::uint64_t nth = 1;  // 0: of no number
};
Said said_by(std::string_view phrase) {
  Said said;
  std::vector<std::string>& words = said.words;
  words = words_of(phrase, false);
  if (!words.empty() && (words[0] == "before" || words[0] == "after" || words[0] == "when" || words[0] == "once")) {
    said.before = words[0] == "before";
    words.erase(words.begin());
  }
  // `..., the 2nd time` or `... for the second time`.
  if (words.size() > 3 && words.back() == "time" &&
      (words[words.size() - 3] == "," || words[words.size() - 3] == "for")) {
    said.nth = notation::read_ordinal(words[words.size() - 2]);
    words.resize(words.size() - 3);
  }
  return said;
}

// The text of one placeholder; empty if its field is not set.
std::string text_of(std::string_view placeholder, const Occurrence& occurrence) {
  if (placeholder == "{peer}") return occurrence.peer;
  if (is_name_of_a_process(placeholder)) return occurrence.process;
  if (placeholder == "{file}") return occurrence.file;
  if (placeholder == "{note}" || placeholder == "{role}") return occurrence.note;
  if (placeholder == "{number}") return occurrence.number == 0 ? "" : std::to_string(occurrence.number);
  if (placeholder == "{nth}") return notation::write_ordinal(occurrence.nth);
  return occurrence.message;
}

// Writes a pattern's words; false if a field that it needs is not set.
bool write(Words pattern, const Occurrence& occurrence, std::string& text) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string& word = pattern[i];
    if (opens_group(word)) {
      const std::size_t end = i + end_of_group(pattern.subspan(i));
      const Words group = pattern.subspan(i + 1, end - i - 1);
      const bool has_field = group.back().front() == '{' && !text_of(group.back(), occurrence).empty();
      if ((word == "(" || has_field) && !write(group, occurrence, text)) return false;
      i = end;
      continue;
    }
    std::string written(first_alternative(word));
    if (word.front() == '{') {
      written = text_of(word, occurrence);
      if (written.empty() && is_name_of_a_process(word)) written = "anyone";
      if (written.empty()) return false;
    }
    if (!text.empty() && word != "'s") text += ' ';
    text += written;
  }
  return true;
}

// A phrase as a person would write it, for a process a: "a receives record 3 [from b]".
std::string example_of(const Phrase& phrase) {
  const std::string_view file = phrase.what == What::renamed ? "checkpoint-*" : "log-*";
  const std::pair<std::string_view, std::string_view> examples[] = {
      {"{process}", "a"}, {"{peer}", "b"},  {"{client}", "c1"},    {"{label}", "split"},  {"{number}", "3"},
      {"{nth}", "2nd"},   {"{file}", file}, {"{note}", "log_cut"}, {"{role}", "seeking"}, {"{message}", "heartbeat"},
  };
  const std::vector<std::string> pattern = words_of(phrase.words, true);
  std::string text;
  bool opened = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string& word = pattern[i];
    if (word == "(" || word == ")") continue;
    if (word == "[" && pattern[i + 1] == "a") {  // an article that is not written
      i += 2;
      continue;
    }
    const auto* example = std::find_if(std::begin(examples), std::end(examples),
                                       [&](const auto& candidate) { return candidate.first == word; });
    const bool is_attached = word == "'s" || word == "]" || opened || text.empty();
    if (!is_attached) text += ' ';
    text += example != std::end(examples) ? example->second : first_alternative(word);
    opened = word == "[";
  }
  return text;
}

}  // namespace

bool can_be_foreseen(Occurrence::What what) {
  constexpr What foreseen[] = {What::receives,       What::synced,         What::written,          What::renamed,
                               What::record_written, What::record_durable, What::operation_issued, What::connected,
                               What::disconnected,   What::started};
  return std::find(std::begin(foreseen), std::end(foreseen), what) != std::end(foreseen);
}

std::optional<Occurrence> read_occurrence(std::string_view phrase, std::string& expected) {
  const auto [words, before, nth] = said_by(phrase);
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
  const bool is_huge = std::any_of(words.begin(), words.end(),
                                   [](const std::string& word) { return notation::is_beyond_numbers(word); });
  const std::vector<std::string> similar = similar_phrases(words);
  if (is_huge)
    expected = "an occurrence with numbers below 2^64";
  else if (similar.empty())
    expected = "an occurrence, as \"before b receives record 3\", \"after a's 2nd fsync\" or \"b goes live\"";
  else
    expected = "an occurrence, as " + one_of(similar);
  return {};
}

std::string nearest_word_of_an_occurrence(std::string_view phrase) {
  if (std::string right = right_word(said_by(phrase).words); !right.empty()) return right;
  std::vector<std::string> vocabulary;
  for (const Phrase& known : phrases) {
    for (const std::string& words : words_of(known.words, true)) {
      for (std::string_view rest = words; !rest.empty() && rest[0] != '{';) {
        vocabulary.emplace_back(first_alternative(rest));
        rest.remove_prefix(std::min(rest.size(), vocabulary.back().size() + 1));
      }
    }
  }
  for (const std::string_view message : message_names()) vocabulary.emplace_back(message);
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

std::vector<OccurrenceDescription> occurrence_descriptions() {
  std::vector<OccurrenceDescription> all;
  for (const Phrase& known : phrases) {
    if (known.means.empty()) continue;
    all.push_back({example_of(known), known.means, can_be_foreseen(known.what)});
  }
  return all;
}

std::vector<std::string> note_names() {
  std::vector<std::string> names;
  for (std::uint16_t i = 0; i <= static_cast<std::uint16_t>(NoteKind::stopped); ++i) {
    names.emplace_back(name(static_cast<NoteKind>(i)));
  }
  return names;
}

std::vector<std::string> role_names() {
  std::vector<std::string> names;
  for (std::uint8_t i = 1; i <= static_cast<std::uint8_t>(Role::stopped); ++i) {
    names.emplace_back(name(static_cast<Role>(i)));
  }
  return names;
}

}  // namespace smalldb::scenarios
