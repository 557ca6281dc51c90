/* Convolution, depthwise convolution, fully connected: random cases. */
#include "compiler/lower/cpu/pack.h"
#include "compiler/lower/cpu/slide.h"
#include "contract/packing.h"
#include "runtime/kernels/kernels.h"
#include "tests/variants/under_test.h"
#include "tests/variants/weighted.h"

#include <string.h>

enum { CHANNELS = 600, WEIGHTS = 60 << 10 };

/* Constants as the model has them. */
static int8_t weights[WEIGHTS];
static int32_t bias[CHANNELS];
static int32_t multiplier[CHANNELS];
static int8_t shift[CHANNELS];
bool shifts_are_scaled;

/* The largest shift of the next constants. */
static int32_t choose_most_shift(uint8_t rounding)
{
    shifts_are_scaled = rounding == LP_ROUNDING_SINGLE && device_between(0, 3) == 0;
    return shifts_are_scaled || rounding == LP_ROUNDING_DOUBLE ? 0 : -2;
}

/* Filters of `taps` weights. Every kind of bias and scale: results in the range, ties, results far outside. */
static void make_constants(int32_t channels, int32_t taps, bool per_channel, int32_t most_shift)
{
    int32_t kind = device_between(0, 2);
    for (int32_t i = 0; i < channels * taps; i++)
        weights[i] = (int8_t)(kind == 0   ? device_between(-127, 127)
                              : kind == 1 ? device_between(0, 1) * 254 - 127
                                          : device_between(-3, 3));
    int32_t usual = -6;
    for (int32_t t = taps; t > 1; t /= 4)
        usual--;
    for (int32_t c = 0; c < channels; c++) {
        bias[c] = device_between(-2000, 2000) << device_between(0, 12);
        if (c > 0 && !per_channel) {
            multiplier[c] = multiplier[0];
            shift[c] = shift[0];
            continue;
        }
        multiplier[c] = device_between(0, 3) == 0 ? 1 << 30 : device_between(1 << 30, INT32_MAX);
        int32_t kind_of_shift = device_between(0, 5);
        int32_t any = kind_of_shift == 0                      ? device_between(-31, most_shift)
                      : kind_of_shift == 1 && most_shift == 0 ? device_between(-1, 0)
                                                              : device_between(usual - 2, usual + 2);
        shift[c] = (int8_t)(any > most_shift ? most_shift : any);
    }
}

/* The constants at the end of their memory as the variants under test read them: packed, or as the model has them. */
static int8_t *pack(struct lp_pack *p, lp_pack_constants *write)
{
    const uint32_t count = (uint32_t)(p->channels * (p->taps != 0 ? p->taps : p->rows * p->row_bytes));
    p->weights = weights;
    p->bias = bias;
    p->multiplier = multiplier;
    p->shift = shift;
    int8_t *to = variants_are_packed ? device_constants((uint32_t)write(p, NULL)) : device_constants_unaligned(count);
    if (to == NULL)
        device_fail("constants are too large, bytes", (int32_t)count);
    if (variants_are_packed)
        (void)write(p, to);
    else
        memcpy(to, weights, count);
    return to;
}

bool device_fully_connected(void)
{
    struct lp_fully_connected_s8 p = {
        .batches = device_between(0, 2) == 0 ? device_between(2, 7) : 1,
        .in_c = device_between(1, device_between(0, 3) == 0 ? 700 : 40),
        .out_c = device_between(1, 40),
        .out_offset = device_between(-128, 127),
        .per_channel = (uint8_t)device_between(0, 1),
        .rounding = (uint8_t)device_between(0, 1),
    };
    device_activation(&p.act_min, &p.act_max);
    uint32_t in_bytes = (uint32_t)(p.batches * p.in_c), out_bytes = (uint32_t)(p.batches * p.out_c);
    make_constants(p.out_c, p.in_c, p.per_channel, choose_most_shift(p.rounding));
    int8_t *in = device_input(in_bytes);
    device_fill(in, in_bytes, device_between(0, 2));
    p.in = in;
    p.weight = weights;
    p.bias = bias;
    p.multiplier = multiplier;
    p.shift = shift;
    p.out = device_expected();
    (void)lp_fully_connected_s8__reference(&p);
    struct lp_pack packing = {.channels = p.out_c,
                              .channel_stride = p.in_c,
                              .tap_stride = 1,
                              .rows = 1,
                              .row_bytes = p.in_c,
                              .per_channel = p.per_channel != 0,
                              .rounding = p.rounding};
    p.weight = pack(&packing, lp_pack_groups);
    p.bias = variants_are_packed ? NULL : bias;
    p.out = device_found();
    (void)variant_fully_connected (&p)(&p);
    device_compare(out_bytes);
    return true;
}

