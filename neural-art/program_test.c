#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "neural-art/fields.h"
#include "neural-art/program.h"

/* The smallest program that has everything: one convolution, an addition behind it, two contexts, a cache operation. */
static struct lp_npu_streng engines[] = {
    {.unit = 0,
     .raw = 1,
     .nbits_in = 8,
     .nbits_out = 8,
     .addr_base = 0x34000000,
     .offset_end = 16,
     .offset_limit = 80,
     .frame_tot_cnt = 1},
    {.unit = 1,
     .raw = 1,
     .nbits_in = 8,
     .nbits_out = 8,
     .addr_base = 0x70000000,
     .offset_start = 8,
     .offset_end = 24,
     .frame_tot_cnt = 1},
    {.unit = 9,
     .dir = 1,
     .raw = 1,
     .nbits_in = 8,
     .nbits_out = 8,
     .addr_base = 0x34000000,
     .offset_start = 64,
     .offset_end = 68,
     .frame_tot_cnt = 1},
};
static struct lp_npu_convacc convolution = {.simd = 1,
                                            .fsub = -3,
                                            .inbytes_f = 1,
                                            .outbytes_o = 2,
                                            .fWidth = 1,
                                            .fHeight = 1,
                                            .kernelWidth = 1,
                                            .kernelHeight = 1,
                                            .nKernels = 1,
                                            .batchDepth = 16,
                                            .afilt_mode = LP_NPU_AFILT_FRAMEZERO,
                                            .afilt_tot = 1};
static struct lp_npu_arith arith = {.unit = 2,
                                    .operation = LP_NPU_ARITH_MUL,
                                    .bcast = LP_NPU_BCAST_WIDTH,
                                    .inbytes_x = 1,
                                    .outbytes_x = 1,
                                    .outbytes_o = 1,
                                    .A_scalar = -32768,
                                    .C_vector = 0x70000010,
                                    .vec_precision = {16, 8, 32}};
static struct lp_npu_route routes[] = {
    {.destination = {LP_NPU_CONVACC, 0, 1},
     .contexts = {{1, 3, {LP_NPU_STRENG, 1, 0}}, {0, 255, {LP_NPU_STRENG, 1, 0}}},
     .context_count = 2},
};
static struct lp_npu_unit_id order[] = {{LP_NPU_STRENG, 9}, {LP_NPU_CONVACC, 0}};
static struct lp_npu_cache_op cache_op = {LP_NPU_CACHE_END_AFTER_DISABLE, LP_NPU_CACHE_NPU, LP_NPU_CACHE_CLEAN_INVALIDATE, 64,
                                          32};
static struct lp_npu_epoch epochs[] = {
    {.id = 7,
     .wait_mask = 512,
     .streng = engines,
     .convacc = &convolution,
     .arith = &arith,
     .unit_count = {3, 1, 1, 0, 0},
     .routes = routes,
     .route_count = 1,
     .enable_order = {order, 2},
     .cache_ops = &cache_op,
     .cache_op_count = 1,
     .compute_cycles = 16,
     .estimated_npu_cycles = 17,
     .estimated_total_cycles = 18},
    {.id = 8, .kind = LP_NPU_EPOCH_SW, .sw_op = "{\"operator\":\"softmax\"}"},
};
static const int64_t shape[] = {1, 1, 1, 16};
static const double scale[] = {0.0042135356925427914, 2};
static const int32_t zero_point[] = {-128};
static struct lp_npu_buffer input = {.name = "a \"name\"",
                                     .dtype = "int8",
                                     .address = 0x34000000,
                                     .size_bytes = 16,
                                     .limit = 0x34000050,
                                     .bits = 8,
                                     .q = {7, -2},
                                     .shape = shape,
                                     .rank = 4,
                                     .batch = 16,
                                     .first_epoch = 0,
                                     .live_last_epoch = 7,
                                     .scale = scale,
                                     .scale_count = 2,
                                     .zero_point = zero_point,
                                     .zero_point_count = 1};
static struct lp_npu_pool_memory pools[] = {{"ram", 0x34000000, 4096, false, true, false},
                                            {"flash", 0x70000000, 64, true, false, true}};
static const uint8_t image_bytes[24] = {1, 2, 3};
static struct lp_npu_image image = {
    .pool = "flash", .base = 0x70000000, .size_bytes = 24, .file = "parameters.bin", .bytes = image_bytes};
