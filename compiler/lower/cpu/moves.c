/* Operators that move elements: each is one epoch for every tensor that it puts in or takes out. */
#include "compiler/lower/cpu/ops.h"
#include "compiler/semantics/semantics.h"

#include <stddef.h>
#include <string.h>

/* A single loop has a smaller argument structure. */
static bool is_rows(const struct lp_move *m)
{
    return m->rank == 0 || (m->rank == 1 && m->in_stride_bytes[0] >= 0);
}

static lp_status lower_rows(struct lp_lowering *l, const struct lp_op *op, const struct lp_move *m, int32_t in, int32_t out)
{
    const struct lp_copy_rows args = {
        .rows = m->dims[0],
        .run_bytes = m->run_bytes,
        .in_offset_bytes = m->in_offset_bytes,
        .out_offset_bytes = m->out_offset_bytes,
        .in_stride_bytes = (uint32_t)m->in_stride_bytes[0],
        .out_stride_bytes = (uint32_t)m->out_stride_bytes[0],
    };
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_lower_epoch(l, op, "lp_copy_rows__reference", &args, 0, &epoch);
    if (status == LP_OK)
        status = lp_lower_read(l, epoch, offsetof(struct lp_copy_rows, in), in);
    return status == LP_OK ? lp_lower_write(l, epoch, offsetof(struct lp_copy_rows, out), out) : status;
}

static lp_status lower_move(struct lp_lowering *l, const struct lp_op *op, const struct lp_move *m, int32_t in, int32_t out)
{
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_lower_epoch(l, op, "lp_move__reference", m, 0, &epoch);
    if (status == LP_OK)
        status = lp_lower_read(l, epoch, offsetof(struct lp_move, in), in);
    return status == LP_OK ? lp_lower_write(l, epoch, offsetof(struct lp_move, out), out) : status;
}

lp_status lp_lower_moves(struct lp_lowering *l, const struct lp_op *op)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < lp_move_part_count(op) && status == LP_OK; i++) {
        struct lp_move_part part;
        struct lp_move m;
        status = lp_move_params(l->graph, op, i, l->diag, &part, &m);
        if (status != LP_OK)
            return status;
        int32_t in = op->inputs[part.input];
        int32_t out = op->outputs[part.output];
        if (m.rank == 0 && m.run_bytes == (uint32_t)lp_tensor_bytes(&l->graph->tensors[in]) &&
            m.run_bytes == (uint32_t)lp_tensor_bytes(&l->graph->tensors[out]))
            status = lp_lower_rename(l, op, in, out);
        else
            status = is_rows(&m) ? lower_rows(l, op, &m, in, out) : lower_move(l, op, &m, in, out);
    }
    return status;
}

lp_status lp_lower_gather(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_gather args = {0};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_gather_params(l->graph, op, l->diag, &args);
    if (status == LP_OK)
        status = lp_lower_epoch(l, op, "lp_gather__reference", &args, 0, &epoch);
    if (status == LP_OK)
        status = lp_lower_read(l, epoch, offsetof(struct lp_gather, in), op->inputs[0]);
    if (status == LP_OK)
        status = lp_lower_read(l, epoch, offsetof(struct lp_gather, indices), op->inputs[1]);
    return status == LP_OK ? lp_lower_write(l, epoch, offsetof(struct lp_gather, out), op->outputs[0]) : status;
}

lp_status lp_lower_mirror_pad(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_mirror_pad args = {0};
    lp_status status = lp_mirror_pad_params(l->graph, op, l->diag, &args);
    return status == LP_OK ? lp_lower_unary(l, op, "lp_mirror_pad__reference", &args, offsetof(struct lp_mirror_pad, in),
                                            offsetof(struct lp_mirror_pad, out), LP_UNARY_APART)
                           : status;
}

lp_status lp_lower_resize_nearest(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_resize_nearest args = {0};
    lp_status status = lp_resize_nearest_params(l->graph, op, l->diag, &args);
    return status == LP_OK ? lp_lower_unary(l, op, "lp_resize_nearest__reference", &args, offsetof(struct lp_resize_nearest, in),
                                            offsetof(struct lp_resize_nearest, out), LP_UNARY_APART)
                           : status;
}

static lp_status lower_space_batch(struct lp_lowering *l, const struct lp_op *op, const char *symbol)
{
    struct lp_space_batch args = {0};
    lp_status status = lp_space_batch_params(l->graph, op, l->diag, &args);
    return status == LP_OK ? lp_lower_unary(l, op, symbol, &args, offsetof(struct lp_space_batch, in),
                                            offsetof(struct lp_space_batch, out), LP_UNARY_APART)
                           : status;
}

lp_status lp_lower_space_to_batch(struct lp_lowering *l, const struct lp_op *op)
{
    return lower_space_batch(l, op, "lp_space_to_batch__reference");
}

lp_status lp_lower_batch_to_space(struct lp_lowering *l, const struct lp_op *op)
{
    return lower_space_batch(l, op, "lp_batch_to_space__reference");
}

lp_status lp_lower_cast(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_cast args = {0};
    lp_status status = lp_cast_params(l->graph, op, l->diag, &args);
    enum lp_element in = lp_op_input(l->graph, op, 0)->element;
    enum lp_element out = lp_op_output(l->graph, op, 0)->element;
    enum lp_unary_memory memory = lp_element_bytes(out) <= lp_element_bytes(in) ? LP_UNARY_IN_PLACE : LP_UNARY_APART;
    return status == LP_OK ? lp_lower_unary(l, op, "lp_cast__reference", &args, offsetof(struct lp_cast, in),
                                            offsetof(struct lp_cast, out), memory)
                           : status;
}

/* One epoch looks at each operand that is held to a value, before the operator runs. */
lp_status lp_lower_expected(struct lp_lowering *l, const struct lp_op *op)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < op->input_count && status == LP_OK; i++) {
        int64_t values[LP_MAX_RANK];
        struct lp_sw_epoch *epoch = NULL;
        struct lp_expect args = {.size_bytes = (uint32_t)lp_expected_operand(l->graph, op, i, values)};
        if (args.size_bytes == 0)
            continue;
        const struct lp_tensor *operand = lp_op_input(l->graph, op, i);
        void *copy = lp_arena_alloc(l->arena, 1, args.size_bytes);
        const char *name = lp_lower_item_name(l, "expected", op);
        if (copy == NULL || name == NULL)
            return lp_no_memory(l->diag);
        memcpy(copy, values, args.size_bytes);
        uint32_t element_bytes = lp_element_bytes(operand->element);
        status = lp_lower_epoch(l, op, "lp_expect__reference", &args, 0, &epoch);
        if (status == LP_OK)
            status = lp_lower_read(l, epoch, offsetof(struct lp_expect, in), op->inputs[i]);
        if (status == LP_OK)
            status = lp_lower_constant(l, epoch, offsetof(struct lp_expect, expected),
                                       (struct lp_item){.cause = LP_CAUSE_IO,
                                                        .layer = (int32_t)op->source_index,
                                                        .name = name,
                                                        .element = operand->element,
                                                        .data = copy,
                                                        .count = args.size_bytes / element_bytes,
                                                        .align_bytes = element_bytes});
    }
    return status;
}