bool device_requantize(void)
{
    /* One channel a value: the weights are zero, so the bias is the sum. */
    enum { VALUES = 64 };
    struct lp_fully_connected_s8 p = {.batches = device_between(1, 2),
                                      .in_c = 1,
                                      .out_c = VALUES,
                                      .out_offset = device_between(-128, 127),
                                      .act_min = -128,
                                      .act_max = 127,
                                      .per_channel = 1,
                                      .rounding = (uint8_t)device_between(0, 1)};
    static const int32_t ends[] = {0, 1, -1, INT32_MAX, INT32_MIN, INT32_MIN + 1};
    int8_t *in = device_input(2);
    device_fill(in, 2, 0);
    memset(weights, 0, VALUES);
    const int32_t most_shift = choose_most_shift(p.rounding);
    for (int32_t c = 0; c < VALUES; c++) {
        shift[c] = (int8_t)device_between(device_between(0, 1) ? -31 : -3, most_shift);
        multiplier[c] = device_between(0, 1) ? 1 << 30 : device_between(0, 3) ? device_between(1 << 30, INT32_MAX) : INT32_MAX;
        /* With the multiplier 2^30 a sum is halved, so odd multiples of 2^-shift lie between two results. */
        int32_t halves = device_between(-300, 300) * 2 + 1;
        int64_t tie = (int64_t)halves << -shift[c];
        bias[c] = tie > INT32_MAX || tie < INT32_MIN || device_between(0, 3) == 0 ? ends[device_between(0, 5)]
                                                                                  : (int32_t)tie + device_between(-1, 1);
        /* With a factor of nearly 1 the reference would add the zero point to a number that has no room for it. */
        if (shift[c] == 0 && (bias[c] > INT32_MAX - 256 || bias[c] < INT32_MIN + 256))
            bias[c] /= 2;
    }
    p.in = in;
    p.weight = weights;
    p.bias = bias;
    p.multiplier = multiplier;
    p.shift = shift;
    p.out = device_expected();
    (void)lp_fully_connected_s8__reference(&p);
    struct lp_pack packing = {.channels = VALUES,
                              .channel_stride = 1,
                              .tap_stride = 1,
                              .rows = 1,
                              .row_bytes = 1,
                              .per_channel = true,
                              .rounding = p.rounding};
    p.weight = pack(&packing, lp_pack_groups);
    p.bias = variants_are_packed ? NULL : bias;
    p.out = device_found();
    (void)variant_fully_connected (&p)(&p);
    device_compare((uint32_t)(p.batches * VALUES));
    return true;
}

/* Padding and the number of outputs of one dimension, as any exporter may have them. */
static void random_dimension(int32_t in, int32_t reach, int32_t stride, uint16_t *pad, int32_t *out)
{
    int32_t before = device_between(0, 1) ? 0 : device_between(0, reach - 1);
    int32_t after = device_between(0, 1) ? 0 : device_between(0, reach - 1);
    if (in + before + after < reach)
        before = after = reach - 1;
    *pad = (uint16_t)before;
    *out = (in + before + after - reach) / stride + 1;
}

