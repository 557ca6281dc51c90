/* Sums of eight neighbouring channels, for pools and means. */
#ifndef LP_KERNELS_HELIUM_SUM_S8_H
#define LP_KERNELS_HELIUM_SUM_S8_H

#include <arm_mve.h>
#include <stdint.h>

enum { LP_SUM_LANES = 8, LP_SUM_RUN = 256 /* so many bytes at most add up in 16 bits */ };

/* Channels 0 2 4 6 and 1 3 5 7. */
struct lp_sum {
    int32x4_t even, odd;
};

/* Adds `count` vectors, 1 to LP_SUM_RUN, that lie `step` bytes apart; lanes that `active` leaves out are not read. */
static inline struct lp_sum lp_sum_run(struct lp_sum sum, const int8_t *in, int32_t step, int32_t count, mve_pred16_t active)
{
    int16x8_t run = vldrbq_z_s16(in, active);
    while (--count > 0) {
        in += step;
        run = vaddq_s16(run, vldrbq_z_s16(in, active));
    }
    sum.even = vaddq_s32(sum.even, vmovlbq_s16(run));
    sum.odd = vaddq_s32(sum.odd, vmovltq_s16(run));
    return sum;
}

/* In the channels' order. */
static inline void lp_sum_store(int32_t sums[LP_SUM_LANES], struct lp_sum sum)
{
    const int32x4x2_t both = {{sum.even, sum.odd}};
    vst2q_s32(sums, both);
}

#endif
