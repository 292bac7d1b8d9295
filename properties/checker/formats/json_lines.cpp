#include "properties/checker/formats/json_lines.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "properties/checker/formats/json_scanner.h"

namespace smalldb::checker {
namespace {

// The fields of a line. The first ones say what it is: exactly one of them stands in it.
enum Field : std::uint8_t {
  header_field,
  call_field,
  return_field,
  mark_field,
  begins_field,
  ends_field,
  kinds,
  at_field = kinds,
  process_field,
  key_field,
  value_field,
  if_value_field,
  if_revision_field,
  revision_field,
  initial_field,
  initial_of_field,
  field_count
};
constexpr std::string_view field_names[] = {
    "smalldb_history", "call",     "return",      "mark",     "begins",  "ends",      "at", "process", "key",
    "value",           "if_value", "if_revision", "revision", "initial", "initial_of"};
static_assert(std::size(field_names) == field_count);

constexpr std::uint32_t bit(int field) { return std::uint32_t{1} << field; }
constexpr std::uint32_t allowed[] = {bit(initial_field) | bit(initial_of_field),
                                     bit(at_field) | bit(process_field) | bit(key_field) | bit(value_field) |
                                         bit(if_value_field) | bit(if_revision_field),
                                     bit(at_field) | bit(process_field) | bit(value_field) | bit(revision_field),
                                     bit(at_field),
                                     bit(at_field),
                                     bit(at_field)};
constexpr std::uint32_t required[] = {0, bit(process_field) | bit(key_field), bit(process_field), 0, 0, 0};

std::vector<std::string> names_of(std::uint32_t fields) {
  std::vector<std::string> names;
  for (int field = 0; field < field_count; ++field) {
    if ((fields & bit(field)) != 0) names.emplace_back(field_names[field]);
  }
  return names;
}

std::string listed(const std::vector<std::string>& words, std::string_view last) {
  std::string text;
  for (std::size_t n = 0; n < words.size(); ++n) {
    text += (n == 0 ? "" : n + 1 == words.size() ? std::string(last) : std::string(", ")) + words[n];
  }
  return text;
}

int digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

class Reader {
 public:
  Reader(Lines& lines, Builder& builder) : lines_(lines), builder_(builder) {}

  void read() {
    while (lines_.next()) {
      if (lines_.text().find_first_not_of(" \t") == std::string_view::npos) continue;
      take_line();
    }
  }

 private:
  using MaybeBytes = std::optional<std::string_view>;  // nothing: absent

  bool has(Field field) const { return (fields_ & bit(field)) != 0; }
  Place place_of(Field field) const { return places_[field]; }

  void take_line() {
    JsonScanner json(lines_);
    fields_ = 0;
    json.open_object();
    while (json.next_field()) take_field(json);
    json.finish();
    const Field kind = kind_of_line();
    check_fields(kind);
    if (kind == header_field) return take_header();
    take_instant();
    ++events_;
    switch (kind) {
      case call_field: return take_call();
      case return_field: return take_return();
      case mark_field: return builder_.mark(texts_[mark_field]);
      case begins_field: return builder_.begin_mark(texts_[begins_field], place_of(begins_field));
      default: return builder_.end_mark(texts_[ends_field], place_of(ends_field));
    }
  }

  void take_field(JsonScanner& json) {
    const auto* name = std::find(std::begin(field_names), std::end(field_names), json.field());
    if (name == std::end(field_names)) {
      refuse(json.field_place(), "the field " + shown(json.field()), listed(names_of(bit(field_count) - 1), " or "),
             json.field(), names_of(bit(field_count) - 1));
    }
    const auto field = static_cast<Field>(name - std::begin(field_names));
    if (has(field)) refuse(json.field_place(), "the field " + shown(json.field()) + " twice", "it once");
    fields_ |= bit(field);
    places_[field] = json.place();
    switch (field) {
      case header_field:
        if (json.count("1") != 1) refuse(place_of(field), "another version of this format", "1");
        break;
      case at_field: at_ = json.integer("a whole number: an instant"); break;
      case if_revision_field: numbers_[field] = expected_revision(json); break;
      case revision_field: numbers_[field] = revision(json, "a revision: a whole number from 0 on"); break;
      case key_field:
      case process_field:
      case mark_field:
      case begins_field:
      case ends_field: texts_[field] = bytes(json, scratch_[field]); break;
      case value_field:
      case if_value_field:
      case initial_field: values_[field] = value(json, scratch_[field]); break;
      case initial_of_field: take_initial_of(json); break;
      default: texts_[field] = json.string(scratch_[field]); break;
    }
  }

