/* What convolutions and FULLY_CONNECTED share: biases that carry the input's zero point, and per-channel scales. */
#ifndef LP_LOWER_CPU_CHANNELS_H
#define LP_LOWER_CPU_CHANNELS_H

#include "compiler/lower/cpu/pack.h"
#include "compiler/lower/lowering.h"
#include "compiler/semantics/semantics.h"

#include <stddef.h>

/* Weights as the filter of output channel o sees them: element k lies at o * channel_stride + k * tap_stride. */
struct lp_filter_layout {
    int32_t channels, taps;
    int32_t channel_stride, tap_stride;
};

/* Members of the argument structure that point to something. */
struct lp_weighted_fields {
    size_t in, weight, bias, multiplier, shift, out;
};
#define LP_WEIGHTED_FIELDS(args)                                                                                             \
    {                                                                                                                        \
        offsetof(args, in), offsetof(args, weight), offsetof(args, bias), offsetof(args, multiplier), offsetof(args, shift), \
            offsetof(args, out)                                                                                              \
    }

/* Binds all of them. in_offset, pad_value (null: the kernel has none) and per_channel are members of the same structure:
 * the input's zero point goes into the biases, after which *in_offset is 0 and *pad_value the zero point; multiplier and
 * shift get one entry instead of many when all channels agree, after which *per_channel is 0. `layout` may be null when
 * *in_offset is 0. */
lp_status lp_lower_weighted(struct lp_lowering *l, struct lp_sw_epoch *epoch, const struct lp_op *op,
                            const struct lp_weighted_fields *fields, const struct lp_filter_layout *layout,
                            const struct lp_channel_scales *scales, int32_t *in_offset, int32_t *pad_value, uint8_t *per_channel);

/* The same for a kernel that reads packed constants. Of `pack`, the caller fills in channels, strides, and rows and row_bytes
 * for groups, or taps and repeat for blocks. */
lp_status lp_lower_packed(struct lp_lowering *l, struct lp_sw_epoch *epoch, const struct lp_op *op,
                          const struct lp_weighted_fields *fields, struct lp_pack *pack, const struct lp_channel_scales *scales,
                          int32_t *in_offset, int32_t *pad_value, uint8_t *per_channel);

#endif
