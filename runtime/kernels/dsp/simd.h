/* Four bytes at a time with the instructions of Armv7E-M's DSP extension. */
#ifndef LP_KERNELS_DSP_SIMD_H
#define LP_KERNELS_DSP_SIMD_H

#include <arm_acle.h>
#include <stdint.h>
#include <string.h>

/* Any alignment. */
static inline uint32_t lp_dsp_load(const int8_t *four)
{
    uint32_t word;
    memcpy(&word, four, sizeof word);
    return word;
}

/* Bytes 0 and 2, bytes 1 and 3, each pair as two int16. */
static inline int16x2_t lp_dsp_even(uint32_t four)
{
    return __sxtb16((int8x4_t)four);
}

static inline int16x2_t lp_dsp_odd(uint32_t four)
{
    int16x2_t pair;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(four));
    return pair;
}

#endif
