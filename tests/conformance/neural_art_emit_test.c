/* Programs emitted as C in the vendor's interface: compiled without a warning by three compilers for four generations of that
 * interface, as large on the target as the account says, and executed in a child process with the bytes that the simulator
 * gives; in the plain form and as programs of the epoch controller. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "contract/kernel_args.h"
#include "runtime/kernels/kernels.h"
#include "tests/support/neural_art_emit.h"

static int skips;

static bool has_lut(const struct lp_npu_program *p)
{
    for (uint32_t e = 0; e < p->epoch_count; e++)
        for (uint32_t i = 0; i < p->epochs[e].unit_count[LP_NPU_ACTIV]; i++)
            if (p->epochs[e].activ[i].operation == LP_NPU_ACTIV_LUT)
                return true;
    return false;
}

static bool has_tool(const char *name)
{
    char command[100];
    snprintf(command, sizeof command, "command -v %s >/dev/null", name);
    return system(command) == 0;
}

static void compile_file(const struct na_emitted *emitted, const char *compiler, const char *generation, const char *file)
{
    char command[800];
    snprintf(command, sizeof command,
             "%s -std=gnu11 -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wno-unused-macros -Werror %s "
             "-Ineural-art/shim -Itests/support/stm32n6 -I. -I%s -c %s/%s.c -o %s/%s.o",
             compiler, generation, emitted->folder, emitted->folder, file, emitted->folder, file);
    if (system(command) != 0)
        fail_msg("%s", command);
}

static void compile(const struct na_emitted *emitted, const char *compiler, const char *generation)
{
    compile_file(emitted, compiler, generation, "made");
}

/* Bytes of the sections that hold the emitted constants: with -fdata-sections each has one of its own. */
static uint64_t constant_bytes(const struct na_emitted *emitted)
{
    char command[300], line[300], name[200];
    unsigned long long bytes, sum = 0;
    snprintf(command, sizeof command, "arm-none-eabi-size -A %s/made.o", emitted->folder);
    FILE *sizes = popen(command, "r");
    assert_non_null(sizes);
    while (fgets(line, sizeof line, sizes) != NULL)
        if (sscanf(line, "%199s %llu", name, &bytes) == 2 &&
            (strncmp(name, ".rodata.made_", 13) == 0 || strncmp(name, ".rodata._ec_blob_made_", 22) == 0))
            sum += bytes;
    assert_int_equal(pclose(sizes), 0);
    return sum;
}

static const char *const generations[] = {
    "-DLP_SHIM_GENERATION=110 -DLL_ATON_VERSION_MICRO=0 -DLL_ATON_VERSION_DEV=31",
    "-DLP_SHIM_GENERATION=111 -DLL_ATON_VERSION_MICRO=1 -DLL_ATON_VERSION_DEV=14 -DLL_ATON_DBG_BUFFER_INFO_EXCLUDED=1",
    "-DLP_SHIM_GENERATION=113 -DLL_ATON_VERSION_MICRO=3 -DLL_ATON_VERSION_DEV=8 -DLL_ATON_EB_DBG_INFO",
    "-DLP_SHIM_GENERATION=113 -DLL_ATON_VERSION_MICRO=3 -DLL_ATON_VERSION_DEV=262 -DLP_SHIM_BLOCKS_TAKE_INSTANCE=1",
};

static void compile_everywhere(const struct na_emitted *emitted)
{
    static const char *const compilers[] = {"gcc", "clang", "arm-none-eabi-gcc -mcpu=cortex-m55 -mthumb"};
    for (size_t c = 0; c < LP_COUNT(compilers); c++)
        for (size_t g = 0; g < LP_COUNT(generations); g++)
            if (c == 0 || has_tool(c == 1 ? "clang" : "arm-none-eabi-gcc"))
                compile(emitted, compilers[c], generations[g]);
    /* What an application needs besides: against the shim, and against names of the HAL as generated board files use them. */
    static const char *const files[] = {"made_board", "made_loop", "made_npu"};
    for (size_t c = 0; c < LP_COUNT(compilers); c++)
        for (size_t f = 0; f < LP_COUNT(files); f++)
            if (c == 0 || has_tool(c == 1 ? "clang" : "arm-none-eabi-gcc"))
                compile_file(emitted, compilers[c], c == 0 ? "-DLP_NPU_LOG" : "", files[f]);
}