static const uint8_t state_bytes[5] = {9, 8, 7, 6, 5};
static struct lp_npu_image kept = {.pool = "ram", .base = 0x34000040, .size_bytes = 5, .file = "kept.bin", .bytes = state_bytes};
static const char *in_files[] = {"in0.bin"}, *out_files[] = {"out0.bin"};
static struct lp_npu_vectors vectors = {"random", 2, in_files, out_files, 1, 1};
static const struct lp_npu_program sample = {.name = "sample",
                                             .pools = pools,
                                             .pool_count = 2,
                                             .images = &image,
                                             .image_count = 1,
                                             .states = &kept,
                                             .state_count = 1,
                                             .buffers = {{&input, 1}},
                                             .epochs = epochs,
                                             .epoch_count = 2,
                                             .vectors = &vectors,
                                             .vectors_count = 1};

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = calloc(1, 1 << 16);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
    fclose(file);
    return text;
}

static const char folder[] = "neural_art_program_test.tmp";

static char *saved_text(const struct lp_npu_program *program)
{
    char path[100];
    struct lp_diag diag = {0};
    assert_int_equal(lp_npu_program_save(&diag, folder, program), LP_OK);
    snprintf(path, sizeof path, "%s/program.json", folder);
    char *text = read_text(path);
    lp_diag_free(&diag);
    return text;
}

static void what_is_saved_is_read_back(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_npu_program *p = NULL;
    char *first = saved_text(&sample);
    if (lp_npu_program_load(&arena, &diag, folder, &p) != LP_OK)
        fail_msg("%s", lp_text_get(&diag.errors));
    assert_int_equal(p->epoch_count, 2);
    assert_memory_equal(p->epochs[0].streng, engines, sizeof engines);
    assert_memory_equal(p->epochs[0].convacc, &convolution, sizeof convolution);
    assert_memory_equal(p->epochs[0].arith, &arith, sizeof arith);
    assert_memory_equal(p->epochs[0].routes, routes, sizeof routes);
    assert_memory_equal(p->epochs[0].cache_ops, &cache_op, sizeof cache_op);
    assert_memory_equal(p->epochs[0].enable_order.units, order, sizeof order);
    assert_int_equal(p->epochs[0].compute_cycles, 16);
    assert_string_equal(p->epochs[1].sw_op, epochs[1].sw_op);
    assert_int_equal(p->epochs[1].kind, LP_NPU_EPOCH_SW);
    assert_memory_equal(p->images[0].bytes, image_bytes, sizeof image_bytes);
    assert_int_equal(p->image_count, 1);
    assert_int_equal(p->state_count, 1);
    assert_int_equal(p->states[0].base, kept.base);
    assert_memory_equal(p->states[0].bytes, state_bytes, sizeof state_bytes);
    const struct lp_npu_buffer *b = &p->buffers[LP_NPU_INPUT].items[0];
    assert_string_equal(b->name, input.name);
    assert_true(b->scale[0] == scale[0] && b->scale[1] == 2);
    assert_int_equal(b->q[1], -2);
    assert_int_equal(b->zero_point[0], -128);
    assert_string_equal(p->vectors[0].outputs[0], "out0.bin");
    char *second = saved_text(p);
    assert_string_equal(first, second);
    free(first);
    free(second);
    lp_arena_free(&arena);
    lp_diag_free(&diag);
}

/* Replaces the first `from` by `to` and says what the reader thinks of it. */
static void refuses(const char *from, const char *to, const char *message)
{
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_npu_program *p = NULL;
    char *text = saved_text(&sample), *at = strstr(text, from);
    assert_non_null(at);
    struct lp_text changed = {0};
    lp_text_add(&changed, text, (size_t)(at - text));
    lp_text_printf(&changed, "%s%s", to, at + strlen(from));
    lp_status status = lp_npu_program_parse(&arena, &diag, "program.json", changed.data, changed.length, &p);
    if (status != LP_BAD_INPUT || strstr(lp_text_get(&diag.errors), message) == NULL)
        fail_msg("%s -> %s: status %d, message \"%s\", expected \"%s\"", from, to, (int)status, lp_text_get(&diag.errors),
                 message);
    assert_null(p);
    lp_text_free(&changed);
    free(text);
    lp_arena_free(&arena);
    lp_diag_free(&diag);
}

