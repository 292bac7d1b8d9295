# compile_alone(SOURCE...)
#
# The presets of CI compile several sources of a library or a test as one (CMAKE_UNITY_BUILD): what their headers and
# templates have in common is read and compiled once. These stay by themselves, since they have a name of their own that
# another source of the same target has too. A build that is made to be changed compiles each source alone anyway.
function(compile_alone)
  foreach(source IN LISTS ARGN)
    if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${source})
      message(FATAL_ERROR "compile_alone(${source}): there is no such source in ${CMAKE_CURRENT_SOURCE_DIR}")
    endif()
  endforeach()
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
