// How much of what there is the tests go through. Where a build is optimised: all that its machine has time for. Where
// it is not, it is there for a sanitizer or a debugger, to which a hundred thousand small histories show no way through
// the code that a thousand do not, and each takes ten times as long.
#pragma once

#include <cstdint>

namespace smalldb::checker::testing {

#ifdef NDEBUG
inline constexpr bool is_optimised = true;
#else
inline constexpr bool is_optimised = false;
#endif

// One of so many histories of three operations, and of four. Of four there are millions: all of them are gone through
// by `checker_proof`.
inline constexpr std::uint32_t parts_of_three = is_optimised ? 1 : 60;
inline constexpr std::uint32_t parts_of_four = is_optimised ? 16 : 4096;

inline constexpr int random_histories = is_optimised ? 20'000 : 500;

// How long a history is that has to be long.
constexpr int long_enough(int optimised, int otherwise) { return is_optimised ? optimised : otherwise; }

}  // namespace smalldb::checker::testing
