/* From 16-bit sums to 8-bit results: the constants of the one ARITH stage that scales, adds the bias and saturates, chosen so
 * that nothing before it can saturate, and how far the result can be from the reference. */
#ifndef LP_LOWER_NEURAL_ART_REQUANT_H
#define LP_LOWER_NEURAL_ART_REQUANT_H

#include "compiler/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* What one channel wants: result = clamp(round((sum + bias) * factor + offset)), 8 bits of it. */
struct lp_npu_channel {
    int64_t low, high; /* no input gives a sum outside */
    double factor;     /* above 0 */
    double offset;     /* in steps of the result */
    int64_t bias;      /* with the zero point's share of the sum */
};

/* How sums reach the stage. */
struct lp_npu_sums {
    int32_t shift;          /* the stage multiplies sum >> shift */
    int32_t roundings;      /* how often a sum is rounded on its way, ... */
    int32_t rounding_shift; /* ... to a multiple of 2^rounding_shift */
    int32_t offset_bits;    /* of the stage's constant */
    bool adds_before;       /* whole multiples of 2^shift are added to sum >> shift in a stage of their own, 16 bits wide */
};

struct lp_npu_requant {
    uint32_t count; /* channels */
    int32_t sum_shift;
    int32_t shift; /* of the ARITH stage */
    int32_t offset_shift;
    int16_t *factor;               /* A: round(factor * 2^(sum_shift + shift)) */
    int32_t *offset;               /* B and C: round(offset * 2^(shift - offset_shift)) */
    int16_t *before;               /* added to the shifted sum; null: nothing */
    bool same_factor, same_offset; /* one entry serves all channels */
    double deviation; /* from the exact result before both are rounded to integers, at most, where neither is clamped */
};

/* A constant with this many bits behind the point, or more, may be one larger so that halves go upwards: less than what else is
 * rounded. */
enum { LP_NPU_FINE_BITS = 12 };

/* The smallest shift after which the sums fit into 16 bits. */
int32_t lp_npu_sum_shift(const struct lp_npu_channel *channels, uint32_t count);

/* False: no memory. */
bool lp_npu_requant(struct lp_arena *arena, const struct lp_npu_channel *channels, uint32_t count, const struct lp_npu_sums *sums,
                    struct lp_npu_requant *out);

#endif
