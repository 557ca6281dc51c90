/* Field by field: a changed field changes what is stored exactly as the plain form of the unit says, or, where it has no
 * arithmetic meaning, changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "neural-art/fields.h"
#include "tests/support/neural_art_plain.h"
#include "tests/support/neural_art_session.h"

enum {
    RAM = 0x34000000,
    RAM_BYTES = 1 << 16,
    FEATURES = 0x100,
    SECOND = 0x2000,
    OUTPUT = 0x4000,
    KERNELS = 0x8000,
    TABLES = 0xc000
};
enum { WIDTH = 8, HEIGHT = 6, DEPTH = 4, KERNEL_COUNT = 4 };

static uint8_t pattern[RAM_BYTES];

/* Which units stand between the engines. */
enum chain { CONVOLUTION, ELEMENTS, POOLING, FUNCTION };

struct epoch_memory {
    struct lp_npu_streng streng[4];
    struct lp_npu_convacc convacc[1];
    struct lp_npu_arith arith[1];
    struct lp_npu_pool pool[1];
    struct lp_npu_activ activ[1];
    struct lp_npu_route routes[6];
    struct lp_npu_epoch epoch;
};

static struct lp_npu_streng engine(int32_t unit, int32_t dir, uint32_t offset, uint32_t length, int32_t bits)
{
    return (struct lp_npu_streng){.unit = unit,
                                  .dir = dir,
                                  .raw = 1,
                                  .nbits_in = bits,
                                  .nbits_out = bits,
                                  .addr_base = RAM,
                                  .offset_start = offset,
                                  .offset_end = offset + length,
                                  .frame_offset = length,
                                  .frame_tot_cnt = 2};
}

static void add_route(struct lp_npu_epoch *e, int32_t from, int32_t from_index, int32_t to, int32_t to_index, int32_t port)
{
    e->routes[e->route_count++] = (struct lp_npu_route){
        .destination = {to, to_index, port}, .contexts = {{1, 0, {from, from_index, 0}}}, .context_count = 1};
}

static const struct lp_npu_convacc plain_convacc = {
    .simd = 1,
    .inbytes_f = 1,
    .rounding_o = 1,
    .saturation_o = 1,
    .round_mode_o = 1,
    .outbytes_o = 2,
    .shift_o = 3,
    .shift_a = 2,
    .fWidth = WIDTH,
    .fHeight = HEIGHT,
    .kernelWidth = 3,
    .kernelHeight = 3,
    .nKernels = KERNEL_COUNT,
    .batchDepth = DEPTH,
    .hstride = 1,
    .vstride = 1,
    .left_padding = 1,
    .right_padding = 1,
    .top_padding = 1,
    .bot_padding = 1,
    .right_crop = WIDTH - 1,
    .bot_crop = HEIGHT - 1,
};

static const struct lp_npu_arith plain_arith = {
    .operation = LP_NPU_ARITH_AFFINE,
    .bcast = LP_NPU_BCAST_CHAN,
    .dualinput = 1,
    .inbytes_x = 1,
    .outbytes_x = 1,
    .inbytes_y = 1,
    .outbytes_y = 1,
    .rounding_o = 1,
    .saturation_o = 1,
    .round_mode_o = 1,
    .outbytes_o = 1,
    .shift_o = 9,
    .fWidth = WIDTH,
    .fHeight = HEIGHT,
    .fChannels = DEPTH,
    .batchDepth = DEPTH,
    .B_scalar = 77,
    .C_scalar = 700,
    .A_vector = RAM + TABLES,
    .vec_precision = {8, 8, 16},
    .A_scalar = 300,
};

