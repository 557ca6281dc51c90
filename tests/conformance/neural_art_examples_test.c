/* The worked examples of the machine's description, on random tensors: each epoch as it stands there, against the operator
 * computed on whole tensors in their canonical layout. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/neural_art_session.h"

enum {
    RAM = 0x34000000,
    FLASH = 0x70000000,
    OUT = 0x20000,
    OTHER = 0x30000,
    POOL_BYTES = 0x40000,
    SCALES = 0x10000,
    BIASES = 0x11000
};

/* A convolution on whole tensors. Depthwise: one input channel an output channel. */
struct layer {
    int width, height, in, out, kernel, stride, left, top, right, bottom, shift, scale_shift;
    bool is_depthwise, is_unsigned;
    int zero;
    const uint8_t *input;
    int8_t weights[64 * 128 * 9];
    int16_t scales[64];
    int32_t biases[64];
};

static uint8_t ram[POOL_BYTES], flash[POOL_BYTES];
static uint32_t seed = 7;

static int random_byte(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (int)(seed >> 24);
}

static int64_t rounded(int64_t v, int shift)
{
    int64_t half = shift > 0 ? INT64_C(1) << (shift - 1) : 0, by = INT64_C(1) << shift;
    return v < 0 ? -((-v + half) / by) : (v + half) / by;
}

static int64_t limited(int64_t v, int64_t high)
{
    return v > high ? high : v < -high - 1 ? -high - 1 : v;
}

static int out_width(const struct layer *l)
{
    return (l->width + l->left + l->right - l->kernel) / l->stride + 1;
}

static int out_height(const struct layer *l)
{
    return (l->height + l->top + l->bottom - l->kernel) / l->stride + 1;
}

static int8_t weight(const struct layer *l, int o, int j, int i, int c)
{
    return l->weights[((o * l->kernel + j) * l->kernel + i) * (l->is_depthwise ? 1 : l->in) + c];
}

/* int8 value of output channel o at (y, x). */
static int convolved(const struct layer *l, int y, int x, int o)
{
    int64_t sum = 0;
    for (int j = 0; j < l->kernel; j++)
        for (int i = 0; i < l->kernel; i++)
            for (int c = 0; c < (l->is_depthwise ? 1 : l->in); c++) {
                int line = y * l->stride + j - l->top, column = x * l->stride + i - l->left;
                if (line < 0 || line >= l->height || column < 0 || column >= l->width)
                    continue;
                uint8_t byte = l->input[(line * l->width + column) * l->in + (l->is_depthwise ? o : c)];
                sum += ((l->is_unsigned ? byte : (int8_t)byte) - l->zero) * weight(l, o, j, i, c);
            }
    int64_t sum16 = limited(rounded(sum, l->shift), 32767);
    return (int)limited(rounded(l->scales[o] * sum16 + l->biases[o], l->scale_shift), 127);
}

static void fill(struct layer *l)
{
    for (size_t i = 0; i < POOL_BYTES; i++)
        ram[i] = (uint8_t)random_byte();
    memset(flash, 0, sizeof flash);
    for (size_t i = 0; i < sizeof l->weights; i++)
        l->weights[i] = (int8_t)random_byte();
    for (int o = 0; o < 64; o++) {
        l->scales[o] = (int16_t)(100 + random_byte() * 50);
        l->biases[o] = (random_byte() - 128) * 3000;
    }
    memcpy(flash + SCALES, l->scales, sizeof l->scales);
    memcpy(flash + BIASES, l->biases, sizeof l->biases);
    l->input = ram;
}

/* ---- epochs ---- */

struct example {
    struct lp_npu_streng streng[6];
    struct lp_npu_convacc convacc[2];
    struct lp_npu_arith arith[2];
    struct lp_npu_pool pool[1];
    struct lp_npu_route routes[10];
    struct lp_npu_epoch epoch;
};

static void begin(struct example *e)
{
    memset(e, 0, sizeof *e);
    e->epoch = (struct lp_npu_epoch){
        .id = 2, .streng = e->streng, .convacc = e->convacc, .arith = e->arith, .pool = e->pool, .routes = e->routes};
}

