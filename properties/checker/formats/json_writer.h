// Writes our JSON lines (json_lines.h): for a history that comes event by event, or is there as a whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "properties/checker/history.h"

namespace smalldb::checker {

// A key or a value as JSON: a string, or {"hex":"..."} if it is not UTF-8.
std::string json_text(std::string_view bytes);

// Each appends one line, with its end, to `out`. The names and values of `operation` are those of `history`.
void write_json_header(const History& history, std::string& out);
void write_json_call(const History& history, const Operation& operation, std::string& out);
void write_json_return(const History& history, const Operation& operation, Instant at, std::string& out);
enum class MarkLine : std::uint8_t { at, begins, ends };
void write_json_mark(MarkLine line, std::string_view text, Instant at, std::string& out);

// All of a history, in the order of its instants. Reading it gives the same history again. REQUIRES: each process does
// one thing at a time.
std::string write_json_lines(const History& history);

}  // namespace smalldb::checker
