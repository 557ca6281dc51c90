#include "compiler/lower/stored.h"

#include "compiler/analyze/weighted_view.h"

static const struct lp_tensor *kernel_of(const struct lp_graph *graph, uint32_t op)
{
    const struct lp_tensor *kernel = lp_is_weighted(graph->ops[op].kind) ? lp_op_input(graph, &graph->ops[op], 1) : NULL;
    return kernel == NULL || kernel->data == NULL ? NULL : kernel;
}

/* Taps of one direction that lie on the map for some position of the window. */
static int32_t used_taps(int32_t kernel, int32_t stride, int32_t dilation, int32_t pad, int32_t in, int32_t out)
{
    int32_t used = 0;
    for (int32_t k = 0; k < kernel; k++) {
        bool is_used = false;
        for (int32_t o = 0; o < out && !is_used; o++) {
            int64_t at = (int64_t)o * stride + (int64_t)k * dilation - pad;
            is_used = at >= 0 && at < in;
        }
        used += is_used;
    }
    return used;
}

static lp_status least_of(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, const struct lp_op *op,
                          int64_t *out)
{
    struct lp_weighted_view v;
    struct lp_channel_scales unused;
    lp_status status = lp_weighted_view_of(arena, diag, graph, op, LP_ROUNDING_SINGLE, &v, &unused);
    if (status == LP_OK)
        *out += (int64_t)v.out_c * v.filter_c * used_taps(v.kernel_h, v.stride_h, v.dilation_h, v.pad_top, v.in_h, v.out_h) *
                used_taps(v.kernel_w, v.stride_w, v.dilation_w, v.pad_left, v.in_w, v.out_w);
    return status;
}

lp_status lp_stored_least_bytes(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, int64_t *out)
{
    lp_status status = LP_OK;
    *out = 0;
    for (uint32_t i = 0; i < graph->op_count && status == LP_OK; i++) {
        const struct lp_tensor *kernel = kernel_of(graph, i);
        bool is_first = kernel != NULL;
        for (uint32_t k = 0; k < i && is_first; k++) {
            const struct lp_tensor *other = kernel_of(graph, k);
            is_first = other == NULL || other->data != kernel->data;
        }
        if (is_first)
            status = least_of(arena, diag, graph, &graph->ops[i], out);
    }
    return status;
}

lp_status lp_stored_check(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph,
                          const struct lp_program *program)
{
    int64_t least = 0;
    lp_status status = lp_stored_least_bytes(arena, diag, graph, &least);
    if (status != LP_OK || (int64_t)program->weights.size_bytes + program->shared_bytes >= least)
        return status;
    return lp_error(diag, LP_INTERNAL,
                    "contradiction: the weights have %u bytes, the kernels of the layers that are left need %lld at least",
                    (unsigned)program->weights.size_bytes, (long long)least);
}
