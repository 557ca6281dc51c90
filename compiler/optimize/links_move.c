/* Ties of operators that move elements. A tensor's channels lie along one of its dimensions, as a rule; where that dimension
 * goes, the channels go. */
#include "compiler/optimize/links.h"

#include "compiler/semantics/semantics.h"

/* Elements of one step along dimension d. */
static uint32_t stride_of(const struct lp_tensor *t, uint32_t d)
{
    uint32_t stride = 1;
    for (uint32_t i = d + 1; i < t->rank; i++)
        stride *= (uint32_t)t->dims[i];
    return stride;
}

/* The dimension along which the channels lie, so that the slot is index % period; false when there is none. */
static bool find_axis(const struct lp_channels *c, int32_t tensor, uint32_t *axis)
{
    const struct lp_tensor *t = &c->graph->tensors[tensor];
    for (uint32_t d = t->rank; d-- > 0;)
        if (c->period[tensor] != 0 && stride_of(t, d) == c->inner[tensor] && (uint32_t)t->dims[d] % c->period[tensor] == 0) {
            *axis = d;
            return true;
        }
    return false;
}

/* Slot k of the input is slot k of the output, whose channels lie along `axis`. */
static void tie_along(struct lp_channels *c, int32_t in, int32_t out, uint32_t axis)
{
    lp_channels_open_at(c, out, stride_of(&c->graph->tensors[out], axis), c->period[in]);
    for (uint32_t k = 0; k < c->period[in]; k++)
        lp_channels_tie(c, c->first[in] + k, c->first[out] + k);
}

lp_status lp_link_transpose(struct lp_channels *c, const struct lp_op *op)
{
    const struct lp_tensor *order = lp_op_input(c->graph, op, 1);
    uint32_t axis = 0;
    int64_t rank = lp_op_input(c->graph, op, 0)->rank;
    if (!find_axis(c, op->inputs[0], &axis))
        return lp_link_all(c, op);
    for (uint32_t d = 0; d < rank; d++)
        if ((lp_link_number(order, d) + rank) % rank == axis)
            tie_along(c, op->inputs[0], op->outputs[0], d);
    return LP_OK;
}

lp_status lp_link_reverse(struct lp_channels *c, const struct lp_op *op)
{
    const struct lp_tensor *axes = lp_op_input(c->graph, op, 1);
    uint32_t axis = 0;
    int64_t rank = lp_op_input(c->graph, op, 0)->rank;
    if (!find_axis(c, op->inputs[0], &axis))
        return lp_link_all(c, op);
    for (int64_t i = 0; i < lp_tensor_elements(axes); i++)
        if ((lp_link_number(axes, i) + rank) % rank == axis)
            return lp_link_all(c, op);
    tie_along(c, op->inputs[0], op->outputs[0], axis);
    return LP_OK;
}

/* Repeated along the channels too: element i is still channel i % period. */
lp_status lp_link_tile(struct lp_channels *c, const struct lp_op *op)
{
    uint32_t axis = 0;
    if (!find_axis(c, op->inputs[0], &axis))
        return lp_link_all(c, op);
    tie_along(c, op->inputs[0], op->outputs[0], axis);
    return LP_OK;
}

/* Channels by position of the input; all tensors that are joined or taken apart have them along the same dimension. */
struct common {
    uint32_t axis;   /* of the channels, in the tensors that are joined */
    uint32_t period; /* that all of them have in common */
    bool is_fixed;   /* some tensor has several channels, and says which dimension it is */
};

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    return b == 0 ? a : common_divisor(b, a % b);
}

static bool find_common(const struct lp_channels *c, const struct lp_op *op, struct common *common)
{
    *common = (struct common){.axis = lp_op_input(c->graph, op, 0)->rank - 1u};
    for (uint32_t i = 0; i < op->input_count; i++) {
        uint32_t axis = 0;
        if (c->period[op->inputs[i]] == 0 || !find_axis(c, op->inputs[i], &axis))
            return false;
        if (c->period[op->inputs[i]] == 1) /* one channel lies anywhere */
            continue;
        if (common->is_fixed && axis != common->axis)
            return false;
        common->axis = axis;
        common->is_fixed = true;
    }
    for (uint32_t i = 0; i < op->input_count; i++)
        common->period = common_divisor(c->period[op->inputs[i]], common->period);
    return true;
}

/* All inputs and the output have the same channels; those of the output lie along `axis`. */
static void tie_inputs(struct lp_channels *c, const struct lp_op *op, uint32_t period, uint32_t axis)
{
    int32_t out = op->outputs[0];
    lp_channels_open_at(c, out, stride_of(&c->graph->tensors[out], axis), period);
    for (uint32_t i = 0; i < op->input_count; i++)
        for (uint32_t k = 0; k < c->period[op->inputs[i]]; k++)
            lp_channels_tie(c, c->first[op->inputs[i]] + k, c->first[out] + k % period);
}

