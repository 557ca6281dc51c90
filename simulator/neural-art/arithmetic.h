/* The integer primitives that all units share: rounding shift, saturation, sign extension, and the output stage. */
#ifndef LP_SIMULATOR_NEURAL_ART_ARITHMETIC_H
#define LP_SIMULATOR_NEURAL_ART_ARITHMETIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A word of a stream is 24 bits wide. An int32_t carries it in its low 24 bits; the upper ones say nothing. */
enum { LP_SIM_WORD_BYTES = 3 };

/* The low `bytes` (1..3) bytes of a word as a signed or unsigned number. */
static inline int32_t lp_sim_signed(int32_t word, int bytes)
{
    uint32_t sign = UINT32_C(1) << (8 * bytes - 1);
    uint32_t low = (uint32_t)word & ((sign << 1) - 1);
    return (int32_t)(low ^ sign) - (int32_t)sign;
}

static inline int32_t lp_sim_unsigned(int32_t word, int bytes)
{
    return (int32_t)((uint32_t)word & ((UINT32_C(1) << (8 * bytes)) - 1));
}

/* v * 2^shift; limited to the range of int64_t, which no result of a unit reaches. */
static inline int64_t lp_sim_shift_left(int64_t v, int shift)
{
    if (v > (INT64_MAX >> shift))
        return INT64_MAX;
    if (v < (INT64_MIN >> shift))
        return INT64_MIN;
    return v * (INT64_C(1) << shift);
}

static inline int64_t lp_sim_floor_shift(int64_t v, int shift)
{
    return v >= 0 ? v >> shift : ~(~v >> shift);
}

enum lp_sim_rounding {
    LP_SIM_ROUND_FLOOR,
    LP_SIM_ROUND_HALF_UP,
    LP_SIM_ROUND_HALF_AWAY /* from zero: the mode that programs use */
};

static inline enum lp_sim_rounding lp_sim_rounding_of(int32_t rounding, int32_t round_mode)
{
    if (!rounding)
        return LP_SIM_ROUND_FLOOR;
    return round_mode & 1 ? LP_SIM_ROUND_HALF_AWAY : LP_SIM_ROUND_HALF_UP;
}

/* v / 2^shift rounded; a negative shift multiplies. shift is -32..31, |v| below 2^62. */
static inline int64_t lp_sim_round_shift(int64_t v, int shift, enum lp_sim_rounding rounding)
{
    if (shift <= 0)
        return lp_sim_shift_left(v, -shift);
    if (rounding == LP_SIM_ROUND_FLOOR)
        return lp_sim_floor_shift(v, shift);
    int64_t half = INT64_C(1) << (shift - 1);
    if (rounding == LP_SIM_ROUND_HALF_UP)
        return lp_sim_floor_shift(v + half, shift);
    return v < 0 ? -((-v + half) >> shift) : (v + half) >> shift;
}

/* Clamps to `bytes` signed bytes; adds 1 to *saturations when it had to. */
static inline int64_t lp_sim_saturate(int64_t v, int bytes, uint64_t *saturations)
{
    int64_t high = (INT64_C(1) << (8 * bytes - 1)) - 1;
    int64_t low = -high - 1;
    *saturations += (uint64_t)((v > high) | (v < low));
    return v > high ? high : v < low ? low : v;
}

/* How a unit turns its exact result into a word. */
struct lp_sim_output {
    bool relu;
    int shift;
    enum lp_sim_rounding rounding;
    bool saturates; /* else the low bytes are kept */
    int bytes;
};

/* count results to words, sign-extended. Returns how many had to be clamped. */
uint64_t lp_sim_output_stage(const struct lp_sim_output *stage, const int64_t *results, size_t count, int32_t *words);

#endif
