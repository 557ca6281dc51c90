/* Arithmetic on shapes is done when the model is compiled, shapes that come at run time are held to what the model declares,
 * and what would cost too much is refused. */
#include "compiler/analyze/shapes.h"
#include "compiler/import/import.h"
#include "compiler/pipeline.h"
#include "compiler/write/tflite_write.h"
#include "evaluate/evaluate.h"
#include "evaluate/load.h"
#include "tests/support/random_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SHAPE = 77, FILL = 94, RANGE = 96, FLOOR_DIV = 90, FLOOR_MOD = 95, DIV = 42 };

static const struct lp_target target = {
    .name = "test", .title = "test", .pointer_bytes = 4, .arena_align_bytes = 4, .blob_align_bytes = 4};
static const float scale = 0.5f;
static const int32_t zero_point = 3;

struct made {
    struct lp_tw file;
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_unit unit;
};

static struct made *begin(void)
{
    struct made *m = calloc(1, sizeof *m);
    assert_non_null(m);
    return m;
}

static void end(struct made *m)
{
    lp_diag_free(&m->diag);
    lp_arena_free(&m->arena);
    lp_tw_free(&m->file);
    free(m);
}

static int32_t bytes_tensor(struct made *m, int32_t rank, const int32_t *dims)
{
    return lp_tw_add_tensor(&m->file, "t", LP_ELEMENT_INT8, rank, dims, &scale, &zero_point);
}

/* int32 numbers: rank 0 or 1; computed ones have no data. */
static int32_t numbers(struct made *m, int32_t rank, int32_t count, const int32_t *data)
{
    int32_t t = lp_tw_add_tensor(&m->file, "numbers", LP_ELEMENT_INT32, rank, &count, NULL, NULL);
    if (data != NULL)
        lp_tw_set_data(&m->file, t, data, (size_t)count * sizeof *data);
    return t;
}

#define LIST(m, ...)                                                               \
    numbers((m), 1, (int32_t)(sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t)), \
            (static_list((int32_t[]){__VA_ARGS__}, sizeof((int32_t[]){__VA_ARGS__}))))

/* The writer keeps pointers. */
static const int32_t *static_list(const int32_t *list, size_t size_bytes)
{
    static int32_t room[1000];
    static size_t used;
    int32_t *to = &room[used];
    used += size_bytes / sizeof *list;
    assert_true(used <= 1000);
    memcpy(to, list, size_bytes);
    return to;
}

static int32_t scalar(struct made *m, int32_t number)
{
    return numbers(m, 0, 1, static_list(&number, sizeof number));
}

static struct lp_tw_op *add(struct made *m, int32_t code, uint8_t options, uint32_t count, const int32_t *inputs, int32_t out)
{
    return lp_tw_add_op(&m->file, code, options, count, inputs, out);
}

static lp_status compile(struct made *m)
{
    m->unit = (struct lp_unit){
        .model_path = "made.tflite", .target = &target, .last_stage = "plan", .arena = &m->arena, .diag = &m->diag};
    m->unit.model = lp_tw_finish(&m->file, &m->unit.model_bytes);
    return lp_compile(&m->unit);
}

static void expect_numbers(const struct made *m, int32_t tensor, uint32_t count, const int32_t *expected)
{
    const struct lp_tensor *t = &m->unit.model_graph->tensors[tensor];
    assert_non_null(t->data);
    assert_int_equal(lp_tensor_elements(t), count);
    assert_memory_equal(t->data, expected, count * sizeof *expected);
}

/* batch = SHAPE(in)[0]; RESHAPE(in, PACK(batch, -1)), then RELU. */
static int32_t add_flatten(struct made *m, int32_t in)
{
    int32_t shape = numbers(m, 1, 3, NULL);
    int32_t batch = numbers(m, 0, 1, NULL);
    int32_t packed = numbers(m, 1, 2, NULL);
    int32_t row = bytes_tensor(m, 2, (int32_t[]){2, 24});
    int32_t out = bytes_tensor(m, 2, (int32_t[]){2, 24});
    add(m, SHAPE, 55, 1, &in, shape);
    struct lp_tw_op *op = add(m, TW_STRIDED_SLICE, 32, 4, (int32_t[]){shape, LIST(m, 0), LIST(m, 1), LIST(m, 1)}, batch);
    op->fields[4] = (struct lp_tw_field){4, 1};
    op = add(m, TW_PACK, 59, 2, (int32_t[]){batch, scalar(m, -1)}, packed);
    op->fields[0] = (struct lp_tw_field){4, 2};
    add(m, TW_RESHAPE, 0, 2, (int32_t[]){in, packed}, row);
    add(m, TW_RELU, 0, 1, &row, out);
    m->file.inputs[m->file.input_count++] = in;
    m->file.outputs[m->file.output_count++] = out;
    return packed;
}

