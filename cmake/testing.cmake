# add_smalldb_test(NAME SOURCES a_test.cpp ... LIBRARIES ... [COST SECONDS])
#
# One Catch2 binary per folder, `bin/NAME`; every TEST_CASE in it is a test of ctest by the name "NAME/title". All run
# from the root of the tree, so that a test names its golden files as a reader would ("reports/testdata/story.txt").
# rapidcheck draws from a fixed seed; RC_PARAMS in the environment of a run by hand (`RC_PARAMS=seed=7 bin/model_test`)
# chooses another. COST is about what the longest of them takes: ctest begins with what takes long, or a processor would
# wait for it in the end.
#
# A build that is not optimised is there for what a sanitizer or a debugger sees on the way, and each step takes ten
# times as long: of inputs that rapidcheck makes up it tries a quarter, and of test cases not those with the tag
# [again], which go where others go too.
#
# With SMALLDB_UNITY_TESTS a test's sources are compiled several as one (cmake/unity.cmake), though those of the
# libraries are not: for CI where nothing has been compiled yet. What is tested is what it is without.
option(SMALLDB_UNITY_TESTS "Compile several sources of a test as one")
if(CMAKE_CROSSCOMPILING)
  function(add_smalldb_test)
  endfunction()
  return()
endif()

enable_testing()
find_package(Catch2 2.13 REQUIRED)
include(Catch)

function(add_smalldb_test name)
  cmake_parse_arguments(PARSE_ARGV 1 TEST "" "COST" "SOURCES;LIBRARIES")
  if(TEST_UNPARSED_ARGUMENTS OR NOT TEST_SOURCES)
    message(FATAL_ERROR "add_smalldb_test(${name} SOURCES ... LIBRARIES ...): wrong: ${TEST_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT TEST_COST)
    set(TEST_COST 0)  # as measured the last time
  endif()
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE Catch2::Catch2WithMain ${TEST_LIBRARIES})
  if(SMALLDB_UNITY_TESTS)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON)
    target_compile_options(${name} PRIVATE ${warnings_not_of_unity})
  endif()
  # Of a build for a debugger or a sanitizer the tests' own code takes most of the time to compile, and little to run.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Debug>:-O0>)
  set(inputs 100)
  set(spec)
  if(CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(inputs 25)
    set(spec "~[again]")
  endif()
  catch_discover_tests(${name}
    TEST_SPEC ${spec}
    TEST_PREFIX "${name}/"
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    PROPERTIES
      ENVIRONMENT "RC_PARAMS=seed=2010 max_success=${inputs}"
      # Both of which Catch2 takes for success: no test of this name, and a test that asserts nothing.
      FAIL_REGULAR_EXPRESSION "No test cases matched|assertions: - none -"
      TIMEOUT 600
      COST ${TEST_COST})
endfunction()
