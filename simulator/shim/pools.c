/* Pooling over windows and over whole maps. */
#include <math.h>

#include "simulator/shim/operators.h"

struct pool {
    const char *name;
    NodeType type;
    const Tensor_info *in, *out;
    long kernel[2], strides[2], pads[4]; /* height, width; top, left, bottom, right */
    bool counts_padding;
};

static struct pool pool_of(const char *name, const General *general, const long *kernel, const long *strides, const long *pads,
                           bool counts_padding)
{
    struct pool p = {name, general->type, &general->input, &general->output, {0}, {0}, {0}, counts_padding};
    for (int k = 0; k < 2; k++) {
        p.kernel[k] = kernel[k] > 0 ? kernel[k] : 1;
        p.strides[k] = strides[k] > 0 ? strides[k] : 1;
    }
    for (int k = 0; k < 4; k++)
        p.pads[k] = pads[k];
    return p;
}

/* A window as large as the map. */
static struct pool whole(const char *name, const General *general)
{
    const long kernel[2] = {(long)lp_shim_extent(general->input.dim.tensor_h), (long)lp_shim_extent(general->input.dim.tensor_w)};
    const long ones[2] = {1, 1}, none[4] = {0, 0, 0, 0};
    return pool_of(name, general, kernel, ones, none, false);
}

static bool is_known(struct lp_shim_session *s, const struct pool *p)
{
    bool known = p->type == LL_SW_MAXPOOL || p->type == LL_SW_MINPOOL || p->type == LL_SW_AVGPOOL;
    if (!known)
        lp_shim_op_lacks_type(s, p->name, p->type);
    else if (lp_shim_extent(p->in->dim.tensor_c) != lp_shim_extent(p->out->dim.tensor_c) ||
             lp_shim_extent(p->in->dim.tensor_b) != lp_shim_extent(p->out->dim.tensor_b)) {
        lp_shim_fail(s, LP_BAD_INPUT, "ll_sw_forward_%s: input and output differ in channels or batch", p->name);
        return false;
    }
    return known;
}

static long clipped(long x, long low, long high)
{
    return x < low ? low : x > high ? high : x;
}

/* Output element i. */
static double pooled(const struct pool *p, const double *in, size_t i)
{
    size_t depth = lp_shim_extent(p->out->dim.tensor_c), ow = lp_shim_extent(p->out->dim.tensor_w),
           oh = lp_shim_extent(p->out->dim.tensor_h);
    size_t c = i % depth, x = i / depth % ow, y = i / (depth * ow) % oh, b = i / (depth * ow * oh);
    long h = (long)lp_shim_extent(p->in->dim.tensor_h), w = (long)lp_shim_extent(p->in->dim.tensor_w);
    long top = (long)y * p->strides[0] - p->pads[0], left = (long)x * p->strides[1] - p->pads[1];
    long bottom = top + p->kernel[0], right = left + p->kernel[1];
    long first_y = clipped(top, 0, h), last_y = clipped(bottom, 0, h), first_x = clipped(left, 0, w),
         last_x = clipped(right, 0, w);
    double sum = 0, most = -INFINITY, least = INFINITY;
    for (long sy = first_y; sy < last_y; sy++)
        for (long sx = first_x; sx < last_x; sx++) {
            double v = in[((b * (size_t)h + (size_t)sy) * (size_t)w + (size_t)sx) * depth + c];
            sum += v;
            most = fmax(most, v);
            least = fmin(least, v);
        }
    if (p->type != LL_SW_AVGPOOL)
        return p->type == LL_SW_MAXPOOL ? most : least;
    long count = (last_y - first_y) * (last_x - first_x);
    if (p->counts_padding) /* but not what lies beyond the padding */
        count = (clipped(bottom, 0, h + p->pads[2]) - top) * (clipped(right, 0, w + p->pads[3]) - left);
    return count > 0 ? sum / (double)count : 0;
}

static void pool_floats(struct lp_shim_session *s, const struct pool *p)
{
    const double *real = lp_shim_floats(s, p->in);
    if (real == NULL || !is_known(s, p))
        return;
    for (size_t i = 0; i < lp_shim_count(p->out); i++)
        lp_shim_put_float(s, p->out, i, (float)pooled(p, real, i));
}

static void pool_bytes(struct lp_shim_session *s, const struct pool *p, const Pool_integer_sw_info *op)
{
    const double *real = lp_shim_reals(s, p->in, &op->is, &op->izp);
    if (real == NULL || !is_known(s, p))
        return;
    for (size_t i = 0; i < lp_shim_count(p->out); i++)
        lp_shim_put_real(s, p->out, i, pooled(p, real, i), &op->os, &op->ozp);
}

void lp_shim_op_pool(struct lp_shim_session *s, const void *info)
{
    const Pool_sw_info *op = info;
    const struct pool p = pool_of("pool", &op->general, op->k_shape, op->strides, op->pads, op->count_include_pad);
    pool_floats(s, &p);
}

void lp_shim_op_pool_integer(struct lp_shim_session *s, const void *info)
{
    const Pool_integer_sw_info *op = info;
    const struct pool p = pool_of("pool_integer", &op->general, op->k_shape, op->strides, op->pads, op->count_include_pad);
    pool_bytes(s, &p, op);
}

void lp_shim_op_global_pool(struct lp_shim_session *s, const void *info)
{
    const Global_pool_sw_info *op = info;
    const struct pool p = whole("global_pool", &op->general);
    pool_floats(s, &p);
}

void lp_shim_op_global_pool_integer(struct lp_shim_session *s, const void *info)
{
    const Global_pool_integer_sw_info *op = info;
    const struct pool p = whole("global_pool_integer", &op->general);
    pool_bytes(s, &p, op);
}
