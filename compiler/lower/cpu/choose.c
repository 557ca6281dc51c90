#include "compiler/lower/cpu/choose.h"

#include "contract/packing.h"

#include <stdlib.h>
#include <string.h>

struct question {
    const void *args;
    uint8_t rounding;
    const struct lp_channel_scales *scales;
    const int8_t *weights;
};

static bool shifts_are_packable(const struct question *q)
{
    for (uint32_t c = 0; c < q->scales->count; c++)
        if (!lp_shift_is_packable(q->scales->shift[c], q->rounding))
            return false;
    return true;
}

static bool shifts_are_scalable(const struct question *q)
{
    for (uint32_t c = 0; c < q->scales->count; c++)
        if (!lp_shift_is_scalable(q->scales->shift[c]))
            return false;
    return true;
}

static bool is_one_group(const struct question *q)
{
    const struct lp_conv2d_s8 *p = q->args;
    return p->filter_c == p->in_c;
}

static bool window_fits(const struct lp_conv2d_s8 *p)
{
    return (int64_t)p->kernel_h * p->kernel_w * p->in_c <= LP_WINDOW_BYTES;
}

static bool all_lie_inside(const struct lp_conv2d_s8 *p)
{
    return p->pad_top == 0 && p->pad_left == 0 && (p->out_h - 1) * p->stride_h + (p->kernel_h - 1) * p->dilation_h < p->in_h &&
           (p->out_w - 1) * p->stride_w + (p->kernel_w - 1) * p->dilation_w < p->in_w;
}

static bool is_scaled_narrow(const struct question *q)
{
    return lp_conv2d_s8_is_gathered(q->args) && window_fits(q->args) && is_one_group(q) && shifts_are_scalable(q);
}

static bool is_narrow(const struct question *q)
{
    return is_scaled_narrow(q) && shifts_are_packable(q);
}

static bool is_scaled_window(const struct question *q)
{
    return !lp_conv2d_s8_is_gathered(q->args) && (all_lie_inside(q->args) || window_fits(q->args)) && is_one_group(q) &&
           shifts_are_scalable(q);
}

static bool is_large(const struct question *q)
{
    return !lp_conv2d_s8_is_gathered(q->args) && is_one_group(q) && shifts_are_scalable(q);
}

static bool is_window(const struct question *q)
{
    return is_scaled_window(q) && shifts_are_packable(q);
}

static bool is_scaled_pointwise(const struct question *q)
{
    const struct lp_conv2d_s8 *p = q->args;
    bool is_whole = (p->stride_h != 1 || p->stride_w != 1) || (p->out_h == p->in_h && p->out_w == p->in_w);
    return p->kernel_h == 1 && p->kernel_w == 1 && is_whole && all_lie_inside(p) && is_one_group(q) && shifts_are_scalable(q);
}

static bool is_pointwise(const struct question *q)
{
    return is_scaled_pointwise(q) && shifts_are_packable(q);
}

/* The products of taps 2 n and 2 n + 1 are added in 16 bits. */
static bool pairs_fit(const int8_t *weights, int32_t taps, int32_t channels)
{
    for (int32_t k = 0; k + 1 < taps; k += 2)
        for (int32_t c = 0; c < channels; c++)
            if (abs(weights[k * channels + c]) + abs(weights[(k + 1) * channels + c]) > 255)
                return false;
    return true;
}

static bool is_scaled_depthwise(const struct question *q)
{
    const struct lp_depthwise_conv2d_s8 *p = q->args;
    int32_t taps = p->kernel_h * p->kernel_w;
    return p->depth_multiplier == 1 && taps <= LP_MAX_TAPS && pairs_fit(q->weights, taps, p->out_c) && shifts_are_scalable(q);
}

static bool is_spread(const struct question *q)
{
    const struct lp_depthwise_conv2d_s8 *p = q->args;
    return p->kernel_h * p->kernel_w <= LP_MAX_TAPS && shifts_are_scalable(q);
}

static bool is_depthwise(const struct question *q)
{
    return is_scaled_depthwise(q) && shifts_are_packable(q);
}

