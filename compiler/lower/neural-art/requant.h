/* From 16-bit sums to 8-bit results: the constants of the one ARITH stage that scales, adds the bias and saturates, chosen so
 * that nothing before it can saturate, and how far the result can be from the reference. */
#ifndef LP_LOWER_NEURAL_ART_REQUANT_H
#define LP_LOWER_NEURAL_ART_REQUANT_H

#include "compiler/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* What one channel wants: result = clamp(round(sum * factor + offset)). */
struct lp_npu_channel {
    int64_t low, high; /* no input gives a sum outside */
    double factor;     /* above 0 */
    double offset;     /* bias and zero points, in steps of the result */
};

struct lp_npu_requant {
    uint32_t count;    /* channels */
    int32_t sum_shift; /* of the unit that gives the sums: 16 bits are left */
    int32_t shift;     /* of the ARITH stage */
    int32_t offset_shift;
    int16_t *factor;               /* A: round(factor * 2^(sum_shift + shift)) */
    int32_t *offset;               /* B and C: round(offset * 2^(shift - offset_shift)) */
    bool same_factor, same_offset; /* one entry serves all channels */
    double deviation;              /* from the exact result before both are rounded to integers, at most */
};

/* The smallest shift after which the sums fit into 16 bits. */
int32_t lp_npu_sum_shift(const struct lp_npu_channel *channels, uint32_t count);

/* `roundings`: how often a sum is rounded to a multiple of 2^sum_shift on its way. False: no memory. */
bool lp_npu_requant(struct lp_arena *arena, const struct lp_npu_channel *channels, uint32_t count, int32_t sum_shift,
                    int32_t roundings, struct lp_npu_requant *out);

#endif
