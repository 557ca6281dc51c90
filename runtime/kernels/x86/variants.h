/* Each faster variant: what memory it needs, and how that is filled. */
#ifndef LP_KERNELS_X86_VARIANTS_H
#define LP_KERNELS_X86_VARIANTS_H

#include "runtime/kernels/x86/ops.h"

/* Laid out twice: once to count bytes, with null for `memory`, and once to fill them. */
struct lp_x86_room {
    uint8_t *memory;
    size_t used_bytes;
};

/* `bytes` from the room, aligned; null while only counting. */
void *lp_x86_take(struct lp_x86_room *room, size_t bytes);

/* Weights of a layer: weight k of row r of channel c lies at c * channel_stride + r * row_stride +
 * k * tap_stride. */
struct lp_x86_weights {
    const int8_t *weight;
    const int32_t *bias; /* may be null */
    const int32_t *multiplier;
    const int8_t *shift;
    bool per_channel;
    int32_t in_offset;
    int32_t channels, rows, row_weights;
    int32_t channel_stride, row_stride, tap_stride;
    int32_t repeat; /* of all channels, one after the other, as if there were as many times more */
};
/* Packs them; *tiles is complete when the room has memory. */
void lp_x86_pack(struct lp_x86_room *room, const struct lp_x86_weights *weights, bool adds_128, struct lp_x86_tiles *tiles);
enum lp_x86_rounding lp_x86_rounding_of_all(const struct lp_x86_weights *weights, uint8_t rounding);

/* Whether two pieces of memory share a byte. */
static inline bool lp_x86_overlap(const void *a, size_t a_bytes, const void *b, size_t b_bytes)
{
    return (uintptr_t)a < (uintptr_t)b + b_bytes && (uintptr_t)b < (uintptr_t)a + a_bytes;
}

/* Output columns [*first, *end) whose windows of `reach` columns lie inside the map; both are out_w when there are none. */
void lp_x86_columns_inside(int32_t in_w, int32_t out_w, int32_t stride_w, int32_t pad_left, int32_t reach, int32_t *first,
                           int32_t *end);

/* What `args` of a portable kernel becomes: false where the variant does not serve. Does nothing but count while the room has no
 * memory. The structure for the variant comes first in the room. */
typedef bool lp_x86_prepare_run(const struct lp_x86_ops *ops, const void *args, struct lp_x86_room *room);
lp_x86_prepare_run lp_x86_prepare_conv2d, lp_x86_prepare_depthwise, lp_x86_prepare_fully_connected;
lp_x86_prepare_run lp_x86_prepare_add, lp_x86_prepare_pool, lp_x86_prepare_mean;

lp_kernel lp_conv2d_s8__x86, lp_depthwise_conv2d_s8__x86;
lp_kernel lp_add_s8__avx2, lp_average_pool_s8__avx2, lp_max_pool_s8__avx2, lp_mean_s8__avx2;

#endif