static void a_flatten_of_any_batch_is_one_reshape(void **state)
{
    (void)state;
    struct made *m = begin();
    int32_t packed = add_flatten(m, bytes_tensor(m, 3, (int32_t[]){2, 6, 4}));
    assert_int_equal(compile(m), LP_OK);
    assert_int_equal(m->unit.model_graph->op_count, 2);
    assert_int_equal(m->unit.model_graph->model_op_count, 5);
    assert_int_equal(m->unit.program->epoch_count, 1);
    expect_numbers(m, packed, 2, (int32_t[]){2, -1});
    end(m);
}

/* What was computed stands in the smaller file, and gives the same graph. */
static void the_writer_keeps_what_was_computed(void **state)
{
    (void)state;
    struct made *m = begin();
    int32_t packed = add_flatten(m, bytes_tensor(m, 3, (int32_t[]){2, 6, 4}));
    const uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    struct lp_graph *again = NULL;
    assert_int_equal(compile(m), LP_OK);
    const struct lp_graph *g = m->unit.model_graph;
    assert_int_equal(lp_tflite_write(&m->arena, &m->diag, m->unit.model, m->unit.model_bytes, g, g, &bytes, &size_bytes), LP_OK);
    assert_int_equal(lp_import(&m->arena, &m->diag, "written.tflite", bytes, size_bytes, &again), LP_OK);
    assert_int_equal(lp_analyze_shapes(again, &m->diag), LP_OK);
    assert_int_equal(again->op_count, 2);
    assert_int_equal(again->model_op_count, 2);
    assert_memory_equal(again->tensors[packed].data, ((int32_t[]){2, -1}), 8);
    end(m);
}

static void add_chain(struct made *m, int32_t *found)
{
    int32_t a = LIST(m, 7, -7, 7, -7);
    int32_t b = LIST(m, 2, 2, -2, -2);
    int32_t three = scalar(m, 3);
    for (int i = 0; i < 8; i++)
        found[i] = numbers(m, 1, i == 4 ? 3 : i == 5 ? 7 : i == 6 ? 2 : 4, NULL);
    add(m, FLOOR_DIV, 0, 2, (int32_t[]){a, b}, found[0]);
    add(m, FLOOR_MOD, 0, 2, (int32_t[]){a, b}, found[1]);
    add(m, DIV, 29, 2, (int32_t[]){a, b}, found[2]);
    add(m, TW_ADD, 11, 2, (int32_t[]){found[0], three}, found[3]);
    add(m, RANGE, 0, 3, (int32_t[]){scalar(m, 5), scalar(m, -1), scalar(m, -2)}, found[4]);
    add(m, TW_CONCATENATION, 10, 2, (int32_t[]){found[4], a}, found[5]);
    add(m, TW_GATHER, 23, 2, (int32_t[]){found[5], LIST(m, 6, 0)}, found[6]);
    add(m, TW_REVERSE_V2, 81, 2, (int32_t[]){found[0], LIST(m, 0)}, found[7]);
}