static struct lp_conv2d_s8 random_conv(void)
{
    struct lp_conv2d_s8 p = {
        .batches = device_between(0, 4) == 0 ? 2 : 1,
        .in_h = device_between(1, 12),
        .in_w = device_between(1, 12),
        .in_c = device_between(1, device_between(0, 2) == 0 ? 70 : 20),
        .out_c = device_between(1, 20),
        .kernel_h = (uint16_t)device_between(1, device_between(0, 3) == 0 ? 10 : 3),
        .kernel_w = (uint16_t)device_between(1, device_between(0, 3) == 0 ? 10 : 3),
        .stride_h = (uint16_t)device_between(1, 3),
        .stride_w = (uint16_t)device_between(1, 3),
        .dilation_h = (uint16_t)(device_between(0, 3) == 0 ? 2 : 1),
        .dilation_w = (uint16_t)(device_between(0, 3) == 0 ? 2 : 1),
        .out_offset = device_between(-128, 127),
        .pad_value = device_between(-128, 127),
        .per_channel = (uint8_t)device_between(0, 1),
        .rounding = (uint8_t)device_between(0, 1),
    };
    if (device_between(0, 3) == 0)
        p.in_h = p.kernel_h = p.stride_h = p.dilation_h = 1; /* 1-D */
    device_activation(&p.act_min, &p.act_max);
    random_dimension(p.in_h, (p.kernel_h - 1) * p.dilation_h + 1, p.stride_h, &p.pad_top, &p.out_h);
    random_dimension(p.in_w, (p.kernel_w - 1) * p.dilation_w + 1, p.stride_w, &p.pad_left, &p.out_w);
    p.filter_c = p.in_c;
    return p;
}

/* Once more with the output as close below the input as the compiler may place it: the input is copied there first. */
static int8_t *slide_input(const int8_t *in, uint32_t in_bytes, uint32_t out_bytes, const struct lp_slide *slide, int8_t *out)
{
    int64_t gap = lp_slide_gap_bytes(slide);
    if (gap + in_bytes > DEVICE_OUTPUT_BYTES || gap > out_bytes)
        return NULL;
    memmove(out + gap, in, in_bytes);
    return out + gap;
}

static bool run_conv(struct lp_conv2d_s8 *p, int32_t most_shift, lp_kernel *variant)
{
    const int32_t taps = p->kernel_h * p->kernel_w * p->in_c;
    uint32_t in_bytes = (uint32_t)(p->batches * p->in_h * p->in_w * p->in_c);
    uint32_t out_bytes = (uint32_t)(p->batches * p->out_h * p->out_w * p->out_c);
    int8_t *in = device_input(in_bytes);
    if (in == NULL || out_bytes > DEVICE_OUTPUT_BYTES || taps * p->out_c > WEIGHTS ||
        (taps > LP_WINDOW_BYTES && lp_conv2d_s8_is_gathered(p)))
        return false;
    make_constants(p->out_c, taps, p->per_channel, most_shift);
    device_fill(in, in_bytes, device_between(0, 2));
    p->in = in;
    p->weight = weights;
    p->bias = bias;
    p->multiplier = multiplier;
    p->shift = shift;
    p->out = device_expected();
    (void)lp_conv2d_s8__reference(p);
    bool one_row = lp_conv2d_s8_is_gathered(p);
    struct lp_pack packing = {.channels = p->out_c,
                              .channel_stride = taps,
                              .tap_stride = 1,
                              .rows = one_row ? 1 : p->kernel_h,
                              .row_bytes = one_row ? taps : p->kernel_w * p->in_c,
                              .per_channel = p->per_channel != 0,
                              .rounding = p->rounding};
    p->weight = pack(&packing, lp_pack_groups);
    p->bias = variants_are_packed ? NULL : bias;
    p->out = device_found();
    (void)variant(p);
    device_compare(out_bytes);
    struct lp_slide slide = {p->batches, p->in_h,     p->in_w,     p->out_h,   p->out_w,    p->in_c,
                             p->out_c,   p->stride_h, p->stride_w, p->pad_top, p->pad_left, 2};
    if (variants_are_packed && p->kernel_h == 1 && p->kernel_w == 1 && p->out_h == p->in_h && p->out_w == p->in_w &&
        p->stride_h == 1 && p->stride_w == 1) {
        slide.in_w = slide.out_w = p->batches * p->in_h * p->in_w;
        slide.batches = slide.in_h = slide.out_h = 1;
    }
    p->in = slide_input(in, in_bytes, out_bytes, &slide, p->out);
    if (p->in != NULL) {
        (void)variant(p);
        device_compare_output(out_bytes);
    }
    return true;
}

