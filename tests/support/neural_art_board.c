#include "tests/support/neural_art_board.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

enum { RAM_BASE = 0x342e0000, FLASH_BASE = 0x70380000, POOL_BYTES = 0x70000, IN_CHANNELS = 3, OUTPUT_OFFSET = 0x60000 };
enum { FLASH_SCALES = 0x4000, FLASH_BIASES = 0x5000, FLASH_BYTES = 0x6000 };

/* One layer of model.json, and what the epoch needs of the layers behind it. */
struct model {
    bool is_depthwise, has_max_pool;
    int32_t kernel, channels_out, group; /* group: kernels of one frame */
    int32_t width, height, zero_in, zero_out;
    double scale_in, scale_out;
    const int8_t *weights;
    const float *weight_scales;
    const int32_t *biases;
    int32_t mean_width, mean_height, mean_zero_in, mean_zero_out;
    double mean_scale_in, mean_scale_out;
};

static double number_at(const json_t *object, const char *key)
{
    return json_number_value(json_array_get(json_object_get(object, key), 0));
}

static const void *layer_file(struct na_session *s, const char *folder, const json_t *file)
{
    size_t size;
    return na_file(s, folder, json_string_value(json_object_get(file, "file")), &size);
}

static int32_t dimension(const json_t *tensor, size_t i)
{
    return (int32_t)json_integer_value(json_array_get(json_object_get(tensor, "shape"), i));
}

static void read_model(struct na_session *s, const char *folder, struct model *m)
{
    const char *path = lp_arena_printf(&s->arena, "%s/model.json", folder);
    json_t *json = json_load_file(path, 0, NULL);
    assert_non_null(json);
    const json_t *layers = json_object_get(json, "layers");
    const json_t *first = json_array_get(layers, 0), *last = json_array_get(layers, json_array_size(layers) - 1);
    const json_t *in = json_object_get(first, "input"), *out = json_object_get(first, "output");
    const json_t *weights = json_object_get(first, "weights");
    const json_t *mean_in = json_object_get(last, "input"), *mean_out = json_object_get(last, "output");
    m->is_depthwise = strcmp(json_string_value(json_object_get(first, "op")), "DEPTHWISE_CONV_2D") == 0;
    m->has_max_pool = json_array_size(layers) == 3;
    m->kernel = dimension(weights, 1);
    m->height = dimension(in, 1);
    m->width = dimension(in, 2);
    m->channels_out = dimension(out, 3);
    m->scale_in = number_at(in, "scale");
    m->zero_in = (int32_t)number_at(in, "zero_point");
    m->scale_out = number_at(out, "scale");
    m->zero_out = (int32_t)number_at(out, "zero_point");
    m->weights = layer_file(s, folder, json_object_get(weights, "file"));
    m->weight_scales = layer_file(s, folder, json_object_get(weights, "scale_file"));
    m->biases = layer_file(s, folder, json_object_get(json_object_get(first, "bias"), "file"));
    m->mean_height = dimension(mean_in, 1);
    m->mean_width = dimension(mean_in, 2);
    m->mean_scale_in = number_at(mean_in, "scale");
    m->mean_zero_in = (int32_t)number_at(mean_in, "zero_point");
    m->mean_scale_out = number_at(mean_out, "scale");
    m->mean_zero_out = (int32_t)number_at(mean_out, "zero_point");
    assert_int_equal(dimension(in, 3), IN_CHANNELS);
    m->group = m->is_depthwise ? 1 : m->zero_in == 0 ? 8 : 4;
    json_decref(json);
}

/* ---- constants ---- */

static int8_t weight_of(const struct model *m, int32_t out, int32_t tap, int32_t channel)
{
    int32_t taps = m->kernel * m->kernel;
    return m->is_depthwise ? m->weights[tap * m->channels_out + out] : m->weights[(out * taps + tap) * IN_CHANNELS + channel];
}

/* Right shift of the accumulator: from the largest net weight sum of an output channel. */
static int32_t accumulator_shift(const struct model *m)
{
    int32_t most = 0, shift = 0;
    for (int32_t o = 0; o < m->channels_out; o++) {
        int32_t sum = 0;
        for (int32_t t = 0; t < m->kernel * m->kernel; t++)
            for (int32_t i = 0; i < (m->is_depthwise ? 1 : IN_CHANNELS); i++)
                sum += weight_of(m, o, t, i);
        most = abs(sum) > most ? abs(sum) : most;
    }
    while (256 * most >> shift > 32767)
        shift++;
    return shift;
}