static void every_wrong_value_is_named(void **state)
{
    (void)state;
    refuses("\"state\": 1", "\"state\": 2", "state is 2; allowed are 0 and 1");
    refuses("npu-capture-program", "onnx", "format is \"onnx\"");
    refuses("\"format_version\": 1", "\"format_version\": 2", "format_version is 2; allowed is 1 to 1");
    refuses("\"nKernels\": 1", "\"nKernels\": 256", "epoch 7, CONVACC 0: nKernels is 256; allowed is 1 to 255");
    refuses("\"nKernels\": 1", "\"nKernel\": 1", "no field \"nKernel\"");
    refuses("\"nKernels\": 1, ", "", "the member nKernels is missing");
    refuses("\"nKernels\": 1", "\"nKernels\": 1.5", "nKernels is not an integer");
    refuses("\"nKernels\": 1", "\"nKernels\": 99999999999999999999", "too big");
    refuses("\"FRAMEZERO\"", "\"FRAMES\"", "afilt_mode is \"FRAMES\"; allowed is one of NONE, PIXELDROP, FRAMEDROP, FRAMEZERO");
    refuses("[16, 8, 32]", "[16, 8]", "vec_precision is not an array of 3 integers");
    refuses("[16, 8, 32]", "[16, 8, 33]", "entry 2 of vec_precision");
    refuses("\"unit\": \"STRENG\", \"index\": 1,", "\"unit\": \"STRENG\", \"index\": 10,",
            "STRENG has no unit 10; allowed is 0 to 9");
    refuses("\"index\": 0, \"port\": 1}", "\"index\": 0, \"port\": 3}", "port is 3; allowed is 0 to 2");
    refuses("\"frames\": 255", "\"frames\": 256", "frames is 256; allowed is 0 to 255");
    refuses("\"address\": 1879048200", "\"address\": 1879048201", "addr_base + offset_start is 1879048200");
    refuses("\"length\": 16", "\"length\": 15", "offset_end - offset_start is 16");
    refuses("\"out_engine_mask\": 512", "\"out_engine_mask\": 1",
            "out_engine_mask is 1; the epoch's engines of that direction are 512");
    refuses("\"size\": 4096", "\"size\": 4294967295", "base + size is");
    refuses("parameters.bin", "../secret", "allowed is a name inside the program's folder");
    refuses("parameters.bin", "/etc/passwd", "allowed is a name inside the program's folder");
    refuses("\"end_after_disable\"", "\"later\"", "when is \"later\"");
    refuses("\"epochs\": [", "\"epochs\": [1, ", "an epoch is not an object");
    refuses("\"kind\": \"hw\"", "\"kind\": \"fw\"", "kind is \"fw\"; allowed is one of hw, sw, hybrid");
    refuses("\"name\": \"sample\"", "\"name\": \"sample\", \"name\": \"twice\"", "duplicate");
    refuses("\"zero_point\": [-128]", "\"zero_point\": [-40000]", "entry 0 of zero_point");
    refuses("{\"format\"", "[{\"format\"", "line");
}

static void a_wrong_image_is_named(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_npu_program changed = sample, *p;
    struct lp_npu_image short_image = image;
    short_image.size_bytes = 23;
    changed.images = &short_image;
    free(saved_text(&sample));
    char path[100];
    free(saved_text(&changed));
    snprintf(path, sizeof path, "%s/parameters.bin", folder);
    FILE *file = fopen(path, "ab");
    assert_non_null(file);
    fputc(0, file);
    fclose(file);
    assert_int_equal(lp_npu_program_load(&arena, &diag, folder, &p), LP_BAD_INPUT);
    assert_non_null(strstr(lp_text_get(&diag.errors), "parameters.bin has 24 bytes; program.json says 23"));
    remove(path);
    snprintf(path, sizeof path, "%s/program.json", folder);
    remove(path);
    snprintf(path, sizeof path, "%s/kept.bin", folder);
    remove(path);
    remove(folder);
    lp_arena_free(&arena);
    lp_diag_free(&diag);
}

static void frames_lie_where_the_rules_say(void **state)
{
    (void)state;
    struct lp_npu_streng s = {.raw = 1,
                              .nbits_in = 16,
                              .nbits_out = 16,
                              .addr_base = 1000,
                              .offset_start = 10,
                              .offset_end = 30,
                              .frame_offset = 7,
                              .loop_offset = 100,
                              .frame_loop_cnt = 3};
    assert_int_equal(lp_npu_streng_frame_elements(&s), 10);
    assert_int_equal(lp_npu_streng_frame_address(&s, 5), 1010 + 2 * 7 + 100);
    s.frame_loop_cnt = 0;
    assert_int_equal(lp_npu_streng_frame_address(&s, 5), 1010 + 35);
    s.continuous = 1;
    assert_int_equal(lp_npu_streng_frame_address(&s, 5), 1010 + 100);
    s.raw = 0;
    s.fwidth = 4;
    s.fheight = 3;
    s.batch_depth = 2;
    s.batch_offset = 8;
    assert_int_equal(lp_npu_streng_frame_span(&s), 2 * 32 + 3 * 8 + 4);
    s.line_offset = 64;
    assert_int_equal(lp_npu_streng_frame_span(&s), 2 * 64 + 3 * 8 + 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_is_read_back),
        cmocka_unit_test(every_wrong_value_is_named),
        cmocka_unit_test(a_wrong_image_is_named),
        cmocka_unit_test(frames_lie_where_the_rules_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
