# The rules of the tree that no compiler knows, as tests (cmake/tidy.py), and tests of those tests.
set(tidy ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/cmake/tidy.py)

add_test(NAME tidy/tree COMMAND ${tidy} tree ${PROJECT_SOURCE_DIR})
add_test(NAME tidy/each_check_can_fail
  COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/cmake/tidy_test.py ${CMAKE_CXX_COMPILER})
add_test(NAME launcher
  COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/cmake/launcher_test.py ${PROJECT_SOURCE_DIR})

# A sanitizer writes its own globals and calls into every object.
if(NOT "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_DEBUG}" MATCHES "-fsanitize")
  foreach(library IN ITEMS smalldb_model smalldb_sim_world)
    add_test(NAME tidy/objects_of_${library} COMMAND ${tidy} objects $<TARGET_FILE:${library}>)
  endforeach()
endif()
