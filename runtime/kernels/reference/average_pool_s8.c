#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/pool_s8.h"

/* The quantized values are averaged as they are; halves go away from zero, whatever the zero point. */
static int32_t average(const struct lp_pool_s8 *p, const int8_t *in, const struct lp_pool_window *window)
{
    int32_t sum = 0;
    for (int32_t y = window->top; y < window->bottom; y++)
        for (int32_t x = window->left; x < window->right; x++)
            sum += in[(y * p->in_w + x) * p->channels];
    int32_t count = (window->bottom - window->top) * (window->right - window->left);
    return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

lp_status lp_average_pool_s8__reference(const void *args)
{
    lp_pool_s8_walk(args, average);
    return LP_OK;
}
