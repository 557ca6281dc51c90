/* Networks written by hand, on all three emulated boards: two trivial kernels whose results are computed here again. */
#define _GNU_SOURCE
#include "cli/emulate/emulate.h"

#include "cli/emulate/folder.h"
#include "cli/emulate/process.h"
#include "contract/crc32.h"
#include "runtime/epoch/network.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { ELEMENTS = 12, INFERENCES = 5, WEIGHTS_BYTES = ELEMENTS, ARENA_BYTES = 64 };

static const char *const boards[] = {"mps3-an547", "mps2-an386", "microbit"};
static const char *const m55[] = {"-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard"};
static const char *const m4[] = {"-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"};
static const char *const m0[] = {"-mcpu=cortex-m0plus", "-mthumb", "-mfloat-abi=soft"};

static struct lp_arena arena;
static struct lp_diag diag;
static const char *folder;     /* with the emitted sources of the test */
static const char *temp;       /* what the code under test must leave empty */
static const char *sources[3]; /* relative, absolute, absolute */

/* NAME: input at 0, middle at 16, output at 40 of the arena; the bytes from 52 to 63 are not used. */
static const char network_text[] =
    "#include \"contract/network.h\"\n"
    "#include <string.h>\n"
    "struct step { const int8_t *in; const int8_t *other; int8_t *out; };\n"
    "static volatile int8_t five = 5;\n" /* start-up must have copied it to RAM */
    "static lp_status add(const void *args)\n"
    "{\n"
    "    const struct step *s = args;\n"
    "    for (int i = 0; i < 12; i++)\n"
    "        s->out[i] = (int8_t)(s->in[i] + s->other[i] + five - 5);\n"
    "    return LP_OK;\n"
    "}\n"
    "static lp_status reverse(const void *args)\n"
    "{\n"
    "    const struct step *s = args;\n"
    "    float sum = 0.0f;\n"
    "    for (int i = 0; i < 12; i++) {\n"
    "        s->out[i] = s->in[11 - i];\n"
    "        sum += (float)s->in[i] * 0.5f;\n"
    "    }\n"
    "    s->out[0] = (int8_t)sum;\n"
    "    return LP_OK;\n"
    "}\n"
    "%s\n" /* further kernels */
    "static const _Alignas(16) int8_t %s_weights[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};\n"
    "static _Alignas(16) uint8_t arena[%s];\n"
    "static const struct step steps[] = {\n"
    "    {(int8_t *)arena, %s_weights, (int8_t *)arena + 16},\n"
    "    {(int8_t *)arena + 16, (int8_t *)arena + 52, (int8_t *)arena + 40},\n"
    "};\n"
    "static const struct lp_epoch epochs[] = {{add, &steps[0]}, {reverse, &steps[1]}%s};\n"
    "static const struct lp_port_desc input = {.data = arena, .size_bytes = 12};\n"
    "static const struct lp_port_desc output = {.data = arena + 40, .size_bytes = 12};\n"
    "const struct lp_network_desc %s_network;\n"
    "const struct lp_network_desc %s_network = {\n"
    "    .abi = LP_ABI, .epoch_count = sizeof epochs / sizeof *epochs, .input_count = 1, .output_count = 1,\n"
    "    .epochs = epochs, .inputs = &input, .outputs = &output, .weights = (const uint8_t *)%s_weights,\n"
    "    .weights_bytes = 12, .weights_crc32 = 0x%08xu, .arena_bytes = sizeof arena, .arena = arena,\n"
    "};\n";

