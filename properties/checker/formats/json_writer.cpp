#include "properties/checker/formats/json_writer.h"

#include <algorithm>
#include <tuple>

#include "properties/checker/formats/utf8.h"

namespace smalldb::checker {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

void append_string(std::string_view text, std::string& out) {
  out += '"';
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += hex_digits[byte >> 4];
      out += hex_digits[byte & 15];
    } else {
      out += letter;
    }
  }
  out += '"';
}

void append_bytes(std::string_view bytes, std::string& out) {
  if (is_utf8(bytes)) return append_string(bytes, out);
  out += "{\"hex\":\"";
  for (const char letter : bytes) {
    const auto byte = static_cast<unsigned char>(letter);
    out += hex_digits[byte >> 4];
    out += hex_digits[byte & 15];
  }
  out += "\"}";
}

void append_value(const History& history, ValueId value, std::string& out) {
  if (value == ValueId::absent) {
    out += "null";
  } else {
    append_bytes(history.bytes(value), out);
  }
}

void append_head(const History& history, ProcessId process, Instant at, std::string& out) {
  out += "{\"at\":" + std::to_string(at) + ",\"process\":";
  append_bytes(history.name(process), out);
}

std::string_view word(Verb verb) {
  switch (verb) {
    case Verb::get: return "get";
    case Verb::put:
    case Verb::swap_if_value:
    case Verb::swap_if_revision: return "put";
    case Verb::remove:
    case Verb::remove_if_value:
    case Verb::remove_if_revision: return "delete";
    case Verb::append: return "append";
  }
  return "?";
}

std::string_view word(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::mismatched: return "mismatched";
    case Outcome::failed: return "failed";
    case Outcome::unknown: return "unknown";
  }
  return "?";
}

}  // namespace

std::string json_text(std::string_view bytes) {
  std::string text;
  append_bytes(bytes, text);
  return text;
}

void write_json_header(const History& history, std::string& out) {
  out += "{\"smalldb_history\":1,\"initial\":";
  append_value(history, history.initial(), out);
  std::string keys;
  for (std::uint32_t number = 0; number < history.key_count(); ++number) {
    const KeyId key{number};
    if (history.initial(key) == history.initial()) continue;
    keys += keys.empty() ? "{\"key\":" : ",{\"key\":";
    append_bytes(history.name(key), keys);
    keys += ",\"value\":";
    append_value(history, history.initial(key), keys);
    keys += '}';
  }
  if (!keys.empty()) out += ",\"initial_of\":[" + keys + "]";
  out += "}\n";
}

void write_json_call(const History& history, const Operation& operation, std::string& out) {
  append_head(history, operation.process, operation.invoked, out);
  out += ",\"call\":\"";
  out += word(operation.verb);
  out += "\",\"key\":";
  append_bytes(history.name(operation.key), out);
  const Verb verb = operation.verb;
  const bool writes = word(verb) == "put" || verb == Verb::append;
  if (writes) {
    out += ",\"value\":";
    append_value(history, operation.argument, out);
  }
  if (verb == Verb::swap_if_value || verb == Verb::remove_if_value) {
    out += ",\"if_value\":";
    append_value(history, operation.expected, out);
  } else if (verb == Verb::swap_if_revision || verb == Verb::remove_if_revision) {
    const bool any = operation.expected_revision == any_revision;
    out += ",\"if_revision\":" + (any ? "\"any\"" : std::to_string(operation.expected_revision));
  }
  out += "}\n";
}

void write_json_return(const History& history, const Operation& operation, Instant at, std::string& out) {
  append_head(history, operation.process, at, out);
  out += ",\"return\":\"";
  out += word(operation.outcome);
  out += '"';
  const bool is_read = operation.verb == Verb::get && operation.outcome == Outcome::ok;
  if (is_read || (operation.outcome == Outcome::mismatched && operation.has_result)) {
    out += ",\"value\":";
    append_value(history, operation.result, out);
  }
  if (operation.revision != 0) out += ",\"revision\":" + std::to_string(operation.revision);
  out += "}\n";
}

void write_json_mark(MarkLine line, std::string_view text, Instant at, std::string& out) {
  constexpr std::string_view fields[] = {"mark", "begins", "ends"};
  out += "{\"at\":" + std::to_string(at) + ",\"";
  out += fields[static_cast<std::size_t>(line)];
  out += "\":";
  append_bytes(text, out);
  out += "}\n";
}

std::string write_json_lines(const History& history) {
  // Answers come before calls, so that a process is free for its next; that of an operation which took no time behind
  // its call.
  enum Kind : std::uint8_t { begins, call, answer, ends };
  struct Event {
    Instant at;
    std::uint8_t phase;
    std::size_t position;
    Kind kind;
  };
  std::vector<Event> events;
  const Operations& operations = history.operations();
  for (std::size_t n = 0; n < operations.size(); ++n) {
    const Operation& operation = operations[n];
    events.push_back({operation.invoked, 2, n, call});
    if (operation.returned == never) continue;
    events.push_back(
        {operation.returned, static_cast<std::uint8_t>(operation.returned > operation.invoked ? 1 : 2), n, answer});
  }
  for (std::size_t n = 0; n < history.marks().size(); ++n) {
    events.push_back({history.marks()[n].from, 0, n, begins});
    events.push_back({history.marks()[n].to, 3, n, ends});
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tie(a.at, a.phase, a.position, a.kind) < std::tie(b.at, b.phase, b.position, b.kind);
  });

  std::string out;
  write_json_header(history, out);
  std::vector<const Operation*> open(history.process_count());
  for (const Event& event : events) {
    const std::string_view mark = event.kind == begins || event.kind == ends
                                      ? std::string_view(history.marks()[event.position].text)
                                      : std::string_view();
    switch (event.kind) {
      case begins: write_json_mark(MarkLine::begins, mark, event.at, out); break;
      case ends: write_json_mark(MarkLine::ends, mark, event.at, out); break;
      case call: {
        const Operation& operation = operations[event.position];
        const Operation*& before = open[static_cast<std::size_t>(operation.process)];
        if (before != nullptr) write_json_return(history, *before, event.at, out);
        before = operation.returned == never ? &operation : nullptr;
        write_json_call(history, operation, out);
        break;
      }
      case answer: write_json_return(history, operations[event.position], event.at, out); break;
    }
  }
  return out;
}

}  // namespace smalldb::checker