  // {"hex":"00ff"} for what is not UTF-8.
  std::string_view bytes(JsonScanner& json, std::string& scratch) {
    if (!json.is_object()) return json.string(scratch, "a string, or {\"hex\": \"...\"}");
    json.open_object();
    const Place place = json.place();
    if (!json.next_field() || json.field() != "hex") refuse(place, "another object", "{\"hex\": \"...\"}");
    const Place digits_place = json.place();
    std::string digits_scratch;
    const std::string_view digits = json.string(digits_scratch);
    const bool good = digits.size() % 2 == 0 &&
                      std::all_of(digits.begin(), digits.end(), [](char letter) { return digit(letter) >= 0; });
    if (!good) refuse(digits_place, shown(digits), "two hexadecimal digits for each byte");
    scratch.clear();
    for (std::size_t n = 0; n < digits.size(); n += 2) {
      scratch += static_cast<char>(digit(digits[n]) * 16 + digit(digits[n + 1]));
    }
    if (json.next_field()) refuse(json.field_place(), "the field " + shown(json.field()), "nothing beside \"hex\"");
    return scratch;
  }

  MaybeBytes value(JsonScanner& json, std::string& scratch) {
    if (json.is_null()) return std::nullopt;
    return bytes(json, scratch);
  }

  // Within, the greatest number is no revision.
  static std::uint64_t revision(JsonScanner& json, std::string_view expected) {
    const Place place = json.place();
    const std::uint64_t number = json.count(expected);
    if (number == any_revision) refuse(place, shown(std::to_string(number)), std::string(expected) + ", and less");
    return number;
  }

  // "any" for a key that is there, whatever its revision.
  std::uint64_t expected_revision(JsonScanner& json) {
    constexpr std::string_view expected = "a revision: a whole number from 0 on, or \"any\"";
    if (!json.is_string()) return revision(json, expected);
    const Place place = json.place();
    if (json.string(scratch_[if_revision_field]) != "any") refuse(place, "another word", std::string(expected));
    return any_revision;
  }

  ValueId id_of(const MaybeBytes& value) { return value ? builder_.recipient().value(*value) : ValueId::absent; }

  // [{"key":"x","value":"1"}]
  void take_initial_of(JsonScanner& json) {
    initial_of_.clear();
    std::vector<bool> told;
    json.open_list("a list: [{\"key\": ..., \"value\": ...}]");
    while (json.next_item()) {
      std::optional<KeyId> key;
      std::optional<ValueId> held;
      const Place place = json.place();
      json.open_object();
      while (json.next_field()) {
        const Place at = json.field_place();
        if (json.field() == "key" && !key) {
          key = builder_.recipient().key(bytes(json, scratch_[initial_of_field]));
        } else if (json.field() == "value" && !held) {
          held = id_of(value(json, scratch_[initial_of_field]));
        } else {
          refuse(at, "the field " + shown(json.field()), "\"key\" and \"value\", once each", json.field(),
                 {"key", "value"});
        }
      }
      if (!key || !held) refuse(place, "an object with less", "\"key\" and \"value\"");
      const auto number = static_cast<std::size_t>(*key);
      if (number >= told.size()) told.resize(std::max(number + 1, 2 * told.size()));
      if (told[number]) refuse(place, "what a key holds at first, twice", "it once");
      told[number] = true;
      initial_of_.emplace_back(*key, *held);
    }
  }

  Field kind_of_line() const {
    const std::uint32_t found = fields_ & (bit(kinds) - 1);
    if (found == 0 || (found & (found - 1)) != 0) {
      const std::vector<std::string> words = names_of(found);
      refuse(lines_.at(0), found == 0 ? "an object that is no event" : "an object with " + listed(words, " and "),
             "exactly one of " + listed(names_of(bit(kinds) - 1), " or "));
    }
    int kind = 0;
    while ((found & bit(kind)) == 0) ++kind;
    return static_cast<Field>(kind);
  }

  void check_fields(Field kind) const {
    const std::string_view what = field_names[kind];
    for (int field = kinds; field < field_count; ++field) {
      if (has(static_cast<Field>(field)) && (allowed[kind] & bit(field)) == 0) {
        refuse(places_[field], "\"" + std::string(field_names[field]) + "\" beside \"" + std::string(what) + "\"",
               allowed[kind] == 0 ? "nothing beside it" : "no other than " + listed(names_of(allowed[kind]), " and "));
      }
      if (!has(static_cast<Field>(field)) && (required[kind] & bit(field)) != 0) {
        refuse(place_of(kind), "\"" + std::string(what) + "\" without \"" + std::string(field_names[field]) + "\"",
               "both");
      }
    }
  }

  void take_header() {
    if (events_ != 0 || header_seen_) refuse(lines_.at(0), "a header", "it in the first line, once");
    header_seen_ = true;
    Recipient& recipient = builder_.recipient();
    if (has(initial_field)) recipient.start_all_keys_with(id_of(values_[initial_field]));
    if (!has(initial_of_field)) return;
    for (const auto& [key, value] : initial_of_) recipient.start_with(key, value);
  }

