/* Softmax and normalizations. */
#include <math.h>

#include "runtime/kernels/kernels.h"
#include "simulator/shim/operators.h"

/* ---- softmax: along runs of `depth` elements, `inner` apart ---- */

/* First element of run i. */
static size_t first_of(const struct lp_shim_axis *a, size_t i)
{
    return i / a->inner * a->depth * a->inner + i % a->inner;
}

static void softmax_run(const struct lp_shim_axis *a, double *values)
{
    double most = values[0], sum = 0;
    for (size_t k = 1; k < a->depth; k++)
        most = fmax(most, values[k * a->inner]);
    for (size_t k = 0; k < a->depth; k++)
        sum += exp(values[k * a->inner] - most);
    for (size_t k = 0; k < a->depth; k++)
        values[k * a->inner] = exp(values[k * a->inner] - most) / sum;
}

void lp_shim_op_softmax(struct lp_shim_session *s, const void *info)
{
    const Softmax_sw_info *op = info;
    const Tensor_info *t = &op->general.input;
    const struct lp_shim_axis a = lp_shim_axis_of(t, op->axis);
    double *values = lp_shim_floats(s, t);
    if (values == NULL)
        return;
    for (size_t i = 0; i < a.outer * a.inner; i++)
        softmax_run(&a, values + first_of(&a, i));
    for (size_t i = 0; i < lp_shim_count(t); i++)
        lp_shim_put_float(s, &op->general.output, i, (float)values[i]);
}

/* The integer arithmetic gives steps of 1/256 from the lowest value of the type on. */
static bool is_usual(struct lp_shim_session *s, const Softmax_integer_sw_info *op)
{
    int32_t lowest = op->general.output.format.is_signed ? -128 : 0;
    return (op->os.mem.start_offset == NULL || lp_shim_scale_at(s, &op->os, 0) == 1 / 256.0f) &&
           (op->ozp.mem.start_offset == NULL || lp_shim_zero_at(s, &op->ozp, 0, op->ozp.format.is_signed) == lowest);
}

/* By the kernel of int8: what an unsigned value is above the lowest, a signed one is too. */
void lp_shim_op_softmax_integer(struct lp_shim_session *s, const void *info)
{
    const Softmax_integer_sw_info *op = info;
    const Tensor_info *t = &op->general.input, *to = &op->general.output;
    const struct lp_shim_axis a = lp_shim_axis_of(t, op->axis);
    const double *in = lp_shim_bytes(s, t);
    int8_t *row = lp_shim_room(s, a.depth, 1);
    int32_t in_low = t->format.is_signed ? 0 : 128, out_low = to->format.is_signed ? 0 : 128;
    const struct lp_softmax_s8 args = {.in = row,
                                       .out = row,
                                       .rows = 1,
                                       .depth = (int32_t)a.depth,
                                       .multiplier = op->quantized_multiplier,
                                       .diff_min = op->diff_min,
                                       .shift = (int8_t)op->left_shift};
    if (in == NULL || row == NULL)
        return;
    if (op->left_shift < 0 || op->left_shift > 30)
        lp_shim_op_lacks(s, "softmax_integer", "left_shift", op->left_shift);
    else if (!is_usual(s, op))
        lp_shim_fail(s, LP_UNSUPPORTED,
                     "ll_sw_forward_softmax_integer with a scale other than 1/256 or a zero point other than the lowest value, "
                     "which limpid does not have");
    for (size_t i = 0; i < a.outer * a.inner && s->status == LP_OK; i++) {
        for (size_t k = 0; k < a.depth; k++)
            row[k] = (int8_t)(in[first_of(&a, i) + k * a.inner] - in_low);
        lp_softmax_s8__reference(&args);
        for (size_t k = 0; k < a.depth; k++)
            lp_shim_put_byte(s, to, first_of(&a, i) + k * a.inner, row[k] + out_low);
    }
}

/* ---- normalizations ---- */