static struct lp_npu_streng *engine(struct example *e, uint32_t base, uint32_t offset, int bits, uint32_t frames)
{
    uint32_t n = e->epoch.unit_count[LP_NPU_STRENG]++;
    e->streng[n] = (struct lp_npu_streng){.unit = (int32_t)n,
                                          .addr_base = base,
                                          .offset_start = offset,
                                          .nbits_in = bits,
                                          .nbits_out = bits,
                                          .frame_tot_cnt = frames};
    return &e->streng[n];
}

static void set_raster(struct lp_npu_streng *s, int width, int height, int depth, int pixel)
{
    s->fwidth = (uint32_t)width;
    s->fheight = (uint32_t)height;
    s->batch_depth = (uint32_t)depth;
    s->batch_offset = (uint32_t)pixel;
}

static void set_raw(struct lp_npu_streng *s, uint32_t length)
{
    s->raw = 1;
    s->offset_end = s->offset_start + length;
}

static void link_units(struct example *e, int from, int from_index, int to, int to_index, int port)
{
    e->routes[e->epoch.route_count++] = (struct lp_npu_route){
        .destination = {to, to_index, port}, .contexts = {{1, 0, {from, from_index, 0}}}, .context_count = 1};
}

static struct lp_npu_convacc *convolution(struct example *e, const struct layer *l, int depth, int kernels)
{
    uint32_t n = e->epoch.unit_count[LP_NPU_CONVACC]++;
    e->convacc[n] = (struct lp_npu_convacc){.unit = (int32_t)n,
                                            .simd = 1,
                                            .inbytes_f = 1,
                                            .f_unsigned = l->is_unsigned,
                                            .kernelWidth = l->kernel,
                                            .kernelHeight = l->kernel,
                                            .fWidth = l->width,
                                            .fHeight = l->height,
                                            .right_crop = l->width - 1,
                                            .bot_crop = l->height - 1,
                                            .nKernels = kernels,
                                            .batchDepth = depth,
                                            .hstride = l->stride,
                                            .vstride = l->stride,
                                            .left_padding = l->left,
                                            .right_padding = l->right,
                                            .top_padding = l->top,
                                            .bot_padding = l->bottom,
                                            .shift_a = l->shift,
                                            .shift_o = l->shift,
                                            .rounding_o = 1,
                                            .saturation_o = 1,
                                            .round_mode_o = 1,
                                            .outbytes_o = 2};
    return &e->convacc[n];
}

static void off_bias(struct example *e, const struct layer *l, int depth)
{
    e->arith[e->epoch.unit_count[LP_NPU_ARITH]++] = (struct lp_npu_arith){.operation = LP_NPU_ARITH_AFFINE,
                                                                          .bcast = LP_NPU_BCAST_CHAN,
                                                                          .combinebc = 1,
                                                                          .A_vector = FLASH + SCALES,
                                                                          .C_vector = FLASH + BIASES,
                                                                          .vec_precision = {16, 16, 32},
                                                                          .fWidth = out_width(l),
                                                                          .fHeight = out_height(l),
                                                                          .fChannels = l->out,
                                                                          .batchDepth = depth,
                                                                          .inbytes_x = 2,
                                                                          .outbytes_x = 2,
                                                                          .outbytes_o = 1,
                                                                          .shift_o = l->scale_shift,
                                                                          .rounding_o = 1,
                                                                          .saturation_o = 1,
                                                                          .round_mode_o = 1};
}

/* int8 to value + 128, behind unit `from`. */
static void suboff(struct example *e)
{
    e->arith[e->epoch.unit_count[LP_NPU_ARITH]++] = (struct lp_npu_arith){.unit = 1,
                                                                          .operation = LP_NPU_ARITH_AFFINE,
                                                                          .scalar = 1,
                                                                          .combinebc = 1,
                                                                          .A_scalar = 16384,
                                                                          .B_scalar = 32,
                                                                          .shift_o = 14,
                                                                          .inbytes_x = 1,
                                                                          .outbytes_x = 1,
                                                                          .outbytes_o = 1,
                                                                          .round_mode_o = 1};
}