/* The account of the tables is what the target's compiler makes of them. */
static void measure(const struct na_emitted *emitted)
{
    if (!has_tool("arm-none-eabi-gcc")) {
        print_message("SKIP sizes on the target: there is no arm-none-eabi-gcc\n");
        skips++;
        return;
    }
    compile(emitted, "arm-none-eabi-gcc -mcpu=cortex-m55 -mthumb -O0 -fdata-sections",
            "-DLL_ATON_DBG_BUFFER_INFO_EXCLUDED=1 -DLP_SHIM_GENERATION=113");
    assert_int_equal(constant_bytes(emitted), emitted->tables.size_bytes);
}

static size_t compare(const char *folder, bool as_blobs, bool everywhere, size_t *compared)
{
    struct na_session s;
    struct na_emitted emitted;
    size_t input_bytes, expected_bytes, output_bytes, different = 0;
    na_open(&s, folder);
    const struct lp_npu_vectors *set = &s.program->vectors[0];
    if (as_blobs && has_lut(s.program)) {
        na_close(&s);
        return 0;
    }
    const uint8_t *input = na_file(&s, folder, set->inputs[0], &input_bytes),
                  *expected = na_file(&s, folder, set->outputs[0], &expected_bytes);
    na_emit(&s, s.program, NULL, 0, as_blobs, &emitted);
    if (everywhere)
        compile_everywhere(&emitted);
    measure(&emitted);
    const uint8_t *output = na_emitted_run(&s, &emitted, input, input_bytes, set->count, &output_bytes);
    assert_int_equal(output_bytes, expected_bytes);
    for (size_t i = 0; i < output_bytes; i++)
        different += output[i] != expected[i];
    *compared += output_bytes;
    na_emitted_remove(&emitted);
    na_close(&s);
    if (different > 0)
        print_message("%s%s: %zu bytes differ\n", folder, as_blobs ? " as blobs" : "", different);
    return different;
}

static void own_programs_as_c(void **state)
{
    (void)state;
    static const char *const names[] = {"convolution_simd1", "pipe_deep", "memory_accumulation", "self_accumulation",
                                        "activ_function",    "activ_lut", "dual_affine",         "pool_max"};
    size_t compared = 0, different = 0;
    for (size_t i = 0; i < LP_COUNT(names); i++) {
        char folder[200];
        snprintf(folder, sizeof folder, "tests/vectors/neural-art/%s", names[i]);
        for (int as_blobs = 0; as_blobs < 2; as_blobs++)
            different += compare(folder, as_blobs != 0, i == 0, &compared);
    }
    print_message("%zu programs, %zu bytes compared\n", LP_COUNT(names), compared);
    assert_int_equal(different, 0);
}

static void captures_as_c(void **state)
{
    (void)state;
    static const char *const names[] = {"cnn_small", "dense_10x10", "dense_256", "dense_64"};
    size_t compared = 0, different = 0;
    if (access("../shared/captures/manifest.json", R_OK) != 0) {
        print_message("SKIP captures as generated C: ../shared is not present\n");
        skips++;
        return;
    }
    for (size_t i = 0; i < LP_COUNT(names); i++) {
        char folder[200];
        snprintf(folder, sizeof folder, "../shared/captures/%s", names[i]);
        for (int as_blobs = 0; as_blobs < 2; as_blobs++)
            different += compare(folder, as_blobs != 0, i == 0, &compared);
    }
    print_message("%zu programs, %zu bytes compared\n", LP_COUNT(names), compared);
    assert_int_equal(different, 0);
}

/* ---- software epochs around a hardware epoch ---- */

enum { COUNT = 64, INPUT = 0x34200000, COPIED = 0x34200100, ADDED = 0x34200200, OUTPUT = 0x34200300, INFERENCES = 5 };

struct mixed {
    struct lp_npu_streng engines[2];
    struct lp_npu_arith adder;
    struct lp_npu_route routes[2];
    struct lp_npu_epoch epochs[3];
    struct lp_npu_pool_memory pools[1];
    struct lp_npu_buffer ports[2];
    struct lp_npu_program program;
    struct lp_copy copy;
    struct lp_softmax_s8 softmax;
    struct lp_npu_sw_operand operands[2][2];
    struct lp_npu_software software[2];
};

