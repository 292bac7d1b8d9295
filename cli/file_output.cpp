#include "cli/file_output.h"

#include <cerrno>
#include <cstring>
#include <iostream>

namespace smalldb::cli {

bool FileOutput::open() {
  if (name_.empty()) return true;
  const char* why = "standard output is for the report";
  if (name_ != "-") {
    out_.open(name_, std::ios::binary);
    if (out_) return true;
    why = std::strerror(errno);
  }
  std::cerr << command_ << ": cannot write the " << what_ << " to " << name_ << ": " << why << '\n';
  return false;
}

bool FileOutput::close() {
  if (name_.empty() || out_.flush()) return true;
  std::cerr << command_ << ": could not write all of the " << what_ << " to " << name_ << '\n';
  return false;
}

bool all_written(std::initializer_list<FileOutput*> files) {
  bool all = true;
  for (FileOutput* const file : files) all = file->close() && all;
  return all;
}

}  // namespace smalldb::cli
