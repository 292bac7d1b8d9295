# cmake -DROOT=... -DVERSION=... -DOUTPUT=... -P version.cmake: writes version.cpp, with the commit if ROOT is in git,
# and a hash of what differs from it: builds that say the same have the same changes, in all files that git knows.
execute_process(COMMAND git -C ${ROOT} describe --always --abbrev=10 --dirty=\ with\ changes --exclude=*
  OUTPUT_VARIABLE commit ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
if(commit MATCHES " with changes$")
  execute_process(COMMAND git -C ${ROOT} diff HEAD --binary --full-index --no-color --no-ext-diff --no-textconv
    COMMAND git -C ${ROOT} hash-object --stdin
    OUTPUT_VARIABLE difference ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  string(SUBSTRING "${difference}" 0 10 difference)
  string(APPEND commit " ${difference}")
endif()
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