static struct lp_npu_streng *output(struct example *e, const struct layer *l, int depth)
{
    struct lp_npu_streng *s = engine(e, RAM, OUT, 8, (uint32_t)(l->out / depth));
    s->dir = 1;
    set_raster(s, out_width(l), out_height(l), depth, l->out);
    s->frame_offset = (uint32_t)depth;
    s->frame_loop_cnt = (uint32_t)(l->out / depth);
    e->epoch.wait_mask = 1u << s->unit;
    return s;
}

static void run(struct example *e, struct na_session *s)
{
    static struct lp_npu_pool_memory pools[] = {{"ram", RAM, POOL_BYTES, false, true, false},
                                                {"flash", FLASH, POOL_BYTES, false, false, false}};
    static struct lp_npu_image images[] = {
        {.pool = "ram", .base = RAM, .size_bytes = POOL_BYTES, .file = "ram.bin", .bytes = ram},
        {.pool = "flash", .base = FLASH, .size_bytes = POOL_BYTES, .file = "flash.bin", .bytes = flash}};
    struct lp_npu_program program = {.name = "example",
                                     .pools = pools,
                                     .pool_count = 2,
                                     .images = images,
                                     .image_count = 2,
                                     .epochs = &e->epoch,
                                     .epoch_count = 1};
    memset(s, 0, sizeof *s);
    na_open_program(s, &program);
    if (lp_sim_run(&s->arena, &program, &s->ram.memory, &s->options, &s->report) != LP_OK) {
        na_print_findings(s);
        fail_msg("the example does not run");
    }
}

/* Every value of the canonical output tensor, `added` more than the layer gives. */
static void output_is_that_of_the_layer(struct example *e, const struct layer *l, int added)
{
    struct na_session s;
    run(e, &s);
    for (int y = 0; y < out_height(l); y++)
        for (int x = 0; x < out_width(l); x++)
            for (int o = 0; o < l->out; o++) {
                uint8_t found;
                uint32_t at = (uint32_t)((y * out_width(l) + x) * l->out + o);
                assert_int_equal(lp_sim_ram_get(&s.ram, RAM + OUT + at, &found, 1), LP_OK);
                if (found != (uint8_t)(convolved(l, y, x, o) + added))
                    fail_msg("(%d, %d), channel %d: %d, expected %d", y, x, o, found, (uint8_t)(convolved(l, y, x, o) + added));
            }
    na_close(&s);
}

static struct layer layer;

static void e1_three_by_three_with_zero_point(void **state)
{
    (void)state;
    layer = (struct layer){.width = 50,
                           .height = 20,
                           .in = 2,
                           .out = 16,
                           .kernel = 3,
                           .stride = 1,
                           .left = 1,
                           .right = 1,
                           .top = 1,
                           .bottom = 1,
                           .shift = 3,
                           .scale_shift = 16,
                           .zero = -127};
    struct example e;
    fill(&layer);
    memcpy(flash, layer.weights, 16 * 9 * 2);
    begin(&e);
    struct lp_npu_streng *features = engine(&e, RAM, 0, 8, 4), *kernels = engine(&e, FLASH, 0, 8, 1);
    set_raw(features, 2000);
    features->align_right = kernels->align_right = 1;
    features->nbits_out = 16;
    features->frame_offset = 2000;
    features->frame_loop_cnt = 1;
    set_raw(kernels, 288);
    kernels->continuous = 1;
    struct lp_npu_convacc *c = convolution(&e, &layer, 2, 4);
    c->simd = c->inbytes_f = 2;
    c->fsub = -127;
    off_bias(&e, &layer, 4);
    suboff(&e);
    output(&e, &layer, 4)->nbits_unsigned = 1;
    link_units(&e, LP_NPU_STRENG, 0, LP_NPU_CONVACC, 0, 0);
    link_units(&e, LP_NPU_STRENG, 1, LP_NPU_CONVACC, 0, 1);
    link_units(&e, LP_NPU_CONVACC, 0, LP_NPU_ARITH, 0, 0);
    link_units(&e, LP_NPU_ARITH, 0, LP_NPU_ARITH, 1, 0);
    link_units(&e, LP_NPU_ARITH, 1, LP_NPU_STRENG, 2, 0);
    output_is_that_of_the_layer(&e, &layer, 128);
}

