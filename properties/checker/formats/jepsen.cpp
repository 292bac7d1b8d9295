#include "properties/checker/formats/jepsen.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "properties/checker/formats/edn.h"

namespace smalldb::checker {
namespace {

using Kind = Form::Kind;

constexpr std::string_view types[] = {":invoke", ":ok", ":fail", ":info"};
struct Function {
  std::string_view word;
  Verb verb;
};
constexpr Function functions[] = {{":read", Verb::get},      {":get", Verb::get},           {":write", Verb::put},
                                  {":put", Verb::put},       {":cas", Verb::swap_if_value}, {":append", Verb::append},
                                  {":delete", Verb::remove}, {":remove", Verb::remove}};

// The parts of an event, of whichever file.
struct Event {
  Place place;
  const Form* process = nullptr;
  const Form* type = nullptr;
  const Form* function = nullptr;
  const Form* value = nullptr;  // null: nil
  const Form* key = nullptr;
  bool has_error = false;
};

class Events {
 public:
  explicit Events(Builder& builder) : builder_(builder) {}

  // REQUIRES: process, type and function are there.
  void take(const Event& event) {
    const std::size_t type = type_of(*event.type);
    builder_.next_instant();
    if (event.process->is(Kind::keyword)) return take_mark(event);
    if (!event.process->is(Kind::scalar)) {
      refuse(event.process->place, event.process->describe(), "a process: a number, or :nemesis");
    }
    const ProcessId process = builder_.recipient().process(event.process->text);
    if (static_cast<std::size_t>(process) >= waiting_.size()) waiting_.resize(static_cast<std::size_t>(process) + 1);
    if (type == 0) return take_call(event, process);
    take_answer(event, process, type);
  }

 private:
  // How the call of a process stood in the file, for its answer to stand likewise.
  struct Waiting {
    std::string_view function;
    bool is_tuple = false;
    std::string key;
    std::string value;
  };

  static std::size_t type_of(const Form& type) {
    for (std::size_t n = 0; n < std::size(types); ++n) {
      if (type.is_keyword(types[n].substr(1))) return n;
    }
    refuse(type.place, type.describe(), ":invoke, :ok, :fail or :info", ":" + std::string(type.text),
           {std::begin(types), std::end(types)});
  }

  static const Function& function_of(const Form& form) {
    for (const Function& function : functions) {
      if (form.is_keyword(function.word.substr(1))) return function;
    }
    std::vector<std::string> words;
    for (const Function& function : functions) words.emplace_back(function.word);
    refuse(form.place, form.describe(), "an operation on a key: :read, :write, :cas, :append or :delete",
           ":" + std::string(form.text), std::move(words));
  }

  // An independent register's value stands in a tuple with its key. A :cas has two values itself.
  static bool is_tuple(const Form* value, Verb verb) {
    if (value == nullptr || !value->is(Kind::list) || value->items.size() != 2) return false;
    return verb != Verb::swap_if_value || value->items[1].is(Kind::list);
  }

  static const Form* held(const Form* value, bool in_tuple) {
    if (value == nullptr) return nullptr;
    const Form* inside = in_tuple ? &value->items[1] : value;
    return inside->is(Kind::nil) ? nullptr : inside;
  }

  std::string_view text_of(const Form& form) {
    if (form.is(Kind::list) || form.is(Kind::map)) {
      refuse(form.place, form.describe(), "one value: a number, a string or a keyword");
    }
    if (form.is(Kind::keyword)) return scratch_ = ":" + std::string(form.text);
    if (is_big_integer(form)) return form.text.substr(0, form.text.size() - 1);
    return form.is(Kind::nil) ? "nil" : form.unescaped(scratch_);
  }

  // As 1N, which is the same number as 1.
  static bool is_big_integer(const Form& form) {
    if (!form.is(Kind::scalar) || form.text.size() < 2 || form.text.back() != 'N') return false;
    const std::string_view digits = form.text.substr(form.text.front() == '-' ? 1 : 0);
    return digits.size() > 1 && digits.find_first_not_of("0123456789") == digits.size() - 1;
  }

  // What stands for a value, or for a condition and a value.
  std::string words_of(const Form& form) {
    if (!form.is(Kind::list)) return std::string(text_of(form));
    std::string words;
    for (const Form& item : form.items) words += std::string(text_of(item)) + '\n';
    return words;
  }

  ValueId value_of(const Form& form) {
    return form.is(Kind::nil) ? ValueId::absent : builder_.recipient().value(text_of(form));
  }