/* Python's // and %, C's /. The results are the shape operands of a chain that ends in the output. */
static void arithmetic_on_shapes(void **state)
{
    (void)state;
    struct made *m = begin();
    int32_t found[8];
    int32_t in = bytes_tensor(m, 1, (int32_t[]){4});
    int32_t out = bytes_tensor(m, 1, (int32_t[]){4});
    add_chain(m, found);
    add(m, TW_RELU, 0, 1, &in, out);
    m->file.inputs[m->file.input_count++] = in;
    m->file.outputs[m->file.output_count++] = out;
    assert_int_equal(compile(m), LP_OK);
    assert_int_equal(m->unit.model_graph->op_count, 1);
    expect_numbers(m, found[0], 4, (int32_t[]){3, -4, -4, 3});
    expect_numbers(m, found[1], 4, (int32_t[]){1, 1, -1, -1});
    expect_numbers(m, found[2], 4, (int32_t[]){3, -3, -3, 3});
    expect_numbers(m, found[3], 4, (int32_t[]){6, -1, -1, 6});
    expect_numbers(m, found[4], 3, (int32_t[]){5, 3, 1});
    expect_numbers(m, found[5], 7, (int32_t[]){5, 3, 1, 7, -7, 7, -7});
    expect_numbers(m, found[6], 2, (int32_t[]){-7, 5});
    expect_numbers(m, found[7], 4, (int32_t[]){3, -4, -4, 3});
    end(m);
}

/* Runs it in both ways; they have to agree. */
static lp_status run(struct made *m, const void *first, const void *second, void *result)
{
    struct lp_loaded loaded;
    struct lp_evaluation e;
    const uint8_t *inputs[2] = {first, second};
    uint8_t compiled[64] = {0};
    uint8_t *outputs[1] = {compiled};
    const struct lp_graph *g = m->unit.model_graph;
    size_t size = (size_t)lp_tensor_bytes(&g->tensors[g->outputs[0]]);
    assert_int_equal(lp_load(&m->arena, &m->diag, m->unit.graph, m->unit.program, m->unit.plan.peak_bytes, &loaded), LP_OK);
    lp_status status = lp_loaded_run(&loaded, &m->diag, inputs, outputs);
    assert_int_equal(lp_evaluate_open(&e, g, LP_ROUNDING_SINGLE, &m->diag), LP_OK);
    for (uint32_t i = 0; i < 2; i++)
        assert_int_equal(lp_evaluate_set_input(&e, i, inputs[i], (size_t)lp_tensor_bytes(&g->tensors[g->inputs[i]])), LP_OK);
    assert_int_equal(lp_evaluate_run(&e, &m->diag), status);
    if (status == LP_OK)
        assert_memory_equal(lp_evaluate_output(&e, 0), compiled, size);
    memcpy(result, compiled, size);
    lp_evaluate_close(&e);
    return status;
}

static void a_shape_at_run_time_must_be_the_declared_one(void **state)
{
    (void)state;
    struct made *m = begin();
    int32_t in = bytes_tensor(m, 2, (int32_t[]){2, 3});
    int32_t shape = numbers(m, 1, 2, NULL);
    int32_t row = bytes_tensor(m, 2, (int32_t[]){3, 2});
    int32_t out = bytes_tensor(m, 2, (int32_t[]){3, 2});
    add(m, TW_RESHAPE, 0, 2, (int32_t[]){in, shape}, row);
    add(m, TW_RELU, 0, 1, &row, out);
    m->file.inputs[0] = in;
    m->file.inputs[1] = shape;
    m->file.input_count = 2;
    m->file.outputs[m->file.output_count++] = out;
    assert_int_equal(compile(m), LP_OK);
    int8_t result[6];
    const int8_t values[6] = {-9, 3, 4, 5, 100, -128};
    assert_int_equal(run(m, values, (int32_t[]){3, 2}, result), LP_OK);
    assert_memory_equal(result, ((int8_t[]){3, 3, 4, 5, 100, 3}), 6);
    assert_int_equal(run(m, values, (int32_t[]){6, 1}, result), LP_BAD_INPUT);
    assert_non_null(strstr(lp_text_get(&m->diag.errors), "operator 0 (RESHAPE"));
    end(m);
}

static void an_index_at_run_time_must_be_in_range(void **state)
{
    (void)state;
    struct made *m = begin();
    int32_t in = bytes_tensor(m, 2, (int32_t[]){3, 2});
    int32_t indices = numbers(m, 1, 2, NULL);
    int32_t out = bytes_tensor(m, 2, (int32_t[]){2, 2});
    add(m, TW_GATHER, 23, 2, (int32_t[]){in, indices}, out);
    m->file.inputs[0] = in;
    m->file.inputs[1] = indices;
    m->file.input_count = 2;
    m->file.outputs[m->file.output_count++] = out;
    assert_int_equal(compile(m), LP_OK);
    int8_t result[4];
    const int8_t values[6] = {1, 2, 3, 4, 5, 6};
    assert_int_equal(run(m, values, (int32_t[]){2, 0}, result), LP_OK);
    assert_memory_equal(result, ((int8_t[]){5, 6, 1, 2}), 4);
    assert_int_equal(run(m, values, (int32_t[]){2, 3}, result), LP_BAD_INPUT);
    assert_int_equal(run(m, values, (int32_t[]){-1, 0}, result), LP_BAD_INPUT);
    end(m);
}

