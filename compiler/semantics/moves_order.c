/* Operators that bring elements into another order, or repeat them. */
#include "compiler/semantics/moves.h"

static int64_t stride_of(const struct lp_tensor *tensor, uint32_t d)
{
    return lp_move_elements(tensor, d + 1, tensor->rank);
}

lp_status lp_move_transpose(const struct lp_place_of_op *at, uint32_t part, struct lp_move_part *out)
{
    const struct lp_tensor *in = lp_op_input(at->graph, at->op, 0);
    int32_t order[LP_MAX_RANK];
    uint32_t count = 0;
    bool is_taken[LP_MAX_RANK] = {false};
    lp_status status = lp_need_numbers(at, lp_op_input(at->graph, at->op, 1), "new order", order, LP_MAX_RANK, &count);
    if (status == LP_OK && count != in->rank)
        status = lp_op_error(at, LP_BAD_INPUT, "its new order has %u numbers for %u dimensions; one for each is needed",
                             (unsigned)count, (unsigned)in->rank);
    for (uint32_t d = 0; d < count && status == LP_OK; d++) {
        uint32_t from = 0;
        status = lp_need_axis(at, order[d], in->rank, &from);
        if (status == LP_OK && is_taken[from])
            status = lp_op_error(at, LP_BAD_INPUT, "its new order names dimension %u twice", (unsigned)from);
        if (status != LP_OK)
            break;
        is_taken[from] = true;
        lp_move_add_dim(out, in->dims[from]);
        lp_move_add_loop(out, in->dims[from], stride_of(in, from), 0);
    }
    lp_move_dense_output(out);
    (void)part;
    return status;
}

lp_status lp_move_reverse(const struct lp_place_of_op *at, uint32_t part, struct lp_move_part *out)
{
    const struct lp_tensor *in = lp_op_input(at->graph, at->op, 0);
    int32_t axes[LP_MAX_RANK];
    uint32_t count = 0;
    bool is_reversed[LP_MAX_RANK] = {false};
    lp_status status = lp_need_numbers(at, lp_op_input(at->graph, at->op, 1), "axes", axes, LP_MAX_RANK, &count);
    for (uint32_t i = 0; i < count && status == LP_OK; i++) {
        uint32_t axis = 0;
        status = lp_need_axis(at, axes[i], in->rank, &axis);
        if (status == LP_OK && is_reversed[axis])
            status = lp_op_error(at, LP_BAD_INPUT, "its axes name dimension %u twice", (unsigned)axis);
        is_reversed[axis] = true;
    }
    for (uint32_t d = 0; d < in->rank; d++) {
        lp_move_add_dim(out, in->dims[d]);
        lp_move_add_loop(out, in->dims[d], is_reversed[d] ? -stride_of(in, d) : stride_of(in, d), 0);
        out->in_offset += is_reversed[d] ? (in->dims[d] - 1) * stride_of(in, d) : 0;
    }
    lp_move_dense_output(out);
    (void)part;
    return status;
}

lp_status lp_move_tile(const struct lp_place_of_op *at, uint32_t part, struct lp_move_part *out)
{
    const struct lp_tensor *in = lp_op_input(at->graph, at->op, 0);
    int32_t times[LP_MAX_RANK];
    uint32_t count = 0;
    lp_status status = lp_need_numbers(at, lp_op_input(at->graph, at->op, 1), "repetitions", times, LP_MAX_RANK, &count);
    if (status == LP_OK && count != in->rank)
        status = lp_op_error(at, LP_BAD_INPUT, "it has %u repetitions for %u dimensions; one for each is needed", (unsigned)count,
                             (unsigned)in->rank);
    for (uint32_t d = 0; d < in->rank && status == LP_OK; d++) {
        if (times[d] < 1)
            return lp_op_error(at, LP_BAD_INPUT, "dimension %u is repeated %ld times; at least 1 is allowed", (unsigned)d,
                               (long)times[d]);
        lp_move_add_dim(out, (int64_t)in->dims[d] * times[d]);
        lp_move_add_loop(out, times[d], 0, 0);
        lp_move_add_loop(out, in->dims[d], stride_of(in, d), 0);
    }
    lp_move_dense_output(out);
    (void)part;
    return status;
}

