/* TensorFlow Lite's LOGISTIC and TANH of int16: tanh(x) = 2 * logistic(2 * x) - 1, and one table of the logistic function. */
#include "runtime/kernels/kernels.h"

enum { LAST_ENTRY = LP_SIGMOID_TABLE - 1 };

/* Linear between the entries, which are 2^bits apart, with so many fractional bits more than they have; `most` beyond. */
static int32_t look_up(const int16_t *table, uint32_t at, uint32_t bits, int32_t most)
{
    const uint32_t entry = at >> bits;
    if (entry >= LAST_ENTRY)
        return most;
    const int32_t between = (int32_t)(at & ((1u << bits) - 1));
    return (table[entry] + (1 << 16)) * (1 << bits) + between * (table[entry + 1] - table[entry]);
}

static int16_t logistic(const int16_t *table, int32_t x)
{
    const int32_t one = 1 << 25, half_step = 1 << 9;
    int32_t value = look_up(table, (uint32_t)(x < 0 ? -x : x), 9, INT16_MAX << 10);
    return (int16_t)((x >= 0 ? value + half_step : one - value + half_step - 1) >> 10);
}

static int16_t hyperbolic_tangent(const int16_t *table, int32_t x)
{
    const int32_t half = 1 << 23, half_step = 1 << 7;
    int32_t value = look_up(table, (uint32_t)(x < 0 ? -x : x), 8, UINT16_MAX << 8);
    return (int16_t)((x >= 0 ? value - half + half_step : half - value + half_step - 1) >> 8);
}

lp_status lp_sigmoid_s16__reference(const void *args)
{
    const struct lp_sigmoid_s16 *p = args;
    const int32_t half = p->right_shift > 0 ? (int32_t)1 << (p->right_shift - 1) : 0;
    for (int32_t i = 0; i < p->count; i++) {
        int32_t x = (p->in[i] * p->multiplier + half) >> p->right_shift;
        p->out[i] = p->is_tanh != 0 ? hyperbolic_tangent(p->table, x) : logistic(p->table, x);
    }
    return LP_OK;
}
