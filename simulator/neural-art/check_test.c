#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "neural-art/fields.h"
#include "simulator/neural-art/check.h"
#include "simulator/neural-art/executor.h"

/* A legal epoch: features and kernels into a convolution, its sums through ARITH (with a second input), POOL and ACTIV. */
struct sample {
    struct lp_npu_streng streng[4];
    struct lp_npu_convacc convacc[1];
    struct lp_npu_arith arith[1];
    struct lp_npu_pool pool[1];
    struct lp_npu_activ activ[1];
    struct lp_npu_route routes[7];
    struct lp_npu_epoch epoch;
};

enum { RAM = 0x34000000, FEATURES = 0, SECOND = 1024, OUTPUT = 2048, KERNELS = 3072, TABLE = 3584, POOL_BYTES = 4096 };

static struct lp_npu_streng engine(int32_t unit, int32_t dir, uint32_t offset, uint32_t length)
{
    return (struct lp_npu_streng){.unit = unit,
                                  .dir = dir,
                                  .raw = 1,
                                  .nbits_in = 8,
                                  .nbits_out = 8,
                                  .addr_base = RAM,
                                  .offset_start = offset,
                                  .offset_end = offset + length,
                                  .offset_limit = offset + length + 64,
                                  .frame_tot_cnt = 1};
}

static struct lp_npu_route route(int32_t from, int32_t from_index, int32_t to, int32_t to_index, int32_t port)
{
    return (struct lp_npu_route){
        .destination = {to, to_index, port}, .contexts = {{1, 0, {from, from_index, 0}}}, .context_count = 1};
}

static const struct lp_npu_convacc sample_convacc = {
    .simd = 1,
    .inbytes_f = 1,
    .rounding_o = 1,
    .saturation_o = 1,
    .round_mode_o = 1,
    .outbytes_o = 2,
    .shift_o = 3,
    .fWidth = 8,
    .fHeight = 6,
    .kernelWidth = 3,
    .kernelHeight = 3,
    .nKernels = 4,
    .batchDepth = 2,
    .hstride = 1,
    .vstride = 1,
    .left_padding = 1,
    .right_padding = 1,
    .top_padding = 1,
    .bot_padding = 1,
    .right_crop = 7,
    .bot_crop = 5,
};

static const struct lp_npu_arith sample_arith = {
    .operation = LP_NPU_ARITH_AFFINE,
    .bcast = LP_NPU_BCAST_CHAN,
    .dualinput = 1,
    .inbytes_x = 2,
    .outbytes_x = 2,
    .inbytes_y = 1,
    .outbytes_y = 1,
    .rounding_o = 1,
    .saturation_o = 1,
    .round_mode_o = 1,
    .outbytes_o = 1,
    .shift_o = 12,
    .fWidth = 8,
    .fHeight = 6,
    .fChannels = 4,
    .batchDepth = 4,
    .B_scalar = 5,
    .C_scalar = 7,
    .A_vector = RAM + TABLE,
    .vec_precision = {16, 16, 16},
};

static const struct lp_npu_pool sample_pool = {
    .operation = LP_NPU_POOL_MAX,
    .inputX = 8,
    .inputY = 6,
    .outputX = 4,
    .outputY = 3,
    .poolWinX = 2,
    .poolWinY = 2,
    .strideX = 2,
    .strideY = 2,
    .rightCrop = 7,
    .bottomCrop = 5,
    .batchSize = 4,
    .inbytes_f = 1,
    .outbytes_f = 1,
    .rounding_o = 1,
    .saturation_o = 1,
    .round_mode_o = 1,
    .outbytes_o = 1,
};

static const struct lp_npu_activ sample_activ = {
    .operation = LP_NPU_ACTIV_TRELU,
    .inbytes_f = 1,
    .outbytes_f = 1,
    .outbytes_o = 1,
    .rounding_o = 1,
    .saturation_o = 1,
    .round_mode_o = 1,
    .parameter = 65408,
    .parameter_2 = 65408,
};