/* Copy (CPU), add 3 with saturation (NPU), softmax (CPU). */
static void make_mixed(struct mixed *m)
{
    static const int64_t shape[4] = {1, 1, 1, COUNT};
    *m = (struct mixed){.copy = {.size_bytes = COUNT},
                        .softmax = {.rows = 1, .depth = COUNT, .multiplier = 1 << 30, .diff_min = -128, .shift = 24}};
    m->engines[0] = (struct lp_npu_streng){.raw = 1,
                                           .nbits_in = 8,
                                           .nbits_out = 8,
                                           .addr_base = COPIED,
                                           .offset_end = COUNT,
                                           .offset_limit = 128,
                                           .frame_tot_cnt = 1};
    m->engines[1] = m->engines[0];
    m->engines[1].unit = m->engines[1].dir = 1;
    m->engines[1].addr_base = ADDED;
    m->adder = (struct lp_npu_arith){.operation = LP_NPU_ARITH_AFFINE,
                                     .scalar = 1,
                                     .A_scalar = 1,
                                     .C_scalar = 3,
                                     .inbytes_x = 1,
                                     .outbytes_x = 1,
                                     .outbytes_o = 1,
                                     .saturation_o = 1,
                                     .fWidth = 1,
                                     .fHeight = 1,
                                     .fChannels = COUNT,
                                     .batchDepth = COUNT};
    m->routes[0] = (struct lp_npu_route){{LP_NPU_ARITH, 0, 0}, {{1, 0, {LP_NPU_STRENG, 0, 0}}}, 1};
    m->routes[1] = (struct lp_npu_route){{LP_NPU_STRENG, 1, 0}, {{1, 0, {LP_NPU_ARITH, 0, 0}}}, 1};
    for (int i = 0; i < 3; i++)
        m->epochs[i] = (struct lp_npu_epoch){.id = i + 1, .kind = LP_NPU_EPOCH_SW, .sw_op = "{}"};
    m->epochs[1] = (struct lp_npu_epoch){.id = 2,
                                         .wait_mask = 2,
                                         .streng = m->engines,
                                         .arith = &m->adder,
                                         .unit_count = {[LP_NPU_STRENG] = 2, [LP_NPU_ARITH] = 1},
                                         .routes = m->routes,
                                         .route_count = 2};
    m->pools[0] = (struct lp_npu_pool_memory){"npuRAM3", 0x34200000, 0x70000, false, true, false};
    for (int i = 0; i < 2; i++)
        m->ports[i] = (struct lp_npu_buffer){.name = i ? "out" : "in",
                                             .dtype = "int8",
                                             .address = i ? OUTPUT : INPUT,
                                             .size_bytes = COUNT,
                                             .shape = shape,
                                             .rank = 4};
    m->program = (struct lp_npu_program){.name = "mixed",
                                         .pools = m->pools,
                                         .pool_count = 1,
                                         .buffers = {[LP_NPU_INPUT] = {&m->ports[0], 1}, [LP_NPU_OUTPUT] = {&m->ports[1], 1}},
                                         .epochs = m->epochs,
                                         .epoch_count = 3};
    const uint32_t addresses[2][2] = {{INPUT, COPIED}, {ADDED, OUTPUT}};
    const uint16_t fields[2][2] = {{offsetof(struct lp_copy, in), offsetof(struct lp_copy, out)},
                                   {offsetof(struct lp_softmax_s8, in), offsetof(struct lp_softmax_s8, out)}};
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 2; k++)
            m->operands[i][k] = (struct lp_npu_sw_operand){fields[i][k], k == 1, addresses[i][k], COUNT};
        m->software[i] = (struct lp_npu_software){.epoch = i ? 2 : 0,
                                                  .kernel = lp_kernel_find(i ? "lp_softmax_s8__reference" : "lp_copy__reference"),
                                                  .args = i ? (const void *)&m->softmax : (const void *)&m->copy,
                                                  .operands = m->operands[i],
                                                  .operand_count = 2};
    }
}

static void expect_op(const struct lp_npu_epoch *e, uint32_t i, enum lp_npu_cache_when when, enum lp_npu_cache_action action,
                      uint32_t start)
{
    assert_true(i < e->cache_op_count);
    assert_int_equal(e->cache_ops[i].when, when);
    assert_int_equal(e->cache_ops[i].cache, LP_NPU_CACHE_MCU);
    assert_int_equal(e->cache_ops[i].op, action);
    assert_int_equal(e->cache_ops[i].start, start);
    assert_int_equal(e->cache_ops[i].bytes, COUNT);
}

