// A file that the user wants written beside the report, if any.
#pragma once

#include <fstream>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace smalldb::cli {

class FileOutput {
 public:
  // `command` and `what` are for errors: "smalldb-sim run: cannot write the trace to ...". No name: nothing is wanted.
  FileOutput(std::string command, std::string what, std::string name)
      : command_(std::move(command)), what_(std::move(what)), name_(std::move(name)) {}

  // Where to write; null if nothing is wanted.
  std::ostream* stream() { return name_.empty() ? nullptr : &out_; }
  // False, and said so, if not all of it was written.
  bool close();

 private:
  friend bool open_all(std::initializer_list<FileOutput*> files, const std::vector<std::string>& inputs);

  // Empty, or why it cannot be written.
  std::string open();

  std::string command_, what_, name_;
  std::ofstream out_;
};

// Opens all of them, of a command that reads `inputs`. False, and said which and why, if one cannot be written, or
// would be written over what is read or over another of them.
bool open_all(std::initializer_list<FileOutput*> files, const std::vector<std::string>& inputs);

// Whether two names are of one regular file that is there.
bool is_one_file(const std::string& one, const std::string& other);

// Closes all of them. False, and said of which, if not all of each was written.
bool all_written(std::initializer_list<FileOutput*> files);

}  // namespace smalldb::cli
