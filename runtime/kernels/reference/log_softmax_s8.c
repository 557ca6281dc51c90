#include "contract/fixed_point.h"
#include "runtime/kernels/kernels.h"

enum {
    INPUT_INTEGER_BITS = 5,
    SUM_INTEGER_BITS = 12, /* up to 4095 exponentials of at most 1 */
    OUTPUT_INTEGER_BITS = 4
};

static int32_t scaled(const struct lp_log_softmax_s8 *p, int32_t difference)
{
    return lp_requantize(difference, p->multiplier, p->shift, p->rounding);
}

static void log_softmax_row(const struct lp_log_softmax_s8 *p, const int8_t *in, int8_t *out)
{
    int32_t max = INT8_MIN;
    int32_t sum = 0;
    for (int32_t i = 0; i < p->depth; i++)
        max = in[i] > max ? in[i] : max;
    for (int32_t i = 0; i < p->depth; i++)
        if (in[i] - max >= p->diff_min)
            sum += lp_divide_by_pot(lp_fixed_exp_of_negative(scaled(p, in[i] - max), INPUT_INTEGER_BITS), SUM_INTEGER_BITS);
    int32_t log_sum = lp_fixed_log(sum);
    /* Below, the difference to the logarithm would leave its 32 bits. */
    int32_t least = lp_requantize(lp_add_wrapping(log_sum, INT32_MIN), p->reverse_multiplier, p->reverse_shift, p->rounding);
    least = least > p->diff_min - 1 ? least : p->diff_min - 1;
    for (int32_t i = 0; i < p->depth; i++) {
        int32_t difference = in[i] - max;
        int32_t value = INT8_MIN;
        if (difference > least)
            value = lp_divide_by_pot(scaled(p, difference) - log_sum, 31 - INPUT_INTEGER_BITS - OUTPUT_INTEGER_BITS) + INT8_MAX;
        out[i] = (int8_t)lp_clamp_s32(value, INT8_MIN, INT8_MAX);
    }
}

lp_status lp_log_softmax_s8__reference(const void *args)
{
    const struct lp_log_softmax_s8 *p = args;
    for (int32_t r = 0; r < p->rows; r++)
        log_softmax_row(p, p->in + r * p->depth, p->out + r * p->depth);
    return LP_OK;
}
