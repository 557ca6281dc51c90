#include "compiler/semantics/weights.h"

lp_status lp_pool_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_pool_s8 *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *map = lp_op_input(graph, op, 0);
    const struct lp_tensor *pooled = lp_op_output(graph, op, 0);
    const struct lp_window *window = &op->as.window;
    lp_status status = lp_need_int8(&at, map, "input");
    if (status == LP_OK)
        status = lp_need_int8(&at, pooled, "output");
    if (status == LP_OK)
        status = lp_need_same_meaning(&at, map, pooled);
    if (status == LP_OK)
        status = lp_need_rank(&at, map, "input", 4);
    if (status == LP_OK)
        status = lp_need_rank(&at, pooled, "output", 4);
    if (status == LP_OK && (map->dims[0] != pooled->dims[0] || map->dims[3] != pooled->dims[3]))
        status = lp_op_error(&at, LP_BAD_INPUT, "batches and channels of input and output differ");
    if (status == LP_OK)
        status = lp_need_window(&at, map, pooled);
    if (status == LP_OK && (int64_t)window->kernel_h * window->kernel_w > INT32_MAX / 256)
        status = lp_op_error(&at, LP_UNSUPPORTED, "a window of %ld x %ld can overflow the 32-bit sum", (long)window->kernel_h,
                             (long)window->kernel_w);
    if (status != LP_OK)
        return status;
    *out = (struct lp_pool_s8){
        .batches = map->dims[0],
        .in_h = map->dims[1],
        .in_w = map->dims[2],
        .out_h = pooled->dims[1],
        .out_w = pooled->dims[2],
        .channels = map->dims[3],
        .kernel_h = (uint16_t)window->kernel_h,
        .kernel_w = (uint16_t)window->kernel_w,
        .stride_h = (uint16_t)window->stride_h,
        .stride_w = (uint16_t)window->stride_w,
        .pad_top = (uint16_t)window->pad_top,
        .pad_left = (uint16_t)window->pad_left,
    };
    lp_activation_range(op->activation, pooled, &out->act_min, &out->act_max);
    return LP_OK;
}