static bool is_small(const struct question *q)
{
    const struct lp_fully_connected_s8 *p = q->args;
    return (int64_t)p->in_c * p->out_c <= LP_SMALL_WEIGHTS && shifts_are_packable(q);
}

static bool is_one_to_one(const struct question *q)
{
    return ((const struct lp_depthwise_conv2d_s8 *)q->args)->depth_multiplier == 1;
}

static bool is_any(const struct question *q)
{
    (void)q;
    return true;
}

static bool is_rows(const struct question *q)
{
    const struct lp_add_s8 *p = q->args;
    return p->in1_stride[p->rank - 1] == 1 && p->in2_stride[p->rank - 1] == 1 && p->out_shift <= -2;
}

static bool is_products(const struct question *q)
{
    const struct lp_binary *p = q->args;
    return p->in1_stride[p->rank - 1] == 1 && p->in2_stride[p->rank - 1] == 1 && p->out_shift <= 0;
}

static bool is_pool(const struct question *q)
{
    return ((const struct lp_pool_s8 *)q->args)->kernel_w <= LP_POOL_COLUMNS;
}

static bool is_channels(const struct question *q)
{
    const struct lp_mean_s8 *p = q->args;
    return p->keep_stride[LP_MEAN_RANK - 1] == 1;
}

static bool is_elements(const struct question *q)
{
    return ((const struct lp_requantize_s8 *)q->args)->shift <= 18;
}

static bool (*const fits_class[])(const struct question *) = {
    [LP_SHAPE_POINTWISE] = is_pointwise,
    [LP_SHAPE_NARROW] = is_narrow,
    [LP_SHAPE_WINDOW] = is_window,
    [LP_SHAPE_DEPTHWISE] = is_depthwise,
    [LP_SHAPE_SCALED_POINTWISE] = is_scaled_pointwise,
    [LP_SHAPE_SCALED_NARROW] = is_scaled_narrow,
    [LP_SHAPE_SCALED_WINDOW] = is_scaled_window,
    [LP_SHAPE_LARGE] = is_large,
    [LP_SHAPE_SCALED_DEPTHWISE] = is_scaled_depthwise,
    [LP_SHAPE_SPREAD] = is_spread,
    [LP_SHAPE_SCALED_MATRIX] = shifts_are_scalable,
    [LP_SHAPE_SMALL] = is_small,
    [LP_SHAPE_MATRIX] = shifts_are_packable,
    [LP_SHAPE_ONE_GROUP] = is_one_group,
    [LP_SHAPE_ONE_TO_ONE] = is_one_to_one,
    [LP_SHAPE_ANY] = is_any,
    [LP_SHAPE_ROWS] = is_rows,
    [LP_SHAPE_PRODUCTS] = is_products,
    [LP_SHAPE_POOL] = is_pool,
    [LP_SHAPE_CHANNELS] = is_channels,
    [LP_SHAPE_ELEMENTS] = is_elements,
};

static const struct choice {
    enum lp_kernel_family family;
    enum lp_isa isa;
    enum lp_rounding rounding;
    enum lp_shape_class shape;
    const char *symbol;
} choices[] = {
#define X(family, isa, rounding, shape, symbol) \
    {LP_FAMILY_##family, LP_ISA_##isa, LP_ROUNDING_##rounding, LP_SHAPE_##shape, #symbol},
    LP_KERNEL_CHOICES(X)
#undef X
};

const char *lp_choose_kernel(const struct lp_program *program, enum lp_kernel_family family, const char *reference,
                             const void *args, const struct lp_channel_scales *scales, const int8_t *weights)
{
    const struct question question = {args, (uint8_t)program->rounding, scales, weights};
    for (size_t i = 0; i < LP_COUNT(choices); i++) {
        const struct choice *c = &choices[i];
        if (c->family == family && c->isa == program->target->isa && c->rounding == program->rounding &&
            fits_class[c->shape](&question))
            return c->symbol;
    }
    return reference;
}

bool lp_choice_is_packed(const char *symbol)
{
    for (size_t i = 0; i < LP_COUNT(choices); i++)
        if (strcmp(choices[i].symbol, symbol) == 0)
            return choices[i].shape <= LP_SHAPE_MATRIX;
    return false;
}
