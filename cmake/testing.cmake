# add_smalldb_test(NAME SOURCES a_test.cpp ... LIBRARIES ...)
#
# One Catch2 binary per folder, `bin/NAME`; every TEST_CASE in it is a test of ctest by the name "NAME/title". All run
# from the root of the tree, so that a test names its golden files as a reader would ("reports/testdata/story.txt").
# rapidcheck draws from a fixed seed; RC_PARAMS in the environment of a run by hand (`RC_PARAMS=seed=7 bin/model_test`)
# chooses another.
if(CMAKE_CROSSCOMPILING)
  function(add_smalldb_test)
  endfunction()
  return()
endif()

enable_testing()
find_package(Catch2 2.13 REQUIRED)
include(Catch)

# Catch2's main takes longest of all to compile, so all test binaries share one.
add_library(smalldb_test_main OBJECT ${PROJECT_SOURCE_DIR}/cmake/test_main.cpp)
target_link_libraries(smalldb_test_main PUBLIC Catch2::Catch2)

function(add_smalldb_test name)
  cmake_parse_arguments(PARSE_ARGV 1 TEST "" "" "SOURCES;LIBRARIES")
  if(TEST_UNPARSED_ARGUMENTS OR NOT TEST_SOURCES)
    message(FATAL_ERROR "add_smalldb_test(${name} SOURCES ... LIBRARIES ...): wrong: ${TEST_UNPARSED_ARGUMENTS}")
  endif()
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE smalldb_test_main ${TEST_LIBRARIES})
  catch_discover_tests(${name}
    TEST_PREFIX "${name}/"
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    PROPERTIES
      ENVIRONMENT "RC_PARAMS=seed=2010"
      # Both of which Catch2 takes for success: no test of this name, and a test that asserts nothing.
      FAIL_REGULAR_EXPRESSION "No test cases matched|assertions: - none -"
      TIMEOUT 600)
endfunction()
