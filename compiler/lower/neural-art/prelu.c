/* PRELU: what is above the zero point and what is below it, each by a clamp, then their sum with a factor of each channel's own for
 * what is below. */
#include <math.h>

#include "compiler/lower/neural-art/flow.h"
#include "compiler/lower/neural-art/weighted.h"
#include "compiler/semantics/semantics.h"

enum { MOST_SHIFT = 14, LARGEST_STEP = 255 };

/* r = A * above + B[channel] * below + C, rounded by `shift`. */
struct factors {
    uint32_t count;
    int32_t shift;
    int16_t above;
    int16_t *below;
    double deviation;
};

/* One factor for all channels, or one for each. */
static lp_status find_factors(struct lp_npu_work *w, const struct lp_op *op, struct factors *out)
{
    const struct lp_graph *g = w->l->graph;
    const struct lp_tensor *in = lp_op_input(g, op, 0), *slope = lp_op_input(g, op, 1), *result = lp_op_output(g, op, 0);
    const double above = (double)in->quant.scale[0] / (double)result->quant.scale[0],
                 step = above * (double)slope->quant.scale[0];
    const int8_t *slopes = slope->data;
    double largest = above;
    *out = (struct factors){.count = (uint32_t)lp_tensor_elements(slope), .shift = MOST_SHIFT};
    out->below = LP_NEW_ARRAY(w->l->arena, out->count, int16_t);
    if (out->below == NULL)
        return lp_no_memory(w->l->diag);
    for (uint32_t c = 0; c < out->count; c++)
        largest = fmax(largest, fabs(step * (slopes[c] - slope->quant.zero_point[0])));
    while (out->shift > 0 && rint(ldexp(largest, out->shift)) > INT16_MAX)
        out->shift--;
    out->above = (int16_t)fmin(rint(ldexp(above, out->shift)), INT16_MAX);
    for (uint32_t c = 0; c < out->count; c++)
        out->below[c] = (int16_t)fmax(fmin(rint(ldexp(step * (slopes[c] - slope->quant.zero_point[0]), out->shift)), INT16_MAX),
                                      INT16_MIN);
    /* A factor beyond 16 bits has lost more than its rounding. */
    out->deviation = rint(ldexp(largest, out->shift)) > INT16_MAX ? INFINITY : ldexp(0.5 * LARGEST_STEP, -out->shift);
    return LP_OK;
}

static lp_status check_slopes(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    const struct lp_tensor *slope = lp_op_input(w->l->graph, op, 1), *out = lp_op_output(w->l->graph, op, 0);
    char shape[64];
    int64_t count = lp_tensor_elements(slope);
    const int32_t channels = lp_npu_map_of(out).channels;
    const bool is_vector = count == 1 || (count == channels && slope->rank > 0 && slope->dims[slope->rank - 1] == channels);
    if (slope->element == LP_ELEMENT_INT8 && slope->data != NULL && is_vector && count <= LP_NPU_MOST_CHANNELS)
        return LP_OK;
    return lp_npu_refuse(w->l, no, LP_NPU_RULE_SLOPES,
                         lp_arena_printf(w->l->arena, "%s%s", slope->data == NULL ? "computed ones, " : "",
                                         lp_shape_text(slope, shape, sizeof shape)),
                         "constant slopes that all rows and columns share, for up to 512 channels");
}

lp_status lp_npu_lower_prelu(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    const struct lp_graph *g = w->l->graph;
    const struct lp_tensor *in = lp_op_input(g, op, 0), *out = lp_op_output(g, op, 0);
    const struct lp_npu_map map = lp_npu_map_of(out);
    const int32_t zero = in->quant.count == 0 ? 0 : in->quant.zero_point[0];
    struct lp_binary args;
    struct factors f;
    struct lp_npu_build *b = NULL;
    lp_status status = lp_npu_need_int8(w, op, no);
    if (status == LP_OK && no->rule == NULL)
        status = lp_binary_params(g, op, w->l->program->rounding, w->l->diag, &args); /* refuses what the reference refuses */
    if (status == LP_OK && no->rule == NULL)
        status = check_slopes(w, op, no);
    if (status == LP_OK && no->rule == NULL)
        status = find_factors(w, op, &f);
    if (status == LP_OK && no->rule == NULL)
        status = lp_npu_need_precision(w, f.deviation, no);
    if (status == LP_OK && no->rule == NULL)
        status = lp_npu_begin(w->l, op, &b);
    if (status != LP_OK || no->rule != NULL)
        return status;
    struct lp_npu_stream above = lp_npu_feed(b, op->inputs[0], &map, map.channels);
    struct lp_npu_stream below = lp_npu_feed(b, op->inputs[0], &map, map.channels);
    above = lp_npu_add_part(w, b, op, &above, -zero, 0, LARGEST_STEP);
    below = lp_npu_add_part(w, b, op, &below, -zero, -LARGEST_STEP, 0);
    const struct lp_npu_parts parts = {
        .above = f.above, .below = f.below, .count = f.count, .shift = f.shift, .offset = out->quant.zero_point[0]};
    const uint32_t before = w->l->program->weights.size_bytes;
    above = lp_npu_add_parts(b, op, &above, below.port, &parts);
    /* A slope of the model has one byte; with its scale it has two. */
    if (w->l->program->weights.size_bytes != before)
        status = lp_section_claim(&w->l->program->weights, w->l->diag, LP_CAUSE_SCALE_VECTORS, LP_CAUSE_MODEL_CONSTANTS,
                                  (int32_t)op->source_index, f.count);
    return status == LP_OK ? lp_npu_result(w, b, op, &above) : status;
}
