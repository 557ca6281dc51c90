/* Values of a tensor from and to files: what `--input` and `--output` name.
 *
 * One inference is one value for every element of the tensor, row by row (the last dimension runs fastest).
 *
 *   PATH.npy         NumPy array, versions 1 and 2, little-endian, C order: i1 u1 b1 i2 u2 i4 u4 i8 f4 f8. Its shape is the
 *                    tensor's, with or without a leading 1, or that with the number of inferences in front.
 *                    Integers are raw (real with LP_VALUES_REAL), floating point is real.
 *   PATH.csv         A row an inference, values separated by commas; blank lines and a first line without any number are passed
 *                    over.
 *                    LP_VALUES_AUTO takes the values as real when one of them has a decimal point or an exponent, and refuses
 *                    the file otherwise, because 1 could be meant either way.
 *   PATH.bin         The tensor's own elements, little-endian, inferences back to back.
 *   PATH.png, .jpg   One inference for a tensor [1, H, W, C] or [H, W, C], C 1 or 3, of exactly that size. A pixel is the
 *                    integer of a uint8 tensor, and pixel - 128 is that of an int8 tensor.
 *   random:N[:SEED]  N inferences, every element uniform over the range of its integer type; float32 uniform in -1 .. 1.
 *                    Generator: splitmix64 from SEED (default 0); an element is the upper bits of one word.
 *
 * A real value becomes round(real / scale) + zero point in float32 arithmetic, halves to even, saturated to the range of the
 * type. NaN, and a raw value outside the range of the type, are errors that name the place. Numbers in texts have a decimal
 * point: LC_NUMERIC must be "C", as it is unless a program sets it.
 *
 * Limits: LP_VALUES_LIMIT_BYTES for a file and for the values in memory, an eighth of it for a CSV file, 127 characters for a
 * number, 65,535 bytes for the heading of a .npy file. */
#ifndef LP_CLI_VALUES_VALUES_H
#define LP_CLI_VALUES_VALUES_H

#include "compiler/graph/graph.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest file that is read, and the most that the values of one tensor may take. */
#define LP_VALUES_LIMIT_BYTES ((size_t)1 << 30)

enum lp_values_mode { LP_VALUES_AUTO, LP_VALUES_REAL, LP_VALUES_RAW };

struct lp_values {
    uint8_t *data;          /* inferences back to back, elements in the byte order of this machine, aligned for any type */
    size_t inference_count; /* at least 1 */
    size_t inference_bytes;
};

/* Reads what `spec` names. The data live in `arena`. After an error *out is untouched. */
LP_MUST_USE lp_status lp_values_read(struct lp_arena *arena, struct lp_diag *diag, const char *spec, enum lp_values_mode mode,
                                     const struct lp_tensor *tensor, struct lp_values *out);

/* Writes by suffix: .npy, .csv or .bin. With `real`, the values of a quantized tensor are written as
 * scale * (integer - zero point) in float32; .bin always holds the integers. What was written can be read again:
 * .npy as [N, shape], .csv with a decimal point or exponent in every real value. */
LP_MUST_USE lp_status lp_values_write(struct lp_diag *diag, const char *path, const struct lp_tensor *tensor, const void *data,
                                      size_t inference_count, bool real);

/* Whether lp_values_write would know the suffix: to be asked before long work. */
LP_MUST_USE lp_status lp_values_check_output(struct lp_diag *diag, const char *path);

#endif
