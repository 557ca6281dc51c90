# How *_test.c, *_test.sh and *_test.py become tests of ctest. Exit status 77 means that something was skipped and nothing
# failed: ctest counts and lists those.

set(LP_UNIT_TEST_SECONDS 120)
set(LP_SUITE_TEST_SECONDS 400)
set(LP_TEST_PREFIX "" CACHE STRING "Put before every test's name, to tell the suites of several builds apart")

# The sanitizers slow a program down, and must stop it at the first finding.
set(LP_TEST_SLOWER 1)
set(LP_TEST_ENVIRONMENT SOURCE_DIR=${CMAKE_SOURCE_DIR} BUILD_DIR=${CMAKE_BINARY_DIR} LIMPID=${CMAKE_BINARY_DIR}/limpid
    # Only the tests that make every allocation fail ask for more than there is: they want null, not the end.
    ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1)
if(LP_SANITIZE)
  set(LP_TEST_SLOWER 3)
endif()

function(lp_test_name file out)
  string(REGEX REPLACE "\\.(c|sh|py)$" "" name ${file})
  string(REPLACE "/" "." name ${name})
  set(${out} ${name} PARENT_SCOPE)
endfunction()

function(lp_set_test_properties test file seconds)
  math(EXPR seconds "${seconds} * ${LP_TEST_SLOWER}")
  set_tests_properties(${test} PROPERTIES TIMEOUT ${seconds} SKIP_RETURN_CODE 77 ENVIRONMENT "${LP_TEST_ENVIRONMENT}")
  # `ctest -L shared` lists what is skipped when the folder of further models beside the project is missing.
  file(STRINGS ${CMAKE_SOURCE_DIR}/${file} mentions REGEX "\\.\\./shared" LIMIT_COUNT 1)
  if(mentions)
    set_tests_properties(${test} PROPERTIES LABELS shared)
  endif()
endfunction()

# file: relative to the project's root; further arguments: what to link besides cmocka.
function(lp_add_test_program file seconds)
  lp_test_name(${file} name)
  add_executable(${name} ${CMAKE_SOURCE_DIR}/${file})
  target_link_libraries(${name} PRIVATE ${ARGN} cmocka m)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${LP_TEST_PREFIX}${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  lp_set_test_properties(${LP_TEST_PREFIX}${name} ${file} ${seconds})
endfunction()

# Further arguments: the interpreter.
function(lp_add_test_script file seconds)
  lp_test_name(${file} name)
  add_test(NAME ${LP_TEST_PREFIX}${name} COMMAND ${ARGN} ${CMAKE_SOURCE_DIR}/${file} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  lp_set_test_properties(${LP_TEST_PREFIX}${name} ${file} ${seconds})
endfunction()
