/* Matrix products. FULLY_CONNECTED: weights [outputs, depth]; the input is seen as rows of `depth` values. */
#include "compiler/analyze/shape_rules.h"

lp_status lp_shape_fully_connected(struct lp_shape_work *w)
{
    lp_status status = lp_shape_need_rank(w, 1, 2, "its weight tensor");
    if (status != LP_OK)
        return status;
    const struct lp_tensor *input = lp_op_input(w->graph, w->op, 0);
    struct lp_shape in = lp_shape_of(input);
    struct lp_shape weights = lp_shape_of(lp_op_input(w->graph, w->op, 1));
    int64_t outputs = weights.dims[0];
    int64_t depth = weights.dims[1];
    char text[LP_SHAPE_TEXT_BYTES];
    if (lp_tensor_elements(input) % depth != 0)
        return lp_shape_error(w, LP_BAD_INPUT, "its input of shape %s can't be cut into rows of %lld values, as its weights need",
                              lp_shape_name(&in, text), (long long)depth);
    status = lp_shape_check_bias(w, 2, outputs);
    if (status != LP_OK)
        return status;
    struct lp_shape out = {.rank = 2, .dims = {lp_tensor_elements(input) / depth, outputs}};
    if (w->op->as.fully_connected.keep_num_dims) {
        if (in.rank == 0 || in.dims[in.rank - 1] != depth)
            return lp_shape_error(w, LP_BAD_INPUT, "it keeps the dimensions of its input of shape %s, so the last has to be %lld",
                                  lp_shape_name(&in, text), (long long)depth);
        out = in;
        out.dims[in.rank - 1] = outputs;
    }
    return lp_shape_set(w, 0, &out);
}

/* The last two dimensions are matrices; those in front are aligned at the end and repeated where they are 1. */
lp_status lp_shape_batch_matmul(struct lp_shape_work *w)
{
    struct lp_shape a = lp_shape_of(lp_op_input(w->graph, w->op, 0));
    struct lp_shape b = lp_shape_of(lp_op_input(w->graph, w->op, 1));
    if (a.rank < 2 || b.rank < 2)
        return lp_shape_error(w, LP_BAD_INPUT, "its inputs have %u and %u dimensions; matrices have two or more",
                              (unsigned)a.rank, (unsigned)b.rank);
    const bool adjoint_1 = w->op->as.batch_matmul.adjoint_1;
    const bool adjoint_2 = w->op->as.batch_matmul.adjoint_2;
    int64_t depth_1 = a.dims[a.rank - (adjoint_1 ? 2 : 1)];
    int64_t depth_2 = b.dims[b.rank - (adjoint_2 ? 1 : 2)];
    char text_a[LP_SHAPE_TEXT_BYTES];
    char text_b[LP_SHAPE_TEXT_BYTES];
    struct lp_shape out = {.rank = a.rank > b.rank ? a.rank : b.rank};
    bool fits = depth_1 == depth_2;
    for (uint32_t i = 2; i < out.rank; i++) {
        int64_t dim_a = i < a.rank ? a.dims[a.rank - 1 - i] : 1;
        int64_t dim_b = i < b.rank ? b.dims[b.rank - 1 - i] : 1;
        fits = fits && (dim_a == dim_b || dim_a == 1 || dim_b == 1);
        out.dims[out.rank - 1 - i] = dim_a == 1 ? dim_b : dim_a;
    }
    if (!fits)
        return lp_shape_error(w, LP_BAD_INPUT, "matrices of the shapes %s%s and %s%s can't be multiplied",
                              lp_shape_name(&a, text_a), adjoint_1 ? " (transposed)" : "", lp_shape_name(&b, text_b),
                              adjoint_2 ? " (transposed)" : "");
    out.dims[out.rank - 2] = a.dims[a.rank - (adjoint_1 ? 1 : 2)];
    out.dims[out.rank - 1] = b.dims[b.rank - (adjoint_2 ? 2 : 1)];
    return lp_shape_set(w, 0, &out);
}

lp_status lp_shape_svdf(struct lp_shape_work *w)
{
    const struct lp_shape in = lp_shape_of(lp_op_input(w->graph, w->op, 0));
    const struct lp_shape feature = lp_shape_of(lp_op_input(w->graph, w->op, 1));
    const struct lp_shape state = lp_shape_of(lp_op_input(w->graph, w->op, 4));
    const int32_t rank = w->op->as.svdf.rank;
    if (in.rank != 2 || feature.rank != 2 || rank < 1 || feature.dims[0] % rank != 0)
        return lp_shape_error(
            w, LP_BAD_INPUT,
            "its input and its weights have %u and %u dimensions, they need 2, and its rank %ld has to divide the "
            "number of filters",
            (unsigned)in.rank, (unsigned)feature.rank, (long)rank);
    const struct lp_shape out = {.rank = 2, .dims = {in.dims[0], feature.dims[0] / rank}};
    lp_status status = lp_shape_set(w, 0, &out);
    return status == LP_OK ? lp_shape_set(w, 1, &state) : status;
}
