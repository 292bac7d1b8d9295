# What both compilers are asked to complain about, in every folder. A warning is an error; whoever builds with a
# compiler that we do not know yet gets past that with `cmake --compile-no-warning-as-error`.
if(NOT DEFINED CMAKE_COMPILE_WARNING_AS_ERROR)
  set(CMAKE_COMPILE_WARNING_AS_ERROR ON)
endif()

add_compile_options(
  -Wall
  -Wextra
  -Wpedantic
  -Wshadow
  -Wconversion  # a number that silently loses its upper half is a run that silently differs
  -Wno-sign-conversion
  -Wno-missing-field-initializers  # plain data names what differs from its defaults: Fault{.kind = ...}
  -Wnon-virtual-dtor
  -Woverloaded-virtual
  -Wimplicit-fallthrough
  -Wextra-semi
  -Wundef
  -Wswitch  # all enumerators or a default: a new event kind must be looked at everywhere
)

# Sources that are compiled as one stand in each other's shadow; and g++ takes them all for headers, where nothing
# should be of an unnamed namespace.
set(warnings_not_of_unity -Wno-shadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND warnings_not_of_unity -Wno-subobject-linkage)
endif()
if(CMAKE_UNITY_BUILD)
  add_compile_options(${warnings_not_of_unity})
endif()

# Messages name files from the root of the tree, wherever that is.
add_compile_options(-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
