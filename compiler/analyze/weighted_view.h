/* CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED seen alike: a window of taps with filter_c weights each slides over a map.
 * A matrix product is a window of one tap on a map of one position. TRANSPOSE_CONV has the same filters, but slides the other
 * way: each output sees those taps only whose distance to it is a multiple of the stride. */
#ifndef LP_ANALYZE_WEIGHTED_VIEW_H
#define LP_ANALYZE_WEIGHTED_VIEW_H

#include "compiler/graph/graph.h"
#include "compiler/semantics/semantics.h"

struct lp_weighted_view {
    const int8_t *weight; /* of filter o, tap t, input channel i of the filter: weight[o * filter_stride + t * tap_stride + i] */
    const void *bias;     /* int32, or int64 when `is_wide`; null: zeros */
    int64_t filter_stride;
    int32_t tap_stride;
    int32_t filter_c;
    int32_t in_h, in_w, in_c; /* in_c of a matrix product: the length of a row */
    int32_t out_h, out_w, out_c;
    int32_t group_c; /* output channels that read the same input channels */
    int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
    int32_t in_zero; /* zero point of the input; padding has this value */
    int32_t out_offset;
    int32_t act_min, act_max;
    bool is_transposed;
    uint8_t input, bias_input; /* which of the operator's inputs; the filter is number 1 */
    bool is_wide;              /* int16, with sums of 64 bits: see lp_conv2d_s16 */
};

static inline int64_t lp_weighted_bias(const struct lp_weighted_view *view, int32_t o)
{
    if (view->bias == NULL)
        return 0;
    return view->is_wide ? ((const int64_t *)view->bias)[o] : ((const int32_t *)view->bias)[o];
}

/* The operator is one of the four, its graph analyzed. Errors as compiler/semantics. */
lp_status lp_weighted_view_of(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, const struct lp_op *op,
                              enum lp_rounding rounding, struct lp_weighted_view *out, struct lp_channel_scales *scales);

/* One whose window slides over its input. */
static inline bool lp_is_weighted(enum lp_op_kind kind)
{
    return kind == LP_OP_CONV_2D || kind == LP_OP_DEPTHWISE_CONV_2D || kind == LP_OP_FULLY_CONNECTED;
}

/* The first input channel that filter `o` reads; it reads filter_c of them. */
static inline int32_t lp_weighted_first_input(const struct lp_weighted_view *view, int32_t o)
{
    return o / view->group_c * view->filter_c;
}

/* Some position of the window has tap `k` of one side outside the map. */
static inline bool lp_tap_leaves(int32_t k, int32_t in, int32_t out, int32_t stride, int32_t dilation, int32_t pad)
{
    int64_t first = (int64_t)k * dilation - pad;
    return first < 0 || first + (int64_t)(out - 1) * stride >= in;
}

#endif
