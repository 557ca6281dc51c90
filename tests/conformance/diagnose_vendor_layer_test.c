/* The model of a layer that the vendor's compiler made: bit-exact with the simulator running the same integers, and with
 * the captured programs of the vendor's compiler, whose constants and shifts it must find by itself. */
#include "cli/diagnose/parts.h"
#include "compiler/analyze/shapes.h"
#include "compiler/import/import.h"
#include "diagnose/vendor_layer.h"
#include "tests/support/faulty_device.h"
#include "tests/support/neural_art_session.h"
#include "tests/support/random_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

enum { INPUTS = 12, OUTPUTS = 8, RAM = 0x342e0000, OUT_AT = 0x1000, FLASH = 0x70380000, SCALES = 0x400, BIASES = 0x600 };
static int skipped;

enum { LAYERS = 40, VECTORS = 20, MOST = 256 };

/* A matrix product as a model file. */
struct layer {
    struct lp_tw file;
    float scale_in, scale_out, scales[MOST];
    int32_t zero_in, zero_out, zeros[MOST], bias[MOST];
    int8_t weights[MOST * MOST];
    int32_t inputs, outputs;
    bool has_bias;
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_graph *graph;
};

static void open_layer(struct layer *l)
{
    int32_t in = lp_tw_add_tensor(&l->file, "in", LP_ELEMENT_INT8, 2, (int32_t[]){1, l->inputs}, &l->scale_in, &l->zero_in);
    int32_t w = lp_tw_add_tensor(&l->file, "w", LP_ELEMENT_INT8, 2, (int32_t[]){l->outputs, l->inputs}, l->scales, l->zeros);
    int32_t b = lp_tw_add_tensor(&l->file, "b", LP_ELEMENT_INT32, 1, &l->outputs, NULL, NULL);
    int32_t out = lp_tw_add_tensor(&l->file, "out", LP_ELEMENT_INT8, 2, (int32_t[]){1, l->outputs}, &l->scale_out, &l->zero_out);
    lp_tw_set_data(&l->file, w, l->weights, (size_t)(l->inputs * l->outputs));
    lp_tw_set_channel_scales(&l->file, w, l->scales, l->zeros, (uint32_t)l->outputs, 0);
    lp_tw_set_data(&l->file, b, l->bias, sizeof *l->bias * (size_t)l->outputs);
    lp_tw_add_op(&l->file, TW_FULLY_CONNECTED, 8, l->has_bias ? 3 : 2, (int32_t[]){in, w, b}, out);
    l->file.inputs[l->file.input_count++] = in;
    l->file.outputs[l->file.output_count++] = out;
    size_t bytes;
    const uint8_t *file = lp_tw_finish(&l->file, &bytes);
    lp_status status = lp_import(&l->arena, &l->diag, "layer.tflite", file, bytes, &l->graph);
    if (status == LP_OK)
        status = lp_analyze_shapes(l->graph, &l->diag);
    if (status != LP_OK)
        fail_msg("%s", lp_text_get(&l->diag.errors));
}

static void close_layer(struct layer *l)
{
    lp_diag_free(&l->diag);
    lp_arena_free(&l->arena);
    lp_tw_free(&l->file);
    free(l);
}

/* ---- the same integers in a program of the NPU ---- */

static struct lp_npu_streng engine(int32_t unit, uint32_t base, uint32_t offset, uint32_t length)
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

static struct lp_npu_arith affine(int32_t unit, int32_t out_bytes, int32_t shift)
{
    return (struct lp_npu_arith){.unit = unit,
                                 .operation = LP_NPU_ARITH_AFFINE,
                                 .bcast = LP_NPU_BCAST_CHAN,
                                 .inbytes_x = 2,
                                 .outbytes_x = 2,
                                 .inbytes_y = 2,
                                 .outbytes_y = 2,
                                 .rounding_o = 1,
                                 .saturation_o = 1,
                                 .round_mode_o = 1,
                                 .outbytes_o = out_bytes,
                                 .shift_o = shift,
                                 .fWidth = 1,
                                 .fHeight = 1,
                                 .fChannels = OUTPUTS,
                                 .batchDepth = OUTPUTS};
}

