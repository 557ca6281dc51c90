#include "runtime/kernels/helium/pool_s8.h"
#include "runtime/kernels/helium/sum_s8.h"
#include "runtime/kernels/kernels.h"

/* The quantized values are averaged as they are; halves go away from zero, whatever the zero point. */
static void average(const struct lp_pool_s8 *p, const struct lp_helium_window *window, int32_t channels, int8_t *out)
{
    const int32_t count = window->rows * window->columns;
    const int8_t *row = window->in;
    struct lp_sum sum = {vdupq_n_s32(0), vdupq_n_s32(0)};
    int32_t sums[LP_SUM_LANES];
    for (int32_t y = 0; y < window->rows; y++, row += window->row_bytes)
        sum = lp_sum_run(sum, row, window->pixel_bytes, window->columns, vctp16q((uint32_t)channels));
    lp_sum_store(sums, sum);
    for (int32_t c = 0; c < channels; c++)
        out[c] = (int8_t)lp_clamp_s32((sums[c] > 0 ? sums[c] + count / 2 : sums[c] - count / 2) / count, p->act_min, p->act_max);
}

lp_status lp_average_pool_s8__helium(const void *args)
{
    lp_helium_pool_walk(args, LP_SUM_LANES, average);
    return LP_OK;
}