static void link_plain(struct example *e)
{
    link_units(e, LP_NPU_STRENG, 0, LP_NPU_CONVACC, 0, 0);
    link_units(e, LP_NPU_STRENG, 1, LP_NPU_CONVACC, 0, 1);
    link_units(e, LP_NPU_CONVACC, 0, LP_NPU_ARITH, 0, 0);
    link_units(e, LP_NPU_ARITH, 0, LP_NPU_STRENG, 2, 0);
}

static void e2_depthwise_stride_two_in_pairs(void **state)
{
    (void)state;
    layer = (struct layer){.width = 50,
                           .height = 20,
                           .in = 32,
                           .out = 32,
                           .kernel = 3,
                           .stride = 2,
                           .left = 1,
                           .top = 1,
                           .shift = 2,
                           .scale_shift = 17,
                           .is_depthwise = true,
                           .is_unsigned = true};
    struct example e;
    fill(&layer);
    for (int o = 0; o < 32; o++) /* block diagonal: a kernel sees only its own of two channels */
        for (int tap = 0; tap < 9; tap++)
            flash[(o * 9 + tap) * 2 + o % 2] = (uint8_t)layer.weights[o * 9 + tap];
    begin(&e);
    struct lp_npu_streng *features = engine(&e, RAM, 0, 16, 16);
    set_raster(features, 50, 20, 1, 32);
    features->raw_out = 1;
    features->loop_offset = 2;
    features->frame_loop_cnt = 1;
    struct lp_npu_streng *kernels = engine(&e, FLASH, 0, 8, 1);
    set_raw(kernels, 576);
    kernels->continuous = 1;
    convolution(&e, &layer, 2, 2)->dss2mode = 1;
    off_bias(&e, &layer, 2);
    output(&e, &layer, 2);
    link_plain(&e);
    output_is_that_of_the_layer(&e, &layer, 0);
}

static void e3_depthwise_channel_by_channel(void **state)
{
    (void)state;
    layer = (struct layer){.width = 25,
                           .height = 10,
                           .in = 64,
                           .out = 64,
                           .kernel = 3,
                           .stride = 1,
                           .left = 1,
                           .right = 1,
                           .top = 1,
                           .bottom = 1,
                           .shift = 2,
                           .scale_shift = 17,
                           .is_depthwise = true,
                           .is_unsigned = true};
    struct example e;
    fill(&layer);
    memcpy(flash, layer.weights, 576);
    begin(&e);
    struct lp_npu_streng *features = engine(&e, RAM, 0, 8, 64);
    set_raster(features, 25, 10, 1, 64);
    features->loop_offset = 1;
    features->frame_loop_cnt = 1;
    struct lp_npu_streng *kernels = engine(&e, FLASH, 0, 8, 1);
    set_raw(kernels, 576);
    kernels->continuous = 1;
    convolution(&e, &layer, 1, 1);
    off_bias(&e, &layer, 1);
    output(&e, &layer, 1);
    link_plain(&e);
    output_is_that_of_the_layer(&e, &layer, 0);
}

static void e4_pipe_of_two(void **state)
{
    (void)state;
    layer = (struct layer){.width = 25,
                           .height = 10,
                           .in = 32,
                           .out = 32,
                           .kernel = 1,
                           .stride = 1,
                           .shift = 3,
                           .scale_shift = 19,
                           .is_unsigned = true};
    struct example e;
    fill(&layer);
    for (int i = 0; i < 1024; i++) /* [group][slice][kernel][channel] */
        flash[i] = (uint8_t)layer.weights[(i / 512 * 16 + i / 16 % 16) * 32 + i / 256 % 2 * 16 + i % 16];
    begin(&e);
    for (uint32_t slice = 0; slice < 2; slice++) {
        struct lp_npu_streng *features = engine(&e, RAM, 16 * slice, 8, 2);
        set_raster(features, 25, 10, 16, 32);
        features->frame_loop_cnt = 1;
    }
    struct lp_npu_streng *kernels = engine(&e, FLASH, 0, 8, 1);
    set_raw(kernels, 1024);
    kernels->continuous = 1;
    struct lp_npu_convacc *a = convolution(&e, &layer, 16, 16), *b = convolution(&e, &layer, 16, 16);
    a->kfilt_tot = b->kfilt_tot = 32;
    a->kfilt_last = 15;
    b->kfilt_first = 16;
    b->kfilt_last = 31;
    a->outbytes_o = 3;
    a->raw_o = 1;
    a->shift_o = b->shift_a = 0;
    b->accumulate = b->accumulate_first = 1;
    off_bias(&e, &layer, 16);
    output(&e, &layer, 16);
    link_units(&e, LP_NPU_STRENG, 0, LP_NPU_CONVACC, 0, 0);
    link_units(&e, LP_NPU_STRENG, 1, LP_NPU_CONVACC, 1, 0);
    link_units(&e, LP_NPU_STRENG, 2, LP_NPU_CONVACC, 0, 1);
    link_units(&e, LP_NPU_STRENG, 2, LP_NPU_CONVACC, 1, 1);
    link_units(&e, LP_NPU_CONVACC, 0, LP_NPU_CONVACC, 1, 2);
    link_units(&e, LP_NPU_CONVACC, 1, LP_NPU_ARITH, 0, 0);
    link_units(&e, LP_NPU_ARITH, 0, LP_NPU_STRENG, 3, 0);
    output_is_that_of_the_layer(&e, &layer, 0);
}

