#include "compiler/lower/neural-art/axis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Marks, for every result and tap, which line of the map the parts read; each pair must come exactly once and be right. */
static void check_side(struct lp_arena *arena, const struct lp_npu_side *side, int32_t most_taps, bool is_native)
{
    struct lp_npu_axis axis;
    int32_t seen[64][16];
    memset(seen, 0, sizeof seen);
    assert_true(lp_npu_axis_plan(arena, side, most_taps, is_native, &axis));
    for (int32_t t = 0; t < axis.tile_count; t++)
        for (int32_t p = 0; p < axis.tiles[t].part_count; p++) {
            const struct lp_npu_axis_part *part = &axis.tiles[t].parts[p];
            struct lp_npu_span span = lp_npu_axis_span(part, axis.stride, 0, axis.tiles[t].count);
            assert_true(part->taps <= most_taps);
            for (int32_t o = 0; o < axis.tiles[t].count; o++)
                for (int32_t k = 0; k < part->taps; k++) {
                    int32_t out = axis.tiles[t].first + o * axis.tiles[t].step, tap = part->tap_first + k * part->tap_step;
                    int32_t want = out * side->stride + tap * side->dilation - side->pad;
                    int32_t row = o * axis.stride + k - span.pad_before; /* of the lines that the span keeps */
                    bool is_inside = span.lines > 0 && row >= 0 && row < span.lines;
                    assert_int_equal(is_inside, want >= 0 && want < side->in);
                    if (is_inside)
                        assert_int_equal(span.start + row * part->step, want);
                    seen[out][tap]++;
                }
        }
    for (int32_t o = 0; o < side->out; o++)
        for (int32_t k = 0; k < side->kernel; k++)
            assert_int_equal(seen[o][k], 1);
}

static void every_tap_reads_its_line_once(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    for (int32_t in = 1; in <= 20; in += 3)
        for (int32_t kernel = 1; kernel <= 13; kernel++)
            for (int32_t stride = 1; stride <= 4; stride++)
                for (int32_t dilation = 1; dilation <= 3; dilation++)
                    for (int32_t pad = 0; pad <= 6; pad += 2) {
                        struct lp_npu_side side = {in, (in + stride - 1) / stride, kernel, stride, dilation, pad};
                        check_side(&arena, &side, 3, false);
                        if (stride <= 2)
                            check_side(&arena, &side, 7, true);
                    }
    lp_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_tap_reads_its_line_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
