#include "compiler/semantics/operands.h"

#include <string.h>

/* Reads the axes into one flag a dimension; negative ones count from the end, repeated ones count once. */
static lp_status read_axes(const struct lp_place_of_op *at, const struct lp_tensor *in, bool *is_reduced)
{
    int32_t axes[LP_MAX_RANK];
    uint32_t count = 0;
    lp_status status = lp_need_numbers(at, lp_op_input(at->graph, at->op, 1), "axes", axes, LP_MAX_RANK, &count);
    for (uint32_t i = 0; i < count && status == LP_OK; i++) {
        int32_t axis = axes[i] < 0 ? axes[i] + in->rank : axes[i];
        if (axis < 0 || axis >= in->rank)
            return lp_op_error(at, LP_BAD_INPUT, "axis %ld does not exist, the input has %u dimensions", (long)axes[i],
                               (unsigned)in->rank);
        is_reduced[axis] = true;
    }
    return status;
}

/* Dimensions from the innermost outwards; kept neighbours and reduced neighbours are merged, so that at most half of
 * LP_MAX_RANK remain of either. */
struct merged {
    int32_t size[2][LP_MEAN_RANK]; /* [0] kept, [1] reduced */
    int32_t stride[2][LP_MEAN_RANK];
    uint32_t count[2];
};

_Static_assert(LP_MEAN_RANK * 2 >= LP_MAX_RANK, "kept and reduced dimensions alternate at worst");

static void merge(const struct lp_tensor *in, const bool *is_reduced, struct merged *m)
{
    int32_t stride = 1;
    int previous = -1;
    for (int32_t d = in->rank - 1; d >= 0; d--) {
        if (in->dims[d] == 1)
            continue;
        int which = is_reduced[d] ? 1 : 0;
        if (which == previous) {
            m->size[which][m->count[which] - 1] *= in->dims[d];
        } else {
            m->size[which][m->count[which]] = in->dims[d];
            m->stride[which][m->count[which]++] = stride;
        }
        previous = which;
        stride *= in->dims[d];
    }
}

/* The kernel's arrays run from the outermost dimension to the innermost one, sizes of 1 in front. */
static void fill_dims(const struct merged *m, int which, int32_t *dims, int32_t *strides)
{
    for (uint32_t i = 0; i < LP_MEAN_RANK; i++) {
        uint32_t at = LP_MEAN_RANK - 1 - i;
        bool used = i < m->count[which];
        dims[at] = used ? m->size[which][i] : 1;
        strides[at] = used ? m->stride[which][i] : 0;
    }
}

/* The factor 1 / count goes into the multiplier with as many bits as the count has, as the reference does. It also does so
 * where both scales are equal. */
static lp_status fill_scale(const struct lp_place_of_op *at, const struct lp_tensor *in, const struct lp_tensor *mean,
                            int32_t count, enum lp_rounding rounding, struct lp_mean_s8 *out)
{
    lp_status status = lp_need_multiplier(at, (double)lp_scale_of(in) / (double)lp_scale_of(mean), rounding, &out->multiplier,
                                          &out->shift);
    if (status != LP_OK)
        return status;
    int32_t bits = 0;
    while ((count >> bits) > 1)
        bits++;
    bits = bits > 31 + out->shift ? 31 + out->shift : bits;
    out->multiplier = (int32_t)(((int64_t)out->multiplier << bits) / count);
    out->shift = (int8_t)(out->shift - bits);
    return LP_OK;
}

lp_status lp_mean_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding, struct lp_diag *diag,
                         struct lp_mean_s8 *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *mean = lp_op_output(graph, op, 0);
    bool is_reduced[LP_MAX_RANK] = {false};
    struct merged m = {.count = {0, 0}};
    lp_status status = lp_need_int8(&at, in, "input");
    if (status == LP_OK)
        status = lp_need_int8(&at, mean, "output");
    if (status == LP_OK)
        status = read_axes(&at, in, is_reduced);
    if (status != LP_OK)
        return status;
    merge(in, is_reduced, &m);
    int64_t count = lp_tensor_elements(in) / lp_tensor_elements(mean);
    if (count > INT32_MAX / 256)
        return lp_op_error(&at, LP_UNSUPPORTED, "the mean of %lld values can overflow the 32-bit sum, at most %ld are supported",
                           (long long)count, (long)INT32_MAX / 256);
    memset(out, 0, sizeof *out);
    fill_dims(&m, 0, out->keep_dims, out->keep_stride);
    fill_dims(&m, 1, out->reduce_dims, out->reduce_stride);
    out->sum_offset = -lp_zero_point_of(in) * (int32_t)count;
    out->out_offset = lp_zero_point_of(mean);
    out->rounding = (uint8_t)rounding;
    return fill_scale(&at, in, mean, (int32_t)count, rounding, out);
}
