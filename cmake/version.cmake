# cmake -DROOT=... -DVERSION=... -DOUTPUT=... -P version.cmake: writes version.cpp, with the commit if ROOT is in git.
execute_process(COMMAND git -C ${ROOT} describe --always --abbrev=10 --dirty=\ with\ changes --exclude=*
  OUTPUT_VARIABLE commit ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
set(version "${VERSION}")
if(commit)
  string(APPEND version " (commit ${commit})")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
#include "model/version.h"

namespace smalldb {

std::string_view version() { return "@version@"; }

}  // namespace smalldb
]] @ONLY)
