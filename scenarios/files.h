// The files that a store can have, for patterns that name some of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace smalldb::scenarios {

// Whose files: those in a node's data directory (model/data_directory.h), the arbiter's (model/arbiter.h), those of the
// claims on the shared volume (model/claimer.h), those that nodes write there to see whether it answers
// (model/arbiter_watch.h).
enum class FilesOf : unsigned char { node, arbiter, shared_volume, pings };
inline constexpr FilesOf all_files[] = {FilesOf::node, FilesOf::arbiter, FilesOf::shared_volume, FilesOf::pings};

// What is done to a file that faults and scripts can wait for. A file is created by its first write, or by a link.
enum class FileVerb : unsigned char { write, sync, rename_to };

// Each kind of them as a pattern: "meta", "log-*", "checkpoint-*.tmp".
std::vector<std::string> file_patterns(FilesOf whose);

// The same, of those alone to which this is done.
std::vector<std::string> file_patterns(FilesOf whose, FileVerb verb);

// Whether `pattern`, in which * stands for any characters, can be the name of one of them.
bool can_match_a_file(std::string_view pattern, FilesOf whose);
bool can_match_a_file(std::string_view pattern, FilesOf whose, FileVerb verb);

}  // namespace smalldb::scenarios
