/* Writes constants in the order in which vector kernels read them: contract/packing.h. */
#ifndef LP_LOWER_CPU_PACK_H
#define LP_LOWER_CPU_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is packed. Weight k of channel c lies at c * channel_stride + k * tap_stride. */
struct lp_pack {
    const int8_t *weights;
    const int32_t *bias;       /* one for each channel */
    const int32_t *multiplier; /* one for each channel, or a single one; not read by groups when per_channel is false */
    const int8_t *shift;       /* likewise */
    bool is_single_scale;      /* multiplier and shift have one entry */
    int32_t channels;
    int32_t channel_stride, tap_stride;
    int32_t rows, row_bytes; /* groups: of a window as the kernel reads it */
    int32_t taps, repeat;    /* blocks: repeat is lp_depthwise_s8_repeat */
    bool per_channel;
    uint8_t rounding;
};

/* Returns the number of bytes; writes them when `out` is not null. */
typedef size_t lp_pack_constants(const struct lp_pack *pack, int8_t *out);
lp_pack_constants lp_pack_groups;
lp_pack_constants lp_pack_blocks;

#endif
