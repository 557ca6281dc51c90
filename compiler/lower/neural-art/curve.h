/* A function of one byte as the activation unit computes it: quadratics on segments of the input (NEURAL-ART.md 9). */
#ifndef LP_LOWER_NEURAL_ART_CURVE_H
#define LP_LOWER_NEURAL_ART_CURVE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    LP_NPU_CURVE_ROWS = 64,  /* that the unit's six bits can name */
    LP_NPU_CURVE_OUTER = 16, /* segments of equal length, at most */
    LP_NPU_CURVE_SHIFT = 15  /* of the result */
};

/* Input q lies in outer segment (q + 128) >> (8 - outer_bits); outer[] holds its first row and, from bit 6 on, the logarithm of
 * how many rows it owns. Row (A, B, C): (A*q*q + (B << shift_b)*q + (C << shift_c)) >> 15, rounded. */
struct lp_npu_curve {
    int32_t outer_bits, shift_b, shift_c;
    uint8_t outer[LP_NPU_CURVE_OUTER];
    int16_t rows[LP_NPU_CURVE_ROWS][3];
    int32_t row_count;
    int32_t largest_error; /* of all 256 results: 0 or 1 */
};

/* table: results for -128, -127, ... 127. Never saturates. False: 64 rows don't come within 1 of it. */
bool lp_npu_curve_fit(const int8_t table[256], struct lp_npu_curve *out);

/* The result for q, before it is clamped to 8 bits. */
int32_t lp_npu_curve_at(const struct lp_npu_curve *curve, int32_t q);

#endif
