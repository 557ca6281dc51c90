/* Pooling, mean and padding: operators that gather or spread, never in place. */
#include "compiler/lower/cpu/ops.h"
#include "compiler/semantics/semantics.h"

#include <stddef.h>

static lp_status bind_in_out(struct lp_lowering *l, struct lp_sw_epoch *epoch, const struct lp_op *op, size_t in, size_t out)
{
    lp_status status = lp_lower_read(l, epoch, in, op->inputs[0]);
    return status == LP_OK ? lp_lower_write(l, epoch, out, op->outputs[0]) : status;
}

static lp_status lower_pool(struct lp_lowering *l, const struct lp_op *op, const char *symbol)
{
    struct lp_pool_s8 args = {0};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_pool_params(l->graph, op, l->diag, &args);
    if (status == LP_OK)
        status = lp_lower_epoch(l, op, symbol, &args, 0, &epoch);
    return status == LP_OK ? bind_in_out(l, epoch, op, offsetof(struct lp_pool_s8, in), offsetof(struct lp_pool_s8, out)) : status;
}

lp_status lp_lower_average_pool_2d(struct lp_lowering *l, const struct lp_op *op)
{
    return lower_pool(l, op, "lp_average_pool_s8__reference");
}

lp_status lp_lower_max_pool_2d(struct lp_lowering *l, const struct lp_op *op)
{
    return lower_pool(l, op, "lp_max_pool_s8__reference");
}

lp_status lp_lower_mean(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_mean_s8 args = {0};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_mean_params(l->graph, op, l->program->rounding, l->diag, &args);
    if (status == LP_OK)
        status = lp_lower_epoch(l, op, "lp_mean_s8__reference", &args, 0, &epoch);
    return status == LP_OK ? bind_in_out(l, epoch, op, offsetof(struct lp_mean_s8, in), offsetof(struct lp_mean_s8, out)) : status;
}

lp_status lp_lower_pad(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_pad args = {0};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_pad_params(l->graph, op, l->diag, &args);
    if (status == LP_OK)
        status = lp_lower_epoch(l, op, "lp_pad__reference", &args, 0, &epoch);
    return status == LP_OK ? bind_in_out(l, epoch, op, offsetof(struct lp_pad, in), offsetof(struct lp_pad, out)) : status;
}