/* The output has the channels of one input behind those of another. A constant's channels stay. */
static lp_status append_channels(struct lp_channels *c, const struct lp_op *op, uint32_t axis)
{
    int32_t out = op->outputs[0];
    const struct lp_tensor *t = &c->graph->tensors[out];
    uint32_t slot = 0;
    lp_channels_open_at(c, out, stride_of(t, axis), (uint32_t)t->dims[axis]);
    for (uint32_t i = 0; i < op->input_count; i++) {
        int32_t in = op->inputs[i];
        for (uint32_t k = 0; k < (uint32_t)c->graph->tensors[in].dims[axis]; k++, slot++) {
            if (c->period[in] == 0)
                lp_channels_pin_slot(c, c->first[out] + slot);
            else
                lp_channels_tie(c, c->first[in] + k % c->period[in], c->first[out] + slot);
        }
    }
    return LP_OK;
}

static bool lie_along(const struct lp_channels *c, const struct lp_op *op, uint32_t axis)
{
    for (uint32_t i = 0; i < op->input_count; i++) {
        uint32_t own = 0;
        uint32_t period = c->period[op->inputs[i]];
        if (period > 1 && (!find_axis(c, op->inputs[i], &own) || own != axis))
            return false;
    }
    return true;
}

lp_status lp_link_concatenation(struct lp_channels *c, const struct lp_op *op)
{
    int32_t rank = lp_op_input(c->graph, op, 0)->rank;
    uint32_t axis = (uint32_t)((op->as.along.axis + rank) % rank);
    struct common common;
    if (lie_along(c, op, axis) && (uint32_t)lp_op_output(c->graph, op, 0)->dims[axis] <= LP_MOST_CHANNELS)
        return append_channels(c, op, axis);
    if (!find_common(c, op, &common) || common.axis == axis)
        return lp_link_all(c, op);
    tie_inputs(c, op, common.period, common.axis);
    return LP_OK;
}

lp_status lp_link_pack(struct lp_channels *c, const struct lp_op *op)
{
    int32_t rank = lp_op_output(c->graph, op, 0)->rank;
    uint32_t axis = (uint32_t)((op->as.along.axis + rank) % rank);
    struct common common;
    if (rank == 1 || !find_common(c, op, &common))
        return lp_link_all(c, op);
    tie_inputs(c, op, common.period, common.axis < axis ? common.axis : common.axis + 1);
    return LP_OK;
}

lp_status lp_link_unpack(struct lp_channels *c, const struct lp_op *op)
{
    int32_t rank = lp_op_input(c->graph, op, 0)->rank;
    uint32_t axis = (uint32_t)((op->as.along.axis + rank) % rank);
    uint32_t channels = 0;
    if (!find_axis(c, op->inputs[0], &channels) || channels == axis)
        return lp_link_all(c, op);
    for (uint32_t i = 0; i < op->output_count; i++)
        tie_along(c, op->inputs[0], op->outputs[i], channels < axis ? channels : channels - 1);
    return LP_OK;
}

/* SPLIT has equal parts in a .tflite, so that channel j of all parts stays or goes as one; else it becomes a SPLIT_V. */
static void tie_parts(struct lp_channels *c, const struct lp_op *op)
{
    for (uint32_t i = 1; i < op->output_count; i++)
        for (uint32_t k = 0; k < c->period[op->outputs[i]]; k++)
            lp_channels_tie(c, c->first[op->outputs[0]] + k, c->first[op->outputs[i]] + k);
}

lp_status lp_link_split(struct lp_channels *c, const struct lp_op *op)
{
    bool is_equal = op->kind == LP_OP_SPLIT;
    int32_t in = op->inputs[is_equal ? 1 : 0];
    int64_t rank = c->graph->tensors[in].rank;
    int64_t axis = (lp_link_number(lp_op_input(c->graph, op, is_equal ? 0 : 2), 0) + rank) % rank;
    uint32_t channels = 0;
    if (!find_axis(c, in, &channels))
        return lp_link_all(c, op);
    if (channels != axis) {
        for (uint32_t i = 0; i < op->output_count; i++)
            tie_along(c, in, op->outputs[i], channels);
        return LP_OK;
    }
    if ((uint32_t)c->graph->tensors[in].dims[axis] > LP_MOST_CHANNELS)
        return lp_link_all(c, op);
    uint32_t before = 0;
    for (uint32_t i = 0; i < op->output_count; i++) {
        int32_t out = op->outputs[i];
        uint32_t own = (uint32_t)c->graph->tensors[out].dims[axis];
        lp_channels_open_at(c, out, c->inner[in], own);
        for (uint32_t k = 0; k < own; k++, before++)
            lp_channels_tie(c, c->first[in] + before % c->period[in], c->first[out] + k);
    }
    if (is_equal && c->only_tflite)
        tie_parts(c, op);
    return LP_OK;
}

