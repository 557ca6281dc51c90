/* Convolutions: weights [O][kh][kw][I / groups] in b, h, w, c. */
#include <math.h>

#include "simulator/shim/operators.h"

struct window {
    const Tensor_info *in, *out, *weights;
    int groups;
    const long *pads, *strides, *dilations;
};

/* Sum over the window of output element i. */
static double window_sum(const struct window *k, size_t i, const double *in, const double *weights)
{
    size_t od = lp_shim_extent(k->out->dim.tensor_c), ow = lp_shim_extent(k->out->dim.tensor_w),
           oh = lp_shim_extent(k->out->dim.tensor_h);
    size_t o = i % od, x = i / od % ow, y = i / (od * ow) % oh, b = i / (od * ow * oh);
    long ih = (long)lp_shim_extent(k->in->dim.tensor_h), iw = (long)lp_shim_extent(k->in->dim.tensor_w);
    size_t id = lp_shim_extent(k->in->dim.tensor_c), wh = lp_shim_extent(k->weights->dim.tensor_h),
           ww = lp_shim_extent(k->weights->dim.tensor_w);
    size_t wd = lp_shim_extent(k->weights->dim.tensor_c), groups = k->groups > 0 ? (size_t)k->groups : 1,
           first = o / (od / groups) * wd;
    long dh = k->dilations[0] > 0 ? k->dilations[0] : 1, dw = k->dilations[1] > 0 ? k->dilations[1] : 1;
    double sum = 0;
    for (size_t j = 0; j < wh; j++)
        for (size_t l = 0; l < ww; l++) {
            long sy = (long)y * (k->strides[0] > 0 ? k->strides[0] : 1) - k->pads[0] + (long)j * dh;
            long sx = (long)x * (k->strides[1] > 0 ? k->strides[1] : 1) - k->pads[1] + (long)l * dw;
            if (sy < 0 || sy >= ih || sx < 0 || sx >= iw)
                continue;
            const double *pixel = in + ((b * (size_t)ih + (size_t)sy) * (size_t)iw + (size_t)sx) * id + first;
            const double *kernel = weights + ((o * wh + j) * ww + l) * wd;
            for (size_t c = 0; c < wd; c++)
                sum += pixel[c] * kernel[c];
        }
    return sum;
}

static bool divides(struct lp_shim_session *s, const struct window *k)
{
    size_t groups = k->groups > 0 ? (size_t)k->groups : 1, wd = lp_shim_extent(k->weights->dim.tensor_c),
           od = lp_shim_extent(k->out->dim.tensor_c);
    bool fits = od % groups == 0 && wd * groups == lp_shim_extent(k->in->dim.tensor_c) &&
                lp_shim_extent(k->weights->dim.tensor_b) == od;
    if (!fits)
        lp_shim_fail(s, LP_BAD_INPUT, "a software convolution's weights do not match its tensors");
    return fits;
}

void lp_shim_op_conv_integer(struct lp_shim_session *s, const void *info)
{
    const Conv_integer_sw_info *op = info;
    const Tensor_info *from = &op->general.input, *to = &op->general.output;
    const struct window k = {from, to, &op->weights, op->ngroup, op->pads, op->strides, op->dilations};
    double *features = lp_shim_bytes(s, from), *weights = lp_shim_bytes(s, &op->weights);
    if (features == NULL || weights == NULL || !divides(s, &k))
        return;
    int32_t zero = lp_shim_zero_at(s, &op->izp, 0, op->izp.format.is_signed),
            out_zero = lp_shim_zero_at(s, &op->ozp, 0, op->ozp.format.is_signed);
    size_t a_kernel = lp_shim_count(&op->weights) / lp_shim_extent(op->weights.dim.tensor_b),
           depth = lp_shim_extent(to->dim.tensor_c);
    for (size_t i = 0; i < lp_shim_count(from); i++)
        features[i] -= zero;
    for (size_t i = 0; i < lp_shim_count(&op->weights); i++)
        weights[i] -= lp_shim_zero_at(s, &op->wzp, i / a_kernel, op->wzp.format.is_signed);
    double in_scale = (double)lp_shim_scale_at(s, &op->is, 0), out_scale = (double)lp_shim_scale_at(s, &op->os, 0);
    for (size_t i = 0; i < lp_shim_count(to); i++) {
        double sum = window_sum(&k, i, features, weights) + lp_shim_int32_at(s, &op->bias, i % depth);
        lp_shim_put_byte(s, to, i,
                         round(sum * in_scale * (double)lp_shim_scale_at(s, &op->ws, i % depth) / out_scale) + out_zero);
    }
}

void lp_shim_op_qlinearconv(struct lp_shim_session *s, const void *info)
{
    lp_shim_op_conv_integer(s, info);
}

void lp_shim_op_conv(struct lp_shim_session *s, const void *info)
{
    const Conv_sw_info *op = info;
    const Tensor_info *from = &op->general.input, *to = &op->general.output;
    const struct window k = {from, to, &op->weights, op->ngroup, op->pads, op->strides, op->dilations};
    const double *features = lp_shim_floats(s, from), *weights = lp_shim_floats(s, &op->weights);
    if (features == NULL || weights == NULL || !divides(s, &k))
        return;
    for (size_t i = 0; i < lp_shim_count(to); i++) {
        float bias = 0;
        if (op->bias.mem.start_offset != NULL)
            lp_shim_get(s, (uintptr_t)op->bias.mem.start_offset + i % lp_shim_extent(to->dim.tensor_c) * sizeof bias, &bias,
                        sizeof bias);
        lp_shim_put_float(s, to, i, (float)(window_sum(&k, i, features, weights) + (double)bias));
    }
}
