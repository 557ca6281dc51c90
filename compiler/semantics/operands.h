/* Checks that all operator families share, and the wording of their errors. Private to compiler/semantics. */
#ifndef LP_SEMANTICS_OPERANDS_H
#define LP_SEMANTICS_OPERANDS_H

#include "compiler/semantics/semantics.h"

/* What a check needs to name the place. */
struct lp_place_of_op {
    const struct lp_graph *graph;
    const struct lp_op *op;
    struct lp_diag *diag;
};

/* lp_error with "operator 3 (CONV_2D 'name'): " in front. */
lp_status lp_op_error(const struct lp_place_of_op *at, lp_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The tensor exists and has this element type. `role` is what the message calls it: "input", "filter". */
lp_status lp_need_element(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role,
                          enum lp_element element);
/* One scale and zero point for the whole tensor, the zero point within the element type. */
lp_status lp_need_scale(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role);
/* int8 with one scale and zero point. */
lp_status lp_need_int8(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role);
/* int16 with one scale and zero point 0. */
lp_status lp_need_int16(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role);
/* int8, or int16 with zero point 0, with one scale. */
lp_status lp_need_small(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role);
/* As many elements in both. */
lp_status lp_need_same_size(const struct lp_place_of_op *at, const struct lp_tensor *in, const struct lp_tensor *out);
/* Any element type with one scale, or not quantized. The integers mean the same in both. */
lp_status lp_need_same_meaning(const struct lp_place_of_op *at, const struct lp_tensor *in, const struct lp_tensor *out);
lp_status lp_need_rank(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role, uint8_t rank);
/* A value of the model file, not one computed at run time. */
lp_status lp_need_constant(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role);
/* A list of int32 or int64 numbers of the model file; each has to fit int32. Writes at most `capacity`, else an error. */
lp_status lp_need_numbers(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role, int32_t *numbers,
                          uint32_t capacity, uint32_t *count);

/* An axis of a tensor of that rank, -rank..rank-1, as 0..rank-1. */
lp_status lp_need_axis(const struct lp_place_of_op *at, int64_t axis, uint32_t rank, uint32_t *out);
/* The numbers of a shape operand, at most LP_MAX_RANK: constants, or what lp_expected_operand says. */
lp_status lp_need_shape(const struct lp_place_of_op *at, uint32_t input, const char *role, int32_t *numbers, uint32_t *count);

/* lp_quantize_multiplier with an error that names the operator and the factor. */
lp_status lp_need_multiplier(const struct lp_place_of_op *at, double factor, enum lp_rounding rounding, int32_t *multiplier,
                             int8_t *shift);

/* A shift that lp_requantize_wide takes. */
lp_status lp_need_wide_shift(const struct lp_place_of_op *at, int8_t shift);

static inline float lp_scale_of(const struct lp_tensor *tensor)
{
    return tensor->quant.scale[0];
}

static inline int32_t lp_zero_point_of(const struct lp_tensor *tensor)
{
    return tensor->quant.zero_point[0];
}

#endif
