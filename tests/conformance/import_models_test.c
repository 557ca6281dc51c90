/* The importer on all models of the index: what it must take or refuse follows from the operators and types that the index
 * names, which somebody else's interpreter read. */
#include "compiler/import/import.h"
#include "tests/support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct opened {
    struct lp_arena arena;
    struct lp_diag diag;
    const uint8_t *data;
    size_t size_bytes;
    struct lp_graph *graph;
    lp_status status;
};

static const char *text_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    assert_non_null(text);
    return text;
}

static void open_model(struct opened *o, const char *root, const char *file)
{
    char path[512];
    *o = (struct opened){.status = LP_OK};
    snprintf(path, sizeof path, "%s/%s", root, file);
    if (lp_file_read(&o->arena, &o->diag, path, 0, &o->data, &o->size_bytes) != LP_OK)
        fail_msg("%s", lp_text_get(&o->diag.errors));
    o->status = lp_import(&o->arena, &o->diag, "model.tflite", o->data, o->size_bytes, &o->graph);
    if (o->status == LP_OK)
        o->status = lp_graph_verify(o->graph, "import", &o->diag);
}

static void close_model(struct opened *o)
{
    lp_diag_free(&o->diag);
    lp_arena_free(&o->arena);
}

static bool is_known(const char *operator_name)
{
    for (int k = 0; k < LP_OP_KIND_COUNT; k++)
        if (strcmp(lp_op_kind_table[k].name, operator_name) == 0)
            return true;
    return false;
}

/* Each operator of the index that is not built is named in the errors. */
static int check_names(const json_t *model, const char *errors)
{
    int unknown = 0;
    size_t i;
    const json_t *name;
    json_array_foreach(json_object_get(model, "operators"), i, name)
    {
        char sentence[100];
        if (is_known(json_string_value(name)))
            continue;
        unknown++;
        snprintf(sentence, sizeof sentence, ") is %s, which can't be compiled yet", json_string_value(name));
        if (strstr(errors, sentence) == NULL)
            fail_msg("%s: expected '%s', found '%s'", text_of(model, "name"), sentence, errors);
    }
    return unknown;
}

static void check_ports(const json_t *model, const char *key, const struct lp_graph *g, const int32_t *ports, uint32_t count)
{
    static const char *const types[] = {"INT8", "UINT8", "INT16", "INT32", "INT64", "FLOAT32", "BOOL"};
    const json_t *list = json_object_get(model, key);
    assert_int_equal(json_array_size(list), count);
    for (uint32_t i = 0; i < count; i++) {
        const json_t *port = json_array_get(list, i);
        const struct lp_tensor *t = &g->tensors[ports[i]];
        const json_t *shape = json_object_get(port, "shape");
        assert_int_equal(json_integer_value(json_object_get(port, "index")), ports[i]);
        assert_string_equal(text_of(port, "name"), t->name);
        assert_string_equal(text_of(port, "dtype"), types[t->element]);
        assert_int_equal(json_array_size(shape), t->rank);
        for (uint32_t d = 0; d < t->rank; d++)
            assert_int_equal(json_integer_value(json_array_get(shape, d)), t->dims[d]);
        if (t->quant.count == 0)
            continue;
        assert_int_equal(json_integer_value(json_object_get(port, "zero_point")), t->quant.zero_point[0]);
        /* Nine digits tell every float apart; the scale of a tensor in the index has that many. */
        assert_true((float)json_number_value(json_object_get(port, "scale")) == t->quant.scale[0]);
    }
}

struct tally {
    int taken, unknown, other_type;
};

