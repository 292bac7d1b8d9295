# run_many(TARGET...)
#
# Programs that make and drop thousands of runs a second: a release of them allocates with tcmalloc (decision 45). Any
# other build keeps the C library's malloc, or that of its sanitizer.
function(run_many)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
    return()
  endif()
  find_library(TCMALLOC_LIBRARY tcmalloc_minimal REQUIRED)
  foreach(target IN LISTS ARGN)
    target_link_libraries(${target} PRIVATE ${TCMALLOC_LIBRARY})
  endforeach()
endfunction()
