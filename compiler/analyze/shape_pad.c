/* PAD, PADV2, MIRROR_PAD: paddings [rank, 2], how many elements before and after each dimension. */
#include "compiler/analyze/shape_rules.h"

/* What a border repeats: it is no longer than that. */
enum mirrored { BESIDE_EDGE, FROM_EDGE, NOTHING };

static lp_status bordered(struct lp_shape_work *w, enum mirrored mirrored)
{
    struct lp_shape out = lp_shape_of(lp_op_input(w->graph, w->op, 0));
    int64_t paddings[2 * LP_MAX_RANK];
    uint32_t count = 0;
    lp_status status = lp_shape_constant(w, 1, "its list of paddings", paddings, 2 * LP_MAX_RANK, &count);
    if (status != LP_OK)
        return status;
    if (count != 2 * out.rank)
        return lp_shape_error(w, LP_BAD_INPUT, "it has %u paddings for %u dimensions; it needs two for each", (unsigned)count,
                              (unsigned)out.rank);
    for (uint32_t d = 0; d < out.rank; d++) {
        int64_t most = mirrored == NOTHING ? LP_WINDOW_LIMIT : mirrored == FROM_EDGE ? out.dims[d] : out.dims[d] - 1;
        for (uint32_t side = 0; side < 2; side++) {
            int64_t padding = paddings[2 * d + side];
            if (padding < 0 || padding > most)
                return lp_shape_error(w, LP_BAD_INPUT, "the padding %s dimension %u is %lld; 0 to %lld is allowed",
                                      side == 0 ? "before" : "after", (unsigned)d, (long long)padding, (long long)most);
        }
        out.dims[d] += paddings[2 * d] + paddings[2 * d + 1];
    }
    return lp_shape_set(w, 0, &out);
}

lp_status lp_shape_pad(struct lp_shape_work *w)
{
    return bordered(w, NOTHING);
}

lp_status lp_shape_mirror_pad(struct lp_shape_work *w)
{
    return bordered(w, w->op->as.mirror_pad.is_symmetric ? FROM_EDGE : BESIDE_EDGE);
}
