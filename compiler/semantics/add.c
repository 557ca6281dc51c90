#include "compiler/semantics/operands.h"

#include <math.h>
#include <string.h>

enum { LEFT_SHIFT = 20 };

/* Size of dimension `from_last` counted from the innermost one; 1 beyond the tensor's rank. */
static int32_t size_of(const struct lp_tensor *tensor, uint32_t from_last)
{
    return from_last < tensor->rank ? tensor->dims[tensor->rank - 1 - from_last] : 1;
}

/* Dimensions from the innermost outwards, neighbours merged where both inputs go on densely or both stand still. */
struct merged {
    int32_t size[LP_MAX_RANK];
    int32_t stride1[LP_MAX_RANK];
    int32_t stride2[LP_MAX_RANK];
    uint32_t rank;
};

static void append(struct merged *m, int32_t size, int32_t stride1, int32_t stride2)
{
    uint32_t last = m->rank - 1;
    if (m->rank != 0 && (stride1 == 0) == (m->stride1[last] == 0) && (stride2 == 0) == (m->stride2[last] == 0)) {
        m->size[last] *= size;
        return;
    }
    m->size[m->rank] = size;
    m->stride1[m->rank] = stride1;
    m->stride2[m->rank] = stride2;
    m->rank++;
}

static lp_status merge(const struct lp_place_of_op *at, const struct lp_tensor *in1, const struct lp_tensor *in2,
                       const struct lp_tensor *out, struct merged *m)
{
    int32_t dense1 = 1;
    int32_t dense2 = 1;
    for (uint32_t i = 0; i < LP_MAX_RANK; i++) {
        int32_t size1 = size_of(in1, i);
        int32_t size2 = size_of(in2, i);
        int32_t size = size_of(out, i);
        if ((size1 != size && size1 != 1) || (size2 != size && size2 != 1) || (size1 != size && size2 != size))
            return lp_op_error(at, LP_BAD_INPUT, "sizes %ld and %ld can't be added to size %ld (dimension %u from the last)",
                               (long)size1, (long)size2, (long)size, (unsigned)i);
        if (size != 1)
            append(m, size, size1 == 1 ? 0 : dense1, size2 == 1 ? 0 : dense2);
        dense1 *= size1;
        dense2 *= size2;
    }
    if (m->rank == 0)
        append(m, 1, 1, 1);
    if (m->rank > LP_BROADCAST_RANK)
        return lp_op_error(at, LP_UNSUPPORTED, "its broadcast has %u alternating dimensions, at most %d are supported",
                           (unsigned)m->rank, LP_BROADCAST_RANK);
    return LP_OK;
}

static void fill_dims(const struct merged *m, struct lp_add_s8 *out)
{
    for (uint32_t i = 0; i < LP_BROADCAST_RANK; i++) {
        bool used = i < m->rank;
        uint32_t from = used ? m->rank - 1 - i : 0;
        out->dims[i] = used ? m->size[from] : 1;
        out->in1_stride[i] = used ? m->stride1[from] : 0;
        out->in2_stride[i] = used ? m->stride2[from] : 0;
    }
    out->rank = (uint8_t)m->rank;
}

/* The reference needs factors below 1 here. */
static lp_status small_multiplier(const struct lp_place_of_op *at, double factor, enum lp_rounding rounding, int32_t *multiplier,
                                  int8_t *shift)
{
    lp_status status = lp_need_multiplier(at, factor, rounding, multiplier, shift);
    if (status == LP_OK && (factor >= 1 || *shift > 0))
        return lp_op_error(at, LP_UNSUPPORTED,
                           "the output's scale is %g times too small for the inputs' scales; check the scales", factor);
    return status;
}

static lp_status fill_scales(const struct lp_place_of_op *at, const struct lp_tensor *in1, const struct lp_tensor *in2,
                             const struct lp_tensor *sum, enum lp_rounding rounding, struct lp_add_s8 *out)
{
    double twice_largest = 2 * (double)fmaxf(lp_scale_of(in1), lp_scale_of(in2));
    double out_factor = twice_largest / ((1 << LEFT_SHIFT) * (double)lp_scale_of(sum));
    lp_status status = small_multiplier(at, (double)lp_scale_of(in1) / twice_largest, rounding, &out->in1_multiplier,
                                        &out->in1_shift);
    if (status == LP_OK)
        status = small_multiplier(at, (double)lp_scale_of(in2) / twice_largest, rounding, &out->in2_multiplier, &out->in2_shift);
    if (status == LP_OK)
        status = small_multiplier(at, out_factor, rounding, &out->out_multiplier, &out->out_shift);
    return status;
}

lp_status lp_add_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding, struct lp_diag *diag,
                        struct lp_add_s8 *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in1 = lp_op_input(graph, op, 0);
    const struct lp_tensor *in2 = lp_op_input(graph, op, 1);
    const struct lp_tensor *sum = lp_op_output(graph, op, 0);
    struct merged m = {.rank = 0};
    lp_status status = lp_need_int8(&at, in1, "first input");
    if (status == LP_OK)
        status = lp_need_int8(&at, in2, "second input");
    if (status == LP_OK)
        status = lp_need_int8(&at, sum, "output");
    if (status == LP_OK)
        status = merge(&at, in1, in2, sum, &m);
    if (status != LP_OK)
        return status;
    memset(out, 0, sizeof *out);
    fill_dims(&m, out);
    out->in1_offset = -lp_zero_point_of(in1);
    out->in2_offset = -lp_zero_point_of(in2);
    out->out_offset = lp_zero_point_of(sum);
    out->left_shift = LEFT_SHIFT;
    out->rounding = (uint8_t)rounding;
    lp_activation_range(op->activation, sum, &out->act_min, &out->act_max);
    return fill_scales(&at, in1, in2, sum, rounding, out);
}
