/* Convolutions and pools by rows give what the same kernels give one after the other, on random chains of two and three: in strips of
 * exactly the size that is stated, with the result over its dying input from the stated distance on; and most often a row less
 * breaks it. */
#include "compiler/lower/rows.h"
#include "runtime/kernels/kernels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { CHAINS = 4000, GUARD = 64, ROOM = 1 << 16, MOST_WEIGHTS = 4096, MOST_CHANNELS = 64, PATTERN = 0x5a };

static uint64_t state = 1;

static int32_t between(int32_t low, int32_t high)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return low + (int32_t)((state >> 33) % (uint64_t)(high - low + 1));
}

static int8_t input[ROOM], memory[ROOM], strips[LP_ROWS_STAGES][ROOM], maps[LP_ROWS_STAGES][ROOM];
static int8_t weights[LP_ROWS_STAGES][MOST_WEIGHTS];
static int32_t bias[LP_ROWS_STAGES][MOST_CHANNELS], multiplier[MOST_CHANNELS];
static int8_t shift[MOST_CHANNELS];

union args {
    struct lp_conv2d_s8 conv;
    struct lp_depthwise_conv2d_s8 depthwise;
    struct lp_pool_s8 pool;
};

struct chain {
    uint32_t count, pools;
    union args args[LP_ROWS_STAGES];
    lp_kernel *run[LP_ROWS_STAGES];
    int64_t in_bytes, out_bytes;
};

static void fill(void)
{
    for (int i = 0; i < ROOM; i++)
        input[i] = (int8_t)between(-128, 127);
    for (int s = 0; s < LP_ROWS_STAGES; s++) {
        for (int i = 0; i < MOST_WEIGHTS; i++)
            weights[s][i] = (int8_t)between(-127, 127);
        for (int i = 0; i < MOST_CHANNELS; i++)
            bias[s][i] = between(-3000, 3000);
    }
    for (int i = 0; i < MOST_CHANNELS; i++) {
        multiplier[i] = between(1 << 30, INT32_MAX);
        shift[i] = (int8_t)between(-11, -8);
    }
}

/* A window on a map, with padding of every kind that leaves each window something of the map. */
static void set_window(struct lp_conv2d_s8 *p, int32_t in_h, int32_t in_w)
{
    p->in_h = in_h;
    p->in_w = in_w;
    p->dilation_h = between(0, 4) == 0 ? 2 : 1;
    p->dilation_w = 1;
    do {
        p->kernel_h = (uint16_t)between(1, 4);
        p->kernel_w = (uint16_t)between(1, 3);
    } while ((p->kernel_h - 1) * p->dilation_h + 1 > in_h || p->kernel_w > in_w);
    const int32_t reach = (p->kernel_h - 1) * p->dilation_h;
    p->stride_h = (uint16_t)between(1, 4);
    p->stride_w = (uint16_t)between(1, 2);
    p->pad_top = (uint16_t)between(0, reach);
    p->pad_left = (uint16_t)between(0, p->kernel_w - 1);
    p->out_h = (in_h + p->pad_top + between(0, reach) - reach - 1) / p->stride_h + 1;
    p->out_w = (in_w + p->pad_left + between(0, p->kernel_w - 1) - p->kernel_w) / p->stride_w + 1;
}

/* The same window as a pool, which has no dilation. */
static void add_pool(struct chain *c, uint32_t i, struct lp_conv2d_s8 *p)
{
    static lp_kernel *const pools[] = {lp_max_pool_s8__reference, lp_average_pool_s8__reference};
    const struct lp_pool_s8 pool = {.batches = 1,
                                    .in_h = p->in_h,
                                    .in_w = p->in_w,
                                    .out_h = p->out_h,
                                    .out_w = p->out_w,
                                    .channels = p->in_c,
                                    .kernel_h = (uint16_t)((p->kernel_h - 1) * p->dilation_h + 1),
                                    .kernel_w = p->kernel_w,
                                    .stride_h = p->stride_h,
                                    .stride_w = p->stride_w,
                                    .pad_top = p->pad_top,
                                    .pad_left = p->pad_left,
                                    .act_min = -128,
                                    .act_max = 127};
    c->run[i] = pools[between(0, 1)];
    c->args[i].pool = pool;
    c->pools |= 1u << i;
}

static struct lp_rows_shape shape_of(const struct chain *c, uint32_t i)
{
    return lp_rows_shape_of(&c->args[i], (c->pools >> i & 1) != 0);
}

static void set_memory(const struct chain *c, uint32_t i, union args *args, const int8_t *in, int8_t *out)
{
    *args = c->args[i];
    if ((c->pools >> i & 1) != 0) {
        args->pool.in = in;
        args->pool.out = out;
    } else {
        args->conv.in = in;
        args->conv.out = out;
    }
}

