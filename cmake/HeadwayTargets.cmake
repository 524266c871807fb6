# One target per folder. headway_library(NAME SRCS ... DEPS ...) makes
# headway_NAME; DEPS are the arrows of the architecture and nothing else.

# Compiles the sources of a target in batches, so that their headers are parsed
# once for several of them. A batch is one translation unit: names in anonymous
# namespaces are unique within a target.
function(headway_unity target)
  set_target_properties(${target} PROPERTIES
    UNITY_BUILD ${HEADWAY_UNITY} UNITY_BUILD_BATCH_SIZE ${HEADWAY_UNITY_BATCH})
endfunction()

function(headway_library name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_library(headway_${name} STATIC ${ARG_SRCS})
  headway_unity(headway_${name})
  target_include_directories(headway_${name} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>)
  target_link_libraries(headway_${name} PUBLIC ${ARG_DEPS}
    PRIVATE $<BUILD_INTERFACE:headway_warnings>)
endfunction()

function(headway_program name)
  cmake_parse_arguments(ARG "" "FOLDER" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  headway_unity(${name})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} headway_warnings)
  if(TARGET headway_tsan_abseil)
    target_sources(${name} PRIVATE $<TARGET_OBJECTS:headway_tsan_abseil>)
  endif()
  if(ARG_FOLDER)
    set_target_properties(${name} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/${ARG_FOLDER})
  endif()
endfunction()

# headway_test(NAME SRCS ... DEPS ... [LABELS ...]): one program per folder of
# tests, each case known to ctest by its own name.
function(headway_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SRCS;DEPS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  headway_program(${name} FOLDER tests SRCS ${ARG_SRCS}
    DEPS ${ARG_DEPS} headway_test_support GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()
