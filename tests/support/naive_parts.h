/* What the files of the naive evaluation share. */
#ifndef LP_TESTS_SUPPORT_NAIVE_PARTS_H
#define LP_TESTS_SUPPORT_NAIVE_PARTS_H

#include "tests/support/tflite_writer.h"

#include <stdbool.h>

struct naive {
    const struct lp_tw *model;
    int is_double;
    int8_t *const *values;
};

/* A real number as multiplier * 2^(shift - 31). */
struct naive_factor {
    int64_t multiplier;
    int shift;
};

struct naive_factor naive_factor_of(double real, int is_double);
/* Round once, halves upwards; or after the product (halves upwards), and after the shift (halves away from zero). */
int64_t naive_scale_by(int64_t x, struct naive_factor f, int is_double);
int64_t naive_clamp(int64_t value, int64_t low, int64_t high);
int8_t naive_activate(int64_t value, int64_t activation, const struct lp_tw_tensor *out);
/* The next index of a tensor; 0 behind the last one. */
int naive_next_index(const struct lp_tw_tensor *t, int32_t *index);

static inline const struct lp_tw_tensor *naive_tensor(const struct naive *n, int32_t tensor)
{
    return &n->model->tensors[tensor];
}

/* Values of a computed tensor or of a constant. */
static inline const int8_t *naive_data(const struct naive *n, int32_t tensor)
{
    return n->model->tensors[tensor].data == NULL ? n->values[tensor] : n->model->tensors[tensor].data;
}

static inline int64_t naive_zero(const struct lp_tw_tensor *t)
{
    return t->zero_points == NULL ? 0 : t->zero_points[0];
}

/* naive_arithmetic.c: operators of random_arithmetic.c; false for others. */
bool naive_arithmetic(const struct naive *n, const struct lp_tw_op *op);
/* naive_functions.c: functions of one byte; false for others. */
bool naive_function(const struct naive *n, const struct lp_tw_op *op);

#endif
