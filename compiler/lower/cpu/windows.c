/* Pooling, mean and padding: operators that gather or spread, never in place. */
#include "compiler/lower/cpu/ops.h"
#include "compiler/semantics/semantics.h"

#include <stddef.h>

static lp_status lower_pool(struct lp_lowering *l, const struct lp_op *op, const char *symbol)
{
    struct lp_pool_s8 args = {0};
    lp_status status = lp_pool_params(l->graph, op, l->diag, &args);
    return status == LP_OK ? lp_lower_unary(l, op, symbol, &args, offsetof(struct lp_pool_s8, in),
                                            offsetof(struct lp_pool_s8, out), LP_UNARY_APART)
                           : status;
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
    lp_status status = lp_mean_params(l->graph, op, l->program->rounding, l->diag, &args);
    return status == LP_OK ? lp_lower_unary(l, op, "lp_mean_s8__reference", &args, offsetof(struct lp_mean_s8, in),
                                            offsetof(struct lp_mean_s8, out), LP_UNARY_APART)
                           : status;
}

lp_status lp_lower_pad(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_pad args = {0};
    lp_status status = lp_pad_params(l->graph, op, l->diag, &args);
    return status == LP_OK ? lp_lower_unary(l, op, "lp_pad__reference", &args, offsetof(struct lp_pad, in),
                                            offsetof(struct lp_pad, out), LP_UNARY_APART)
                           : status;
}