static void make(struct sample *s)
{
    memset(s, 0, sizeof *s);
    s->streng[0] = engine(0, 0, FEATURES, 8 * 6 * 2);
    s->streng[1] = engine(1, 0, KERNELS, 4 * 9 * 2);
    s->streng[2] = engine(2, 0, SECOND, 8 * 6 * 4);
    s->streng[3] = engine(3, 1, OUTPUT, 4 * 3 * 4);
    s->convacc[0] = sample_convacc;
    s->arith[0] = sample_arith;
    s->pool[0] = sample_pool;
    s->activ[0] = sample_activ;
    s->routes[0] = route(LP_NPU_STRENG, 0, LP_NPU_CONVACC, 0, 0);
    s->routes[1] = route(LP_NPU_STRENG, 1, LP_NPU_CONVACC, 0, 1);
    s->routes[2] = route(LP_NPU_CONVACC, 0, LP_NPU_ARITH, 0, 0);
    s->routes[3] = route(LP_NPU_STRENG, 2, LP_NPU_ARITH, 0, 1);
    s->routes[4] = route(LP_NPU_ARITH, 0, LP_NPU_POOL, 0, 0);
    s->routes[5] = route(LP_NPU_POOL, 0, LP_NPU_ACTIV, 0, 0);
    s->routes[6] = route(LP_NPU_ACTIV, 0, LP_NPU_STRENG, 3, 0);
    s->epoch = (struct lp_npu_epoch){.id = 5,
                                     .wait_mask = 8,
                                     .streng = s->streng,
                                     .convacc = s->convacc,
                                     .arith = s->arith,
                                     .pool = s->pool,
                                     .activ = s->activ,
                                     .unit_count = {4, 1, 1, 1, 1},
                                     .routes = s->routes,
                                     .route_count = 7};
}

/* Runs the epoch in a small memory; the findings as text. */
static char *findings_of(struct sample *s, lp_status *status, bool allow_hangs)
{
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_npu_pool_memory pool = {"ram", RAM, POOL_BYTES, false, true, false};
    struct lp_npu_buffer buffers[] = {{.name = "a", .address = RAM, .size_bytes = 1024},
                                      {.name = "b", .address = RAM + 1024, .size_bytes = 1024},
                                      {.name = "c", .address = RAM + 2048, .size_bytes = 1024},
                                      {.name = "d", .address = RAM + 3072, .size_bytes = 1024}};
    struct lp_npu_program program = {.name = "sample",
                                     .pools = &pool,
                                     .pool_count = 1,
                                     .buffers = {{NULL, 0}, {NULL, 0}, {NULL, 0}, {buffers, 4}},
                                     .epochs = &s->epoch,
                                     .epoch_count = 1};
    struct lp_sim_ram ram;
    struct lp_sim_options options = {.check = {.allow_reported_hangs = allow_hangs}};
    struct lp_sim_report report;
    struct lp_text text = {0};
    assert_int_equal(lp_sim_ram_open(&arena, &diag, &program, &ram), LP_OK);
    *status = lp_sim_run(&arena, &program, &ram.memory, &options, &report);
    lp_sim_findings_print(&report.findings, &text);
    char *copy = calloc(text.length + 1, 1);
    assert_non_null(copy);
    memcpy(copy, lp_text_get(&text), text.length);
    lp_text_free(&text);
    lp_arena_free(&arena);
    lp_diag_free(&diag);
    return copy;
}

static void says(struct sample *s, const char *message)
{
    lp_status status;
    char *text = findings_of(s, &status, false);
    bool wrong_status = (strncmp(message, "error", 5) == 0 && status == LP_OK) ||
                        (strncmp(message, "warning", 7) == 0 && status != LP_OK);
    if (wrong_status || strstr(text, message) == NULL)
        fail_msg("status %d, expected \"%s\", found:\n%s", (int)status, message, text);
    free(text);
}

static void a_legal_epoch_runs_without_findings(void **state)
{
    (void)state;
    struct sample s;
    lp_status status;
    make(&s);
    char *text = findings_of(&s, &status, false);
    assert_string_equal(text, "");
    assert_int_equal(status, LP_OK);
    free(text);
}

