# The rules of the tree that no compiler knows, as tests (cmake/tidy.py), and tests of those tests. No compiler, so one
# build of CI is enough; another sanitizer would see nothing in them either.
if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  return()
endif()
set(tidy ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/cmake/tidy.py)

add_test(NAME tidy/tree COMMAND ${tidy} tree ${PROJECT_SOURCE_DIR})
add_test(NAME tidy/each_check_can_fail
  COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/cmake/tidy_test.py ${CMAKE_CXX_COMPILER})
add_test(NAME launcher
  COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/cmake/launcher_test.py ${PROJECT_SOURCE_DIR})
add_test(NAME ci
  COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/cmake/ci_test.py ${PROJECT_SOURCE_DIR})
add_test(NAME version
  COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/cmake/version_test.py ${CMAKE_COMMAND}
    ${PROJECT_SOURCE_DIR}/cmake/version.cmake)

foreach(library IN ITEMS smalldb_model smalldb_sim_world)
  add_test(NAME tidy/objects_of_${library} COMMAND ${tidy} objects $<TARGET_FILE:${library}>)
endforeach()
