#include "compiler/semantics/broadcast.h"

#include <math.h>

/* Size of dimension `from_last` counted from the innermost one; 1 beyond the tensor's rank. */
static int32_t size_of(const struct lp_tensor *tensor, uint32_t from_last)
{
    return from_last < tensor->rank ? tensor->dims[tensor->rank - 1 - from_last] : 1;
}

static void append(struct lp_broadcast *m, int32_t size, int32_t stride1, int32_t stride2)
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

lp_status lp_broadcast_merge(const struct lp_place_of_op *at, const struct lp_tensor *in1, const struct lp_tensor *in2,
                             const struct lp_tensor *out, struct lp_broadcast *m)
{
    int32_t dense1 = 1;
    int32_t dense2 = 1;
    for (uint32_t i = 0; i < LP_MAX_RANK; i++) {
        int32_t size1 = size_of(in1, i);
        int32_t size2 = size_of(in2, i);
        int32_t size = size_of(out, i);
        if ((size1 != size && size1 != 1) || (size2 != size && size2 != 1) || (size1 != size && size2 != size))
            return lp_op_error(at, LP_BAD_INPUT, "sizes %ld and %ld can't be joined to size %ld (dimension %u from the last)",
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

void lp_broadcast_fill(const struct lp_broadcast *m, int32_t *dims, int32_t *stride1, int32_t *stride2, uint8_t *rank)
{
    for (uint32_t i = 0; i < LP_BROADCAST_RANK; i++) {
        bool used = i < m->rank;
        uint32_t from = used ? m->rank - 1 - i : 0;
        dims[i] = used ? m->size[from] : 1;
        stride1[i] = used ? m->stride1[from] : 0;
        stride2[i] = used ? m->stride2[from] : 0;
    }
    *rank = (uint8_t)m->rank;
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

lp_status lp_common_scale_of(const struct lp_place_of_op *at, int32_t left_shift, enum lp_rounding rounding,
                             struct lp_common_scale *out)
{
    const float in1 = lp_scale_of(lp_op_input(at->graph, at->op, 0));
    const float in2 = lp_scale_of(lp_op_input(at->graph, at->op, 1));
    const float result = lp_scale_of(lp_op_output(at->graph, at->op, 0));
    const double twice_largest = 2 * (double)fmaxf(in1, in2);
    double factors[3] = {(double)in1 / twice_largest, (double)in2 / twice_largest,
                         twice_largest / ((1 << left_shift) * (double)result)};
    if (at->op->kind == LP_OP_SUB) {
        /* The reference divides in float32 here, and in double for ADD. */
        const float twice = 2 * fmaxf(in1, in2);
        const float narrow[3] = {in1 / twice, in2 / twice, twice / ((float)(1 << left_shift) * result)};
        for (uint32_t i = 0; i < 3; i++)
            factors[i] = (double)narrow[i];
    }
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < 3 && status == LP_OK; i++)
        status = small_multiplier(at, factors[i], rounding, &out->multiplier[i], &out->shift[i]);
    return status;
}
