/* Which outputs of a windowed kernel see no padding. */
#ifndef LP_KERNELS_HELIUM_INSIDE_H
#define LP_KERNELS_HELIUM_INSIDE_H

#include <stdint.h>

struct lp_helium_range {
    int32_t first, end; /* equal: none */
};

/* Along one dimension: `count` outputs of windows that span `reach` of `size` inputs. */
static inline struct lp_helium_range lp_helium_inside(int32_t size, int32_t count, int32_t stride, int32_t pad, int32_t reach)
{
    struct lp_helium_range range = {(pad + stride - 1) / stride, 0};
    if (size + pad >= reach)
        range.end = (size + pad - reach) / stride + 1;
    if (range.end > count)
        range.end = count;
    if (range.first > range.end)
        range.first = range.end;
    return range;
}

#endif
