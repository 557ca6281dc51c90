#include <stdbool.h>

#include "runtime/kernels/reference/naive_test.h"

#include <string.h>

enum { ELEMENTS = 3 * 3 * 3 * 3 * 3 * 3, ROUNDS = 3000 };

static int8_t in1[ELEMENTS];
static int8_t in2[ELEMENTS];
static int8_t found[ELEMENTS];
static int8_t expected[ELEMENTS];

static int8_t naive_add(const struct lp_add_s8 *p, int8_t a, int8_t b)
{
    int32_t a20 = (a + p->in1_offset) * 1048576;
    int32_t b20 = (b + p->in2_offset) * 1048576;
    int32_t sum = naive_requantize(a20, p->in1_multiplier, p->in1_shift, p->rounding) +
                  naive_requantize(b20, p->in2_multiplier, p->in2_shift, p->rounding);
    return (int8_t)naive_clamp(naive_requantize(sum, p->out_multiplier, p->out_shift, p->rounding) + p->out_offset, p->act_min,
                               p->act_max);
}

/* Counts through all elements and takes each index apart anew. */
static int32_t naive(const struct lp_add_s8 *p)
{
    int32_t count = 1;
    for (int d = 0; d < p->rank; d++)
        count *= p->dims[d];
    for (int32_t i = 0; i < count; i++) {
        int32_t rest = i;
        int32_t at1 = 0;
        int32_t at2 = 0;
        for (int d = p->rank - 1; d >= 0; d--) {
            at1 += rest % p->dims[d] * p->in1_stride[d];
            at2 += rest % p->dims[d] * p->in2_stride[d];
            rest /= p->dims[d];
        }
        expected[i] = naive_add(p, p->in1[at1], p->in2[at2]);
    }
    return count;
}

static void random_add(struct lp_add_s8 *p)
{
    *p = (struct lp_add_s8){.in1 = in1,
                            .in2 = in2,
                            .out = found,
                            .in1_offset = random_in(-127, 128),
                            .in2_offset = random_in(-127, 128),
                            .out_offset = random_in(-128, 127),
                            .left_shift = 20,
                            .rounding = (uint8_t)random_in(0, 1)};
    p->in1_multiplier = random_in(1 << 30, INT32_MAX);
    p->in2_multiplier = random_in(1 << 30, INT32_MAX);
    p->out_multiplier = random_in(1 << 30, INT32_MAX);
    p->in1_shift = (int8_t)random_in(-10, 0);
    p->in2_shift = (int8_t)random_in(-10, 0);
    p->out_shift = (int8_t)(random_in(0, 3) == 0 ? random_in(-31, 0) : random_in(-21, -17));
    random_range(&p->act_min, &p->act_max);
    random_bytes(in1, ELEMENTS);
    random_bytes(in2, ELEMENTS);
}

static void every_broadcast_as_naively(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_add_s8 p;
        random_add(&p);
        p.rank = (uint8_t)random_in(1, LP_BROADCAST_RANK);
        int32_t dense1 = 1;
        int32_t dense2 = 1;
        for (int d = p.rank - 1; d >= 0; d--) {
            int which = random_in(0, 3); /* 1: the first input stands still, 2: the second */
            p.dims[d] = random_in(1, 3);
            p.in1_stride[d] = which == 1 ? 0 : dense1;
            p.in2_stride[d] = which == 2 ? 0 : dense2;
            dense1 *= which == 1 ? 1 : p.dims[d];
            dense2 *= which == 2 ? 1 : p.dims[d];
        }
        assert_int_equal(lp_add_s8__reference(&p), LP_OK);
        int32_t count = naive(&p);
        assert_same_bytes(found, expected, count);
    }
}

static void either_input_may_be_overwritten(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_add_s8 p;
        random_add(&p);
        p.rank = 2;
        p.dims[0] = 9;
        p.dims[1] = 7;
        bool over_first = random_in(0, 1) == 0;
        /* the one that is overwritten is dense, the other is repeated along the rows */
        p.in1_stride[0] = over_first ? 7 : 0;
        p.in2_stride[0] = over_first ? 0 : 7;
        p.in1_stride[1] = 1;
        p.in2_stride[1] = 1;
        int32_t count = naive(&p);
        p.out = over_first ? in1 : in2;
        assert_int_equal(lp_add_s8__reference(&p), LP_OK);
        assert_same_bytes(p.out, expected, count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_broadcast_as_naively),
        cmocka_unit_test(either_input_may_be_overwritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
