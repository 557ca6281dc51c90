#include <stdbool.h>

#include "runtime/kernels/reference/naive_test.h"

#include <string.h>

enum { ROUNDS = 300, MOMENTS = 12, MOST_IN = 8, MOST_FILTERS = 12, MOST_MEMORY = 5, MOST_BATCHES = 2 };

static int8_t inputs[MOMENTS][MOST_BATCHES * MOST_IN], feature[MOST_FILTERS * MOST_IN], found[MOST_BATCHES * MOST_FILTERS];
static int16_t time_weight[MOST_FILTERS * MOST_MEMORY], states[2][MOST_BATCHES * MOST_FILTERS * MOST_MEMORY];
static int32_t bias[MOST_FILTERS];

/* What a filter made of a moment; nothing before the first one. */
static int32_t feature_at(const struct lp_svdf_s8 *p, int moment, int32_t batch, int32_t filter)
{
    int32_t sum = 0;
    if (moment < 0)
        return 0;
    for (int32_t i = 0; i < p->in_c; i++)
        sum += (inputs[moment][batch * p->in_c + i] + p->in_offset) * feature[filter * p->in_c + i];
    return naive_clamp(naive_requantize(sum, p->feature_multiplier, p->feature_shift, p->rounding), -32768, 32767);
}

/* A convolution in time over all that has been, without any state. */
static int32_t expected(const struct lp_svdf_s8 *p, int moment, int32_t batch, int32_t unit)
{
    int64_t sum = p->bias == NULL ? 0 : bias[unit];
    for (int32_t f = unit * p->rank; f < (unit + 1) * p->rank; f++)
        for (int32_t t = 0; t < p->memory; t++)
            sum += (int64_t)feature_at(p, moment - (p->memory - 1 - t), batch, f) * time_weight[f * p->memory + t];
    int32_t wrapped = (int32_t)(uint32_t)(uint64_t)sum;
    return naive_clamp(naive_requantize(wrapped, p->out_multiplier, p->out_shift, p->rounding) + p->out_offset, -128, 127);
}

static struct lp_svdf_s8 random_call(void)
{
    struct lp_svdf_s8 p = {.in_c = random_in(1, MOST_IN), .units = random_in(1, 4), .rank = random_in(1, 3)};
    p.batches = random_in(1, MOST_BATCHES);
    p.memory = random_in(1, MOST_MEMORY);
    p.in_offset = random_in(-127, 128);
    p.out_offset = random_in(-128, 127);
    p.feature_multiplier = random_in(1 << 30, INT32_MAX);
    p.feature_shift = (int8_t)random_in(-4, 2);
    p.out_multiplier = random_in(1 << 30, INT32_MAX);
    p.out_shift = (int8_t)random_in(-26, -18);
    p.rounding = (uint8_t)random_in(0, 1);
    p.bias = random_in(0, 1) == 0 ? NULL : bias;
    p.feature_weight = feature;
    p.time_weight = time_weight;
    p.out = found;
    random_bytes(feature, MOST_FILTERS * MOST_IN);
    for (int32_t i = 0; i < MOST_FILTERS * MOST_MEMORY; i++)
        time_weight[i] = (int16_t)random_in(-32768, 32767);
    for (int32_t i = 0; i < MOST_FILTERS; i++)
        bias[i] = random_in(-1000000, 1000000);
    return p;
}

static void a_sequence_is_a_convolution_in_time(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_svdf_s8 p = random_call();
        memset(states, 0, sizeof states);
        for (int m = 0; m < MOMENTS; m++) {
            random_bytes(inputs[m], p.batches * p.in_c);
            p.in = inputs[m];
            p.old_state = states[m % 2];
            p.new_state = states[1 - m % 2];
            assert_int_equal(lp_svdf_s8__reference(&p), LP_OK);
            for (int32_t i = 0; i < p.batches * p.units; i++)
                assert_int_equal(found[i], expected(&p, m, i / p.units, i % p.units));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_sequence_is_a_convolution_in_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