static const struct lp_npu_pool plain_pool = {
    .operation = LP_NPU_POOL_AVG,
    .inputX = WIDTH,
    .inputY = HEIGHT,
    .outputX = 4,
    .outputY = 3,
    .poolWinX = 2,
    .poolWinY = 2,
    .strideX = 2,
    .strideY = 2,
    .rightCrop = WIDTH - 1,
    .bottomCrop = HEIGHT - 1,
    .batchSize = DEPTH,
    .inbytes_f = 1,
    .outbytes_f = 1,
    .rounding_o = 1,
    .saturation_o = 1,
    .round_mode_o = 1,
    .outbytes_o = 1,
    .mulval = 16384,
    .shift_o = 15,
};

static const struct lp_npu_activ plain_activ = {
    .operation = LP_NPU_ACTIV_FUNC,
    .inbytes_f = 1,
    .outbytes_f = 1,
    .outbytes_o = 1,
    .rounding_o = 1,
    .saturation_o = 1,
    .round_mode_o = 1,
    .signedop = 1,
    .shift_o = 15,
    .shift_b = 3,
    .shift_c = 8,
    .shift_norm = 8,
    .bwidth = 3,
    .ROM0_vector = RAM + TABLES,
    .ROM0_nbytes = 8,
    .ROM1_vector = RAM + TABLES + 64,
    .ROM1_nbytes = 384,
    .LUT_vector = RAM + TABLES + 1024,
    .parameter = 20,
    .parameter_2 = 100,
};

static void make_units(struct epoch_memory *m)
{
    m->convacc[0] = plain_convacc;
    m->arith[0] = plain_arith;
    m->pool[0] = plain_pool;
    m->activ[0] = plain_activ;
}

static void make(struct epoch_memory *m, enum chain chain)
{
    static const int types[] = {LP_NPU_CONVACC, LP_NPU_ARITH, LP_NPU_POOL, LP_NPU_ACTIV};
    uint32_t map = WIDTH * HEIGHT * DEPTH;
    memset(m, 0, sizeof *m);
    make_units(m);
    m->epoch = (struct lp_npu_epoch){.id = 2,
                                     .wait_mask = 8,
                                     .streng = m->streng,
                                     .convacc = m->convacc,
                                     .arith = m->arith,
                                     .pool = m->pool,
                                     .activ = m->activ,
                                     .routes = m->routes};
    m->epoch.unit_count[types[chain]] = 1;
    m->streng[0] = engine(0, 0, FEATURES, map, 8);
    m->streng[1] = engine(3, 1, OUTPUT, chain == POOLING ? map / 4 : map, 8);
    m->epoch.unit_count[LP_NPU_STRENG] = 2;
    add_route(&m->epoch, LP_NPU_STRENG, 0, types[chain], 0, 0);
    add_route(&m->epoch, types[chain], 0, LP_NPU_STRENG, 3, 0);
    if (chain == CONVOLUTION || chain == ELEMENTS) {
        uint32_t kernels = KERNEL_COUNT * DEPTH * 9;
        m->streng[2] = chain == ELEMENTS ? engine(1, 0, SECOND, map, 8) : engine(1, 0, KERNELS, kernels, 8);
        m->epoch.unit_count[LP_NPU_STRENG] = 3;
        add_route(&m->epoch, LP_NPU_STRENG, 1, types[chain], 0, 1);
    }
    if (chain == CONVOLUTION)
        m->streng[1].nbits_in = m->streng[1].nbits_out = 16;
    if (chain == CONVOLUTION) { /* partial sums, for the fields of port 2 */
        m->streng[3] = engine(2, 0, SECOND, map * 2, 16);
        m->streng[3].align_right = 1;
        m->convacc[0].accumulate = m->convacc[0].accumulate_first = 1;
        m->epoch.unit_count[LP_NPU_STRENG] = 4;
        add_route(&m->epoch, LP_NPU_STRENG, 2, LP_NPU_CONVACC, 0, 2);
        m->streng[1].offset_end = OUTPUT + map * 2;
        m->streng[1].frame_offset = map * 2;
    }
}

