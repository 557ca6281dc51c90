/* What convolutions and FULLY_CONNECTED share: biases that carry the input's zero point, and per-channel scales. */
#ifndef LP_LOWER_CPU_CHANNELS_H
#define LP_LOWER_CPU_CHANNELS_H

#include "compiler/lower/lowering.h"
#include "compiler/semantics/semantics.h"

/* Weights as the filter of output channel o sees them: element k lies at o * channel_stride + k * tap_stride. */
struct lp_filter_layout {
    int32_t channels, taps;
    int32_t channel_stride, tap_stride;
};

/* Binds bias: as the model has it, or with in_offset * (sum of the filter's weights) added, whichever *in_offset allows.
 * After folding *in_offset is 0 and *pad_value, when given, is the zero point. Not folded where the new bias could take a
 * sum out of int32, or where the weights are not constant. */
lp_status lp_lower_bias(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t field_offset, const struct lp_op *op,
                        const struct lp_filter_layout *layout, int32_t *in_offset, int32_t *pad_value);

/* Binds multiplier and shift; one entry instead of many when all channels agree (then *per_channel becomes 0). */
lp_status lp_lower_scales(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t multiplier_offset, size_t shift_offset,
                          const struct lp_op *op, const struct lp_channel_scales *scales, uint8_t *per_channel);

#endif
