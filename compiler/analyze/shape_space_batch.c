/* SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND. */
#include "compiler/analyze/shape_rules.h"

struct blocks {
    int64_t block[2], border[4];
    uint32_t count; /* of dimensions in blocks, right behind the batch */
};

static lp_status read_blocks(struct lp_shape_work *w, struct blocks *b, const char *border)
{
    const struct lp_tensor *in = lp_op_input(w->graph, w->op, 0);
    uint32_t borders = 0;
    lp_status status = lp_shape_constant(w, 1, "its block shape", b->block, 2, &b->count);
    if (status == LP_OK)
        status = lp_shape_constant(w, 2, border, b->border, 4, &borders);
    if (status != LP_OK)
        return status;
    if (borders != 2 * b->count)
        return lp_shape_error(w, LP_BAD_INPUT, "%s has %u numbers for %u blocks; it needs two for each", border,
                              (unsigned)borders, (unsigned)b->count);
    if (b->count + 1 > in->rank)
        return lp_shape_error(w, LP_BAD_INPUT, "its block shape has %u numbers and its input %u dimensions; it needs one more",
                              (unsigned)b->count, (unsigned)in->rank);
    for (uint32_t i = 0; i < borders; i++) {
        if (b->block[i / 2] < 1 || b->block[i / 2] > LP_WINDOW_LIMIT)
            return lp_shape_error(w, LP_BAD_INPUT, "block %u is %lld; 1 to %d is allowed", (unsigned)i / 2,
                                  (long long)b->block[i / 2], LP_WINDOW_LIMIT);
        if (b->border[i] < 0 || b->border[i] > LP_WINDOW_LIMIT)
            return lp_shape_error(w, LP_BAD_INPUT, "%s has the number %lld; 0 to %d is allowed", border, (long long)b->border[i],
                                  LP_WINDOW_LIMIT);
    }
    return LP_OK;
}

lp_status lp_shape_space_to_batch(struct lp_shape_work *w)
{
    struct lp_shape out = lp_shape_of(lp_op_input(w->graph, w->op, 0));
    struct blocks b = {.count = 0};
    lp_status status = read_blocks(w, &b, "its list of paddings");
    for (uint32_t i = 0; i < b.count && status == LP_OK; i++) {
        int64_t padded = out.dims[i + 1] + b.border[2 * i] + b.border[2 * i + 1];
        if (padded % b.block[i] != 0)
            return lp_shape_error(w, LP_BAD_INPUT, "dimension %u with its paddings is %lld, which is no multiple of block %lld",
                                  (unsigned)i + 1, (long long)padded, (long long)b.block[i]);
        out.dims[i + 1] = padded / b.block[i];
        out.dims[0] *= b.block[i];
    }
    return status == LP_OK ? lp_shape_set(w, 0, &out) : status;
}

lp_status lp_shape_batch_to_space(struct lp_shape_work *w)
{
    struct lp_shape out = lp_shape_of(lp_op_input(w->graph, w->op, 0));
    struct blocks b = {.count = 0};
    lp_status status = read_blocks(w, &b, "its list of crops");
    for (uint32_t i = 0; i < b.count && status == LP_OK; i++) {
        if (out.dims[0] % b.block[i] != 0)
            return lp_shape_error(w, LP_BAD_INPUT, "its input has %lld batches for block %lld, which is no divisor",
                                  (long long)out.dims[0], (long long)b.block[i]);
        out.dims[0] /= b.block[i];
        out.dims[i + 1] = out.dims[i + 1] * b.block[i] - b.border[2 * i] - b.border[2 * i + 1];
    }
    return status == LP_OK ? lp_shape_set(w, 0, &out) : status;
}
