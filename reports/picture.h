// Why a history is not linearizable, as one page of HTML with a picture (SVG) of the operations that prove it, among
// those that ran at about the same time. It stands by itself: no font, script or image from elsewhere; light or dark as
// the reader's system; every bar tells its details to a pointer, to the keyboard and to a screen reader.
//
// Never larger than picture_size_max, whatever the size of the history.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "reports/reason.h"

namespace smalldb::reports {

inline constexpr std::size_t picture_size_max = 100'000;  // bytes

// `file` is the history's, as the user named it; `program` as a report names it.
std::string picture(const Reason& reason, std::string_view file, std::string_view program);

}  // namespace smalldb::reports
