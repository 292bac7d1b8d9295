#include "cli/file_output.h"
#include "model/printable.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <system_error>

namespace smalldb::cli {

std::string FileOutput::open() {
  if (name_ == "-") return "standard output is for the report";
  out_.open(name_, std::ios::binary);
  return out_ ? "" : std::strerror(errno);
}

bool FileOutput::close() {
  if (name_.empty() || out_.flush()) return true;
  std::cerr << command_ << ": could not write all of the " << what_ << " to " << printable(name_) << '\n';
  return false;
}

bool is_one_file(const std::string& one, const std::string& other) {
  std::error_code none;
  return std::filesystem::is_regular_file(one, none) && std::filesystem::equivalent(one, other, none);
}

bool open_all(std::initializer_list<FileOutput*> files, const std::vector<std::string>& inputs) {
  for (auto each = files.begin(); each != files.end(); ++each) {
    FileOutput& file = **each;
    if (file.name_.empty()) continue;
    const auto is_it = [&](const std::string& name) { return is_one_file(name, file.name_); };
    const auto* const other =
        std::find_if(files.begin(), each, [&](const FileOutput* before) { return is_it(before->name_); });
    std::string why;
    if (other != each) {
      why = "the " + (*other)->what_ + " goes there";
    } else if (std::any_of(inputs.begin(), inputs.end(), is_it)) {
      why = "the command reads it";
    } else {
      why = file.open();
    }
    if (why.empty()) continue;
    std::cerr << file.command_ << ": cannot write the " << file.what_ << " to " << printable(file.name_) << ": " << why
              << '\n';
    return false;
  }
  return true;
}

bool all_written(std::initializer_list<FileOutput*> files) {
  bool all = true;
  for (FileOutput* const file : files) all = file->close() && all;
  return all;
}

}  // namespace smalldb::cli