bool device_conv(void)
{
    struct lp_conv2d_s8 p = random_conv();
    const int32_t most_shift = choose_most_shift(p.rounding);
    return run_conv(&p, most_shift, variant_conv(&p));
}

bool device_conv_1x1(void)
{
    struct lp_conv2d_s8 p = random_conv();
    p.kernel_h = p.kernel_w = 1;
    p.pad_top = p.pad_left = 0;
    if (device_between(0, 1))
        p.stride_h = p.stride_w = 1;
    p.out_h = (p.in_h - 1) / p.stride_h + 1;
    p.out_w = (p.in_w - 1) / p.stride_w + 1;
    const int32_t most_shift = choose_most_shift(p.rounding);
    return run_conv(&p, most_shift, variant_conv_1x1(&p));
}

bool device_depthwise(void)
{
    struct lp_conv2d_s8 c = random_conv();
    struct lp_depthwise_conv2d_s8 p = {
        .batches = c.batches,
        .in_h = c.in_h,
        .in_w = c.in_w,
        .in_c = device_between(0, 1) ? device_between(1, 20) : device_between(1, 70),
        .kernel_h = c.kernel_h,
        .kernel_w = c.kernel_w,
        .stride_h = c.stride_h,
        .stride_w = c.stride_w,
        .dilation_h = c.dilation_h,
        .dilation_w = c.dilation_w,
        .depth_multiplier = 1,
        .out_offset = c.out_offset,
        .pad_value = c.pad_value,
        .act_min = c.act_min,
        .act_max = c.act_max,
        .per_channel = 1,
        .rounding = c.rounding,
    };
    if (device_between(0, 1))
        p.kernel_h = p.kernel_w = 3;
    if (device_between(0, 2) == 0)
        p.in_c = 8;
    if (device_between(0, 9) == 0)
        p.in_c = device_between(LP_PAD_CHANNELS, CHANNELS); /* more than there is padding for at once */
    else if (variants_are_packed && device_between(0, 3) == 0)
        p.depth_multiplier = device_between(2, 8);
    const int32_t taps = p.kernel_h * p.kernel_w;
    random_dimension(p.in_h, (p.kernel_h - 1) * p.dilation_h + 1, p.stride_h, &p.pad_top, &p.out_h);
    random_dimension(p.in_w, (p.kernel_w - 1) * p.dilation_w + 1, p.stride_w, &p.pad_left, &p.out_w);
    p.out_c = p.in_c * p.depth_multiplier;
    uint32_t in_bytes = (uint32_t)(p.batches * p.in_h * p.in_w * p.in_c);
    uint32_t out_bytes = (uint32_t)(p.batches * p.out_h * p.out_w * p.out_c);
    int8_t *in = device_input(in_bytes);
    if (in == NULL || out_bytes > DEVICE_OUTPUT_BYTES || taps > LP_MAX_TAPS)
        return false;
    make_constants(p.out_c, taps, true, choose_most_shift(p.rounding));
    device_fill(in, in_bytes, device_between(0, 2));
    p.in = in;
    p.weight = weights;
    p.bias = bias;
    p.multiplier = multiplier;
    p.shift = shift;
    p.out = device_expected();
    (void)lp_depthwise_conv2d_s8__reference(&p);
    struct lp_pack packing = {.channels = p.out_c,
                              .channel_stride = 1,
                              .tap_stride = p.out_c,
                              .taps = taps,
                              .repeat = lp_depthwise_s8_repeat(&p),
                              .per_channel = true,
                              .rounding = p.rounding};
    p.weight = pack(&packing, lp_pack_blocks);
    p.bias = variants_are_packed ? NULL : bias;
    p.out = device_found();
    lp_kernel *variant = variant_depthwise(&p);
    (void)variant(&p);
    device_compare(out_bytes);
    const struct lp_slide slide = {p.batches, p.in_h,     p.in_w,     p.out_h,   p.out_w,    p.in_c,
                                   p.out_c,   p.stride_h, p.stride_w, p.pad_top, p.pad_left, 1};
    p.in = slide_input(in, in_bytes, out_bytes, &slide, p.out);
    if (p.in != NULL) {
        (void)variant(&p);
        device_compare_output(out_bytes);
    }
    return true;
}
