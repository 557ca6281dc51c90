#include "compiler/semantics/moves.h"

#include <string.h>

/* One row per operator. */
static lp_move_rule *const rules[LP_OP_KIND_COUNT] = {
    [LP_OP_BROADCAST_TO] = lp_move_broadcast,
    [LP_OP_CONCATENATION] = lp_move_concatenation,
    [LP_OP_DEPTH_TO_SPACE] = lp_move_depth_to_space,
    [LP_OP_FILL] = lp_move_fill,
    [LP_OP_PACK] = lp_move_pack,
    [LP_OP_REVERSE_V2] = lp_move_reverse,
    [LP_OP_SLICE] = lp_move_slice,
    [LP_OP_SPACE_TO_DEPTH] = lp_move_space_to_depth,
    [LP_OP_SPLIT] = lp_move_split,
    [LP_OP_SPLIT_V] = lp_move_split_v,
    [LP_OP_STRIDED_SLICE] = lp_move_strided_slice,
    [LP_OP_TILE] = lp_move_tile,
    [LP_OP_TRANSPOSE] = lp_move_transpose,
    [LP_OP_UNPACK] = lp_move_unpack,
};

bool lp_op_moves(enum lp_op_kind kind)
{
    return rules[kind] != NULL;
}

uint32_t lp_move_part_count(const struct lp_op *op)
{
    return op->kind == LP_OP_CONCATENATION || op->kind == LP_OP_PACK ? op->input_count : op->output_count;
}

void lp_move_add_dim(struct lp_move_part *part, int64_t size)
{
    part->dims[part->rank++] = size;
}

void lp_move_add_loop(struct lp_move_part *part, int64_t size, int64_t in_stride, int64_t out_stride)
{
    part->loops[part->loop_count++] = (struct lp_move_loop){size, in_stride, out_stride};
}

void lp_move_dense_output(struct lp_move_part *part)
{
    int64_t stride = 1;
    for (uint32_t i = part->loop_count; i-- > 0;) {
        part->loops[i].out_stride = stride;
        /* A shape beyond all bounds is refused before anybody looks at the strides. */
        const int64_t size = part->loops[i].size;
        stride = size < 0 || size > INT32_MAX || stride > INT32_MAX ? stride : stride * size;
    }
}

int64_t lp_move_elements(const struct lp_tensor *tensor, uint32_t first, uint32_t end)
{
    int64_t count = 1;
    for (uint32_t d = first; d < end; d++)
        count *= tensor->dims[d];
    return count;
}

lp_status lp_move_part_of(const struct lp_graph *graph, const struct lp_op *op, uint32_t part, struct lp_diag *diag,
                          struct lp_move_part *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    memset(out, 0, sizeof *out);
    return rules[op->kind](&at, part, out);
}

/* Drops loops of one turn and joins those that go on where the next one inside ends. Returns how many are left. */
static uint32_t merge_loops(const struct lp_move_part *part, struct lp_move_loop *merged)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < part->loop_count; i++) {
        const struct lp_move_loop *loop = &part->loops[i];
        struct lp_move_loop *last = count == 0 ? NULL : &merged[count - 1];
        if (loop->size == 1)
            continue;
        if (last != NULL && last->in_stride == loop->size * loop->in_stride && last->out_stride == loop->size * loop->out_stride)
            *last = (struct lp_move_loop){last->size * loop->size, loop->in_stride, loop->out_stride};
        else
            merged[count++] = *loop;
    }
    return count;
}

lp_status lp_move_params(const struct lp_graph *graph, const struct lp_op *op, uint32_t part, struct lp_diag *diag,
                         struct lp_move_part *shape, struct lp_move *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    struct lp_move_loop merged[LP_MOVE_MOST_LOOPS];
    lp_status status = lp_move_part_of(graph, op, part, diag, shape);
    if (status != LP_OK)
        return status;
    const struct lp_tensor *in = lp_op_input(graph, op, shape->input);
    status = lp_need_same_meaning(&at, in, lp_op_output(graph, op, shape->output));
    if (status != LP_OK)
        return status;
    uint32_t count = merge_loops(shape, merged);
    uint32_t element_bytes = lp_element_bytes(in->element);
    int64_t run = 1;
    if (count != 0 && merged[count - 1].in_stride == 1 && merged[count - 1].out_stride == 1)
        run = merged[--count].size;
    if (count > LP_MOVE_RANK)
        return lp_op_error(&at, LP_UNSUPPORTED,
                           "it moves elements in %u nested loops, at most %d are supported: merge dimensions", (unsigned)count,
                           LP_MOVE_RANK);
    *out = (struct lp_move){
        .in_offset_bytes = (uint32_t)(shape->in_offset * element_bytes),
        .out_offset_bytes = (uint32_t)(shape->out_offset * element_bytes),
        .run_bytes = (uint32_t)(run * element_bytes),
        .rank = (uint8_t)count,
    };
    for (uint32_t i = 0; i < LP_MOVE_RANK; i++) {
        out->dims[i] = i < count ? (int32_t)merged[i].size : 1;
        out->in_stride_bytes[i] = i < count ? (int32_t)(merged[i].in_stride * element_bytes) : 0;
        out->out_stride_bytes[i] = i < count ? (int32_t)(merged[i].out_stride * element_bytes) : 0;
    }
    return LP_OK;
}

void lp_move_walk(const struct lp_move_part *part, void (*visit)(void *user, int64_t in, int64_t out), void *user)
{
    int64_t turn[LP_MOVE_MOST_LOOPS] = {0};
    int64_t in = part->in_offset;
    int64_t out = part->out_offset;
    for (;;) {
        visit(user, in, out);
        uint32_t i = part->loop_count;
        while (i > 0 && turn[i - 1] == part->loops[i - 1].size - 1) {
            in -= turn[i - 1] * part->loops[i - 1].in_stride;
            out -= turn[i - 1] * part->loops[i - 1].out_stride;
            turn[--i] = 0;
        }
        if (i == 0)
            return;
        in += part->loops[i - 1].in_stride;
        out += part->loops[i - 1].out_stride;
        turn[i - 1]++;
    }
}
