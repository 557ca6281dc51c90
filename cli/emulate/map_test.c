#include "cli/emulate/map.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void collect(void *user, const char *section, size_t section_length, const char *object, size_t object_length,
                    uint32_t size_bytes)
{
    char *to = user;
    sprintf(to + strlen(to), "%.*s %.*s %u\n", (int)section_length, section, (int)object_length, object, (unsigned)size_bytes);
}

/* As the linker of binutils writes it: names that fill a line, fill, sizes before relaxing, symbols, what was discarded. */
static void pieces_are_read(void **state)
{
    (void)state;
    static const char map[] = "Discarded input sections\n\n .text          0x00000000       0x40 n9.o\n\n"
                              "Linker script and memory map\n\nLOAD n0.o\n"
                              ".text           0x00000100      0x1f4\n"
                              " *(.text .text.*)\n"
                              " .text          0x00000100        0x0 n0.o\n"
                              " .text.run      0x00000100       0x50 n0.o\n"
                              "                0x00000100                run\n"
                              " .text.lp_conv2d_s8__helium\n"
                              "                0x00000150      0x100 n12.o\n"
                              "                0x00000150                lp_conv2d_s8__helium\n"
                              " *fill*         0x00000250        0x2 \n"
                              " .text.memcpy   0x00000252       0x1c /usr/lib/libc_nano.a(memcpy.o)\n\n"
                              ".rodata         0x00000300       0x30\n"
                              " .rodata.str1.1\n"
                              "                0x00000300       0x24 n1.o\n"
                              "                                 0x26 (size before relaxing)\n"
                              ".a_section_with_a_long_name\n"
                              "                0x00000400        0x4\n"
                              " .x             0x00000400        0x4 n2.o\n";
    char got[1000] = "";
    lp_map_read(map, collect, got);
    assert_string_equal(got, ".text n0.o 80\n.text n12.o 256\n.text /usr/lib/libc_nano.a(memcpy.o) 28\n.rodata n1.o 36\n"
                             ".a_section_with_a_long_name n2.o 4\n");
    got[0] = '\0';
    lp_map_read("nothing", collect, got);
    lp_map_read("Linker script and memory map\n .x", collect, got);
    lp_map_read("Linker script and memory map\n.text 0x1 0x2\n .x\n", collect, got);
    assert_string_equal(got, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pieces_are_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
