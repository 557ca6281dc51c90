/* TensorFlow Lite's softmax of int16: both functions are read from tables, with 7 bits between their entries. */
#include "contract/fixed_point.h"
#include "runtime/kernels/kernels.h"

static int32_t saturated(int32_t value)
{
    return lp_clamp_s32(value, INT16_MIN, INT16_MAX);
}

static int32_t look_up(const int16_t *table, int32_t at)
{
    const int16_t *entry = table + 256 + (at >> 7);
    return entry[0] + (((entry[1] - entry[0]) * (at & 0x7f) + 64) >> 7);
}

static int32_t largest_of(const int16_t *in, int32_t depth)
{
    int32_t largest = INT16_MIN;
    for (int32_t i = 0; i < depth; i++)
        largest = in[i] > largest ? in[i] : largest;
    return largest;
}

static void softmax_row(const struct lp_softmax_s16 *p, const int16_t *in, int16_t *out)
{
    const int32_t largest = largest_of(in, p->depth);
    int32_t sum = 0;
    for (int32_t i = 0; i < p->depth; i++) {
        int32_t scaled = lp_requantize(in[i] - largest, p->multiplier, p->shift, p->rounding);
        out[i] = (int16_t)look_up(p->exp_table, saturated(lp_add_wrapping(scaled, INT16_MAX)));
        sum += out[i];
    }
    /* sum = (1 + x) * 2^power with x in 0..1, of which the table wants 16 bits around 0. */
    const int32_t zeros = lp_fixed_leading_zeros((uint32_t)sum);
    const int32_t one_and_x = (int32_t)((((int64_t)sum << (zeros - 1)) + (1 << 13)) >> 14);
    const int32_t reciprocal = look_up(p->reciprocal_table, saturated(one_and_x - (1 << 15) - (1 << 16)));
    const int32_t right = 31 - zeros;
    for (int32_t i = 0; i < p->depth; i++) {
        int64_t scaled = ((int64_t)out[i] * reciprocal + ((int64_t)1 << (right - 1))) >> right;
        out[i] = (int16_t)lp_clamp_s32((int32_t)scaled, 0, INT16_MAX);
    }
}

lp_status lp_softmax_s16__reference(const void *args)
{
    const struct lp_softmax_s16 *p = args;
    for (int32_t row = 0; row < p->rows; row++)
        softmax_row(p, p->in + row * p->depth, p->out + row * p->depth);
    return LP_OK;
}
