// The files that a store can have, for patterns that name some of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace smalldb::scenarios {

// Whose files: those in a node's data directory (model/data_directory.h), the arbiter's (model/arbiter.h), those of the
// claims on the shared volume (model/claimer.h).
enum class FilesOf : unsigned char { node, arbiter, shared_volume };
inline constexpr FilesOf all_files[] = {FilesOf::node, FilesOf::arbiter, FilesOf::shared_volume};

// Each kind of them as a pattern: "meta", "log-*", "checkpoint-*.tmp".
std::vector<std::string> file_patterns(FilesOf whose);

// Whether `pattern`, in which * stands for any characters, can be the name of one of them.
bool can_match_a_file(std::string_view pattern, FilesOf whose);

}  // namespace smalldb::scenarios
