#include "contract/fixed_point.h"
#include "runtime/kernels/kernels.h"

enum { OUTPUT_BITS = 7 };

/* 1 / sqrt(sum) as multiplier and shift: the sum is brought to 1/4 to 1 by powers of four, then five steps of Newton's
 * iteration on Q3 numbers, begun at 1. */
static void inverse_root(int32_t sum, int32_t *multiplier, int32_t *shift)
{
    const int32_t q3_half_three = 3 << 27;
    const int32_t half_root_of_two = 1518500250;
    int32_t right = 11;
    int32_t x = (int32_t)1 << 28; /* 1 */
    *multiplier = INT32_MAX;
    *shift = 0;
    if (sum <= 1)
        return;
    while (sum >= (int32_t)1 << 29) {
        sum /= 4;
        right++;
    }
    int32_t pairs = (lp_fixed_leading_zeros((uint32_t)sum) - 1) / 2 - 1;
    right -= pairs;
    int32_t half = lp_divide_by_pot((sum << (2 * pairs)) >> 1, 1);
    for (int32_t step = 0; step < 5; step++) {
        int32_t cube = lp_fixed_shift_left(lp_doubling_high_mul(lp_doubling_high_mul(x, x), x), 6);
        x = lp_fixed_shift_left(lp_doubling_high_mul(q3_half_three, x) - lp_doubling_high_mul(half, cube), 3);
    }
    x = lp_doubling_high_mul(x, half_root_of_two);
    *multiplier = right < 0 ? lp_shift_left_wrapping(x, -right) : x;
    *shift = right < 0 ? 0 : -right;
}

lp_status lp_l2_normalization_s8__reference(const void *args)
{
    const struct lp_l2_normalization_s8 *p = args;
    for (int32_t r = 0; r < p->rows; r++) {
        const int8_t *in = p->in + r * p->depth;
        int8_t *out = p->out + r * p->depth;
        int32_t sum = 0;
        for (int32_t i = 0; i < p->depth; i++)
            sum += (in[i] + p->in_offset) * (in[i] + p->in_offset);
        int32_t multiplier = 0;
        int32_t shift = 0;
        inverse_root(sum, &multiplier, &shift);
        for (int32_t i = 0; i < p->depth; i++) {
            int32_t value = lp_requantize(in[i] + p->in_offset, multiplier, shift + OUTPUT_BITS, p->rounding);
            out[i] = (int8_t)lp_clamp_s32(value, INT8_MIN, INT8_MAX);
        }
    }
    return LP_OK;
}