/* Exactly where the CPU hands memory to the NPU or takes it back. */
static void caches_are_maintained_where_needed(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct mixed m;
    make_mixed(&m);
    assert_int_equal(lp_npu_cache_plan(&arena, &diag, &m.program, m.software, 2), LP_OK);
    assert_int_equal(m.epochs[0].cache_op_count, 1);
    expect_op(&m.epochs[0], 0, LP_NPU_CACHE_END_AFTER_DISABLE, LP_NPU_CACHE_CLEAN, COPIED);
    assert_int_equal(m.epochs[1].cache_op_count, 1);
    expect_op(&m.epochs[1], 0, LP_NPU_CACHE_START_BEFORE_ENABLE, LP_NPU_CACHE_INVALIDATE, ADDED);
    assert_int_equal(m.epochs[2].cache_op_count, 2);
    expect_op(&m.epochs[2], 0, LP_NPU_CACHE_END_BEFORE_DISABLE, LP_NPU_CACHE_INVALIDATE, ADDED);
    expect_op(&m.epochs[2], 1, LP_NPU_CACHE_END_AFTER_DISABLE, LP_NPU_CACHE_CLEAN, OUTPUT);
    /* What the CPU left in its cache one inference ago must not be written back over what the NPU stores there now. */
    m.engines[1].addr_base = OUTPUT;
    m.operands[1][0].address = OUTPUT;
    assert_int_equal(lp_npu_cache_plan(&arena, &diag, &m.program, m.software, 2), LP_OK);
    assert_int_equal(m.epochs[1].cache_op_count, 1);
    expect_op(&m.epochs[1], 0, LP_NPU_CACHE_START_BEFORE_ENABLE, LP_NPU_CACHE_INVALIDATE, OUTPUT);
    lp_arena_free(&arena);
    lp_diag_free(&diag);
}

static void compare_mixed(enum na_application application)
{
    int8_t input[COUNT * INFERENCES], added[COUNT], expected[COUNT];
    for (int as_blobs = 0; as_blobs < 2; as_blobs++) {
        struct na_session s;
        struct na_emitted emitted;
        struct mixed m;
        size_t bytes;
        memset(&s, 0, sizeof s);
        make_mixed(&m);
        s.program = &m.program;
        for (int i = 0; i < COUNT * INFERENCES; i++)
            input[i] = (int8_t)(i * i * 7 + i % 5 - 100);
        na_emit(&s, &m.program, m.software, 2, as_blobs != 0, &emitted);
        if (application == NA_NO_APPLICATION) {
            compile_everywhere(&emitted);
            measure(&emitted);
        }
        const uint8_t *output = na_emitted_apply(&s, &emitted, application, (const uint8_t *)input, sizeof input, INFERENCES,
                                                 &bytes);
        assert_int_equal(bytes, sizeof input);
        for (int k = 0; k < INFERENCES; k++) {
            for (int i = 0; i < COUNT; i++)
                added[i] = (int8_t)(input[k * COUNT + i] > 124 ? 127 : input[k * COUNT + i] + 3);
            m.softmax.in = added;
            m.softmax.out = expected;
            assert_int_equal(lp_softmax_s8__reference(&m.softmax), LP_OK);
            assert_memory_equal(output + k * COUNT, expected, COUNT);
        }
        na_emitted_remove(&emitted);
        na_close(&s);
    }
}

static void software_epochs_as_c(void **state)
{
    (void)state;
    compare_mixed(NA_NO_APPLICATION);
}

/* The runtime's functions on the vendor's run loop, with self-check and log; and the loop to copy. */
static void applications_run_the_network(void **state)
{
    (void)state;
    compare_mixed(NA_RUNTIME);
    compare_mixed(NA_LOOP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_programs_as_c),
        cmocka_unit_test(captures_as_c),
        cmocka_unit_test(caches_are_maintained_where_needed),
        cmocka_unit_test(software_epochs_as_c),
        cmocka_unit_test(applications_run_the_network),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed != 0 ? 1 : skips > 0 ? 77 : 0;
}