static void e5_deep_convolution_and_addition(void **state)
{
    (void)state;
    enum { PIXELS = 65, BLOCK = 2049 };
    layer = (struct layer){.width = 13,
                           .height = 5,
                           .in = 128,
                           .out = 64,
                           .kernel = 1,
                           .stride = 1,
                           .shift = 4,
                           .scale_shift = 18,
                           .is_unsigned = true};
    struct example e;
    struct na_session s;
    fill(&layer);
    for (int i = 0; i < 64 * 128; i++) { /* [group][run of eight][channel][kernel of the run], groups padded to three bytes */
        int o = i / 128, c = i % 128;
        flash[o / 16 * BLOCK + o % 16 / 8 * 1024 + c * 8 + o % 8] = (uint8_t)layer.weights[i];
    }
    begin(&e);
    struct lp_npu_streng *features = engine(&e, RAM, 0, 24, 4), *kernels = engine(&e, FLASH, 0, 24, 4),
                         *other = engine(&e, RAM, OTHER, 8, 4);
    set_raw(features, 8322);
    features->raw_out = 1;
    features->loop_offset = 8320;
    features->frame_loop_cnt = 4;
    set_raw(kernels, BLOCK);
    kernels->continuous = 1;
    set_raw(other, 1040);
    other->frame_offset = 1040;
    struct lp_npu_convacc *c = convolution(&e, &layer, 128, 16);
    c->deepmode = 1;
    c->kseten = c->inbytes_f = 3;
    off_bias(&e, &layer, 16);
    e.arith[e.epoch.unit_count[LP_NPU_ARITH]++] = (struct lp_npu_arith){.unit = 1,
                                                                        .operation = LP_NPU_ARITH_AFFINE,
                                                                        .scalar = 1,
                                                                        .dualinput = 1,
                                                                        .A_scalar = 31690,
                                                                        .B_scalar = 16384,
                                                                        .C_scalar = 2772,
                                                                        .Ax_shift = 1,
                                                                        .C_shift = 3,
                                                                        .shift_o = 14,
                                                                        .inbytes_x = 1,
                                                                        .outbytes_x = 1,
                                                                        .inbytes_y = 1,
                                                                        .outbytes_y = 1,
                                                                        .outbytes_o = 1,
                                                                        .rounding_o = 1,
                                                                        .saturation_o = 1,
                                                                        .round_mode_o = 1};
    struct lp_npu_streng *out = engine(&e, RAM, OUT, 8, 4);
    out->dir = 1;
    set_raw(out, 1040);
    out->frame_offset = 1040;
    e.epoch.wait_mask = 8;
    link_units(&e, LP_NPU_STRENG, 0, LP_NPU_CONVACC, 0, 0);
    link_units(&e, LP_NPU_STRENG, 1, LP_NPU_CONVACC, 0, 1);
    link_units(&e, LP_NPU_CONVACC, 0, LP_NPU_ARITH, 0, 0);
    link_units(&e, LP_NPU_ARITH, 0, LP_NPU_ARITH, 1, 1);
    link_units(&e, LP_NPU_STRENG, 2, LP_NPU_ARITH, 1, 0);
    link_units(&e, LP_NPU_ARITH, 1, LP_NPU_STRENG, 3, 0);
    run(&e, &s);
    for (int i = 0; i < 64 * PIXELS; i++) { /* blocks of 16 channels */
        int group = i / (16 * PIXELS), pixel = i / 16 % PIXELS, x = (int8_t)ram[OTHER + i];
        int y = convolved(&layer, pixel / 13, pixel % 13, group * 16 + i % 16);
        int64_t product = 31690 * x, half = product >= 0 ? product / 2 : -((-product + 1) / 2);
        int8_t found;
        assert_int_equal(lp_sim_ram_get(&s.ram, RAM + OUT + (uint32_t)i, &found, 1), LP_OK);
        assert_int_equal(found, limited(rounded(half + 16384 * y + 2772 * 8, 14), 127));
    }
    na_close(&s);
}

