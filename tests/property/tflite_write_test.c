/* Random models with dead channels, written as .tflite and read back: the graph that comes back is the graph that was
 * written, name by name and byte by byte, and a model written as it is comes back as it was. */
#include "cli/graph_runner.h"
#include "compiler/analyze/shapes.h"
#include "compiler/import/import.h"
#include "compiler/write/tflite_write.h"
#include "tests/support/golden.h"
#include "tests/support/planted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MODELS = 1500 };

static void need_ok(lp_status status, const struct lp_diag *diag, const char *who)
{
    if (status != LP_OK)
        fail_msg("%s: %s", who, lp_text_get(&diag->errors));
}

static void same_list(const int32_t *a, uint32_t a_count, const int32_t *b, uint32_t b_count, const char *who)
{
    if (a_count != b_count || (a_count != 0 && memcmp(a, b, a_count * sizeof *a) != 0))
        fail_msg("%s: lists of tensors differ", who);
}

static void same_tensor(const struct lp_tensor *a, const struct lp_tensor *b, const char *who)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->element, b->element);
    if (!lp_tensors_same_shape(a, b) || !lp_tensors_same_quant(a, b))
        fail_msg("%s: tensor '%s' has another shape or quantization", who, a->name);
    assert_int_equal(a->data == NULL, b->data == NULL);
    if (a->data != NULL && memcmp(a->data, b->data, (size_t)lp_tensor_bytes(a)) != 0)
        fail_msg("%s: the data of tensor '%s' differ", who, a->name);
}

/* Operators' numbers of the source file change where some are gone, everything else is the same. Tensors that nobody names
 * any more keep their place, but not their data. */
static void same_graph(const struct lp_graph *a, const struct lp_graph *b, const char *who)
{
    bool *is_named = calloc(a->tensor_count + 1, sizeof *is_named);
    assert_non_null(is_named);
    assert_string_equal(a->description, b->description);
    assert_int_equal(a->tensor_count, b->tensor_count);
    assert_int_equal(a->op_count, b->op_count);
    same_list(a->inputs, a->input_count, b->inputs, b->input_count, who);
    same_list(a->outputs, a->output_count, b->outputs, b->output_count, who);
    for (uint32_t i = 0; i < a->op_count; i++) {
        const struct lp_op *x = &a->ops[i];
        const struct lp_op *y = &b->ops[i];
        assert_int_equal(x->kind, y->kind);
        assert_int_equal(x->activation, y->activation);
        same_list(x->inputs, x->input_count, y->inputs, y->input_count, who);
        same_list(x->outputs, x->output_count, y->outputs, y->output_count, who);
        if (memcmp(&x->as, &y->as, sizeof x->as) != 0)
            fail_msg("%s: the options of operator %u differ", who, (unsigned)i);
        for (uint32_t k = 0; k < x->input_count; k++)
            if (x->inputs[k] != LP_NO_TENSOR)
                is_named[x->inputs[k]] = true;
        is_named[x->outputs[0]] = true;
    }
    for (uint32_t t = 0; t < a->tensor_count; t++)
        if (is_named[t])
            same_tensor(&a->tensors[t], &b->tensors[t], who);
    free(is_named);
}

static struct lp_graph *read_model(struct lp_arena *arena, struct lp_diag *diag, const uint8_t *bytes, size_t size_bytes,
                                   const char *who)
{
    struct lp_graph *graph = NULL;
    need_ok(lp_import(arena, diag, "model.tflite", bytes, size_bytes, &graph), diag, who);
    need_ok(lp_graph_verify(graph, "import", diag), diag, who);
    need_ok(lp_analyze_shapes(graph, diag), diag, who);
    return graph;
}

/* Writes and reads back; returns the size of the file. */
static size_t there_and_back(struct lp_arena *arena, struct lp_diag *diag, const uint8_t *model, size_t model_bytes,
                             const struct lp_graph *before, const struct lp_graph *after, const char *who)
{
    const uint8_t *written = NULL;
    size_t written_bytes = 0;
    need_ok(lp_tflite_write(arena, diag, model, model_bytes, before, after, &written, &written_bytes), diag, who);
    assert_memory_equal(written + 4, "TFL3", 4);
    same_graph(after, read_model(arena, diag, written, written_bytes, who), who);
    return written_bytes;
}

static void check_model(uint64_t seed, size_t *smaller)
{
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct planted_counts counts = {0};
    struct random_model *m = random_model_make(seed);
    struct lp_ranges *ranges = NULL;
    struct lp_removal *removal = NULL;
    size_t size_bytes = 0;
    char who[40];
    snprintf(who, sizeof who, "seed %llu", (unsigned long long)seed);
    plant_dead(m, &counts);
    const uint8_t *bytes = lp_tw_finish(&m->file, &size_bytes);
    struct lp_graph *graph = read_model(&arena, &diag, bytes, size_bytes, who);
    size_t whole = there_and_back(&arena, &diag, bytes, size_bytes, graph, graph, who);
    need_ok(lp_ranges_find(&arena, &diag, graph, LP_ROUNDING_SINGLE, NULL, &ranges), &diag, who);
    const struct lp_optimize_options options = {.ranges = ranges, .only_tflite = true};
    need_ok(lp_optimize(&arena, &diag, graph, &options, &removal), &diag, who);
    size_t rest = there_and_back(&arena, &diag, bytes, size_bytes, graph, removal->after, who);
    *smaller += rest < whole;
    random_model_free(m);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    size_t smaller = 0;
    for (uint64_t seed = 1; seed <= MODELS; seed++)
        check_model(seed, &smaller);
    printf("%d models written twice and read back, %zu smaller without dead channels\n", MODELS, smaller);
    assert_true(smaller > MODELS / 10);
}