static void make_chain(struct chain *c)
{
    int32_t height = between(1, 14), width = between(1, 9), channels = between(1, 5);
    memset(c, 0, sizeof *c);
    c->count = (uint32_t)between(2, LP_ROWS_STAGES);
    c->in_bytes = (int64_t)height * width * channels;
    for (uint32_t i = 0; i < c->count; i++) {
        struct lp_conv2d_s8 p = {.weight = weights[i],
                                 .bias = between(0, 3) == 0 ? NULL : bias[i],
                                 .multiplier = multiplier,
                                 .shift = shift,
                                 .batches = 1,
                                 .in_c = channels,
                                 .pad_value = between(-128, 127),
                                 .out_offset = between(-20, 20),
                                 .act_min = -128,
                                 .act_max = 127,
                                 .per_channel = 1};
        bool is_depthwise = between(0, 1) == 0, is_pool = between(0, 2) == 0;
        set_window(&p, height, width);
        if (is_pool) {
            add_pool(c, i, &p);
            height = p.out_h;
            width = p.out_w;
            continue;
        }
        p.filter_c = is_depthwise ? between(1, 2) : channels; /* of a depthwise one the multiplier */
        p.out_c = is_depthwise ? channels * p.filter_c : between(1, 8);
        c->run[i] = is_depthwise ? lp_depthwise_conv2d_s8__reference : lp_conv2d_s8__reference;
        memcpy(&c->args[i], &p, sizeof p);
        height = p.out_h;
        width = p.out_w;
        channels = p.out_c;
    }
    c->out_bytes = (int64_t)height * width * channels;
}

static void run_one_by_one(const struct chain *c)
{
    const int8_t *in = input;
    for (uint32_t i = 0; i < c->count; i++) {
        union args args;
        set_memory(c, i, &args, in, maps[i]);
        assert_int_equal(c->run[i](&args), LP_OK);
        in = maps[i];
    }
}

static void check_pattern(const int8_t *from, int64_t bytes)
{
    for (int64_t i = 0; i < bytes; i++)
        assert_int_equal(from[i], PATTERN);
}

/* By rows, the result `distance` below the input. Whether it is right; what lies around is as it was. */
static bool is_right(const struct chain *c, int64_t distance)
{
    union args args[LP_ROWS_STAGES];
    struct lp_rows rows = {.count = (uint8_t)c->count, .pools = (uint8_t)c->pools};
    int8_t *out = memory + GUARD, *in = out + distance;
    int64_t end = distance + c->in_bytes > c->out_bytes ? distance + c->in_bytes : c->out_bytes;
    memset(memory, PATTERN, sizeof memory);
    memset(strips, PATTERN, sizeof strips);
    memcpy(in, input, (size_t)c->in_bytes);
    for (uint32_t i = 0; i < c->count; i++) {
        set_memory(c, i, &args[i], i == 0 ? in : strips[i - 1] + GUARD, i + 1 == c->count ? out : strips[i] + GUARD);
        rows.stage[i] = (struct lp_epoch){c->run[i], &args[i]};
    }
    assert_int_equal(lp_rows__reference(&rows), LP_OK);
    check_pattern(memory, GUARD);
    check_pattern(out + end, GUARD);
    for (uint32_t i = 0; i + 1 < c->count; i++) {
        const struct lp_rows_shape next = shape_of(c, i + 1);
        check_pattern(strips[i], GUARD);
        check_pattern(strips[i] + GUARD + lp_rows_of_strip(&next) * next.in_row_bytes, GUARD);
    }
    return memcmp(out, maps[c->count - 1], (size_t)c->out_bytes) == 0;
}

static void rows_give_what_maps_give(void **unused)
{
    int tight = 0, broken = 0, three = 0;
    (void)unused;
    fill();
    for (int n = 0; n < CHAINS; n++) {
        struct chain c;
        struct lp_rows_shape stages[LP_ROWS_STAGES];
        make_chain(&c);
        for (uint32_t i = 0; i < c.count; i++)
            stages[i] = shape_of(&c, i);
        run_one_by_one(&c);
        const int64_t gap = lp_rows_gap_bytes(stages, c.count);
        const int64_t row = stages[0].in_row_bytes;
        if (!is_right(&c, ROOM / 4) || !is_right(&c, gap))
            fail_msg("chain %d of %u: wrong result at distance %lld", n, (unsigned)c.count, (long long)gap);
        three += c.count == LP_ROWS_STAGES;
        if (gap > 0) {
            tight++;
            broken += !is_right(&c, gap > row ? gap - row : 0);
        }
    }
    printf("%d chains, %d of three; %d with a distance, a row less breaks %d of them\n", CHAINS, three, tight, broken);
    assert_true(three > CHAINS / 3 && tight > CHAINS / 20);
    assert_true(broken > tight * 4 / 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_give_what_maps_give)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
