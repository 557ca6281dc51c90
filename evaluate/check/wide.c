/* Kernels of int16 with int8 weights, and those by tables. */
#include "evaluate/check/rules.h"

#include <stdlib.h>
#include <string.h>

/* Of lp_requantize_wide: sums stay below 2^47, and factors do not shift by more. */
enum { WIDE_SHIFT = 7 };
static const int64_t most_wide_sum = (int64_t)1 << 47;

struct wide_weights {
    const void *bias;
    const int32_t *multiplier;
    const int8_t *shift;
    int64_t channels, taps;
    uint8_t per_channel, rounding, is_wide;
};

static int64_t bias_of(const struct wide_weights *w, int64_t channel)
{
    return w->is_wide ? ((const int64_t *)w->bias)[channel] : ((const int32_t *)w->bias)[channel];
}

static void check_wide_weights(struct lp_kernel_checking *c, const struct wide_weights *w)
{
    int64_t factors = w->per_channel ? w->channels : 1;
    int64_t room = most_wide_sum - w->taps * (32768 * 128);
    lp_check_range(c, "per_channel", w->per_channel, 0, 1);
    lp_check_range(c, "is_wide", w->is_wide, 0, 1);
    lp_check_rounding(c, w->rounding);
    lp_check_memory(c, "multiplier", w->multiplier, factors, sizeof *w->multiplier);
    lp_check_memory(c, "shift", w->shift, factors, 1);
    if (w->bias != NULL)
        lp_check_memory(c, "bias", w->bias, w->channels, w->is_wide ? sizeof(int64_t) : sizeof(int32_t));
    for (int64_t i = 0; i < factors && c->why[0] == '\0'; i++)
        lp_check_range(c, "shift", w->shift[i], -31, w->is_wide ? WIDE_SHIFT : 30);
    for (int64_t i = 0; i < w->channels && w->bias != NULL && c->why[0] == '\0'; i++)
        lp_check_range(c, "bias", bias_of(w, i), 1 - room, room - 1);
}

LP_CHECK_OF(lp_conv2d_s16)
{
    const int32_t dims[] = {a->out_c, (int32_t)LP_CHECK_PRODUCT(c, "a filter", a->kernel_h, a->kernel_w), a->filter_c};
    const int32_t strides[] = {a->filter_stride, a->tap_stride, 1};
    int64_t taps = LP_CHECK_PRODUCT(c, "a filter", a->kernel_h, a->kernel_w, a->filter_c);
    int64_t out = LP_CHECK_PRODUCT(c, "out", a->batches, a->out_h, a->out_w, a->out_c);
    const struct wide_weights weights = {a->bias, a->multiplier,  a->shift,    a->out_c,
                                         taps,    a->per_channel, a->rounding, a->is_wide};
    if (c->why[0] != '\0')
        return;
    lp_check_memory(c, "in", a->in, LP_CHECK_PRODUCT(c, "in", a->batches, a->in_h, a->in_w, a->in_c), sizeof *a->in);
    lp_check_memory(c, "out", a->out, out, sizeof *a->out);
    lp_check_memory(c, "weight", a->weight, lp_check_reach(c, "weight", dims, strides, 3), 1);
    lp_check_groups(c, a->in_c, a->out_c, a->filter_c);
    lp_check_windows(c, "the windows' rows", a->out_h, a->stride_h, a->kernel_h, a->dilation_h);
    lp_check_windows(c, "the windows' columns", a->out_w, a->stride_w, a->kernel_w, a->dilation_w);
    lp_check_work(c, out, taps);
    check_wide_weights(c, &weights);
}

LP_CHECK_OF(lp_transpose_conv_s16)
{
    int64_t taps = LP_CHECK_PRODUCT(c, "a filter", a->kernel_h, a->kernel_w, a->in_c);
    int64_t out = LP_CHECK_PRODUCT(c, "out", a->batches, a->out_h, a->out_w, a->out_c);
    const struct wide_weights weights = {a->bias, a->multiplier,  a->shift,    a->out_c,
                                         taps,    a->per_channel, a->rounding, a->is_wide};
    if (c->why[0] != '\0')
        return;
    lp_check_memory(c, "in", a->in, LP_CHECK_PRODUCT(c, "in", a->batches, a->in_h, a->in_w, a->in_c), sizeof *a->in);
    lp_check_memory(c, "out", a->out, out, sizeof *a->out);
    lp_check_memory(c, "weight", a->weight, LP_CHECK_PRODUCT(c, "weight", a->out_c, taps), 1);
    lp_check_windows(c, "the windows' rows", a->in_h, a->stride_h, a->kernel_h, 1);
    lp_check_windows(c, "the windows' columns", a->in_w, a->stride_w, a->kernel_w, 1);
    lp_check_work(c, out, taps);
    check_wide_weights(c, &weights);
}

