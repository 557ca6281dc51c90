/* Pooling, mean and padding: operators that gather or spread. */
#include "compiler/lower/cpu/choose.h"
#include "compiler/lower/cpu/ops.h"
#include "compiler/lower/cpu/slide.h"
#include "compiler/semantics/semantics.h"

#include <stddef.h>

static lp_status lower_pool(struct lp_lowering *l, const struct lp_op *op, enum lp_kernel_family family, const char *reference)
{
    struct lp_pool_s8 args = {0};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_pool_params(l->graph, op, l->diag, &args);
    if (status == LP_OK)
        status = lp_lower_epoch(l, op, lp_choose_plain(l->program, family, reference, &args), &args, 0, &epoch);
    if (status == LP_OK)
        status = lp_lower_read(l, epoch, offsetof(struct lp_pool_s8, in), op->inputs[0]);
    if (status == LP_OK)
        status = lp_lower_write(l, epoch, offsetof(struct lp_pool_s8, out), op->outputs[0]);
    const struct lp_slide slide = {args.batches,  args.in_h,     args.in_w,     args.out_h,   args.out_w,    args.channels,
                                   args.channels, args.stride_h, args.stride_w, args.pad_top, args.pad_left, 1};
    if (status == LP_OK)
        lp_lower_slide(l, epoch, op->inputs[0], &slide);
    return status;
}

lp_status lp_lower_average_pool_2d(struct lp_lowering *l, const struct lp_op *op)
{
    return lower_pool(l, op, LP_FAMILY_AVERAGE_POOL, "lp_average_pool_s8__reference");
}

lp_status lp_lower_max_pool_2d(struct lp_lowering *l, const struct lp_op *op)
{
    return lower_pool(l, op, LP_FAMILY_MAX_POOL, "lp_max_pool_s8__reference");
}

lp_status lp_lower_mean(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_mean_s8 args = {0};
    lp_status status = lp_mean_params(l->graph, op, l->program->rounding, l->diag, &args);
    const char *symbol = status == LP_OK ? lp_choose_plain(l->program, LP_FAMILY_MEAN, "lp_mean_s8__reference", &args) : NULL;
    return status == LP_OK ? lp_lower_unary(l, op, symbol, &args, offsetof(struct lp_mean_s8, in),
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