static const struct field_case {
    int type, position;
    const char *field;
    int64_t value;
    const char *message;
} field_cases[] = {
    {LP_NPU_CONVACC, 0, "nKernels", 256, "error: epoch 5, CONVACC 0: nKernels is 256; allowed is 1 to 255"},
    {LP_NPU_CONVACC, 0, "unit", 4, "error: epoch 5, CONVACC 4: unit is 4; allowed is 0 to 3"},
    {LP_NPU_CONVACC, 0, "hstride", 8, "hstride is 8; allowed is 0 to 7"},
    {LP_NPU_CONVACC, 0, "right_crop", 8, "right_crop is 8; allowed is left_crop to fWidth - 1"},
    {LP_NPU_CONVACC, 0, "right_crop", 0, "error: epoch 5, CONVACC 0: right_crop is 0"},
    {LP_NPU_CONVACC, 0, "bot_crop", 0, "error: epoch 5, CONVACC 0: bot_crop is 0"},
    {LP_NPU_CONVACC, 0, "bot_crop", 6, "bot_crop is 6; allowed is top_crop to fHeight - 1"},
    {LP_NPU_CONVACC, 0, "kernelWidth", 11, "kernelWidth is 11; allowed is up to the width"},
    {LP_NPU_CONVACC, 0, "kernelHeight", 9, "kernelHeight is 9; allowed is up to the height"},
    {LP_NPU_CONVACC, 0, "left_padding", 140, "padding samples beyond the kernel's own is 276; allowed is up to 255"},
    {LP_NPU_CONVACC, 0, "vshift", 1, "error: epoch 5, CONVACC 0: vshift is 1"},
    {LP_NPU_CONVACC, 0, "kt1_mode", 1, "error: epoch 5, CONVACC 0: kt1_mode is 1"},
    {LP_NPU_CONVACC, 0, "saturation_f", 1, "error: epoch 5, CONVACC 0: saturation_f is 1"},
    {LP_NPU_CONVACC, 0, "shift_f", -1, "shift_f is -1; allowed is 0 to 31"},
    {LP_NPU_CONVACC, 0, "deepmode", 1, "kernelWidth * kernelHeight is 9; allowed is 1 with deepmode"},
    {LP_NPU_CONVACC, 0, "afilt_mode", LP_NPU_AFILT_FRAMEDROP, "afilt_mode is FRAMEDROP"},
    {LP_NPU_CONVACC, 0, "afilt_mode", LP_NPU_AFILT_FRAMEZERO, "afilt_tot is 0; allowed is 1 or more with FRAMEZERO"},
    {LP_NPU_CONVACC, 0, "kfilt_tot", 6, "kfilt_tot is 6; allowed is 0 or a multiple of nKernels"},
    {LP_NPU_CONVACC, 0, "kfilt_tot", 8, "kfilt_last is 0; allowed is kfilt_first + nKernels - 1"},
    {LP_NPU_CONVACC, 0, "fstat", 1, "fstatcnt is 0; allowed is 1 or more with fstat"},
    {LP_NPU_CONVACC, 0, "accumulate", 1, "error: epoch 5, CONVACC 0: route is missing for port 2"},
    {LP_NPU_CONVACC, 0, "batchDepth", 1, "words of a feature frame is 96 where the unit takes 48"},
    {LP_NPU_ARITH, 0, "operation", LP_NPU_ARITH_ABS_X, "operation is ABS_X"},
    {LP_NPU_ARITH, 0, "dualinput", 0,
     "warning: epoch 5, ARITH 0: route is present for port 1, which this configuration does not read"},
    {LP_NPU_ARITH, 0, "inbytes_y", 0, "inbytes_y is 0; allowed is 1 to 3 with dualinput"},
    {LP_NPU_ARITH, 0, "fChannels", 513, "number of coefficients is 513; allowed is 1 to 512"},
    {LP_NPU_ARITH, 0, "batchDepth", 5, "batchDepth is 5; allowed is up to fChannels with bcast CHAN"},
    {LP_NPU_ARITH, 0, "A_vector", 0x10, "A_vector is 16 with 8 bytes; allowed is inside a memory pool"},
    {LP_NPU_ARITH, 0, "shift_o", 32, "shift_o is 32; allowed is -32 to 31"},
    {LP_NPU_ARITH, 0, "clipout", 1, NULL}, /* clipmin = clipmax = 0 is legal */
    {LP_NPU_ARITH, 0, "clipmin", 40000, "clipmin is 40000"},
    {LP_NPU_POOL, 0, "operation", LP_NPU_POOL_GMAX, "operation is GMAX"},
    {LP_NPU_POOL, 0, "topPad", 1, "padding is 1; allowed is 0"},
    {LP_NPU_POOL, 0, "shift_o", 1, "shift_o is 1; allowed is 0 with MAX and MIN"},
    {LP_NPU_POOL, 0, "poolWinX", 0, "poolWinX is 0"},
    {LP_NPU_POOL, 0, "strideY", 0, "strideX or strideY is 0"},
    {LP_NPU_POOL, 0, "rightCrop", 8, "rightCrop is 8; allowed is leftCrop to inputX - 1"},
    {LP_NPU_POOL, 0, "batchSize", 16, "batchSize is 16; allowed is 1 to 15"},
    {LP_NPU_POOL, 0, "inputX", 9, "words of a frame is 192 where the unit takes 216"},
    {LP_NPU_ACTIV, 0, "operation", LP_NPU_ACTIV_NONE, "operation is NONE"},
    {LP_NPU_ACTIV, 0, "operation", LP_NPU_ACTIV_LUT, "LUT_vector is 0"},
    {LP_NPU_ACTIV, 0, "operation", LP_NPU_ACTIV_FUNC, "ROM0_nbytes is 0"},
    {LP_NPU_ACTIV, 0, "operation", LP_NPU_ACTIV_RELU, "warning: epoch 5, ACTIV 0: operation is RELU: not proven"},
    {LP_NPU_STRENG, 0, "nbits_in", 12, "nbits_in is 12; allowed is 8, 16 or 24"},
    {LP_NPU_STRENG, 0, "cipher_en", 1, "cipher_en is 1"},
    {LP_NPU_STRENG, 0, "noinc", 1, "noinc is 1"},
    {LP_NPU_STRENG, 0, "offset_end", 0, "offset_end - offset_start is 0; allowed is at least one element"},
    {LP_NPU_STRENG, 0, "raw", 0, "fwidth * fheight * batch_depth is 0"},
    {LP_NPU_STRENG, 0, "offset_start", 1000, "error: epoch 5, STRENG 0: offset_end - offset_start is 0"},
    {LP_NPU_STRENG, 0, "offset_limit", 90, "error: epoch 5, STRENG 0: window is"},
    {LP_NPU_STRENG, 0, "addr_base", 0x50000000, "allowed is inside one buffer of the program"},
    {LP_NPU_STRENG, 0, "sync_with_other", 1, "sync_dma is 0; allowed is an engine of this epoch that writes memory"},
    {LP_NPU_STRENG, 0, "frame_tot_cnt", 2, "warning: epoch 5, CONVACC 0: kernel stream is at its end after output frame 1"},
    {LP_NPU_STRENG, 0, "dir", 1, "error: epoch 5, STRENG 0: dir is 1; allowed is 0, for the source of a route"},
    {LP_NPU_STRENG, 3, "dir", 0, "error: epoch 5, STRENG 3: wait_mask is set for an engine that reads"},
    {LP_NPU_STRENG, 3, "frame_tot_cnt", 0, "frame_tot_cnt is 0; allowed is 1 or more for an engine that writes memory"},
    {LP_NPU_STRENG, 3, "frame_tot_cnt", 2, "error: epoch 5, STRENG 3: frames stored is 1 of 2"},
    {LP_NPU_STRENG, 3, "offset_end", 2048 + 40, "error: epoch 5, STRENG 3: elements left over is 8"},
    {LP_NPU_STRENG, 1, "offset_end", 3072 + 71,
     "kernel stream is at its end after output frame 0: 71 bytes left, a frame takes 72"},
    {LP_NPU_STRENG, 2, "offset_end", 1024 + 191, "port 1 is empty: 192 elements wait at port 0, 191 at port 1"},
    {LP_NPU_STRENG, 1, "unit", 0, "error: epoch 5, STRENG 0: unit is used twice"},
};