/* Input `from` repeated to the shape that operand `shape` names; dimensions are aligned at the last one. */
static lp_status repeat_to(const struct lp_place_of_op *at, uint32_t from, uint32_t shape, struct lp_move_part *out)
{
    const struct lp_tensor *in = lp_op_input(at->graph, at->op, from);
    int32_t dims[LP_MAX_RANK];
    uint32_t count = 0;
    lp_status status = lp_need_shape(at, shape, "new shape", dims, &count);
    if (status == LP_OK && count < in->rank)
        status = lp_op_error(at, LP_BAD_INPUT, "its new shape has %u dimensions, its input %u; at least as many are needed",
                             (unsigned)count, (unsigned)in->rank);
    if (status != LP_OK)
        return status;
    out->input = from;
    for (uint32_t d = 0; d < count; d++) {
        bool is_new = d < count - in->rank;
        uint32_t own = d - (count - in->rank);
        int32_t size = is_new ? 1 : in->dims[own];
        if (size != dims[d] && size != 1)
            return lp_op_error(at, LP_BAD_INPUT, "dimension %u of its new shape is %ld, its input has %ld there", (unsigned)d,
                               (long)dims[d], (long)size);
        lp_move_add_dim(out, dims[d]);
        lp_move_add_loop(out, dims[d], size == 1 ? 0 : stride_of(in, own), 0);
    }
    lp_move_dense_output(out);
    return LP_OK;
}

lp_status lp_move_broadcast(const struct lp_place_of_op *at, uint32_t part, struct lp_move_part *out)
{
    (void)part;
    return repeat_to(at, 0, 1, out);
}

/* The value has one element, whatever its rank. */
lp_status lp_move_fill(const struct lp_place_of_op *at, uint32_t part, struct lp_move_part *out)
{
    const struct lp_tensor *value = lp_op_input(at->graph, at->op, 1);
    (void)part;
    if (value->rank != 0)
        return lp_op_error(at, LP_BAD_INPUT, "its value has %u dimensions, it has to be a single number", (unsigned)value->rank);
    return repeat_to(at, 1, 0, out);
}

static lp_status block_size(const struct lp_place_of_op *at, int64_t *size)
{
    lp_status status = lp_need_rank(at, lp_op_input(at->graph, at->op, 0), "input", 4);
    *size = at->op->as.block.size;
    if (status == LP_OK && (*size < 1 || *size > UINT16_MAX))
        status = lp_op_error(at, LP_BAD_INPUT, "its block size is %lld, 1 to %d is allowed", (long long)*size, UINT16_MAX);
    return status;
}

/* in [b, h, w, block, block, c]      out [b, h, block, w, block, c] */
lp_status lp_move_depth_to_space(const struct lp_place_of_op *at, uint32_t part, struct lp_move_part *out)
{
    int64_t block = 1;
    lp_status status = block_size(at, &block);
    if (status != LP_OK)
        return status;
    const int32_t *in = lp_op_input(at->graph, at->op, 0)->dims;
    if (in[3] % (block * block) != 0)
        return lp_op_error(at, LP_BAD_INPUT, "its input has %ld channels, which are no multiple of the block's %lld elements",
                           (long)in[3], (long long)(block * block));
    int64_t depth = in[3];
    int64_t channels = depth / (block * block);
    lp_move_add_dim(out, in[0]);
    lp_move_add_dim(out, in[1] * block);
    lp_move_add_dim(out, in[2] * block);
    lp_move_add_dim(out, channels);
    lp_move_add_loop(out, in[0], in[1] * in[2] * depth, 0);
    lp_move_add_loop(out, in[1], in[2] * depth, 0);
    lp_move_add_loop(out, block, block * channels, 0);
    lp_move_add_loop(out, in[2], depth, 0);
    lp_move_add_loop(out, block, channels, 0);
    lp_move_add_loop(out, channels, 1, 0);
    lp_move_dense_output(out);
    (void)part;
    return LP_OK;
}

/* in [b, h, block, w, block, c]      out [b, h, w, block, block, c] */
lp_status lp_move_space_to_depth(const struct lp_place_of_op *at, uint32_t part, struct lp_move_part *out)
{
    int64_t block = 1;
    lp_status status = block_size(at, &block);
    if (status != LP_OK)
        return status;
    const int32_t *in = lp_op_input(at->graph, at->op, 0)->dims;
    if (in[1] % block != 0 || in[2] % block != 0)
        return lp_op_error(at, LP_BAD_INPUT, "its input is %ld x %ld, which is no multiple of the block size %lld", (long)in[1],
                           (long)in[2], (long long)block);
    int64_t channels = in[3];
    int64_t row = in[2] * channels;
    lp_move_add_dim(out, in[0]);
    lp_move_add_dim(out, in[1] / block);
    lp_move_add_dim(out, in[2] / block);
    lp_move_add_dim(out, block * block * channels);
    lp_move_add_loop(out, in[0], in[1] * row, 0);
    lp_move_add_loop(out, in[1] / block, block * row, 0);
    lp_move_add_loop(out, in[2] / block, block * channels, 0);
    lp_move_add_loop(out, block, row, 0);
    lp_move_add_loop(out, block, channels, 0);
    lp_move_add_loop(out, channels, 1, 0);
    lp_move_dense_output(out);
    (void)part;
    return LP_OK;
}
