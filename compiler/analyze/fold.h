/* Operators whose result is known when the model is compiled: arithmetic on shapes, and whatever moves constants. */
#ifndef LP_ANALYZE_FOLD_H
#define LP_ANALYZE_FOLD_H

#include "compiler/analyze/shape_rules.h"

/* A small file must not cost much memory: bytes of one result, and of all results of a model. */
enum { LP_FOLD_MOST_BYTES = 1 << 16, LP_FOLD_ALL_BYTES = 1 << 19 };

/* The operator's outputs have their shapes. Gives them their values when all that counts is constant; *is_folded says
 * whether the operator is done with. SHAPE and RANGE are never left to the device: LP_UNSUPPORTED when they are too large.
 * *room: what is left of LP_FOLD_ALL_BYTES. */
lp_status lp_fold(struct lp_shape_work *w, int64_t *room, bool *is_folded);

/* fold_arithmetic.c. result = f(a, b) for the numbers of constant int32 or int64 tensors, a and b repeated to its shape. */
bool lp_fold_is_arithmetic(enum lp_op_kind kind);
lp_status lp_fold_arithmetic(struct lp_shape_work *w, void *data);

/* Numbers of int32 and int64 tensors. LP_BAD_INPUT when a number doesn't fit. */
int64_t lp_fold_number(const struct lp_tensor *tensor, int64_t i);
lp_status lp_fold_put(const struct lp_shape_work *w, void *data, int64_t i, int64_t number);

#endif