static void make_units(struct na_session *s, const struct lp_vendor_layer *v, struct lp_npu_epoch *e)
{
    bool two = v->form == LP_VENDOR_TWO_STAGE;
    struct lp_npu_arith *last;
    e->streng = LP_NEW_ARRAY(&s->arena, 3, struct lp_npu_streng);
    e->streng[0] = engine(0, RAM, 0, INPUTS);
    e->streng[0].nbits_out = 16;
    e->streng[1] = engine(1, FLASH, 0, INPUTS * OUTPUTS);
    e->streng[1].continuous = 1;
    e->streng[2] = engine(5, RAM, OUT_AT, OUTPUTS);
    e->streng[2].dir = 1;
    e->streng[2].align_right = 0;
    e->convacc = LP_NEW(&s->arena, struct lp_npu_convacc);
    *e->convacc = (struct lp_npu_convacc){.simd = 2,
                                          .inbytes_f = 2,
                                          .fsub = v->view.in_zero,
                                          .shift_a = v->accumulator_shift,
                                          .shift_o = v->accumulator_shift,
                                          .rounding_o = 1,
                                          .saturation_o = 1,
                                          .round_mode_o = 1,
                                          .outbytes_o = 2,
                                          .fWidth = 1,
                                          .fHeight = 1,
                                          .kernelWidth = 1,
                                          .kernelHeight = 1,
                                          .nKernels = OUTPUTS,
                                          .batchDepth = INPUTS,
                                          .hstride = 1,
                                          .vstride = 1};
    e->arith = LP_NEW_ARRAY(&s->arena, 2, struct lp_npu_arith);
    e->arith[0] = affine(0, two ? 2 : 1, two ? v->scale_shift : v->output_shift);
    e->arith[0].A_vector = FLASH + SCALES;
    e->arith[0].vec_precision[0] = 16;
    e->arith[1] = affine(1, 1, v->output_shift);
    e->arith[1].A_scalar = v->output_factor;
    last = &e->arith[two ? 1 : 0];
    last->C_vector = FLASH + BIASES;
    last->vec_precision[2] = 32;
    last->combinebc = 1;
    last->C_shift = v->constant_shift;
    e->unit_count[LP_NPU_STRENG] = 3;
    e->unit_count[LP_NPU_CONVACC] = 1;
    e->unit_count[LP_NPU_ARITH] = two ? 2 : 1;
}

static void make_routes(struct na_session *s, bool two, struct lp_npu_epoch *e)
{
    const struct lp_npu_port links[][2] = {
        {{LP_NPU_CONVACC, 0, 0}, {LP_NPU_STRENG, 0, 0}}, {{LP_NPU_CONVACC, 0, 1}, {LP_NPU_STRENG, 1, 0}},
        {{LP_NPU_ARITH, 0, 0}, {LP_NPU_CONVACC, 0, 0}},  {{LP_NPU_STRENG, 5, 0}, {LP_NPU_ARITH, two ? 1 : 0, 0}},
        {{LP_NPU_ARITH, 1, 0}, {LP_NPU_ARITH, 0, 0}},
    };
    e->route_count = two ? 5 : 4;
    e->routes = LP_NEW_ARRAY(&s->arena, e->route_count, struct lp_npu_route);
    for (uint32_t i = 0; i < e->route_count; i++)
        e->routes[i] = (struct lp_npu_route){
            .destination = links[i][0], .contexts = {{.enable = 1, .source = links[i][1]}}, .context_count = 1};
}

static void add_buffer(struct na_session *s, struct lp_npu_program *p, enum lp_npu_buffer_role role, uint32_t address,
                       uint32_t bytes)
{
    p->buffers[role].items = LP_NEW(&s->arena, struct lp_npu_buffer);
    p->buffers[role].count = 1;
    *p->buffers[role].items = (struct lp_npu_buffer){.name = "buffer", .dtype = "int8", .address = address, .size_bytes = bytes};
}

static struct lp_npu_program *make_program(struct na_session *s, const struct layer *l, const struct lp_vendor_layer *v)
{
    memset(s, 0, sizeof *s);
    struct lp_npu_program *p = LP_NEW(&s->arena, struct lp_npu_program);
    uint8_t *image = lp_arena_alloc(&s->arena, 0x800, 1);
    memcpy(image, l->weights, INPUTS * OUTPUTS);
    memcpy(image + SCALES, v->factor, OUTPUTS * sizeof *v->factor);
    memcpy(image + BIASES, v->constant, OUTPUTS * sizeof *v->constant);
    p->name = "layer";
    p->pool_count = 2;
    p->pools = LP_NEW_ARRAY(&s->arena, 2, struct lp_npu_pool_memory);
    p->pools[0] = (struct lp_npu_pool_memory){.name = "npuRAM5", .base = RAM, .size_bytes = 0x10000, .is_writable = true};
    p->pools[1] = (struct lp_npu_pool_memory){.name = "octoFlash", .base = FLASH, .size_bytes = 0x10000};
    p->image_count = 1;
    p->images = LP_NEW(&s->arena, struct lp_npu_image);
    p->images[0] = (struct lp_npu_image){
        .pool = "octoFlash", .base = FLASH, .size_bytes = 0x800, .file = "parameters.bin", .bytes = image};
    add_buffer(s, p, LP_NPU_INPUT, RAM, INPUTS);
    add_buffer(s, p, LP_NPU_OUTPUT, RAM + OUT_AT, OUTPUTS);
    add_buffer(s, p, LP_NPU_PARAMETER, FLASH, 0x800);
    p->epochs = LP_NEW(&s->arena, struct lp_npu_epoch);
    p->epoch_count = 1;
    p->epochs->id = 2;
    p->epochs->wait_mask = 1u << 5;
    make_units(s, v, p->epochs);
    make_routes(s, v->form == LP_VENDOR_TWO_STAGE, p->epochs);
    return p;
}