static void every_impossible_field_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < LP_COUNT(field_cases); i++) {
        const struct field_case *c = &field_cases[i];
        struct sample s;
        make(&s);
        const struct lp_npu_field *field = lp_npu_field_find((enum lp_npu_unit_type)c->type, c->field);
        assert_non_null(field);
        lp_npu_field_set(field, lp_npu_epoch_unit(&s.epoch, (enum lp_npu_unit_type)c->type, (uint32_t)c->position), 0, c->value);
        says(&s, c->message != NULL ? c->message : "");
    }
}

static void wrong_routes_are_named(void **state)
{
    (void)state;
    struct sample s;
    make(&s);
    s.epoch.route_count = 6;
    says(&s, "error: epoch 5, ACTIV 0: route is missing: the output goes nowhere");
    says(&s, "error: epoch 5, STRENG 3: route is missing for port 0");
    make(&s);
    s.routes[1] = s.routes[0];
    says(&s, "error: epoch 5, CONVACC 0: route is a second one to port 0");
    make(&s);
    s.routes[0].contexts[0].source.index = 7;
    says(&s, "error: epoch 5, STRENG 7: route is from a unit without configuration");
    make(&s);
    s.routes[6].context_count = 2;
    s.routes[6].contexts[1] = (struct lp_npu_context){1, 1, {LP_NPU_POOL, 0, 0}};
    says(&s, "error: epoch 5, STRENG 3: route is from ACTIV 0 and POOL 0");
    make(&s);
    s.routes[6].destination.port = 1;
    says(&s, "error: epoch 5: route is malformed");
    make(&s);
    s.epoch.wait_mask = 0x18;
    says(&s, "error: epoch 5: wait_mask is set for engine 4, which it does not use");
    make(&s);
    s.epoch.wait_mask = 0;
    says(&s, "warning: epoch 5, STRENG 3: wait_mask is not set");
}