/* Runs both forms and demands the same bytes; `stored` receives them. */
static void run_both(struct epoch_memory *m, uint8_t *stored, const char *what)
{
    struct na_session s;
    struct lp_npu_pool_memory pool = {"ram", RAM, RAM_BYTES, false, true, false};
    struct lp_npu_image image = {.pool = "ram", .base = RAM, .size_bytes = RAM_BYTES, .file = "ram.bin", .bytes = pattern};
    struct lp_npu_program program = {
        .name = what, .pools = &pool, .pool_count = 1, .images = &image, .image_count = 1, .epochs = &m->epoch, .epoch_count = 1};
    uint8_t *plain = malloc(RAM_BYTES);
    assert_non_null(plain);
    memcpy(plain, pattern, RAM_BYTES);
    const struct na_plain_memory memory = {RAM, RAM_BYTES, plain};
    memset(&s, 0, sizeof s);
    na_open_program(&s, &program);
    if (lp_sim_run(&s.arena, &program, &s.ram.memory, &s.options, &s.report) != LP_OK) {
        na_print_findings(&s);
        fail_msg("%s does not run", what);
    }
    assert_true(na_plain_run_epoch(&m->epoch, &memory, 1));
    assert_int_equal(lp_sim_ram_get(&s.ram, RAM, stored, RAM_BYTES), LP_OK);
    for (size_t i = 0; i < RAM_BYTES; i++)
        if (stored[i] != plain[i])
            fail_msg("%s: byte %zu is %d, expected %d", what, i, stored[i], plain[i]);
    free(plain);
    na_close(&s);
}

enum effect { SAME, CHANGES, CHANGE_TOGETHER /* the first two fields at once */ };

struct setting {
    int type, position;
    const char *field;
    int64_t value;
};