/* A row of three channels of which one is left: SQUEEZE, which said nothing, must not take that dimension too. */
static void a_squeeze_keeps_its_channels(void **state)
{
    (void)state;
    static const float scale = 0.5f;
    static const int32_t zero = 0, shape[2] = {1, 3};
    static const int8_t filters[6] = {0, 0, 5, -7, 0, 0}, matrix[6] = {1, 2, 3, 4, 5, 6};
    for (int has_options = 0; has_options < 2; has_options++) {
        struct lp_arena arena = {0};
        struct lp_diag diag = {0};
        struct lp_tw file = {0};
        struct lp_ranges *ranges = NULL;
        struct lp_removal *removal = NULL;
        size_t size_bytes = 0;
        int32_t t[5], weights[2];
        const int32_t dims[5][4] = {{1, 1, 1, 2}, {1, 1, 1, 3}, {3}, {1, 3}, {1, 2}};
        const int32_t ranks[5] = {4, 4, 1, 2, 2};
        for (int i = 0; i < 5; i++)
            t[i] = lp_tw_add_tensor(&file, "map", LP_ELEMENT_INT8, ranks[i], dims[i], &scale, &zero);
        weights[0] = lp_tw_add_tensor(&file, "filters", LP_ELEMENT_INT8, 4, (int32_t[]){3, 1, 1, 2}, &scale, &zero);
        weights[1] = lp_tw_add_tensor(&file, "matrix", LP_ELEMENT_INT8, 2, (int32_t[]){2, 3}, &scale, &zero);
        int32_t row = lp_tw_add_tensor(&file, "row", LP_ELEMENT_INT32, 1, (int32_t[]){2}, NULL, NULL);
        lp_tw_set_data(&file, weights[0], filters, sizeof filters);
        lp_tw_set_data(&file, weights[1], matrix, sizeof matrix);
        lp_tw_set_data(&file, row, shape, sizeof shape);
        struct lp_tw_op *conv = lp_tw_add_op(&file, TW_CONV_2D, 1, 2, (int32_t[]){t[0], weights[0]}, t[1]);
        const int32_t values[6] = {1, 1, 1, 0, 1, 1}; /* padding valid, strides, no activation, dilation */
        for (int i = 0; i < 6; i++)
            conv->fields[i] = (struct lp_tw_field){i == 0 || i == 3 ? 1 : 4, values[i]};
        lp_tw_add_op(&file, TW_SQUEEZE, has_options ? 30 : 0, 1, &t[1], t[2]);
        lp_tw_add_op(&file, TW_RESHAPE, 0, 2, (int32_t[]){t[2], row}, t[3]);
        lp_tw_add_op(&file, TW_FULLY_CONNECTED, 8, 2, (int32_t[]){t[3], weights[1]}, t[4]);
        file.inputs[file.input_count++] = t[0];
        file.outputs[file.output_count++] = t[4];
        const uint8_t *bytes = lp_tw_finish(&file, &size_bytes);
        struct lp_graph *graph = read_model(&arena, &diag, bytes, size_bytes, "squeeze");
        need_ok(lp_ranges_find(&arena, &diag, graph, LP_ROUNDING_SINGLE, NULL, &ranges), &diag, "squeeze");
        const struct lp_optimize_options options = {.ranges = ranges, .only_tflite = true};
        need_ok(lp_optimize(&arena, &diag, graph, &options, &removal), &diag, "squeeze");
        assert_int_equal(removal->after->tensors[t[2]].dims[0], 1);
        there_and_back(&arena, &diag, bytes, size_bytes, graph, removal->after, "squeeze");
        lp_tw_free(&file);
        lp_diag_free(&diag);
        lp_arena_free(&arena);
    }
}

static void models_of_others_come_back(void **state)
{
    (void)state;
    json_t *index = golden_open(GOLDEN_OWN);
    size_t count = 0;
    assert_non_null(index);
    for (size_t i = 0; i < json_array_size(json_object_get(index, "models")); i++) {
        struct golden_model m;
        if (golden_model_open(&m, GOLDEN_OWN, index, i) == LP_OK) {
            char path[300];
            const uint8_t *bytes = NULL;
            size_t size_bytes = 0;
            snprintf(path, sizeof path, "%s/models/%s.tflite", GOLDEN_OWN, m.name);
            need_ok(lp_file_read(&m.arena, &m.diag, path, 0, &bytes, &size_bytes), &m.diag, m.name);
            there_and_back(&m.arena, &m.diag, bytes, size_bytes, m.graph, m.graph, m.name);
            count++;
        }
        golden_model_close(&m);
    }
    json_decref(index);
    printf("%zu models of another converter come back as they were\n", count);
    assert_true(count >= 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_written_is_read), cmocka_unit_test(a_squeeze_keeps_its_channels),
                                       cmocka_unit_test(models_of_others_come_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
