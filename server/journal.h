// The server's own log, for people and for programs that read logs: one line for each thing worth knowing.
//
//     2026-11-28T05:33:01.123456Z info event=role role=primary epoch=3 position=1207
//
// To standard error, or to a file that is opened anew when a signal says so (SIGHUP), so that others may rename it.
//
// Whoever reads it may stop reading: nobody waits for that. Lines for which there is no room are lost, and the next one
// that finds room comes behind a word on how many (`event=log_lines_lost`).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace smalldb::server {

class Journal {
 public:
  enum class Level : std::uint8_t { info, warning, error };

  // A name and a value. Values that hold a space, a quote or a control character are quoted.
  struct Field {
    template <class Number>
    requires std::is_integral_v<Number> Field(std::string_view its_name, Number its_value)
        : name(its_name), value(std::to_string(its_value)) {}
    Field(std::string_view its_name, std::string_view its_value) : name(its_name), value(its_value) {}
    Field(std::string_view its_name, const char* its_value) : name(its_name), value(its_value) {}
    Field(std::string_view its_name, const std::string& its_value) : name(its_name), value(its_value) {}
    std::string_view name;
    std::string value;
  };

  // An empty path: standard error. Throws std::system_error if the file cannot be opened.
  explicit Journal(std::string path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void write(Level level, std::string_view event, const std::vector<Field>& fields);
  void info(std::string_view event, const std::vector<Field>& fields) { write(Level::info, event, fields); }
  void warning(std::string_view event, const std::vector<Field>& fields) { write(Level::warning, event, fields); }
  void error(std::string_view event, const std::vector<Field>& fields) { write(Level::error, event, fields); }

  // Opens the file anew. Keeps the old one if that fails.
  void reopen();

 private:
  static std::string line_of(Level level, std::string_view event, const std::vector<Field>& fields);
  void use(int descriptor);
  // Whether it went out, as far as can be told.
  bool put(std::string line);

  std::string path_;
  int descriptor_ = -1;
  bool may_block_ = false;  // no file: a pipe, a terminal, a socket
  std::uint64_t lost_ = 0;  // lines, since one went out
};

}  // namespace smalldb::server