  void take_call(const Event& event, ProcessId process) {
    const Function& function = function_of(*event.function);
    const bool tuple = event.key == nullptr && is_tuple(event.value, function.verb);
    const Form* key = event.key != nullptr ? event.key : tuple ? &event.value->items[0] : nullptr;
    Operation operation;
    operation.process = process;
    operation.key = builder_.recipient().key(key == nullptr ? "register" : text_of(*key));
    operation.verb = function.verb;
    const Form* value = held(event.value, tuple);
    if (function.verb == Verb::put || function.verb == Verb::append) {
      if (value == nullptr) refuse(event.place, std::string(function.word) + " of nothing", "a value to write");
      operation.argument = value_of(*value);
    } else if (function.verb == Verb::swap_if_value) {
      if (value == nullptr || !value->is(Kind::list) || value->items.size() != 2) {
        refuse(value == nullptr ? event.place : value->place, value == nullptr ? "nil" : value->describe(),
               "[expected new]");
      }
      if (value->items[1].is(Kind::nil)) refuse(value->items[1].place, "nil", "a value to write");
      operation.expected = value_of(value->items[0]);
      operation.argument = value_of(value->items[1]);
    }
    builder_.call(operation, event.place);
    Waiting& waiting = waiting_[static_cast<std::size_t>(process)];
    waiting.function = function.word;
    waiting.is_tuple = tuple;
    waiting.key = key == nullptr ? std::string_view() : text_of(*key);
    waiting.value = value == nullptr || function.verb == Verb::get ? std::string() : words_of(*value);
  }

  // An answer may say again what it is the answer to, but not of another key, nor that something else was written.
  void check_is_of_call(const Event& event, const Waiting& waiting, const Operation& operation) {
    const bool in_tuple = waiting.is_tuple && is_tuple(event.value, operation.verb);
    const Form* key = event.key != nullptr ? event.key : in_tuple ? &event.value->items[0] : nullptr;
    if (key != nullptr && !waiting.key.empty() && text_of(*key) != waiting.key) {
      refuse(key->place, "an answer about the key " + shown(text_of(*key)), shown(waiting.key) + ", as in the call");
    }
    const Form* value = held(event.value, in_tuple);
    const bool is_pair = value != nullptr && value->is(Kind::list) && value->items.size() == 2;
    const bool says_again = operation.verb == Verb::swap_if_value
                                ? is_pair
                                : value != nullptr && !value->is(Kind::list) && !value->is(Kind::map);
    if (operation.verb == Verb::get || operation.outcome != Outcome::ok || !says_again) return;
    if (const std::string words = words_of(*value); !waiting.value.empty() && words != waiting.value) {
      refuse(value->place, "an answer to something else", "the value of the call, or none");
    }
  }

  void take_answer(const Event& event, ProcessId process, std::size_t type) {
    Operation& operation = builder_.answered(process, event.place);
    const Waiting& waiting = waiting_[static_cast<std::size_t>(process)];
    const Function& function = function_of(*event.function);
    if (function.verb != operation.verb) {
      refuse(event.function->place, std::string(function.word) + " in the answer to " + std::string(waiting.function),
             std::string(waiting.function));
    }
    const bool is_swap = operation.verb == Verb::swap_if_value;
    const bool failed_by_value =
        is_swap && !event.has_error && !(event.value != nullptr && event.value->is(Kind::keyword));
    operation.outcome = type == 1         ? Outcome::ok
                        : type == 3       ? Outcome::unknown
                        : failed_by_value ? Outcome::mismatched
                                          : Outcome::failed;
    check_is_of_call(event, waiting, operation);
    if (operation.verb == Verb::get && operation.outcome == Outcome::ok) {
      if (waiting.is_tuple && !is_tuple(event.value, Verb::get)) {
        refuse(event.value == nullptr ? event.place : event.value->place,
               event.value == nullptr ? "nil" : event.value->describe(), "[key value], as in the call");
      }
      const Form* value = held(event.value, waiting.is_tuple);
      operation.result = value == nullptr ? ValueId::absent : value_of(*value);
      operation.has_result = true;
    }
    builder_.close(process, event.place);
  }

