#include "properties/checker/formats/reader.h"

#include <utility>

#include "properties/checker/formats/builder.h"
#include "properties/checker/formats/jepsen.h"
#include "properties/checker/formats/json_lines.h"
#include "properties/checker/formats/lines.h"
#include "properties/checker/formats/porcupine.h"

namespace smalldb::checker {
namespace {

// By the first line that says something.
Format format_of(Lines& lines) {
  while (lines.next()) {
    const std::size_t start = lines.text().find_first_not_of(" \t");
    if (start == std::string_view::npos) continue;
    lines.put_back();
    const std::string_view text = lines.text().substr(start);
    // Of EDN: a tag as #jepsen.history.Op{...} and what stands around it, or a comment.
    const bool is_edn = std::string_view("#[(;").find(text.front()) != std::string_view::npos;
    if (!is_edn && (text.find("jepsen") < text.find('{') || text.starts_with("INFO"))) return Format::jepsen_log;
    const std::size_t first = text.find_first_not_of(" \t,[({#;");
    if (text.front() == '{' && first != std::string_view::npos && text[first] == '"') return Format::json;
    if (std::string_view("{[(#;").find(text.front()) == std::string_view::npos) break;
    return is_porcupine(text) ? Format::porcupine : Format::jepsen;
  }
  throw Malformed{lines.number(),
                  lines.number() == 0 ? 0U : 1U,
                  lines.number() == 0 ? "nothing" : "the line " + shown(lines.text()),
                  "a history: JSON lines, Jepsen's EDN or log, or Porcupine's text",
                  {},
                  {}};
}

}  // namespace

void read_into(Recipient& recipient, Source& source, const ReadOptions& options) {
  Lines lines(source);
  const Format format = options.format == Format::automatic ? format_of(lines) : options.format;
  Builder builder(recipient);
  switch (format) {
    case Format::automatic: break;
    case Format::json: read_json_lines(lines, builder); break;
    case Format::jepsen: read_jepsen(lines, builder); break;
    case Format::jepsen_log: read_jepsen_log(lines, builder); break;
    case Format::porcupine: read_porcupine(lines, builder); break;
  }
  if (builder.finish() == 0) throw Malformed{0, 0, "no operation", "at least one", {}, {}};
}

std::string_view name(Format format) {
  switch (format) {
    case Format::automatic: return "automatic";
    case Format::json: return "json";
    case Format::jepsen: return "jepsen";
    case Format::jepsen_log: return "jepsen-log";
    case Format::porcupine: return "porcupine";
  }
  return "?";
}

Read read(Source& source, const ReadOptions& options) {
  try {
    History history;
    Recorder recorder(history, options.lines);
    read_into(recorder, source, options);
    if (options.initial) history.start_all_keys_with(history.value(*options.initial));
    return history;
  } catch (Malformed& malformed) {
    return std::move(malformed);
  }
}

}  // namespace smalldb::checker
