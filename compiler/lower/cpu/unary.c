#include "compiler/lower/cpu/ops.h"

lp_status lp_lower_unary(struct lp_lowering *l, const struct lp_op *op, const char *symbol, const void *args, size_t in_offset,
                         size_t out_offset, enum lp_unary_memory memory)
{
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_lower_epoch(l, op, symbol, args, 0, &epoch);
    if (status == LP_OK)
        status = lp_lower_read(l, epoch, in_offset, op->inputs[0]);
    if (status == LP_OK)
        status = lp_lower_write(l, epoch, out_offset, op->outputs[0]);
    if (status == LP_OK && memory == LP_UNARY_IN_PLACE)
        lp_lower_overlap(l, epoch, op->inputs[0], 0);
    return status;
}