/* Weights that balance, so that the net sum says little, and inputs that go along with their signs. */
static struct layer *random_layer(uint64_t *state)
{
    struct layer *l = calloc(1, sizeof *l);
    l->inputs = INPUTS;
    l->outputs = OUTPUTS;
    l->has_bias = faulty_random(state) % 3 != 0;
    l->scale_in = 0.01f + (float)(faulty_random(state) % 100) / 1000;
    l->zero_in = (int32_t)(faulty_random(state) % 200) - 100;
    l->zero_out = (int32_t)(faulty_random(state) % 200) - 100;
    for (int32_t o = 0; o < OUTPUTS; o++) {
        l->scales[o] = 0.004f + (float)(faulty_random(state) % 100) / 10000;
        l->bias[o] = (int32_t)(faulty_random(state) % 40000) - 20000;
        for (int32_t i = 0; i < INPUTS; i++)
            l->weights[o * INPUTS + i] = (int8_t)((int32_t)(faulty_random(state) % 127) * (i % 2 == 0 ? 1 : -1));
    }
    l->scale_out = l->scale_in * (0.2f + (float)(faulty_random(state) % 100) / 50);
    return l;
}

static void the_simulator_agrees(void **test)
{
    uint64_t state = 5, saturated = 0, between = 0;
    (void)test;
    for (int n = 0; n < LAYERS; n++) {
        struct layer *l = random_layer(&state);
        struct lp_vendor_layer v;
        struct na_session s;
        enum lp_vendor_form form = n % 2 == 0 ? LP_VENDOR_TWO_STAGE : LP_VENDOR_FUSED;
        open_layer(l);
        assert_int_equal(lp_vendor_layer_make(&l->arena, &l->diag, l->graph, &l->graph->ops[0], form,
                                              n % 4 < 2 ? LP_VENDOR_NET_SUM : LP_VENDOR_SAFE_SUM, -1, &v),
                         LP_OK);
        na_open_program(&s, make_program(&s, l, &v));
        for (int k = 0; k < VECTORS; k++) {
            int8_t in[INPUTS], out[OUTPUTS];
            uint8_t simulated[OUTPUTS];
            struct lp_vendor_counts counts = {0};
            for (int i = 0; i < INPUTS; i++)
                in[i] = (int8_t)((i % 2 == 0 ? 1 : -1) * (int)(faulty_random(&state) % 128));
            lp_vendor_layer_run(&v, in, out, &counts);
            if (na_run(&s, (const uint8_t *)in, simulated) != LP_OK) {
                na_print_findings(&s);
                fail_msg("the program does not run");
            }
            assert_memory_equal(out, simulated, OUTPUTS);
            if (n % 4 >= 2)
                assert_int_equal(counts.saturated, 0);
            saturated += counts.saturated;
            between += counts.saturated_between;
        }
        na_close(&s);
        close_layer(l);
    }
    print_message("%llu accumulators and %llu values between the stages saturate\n", (unsigned long long)saturated,
                  (unsigned long long)between);
    assert_true(saturated > 100 && between > 20);
}

/* ---- programs of the vendor's compiler ---- */

static double first(const json_t *object, const char *key)
{
    return json_number_value(json_array_get(json_object_get(object, key), 0));
}

static struct layer *captured_layer(struct na_session *s, const char *folder)
{
    struct layer *l = calloc(1, sizeof *l);
    char path[300];
    size_t size;
    snprintf(path, sizeof path, "%s/model.json", folder);
    json_t *json = json_load_file(path, 0, NULL);
    assert_non_null(json);
    const json_t *layer = json_array_get(json_object_get(json, "layers"), 0);
    const json_t *in = json_object_get(layer, "input"), *out = json_object_get(layer, "output");
    l->scale_in = (float)first(in, "scale");
    l->zero_in = (int32_t)first(in, "zero_point");
    l->scale_out = (float)first(out, "scale");
    l->zero_out = (int32_t)first(out, "zero_point");
    l->inputs = (int32_t)json_integer_value(json_array_get(json_object_get(in, "shape"), 1));
    l->outputs = (int32_t)json_integer_value(json_array_get(json_object_get(out, "shape"), 1));
    assert_true(l->inputs <= MOST && l->outputs <= MOST);
    memcpy(l->weights, na_file(s, folder, "weights.bin", &size), (size_t)(l->inputs * l->outputs));
    memcpy(l->scales, na_file(s, folder, "weights_scale.bin", &size), sizeof *l->scales * (size_t)l->outputs);
    json_decref(json);
    open_layer(l);
    return l;
}

