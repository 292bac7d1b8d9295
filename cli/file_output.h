// A file that the user wants written beside the report, if any.
#pragma once

#include <fstream>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <utility>

namespace smalldb::cli {

class FileOutput {
 public:
  // `command` and `what` are for errors: "smalldb-sim run: cannot write the trace to ...". No name: nothing is wanted.
  FileOutput(std::string command, std::string what, std::string name)
      : command_(std::move(command)), what_(std::move(what)), name_(std::move(name)) {}

  // False, and said why, if it cannot be written.
  bool open();
  // Where to write; null if nothing is wanted.
  std::ostream* stream() { return name_.empty() ? nullptr : &out_; }
  // False, and said so, if not all of it was written.
  bool close();

 private:
  std::string command_, what_, name_;
  std::ofstream out_;
};

// Closes all of them. False, and said of which, if not all of each was written.
bool all_written(std::initializer_list<FileOutput*> files);

}  // namespace smalldb::cli
