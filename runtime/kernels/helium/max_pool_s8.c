#include "runtime/kernels/helium/pool_s8.h"
#include "runtime/kernels/kernels.h"

#include <arm_mve.h>

enum { LANES = 16 };

static void largest(const struct lp_pool_s8 *p, const struct lp_helium_window *window, int32_t channels, int8_t *out)
{
    const mve_pred16_t active = vctp8q((uint32_t)channels);
    int8x16_t max = vdupq_n_s8(p->act_min);
    const int8_t *row = window->in;
    for (int32_t y = 0; y < window->rows; y++, row += window->row_bytes) {
        const int8_t *in = row;
        for (int32_t x = 0; x < window->columns; x++, in += window->pixel_bytes)
            max = vmaxq_s8(max, vldrbq_z_s8(in, active));
    }
    vstrbq_p_s8(out, vminq_s8(max, vdupq_n_s8(p->act_max)), active);
}

lp_status lp_max_pool_s8__helium(const void *args)
{
    lp_helium_pool_walk(args, LANES, largest);
    return LP_OK;
}