static const struct field_case {
    enum chain chain;
    enum effect effect;
    struct setting set[4]; /* the first is the field in question; the others make it legal and are also in the base */
} cases[] = {
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "fsub", 5}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "zfbias", -7}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "f_unsigned", 1}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "k_unsigned", 1}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "shift_f", 2}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "rounding_f", 1}, {LP_NPU_CONVACC, 0, "shift_f", 2}}},
    {CONVOLUTION,
     CHANGES,
     {{LP_NPU_CONVACC, 0, "round_mode_f", 1}, {LP_NPU_CONVACC, 0, "shift_f", 2}, {LP_NPU_CONVACC, 0, "rounding_f", 1}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "shift_a", 5}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "shift_o", 4}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "shift_o", -1}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "rounding_o", 0}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "round_mode_o", 0}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "saturation_o", 0}, {LP_NPU_CONVACC, 0, "shift_o", 0}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "relu_mode_o", 1}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "outbytes_o", 1}}},
    {CONVOLUTION, CHANGE_TOGETHER, {{LP_NPU_CONVACC, 0, "left_padding", 0}, {LP_NPU_CONVACC, 0, "right_padding", 2}}},
    {CONVOLUTION, CHANGE_TOGETHER, {{LP_NPU_CONVACC, 0, "top_padding", 2}, {LP_NPU_CONVACC, 0, "top_crop", 1}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "accumulate", 0}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "accumulate_first", 0}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "accumulate_gen_first", 1}}},
    {CONVOLUTION,
     CHANGES,
     {{LP_NPU_CONVACC, 0, "afilt_first", 1},
      {LP_NPU_CONVACC, 0, "afilt_mode", 3},
      {LP_NPU_CONVACC, 0, "afilt_tot", 2},
      {LP_NPU_CONVACC, 0, "afilt_last", 1}}},
    {CONVOLUTION,
     CHANGES,
     {{LP_NPU_CONVACC, 0, "afilt_last", 1}, {LP_NPU_CONVACC, 0, "afilt_mode", 3}, {LP_NPU_CONVACC, 0, "afilt_tot", 2}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_CONVACC, 0, "fstat", 1}, {LP_NPU_CONVACC, 0, "fstatcnt", 2}}},
    {CONVOLUTION, SAME, {{LP_NPU_CONVACC, 0, "simd", 2}}},
    {CONVOLUTION, SAME, {{LP_NPU_CONVACC, 0, "kseten", 3}}},
    {CONVOLUTION, SAME, {{LP_NPU_CONVACC, 0, "raw_o", 1}}},
    {CONVOLUTION, SAME, {{LP_NPU_STRENG, 0, "raw_out", 1}}},
    {CONVOLUTION, SAME, {{LP_NPU_STRENG, 0, "cacheable", 1}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_STRENG, 0, "frame_offset", 3}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_STRENG, 0, "loop_offset", 5}, {LP_NPU_STRENG, 0, "frame_loop_cnt", 1}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_STRENG, 0, "offset_start", 0x101}, {LP_NPU_STRENG, 0, "frame_count", WIDTH *HEIGHT *DEPTH}}},
    {CONVOLUTION, SAME, {{LP_NPU_STRENG, 0, "continuous", 1}}}, /* frame_offset is the frame's length anyway */
    {CONVOLUTION, CHANGES, {{LP_NPU_STRENG, 0, "continuous", 1}, {LP_NPU_STRENG, 0, "frame_offset", 9}}},
    {CONVOLUTION, SAME, {{LP_NPU_STRENG, 0, "align_right", 1}}}, /* the unit takes the low byte only */
    {CONVOLUTION, CHANGES, {{LP_NPU_STRENG, 0, "align_right", 1}, {LP_NPU_CONVACC, 0, "inbytes_f", 2}}},
    {CONVOLUTION,
     CHANGES,
     {{LP_NPU_STRENG, 0, "nbits_unsigned", 1}, {LP_NPU_CONVACC, 0, "inbytes_f", 2}, {LP_NPU_STRENG, 0, "align_right", 1}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_STRENG, 0, "nbits_out", 16}, {LP_NPU_CONVACC, 0, "inbytes_f", 2}}},
    {CONVOLUTION, CHANGES, {{LP_NPU_STRENG, 3, "nbits_unsigned", 1}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "operation", LP_NPU_ARITH_MUL}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "operation", LP_NPU_ARITH_MIN}, {LP_NPU_ARITH, 0, "shift_o", 0}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "operation", LP_NPU_ARITH_MAX}, {LP_NPU_ARITH, 0, "shift_o", 0}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "bcast", LP_NPU_BCAST_HEIGHT}, {LP_NPU_ARITH, 0, "fChannels", 8}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "bcast", LP_NPU_BCAST_WIDTH}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "bcast", LP_NPU_BCAST_HEIGHT_WIDTH}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "bcast", LP_NPU_BCAST_SCALAR}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "fChannels", 8}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "fWidth", 4}, {LP_NPU_ARITH, 0, "fChannels", 8}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "fHeight", 3}, {LP_NPU_ARITH, 0, "fChannels", 8}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "batchDepth", 2}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "scalar", 1}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "combinebc", 1}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "C_shift", 3}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "C_shift", 3}, {LP_NPU_ARITH, 0, "combinebc", 1}, {LP_NPU_ARITH, 0, "shift_o", 20}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "Ax_shift", 2}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "By_shift", 2}}},
    {ELEMENTS, SAME, {{LP_NPU_ARITH, 0, "By_shift", 2}, {LP_NPU_ARITH, 0, "combinebc", 1}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "B_scalar", -400}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "C_scalar", 20000}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "C_scalar", -1}, {LP_NPU_ARITH, 0, "C_vector", RAM + TABLES + 512}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "A_scalar", -9}, {LP_NPU_ARITH, 0, "A_vector", 0}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "B_vector", RAM + TABLES + 512}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "shift_x", 1}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "rounding_x", 1}, {LP_NPU_ARITH, 0, "shift_x", 3}}},
    {ELEMENTS,
     CHANGES,
     {{LP_NPU_ARITH, 0, "round_mode_x", 1}, {LP_NPU_ARITH, 0, "shift_x", 3}, {LP_NPU_ARITH, 0, "rounding_x", 1}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "saturation_x", 1}, {LP_NPU_ARITH, 0, "shift_x", -1}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "outbytes_x", 2}, {LP_NPU_ARITH, 0, "shift_x", -1}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "shift_y", 4}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "rounding_y", 1}, {LP_NPU_ARITH, 0, "shift_y", 3}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "saturation_y", 1}, {LP_NPU_ARITH, 0, "shift_y", -1}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "inbytes_x", 2}, {LP_NPU_ARITH, 0, "outbytes_x", 2}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "shift_o", 7}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "rounding_o", 0}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "saturation_o", 0}, {LP_NPU_ARITH, 0, "shift_o", 3}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "relu_mode_o", 1}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "outbytes_o", 2}, {LP_NPU_ARITH, 0, "shift_o", 3}}},
    {ELEMENTS, CHANGES, {{LP_NPU_ARITH, 0, "clipout", 1}, {LP_NPU_ARITH, 0, "clipmin", -3}, {LP_NPU_ARITH, 0, "clipmax", 4}}},
    {POOLING, CHANGES, {{LP_NPU_POOL, 0, "operation", LP_NPU_POOL_MAX}, {LP_NPU_POOL, 0, "shift_o", 0}}},
    {POOLING, CHANGES, {{LP_NPU_POOL, 0, "operation", LP_NPU_POOL_MIN}, {LP_NPU_POOL, 0, "shift_o", 0}}},
    {POOLING, CHANGES, {{LP_NPU_POOL, 0, "mulval", -8000}}},
    {POOLING, CHANGES, {{LP_NPU_POOL, 0, "shift_o", 16}}},
    {POOLING, CHANGES, {{LP_NPU_POOL, 0, "rounding_o", 0}}},
    {POOLING, CHANGES, {{LP_NPU_POOL, 0, "round_mode_o", 0}}},
    {POOLING, CHANGES, {{LP_NPU_POOL, 0, "saturation_o", 0}, {LP_NPU_POOL, 0, "shift_o", 14}}},
    {POOLING, CHANGES, {{LP_NPU_POOL, 0, "relu_mode_o", 1}}},
    {POOLING, CHANGES, {{LP_NPU_POOL, 0, "leftCrop", 1}, {LP_NPU_POOL, 0, "poolWinX", 1}}},
    {POOLING, CHANGES, {{LP_NPU_POOL, 0, "topCrop", 1}, {LP_NPU_POOL, 0, "poolWinY", 1}}},
    {POOLING, CHANGES, {{LP_NPU_POOL, 0, "shift_f", 1}}},
    {POOLING, CHANGES, {{LP_NPU_POOL, 0, "rounding_f", 1}, {LP_NPU_POOL, 0, "shift_f", 3}}},
    {POOLING, SAME, {{LP_NPU_POOL, 0, "dualLine", 1}}},
    {FUNCTION, CHANGES, {{LP_NPU_ACTIV, 0, "operation", LP_NPU_ACTIV_RELU}, {LP_NPU_ACTIV, 0, "shift_o", 0}}},
    {FUNCTION, CHANGES, {{LP_NPU_ACTIV, 0, "operation", LP_NPU_ACTIV_TRELU}, {LP_NPU_ACTIV, 0, "shift_o", 0}}},
    {FUNCTION, CHANGES, {{LP_NPU_ACTIV, 0, "operation", LP_NPU_ACTIV_LUT}, {LP_NPU_ACTIV, 0, "shift_o", 0}}},
    {FUNCTION,
     CHANGES,
     {{LP_NPU_ACTIV, 0, "parameter", 60}, {LP_NPU_ACTIV, 0, "operation", LP_NPU_ACTIV_TRELU}, {LP_NPU_ACTIV, 0, "shift_o", 0}}},
    {FUNCTION,
     CHANGES,
     {{LP_NPU_ACTIV, 0, "parameter_2", 65500},
      {LP_NPU_ACTIV, 0, "operation", LP_NPU_ACTIV_TRELU},
      {LP_NPU_ACTIV, 0, "shift_o", 0}}},
    {FUNCTION,
     CHANGES,
     {{LP_NPU_ACTIV, 0, "parameter", 9}, {LP_NPU_ACTIV, 0, "operation", LP_NPU_ACTIV_PRELU}, {LP_NPU_ACTIV, 0, "shift_o", 3}}},
    {FUNCTION, CHANGES, {{LP_NPU_ACTIV, 0, "bwidth", 2}}},
    {FUNCTION, CHANGES, {{LP_NPU_ACTIV, 0, "shift_b", 5}}},
    {FUNCTION, CHANGES, {{LP_NPU_ACTIV, 0, "shift_c", 10}}},
    {FUNCTION, CHANGES, {{LP_NPU_ACTIV, 0, "shift_norm", 7}}},
    {FUNCTION, CHANGES, {{LP_NPU_ACTIV, 0, "fsub", 11}}},
    {FUNCTION, CHANGES, {{LP_NPU_ACTIV, 0, "shift_o", 14}}},
    {FUNCTION, CHANGES, {{LP_NPU_ACTIV, 0, "shift_f", 1}}},
    {FUNCTION, CHANGES, {{LP_NPU_ACTIV, 0, "rounding_o", 0}}},
    {FUNCTION, CHANGES, {{LP_NPU_ACTIV, 0, "relu_mode_o", 1}}},
};