struct constants {
    int32_t shift, scale_shift, bias_a;
    int16_t scales[64];
    int32_t biases[64];
};

static void two_stage_constants(const struct model *m, struct constants *c)
{
    double largest = 0;
    for (int32_t o = 0; o < m->channels_out; o++)
        largest = fmax(largest, m->scale_in * (double)m->weight_scales[o]);
    int32_t vector_bits = (int32_t)floor(log2(32767.5 / largest));
    int32_t out_bits = 15 - ((int32_t)ceil(log2(256 * m->scale_out)) + 1);
    c->shift = accumulator_shift(m);
    c->scale_shift = vector_bits - c->shift - out_bits;
    c->bias_a = (int32_t)rint(ldexp(1, 20 - out_bits) / m->scale_out);
    for (int32_t o = 0; o < m->channels_out; o++) {
        double s = m->scale_in * (double)m->weight_scales[o];
        c->scales[o] = (int16_t)rint(ldexp(s, vector_bits));
        c->biases[o] = (int32_t)rint(ldexp(m->biases[o] * s / m->scale_out + m->zero_out, 20));
    }
}

/* ---- units ---- */

static struct lp_npu_streng reader(int32_t unit, uint32_t base, uint32_t offset, uint32_t length)
{
    return (struct lp_npu_streng){.unit = unit,
                                  .raw = 1,
                                  .align_right = 1,
                                  .nbits_in = 8,
                                  .nbits_out = 8,
                                  .addr_base = base,
                                  .offset_start = offset,
                                  .offset_end = offset + length,
                                  .offset_limit = offset + length + 64,
                                  .frame_tot_cnt = 1};
}

static void make_engines(const struct model *m, struct lp_npu_streng *e)
{
    uint32_t groups = (uint32_t)(m->channels_out / m->group), area = (uint32_t)(m->width * m->height);
    uint32_t taps = (uint32_t)(m->kernel * m->kernel * (m->is_depthwise ? 1 : IN_CHANNELS));
    e[0] = reader(0, RAM_BASE, 0, area * IN_CHANNELS);
    e[0].nbits_out = m->zero_in == 0 ? 8 : 16;
    e[0].frame_loop_cnt = 1;
    e[0].frame_tot_cnt = groups;
    if (m->is_depthwise) {
        e[0].raw = 0;
        e[0].offset_end = 0;
        e[0].fwidth = (uint32_t)m->width;
        e[0].fheight = (uint32_t)m->height;
        e[0].batch_depth = 1;
        e[0].batch_offset = IN_CHANNELS;
        e[0].loop_offset = 1;
    }
    e[1] = reader(1, FLASH_BASE, 0, taps * (uint32_t)m->channels_out);
    e[1].continuous = 1;
    e[2] = reader(5, RAM_BASE, OUTPUT_OFFSET, (uint32_t)m->group);
    e[2].dir = 1;
    e[2].align_right = 0;
    e[2].offset_limit = OUTPUT_OFFSET + (uint32_t)m->channels_out + 64;
    e[2].frame_offset = (uint32_t)m->group;
    e[2].frame_tot_cnt = groups;
}

static void make_convolution(const struct model *m, const struct constants *k, struct lp_npu_convacc *c)
{
    int32_t pad = m->kernel / 2;
    *c = (struct lp_npu_convacc){.simd = m->zero_in == 0 ? 1 : 2,
                                 .inbytes_f = m->zero_in == 0 ? 1 : 2,
                                 .fsub = m->zero_in,
                                 .shift_a = k->shift,
                                 .shift_o = k->shift,
                                 .rounding_o = 1,
                                 .saturation_o = 1,
                                 .round_mode_o = 1,
                                 .outbytes_o = 2,
                                 .fWidth = m->width,
                                 .fHeight = m->height,
                                 .kernelWidth = m->kernel,
                                 .kernelHeight = m->kernel,
                                 .nKernels = m->group,
                                 .batchDepth = m->is_depthwise ? 1 : IN_CHANNELS,
                                 .hstride = 1,
                                 .vstride = 1,
                                 .left_padding = pad,
                                 .right_padding = pad,
                                 .top_padding = pad,
                                 .bot_padding = pad,
                                 .right_crop = m->width - 1,
                                 .bot_crop = m->height - 1};
}

