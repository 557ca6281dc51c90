#include "compiler/semantics/weights.h"

#include <stdlib.h>

static lp_status check_filter(const struct lp_place_of_op *at, const struct lp_weighted *w)
{
    const struct lp_quant *quant = &w->filter->quant;
    if (quant->count == 0)
        return lp_op_error(at, LP_BAD_INPUT, "the filter has no scale; quantize the model to int8");
    if (quant->count > 1 && (quant->axis != w->filter_axis || quant->count != (uint32_t)w->out_c))
        return lp_op_error(
            at, LP_UNSUPPORTED,
            "the filter has %u scales along dimension %ld, allowed is one, or one for each of the %ld output channels "
            "along dimension %ld",
            (unsigned)quant->count, (long)quant->axis, (long)w->out_c, (long)w->filter_axis);
    for (uint32_t c = 0; c < quant->count; c++)
        if (quant->zero_point[c] != 0)
            return lp_op_error(at, LP_UNSUPPORTED, "the filter's zero point of channel %u is %ld, only 0 is supported",
                               (unsigned)c, (long)quant->zero_point[c]);
    return LP_OK;
}

static lp_status check_bias(const struct lp_place_of_op *at, const struct lp_weighted *w)
{
    if (w->bias == NULL)
        return LP_OK;
    const bool may_be_wide = w->element == LP_ELEMENT_INT16 && w->bias->element == LP_ELEMENT_INT64;
    lp_status status = may_be_wide ? LP_OK : lp_need_element(at, w->bias, "bias", LP_ELEMENT_INT32);
    if (status == LP_OK)
        status = lp_need_constant(at, w->bias, "bias");
    if (status == LP_OK && lp_tensor_elements(w->bias) != w->out_c)
        return lp_op_error(at, LP_BAD_INPUT, "the bias has %lld elements for %ld output channels",
                           (long long)lp_tensor_elements(w->bias), (long)w->out_c);
    return status;
}

static lp_status check_activation(const struct lp_place_of_op *at, const struct lp_weighted *w, const struct lp_tensor *tensor,
                                  const char *role)
{
    return w->element == LP_ELEMENT_INT16 ? lp_need_int16(at, tensor, role) : lp_need_int8(at, tensor, role);
}

lp_status lp_weighted_operands(const struct lp_place_of_op *at, struct lp_weighted *w)
{
    w->in = lp_op_input(at->graph, at->op, 2u * w->first);
    w->filter = lp_op_input(at->graph, at->op, 1);
    w->bias = lp_op_input(at->graph, at->op, 2u + w->first);
    w->out = lp_op_output(at->graph, at->op, 0);
    lp_status status = check_activation(at, w, w->in, "input");
    if (status == LP_OK)
        status = check_activation(at, w, w->out, "output");
    if (status == LP_OK)
        status = lp_need_element(at, w->filter, "filter", LP_ELEMENT_INT8);
    if (status == LP_OK)
        status = lp_need_constant(at, w->filter, "filter");
    if (status == LP_OK && w->rank != 0)
        status = lp_need_rank(at, w->in, "input", w->rank);
    if (status == LP_OK && w->rank != 0)
        status = lp_need_rank(at, w->filter, "filter", w->rank);
    if (status == LP_OK && w->rank != 0)
        status = lp_need_rank(at, w->out, "output", w->rank);
    if (status == LP_OK && w->filter->rank <= w->filter_axis)
        return lp_op_error(at, LP_BAD_INPUT, "the filter has %u dimensions, too few", (unsigned)w->filter->rank);
    if (status != LP_OK)
        return status;
    w->out_c = w->filter->dims[w->filter_axis];
    status = check_filter(at, w);
    return status == LP_OK ? check_bias(at, w) : status;
}

lp_status lp_weighted_scales(const struct lp_place_of_op *at, const struct lp_weighted *w, enum lp_rounding rounding,
                             struct lp_arena *arena, struct lp_channel_scales *scales)
{
    scales->count = w->filter->quant.count;
    scales->multiplier = LP_NEW_ARRAY(arena, scales->count, int32_t);
    scales->shift = LP_NEW_ARRAY(arena, scales->count, int8_t);
    if (scales->multiplier == NULL || scales->shift == NULL)
        return lp_no_memory(at->diag);
    lp_status status = LP_OK;
    for (uint32_t c = 0; c < scales->count && status == LP_OK; c++) {
        double factor = (double)lp_scale_of(w->in) * (double)w->filter->quant.scale[c] / (double)lp_scale_of(w->out);
        status = lp_need_multiplier(at, factor, rounding, &scales->multiplier[c], &scales->shift[c]);
    }
    return status;
}