  // A nemesis says when it begins to do something and when it has done it. What `start...` did lasts until `stop...`.
  void take_mark(const Event& event) {
    if (!event.process->is_keyword("nemesis")) {
      refuse(event.process->place, event.process->describe(), "a process: a number, or :nemesis",
             ":" + std::string(event.process->text), {":nemesis"});
    }
    std::string text(event.function->text);
    const bool is_done = nemesis_at_work_ == text;
    nemesis_at_work_ = is_done ? std::string() : text;
    const std::string rest = text.substr(text.starts_with("start") ? 5 : text.starts_with("stop") ? 4 : 0);
    if (text.starts_with("start")) {
      if (!builder_.has_mark("nemesis: start" + rest)) builder_.begin_mark("nemesis: start" + rest, event.place);
    } else if (text.starts_with("stop") && builder_.has_mark("nemesis: start" + rest)) {
      if (is_done) builder_.end_mark("nemesis: start" + rest, event.place);
    } else if (!is_done) {
      builder_.mark("nemesis: " + text);
    }
  }

  Builder& builder_;
  std::vector<Waiting> waiting_;  // by process
  std::string nemesis_at_work_;
  std::string scratch_;
};

}  // namespace

void read_jepsen(Lines& lines, Builder& builder) {
  Maps maps(lines);
  Events events(builder);
  Form map;
  std::int64_t last_time = std::numeric_limits<std::int64_t>::min();
  while (maps.next(map)) {
    Event event;
    event.place = map.place;
    event.process = map.find("process");
    event.type = map.find("type");
    event.function = map.find("f");
    const Form* parts[] = {event.process, event.type, event.function};
    constexpr std::string_view names[] = {":process", ":type", ":f"};
    for (std::size_t n = 0; n < std::size(parts); ++n) {
      if (parts[n] == nullptr) refuse(map.place, "a map without " + std::string(names[n]), "an event");
    }
    event.value = map.find("value");
    if (event.value != nullptr && event.value->is(Kind::nil)) event.value = nullptr;
    event.key = map.find("key");
    if (event.key != nullptr && event.key->is(Kind::nil)) event.key = nullptr;
    event.has_error = map.find("error") != nullptr;
    if (const Form* time = map.find("time"); time != nullptr && time->is(Kind::scalar)) {
      std::int64_t now = 0;
      const auto [end, error] = std::from_chars(time->text.data(), time->text.data() + time->text.size(), now);
      if (error != std::errc() || end != time->text.data() + time->text.size()) {
        refuse(time->place, time->describe(), "nanoseconds: a whole number");
      }
      if (now < last_time) {
        refuse(time->place, "the time " + std::to_string(now) + " after " + std::to_string(last_time),
               "a time that does not go back");
      }
      last_time = now;
    }
    events.take(event);
  }
}

// A log has lines of others between those that matter. What stands behind the value is an error, in any words.
void read_jepsen_log(Lines& lines, Builder& builder) {
  Events events(builder);
  constexpr std::string_view logger = "jepsen.util";
  while (lines.next()) {
    const std::string_view line = lines.text();
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    const std::size_t at = line.find(logger);
    if (at == std::string_view::npos) {
      const std::string_view level = line.substr(0, line.find_first_of(" \t"));
      static constexpr std::string_view levels[] = {"INFO", "WARN", "ERROR", "DEBUG"};
      const bool is_date = !level.empty() && level.front() >= '0' && level.front() <= '9';
      bool is_known = is_date;
      for (const std::string_view one : levels) is_known = is_known || one == level;
      if (is_known) continue;
      refuse(lines.at(0), shown(line), "a line of Jepsen's log: INFO  jepsen.util - 0 :invoke :read nil");
    }
    const std::size_t start = line.find_first_not_of(" -:\t", at + logger.size());
    const bool is_nemesis = line.substr(at).find(":nemesis") != std::string_view::npos;
    const std::size_t from = is_nemesis ? line.find(":nemesis", at) : start;
    FormParser parser(line.substr(std::min(from, line.size())), lines.at(std::min(from, line.size())));
    std::array<Form, 4> forms;
    std::size_t count = 0;
    while (count < forms.size() && parser.next(forms[count])) ++count;
    if (count < forms.size()) {
      refuse(lines.at(line.size()), "the end of the line", "a process, a type, a function and a value");
    }
    Event event;
    event.place = lines.at(0);
    event.process = &forms[0];
    event.type = &forms[1];
    event.function = &forms[2];
    event.value = forms[3].is(Kind::nil) ? nullptr : &forms[3];
    event.has_error = parser.has_more();
    events.take(event);
  }
}

}  // namespace smalldb::checker
