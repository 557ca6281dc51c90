/* Resize, nearest and linear. */
#include <math.h>

#include "simulator/shim/operators.h"

/* Source coordinate of output position i. */
static float source_of(coord_transf_mode mode, size_t i, size_t out, size_t in)
{
    float scale = (float)out / (float)in, x = (float)i;
    switch (mode) {
    case ALIGN_CORNERS: return out > 1 ? x * (float)(in - 1) / (float)(out - 1) : 0;
    case ASYMMETRIC: return x / scale;
    case PYTORCH_HALF_PIXEL: return out > 1 ? (x + 0.5f) / scale - 0.5f : 0;
    case TF_HALF_PIXEL_FOR_NN: return (x + 0.5f) / scale;
    default: return (x + 0.5f) / scale - 0.5f;
    }
}

static size_t inside(float x, size_t size)
{
    return x <= 0 ? 0 : x >= (float)(size - 1) ? size - 1 : (size_t)x;
}

static size_t nearest_of(nearest_mode mode, float x, size_t size)
{
    float rounded = mode == FLOOR               ? floorf(x)
                    : mode == CEIL              ? ceilf(x)
                    : mode == ROUND_PREFER_CEIL ? floorf(x + 0.5f)
                                                : ceilf(x - 0.5f);
    return inside(rounded, size);
}

static double bilinear(const double *in, const Tensor_info *t, size_t b, float y, float x, size_t c)
{
    size_t h = lp_shim_extent(t->dim.tensor_h), w = lp_shim_extent(t->dim.tensor_w), d = lp_shim_extent(t->dim.tensor_c);
    size_t y0 = inside(floorf(y), h), x0 = inside(floorf(x), w), y1 = inside(floorf(y) + 1, h), x1 = inside(floorf(x) + 1, w);
    double fy = y < 0 ? 0 : (double)(y - floorf(y)), fx = x < 0 ? 0 : (double)(x - floorf(x));
    const double *map = in + b * h * w * d + c;
    double top = map[(y0 * w + x0) * d] * (1 - fx) + map[(y0 * w + x1) * d] * fx;
    double bottom = map[(y1 * w + x0) * d] * (1 - fx) + map[(y1 * w + x1) * d] * fx;
    return top * (1 - fy) + bottom * fy;
}

/* Value of output element i from real input values. */
static double resized(const double *in, const Tensor_info *from, const Tensor_info *to, size_t i, resize_mode mode,
                      nearest_mode nearest, coord_transf_mode coordinates)
{
    size_t d = lp_shim_extent(to->dim.tensor_c), w = lp_shim_extent(to->dim.tensor_w), h = lp_shim_extent(to->dim.tensor_h);
    size_t c = i % d, x = i / d % w, y = i / (d * w) % h, b = i / (d * w * h);
    size_t in_h = lp_shim_extent(from->dim.tensor_h), in_w = lp_shim_extent(from->dim.tensor_w);
    float sy = source_of(coordinates, y, h, in_h), sx = source_of(coordinates, x, w, in_w);
    if (mode == RESIZE_LINEAR)
        return bilinear(in, from, b, sy, sx, c);
    return in[((b * in_h + nearest_of(nearest, sy, in_h)) * in_w + nearest_of(nearest, sx, in_w)) * d + c];
}

static bool is_known(struct lp_shim_session *s, const char *name, resize_mode mode, coord_transf_mode coordinates)
{
    if (mode != RESIZE_LINEAR && mode != RESIZE_NEAREST)
        lp_shim_op_lacks(s, name, "mode", (int)mode);
    else if (coordinates == TF_CROP_AND_RESIZE)
        lp_shim_op_lacks(s, name, "coord_transf_mode", (int)coordinates);
    return s->status == LP_OK;
}

static bool same_depth(struct lp_shim_session *s, const Tensor_info *from, const Tensor_info *to)
{
    bool same = lp_shim_extent(from->dim.tensor_c) == lp_shim_extent(to->dim.tensor_c) &&
                lp_shim_extent(from->dim.tensor_b) == lp_shim_extent(to->dim.tensor_b);
    if (!same)
        lp_shim_fail(s, LP_BAD_INPUT, "a resize's input and output differ in channels or batch");
    return same;
}

void lp_shim_op_resize_integer(struct lp_shim_session *s, const void *info)
{
    const Resize_integer_sw_info *op = info;
    const Tensor_info *from = &op->general.input, *to = &op->general.output;
    double *real = lp_shim_bytes(s, from);
    if (!is_known(s, "resize_integer", op->mode, op->coord_transf_mode) || real == NULL || !same_depth(s, from, to))
        return;
    double in_scale = (double)lp_shim_scale_at(s, &op->is, 0), out_scale = (double)lp_shim_scale_at(s, &op->os, 0);
    int32_t in_zero = lp_shim_zero_at(s, &op->izp, 0, op->izp.format.is_signed),
            out_zero = lp_shim_zero_at(s, &op->ozp, 0, op->ozp.format.is_signed);
    for (size_t i = 0; i < lp_shim_count(from); i++)
        real[i] -= in_zero;
    double ratio = out_scale > 0 ? in_scale / out_scale : 1;
    for (size_t i = 0; i < lp_shim_count(to); i++)
        lp_shim_put_byte(s, to, i,
                         round(resized(real, from, to, i, op->mode, op->nearest_mode, op->coord_transf_mode) * ratio) + out_zero);
}

void lp_shim_op_resize(struct lp_shim_session *s, const void *info)
{
    const Resize_sw_info *op = info;
    const Tensor_info *from = &op->general.input, *to = &op->general.output;
    const double *real = lp_shim_floats(s, from);
    if (!is_known(s, "resize", op->mode, op->coord_transf_mode) || real == NULL || !same_depth(s, from, to))
        return;
    for (size_t i = 0; i < lp_shim_count(to); i++)
        lp_shim_put_float(s, to, i, (float)resized(real, from, to, i, op->mode, op->nearest_mode, op->coord_transf_mode));
}