/* One operator with constant operands, behind which a RELU gives the output. */
static void refused(int32_t code, uint8_t options, uint32_t count, const int32_t (*operands)[4], const int32_t *fields,
                    const char *words)
{
    struct made *m = begin();
    int32_t in = bytes_tensor(m, 4, (int32_t[]){1, 4, 4, 4});
    int32_t out = lp_tw_add_tensor(&m->file, "result", LP_ELEMENT_INT8, 0, NULL, &scale, &zero_point);
    int32_t inputs[4] = {in};
    for (uint32_t i = 1; i < count; i++)
        inputs[i] = numbers(m, 1, 4, static_list(operands[i - 1], 16));
    struct lp_tw_op *op = add(m, code, options, count, inputs, out);
    for (int i = 0; fields != NULL && i < 3; i++)
        op->fields[i] = (struct lp_tw_field){4, fields[i]};
    m->file.inputs[m->file.input_count++] = in;
    m->file.outputs[m->file.output_count++] = out;
    lp_status status = compile(m);
    if (status == LP_OK || status == LP_INTERNAL || strstr(lp_text_get(&m->diag.errors), words) == NULL)
        fail_msg("expected '%s', found status %d: %s", words, (int)status, lp_text_get(&m->diag.errors));
    end(m);
}

static void wrong_operands_are_refused(void **state)
{
    (void)state;
    refused(TW_TRANSPOSE, 26, 2, (const int32_t[1][4]){{0, 1, 2, 2}}, NULL, "names dimension 2 twice");
    refused(TW_TRANSPOSE, 26, 2, (const int32_t[1][4]){{0, 1, 2, 4}}, NULL, "axis 4 is out of range");
    refused(TW_SLICE, 48, 3, (const int32_t[2][4]){{0, 3, 0, 0}, {1, 2, 4, 4}}, NULL, "begin 3 and size 2 leave dimension 1");
    refused(TW_SLICE, 48, 3, (const int32_t[2][4]){{0, -1, 0, 0}, {1, 2, 4, 4}}, NULL, "begin -1 and size 2 leave");
    refused(TW_SLICE, 48, 3, (const int32_t[2][4]){{0, 0, 0, 0}, {1, INT32_MAX, 4, 4}}, NULL, "leave dimension 1");
    refused(TW_STRIDED_SLICE, 32, 4, (const int32_t[3][4]){{0, 0, 0, 0}, {1, 4, 4, 4}, {1, 1, 0, 1}}, NULL, "stride 2 is 0");
    refused(TW_STRIDED_SLICE, 32, 4, (const int32_t[3][4]){{0, 3, 0, 0}, {1, 2, 4, 4}, {1, 1, 1, 1}}, NULL, "take nothing");
    refused(TW_TILE, 51, 2, (const int32_t[1][4]){{1, 1, INT32_MAX, 1}}, NULL, "smaller than 2 GiB");
    refused(TW_TILE, 51, 2, (const int32_t[1][4]){{1, 0, 1, 1}}, NULL, "is repeated 0 times");
    refused(TW_BROADCAST_TO, 0, 2, (const int32_t[1][4]){{5, 4, 3, 4}}, NULL, "is 3, its input has 4");
    refused(TW_REVERSE_V2, 81, 2, (const int32_t[1][4]){{0, 1, -4, 2}}, NULL, "name dimension 0 twice");
    refused(TW_GATHER, 23, 2, (const int32_t[1][4]){{0, 1, 2, 0}}, (const int32_t[]){4, 0, 0}, "axis 4 is out of range");
    refused(TW_GATHER, 23, 2, (const int32_t[1][4]){{0, 1, 2, 0}}, (const int32_t[]){1, 3, 0}, "batch dimensions");
    refused(TW_SPACE_TO_DEPTH, 19, 1, NULL, (const int32_t[]){0, 0, 0}, "block size is 0");
    refused(TW_SPACE_TO_DEPTH, 19, 1, NULL, (const int32_t[]){3, 0, 0}, "no multiple of the block size 3");
    refused(TW_DEPTH_TO_SPACE, 94, 1, NULL, (const int32_t[]){65536, 0, 0}, "block size is 65536");
    refused(TW_CONCATENATION, 10, 1, NULL, (const int32_t[]){-5, 0, 0}, "axis -5 is out of range");
    refused(TW_UNPACK, 64, 1, NULL, (const int32_t[]){1, 3, 0}, "has 1 outputs");
    refused(TW_PACK, 59, 1, NULL, (const int32_t[]){2, 0, 0}, "says that it has 2 inputs");
}

