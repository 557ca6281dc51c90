#include "runtime/kernels/dsp/products.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/output_s8.h"

#include <stddef.h>

enum { AT_ONCE = 4 };

lp_status lp_fully_connected_s8__dsp(const void *args)
{
    const struct lp_fully_connected_s8 *p = args;
    const struct lp_output_s8 output = {p->multiplier, p->shift,       p->out_offset, p->act_min,
                                        p->act_max,    p->per_channel, p->rounding};
    struct lp_dsp_one_by_four products;
    products.count = p->in_c;
    int8_t *out = p->out;
    for (int32_t b = 0; b < p->batches; b++) {
        products.in = p->in + b * p->in_c;
        for (int32_t o = 0; o < p->out_c; o += AT_ONCE) {
            const int32_t count = p->out_c - o < AT_ONCE ? p->out_c - o : AT_ONCE;
            for (int32_t c = 0; c < AT_ONCE; c++) {
                /* What fills up the last four is computed and not used. */
                const int32_t channel = c < count ? o + c : o;
                products.weight[c] = p->weight + channel * p->in_c;
                products.sums[c] = p->bias != NULL ? p->bias[channel] : 0;
            }
            lp_dsp_one_by_four(&products);
            for (int32_t c = 0; c < count; c++)
                *out++ = lp_output_s8(&output, products.sums[c], o + c);
        }
    }
    return LP_OK;
}