static void check_model(const char *root, const json_t *model, struct tally *tally)
{
    struct opened o;
    open_model(&o, root, text_of(model, "model"));
    const char *errors = lp_text_get(&o.diag.errors);
    if (check_names(model, errors) != 0) {
        tally->unknown++;
        assert_int_equal(o.status, LP_UNSUPPORTED);
    } else if (o.status != LP_OK && strstr(errors, " is int16; it can be compiled for ") != NULL) {
        tally->other_type++;
        assert_int_equal(o.status, LP_UNSUPPORTED);
    } else {
        struct lp_text text = {0};
        tally->taken++;
        if (o.status != LP_OK)
            fail_msg("%s: %s", text_of(model, "name"), errors);
        check_ports(model, "inputs", o.graph, o.graph->inputs, o.graph->input_count);
        check_ports(model, "outputs", o.graph, o.graph->outputs, o.graph->output_count);
        assert_int_equal(json_integer_value(json_object_get(model, "operator_count")), o.graph->op_count);
        lp_graph_print(o.graph, &text);
        size_t lines = 0;
        for (size_t i = 0; i < text.length; i++)
            lines += text.data[i] == '\n';
        assert_int_equal(lines, o.graph->op_count + 2);
        lp_text_free(&text);
    }
    close_model(&o);
}

static struct tally check_root(const char *root)
{
    struct tally tally = {0};
    json_t *index = golden_open(root);
    size_t i;
    const json_t *model;
    json_array_foreach(json_object_get(index, "models"), i, model)
    {
        check_model(root, model, &tally);
    }
    json_decref(index);
    return tally;
}

static void own_models_are_taken_or_refused_by_name(void **state)
{
    (void)state;
    struct tally t = check_root(GOLDEN_OWN);
    printf("%d models taken, %d with operators that are not built, %d of another type\n", t.taken, t.unknown, t.other_type);
    assert_true(t.taken >= 100 && t.unknown == 0);
}

static bool has_shared;

static void shared_models_are_taken_or_refused_by_name(void **state)
{
    (void)state;
    if (!has_shared)
        skip();
    struct tally t = check_root(GOLDEN_SHARED);
    printf("%d models taken, %d with operators that are not built, %d of another type\n", t.taken, t.unknown, t.other_type);
    assert_true(t.taken >= 70);
}

/* The fastest of some runs: what the machine does beside must not count. */
static double import_us(const char *root, const char *file)
{
    double best_us = 1e9;
    for (int run = 0; run < 10; run++) {
        struct opened o;
        struct timespec begin;
        struct timespec end;
        open_model(&o, root, file);
        struct lp_arena arena = {0};
        struct lp_graph *graph = NULL;
        timespec_get(&begin, TIME_UTC);
        lp_status status = lp_import(&arena, &o.diag, "model.tflite", o.data, o.size_bytes, &graph);
        timespec_get(&end, TIME_UTC);
        assert_int_equal(status, LP_OK);
        double us = (double)(end.tv_sec - begin.tv_sec) * 1e6 + (double)(end.tv_nsec - begin.tv_nsec) / 1e3;
        best_us = us < best_us ? us : best_us;
        lp_arena_free(&arena);
        close_model(&o);
    }
    return best_us;
}

static void import_takes_less_than_5_ms(void **state)
{
    (void)state;
    static const char *const real[] = {"models/ad01_int8.tflite", "models/kws_ref_model.tflite", "models/vww_96_int8.tflite",
                                       "models/pretrainedResnet_quant.tflite"};
    double own_us = import_us(".", "models/sensor.tflite");
    printf("models/sensor.tflite: %.0f us\n", own_us);
    assert_true(own_us < 5000);
    if (!has_shared)
        skip();
    for (size_t i = 0; i < LP_COUNT(real); i++) {
        double us = import_us(GOLDEN_SHARED, real[i]);
        printf("%s: %.0f us\n", real[i], us);
        assert_true(us < 5000);
    }
}

int main(void)
{
    json_t *shared = golden_open(GOLDEN_SHARED);
    has_shared = shared != NULL;
    json_decref(shared);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_models_are_taken_or_refused_by_name),
        cmocka_unit_test(shared_models_are_taken_or_refused_by_name),
        cmocka_unit_test(import_takes_less_than_5_ms),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed == 0 && !has_shared) {
        printf("SKIP the importer on further models: ../shared is not present\n");
        return 77;
    }
    return failed == 0 ? 0 : 1;
}