LP_CHECK_OF(lp_batch_matmul)
{
    bool is_wide = strstr(c->symbol, "_s16__") != NULL;
    uint32_t bytes = is_wide ? sizeof(int16_t) : sizeof(int8_t);
    const int32_t dims1[] = {a->batches[0], a->batches[1], a->batches[2], a->rows, a->depth};
    const int32_t strides1[] = {a->in1_batch[0], a->in1_batch[1], a->in1_batch[2], a->in1_row, a->in1_depth};
    const int32_t dims2[] = {a->batches[0], a->batches[1], a->batches[2], a->depth, a->columns};
    const int32_t strides2[] = {a->in2_batch[0], a->in2_batch[1], a->in2_batch[2], a->in2_depth, a->in2_column};
    int64_t out = LP_CHECK_PRODUCT(c, "out", a->batches[0], a->batches[1], a->batches[2], a->rows, a->columns);
    lp_check_memory(c, "in1", a->in1, lp_check_reach(c, "in1", dims1, strides1, 5), bytes);
    lp_check_memory(c, "in2", a->in2, lp_check_reach(c, "in2", dims2, strides2, 5), bytes);
    lp_check_memory(c, "out", a->out, out, bytes);
    /* Products of two numbers of up to 255 each summed in int32; or of up to 32768 in what lp_requantize_wide takes. */
    lp_check_range(c, "depth", a->depth, 1, is_wide ? (most_wide_sum >> 30) - 1 : INT32_MAX / (255 * 255));
    lp_check_work(c, out, a->depth);
    lp_check_range(c, "in1_offset", a->in1_offset, is_wide ? 0 : -127, is_wide ? 0 : 128);
    lp_check_range(c, "in2_offset", a->in2_offset, is_wide ? 0 : -127, is_wide ? 0 : 128);
    lp_check_out_offset(c, a->out_offset);
    lp_check_range(c, "shift", a->shift, -31, is_wide ? WIDE_SHIFT : 30);
    lp_check_rounding(c, a->rounding);
}

LP_CHECK_OF(lp_softmax_s16)
{
    int64_t elements = LP_CHECK_PRODUCT(c, "in", a->rows, a->depth);
    lp_check_memory(c, "in", a->in, elements, sizeof *a->in);
    lp_check_memory(c, "out", a->out, elements, sizeof *a->out);
    lp_check_memory(c, "exp_table", a->exp_table, LP_LOOKUP_S16, sizeof *a->exp_table);
    lp_check_memory(c, "reciprocal_table", a->reciprocal_table, LP_LOOKUP_S16, sizeof *a->reciprocal_table);
    lp_check_range(c, "depth", a->depth, 1, UINT16_MAX);
    lp_check_shift(c, "shift", a->shift, -31);
    lp_check_rounding(c, a->rounding);
    /* Sums of exponentials: that of the largest input is not small, the others are not negative. */
    for (int i = 0; i < LP_LOOKUP_S16 && c->why[0] == '\0'; i++)
        lp_check_range(c, "exp_table", a->exp_table[i], i < LP_LOOKUP_S16 - 2 ? 0 : 2, INT16_MAX);
}

LP_CHECK_OF(lp_sigmoid_s16)
{
    int64_t elements = LP_CHECK_PRODUCT(c, "in", a->count);
    lp_check_memory(c, "in", a->in, elements, sizeof *a->in);
    lp_check_memory(c, "out", a->out, elements, sizeof *a->out);
    lp_check_memory(c, "table", a->table, LP_SIGMOID_TABLE, sizeof *a->table);
    lp_check_range(c, "right_shift", a->right_shift, 0, 31);
    if (c->why[0] != '\0')
        return;
    int64_t half = a->right_shift > 0 ? (int64_t)1 << (a->right_shift - 1) : 0;
    lp_check_range(c, "the largest product", 32768 * llabs((long long)a->multiplier) + half, 0, INT32_MAX);
}
