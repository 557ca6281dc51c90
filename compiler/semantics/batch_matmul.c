#include "compiler/semantics/operands.h"

#include <string.h>

enum { BATCH_DIMS = 3, MOST_DIMS = BATCH_DIMS + 2 };

/* One input with ones put in front of its dimensions. */
struct matrices {
    int32_t dims[MOST_DIMS];
    int32_t stride[MOST_DIMS];
};

static lp_status take(const struct lp_place_of_op *at, const struct lp_tensor *t, const char *role, bool is_adjoint,
                      struct matrices *m)
{
    int32_t stride = 1;
    lp_status status = lp_need_small(at, t, role);
    if (status != LP_OK)
        return status;
    if (t->rank < 2 || t->rank > MOST_DIMS)
        return lp_op_error(at, LP_UNSUPPORTED, "the %s has %u dimensions, 2 to %d are supported", role, (unsigned)t->rank,
                           MOST_DIMS);
    for (int32_t d = MOST_DIMS - 1; d >= 0; d--) {
        int32_t from = d - (MOST_DIMS - t->rank);
        m->dims[d] = from < 0 ? 1 : t->dims[from];
        m->stride[d] = stride;
        stride *= m->dims[d];
    }
    if (is_adjoint) {
        const struct matrices old = *m;
        m->dims[3] = old.dims[4], m->dims[4] = old.dims[3];
        m->stride[3] = old.stride[4], m->stride[4] = old.stride[3];
    }
    return LP_OK;
}

static lp_status fill_batches(const struct lp_place_of_op *at, const struct matrices *a, const struct matrices *b,
                              struct lp_batch_matmul *out)
{
    int64_t batches = 1;
    for (int32_t d = 0; d < BATCH_DIMS; d++) {
        if (a->dims[d] != b->dims[d] && a->dims[d] != 1 && b->dims[d] != 1)
            return lp_op_error(at, LP_BAD_INPUT, "%ld and %ld matrices can't be multiplied with each other", (long)a->dims[d],
                               (long)b->dims[d]);
        out->batches[d] = a->dims[d] == 1 ? b->dims[d] : a->dims[d];
        out->in1_batch[d] = a->dims[d] == 1 ? 0 : a->stride[d];
        out->in2_batch[d] = b->dims[d] == 1 ? 0 : b->stride[d];
        batches *= out->batches[d];
    }
    if (a->dims[4] != b->dims[3] || batches * a->dims[3] * b->dims[4] != lp_tensor_elements(lp_op_output(at->graph, at->op, 0)))
        return lp_op_error(at, LP_BAD_INPUT, "matrices of %ld x %ld and %ld x %ld don't give its output", (long)a->dims[3],
                           (long)a->dims[4], (long)b->dims[3], (long)b->dims[4]);
    return LP_OK;
}

/* Two bytes and their zero points are at most 255 apart each; products of int16 have 30 bits, their sums 47. */
static lp_status check_depth(const struct lp_place_of_op *at, enum lp_element element, int32_t depth)
{
    const int32_t most = element == LP_ELEMENT_INT16 ? (1 << 17) - 1 : INT32_MAX / (255 * 255);
    if (depth > most)
        return lp_op_error(at, LP_UNSUPPORTED, "sums of %ld products can overflow, at most %ld are supported", (long)depth,
                           (long)most);
    return LP_OK;
}

const char *lp_batch_matmul_symbol(const struct lp_graph *graph, const struct lp_op *op)
{
    return lp_op_input(graph, op, 0)->element == LP_ELEMENT_INT16 ? "lp_batch_matmul_s16__reference"
                                                                  : "lp_batch_matmul_s8__reference";
}

lp_status lp_batch_matmul_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                 struct lp_diag *diag, struct lp_batch_matmul *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in1 = lp_op_input(graph, op, 0);
    const struct lp_tensor *in2 = lp_op_input(graph, op, 1);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    struct matrices a, b;
    memset(out, 0, sizeof *out);
    lp_status status = take(&at, in1, "first input", op->as.batch_matmul.adjoint_1, &a);
    if (status == LP_OK)
        status = take(&at, in2, "second input", op->as.batch_matmul.adjoint_2, &b);
    if (status == LP_OK)
        status = lp_need_small(&at, result, "output");
    if (status == LP_OK && (in2->element != in1->element || result->element != in1->element))
        return lp_op_error(&at, LP_UNSUPPORTED, "its inputs are %s and %s and its output %s, they have to be of one type",
                           lp_element_name(in1->element), lp_element_name(in2->element), lp_element_name(result->element));
    if (status == LP_OK)
        status = fill_batches(&at, &a, &b, out);
    if (status != LP_OK)
        return status;
    status = check_depth(&at, in1->element, a.dims[4]);
    if (status != LP_OK)
        return status;
    out->rows = a.dims[3];
    out->depth = a.dims[4];
    out->columns = b.dims[4];
    out->in1_row = a.stride[3];
    out->in1_depth = a.stride[4];
    out->in2_depth = b.stride[3];
    out->in2_column = b.stride[4];
    out->in1_offset = -lp_zero_point_of(in1);
    out->in2_offset = -lp_zero_point_of(in2);
    out->out_offset = lp_zero_point_of(result);
    out->rounding = (uint8_t)rounding;
    /* The reference multiplies both scales in float32. */
    const float product = lp_scale_of(in1) * lp_scale_of(in2);
    status = lp_need_multiplier(&at, (double)product / (double)lp_scale_of(result), rounding, &out->multiplier, &out->shift);
    return status == LP_OK && in1->element == LP_ELEMENT_INT16 ? lp_need_wide_shift(&at, out->shift) : status;
}
