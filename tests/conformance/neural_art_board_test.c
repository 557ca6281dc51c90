/* Outputs read back from a board: the strongest evidence there is. Every byte of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/neural_art_board.h"

enum { VECTORS = 10, MOST_CHANNELS = 64 };

static void board_bytes_come_out(const char *name, size_t channels, uint64_t measured_npu_cycles)
{
    char folder[200];
    struct na_session s;
    size_t in_size = 0, out_size = 0, different = 0;
    uint8_t outputs[MOST_CHANNELS];
    snprintf(folder, sizeof folder, "../shared/captures/%s", name);
    na_open_program(&s, na_board_program(&s, folder));
    size_t in_bytes = na_role_bytes(s.program, LP_NPU_INPUT);
    const uint8_t *inputs = na_file(&s, folder, "in0.bin", &in_size);
    const uint8_t *expected = na_file(&s, folder, "board0.bin", &out_size);
    assert_int_equal(in_size, VECTORS * in_bytes);
    assert_int_equal(out_size, VECTORS * channels);
    for (size_t v = 0; v < VECTORS; v++) {
        if (na_run(&s, inputs + v * in_bytes, outputs) != LP_OK) {
            na_print_findings(&s);
            fail_msg("%s does not run", name);
        }
        for (size_t i = 0; i < channels; i++)
            different += outputs[i] != expected[v * channels + i];
    }
    uint64_t cycles = s.report.epochs[0].cycles;
    print_message("%s: %zu board bytes compared, %zu differ; cycles %llu, measured %llu\n", name, VECTORS * channels, different,
                  (unsigned long long)cycles, (unsigned long long)measured_npu_cycles);
    assert_int_equal(different, 0);
    na_close(&s);
    /* The cycle model's stated error: within 3 % of the hardware share that the board's counters show. */
    if (measured_npu_cycles != 0)
        assert_in_range(cycles * 100, measured_npu_cycles * 97, measured_npu_cycles * 103);
}

static void convolution_1x1(void **state)
{
    (void)state;
    board_bytes_come_out("board_conv2d_1x1", 32, 132172);
}

static void convolution_3x3(void **state)
{
    (void)state;
    board_bytes_come_out("board_conv2d_3x3", 32, 133650);
}

static void convolution_and_pooling(void **state)
{
    (void)state;
    board_bytes_come_out("board_conv2d_pool", 16, 67266);
}

/* The board ran this network as two epochs, so its cycles are not those of the one made here. */
static void depthwise_3x3(void **state)
{
    (void)state;
    board_bytes_come_out("board_depthwise_3x3", 3, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolution_1x1),
        cmocka_unit_test(convolution_3x3),
        cmocka_unit_test(convolution_and_pooling),
        cmocka_unit_test(depthwise_3x3),
    };
    FILE *present = fopen("../shared/captures/manifest.json", "rb");
    if (present == NULL) {
        printf("SKIP outputs read back from a board: ../shared is not present\n");
        return 77;
    }
    fclose(present);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
