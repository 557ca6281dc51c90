# Code of the simulated board's processor: ordinary C whose accesses to memory pass through the simulated data cache. The
# compiler announces each access by a call, as for its thread sanitizer, whose runtime is not linked: simulator/board/cpu.c
# answers. Nothing of it may be turned into calls of the C library that nobody announces.
set(LP_BOARD_CODE_OPTIONS -O1 -fno-sanitize=all -fsanitize=thread -fno-builtin -Dmemcpy=lp_cpu_memcpy -Dmemset=lp_cpu_memset
    -DLL_ATON_OSAL_WFE=lp_board_wfe -DLP_NPU_LOG)
if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
  # It leaves out reads that are followed by a write to the same place.
  list(APPEND LP_BOARD_CODE_OPTIONS "SHELL:-mllvm -tsan-instrument-read-before-write=1")
endif()

# Objects, not an archive: they come before what the same files are in other libraries. Arguments: files from the root.
function(lp_add_board_code target)
  list(TRANSFORM ARGN PREPEND ${CMAKE_SOURCE_DIR}/)
  add_library(${target} OBJECT ${ARGN})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/neural-art/shim
                             ${CMAKE_SOURCE_DIR}/simulator/board/hal)
  target_compile_options(${target} PRIVATE ${LP_BOARD_CODE_OPTIONS})
endfunction()
