/* Software operators of generated networks, a function each. Their kernels are closed; these compute what the operators are
 * defined to: `info` is the structure of neural-art/shim/ll_sw.h that belongs to the operator. Operands are read whole before
 * the first result is written, so that a result may lie where an operand was. */
#ifndef LP_SIMULATOR_SHIM_OPERATORS_H
#define LP_SIMULATOR_SHIM_OPERATORS_H

#include "neural-art/shim/ll_sw.h"
#include "simulator/shim/internal.h"

/* ---- tensors (tensors.c): values dense in the order b, h, w, c, exact in double. A null answer has set the session's status.
 * ---- */
size_t lp_shim_extent(uint32_t n); /* 0 counts as 1 */
size_t lp_shim_count(const Tensor_info *t);
uintptr_t lp_shim_element(const Tensor_info *t, size_t i);
void *lp_shim_room(struct lp_shim_session *s, size_t count, size_t bytes);
double *lp_shim_floats(struct lp_shim_session *s, const Tensor_info *t);
double *lp_shim_bytes(struct lp_shim_session *s, const Tensor_info *t);
/* `count` floats that lie behind each other. */
double *lp_shim_list(struct lp_shim_session *s, const Tensor_info *t, size_t count);
/* Entry i of a list of int32; 0 when there is no list. */
int32_t lp_shim_int32_at(struct lp_shim_session *s, const Tensor_info *t, size_t i);
void lp_shim_put_float(struct lp_shim_session *s, const Tensor_info *t, size_t i, float value);
void lp_shim_put_int32(struct lp_shim_session *s, const Tensor_info *t, size_t i, int32_t value);
/* Clamped to the 8-bit type of the tensor; what is no number becomes the lowest. */
void lp_shim_put_byte(struct lp_shim_session *s, const Tensor_info *t, size_t i, double value);
/* Entry i of a list of scales or zero points; lists of one entry hold it for all. */
float lp_shim_scale_at(struct lp_shim_session *s, const Tensor_info *t, size_t i);
int32_t lp_shim_zero_at(struct lp_shim_session *s, const Tensor_info *t, size_t i, bool is_signed);
/* 8-bit values as (value - zero point) * scale. */
double *lp_shim_reals(struct lp_shim_session *s, const Tensor_info *t, const Tensor_info *scale, const Tensor_info *zero);
void lp_shim_put_real(struct lp_shim_session *s, const Tensor_info *t, size_t i, double value, const Tensor_info *scale,
                      const Tensor_info *zero);
/* Element of an operand that is broadcast over its dimensions of 1 when the result's element is i. */
size_t lp_shim_broadcast(const Tensor_info *t, const Tensor_info *out, size_t i);
/* False, and an error: a dimension is neither 1 nor the result's. */
bool lp_shim_fits_broadcast(struct lp_shim_session *s, const char *name, const Tensor_info *t, const Tensor_info *out);

/* A tensor seen along one axis (0..3 = batch, channel, height, width): runs of `depth` elements, `inner` apart. */
struct lp_shim_axis {
    size_t depth, inner, outer;
};
struct lp_shim_axis lp_shim_axis_of(const Tensor_info *t, int axis);

void lp_shim_op_lacks(struct lp_shim_session *s, const char *name, const char *what, int value);
void lp_shim_op_lacks_type(struct lp_shim_session *s, const char *name, NodeType type);

/* ---- operators: lp_shim_op_NAME computes ll_sw_forward_NAME ---- */
typedef void lp_shim_operator(struct lp_shim_session *s, const void *info);
#define LP_SHIM_DECLARE_OPERATOR(name) lp_shim_operator lp_shim_op_##name;
LP_SHIM_OPERATORS(LP_SHIM_DECLARE_OPERATOR)

#endif