/* Three scalars into RANGE, or a shape and a value into FILL: small files that ask for much. */
static void large_constants_are_refused(void **state)
{
    (void)state;
    struct made *m = begin();
    int32_t in = bytes_tensor(m, 1, (int32_t[]){4});
    int32_t out = bytes_tensor(m, 1, (int32_t[]){4});
    int32_t list = lp_tw_add_tensor(&m->file, "list", LP_ELEMENT_INT32, 0, NULL, NULL, NULL);
    add(m, RANGE, 0, 3, (int32_t[]){scalar(m, 0), scalar(m, 1000000000), scalar(m, 1)}, list);
    add(m, TW_RELU, 0, 1, &in, out);
    m->file.inputs[m->file.input_count++] = in;
    m->file.outputs[m->file.output_count++] = out;
    assert_int_not_equal(compile(m), LP_OK);
    assert_non_null(strstr(lp_text_get(&m->diag.errors), "operator 0 (RANGE"));
    end(m);
}

/* A map of one value is not stored: it is written at run time, however large it is. */
static void a_large_fill_is_written_at_run_time(void **state)
{
    (void)state;
    struct made *m = begin();
    const int8_t *value = (const int8_t[]){-7};
    int32_t in = bytes_tensor(m, 2, (int32_t[]){400, 400});
    int32_t one = bytes_tensor(m, 0, NULL);
    lp_tw_set_data(&m->file, one, value, 1);
    int32_t filled = bytes_tensor(m, 2, (int32_t[]){400, 400});
    int32_t both = bytes_tensor(m, 2, (int32_t[]){800, 400});
    add(m, FILL, 0, 2, (int32_t[]){LIST(m, 400, 400), one}, filled);
    add(m, TW_CONCATENATION, 10, 2, (int32_t[]){in, filled}, both);
    m->file.inputs[m->file.input_count++] = in;
    m->file.outputs[m->file.output_count++] = both;
    assert_int_equal(compile(m), LP_OK);
    assert_true(m->unit.program->weights.size_bytes < 100);
    struct lp_loaded loaded;
    assert_int_equal(lp_load(&m->arena, &m->diag, m->unit.graph, m->unit.program, m->unit.plan.peak_bytes, &loaded), LP_OK);
    uint8_t *bytes = LP_NEW_ARRAY(&m->arena, 3 * 160000, uint8_t);
    assert_non_null(bytes);
    const uint8_t *inputs[1] = {bytes + 320000};
    uint8_t *outputs[1] = {bytes};
    memset(bytes + 320000, 5, 160000);
    assert_int_equal(lp_loaded_run(&loaded, &m->diag, inputs, outputs), LP_OK);
    for (int i = 0; i < 320000; i++)
        assert_int_equal((int8_t)bytes[i], i < 160000 ? 5 : -7);
    end(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flatten_of_any_batch_is_one_reshape),
        cmocka_unit_test(the_writer_keeps_what_was_computed),
        cmocka_unit_test(arithmetic_on_shapes),
        cmocka_unit_test(a_shape_at_run_time_must_be_the_declared_one),
        cmocka_unit_test(an_index_at_run_time_must_be_in_range),
        cmocka_unit_test(wrong_operands_are_refused),
        cmocka_unit_test(large_constants_are_refused),
        cmocka_unit_test(a_large_fill_is_written_at_run_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