static struct lp_npu_arith affine(const struct model *m, int32_t unit, int32_t in_bytes, int32_t out_bytes, int32_t shift)
{
    return (struct lp_npu_arith){.unit = unit,
                                 .operation = LP_NPU_ARITH_AFFINE,
                                 .bcast = LP_NPU_BCAST_CHAN,
                                 .inbytes_x = in_bytes,
                                 .outbytes_x = in_bytes,
                                 .inbytes_y = in_bytes,
                                 .outbytes_y = in_bytes,
                                 .rounding_o = 1,
                                 .saturation_o = 1,
                                 .round_mode_o = 1,
                                 .outbytes_o = out_bytes,
                                 .shift_o = shift,
                                 .fWidth = m->width,
                                 .fHeight = m->height,
                                 .fChannels = m->channels_out,
                                 .batchDepth = m->group};
}

static void make_ariths(const struct model *m, const struct constants *k, struct lp_npu_arith *a)
{
    double ratio = m->mean_scale_in / m->mean_scale_out;
    int32_t shift = (int32_t)floor(log2(32767.5 / (ratio / 256)));
    int32_t bias = (int32_t)rint(ldexp(m->mean_zero_out - m->mean_zero_in * ratio, shift));
    a[0] = affine(m, 0, 2, 2, k->scale_shift);
    a[0].A_vector = FLASH_BASE + FLASH_SCALES;
    a[0].vec_precision[0] = 16;
    a[1] = affine(m, 1, 2, 1, 20);
    a[1].A_scalar = k->bias_a;
    a[1].C_vector = FLASH_BASE + FLASH_BIASES;
    a[1].vec_precision[2] = 32;
    a[1].combinebc = 1;
    a[2] = affine(m, 2, 2, 1, shift);
    a[2].bcast = LP_NPU_BCAST_SCALAR;
    a[2].scalar = 1;
    a[2].combinebc = 1;
    a[2].A_scalar = (int32_t)rint(ldexp(ratio / 256, shift));
    a[2].B_scalar = bias >> 16;
    a[2].C_scalar = (int16_t)(bias & 0xffff);
}

static struct lp_npu_pool pooling(int32_t unit, int32_t operation, int32_t width, int32_t height, int32_t depth)
{
    return (struct lp_npu_pool){.unit = unit,
                                .operation = operation,
                                .inputX = width,
                                .inputY = height,
                                .outputX = width + 1,
                                .outputY = height + 1,
                                .strideX = 1,
                                .strideY = 1,
                                .rightCrop = width - 1,
                                .bottomCrop = height - 1,
                                .batchSize = depth,
                                .dualLine = 1,
                                .inbytes_f = 1,
                                .outbytes_f = 1,
                                .rounding_o = 1,
                                .saturation_o = 1,
                                .round_mode_o = 1,
                                .outbytes_o = 1};
}

static void make_pools(const struct model *m, struct lp_npu_pool *p)
{
    p[0] = pooling(0, LP_NPU_POOL_GAVG, m->mean_width, m->mean_height, m->group);
    p[0].outbytes_o = 2;
    double factor = 256.0 / (m->mean_width * m->mean_height);
    p[0].shift_o = (int32_t)ceil(log2(16384 / factor));
    p[0].mulval = (int32_t)rint(ldexp(factor, p[0].shift_o));
    p[1] = pooling(1, LP_NPU_POOL_MAX, m->width, m->height, m->group);
    p[1].poolWinX = p[1].poolWinY = p[1].strideX = p[1].strideY = 2;
    p[1].outputX = m->width / 2;
    p[1].outputY = m->height / 2;
}

static void make_routes(struct na_session *s, struct lp_npu_epoch *e, bool has_max_pool)
{
    const struct lp_npu_port chain[][2] = {
        {{LP_NPU_CONVACC, 0, 0}, {LP_NPU_STRENG, 0, 0}}, {{LP_NPU_CONVACC, 0, 1}, {LP_NPU_STRENG, 1, 0}},
        {{LP_NPU_ARITH, 0, 0}, {LP_NPU_CONVACC, 0, 0}},  {{LP_NPU_ARITH, 1, 0}, {LP_NPU_ARITH, 0, 0}},
        {{LP_NPU_ARITH, 2, 0}, {LP_NPU_POOL, 0, 0}},     {{LP_NPU_STRENG, 5, 0}, {LP_NPU_ARITH, 2, 0}},
        {{LP_NPU_POOL, 0, 0}, {LP_NPU_ARITH, 1, 0}},     {{LP_NPU_POOL, 1, 0}, {LP_NPU_ARITH, 1, 0}},
    };
    e->route_count = has_max_pool ? 8 : 7;
    e->routes = LP_NEW_ARRAY(&s->arena, e->route_count, struct lp_npu_route);
    for (uint32_t i = 0; i < e->route_count; i++)
        e->routes[i] = (struct lp_npu_route){
            .destination = chain[i][0], .contexts = {{.enable = 1, .source = chain[i][1]}}, .context_count = 1};
    if (has_max_pool)
        e->routes[6].contexts[0].source = (struct lp_npu_port){LP_NPU_POOL, 1, 0};
}