static const int8_t weights[WEIGHTS_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

static const char *write_network(const char *name, const char *kernel, const char *epoch, const char *arena_bytes)
{
    struct lp_text text = {0};
    lp_text_printf(&text, network_text, kernel, name, arena_bytes, name, epoch, name, name, name,
                   (unsigned)lp_crc32(weights, sizeof weights));
    const char *file = lp_arena_printf(&arena, "%s.c", name);
    assert_int_equal(lp_folder_write(&arena, &diag, folder, file, lp_text_get(&text), text.length), LP_OK);
    lp_text_free(&text);
    return file;
}

static void expect(const int8_t *in, int8_t *out)
{
    float sum = 0.0f;
    int8_t middle[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++)
        middle[i] = (int8_t)(in[i] + weights[i]);
    for (int i = 0; i < ELEMENTS; i++) {
        out[i] = middle[ELEMENTS - 1 - i];
        sum += (float)middle[i] * 0.5f;
    }
    out[0] = (int8_t)sum;
}

static struct lp_emulate_program program_for(int board)
{
    const char *const *cflags[] = {m55, m4, m0};
    const size_t counts[] = {LP_COUNT(m55), LP_COUNT(m4), LP_COUNT(m0)};
    return (struct lp_emulate_program){
        .board = boards[board],
        .cflags = cflags[board],
        .cflag_count = counts[board],
        .folder = folder,
        .sources = sources,
        .source_count = LP_COUNT(sources),
    };
}

static int8_t in[INFERENCES * ELEMENTS];
static int8_t out[INFERENCES * ELEMENTS];
static int8_t wanted[INFERENCES * ELEMENTS];

static struct lp_emulate_network network_called(const char *symbol)
{
    memset(out, 0x77, sizeof out);
    for (int i = 0; i < INFERENCES * ELEMENTS; i++)
        in[i] = (int8_t)(i * 3 % 19 - 9);
    for (int n = 0; n < INFERENCES; n++)
        expect(in + n * ELEMENTS, wanted + n * ELEMENTS);
    return (struct lp_emulate_network){
        .symbol = symbol,
        .input = (const uint8_t *)in,
        .output = (uint8_t *)out,
        .input_bytes = ELEMENTS,
        .output_bytes = ELEMENTS,
        .inference_count = INFERENCES,
        .repeat_count = 1,
    };
}

static int set_up(void **state)
{
    (void)state;
    const char *root = getenv("SOURCE_DIR");
    if (root == NULL)
        root = ".";
    unsetenv("TMPDIR");
    if (lp_folder_temporary(&arena, &diag, &folder) != LP_OK || lp_folder_temporary(&arena, &diag, &temp) != LP_OK)
        return -1;
    setenv("TMPDIR", temp, 1);
    char *absolute = realpath(root, NULL);
    if (absolute == NULL)
        return -1;
    sources[0] = write_network("plain", "", "", "64");
    sources[1] = lp_arena_printf(&arena, "%s/runtime/epoch/network.c", absolute);
    sources[2] = lp_arena_printf(&arena, "%s/runtime/ports/cortex-m/port.c", absolute);
    free(absolute);
    return 0;
}

static bool is_empty(const char *path)
{
    DIR *dir = opendir(path);
    assert_non_null(dir);
    int entries = 0;
    while (readdir(dir) != NULL)
        entries++;
    closedir(dir);
    return entries == 2; /* . and .. */
}

static int tear_down(void **state)
{
    (void)state;
    bool clean = is_empty(temp) && waitpid(-1, NULL, WNOHANG) == -1;
    lp_folder_remove(&diag, temp);
    lp_folder_remove(&diag, folder);
    lp_diag_free(&diag);
    diag = (struct lp_diag){0};
    lp_arena_free(&arena);
    return clean ? 0 : -1;
}

static void assert_error(const char *part)
{
    if (strstr(lp_text_get(&diag.errors), part) == NULL)
        fail_msg("'%s' is not in: %s", part, lp_text_get(&diag.errors));
}

static lp_status run_one(int board, const char *symbol, struct lp_emulate_network *network, uint32_t timeout_s)
{
    struct lp_emulate_program program = program_for(board);
    *network = network_called(symbol);
    return lp_emulate_run(&arena, &diag, &program, network, 1, timeout_s);
}

static void every_board_computes_the_same(void **state)
{
    (void)state;
    for (int board = 0; board < 3; board++) {
        struct lp_emulate_network network;
        lp_status status = run_one(board, "plain_network", &network, 60);
        if (status != LP_OK)
            fail_msg("%s", lp_text_get(&diag.errors));
        assert_int_equal(network.status, LP_OK);
        assert_int_equal(network.epoch, LP_NO_EPOCH);
        assert_int_equal(network.done_count, INFERENCES);
        assert_memory_equal(out, wanted, sizeof out);
        assert_int_equal(network.touched_bytes, 52);
        assert_in_range(network.stack_bytes, 16, 300);
    }
}

static void one_failure_does_not_stop_the_others(void **state)
{
    (void)state;
    sources[0] = write_network("bad",
                               "static lp_status fails(const void *args)\n{\n    const struct step *s = args;\n"
                               "    return s->in[0] == 14 ? LP_UNSUPPORTED : LP_OK;\n}\n",
                               ", {fails, &steps[0]}", "64");
    /* Two networks share the runtime, so that it is named twice. */
    const char *all[] = {sources[0], sources[1], sources[2], write_network("plain", "", "", "64"), sources[1], sources[2]};
    struct lp_emulate_program program = program_for(1);
    program.sources = all;
    program.source_count = LP_COUNT(all);
    struct lp_emulate_network networks[] = {network_called("bad_network"), network_called("plain_network")};
    uint8_t bad_out[INFERENCES * ELEMENTS];
    networks[0].output = bad_out;
    in[2 * ELEMENTS] = 14;
    expect(in + 2 * ELEMENTS, wanted + 2 * ELEMENTS);
    assert_int_equal(lp_emulate_run(&arena, &diag, &program, networks, 2, 60), LP_UNSUPPORTED);
    assert_int_equal(diag.error_count, 1);
    assert_error("bad_network on the emulated mps2-an386: status 3 in epoch 2: kernel failed");
    assert_int_equal(networks[0].status, LP_UNSUPPORTED);
    assert_int_equal(networks[0].epoch, 2);
    assert_int_equal(networks[0].done_count, 2);
    assert_memory_equal(bad_out, wanted, 2 * ELEMENTS);
    assert_int_equal(networks[1].status, LP_OK);
    assert_memory_equal(out, wanted, sizeof out);
}

static void an_output_made_of_old_memory_is_found(void **state)
{
    (void)state;
    sources[0] = write_network("stale",
                               "static lp_status peek(const void *args)\n{\n    const struct step *s = args;\n"
                               "    s->out[3] = s->other[0];\n    return LP_OK;\n}\n",
                               ", {peek, &steps[1]}", "64");
    struct lp_emulate_network network;
    assert_int_equal(run_one(2, "stale_network", &network, 60), LP_INTERNAL);
    assert_error("depends on what the arena held");
    assert_int_equal(network.status, LP_INTERNAL);
}

static void the_unaligned_access_that_only_the_small_processor_refuses_is_named(void **state)
{
    (void)state;
    sources[0] = write_network("crooked",
                               "static lp_status load(const void *args)\n{\n    const struct step *s = args;\n"
                               "    volatile uint32_t address = (uint32_t)s->in | 1;\n"
                               "    return *(volatile uint32_t *)address == 0 ? LP_BUSY : LP_OK;\n}\n",
                               ", {load, &steps[0]}", "64");
    struct lp_emulate_network network;
    assert_int_equal(run_one(1, "crooked_network", &network, 60), LP_OK);
    assert_int_equal(run_one(2, "crooked_network", &network, 60), LP_IO);
    assert_error("crooked_network on the emulated microbit: the processor stopped: exception 3");
}

static void an_overflowing_stack_is_named(void **state)
{
    (void)state;
    sources[0] = write_network(
        "deep",
        "static int down(int n)\n{\n    volatile char room[2000];\n    room[n % 2000] = 1;\n"
        "    return n == 0 ? 0 : down(n - 1) + room[n % 2000];\n}\n"
        "static lp_status sink(const void *args)\n{\n    return args == 0 || down(1000) == 0 ? LP_BUSY : LP_OK;\n}\n",
        ", {sink, &steps[0]}", "64");
    for (int board = 0; board < 3; board++) {
        struct lp_emulate_network network;
        assert_int_equal(run_one(board, "deep_network", &network, 60), LP_IO);
        assert_error(
            lp_arena_printf(&arena, "deep_network on the emulated %s: the processor stopped: exception 3", boards[board]));
        assert_error("the stack overflowed");
        lp_diag_free(&diag);
        diag = (struct lp_diag){0};
    }
}

static void an_endless_kernel_is_stopped(void **state)
{
    (void)state;
    sources[0] = write_network("endless",
                               "static lp_status spin(const void *args)\n{\n    volatile int go = args != 0;\n    while (go)\n"
                               "        continue;\n    return LP_OK;\n}\n",
                               ", {spin, &steps[0]}", "64");
    struct lp_emulate_network network;
    assert_int_equal(run_one(0, "endless_network", &network, 1), LP_TIMEOUT);
    assert_error("stopped after 1 s");
    assert_int_equal(network.done_count, 0);
}

static void what_does_not_fit_is_said_with_numbers(void **state)
{
    (void)state;
    sources[0] = write_network("large", "", "", "16 * 1024 * 1024 + 100");
    struct lp_emulate_network network;
    assert_int_equal(run_one(2, "large_network", &network, 60), LP_DOES_NOT_FIT);
    assert_error("overflowed by");
}

static void a_warning_is_an_error_with_the_compilers_words(void **state)
{
    (void)state;
    sources[0] = write_network("careless", "static int unused;\n", "", "64");
    struct lp_emulate_network network;
    assert_int_equal(run_one(1, "careless_network", &network, 60), LP_INTERNAL);
    assert_error("careless.c");
    assert_error("unused");
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    char *path = strdup(getenv("PATH"));
    assert_non_null(path);
    setenv("PATH", "/nowhere", 1);
    assert_int_equal(lp_emulate_available(&diag), LP_UNSUPPORTED);
    setenv("PATH", path, 1);
    free(path);
    assert_error("arm-none-eabi-gcc and qemu-system-arm not found");
    assert_error("apt install gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm");
    struct lp_emulate_program program = program_for(0);
    program.board = "esp32";
    struct lp_emulate_network network = network_called("plain_network");
    assert_int_equal(lp_emulate_run(&arena, &diag, &program, &network, 1, 60), LP_UNSUPPORTED);
    assert_error("no emulated board 'esp32'");
}

static void flash_is_that_of_the_program_proper(void **state)
{
    (void)state;
    const char *const constants[] = {"plain_weights"};
    for (int board = 0; board < 3; board++) {
        struct lp_emulate_program program = program_for(board);
        struct lp_emulate_flash with, without;
        assert_int_equal(lp_emulate_flash(&arena, &diag, &program, "plain_network", constants, 1, &with), LP_OK);
        assert_int_equal(with.constants_bytes, WEIGHTS_BYTES);
        assert_int_equal(with.code_bytes, with.text_bytes + with.rodata_bytes + with.data_bytes - WEIGHTS_BYTES);
        assert_int_equal(with.data_bytes, 4); /* `five`, padded to a word */
        assert_in_range(with.bss_bytes, ARENA_BYTES + 16, ARENA_BYTES + 24 + 32);
        assert_in_range(with.text_bytes, 500,
                        4000); /* the microbit computes with floats in software, each newlib in its own size */
        assert_in_range(with.startup_bytes, 100, 400);
        /* A constant of 1000 bytes and an epoch of 8 more show up, give or take what aligns the weights to 16. */
        sources[0] = write_network(
            "plain",
            "static const uint8_t extra[1000] = {0};\n"
            "static lp_status use(const void *args)\n{\n    return (lp_status)extra[(uint32_t)args & 511];\n}\n",
            ", {use, &steps[0]}", "64");
        assert_int_equal(lp_emulate_flash(&arena, &diag, &program, "plain_network", NULL, 0, &without), LP_OK);
        assert_in_range(without.rodata_bytes, with.rodata_bytes + 1008 - 15, with.rodata_bytes + 1008 + 15);
        assert_int_equal(without.constants_bytes, 0);
        sources[0] = write_network("plain", "", "", "64");
    }
    struct lp_emulate_program program = program_for(0);
    const char *const wrong[] = {"no_such_symbol"};
    struct lp_emulate_flash flash;
    assert_int_equal(lp_emulate_flash(&arena, &diag, &program, "plain_network", wrong, 1, &flash), LP_INTERNAL);
    assert_error("no symbol no_such_symbol");
}

int main(void)
{
    if (lp_emulate_available(&diag) != LP_OK) {
        printf("SKIP cli.emulate.emulate_test: %s\n", lp_text_get(&diag.errors));
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_board_computes_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_failure_does_not_stop_the_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_output_made_of_old_memory_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_unaligned_access_that_only_the_small_processor_refuses_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_overflowing_stack_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_endless_kernel_is_stopped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_said_with_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_warning_is_an_error_with_the_compilers_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_missing_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(flash_is_that_of_the_program_proper, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
