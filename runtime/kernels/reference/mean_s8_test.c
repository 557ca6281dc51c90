#include <stdbool.h>

#include "runtime/kernels/reference/naive_test.h"

enum { ROUNDS = 3000 };

static int8_t in[3 * 3 * 3 * 3 * 3 * 3 * 3 * 3];
static int8_t found[sizeof in];

/* The 8 dimensions alternate between kept and reduced; kept ones stand at odd places when keep_first is false. */
struct shape {
    int32_t dims[8];
    bool keep_first;
};

static void strides_of(const struct shape *s, struct lp_mean_s8 *p)
{
    int32_t stride = 1;
    for (int d = 7; d >= 0; d--) {
        bool kept = (d % 2 == 0) == s->keep_first;
        int32_t *dims = kept ? p->keep_dims : p->reduce_dims;
        int32_t *strides = kept ? p->keep_stride : p->reduce_stride;
        dims[d / 2] = s->dims[d];
        strides[d / 2] = stride;
        stride *= s->dims[d];
    }
}

/* One pass over all inputs, each added to the sum of its output. */
static int32_t naive_sums(const struct shape *s, int32_t *sums, int32_t *count)
{
    int32_t total = 1;
    int32_t kept = 1;
    for (int d = 0; d < 8; d++) {
        total *= s->dims[d];
        if ((d % 2 == 0) == s->keep_first)
            kept *= s->dims[d];
    }
    for (int32_t i = 0; i < kept; i++)
        sums[i] = 0;
    for (int32_t i = 0; i < total; i++) {
        int32_t rest = i;
        int32_t at = 0;
        int32_t step = 1;
        for (int d = 7; d >= 0; d--) {
            if ((d % 2 == 0) == s->keep_first) {
                at += rest % s->dims[d] * step;
                step *= s->dims[d];
            }
            rest /= s->dims[d];
        }
        sums[at] += in[i];
    }
    *count = total / kept;
    return kept;
}

static void every_mean_as_naively(void **state)
{
    (void)state;
    static int32_t sums[sizeof in];
    for (int round = 0; round < ROUNDS; round++) {
        struct shape s = {.keep_first = random_in(0, 1) == 0};
        for (int d = 0; d < 8; d++)
            s.dims[d] = random_in(1, 3);
        struct lp_mean_s8 p = {.in = in, .out = found, .rounding = (uint8_t)random_in(0, 1)};
        strides_of(&s, &p);
        random_bytes(in, (int32_t)sizeof in);
        int32_t count = 0;
        int32_t kept = naive_sums(&s, sums, &count);
        int32_t zero_point = random_in(-128, 127);
        p.sum_offset = -zero_point * count;
        p.out_offset = random_in(-128, 127);
        p.multiplier = random_in(1 << 29, INT32_MAX);
        p.shift = (int8_t)random_in(-8, 2);
        assert_int_equal(lp_mean_s8__reference(&p), LP_OK);
        for (int32_t i = 0; i < kept; i++) {
            int32_t scaled = naive_requantize(sums[i] - zero_point * count, p.multiplier, p.shift, p.rounding) + p.out_offset;
            assert_int_equal(found[i], naive_clamp(scaled, -128, 127));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mean_as_naively),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
