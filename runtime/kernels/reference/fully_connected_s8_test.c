#include <stdbool.h>

#include "runtime/kernels/reference/naive_test.h"

enum { MAX_B = 4, MAX_IN = 70, MAX_OUT = 20, ROUNDS = 3000 };

static int8_t in[MAX_B * MAX_IN];
static int8_t weight[MAX_OUT * MAX_IN];
static int32_t bias[MAX_OUT];
static int32_t multiplier[MAX_OUT];
static int8_t shift[MAX_OUT];
static int8_t found[MAX_B * MAX_OUT];

static int8_t naive_output(const struct lp_fully_connected_s8 *p, int32_t b, int32_t o)
{
    int64_t sum = p->bias != NULL ? p->bias[o] : 0;
    for (int32_t i = 0; i < p->in_c; i++)
        sum += (int64_t)(p->in[b * p->in_c + i] + p->in_offset) * p->weight[o * p->in_c + i];
    int32_t c = p->per_channel ? o : 0;
    int32_t scaled = naive_requantize((int32_t)sum, p->multiplier[c], p->shift[c], p->rounding);
    return (int8_t)naive_clamp(scaled + p->out_offset, p->act_min, p->act_max);
}

static void every_product_as_naively(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_fully_connected_s8 p = {.in = in,
                                          .weight = weight,
                                          .bias = bias,
                                          .multiplier = multiplier,
                                          .shift = shift,
                                          .out = found,
                                          .batches = random_in(1, MAX_B),
                                          .in_c = random_in(1, MAX_IN),
                                          .out_c = random_in(1, MAX_OUT),
                                          .in_offset = random_in(-127, 128),
                                          .out_offset = random_in(-128, 127),
                                          .per_channel = (uint8_t)random_in(0, 1),
                                          .rounding = (uint8_t)random_in(0, 1)};
        random_range(&p.act_min, &p.act_max);
        random_bytes(in, (int32_t)sizeof in);
        random_bytes(weight, (int32_t)sizeof weight);
        for (int32_t o = 0; o < MAX_OUT; o++) {
            random_factor(&multiplier[o], &shift[o]);
            bias[o] = random_in(-20000, 20000);
        }
        if (random_in(0, 3) == 0)
            p.bias = NULL;
        assert_int_equal(lp_fully_connected_s8__reference(&p), LP_OK);
        for (int32_t b = 0; b < p.batches; b++)
            for (int32_t o = 0; o < p.out_c; o++)
                assert_int_equal(found[b * p.out_c + o], naive_output(&p, b, o));
    }
}

/* A multiplier of 0 (a factor too small to count) gives the zero point for every input. */
static void factor_zero_gives_the_zero_point(void **state)
{
    (void)state;
    struct lp_fully_connected_s8 p = {.in = in,
                                      .weight = weight,
                                      .multiplier = multiplier,
                                      .shift = shift,
                                      .out = found,
                                      .batches = 1,
                                      .in_c = MAX_IN,
                                      .out_c = 2,
                                      .out_offset = -7,
                                      .act_min = -128,
                                      .act_max = 127};
    random_bytes(in, (int32_t)sizeof in);
    random_bytes(weight, (int32_t)sizeof weight);
    multiplier[0] = 0;
    for (int8_t s = -31; s <= 30; s++) {
        shift[0] = s;
        p.rounding = (uint8_t)(s & 1);
        assert_int_equal(lp_fully_connected_s8__reference(&p), LP_OK);
        assert_int_equal(found[0], -7);
        assert_int_equal(found[1], -7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_product_as_naively),
        cmocka_unit_test(factor_zero_gives_the_zero_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
