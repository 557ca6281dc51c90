#define _DEFAULT_SOURCE
/* The sizes that the ledger states for structures of the device against the compiler of the device, and that of this PC. */
#include "compiler/lower/lowering.h"
#include "contract/kernel_args.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_skipped;

static const char *const symbols[] = {
#define X(symbol, args, family, source, isa) #symbol,
    LP_KERNELS(X) LP_KERNELS_ROWS(X) LP_KERNELS_HELIUM(X) LP_KERNELS_DSP(X)
#undef X
};

static void this_pc_lays_them_out_as_stated(void **state)
{
    (void)state;
    for (size_t i = 0; i < LP_COUNT(symbols); i++) {
        const struct lp_args_info *info = lp_kernel_find(symbols[i])->args;
        assert_int_equal(lp_args_target_bytes(info, sizeof(void *)), info->size_bytes);
    }
}

/* The tables of a program with so many epochs of one kernel. */
static uint32_t tables_bytes(const char *symbol, uint32_t epochs, uint32_t inputs, uint32_t outputs, uint32_t pointer_bytes)
{
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_op op = {.kind = LP_OP_ADD};
    struct lp_graph graph = {.ops = &op, .op_count = 1, .input_count = inputs, .output_count = outputs};
    struct lp_target target = {.pointer_bytes = pointer_bytes};
    struct lp_sw_epoch *list = LP_NEW_ARRAY(&arena, epochs, struct lp_sw_epoch);
    struct lp_program program = {
        .target = &target, .epochs = list, .epoch_count = epochs, .tables = {.name = "program", .arena = &arena}};
    struct lp_lowering l = {.arena = &arena, .diag = &diag, .graph = &graph, .program = &program};
    assert_non_null(list);
    for (uint32_t e = 0; e < epochs; e++)
        list[e].kernel = lp_kernel_find(symbol);
    assert_int_equal(lp_lower_tables(&l), LP_OK);
    uint32_t bytes = program.tables.size_bytes;
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return bytes;
}

static void a_program_has_the_bytes_of_its_structures(void **state)
{
    (void)state;
    size_t fixed = sizeof(struct lp_network_desc);
    size_t epoch = sizeof(struct lp_epoch) + sizeof(struct lp_add_s8);
    assert_int_equal(tables_bytes("lp_add_s8__reference", 0, 0, 0, sizeof(void *)), fixed);
    assert_int_equal(tables_bytes("lp_add_s8__reference", 3, 2, 4, sizeof(void *)),
                     fixed + 3 * epoch + 6 * sizeof(struct lp_port_desc));
}

/* Each sum as an assertion that the device's compiler checks. */
static void write_assertions(FILE *file)
{
    fprintf(file, "#include \"contract/kernel_args.h\"\n#include \"contract/network.h\"\n");
    for (size_t i = 0; i < LP_COUNT(symbols); i++) {
        const struct lp_args_info *info = lp_kernel_find(symbols[i])->args;
        fprintf(file, "_Static_assert(sizeof(%s) == %u, \"%s\");\n", info->c_name, (unsigned)lp_args_target_bytes(info, 4),
                info->c_name);
    }
    fprintf(file, "_Static_assert(sizeof(struct lp_network_desc) == %u, \"network\");\n",
            (unsigned)tables_bytes("lp_add_s8__reference", 0, 0, 0, 4));
    fprintf(file,
            "_Static_assert(sizeof(struct lp_network_desc) + 3 * (sizeof(struct lp_epoch) + sizeof(struct lp_add_s8)) + "
            "6 * sizeof(struct lp_port_desc) == %u, \"whole\");\n",
            (unsigned)tables_bytes("lp_add_s8__reference", 3, 2, 4, 4));
}

static void the_device_lays_them_out_as_stated(void **state)
{
    (void)state;
    const char *source = getenv("SOURCE_DIR");
    if (system("command -v arm-none-eabi-gcc >/dev/null 2>&1") != 0) {
        printf("SKIP the_device_lays_them_out_as_stated: arm-none-eabi-gcc is not installed\n");
        is_skipped = true;
        return;
    }
    char path[] = "/tmp/limpid-sizes-XXXXXX.c";
    char command[4200];
    int fd = mkstemps(path, 2);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    write_assertions(file);
    assert_int_equal(fclose(file), 0);
    snprintf(command, sizeof command, "arm-none-eabi-gcc -std=c11 -mcpu=cortex-m0plus -mthumb -fsyntax-only -I '%s' %s",
             source == NULL ? "." : source, path);
    int result = system(command);
    unlink(path);
    assert_int_equal(result, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(this_pc_lays_them_out_as_stated),
        cmocka_unit_test(a_program_has_the_bytes_of_its_structures),
        cmocka_unit_test(the_device_lays_them_out_as_stated),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed != 0 ? failed : is_skipped ? 77 : 0;
}
