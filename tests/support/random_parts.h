/* What the files that make random models share. */
#ifndef LP_TESTS_SUPPORT_RANDOM_PARTS_H
#define LP_TESTS_SUPPORT_RANDOM_PARTS_H

#include "tests/support/random_model.h"

/* Zeroed memory that lives as long as the model. */
void *block(struct random_model *m, size_t size_bytes);
/* A further tensor that means the same integers as `tensor`: scale and zero point are copied. */
int32_t add_like(struct random_model *m, int32_t tensor, int32_t rank, const int32_t *dims);
/* A constant of int32 numbers. */
int32_t add_numbers(struct random_model *m, const int32_t *numbers, int32_t count, int32_t rank, const int32_t *dims);

/* A convolution that moves by single elements. */
int32_t random_plain_conv(struct random_model *m, int32_t in);

/* random_moves.c: appends one or several operators that move elements; takes and returns a tensor of rank 4. */
int32_t random_move(struct random_model *m, int32_t in);

#endif