/* Channels that are cut off are not asked for by what is left. */
lp_status lp_link_slice(struct lp_channels *c, const struct lp_op *op)
{
    int32_t in = op->inputs[0];
    int32_t out = op->outputs[0];
    uint32_t axis = 0;
    if (!find_axis(c, in, &axis))
        return lp_link_all(c, op);
    uint32_t size = (uint32_t)c->graph->tensors[out].dims[axis];
    if (size == (uint32_t)c->graph->tensors[in].dims[axis]) {
        tie_along(c, in, out, axis);
        return LP_OK;
    }
    if (size > LP_MOST_CHANNELS)
        return lp_link_all(c, op);
    uint32_t begin = (uint32_t)lp_link_number(lp_op_input(c->graph, op, 1), axis);
    lp_channels_open_at(c, out, stride_of(&c->graph->tensors[out], axis), size);
    for (uint32_t k = 0; k < size; k++)
        lp_channels_tie(c, c->first[in] + (begin + k) % c->period[in], c->first[out] + k);
    return LP_OK;
}

/* Only where the channels are taken as they are. Each loop of the move is one dimension of the input. */
lp_status lp_link_strided_slice(struct lp_channels *c, const struct lp_op *op)
{
    const struct lp_tensor *in = lp_op_input(c->graph, op, 0);
    struct lp_move_part part;
    uint32_t axis = 0;
    uint64_t inner = 1;
    lp_status status = lp_move_part_of(c->graph, op, 0, c->diag, &part);
    if (status != LP_OK)
        return status;
    if (!find_axis(c, op->inputs[0], &axis) || part.loops[axis].size != in->dims[axis] ||
        part.loops[axis].in_stride != (int64_t)stride_of(in, axis))
        return lp_link_all(c, op);
    for (uint32_t d = axis + 1; d < part.loop_count; d++)
        inner *= (uint64_t)part.loops[d].size;
    if (lp_channels_dim(lp_op_output(c->graph, op, 0), (uint32_t)inner, c->period[op->inputs[0]]) < 0)
        return lp_link_all(c, op);
    lp_channels_open_at(c, op->outputs[0], (uint32_t)inner, c->period[op->inputs[0]]);
    for (uint32_t k = 0; k < c->period[op->inputs[0]]; k++)
        lp_channels_tie(c, c->first[op->inputs[0]] + k, c->first[op->outputs[0]] + k);
    return LP_OK;
}

lp_status lp_link_gather(struct lp_channels *c, const struct lp_op *op)
{
    const struct lp_tensor *in = lp_op_input(c->graph, op, 0);
    uint32_t picked = (uint32_t)((op->as.along.axis + in->rank) % in->rank);
    uint32_t axis = 0;
    if (!find_axis(c, op->inputs[0], &axis) || axis == picked)
        return lp_link_all(c, op);
    uint32_t new_dims = lp_op_output(c->graph, op, 0)->rank - (in->rank - 1u);
    tie_along(c, op->inputs[0], op->outputs[0], axis < picked ? axis : axis + new_dims - 1);
    return LP_OK;
}

/* A border along the channels is channels of their own, which have one value only. */
lp_status lp_link_pad(struct lp_channels *c, const struct lp_op *op)
{
    const struct lp_tensor *pads = lp_op_input(c->graph, op, 1);
    int32_t in = op->inputs[0];
    int32_t out = op->outputs[0];
    uint32_t axis = 0;
    if (!find_axis(c, in, &axis))
        return lp_link_all(c, op);
    uint32_t before = (uint32_t)lp_link_number(pads, 2 * (int64_t)axis);
    uint32_t channels = (uint32_t)c->graph->tensors[in].dims[axis];
    uint32_t bordered = (uint32_t)c->graph->tensors[out].dims[axis];
    if (bordered == channels) {
        tie_along(c, in, out, axis);
        return LP_OK;
    }
    if (op->kind == LP_OP_MIRROR_PAD || bordered > LP_MOST_CHANNELS)
        return lp_link_all(c, op);
    lp_channels_open_at(c, out, stride_of(&c->graph->tensors[out], axis), bordered);
    for (uint32_t k = 0; k < channels; k++)
        lp_channels_tie(c, c->first[in] + k % c->period[in], c->first[out] + before + k);
    return LP_OK;
}

/* The last dimension has the channels, which the operator leaves together or takes apart in whole groups. */
lp_status lp_link_blocks(struct lp_channels *c, const struct lp_op *op)
{
    const struct lp_tensor *in = lp_op_input(c->graph, op, 0);
    uint32_t last = lp_last_dim(lp_op_output(c->graph, op, 0));
    bool has_channels = op->kind == LP_OP_DEPTH_TO_SPACE || op->kind == LP_OP_SPACE_TO_DEPTH ||
                        op->kind == LP_OP_RESIZE_NEAREST_NEIGHBOR || op->kind == LP_OP_RESIZE_BILINEAR ||
                        in->rank > lp_tensor_elements(lp_op_input(c->graph, op, 1)) + 1;
    if (c->period[op->inputs[0]] == 0 || !has_channels)
        return lp_link_all(c, op);
    uint32_t period = common_divisor(c->period[op->inputs[0]], last);
    lp_channels_open_at(c, op->outputs[0], 1, period);
    for (uint32_t k = 0; k < c->period[op->inputs[0]]; k++)
        lp_channels_tie(c, c->first[op->inputs[0]] + k, c->first[op->outputs[0]] + k % period);
    return LP_OK;
}