void lp_shim_op_bn(struct lp_shim_session *s, const void *info)
{
    const Bn_sw_info *op = info;
    const Tensor_info *t = &op->general.input;
    const double *in = lp_shim_floats(s, t);
    size_t depth = lp_shim_extent(t->dim.tensor_c);
    const double *scale = lp_shim_list(s, &op->scale, depth), *bias = lp_shim_list(s, &op->bias, depth),
                 *mean = lp_shim_list(s, &op->mean, depth), *variance = lp_shim_list(s, &op->var, depth);
    if (!in || !scale || !bias || !mean || !variance)
        return;
    for (size_t i = 0; i < lp_shim_count(t); i++) {
        size_t c = i % depth;
        lp_shim_put_float(s, &op->general.output, i, (float)((in[i] - mean[c]) / sqrt(variance[c]) * scale[c] + bias[c]));
    }
}

void lp_shim_op_instance_normalization(struct lp_shim_session *s, const void *info)
{
    const Instance_normalization_sw_info *op = info;
    const Tensor_info *t = &op->general.input;
    const double *in = lp_shim_floats(s, t);
    size_t depth = lp_shim_extent(t->dim.tensor_c), pixels = lp_shim_extent(t->dim.tensor_h) * lp_shim_extent(t->dim.tensor_w);
    const double *scale = lp_shim_list(s, &op->scale, depth), *bias = lp_shim_list(s, &op->bias, depth);
    if (!in || !scale || !bias)
        return;
    for (size_t i = 0; i < lp_shim_extent(t->dim.tensor_b) * depth; i++) {
        size_t c = i % depth, first = i / depth * pixels * depth + c;
        double mean = 0, variance = 0;
        for (size_t k = 0; k < pixels; k++)
            mean += in[first + k * depth] / (double)pixels;
        for (size_t k = 0; k < pixels; k++)
            variance += pow(in[first + k * depth] - mean, 2) / (double)pixels;
        for (size_t k = 0; k < pixels; k++) {
            double normal = (in[first + k * depth] - mean) / sqrt(variance + (double)op->epsilon);
            lp_shim_put_float(s, &op->general.output, first + k * depth, (float)(normal * scale[c] + bias[c]));
        }
    }
}

void lp_shim_op_lpnormalization(struct lp_shim_session *s, const void *info)
{
    const Lpnormalization_sw_info *op = info;
    const Tensor_info *t = &op->general.input;
    const struct lp_shim_axis a = lp_shim_axis_of(t, op->axis);
    const double *in = lp_shim_floats(s, t);
    if (op->p != 1 && op->p != 2)
        lp_shim_op_lacks(s, "lpnormalization", "p", op->p);
    if (in == NULL || s->status != LP_OK)
        return;
    for (size_t i = 0; i < a.outer * a.inner; i++) {
        double norm = 0;
        for (size_t k = 0; k < a.depth; k++)
            norm += pow(fabs(in[first_of(&a, i) + k * a.inner]), op->p);
        norm = op->p == 2 ? sqrt(norm) : norm;
        for (size_t k = 0; k < a.depth; k++) {
            size_t at = first_of(&a, i) + k * a.inner;
            lp_shim_put_float(s, &op->general.output, at, norm > 0 ? (float)(in[at] / norm) : 0);
        }
    }
}

/* Across `size` neighbouring channels, one more behind than before when it is even. */
void lp_shim_op_lrn(struct lp_shim_session *s, const void *info)
{
    const Lrn_sw_info *op = info;
    const Tensor_info *t = &op->general.input;
    const double *in = lp_shim_floats(s, t);
    size_t depth = lp_shim_extent(t->dim.tensor_c), size = lp_shim_extent(op->size), before = (size - 1) / 2;
    for (size_t i = 0; in != NULL && i < lp_shim_count(t); i++) {
        size_t c = i % depth, first = c < before ? 0 : c - before, end = c + size - before;
        double squares = 0;
        for (size_t k = first; k < end && k < depth; k++)
            squares += in[i - c + k] * in[i - c + k];
        double divisor = pow((double)op->bias + (double)op->alpha / (double)size * squares, (double)op->beta);
        lp_shim_put_float(s, &op->general.output, i, (float)(in[i] / divisor));
    }
}
