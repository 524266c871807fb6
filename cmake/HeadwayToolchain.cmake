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
  add_compile_definitions(HEADWAY_SANITIZED)
endif()

if(HEADWAY_SANITIZE STREQUAL "thread")
  # With this macro protobuf's headers give map fields a layout other than that
  # of the library, which is not built with the sanitizer.
  add_compile_options(-U__SANITIZE_THREAD__)

  # Every program gets what tsan_abseil.cc defines, in the place of Abseil's.
  set(headway_tsan_source ${CMAKE_CURRENT_LIST_DIR}/tsan_abseil.cc)
  add_library(headway_tsan_abseil OBJECT ${headway_tsan_source})
  file(STRINGS ${headway_tsan_source} headway_tsan_lines REGEX "_ZNK?4absl")
  foreach(line IN LISTS headway_tsan_lines)
    string(REGEX MATCH "_ZNK?4absl[A-Za-z0-9_]+" symbol "${line}")
    add_link_options(LINKER:--wrap=${symbol})
  endforeach()
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
  if(HEADWAY_UNITY)
    # It takes the sources of a batch for headers, where a member of a type from an
    # anonymous namespace would be a mistake.
    target_compile_options(headway_warnings INTERFACE -Wno-subobject-linkage)
  endif()
endif()
