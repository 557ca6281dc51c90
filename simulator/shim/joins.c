/* Operators that move elements as they are, whatever their type: 1, 2, 4 or 8 bytes. */
#include <string.h>

#include "simulator/shim/operators.h"

/* Bytes from one element to the next in the innermost dimension that has several; of a single element, `c` says it. */
static size_t element_bytes(struct lp_shim_session *s, const char *name, const Tensor_info *t)
{
    uint32_t bytes = t->dim.tensor_c > 1   ? t->stride.c
                     : t->dim.tensor_w > 1 ? t->stride.w
                     : t->dim.tensor_h > 1 ? t->stride.h
                     : t->dim.tensor_b > 1 ? t->stride.b
                                           : t->stride.c;
    if (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8)
        return bytes;
    lp_shim_op_lacks(s, name, "elements of bytes", (int)bytes);
    return 0;
}

static uint8_t *elements_of(struct lp_shim_session *s, const char *name, const Tensor_info *t, size_t bytes)
{
    size_t count = lp_shim_count(t);
    if (element_bytes(s, name, t) != bytes) {
        lp_shim_fail(s, LP_BAD_INPUT, "ll_sw_forward_%s: its tensors have elements of different size", name);
        return NULL;
    }
    uint8_t *values = lp_shim_room(s, count, bytes);
    for (size_t i = 0; values != NULL && i < count; i++)
        lp_shim_get(s, lp_shim_element(t, i), values + i * bytes, bytes);
    return s->status == LP_OK ? values : NULL;
}

void lp_shim_op_concat(struct lp_shim_session *s, const void *info)
{
    enum { MOST = 4 };
    const Concat_sw_info *op = info;
    const Tensor_info *to = &op->general.output, *inputs[MOST] = {&op->general.input, &op->operand, &op->operand1, &op->operand2};
    const struct lp_shim_axis whole = lp_shim_axis_of(to, (int)op->concat_axis);
    size_t bytes = element_bytes(s, "concat", to), done = 0;
    const uint8_t *values[MOST] = {NULL};
    if (op->num_of_inputs == 0 || op->num_of_inputs > MOST) {
        lp_shim_op_lacks(s, "concat", "num_of_inputs", (int)op->num_of_inputs);
        return;
    }
    for (unsigned k = 0; k < op->num_of_inputs && bytes != 0; k++)
        if ((values[k] = elements_of(s, "concat", inputs[k], bytes)) == NULL)
            return;
    for (unsigned k = 0; k < op->num_of_inputs && s->status == LP_OK; k++) {
        const struct lp_shim_axis a = lp_shim_axis_of(inputs[k], (int)op->concat_axis);
        if (a.inner != whole.inner || a.outer != whole.outer || done + a.depth > whole.depth) {
            lp_shim_fail(s, LP_BAD_INPUT, "ll_sw_forward_concat: input %u does not fit into the output", k);
            return;
        }
        for (size_t i = 0; i < lp_shim_count(inputs[k]); i++) {
            size_t inner = i % a.inner, depth = i / a.inner % a.depth, outer = i / (a.inner * a.depth);
            size_t at = (outer * whole.depth + done + depth) * whole.inner + inner;
            lp_shim_put(s, lp_shim_element(to, at), values[k] + i * bytes, bytes);
        }
        done += a.depth;
    }
}

/* Indices are integers of their element's size; negative ones count from the end. */
static int64_t index_of(const uint8_t *indices, size_t bytes, size_t i)
{
    int8_t byte;
    int16_t half;
    int32_t word;
    int64_t wide;
    switch (bytes) {
    case 1: memcpy(&byte, indices + i, 1); return byte;
    case 2: memcpy(&half, indices + 2 * i, 2); return half;
    case 4: memcpy(&word, indices + 4 * i, 4); return word;
    default: memcpy(&wide, indices + 8 * i, 8); return wide;
    }
}

void lp_shim_op_gather(struct lp_shim_session *s, const void *info)
{
    const Gather_sw_info *op = info;
    const Tensor_info *from = &op->general.input, *to = &op->general.output;
    const struct lp_shim_axis a = lp_shim_axis_of(from, op->axis);
    size_t bytes = element_bytes(s, "gather", from), index_bytes = element_bytes(s, "gather", &op->operand);
    if (bytes == 0 || index_bytes == 0)
        return;
    const uint8_t *values = elements_of(s, "gather", from, bytes), *indices = elements_of(s, "gather", &op->operand, index_bytes);
    size_t count = lp_shim_count(&op->operand);
    if (values == NULL || indices == NULL)
        return;
    if (lp_shim_count(to) != a.outer * count * a.inner) {
        lp_shim_fail(s, LP_BAD_INPUT, "ll_sw_forward_gather gives %zu values; its output has %zu", a.outer * count * a.inner,
                     lp_shim_count(to));
        return;
    }
    for (size_t i = 0; i < lp_shim_count(to); i++) {
        int64_t at = index_of(indices, index_bytes, i / a.inner % count);
        at += at < 0 ? (int64_t)a.depth : 0;
        if (at < 0 || at >= (int64_t)a.depth) {
            lp_shim_fail(s, LP_BAD_INPUT, "ll_sw_forward_gather: an index is %lld; allowed is 0 to %zu", (long long)at,
                         a.depth - 1);
            return;
        }
        size_t source = (i / (a.inner * count) * a.depth + (size_t)at) * a.inner + i % a.inner;
        lp_shim_put(s, lp_shim_element(to, i), values + source * bytes, bytes);
    }
}

void lp_shim_op_tile(struct lp_shim_session *s, const void *info)
{
    const Tile_sw_info *op = info;
    const Tensor_info *from = &op->general.input, *to = &op->general.output;
    size_t bytes = element_bytes(s, "tile", to);
    const uint8_t *values = bytes == 0 ? NULL : elements_of(s, "tile", from, bytes);
    for (size_t i = 0; values != NULL && i < lp_shim_count(to); i++)
        lp_shim_put(s, lp_shim_element(to, i), values + lp_shim_broadcast(from, to, i) * bytes, bytes);
}