static void forms_that_hang_the_silicon_are_errors_unless_allowed(void **state)
{
    (void)state;
    struct sample s;
    lp_status status;
    make(&s); /* features through ACTIV into the convolution */
    s.routes[0].contexts[0].source = (struct lp_npu_port){LP_NPU_ACTIV, 0, 0};
    s.routes[5] = route(LP_NPU_STRENG, 0, LP_NPU_ACTIV, 0, 0);
    s.routes[6].contexts[0].source = (struct lp_npu_port){LP_NPU_POOL, 0, 0};
    says(&s, "error: epoch 5, CONVACC 0: route is from ACTIV 0 to port 0, a link reported to hang the silicon");
    char *text = findings_of(&s, &status, true);
    assert_int_equal(status, LP_OK);
    assert_non_null(strstr(text, "warning: epoch 5, CONVACC 0: route is from ACTIV 0 to port 0"));
    free(text);
    make(&s);
    s.convacc[0].kernelHeight = 1;
    s.convacc[0].batchDepth = 4;
    s.convacc[0].hstride = 2;
    says(&s, "error: epoch 5, CONVACC 0: hstride, vstride is 2, a form reported to hang the silicon");
}

static void partial_sums_of_16_bits_need_align_right(void **state)
{
    (void)state;
    struct sample s;
    make(&s);
    s.convacc[0].accumulate = s.convacc[0].accumulate_first = 1;
    s.streng[2].nbits_in = s.streng[2].nbits_out = 16;
    s.routes[3].destination = (struct lp_npu_port){LP_NPU_CONVACC, 0, 2};
    s.arith[0].dualinput = 0;
    says(&s, "error: epoch 5, CONVACC 0: align_right of the engine at port 2 is 0");
}

static void counts_saturations_traffic_and_unwritten_bytes(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct sample s;
    struct lp_npu_pool_memory pool = {"ram", RAM, POOL_BYTES, false, true, false};
    struct lp_npu_program program = {.name = "sample", .pools = &pool, .pool_count = 1, .epochs = &s.epoch, .epoch_count = 1};
    struct lp_sim_ram ram;
    struct lp_sim_options options = {0};
    struct lp_sim_report report;
    uint8_t bytes[96];
    make(&s);
    s.convacc[0].shift_o = 0;
    s.convacc[0].outbytes_o = 1;
    s.arith[0].inbytes_x = 1;
    assert_int_equal(lp_sim_ram_open(&arena, &diag, &program, &ram), LP_OK);
    memset(bytes, 100, sizeof bytes);
    assert_int_equal(lp_sim_ram_put(&ram, RAM + FEATURES, bytes, 96), LP_OK);
    assert_int_equal(lp_sim_ram_put(&ram, RAM + KERNELS, bytes, 18), LP_OK); /* the first kernel; the others stay unwritten */
    assert_int_equal(lp_sim_run(&arena, &program, &ram.memory, &options, &report), LP_OK);
    const struct lp_sim_epoch_report *e = &report.epochs[0];
    uint64_t saturations = 0, macs = 0;
    for (uint32_t i = 0; i < e->unit_count; i++) {
        saturations += e->units[i].unit_type == LP_NPU_CONVACC ? e->units[i].saturations : 0;
        macs += e->units[i].macs;
    }
    assert_int_equal(saturations, 48); /* every value of the first of four kernels */
    assert_int_equal(macs, 8 * 6 * 4 * 18);
    assert_int_equal(e->pools[0].read_bytes, 96 + 72 + 192 + 8); /* features, kernels, second input, coefficients */
    assert_int_equal(e->pools[0].write_bytes, 48);
    assert_int_equal(e->unwritten_bytes, 54 + 192 + 8);
    assert_int_equal(e->cycles, 192 + 1900);
    lp_arena_free(&arena);
    lp_diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_legal_epoch_runs_without_findings),
        cmocka_unit_test(every_impossible_field_is_named),
        cmocka_unit_test(wrong_routes_are_named),
        cmocka_unit_test(forms_that_hang_the_silicon_are_errors_unless_allowed),
        cmocka_unit_test(partial_sums_of_16_bits_need_align_right),
        cmocka_unit_test(counts_saturations_traffic_and_unwritten_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
