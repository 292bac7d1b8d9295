# Much of the time of a build is the reading of the same few headers: they are read once for all libraries and programs,
# once more for all tests, with Catch2, and for what a debug build does not optimise (CMakeLists.txt). A source still
# includes what it uses: a cache of compilations does better without, and so does the build for another processor, which
# is small; both would find out.
set(shared_headers
  <algorithm> <array> <cstdint> <deque> <functional> <iosfwd> <limits> <map> <memory> <optional> <set> <span> <string>
  <string_view> <utility> <variant> <vector>)

# clang++ takes from a precompiled header what a source asks for, so there it may hold what few ask for; to g++ each of
# these would be a burden for all. And where nothing is optimised, so that nothing needs to be inlined, their functions
# are compiled once too, and not once more wherever they are used: half of what a sanitized build took
# (docs/decisions/0032).
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_BUILD_TYPE STREQUAL "Debug")
  set(unoptimised smalldb_unoptimised)
else()
  set(unoptimised)
endif()

function(precompile_with_functions)
  set(empty ${PROJECT_BINARY_DIR}/unoptimised.cpp)
  file(CONFIGURE OUTPUT ${empty} CONTENT "// nothing but what is precompiled\n")
  add_library(${unoptimised} OBJECT ${empty})
  target_compile_definitions(${unoptimised} PRIVATE BOOST_ASIO_NO_DEPRECATED FMT_SHARED)
  target_compile_options(${unoptimised} PRIVATE -O0 -Xclang -fmodules-codegen)
  target_precompile_headers(${unoptimised} PRIVATE ${shared_headers}
    <chrono> <filesystem> <fstream> <iostream> <sstream> <thread>
    <boost/asio/connect.hpp> <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp> <boost/asio/ip/udp.hpp>
    <boost/asio/post.hpp> <boost/asio/signal_set.hpp> <boost/asio/ssl.hpp> <boost/asio/steady_timer.hpp>
    <boost/asio/write.hpp> <catch2/catch.hpp> <CLI/CLI.hpp> <fmt/format.h> <nlohmann/json.hpp> <rapidcheck.h>)

  set(header ${PROJECT_BINARY_DIR}/CMakeFiles/${unoptimised}.dir/cmake_pch.hxx.pch)
  set(object ${PROJECT_BINARY_DIR}/unoptimised.o)
  separate_arguments(flags NATIVE_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_DEBUG}")
  # A section each, for programs to leave out what they do not call: it may call what they do not link.
  add_custom_command(OUTPUT ${object}
    COMMAND ${CMAKE_CXX_COMPILER} ${flags} -O0 -ffunction-sections -fdata-sections -Qunused-arguments -c ${header}
      -o ${object}
    DEPENDS ${header}
    COMMENT "Compiling the functions of precompiled headers"
    VERBATIM)
  add_library(smalldb_functions_of_headers STATIC ${object})
  set_target_properties(smalldb_functions_of_headers PROPERTIES LINKER_LANGUAGE CXX)
  target_link_options(smalldb_functions_of_headers INTERFACE -Wl,--gc-sections)
  find_package(OpenSSL 3 REQUIRED)  # an object that Asio's header makes wherever it is included calls it
  target_link_libraries(smalldb_functions_of_headers INTERFACE OpenSSL::SSL)
endfunction()

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
    if(type STREQUAL "UTILITY" OR target MATCHES "^(mutants|unmended)_|^smalldb_(unoptimised|functions_of_headers)$")
      continue()
    elseif(unoptimised AND options MATCHES "-O0")
      target_precompile_headers(${target} REUSE_FROM ${unoptimised})
      target_link_libraries(${target} PRIVATE smalldb_functions_of_headers)
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
  if(unoptimised)
    precompile_with_functions()
  endif()
  precompile_headers(${PROJECT_SOURCE_DIR})
endif()
