// Lengths of time as people write them: "250ms", "10s", "1h".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smalldb::server {

// In nanoseconds. Nothing if the text is no whole number of us, ms, s, min or h.
std::optional<std::int64_t> read_duration(std::string_view text);
// The shortest text that is read as so many nanoseconds. REQUIRES: whole microseconds.
std::string duration_text(std::int64_t nanoseconds);
// What to tell whoever wrote it.
std::string no_duration(std::string_view text);

}  // namespace smalldb::server
