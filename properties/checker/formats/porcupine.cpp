#include "properties/checker/formats/porcupine.h"

#include <iterator>
#include <string>
#include <vector>

#include "properties/checker/formats/edn.h"

namespace smalldb::checker {
namespace {

using Kind = Form::Kind;

// The place of a word of a map in `words`.
template <std::size_t Count>
std::size_t choice(const Form& form, const std::string_view (&words)[Count], std::string_view expected) {
  for (std::size_t n = 0; n < Count; ++n) {
    if (form.is_keyword(words[n].substr(1))) return n;
  }
  refuse(form.place, form.describe(), std::string(expected), ":" + std::string(form.text),
         {std::begin(words), std::end(words)});
}

const Form& part(const Form& map, std::string_view name) {
  const Form* found = map.find(name);
  if (found == nullptr) refuse(map.place, "a map without :" + std::string(name), "an event");
  return *found;
}

std::string_view text(const Form& form, std::string& scratch) {
  if (!form.is(Kind::string)) refuse(form.place, form.describe(), "a string");
  return form.unescaped(scratch);
}

}  // namespace

bool is_porcupine(std::string_view line) {
  if (line.find(":key \"") == std::string_view::npos) return false;
  for (const std::string_view verb : {":f :get", ":f :put", ":f :append"}) {
    if (line.find(verb) != std::string_view::npos) return true;
  }
  return false;
}

void read_porcupine(Lines& lines, Builder& builder) {
  static constexpr std::string_view types[] = {":invoke", ":ok"};
  static constexpr std::string_view functions[] = {":get", ":put", ":append"};
  static constexpr Verb verbs[] = {Verb::get, Verb::put, Verb::append};
  Recipient& recipient = builder.recipient();
  recipient.start_all_keys_with(recipient.value(""));
  Maps maps(lines);
  Form map;
  std::string scratch;
  std::vector<std::string> written;  // by process
  while (maps.next(map)) {
    const Form& process_form = part(map, "process");
    if (!process_form.is(Kind::scalar)) refuse(process_form.place, process_form.describe(), "a number: a process");
    const ProcessId process = recipient.process(process_form.text);
    const bool is_call = choice(part(map, "type"), types, ":invoke or :ok") == 0;
    const Form& function = part(map, "f");
    const Verb verb = verbs[choice(function, functions, ":get, :put or :append")];
    const KeyId key = recipient.key(text(part(map, "key"), scratch));
    builder.next_instant();
    if (is_call) {
      Operation operation;
      operation.process = process;
      operation.key = key;
      operation.verb = verb;
      if (verb != Verb::get) operation.argument = recipient.value(text(part(map, "value"), scratch));
      builder.call(operation, map.place);
      const auto number = static_cast<std::size_t>(process);
      if (number >= written.size()) written.resize(number + 1);
      if (verb != Verb::get) written[number] = text(part(map, "value"), scratch);
      continue;
    }
    Operation& operation = builder.answered(process, map.place);
    const Form* const again = verb == Verb::get ? nullptr : map.find("value");
    const bool other_value = again != nullptr && again->is(Kind::string) &&
                             again->unescaped(scratch) != written[static_cast<std::size_t>(process)];
    if (operation.verb != verb || operation.key != key || other_value) {
      refuse(map.place, "an answer to something else", "one to the call of process " + named(process_form.text));
    }
    operation.outcome = Outcome::ok;
    operation.has_result = verb == Verb::get;
    if (verb == Verb::get) operation.result = recipient.value(text(part(map, "value"), scratch));
    builder.close(process, map.place);
  }
}

}  // namespace smalldb::checker
