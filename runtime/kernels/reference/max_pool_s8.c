#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/pool_s8.h"

static int32_t largest(const struct lp_pool_s8 *p, const int8_t *in, const struct lp_pool_window *window)
{
    int32_t max = INT8_MIN;
    for (int32_t y = window->top; y < window->bottom; y++) {
        for (int32_t x = window->left; x < window->right; x++) {
            int32_t value = in[(y * p->in_w + x) * p->channels];
            max = value > max ? value : max;
        }
    }
    return max;
}

lp_status lp_max_pool_s8__reference(const void *args)
{
    lp_pool_s8_walk(args, largest);
    return LP_OK;
}