/* Of filter `c` the sum of all weights, without their signs. */
static int64_t filter_size(const struct lp_weighted *w, int32_t c)
{
    const int8_t *weight = w->filter->data;
    int64_t per_channel = lp_tensor_elements(w->filter) / w->out_c;
    /* Output channels stand first (each filter in one piece) or last (interleaved). */
    int64_t step = w->filter_axis == 0 ? 1 : w->out_c;
    int64_t first = w->filter_axis == 0 ? per_channel : 1;
    int64_t sum = 0;
    for (int64_t i = 0; i < per_channel; i++)
        sum += abs(weight[c * first + i * step]);
    return sum;
}

lp_status lp_weighted_sums(const struct lp_place_of_op *at, const struct lp_weighted *w)
{
    const int32_t *bias = w->bias != NULL ? w->bias->data : NULL;
    /* Most filters are so small that no weights could fill the accumulator: those need not be added up. */
    const int64_t most = lp_tensor_elements(w->filter) / w->out_c * -INT8_MIN * 256;
    for (int32_t c = 0; c < w->out_c; c++) {
        if (most + (bias != NULL ? llabs((long long)bias[c]) : 0) <= INT32_MAX)
            continue;
        /* 256 is the farthest that an input and the zero point can be apart, plus one for the folded form. */
        int64_t largest = filter_size(w, c) * 256 + (bias != NULL ? llabs((long long)bias[c]) : 0);
        if (largest > INT32_MAX)
            return lp_op_error(
                at, LP_UNSUPPORTED,
                "the sum of output channel %ld can reach %lld, the 32-bit accumulator holds 2147483647; use smaller "
                "weights or biases, or split the layer",
                (long)c, (long long)largest);
    }
    return LP_OK;
}

lp_status lp_weighted_wide_sums(const struct lp_place_of_op *at, const struct lp_weighted *w,
                                const struct lp_channel_scales *scales)
{
    const int64_t limit = ((int64_t)1 << 47) - 1;
    const int64_t *bias = w->bias != NULL ? w->bias->data : NULL;
    for (int32_t c = 0; c < w->out_c; c++) {
        int64_t sum = filter_size(w, c) * -INT16_MIN;
        if (sum > limit || (bias != NULL && (bias[c] > limit - sum || bias[c] < sum - limit)))
            return lp_op_error(
                at, LP_UNSUPPORTED,
                "the sum of output channel %ld can leave the 48 bits that the reference has; use smaller weights or "
                "biases, or split the layer",
                (long)c);
        lp_status status = lp_need_wide_shift(at, scales->shift[scales->count > 1 ? c : 0]);
        if (status != LP_OK)
            return status;
    }
    return LP_OK;
}

static lp_status need_side(const struct lp_place_of_op *at, const char *side, int32_t in, int32_t out, const int32_t window[5])
{
    const int32_t kernel = window[0], stride = window[1], dilation = window[2], before = window[3], after = window[4];
    if (kernel < 1 || kernel > UINT16_MAX || stride < 1 || stride > UINT16_MAX || dilation < 1 || dilation > UINT16_MAX)
        return lp_op_error(at, LP_UNSUPPORTED, "%s: kernel %ld, stride %ld, dilation %ld; allowed is 1 to %d for each", side,
                           (long)kernel, (long)stride, (long)dilation, UINT16_MAX);
    if (before < 0 || before > UINT16_MAX || after < 0 || after > UINT16_MAX)
        return lp_op_error(at, LP_UNSUPPORTED, "%s: padding %ld and %ld, allowed is 0 to %d", side, (long)before, (long)after,
                           UINT16_MAX);
    int64_t reach = (int64_t)(kernel - 1) * dilation;
    int64_t last = (int64_t)(out - 1) * stride - before;
    if (last + reach > INT32_MAX - UINT16_MAX || in > INT32_MAX - UINT16_MAX)
        return lp_op_error(at, LP_UNSUPPORTED, "%s: the window reaches beyond 2^31 elements", side);
    if (reach - before < 0 || last >= in)
        return lp_op_error(
            at, LP_BAD_INPUT,
            "%s: with kernel %ld, stride %ld, dilation %ld and padding %ld a window lies outside the %ld elements of the "
            "input altogether",
            side, (long)kernel, (long)stride, (long)dilation, (long)before, (long)in);
    return LP_OK;
}

lp_status lp_need_window(const struct lp_place_of_op *at, const struct lp_tensor *in, const struct lp_tensor *out)
{
    const struct lp_window *w = &at->op->as.window;
    const int32_t vertical[5] = {w->kernel_h, w->stride_h, w->dilation_h, w->pad_top, w->pad_bottom};
    const int32_t horizontal[5] = {w->kernel_w, w->stride_w, w->dilation_w, w->pad_left, w->pad_right};
    lp_status status = need_side(at, "height", in->dims[1], out->dims[1], vertical);
    return status == LP_OK ? need_side(at, "width", in->dims[2], out->dims[2], horizontal) : status;
}