  void take_instant() {
    if (events_ == 0) timed_ = has(at_field);
    if (timed_ != has(at_field)) {
      refuse(timed_ ? lines_.at(0) : place_of(at_field), timed_ ? "a line without \"at\"" : "a line with \"at\"",
             "it in all lines or in none");
    }
    if (timed_) {
      builder_.at(at_, place_of(at_field));
    } else {
      builder_.next_instant();
    }
  }

  void take_call() {
    const std::string_view word = texts_[call_field];
    Operation operation;
    operation.process = builder_.recipient().process(texts_[process_field]);
    operation.key = builder_.recipient().key(texts_[key_field]);
    operation.verb = verb_of(word);
    const bool writes = word == "put" || word == "append";
    if (writes != has(value_field)) {
      refuse(writes ? place_of(call_field) : place_of(value_field),
             writes ? shown(word) + " without \"value\"" : "\"value\" beside " + shown(word), writes ? "both" : "none");
    }
    if (writes) {
      if (!values_[value_field]) refuse(place_of(value_field), "null", "a value to write; delete leaves none");
      operation.argument = id_of(values_[value_field]);
    }
    if (has(if_value_field)) operation.expected = id_of(values_[if_value_field]);
    if (has(if_revision_field)) operation.expected_revision = numbers_[if_revision_field];
    builder_.call(operation, lines_.at(0));
  }

  Verb verb_of(std::string_view word) const {
    static constexpr std::string_view words[] = {"get", "put", "delete", "append"};
    if (std::find(std::begin(words), std::end(words), word) == std::end(words)) {
      refuse(place_of(call_field), "the word " + shown(word), "get, put, delete or append", word,
             {std::begin(words), std::end(words)});
    }
    const bool by_value = has(if_value_field), by_revision = has(if_revision_field);
    if (by_value && by_revision) refuse(place_of(if_revision_field), "two conditions", "one");
    if (word == "put") return by_value ? Verb::swap_if_value : by_revision ? Verb::swap_if_revision : Verb::put;
    if (word == "delete") {
      return by_value ? Verb::remove_if_value : by_revision ? Verb::remove_if_revision : Verb::remove;
    }
    if (by_value || by_revision) {
      refuse(place_of(by_value ? if_value_field : if_revision_field), "a condition of " + shown(word),
             "one of put or delete");
    }
    return word == "get" ? Verb::get : Verb::append;
  }

  void take_return() {
    const std::string_view word = texts_[return_field];
    static constexpr std::string_view words[] = {"ok", "mismatched", "failed", "unknown"};
    const auto* found = std::find(std::begin(words), std::end(words), word);
    if (found == std::end(words)) {
      refuse(place_of(return_field), "the word " + shown(word), "ok, mismatched, failed or unknown", word,
             {std::begin(words), std::end(words)});
    }
    const ProcessId process = builder_.recipient().process(texts_[process_field]);
    Operation& operation = builder_.answered(process, lines_.at(0));
    operation.outcome = static_cast<Outcome>(found - std::begin(words));
    check_answer(operation);
    operation.has_result = has(value_field);
    if (has(value_field)) operation.result = id_of(values_[value_field]);
    if (has(revision_field)) operation.revision = numbers_[revision_field];
    builder_.close(process, lines_.at(0));
  }

  // What an answer may say, and must.
  void check_answer(const Operation& operation) const {
    const bool is_get = operation.verb == Verb::get;
    const bool is_conditional = operation.verb >= Verb::swap_if_value;
    if (operation.outcome == Outcome::mismatched && !is_conditional) {
      refuse(place_of(return_field), "a mismatch of what has no condition", "ok, failed or unknown");
    }
    const bool reads = (is_get && operation.outcome == Outcome::ok) || operation.outcome == Outcome::mismatched;
    if (has(value_field) && !reads) {
      refuse(place_of(value_field), "a value in this answer",
             "one only of a get that is ok, or of what is mismatched: what was there");
    }
    if (is_get && operation.outcome == Outcome::ok && !has(value_field)) {
      refuse(place_of(return_field), "a get that is ok without \"value\"", "what it read, null for nothing");
    }
    const bool claims = operation.outcome == Outcome::ok || operation.outcome == Outcome::mismatched;
    if (has(revision_field) && !claims) {
      refuse(place_of(revision_field), "a revision in this answer", "one only of what is ok or mismatched");
    }
  }

  Lines& lines_;
  Builder& builder_;
  std::uint64_t events_ = 0;
  bool header_seen_ = false;
  bool timed_ = false;

  // Of the present line, by Field.
  std::uint32_t fields_ = 0;
  std::array<Place, field_count> places_;
  std::array<std::string_view, field_count> texts_;
  std::array<MaybeBytes, field_count> values_;
  std::array<std::uint64_t, field_count> numbers_{};
  std::array<std::string, field_count> scratch_;
  std::vector<std::pair<KeyId, ValueId>> initial_of_;
  Instant at_ = 0;
};

}  // namespace

void read_json_lines(Lines& lines, Builder& builder) { Reader(lines, builder).read(); }

}  // namespace smalldb::checker
