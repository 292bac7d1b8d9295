# Much of the time of a build is the reading of the same few headers: they are read once for all libraries and programs,
# once more for all tests, with Catch2, and for what a debug build does not optimise (CMakeLists.txt). A source still
# includes what it uses: a cache of compilations does better without, and so does the build for another processor, which
# is small; both would find out.
set(shared_headers
  <algorithm> <array> <cstdint> <deque> <functional> <iosfwd> <limits> <map> <memory> <optional> <set> <span> <string>
  <string_view> <utility> <variant> <vector>)

function(precompile_headers folder)
  get_property(folders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(inner IN LISTS folders)
    precompile_headers(${inner})
  endforeach()

  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    get_target_property(sources ${target} SOURCES)
    get_target_property(options ${target} COMPILE_OPTIONS)
    set(host smalldb_model)
    if(CMAKE_BUILD_TYPE STREQUAL "Debug" AND options MATCHES "-O0")
      set(host smalldb_reports)
    endif()
    # Mutants are optimised less: to a compiler their headers are others.
    if(type STREQUAL "UTILITY" OR target MATCHES "^(mutants|unmended)_")
      continue()
    elseif(target STREQUAL host)
      target_precompile_headers(${target} PRIVATE ${shared_headers})
    elseif(target STREQUAL "model_test")
      target_precompile_headers(${target} PRIVATE ${shared_headers} <catch2/catch.hpp>)
    elseif(sources MATCHES "_test\\.cpp")
      target_precompile_headers(${target} REUSE_FROM model_test)
    else()
      target_precompile_headers(${target} REUSE_FROM ${host})
    endif()
    # g++ no longer knows what comes from a system header once it is precompiled, and then tells its own false alarms.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${target} PRIVATE
        -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds -Wno-restrict -Wno-maybe-uninitialized)
    endif()
  endforeach()
endfunction()

if(NOT CMAKE_CXX_COMPILER_LAUNCHER AND NOT CMAKE_CROSSCOMPILING)
  precompile_headers(${PROJECT_SOURCE_DIR})
endif()
