# Puts source files into the program, so that `limpid generate` works wherever the program alone is copied to.
# The assembler reads the files itself (.incbin): nothing is converted, and a changed file costs one assembler call.

# Makes the static library `target` with the table that cli/embedded.h declares. Further arguments: files relative to the
# project's root, in the order of the table.
function(lp_embed_files target)
  set(word ".${CMAKE_SIZEOF_VOID_P}byte")
  set(bytes "")
  set(rows "")
  set(number 0)
  foreach(file IN LISTS ARGN)
    # The zero behind each file makes its text a string.
    string(APPEND bytes "path_${number}: .asciz \"${file}\"\n"
           "data_${number}: .incbin \"${CMAKE_SOURCE_DIR}/${file}\"\nend_${number}: .byte 0\n")
    string(APPEND rows "  ${word} path_${number}, data_${number}, end_${number} - data_${number}\n")
    math(EXPR number "${number} + 1")
  endforeach()
  set(text "/* Made by cmake/Embed.cmake from the list of files: do not edit. */\n")
  string(APPEND text "  .section .rodata\n${bytes}"
         "  .globl lp_embedded_file_count\n  .balign ${CMAKE_SIZEOF_VOID_P}\n"
         "  .type lp_embedded_file_count, %object\nlp_embedded_file_count: ${word} ${number}\n"
         "  .size lp_embedded_file_count, ${CMAKE_SIZEOF_VOID_P}\n"
         "  .section .data.rel.ro, \"aw\"\n  .globl lp_embedded_files\n  .balign ${CMAKE_SIZEOF_VOID_P}\n"
         "  .type lp_embedded_files, %object\nlp_embedded_files:\n${rows}"
         "  .size lp_embedded_files, . - lp_embedded_files\n"
         "  .section .note.GNU-stack, \"\", %progbits\n")
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}.S)
  file(CONFIGURE OUTPUT ${source} CONTENT "${text}" @ONLY)
  list(TRANSFORM ARGN PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE absolute)
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${absolute}")
  add_library(${target} STATIC ${source})
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
endfunction()