static const uint8_t *make_image(struct na_session *s, const struct model *m, const struct constants *k)
{
    uint8_t *image = lp_arena_alloc(&s->arena, FLASH_BYTES, 1);
    uint8_t *to = image;
    for (int32_t o = 0; o < m->channels_out; o++)
        for (int32_t t = 0; t < m->kernel * m->kernel; t++)
            for (int32_t i = 0; i < (m->is_depthwise ? 1 : IN_CHANNELS); i++)
                *to++ = (uint8_t)weight_of(m, o, t, i);
    memcpy(image + FLASH_SCALES, k->scales, sizeof k->scales);
    memcpy(image + FLASH_BIASES, k->biases, sizeof k->biases);
    return image;
}

static struct lp_npu_epoch *make_epoch(struct na_session *s, const struct model *m, const struct constants *k)
{
    struct lp_npu_epoch *e = LP_NEW(&s->arena, struct lp_npu_epoch);
    e->id = 2;
    e->wait_mask = 1u << 5;
    e->streng = LP_NEW_ARRAY(&s->arena, 3, struct lp_npu_streng);
    e->convacc = LP_NEW(&s->arena, struct lp_npu_convacc);
    e->arith = LP_NEW_ARRAY(&s->arena, 3, struct lp_npu_arith);
    e->pool = LP_NEW_ARRAY(&s->arena, 2, struct lp_npu_pool);
    e->unit_count[LP_NPU_STRENG] = e->unit_count[LP_NPU_ARITH] = 3;
    e->unit_count[LP_NPU_CONVACC] = 1;
    e->unit_count[LP_NPU_POOL] = m->has_max_pool ? 2 : 1;
    make_engines(m, e->streng);
    make_convolution(m, k, e->convacc);
    make_ariths(m, k, e->arith);
    make_pools(m, e->pool);
    make_routes(s, e, m->has_max_pool);
    return e;
}

static void add_buffer(struct na_session *s, struct lp_npu_program *p, enum lp_npu_buffer_role role, uint32_t address,
                       uint32_t bytes)
{
    p->buffers[role].items = LP_NEW(&s->arena, struct lp_npu_buffer);
    p->buffers[role].count = 1;
    *p->buffers[role].items = (struct lp_npu_buffer){.name = "buffer", .dtype = "int8", .address = address, .size_bytes = bytes};
}

struct lp_npu_program *na_board_program(struct na_session *s, const char *folder)
{
    memset(s, 0, sizeof *s);
    struct model m = {0};
    struct constants k = {0};
    read_model(s, folder, &m);
    two_stage_constants(&m, &k);
    struct lp_npu_program *p = LP_NEW(&s->arena, struct lp_npu_program);
    p->name = "board";
    p->pool_count = 2;
    p->pools = LP_NEW_ARRAY(&s->arena, 2, struct lp_npu_pool_memory);
    p->pools[0] = (struct lp_npu_pool_memory){.name = "npuRAM5", .base = RAM_BASE, .size_bytes = POOL_BYTES, .is_writable = true};
    p->pools[1] = (struct lp_npu_pool_memory){.name = "octoFlash", .base = FLASH_BASE, .size_bytes = POOL_BYTES};
    p->image_count = 1;
    p->images = LP_NEW(&s->arena, struct lp_npu_image);
    p->images[0] = (struct lp_npu_image){.pool = "octoFlash",
                                         .base = FLASH_BASE,
                                         .size_bytes = FLASH_BYTES,
                                         .file = "parameters.bin",
                                         .bytes = make_image(s, &m, &k)};
    add_buffer(s, p, LP_NPU_INPUT, RAM_BASE, (uint32_t)(m.width * m.height * IN_CHANNELS));
    add_buffer(s, p, LP_NPU_OUTPUT, RAM_BASE + OUTPUT_OFFSET, (uint32_t)m.channels_out);
    add_buffer(s, p, LP_NPU_PARAMETER, FLASH_BASE, FLASH_BYTES);
    p->epochs = make_epoch(s, &m, &k);
    p->epoch_count = 1;
    return p;
}
