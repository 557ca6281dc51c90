/* What the files that make random models share. */
#ifndef LP_TESTS_SUPPORT_RANDOM_PARTS_H
#define LP_TESTS_SUPPORT_RANDOM_PARTS_H

#include "tests/support/random_model.h"

#include <stdbool.h>

/* Zeroed memory that lives as long as the model. */
void *block(struct random_model *m, size_t size_bytes);
/* A further tensor with a scale and a zero point of its own. */
int32_t add_activation(struct random_model *m, int32_t rank, const int32_t *dims);
/* The same with a given scale, which is bounded by the largest that add_activation gives. */
int32_t add_scaled(struct random_model *m, int32_t rank, const int32_t *dims, float scale, int32_t zero_point);
/* A further tensor that means the same integers as `tensor`: scale and zero point are copied. */
int32_t add_like(struct random_model *m, int32_t tensor, int32_t rank, const int32_t *dims);
/* A constant of int32 numbers. */
int32_t add_numbers(struct random_model *m, const int32_t *numbers, int32_t count, int32_t rank, const int32_t *dims);

/* Any bytes, as the data of a tensor. */
void fill_randomly(struct random_model *m, int32_t tensor);
/* Weights of int8 with scales so that sums of `taps` products about fill the output's range; axis: of the filters. */
int32_t add_weights(struct random_model *m, int32_t rank, const int32_t *dims, int32_t axis, int32_t taps, int32_t in,
                    int32_t out);
/* A bias, or -1 for none. */
int32_t add_bias(struct random_model *m, int32_t channels);
/* Something that can be combined with `in` element by element: an earlier tensor of its shape, a constant or a computed row that
 * is repeated, or itself. are_alike: it means the same integers. */
int32_t random_operand(struct random_model *m, int32_t in, bool are_alike);

/* A convolution that moves by single elements. */
int32_t random_plain_conv(struct random_model *m, int32_t in);

/* random_moves.c: appends one or several operators that move elements; takes and returns a tensor of rank 4. */
int32_t random_move(struct random_model *m, int32_t in);

/* random_arithmetic.c: the same for operators that compute. */
int32_t random_arithmetic(struct random_model *m, int32_t in);

#endif