static size_t differing(struct na_session *s, const char *folder, const struct layer *l, const struct lp_vendor_layer *v,
                        const char *in_file, const char *out_file, size_t *compared)
{
    size_t in_size, out_size, different = 0;
    const uint8_t *in = na_file(s, folder, in_file, &in_size), *want = na_file(s, folder, out_file, &out_size);
    size_t count = in_size / (size_t)l->inputs;
    assert_int_equal(count * (size_t)l->outputs, out_size);
    for (size_t n = 0; n < count; n++) {
        int8_t out[MOST];
        struct lp_vendor_counts counts = {0};
        lp_vendor_layer_run(v, (const int8_t *)in + n * (size_t)l->inputs, out, &counts);
        for (int32_t o = 0; o < l->outputs; o++)
            different += (uint8_t)out[o] != want[n * (size_t)l->outputs + (size_t)o];
    }
    *compared += out_size;
    return different;
}

/* The same program as `--program` reads it: its outputs, and the saturations that it counts. */
static uint64_t run_as_device(const struct layer *l, const char *folder)
{
    struct lp_session session = {0};
    struct lp_case c = {.graph = l->graph, .input_bytes = (size_t)l->inputs};
    struct lp_case_device device;
    struct na_session files = {0};
    size_t in_size, out_size;
    uint8_t output[MOST];
    uint64_t saturations = 0;
    const uint8_t *in = na_file(&files, folder, "in0.bin", &in_size), *want = na_file(&files, folder, "out0.bin", &out_size);
    assert_int_equal(lp_diagnose_device(&session, folder, &c, &device), LP_OK);
    for (size_t n = 0; n < in_size / (size_t)l->inputs; n++) {
        assert_int_equal(device.run(device.user, in + n * (size_t)l->inputs, output, NULL, 0, &session.diag), LP_OK);
        assert_memory_equal(output, want + n * (size_t)l->outputs, (size_t)l->outputs);
    }
    for (uint32_t e = 0; e < device.epoch_count; e++)
        saturations += device.saturations[e];
    lp_diag_free(&session.diag);
    lp_arena_free(&session.arena);
    lp_arena_free(&files.arena);
    return saturations;
}

static void captured_programs_agree(void **test)
{
    static const char *const names[] = {"dense_10x10", "dense_16", "dense_17", "dense_8x16",
                                        "dense_17x10", "dense_32", "dense_64", "dense_256"};
    (void)test;
    for (size_t i = 0; i < LP_COUNT(names); i++) {
        char folder[200], program[260];
        snprintf(folder, sizeof folder, "../shared/captures/%s", names[i]);
        snprintf(program, sizeof program, "%s/program.json", folder);
        FILE *file = fopen(program, "r");
        if (file == NULL) {
            printf("SKIP %s: the captures are not there\n", names[i]);
            skipped = 1;
            return;
        }
        fclose(file);
        struct na_session s;
        size_t compared = 0;
        na_open(&s, folder);
        struct layer *l = captured_layer(&s, folder);
        struct lp_vendor_layer v;
        assert_int_equal(lp_vendor_layer_make(&l->arena, &l->diag, l->graph, &l->graph->ops[0], LP_VENDOR_TWO_STAGE,
                                              LP_VENDOR_NET_SUM, -1, &v),
                         LP_OK);
        size_t different = differing(&s, folder, l, &v, "in0.bin", "out0.bin", &compared);
        different += differing(&s, folder, l, &v, "in0.edge.bin", "out0.edge.bin", &compared);
        print_message("%s: %zu bytes compared, %zu differ (shift %d)\n", names[i], compared, different, (int)v.accumulator_shift);
        assert_int_equal(different, 0);
        uint64_t saturations = run_as_device(l, folder);
        assert_true((saturations != 0) == (strcmp(names[i], "dense_10x10") == 0)); /* the only one with negative weights */
        close_layer(l);
        na_close(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_simulator_agrees),
        cmocka_unit_test(captured_programs_agree),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed != 0 ? failed : skipped != 0 ? 77 : 0;
}
