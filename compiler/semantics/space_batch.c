/* SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND, with one or two dimensions in blocks. */
#include "compiler/semantics/moves.h"

/* The numbers of both operands for one dimension of the map. */
struct side {
    int32_t block, before;
};

static lp_status read_sides(const struct lp_place_of_op *at, struct side sides[2], uint32_t *count)
{
    int32_t blocks[2];
    int32_t borders[4];
    uint32_t border_count = 0;
    lp_status status = lp_need_numbers(at, lp_op_input(at->graph, at->op, 1), "block shape", blocks, 2, count);
    if (status == LP_OK)
        status = lp_need_numbers(at, lp_op_input(at->graph, at->op, 2), "paddings or crops", borders, 4, &border_count);
    for (uint32_t i = 0; i < *count && status == LP_OK; i++)
        sides[i] = (struct side){blocks[i], borders[2 * i]};
    return status;
}

lp_status lp_space_batch_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag,
                                struct lp_space_batch *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    struct side sides[2] = {{1, 0}, {1, 0}};
    uint32_t count = 0;
    lp_status status = lp_need_same_meaning(&at, in, result);
    uint32_t element_bytes = lp_element_bytes(in->element);
    if (status == LP_OK && element_bytes > sizeof out->value)
        status = lp_op_error(&at, LP_UNSUPPORTED, "the input is %s; types of at most 32 bits are supported",
                             lp_element_name(in->element));
    if (status == LP_OK)
        status = read_sides(&at, sides, &count);
    if (status != LP_OK)
        return status;
    const struct lp_tensor *whole = op->kind == LP_OP_SPACE_TO_BATCH_ND ? in : result;
    const struct lp_tensor *parts = op->kind == LP_OP_SPACE_TO_BATCH_ND ? result : in;
    bool has_rows = count == 2;
    if (!has_rows) /* a single dimension is one row */
        sides[1] = sides[0], sides[0] = (struct side){1, 0};
    *out = (struct lp_space_batch){
        .batches = whole->dims[0],
        .whole_h = has_rows ? whole->dims[1] : 1,
        .whole_w = whole->dims[count],
        .part_h = has_rows ? parts->dims[1] : 1,
        .part_w = parts->dims[count],
        .block_h = sides[0].block,
        .block_w = sides[1].block,
        .top = sides[0].before,
        .left = sides[1].before,
        .run_bytes = (uint32_t)lp_move_elements(whole, count + 1, whole->rank) * element_bytes,
        /* TensorFlow Lite pads with the zero point; TensorFlow Lite Micro pads with 0, which is another number there. */
        .value = result->quant.count == 1 ? (uint32_t)lp_zero_point_of(result) : 0,
        .element_bytes = (uint8_t)element_bytes,
    };
    return LP_OK;
}
