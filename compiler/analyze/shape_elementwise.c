/* Operators that treat every element alike. */
#include "compiler/analyze/shape_rules.h"

lp_status lp_shape_like_input(struct lp_shape_work *w)
{
    struct lp_shape shape = lp_shape_of(lp_op_input(w->graph, w->op, 0));
    return lp_shape_set(w, 0, &shape);
}

/* Aligned at the last dimension; a dimension of 1, or one that is not there, is repeated. */
lp_status lp_shape_broadcast(struct lp_shape_work *w)
{
    struct lp_shape a = lp_shape_of(lp_op_input(w->graph, w->op, 0));
    struct lp_shape b = lp_shape_of(lp_op_input(w->graph, w->op, 1));
    struct lp_shape out = {.rank = a.rank > b.rank ? a.rank : b.rank};
    for (uint32_t i = 0; i < out.rank; i++) {
        int64_t dim_a = i < out.rank - a.rank ? 1 : a.dims[i - (out.rank - a.rank)];
        int64_t dim_b = i < out.rank - b.rank ? 1 : b.dims[i - (out.rank - b.rank)];
        if (dim_a != dim_b && dim_a != 1 && dim_b != 1) {
            char text_a[LP_SHAPE_TEXT_BYTES];
            char text_b[LP_SHAPE_TEXT_BYTES];
            return lp_shape_error(w, LP_BAD_INPUT, "its inputs have the shapes %s and %s; a dimension has to be equal or 1",
                                  lp_shape_name(&a, text_a), lp_shape_name(&b, text_b));
        }
        out.dims[i] = dim_a == 1 ? dim_b : dim_a;
    }
    return lp_shape_set(w, 0, &out);
}
