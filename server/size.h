// Amounts of bytes as people write them: "64KiB", "16MiB", "1000".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smalldb::server {

// Nothing if the text is no whole number of bytes, or of KiB, MiB, GiB or TiB.
std::optional<std::uint64_t> read_size(std::string_view text);
// The shortest text that is read as `bytes`.
std::string size_text(std::uint64_t bytes);
// What to tell whoever wrote it.
std::string no_size(std::string_view text);

}  // namespace smalldb::server
