/* FULLY_CONNECTED: weights [outputs, depth]; the input is seen as rows of `depth` values. */
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