static void e6_global_average_and_requantization(void **state)
{
    (void)state;
    struct example e;
    struct na_session s;
    fill(&layer);
    begin(&e);
    struct lp_npu_streng *in = engine(&e, RAM, 0, 8, 8), *out = engine(&e, RAM, OUT, 8, 8);
    set_raster(in, 7, 3, 8, 64);
    in->frame_offset = 8;
    in->frame_loop_cnt = 8;
    out->dir = 1;
    set_raw(out, 8);
    out->frame_offset = 8;
    e.epoch.wait_mask = 2;
    e.epoch.unit_count[LP_NPU_POOL] = e.epoch.unit_count[LP_NPU_ARITH] = 1;
    e.pool[0] = (struct lp_npu_pool){.operation = LP_NPU_POOL_GAVG,
                                     .inputX = 7,
                                     .inputY = 3,
                                     .outputX = 8,
                                     .outputY = 4,
                                     .strideX = 1,
                                     .strideY = 1,
                                     .rightCrop = 6,
                                     .bottomCrop = 2,
                                     .batchSize = 8,
                                     .dualLine = 1,
                                     .inbytes_f = 1,
                                     .outbytes_f = 1,
                                     .outbytes_o = 2,
                                     .mulval = 24966,
                                     .shift_o = 11,
                                     .rounding_o = 1,
                                     .saturation_o = 1,
                                     .round_mode_o = 1};
    e.arith[0] = (struct lp_npu_arith){.operation = LP_NPU_ARITH_AFFINE,
                                       .scalar = 1,
                                       .combinebc = 1,
                                       .A_scalar = 25338,
                                       .C_scalar = 1524,
                                       .Ax_shift = 8,
                                       .shift_o = 14,
                                       .inbytes_x = 2,
                                       .outbytes_x = 2,
                                       .outbytes_o = 1,
                                       .rounding_o = 1,
                                       .saturation_o = 1,
                                       .round_mode_o = 1};
    link_units(&e, LP_NPU_STRENG, 0, LP_NPU_POOL, 0, 0);
    link_units(&e, LP_NPU_POOL, 0, LP_NPU_ARITH, 0, 0);
    link_units(&e, LP_NPU_ARITH, 0, LP_NPU_STRENG, 1, 0);
    run(&e, &s);
    for (uint32_t channel = 0; channel < 64; channel++) {
        int64_t sum = 0;
        int8_t found;
        for (uint32_t pixel = 0; pixel < 21; pixel++)
            sum += (int8_t)ram[pixel * 64 + channel];
        int64_t scaled = 25338 * limited(rounded(sum * 24966, 11), 32767);
        int64_t shifted = scaled >= 0 ? scaled / 256 : -((-scaled + 255) / 256);
        assert_int_equal(lp_sim_ram_get(&s.ram, RAM + OUT + channel, &found, 1), LP_OK);
        assert_int_equal(found, limited(rounded(shifted + 1524, 14), 127));
    }
    na_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(e1_three_by_three_with_zero_point), cmocka_unit_test(e2_depthwise_stride_two_in_pairs),
        cmocka_unit_test(e3_depthwise_channel_by_channel),   cmocka_unit_test(e4_pipe_of_two),
        cmocka_unit_test(e5_deep_convolution_and_addition),  cmocka_unit_test(e6_global_average_and_requantization),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
