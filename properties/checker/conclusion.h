// What a judge concludes. Three values: unknown is never green.
#pragma once

#include <cstdint>
#include <string_view>

namespace smalldb::checker {

enum class Conclusion : std::uint8_t { holds, violated, unknown };
std::string_view name(Conclusion conclusion);

}  // namespace smalldb::checker
