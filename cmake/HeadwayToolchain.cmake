# Compiler-wide settings: caching, warnings, the faster linker, sanitizers.
# Sanitizers are global, for a program must be instrumented as a whole.

find_program(HEADWAY_CCACHE ccache)
if(HEADWAY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths below the checkout are hashed relative to it, so that every build
  # directory and every clone shares one cache.
  cmake_path(GET CMAKE_SOURCE_DIR PARENT_PATH headway_ccache_base)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${headway_ccache_base} CCACHE_NOHASHDIR=1
      ${HEADWAY_CCACHE})
endif()

find_program(HEADWAY_LLD ld.lld)
if(HEADWAY_LLD)
  add_link_options(-fuse-ld=lld)
endif()

if(HEADWAY_SANITIZE)
  add_compile_options(-fsanitize=${HEADWAY_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HEADWAY_SANITIZE})
endif()

if(HEADWAY_BUILD_FUZZERS)
  # Coverage of everything that a fuzz target calls.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Warnings apply to our own targets only: generated code is not ours to mend.
add_library(headway_warnings INTERFACE)
target_compile_options(headway_warnings INTERFACE -Wall -Wextra -Wno-missing-field-initializers)
if(HEADWAY_WERROR)
  target_compile_options(headway_warnings INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports false positives of these from inlined library code.
  target_compile_options(headway_warnings INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
endif()