static void apply(struct epoch_memory *m, const struct setting *s)
{
    const struct lp_npu_field *field = lp_npu_field_find((enum lp_npu_unit_type)s->type, s->field);
    assert_non_null(field);
    lp_npu_field_set(field, lp_npu_epoch_unit(&m->epoch, (enum lp_npu_unit_type)s->type, (uint32_t)s->position), 0, s->value);
}

/* The case with or without the field in question, results of either width stored in full. */
static void run_case(const struct field_case *c, bool with_field, uint8_t *stored)
{
    struct epoch_memory m;
    make(&m, c->chain);
    for (int i = with_field ? 0 : c->effect == CHANGE_TOGETHER ? 2 : 1; i < 4; i++)
        if (c->set[i].field != NULL)
            apply(&m, &c->set[i]);
    run_both(&m, stored, c->set[0].field);
}

static void every_field_does_what_the_plain_form_does(void **state)
{
    (void)state;
    uint8_t *base = malloc(RAM_BYTES), *changed = malloc(RAM_BYTES);
    assert_non_null(base);
    assert_non_null(changed);
    size_t wrong = 0;
    for (size_t i = 0; i < LP_COUNT(cases); i++) {
        run_case(&cases[i], false, base);
        run_case(&cases[i], true, changed);
        bool same = memcmp(base, changed, RAM_BYTES) == 0;
        if (same != (cases[i].effect == SAME))
            print_message("case %zu, %s: the result %s\n", i, cases[i].set[0].field, same ? "did not change" : "changed");
        wrong += same != (cases[i].effect == SAME);
    }
    assert_int_equal(wrong, 0);
    print_message("%zu fields compared with the plain form\n", LP_COUNT(cases));
    free(base);
    free(changed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_field_does_what_the_plain_form_does)};
    uint32_t state = 1;
    for (size_t i = 0; i < RAM_BYTES; i++) {
        state = state * 1664525u + 1013904223u;
        pattern[i] = (uint8_t)(state >> 24);
    }
    for (size_t i = 0; i < 8; i++) /* segments within the rows of the function's table */
        pattern[TABLES + i] &= 0xf7;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
