/* The tensor that changes its place between two operators, and which could. */
#include "compiler/lower/moves.h"

#include "compiler/lower/lowering.h"
#include "contract/kernel_args.h"

#include <stddef.h>

lp_status lp_lower_move(struct lp_lowering *l, const struct lp_move_before *move)
{
    struct lp_program *p = l->program;
    const struct lp_copy args = {.size_bytes = (uint32_t)lp_tensor_bytes(&l->graph->tensors[move->tensor])};
    const int32_t from = p->block_of_tensor[move->tensor];
    struct lp_sw_epoch *epoch = NULL;
    uint32_t to = 0;
    lp_status status = lp_lower_epoch(l, &l->graph->ops[move->op], "lp_copy__reference", &args, 0, &epoch);
    if (status == LP_OK)
        status = lp_lower_read(l, epoch, offsetof(struct lp_copy, in), move->tensor);
    if (status == LP_OK)
        status = lp_lower_temporary(l, p->blocks[from].size_bytes, p->blocks[from].align_bytes, &to);
    for (uint32_t t = 0; t < l->graph->tensor_count && status == LP_OK; t++)
        if (p->block_of_tensor[t] == from)
            p->block_of_tensor[t] = (int32_t)to;
    if (status == LP_OK)
        status = lp_lower_write(l, epoch, offsetof(struct lp_copy, out), move->tensor);
    p->move = (struct lp_overlap){.writer = to, .reader = (uint32_t)from, .gap_bytes = LP_ANYWHERE};
    return status;
}

static bool is_port(const struct lp_program *p, const struct lp_graph *graph, uint32_t block)
{
    for (uint32_t i = 0; i < graph->input_count; i++)
        if (p->block_of_tensor[graph->inputs[i]] == (int32_t)block)
            return true;
    for (uint32_t i = 0; i < graph->output_count; i++)
        if (p->block_of_tensor[graph->outputs[i]] == (int32_t)block)
            return true;
    return false;
}

/* Small ones save nothing. */
static bool is_candidate(const struct lp_program *p, const struct lp_graph *graph, const struct lp_operand *operand,
                         uint32_t epoch, uint32_t peak_bytes)
{
    if (operand->place != LP_PLACE_ARENA || operand->is_written || operand->tensor == LP_NO_TENSOR)
        return false;
    const struct lp_block *b = &p->blocks[operand->index];
    return b->last_epoch == epoch && b->first_epoch < epoch && b->size_bytes >= peak_bytes / 8 &&
           !is_port(p, graph, operand->index);
}

uint32_t lp_lower_find_lifts(const struct lp_program *p, const struct lp_graph *graph, uint32_t peak_bytes, struct lp_lift *lifts,
                             struct lp_move_before *moves, uint32_t room)
{
    uint32_t count = 0;
    for (uint32_t e = 1; e < p->epoch_count; e++) {
        /* A move comes before the first epoch of an operator. */
        if (p->epochs[e].op == p->epochs[e - 1].op)
            continue;
        for (uint32_t i = 0; i < p->epochs[e].operand_count && count < room; i++) {
            const struct lp_operand *operand = &p->epochs[e].operands[i];
            if (!is_candidate(p, graph, operand, e, peak_bytes))
                continue;
            lifts[count] = (struct lp_lift){operand->index, e};
            const uint32_t first = p->epochs[e].stage_count == 0 ? p->epochs[e].op : p->epochs[e].stages[0].op;
            moves[count++] = (struct lp_move_before){first, operand->tensor};
            break;
        }
    }
    return count;
}
