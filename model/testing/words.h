// What machines say and note, in words: the lines of which stories are made (model/testing/script.h).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "model/ids.h"
#include "model/machine.h"
#include "model/messages.h"
#include "model/record.h"

namespace smalldb::testing {

// How a story calls processes and directories; given by the stage, which made them.
struct Names {
  std::function<std::string(ProcessId)> process;
  std::function<std::string(DirectoryId)> directory;
  std::function<std::string(SessionId)> session;
};

std::string in_words(const Request& request, const Names& names);
std::string in_words(const Response& response, const Names& names);
std::string in_words(const Record& record, const Names& names);
std::string in_words(const Message& message, const Names& names);
// A file's name without its zeros: log-1-7 for log-0000000001-00000000000000000007.
std::string short_file_name(std::string_view name);
std::string in_words(const effect::Disk& operation);
std::string in_words(const effect::Note& note, const Names& names);

// `text` with spaces for underscores.
std::string spaced(std::string_view text);

}  // namespace smalldb::testing
