/* The graph on the reference kernels against the recorded outputs of TensorFlow Lite Micro, byte by byte, in both roundings:
 * the project's own vectors, and those in ../shared where that folder is present. */
#include "compiler/semantics/semantics.h"
#include "evaluate/evaluate.h"
#include "tests/support/golden.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

struct tally {
    int models, vectors, other_operators;
    size_t bytes;
    int tensors;
};

static void compare_bytes(const struct golden_model *m, const char *what, size_t v, const void *found, const uint8_t *expected,
                          size_t size)
{
    const uint8_t *bytes = found;
    size_t different = 0;
    size_t first = size;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != expected[i]) {
            first = different == 0 ? i : first;
            different++;
        }
    }
    if (different != 0)
        fail_msg("%s, vector %zu, %s: %zu of %zu bytes differ, the first is byte %zu: %d, expected %d", m->name, v, what,
                 different, size, first, (int8_t)bytes[first], (int8_t)expected[first]);
}

static void run_vector(struct golden_model *m, struct lp_evaluation *e, size_t v)
{
    for (uint32_t i = 0; i < m->graph->input_count; i++) {
        size_t size = (size_t)lp_tensor_bytes(&m->graph->tensors[m->graph->inputs[i]]);
        assert_int_equal(lp_evaluate_set_input(e, i, golden_input(m, v, i), size), LP_OK);
    }
    if (lp_evaluate_run(e, &m->diag) != LP_OK)
        fail_msg("%s", lp_text_get(&m->diag.errors));
}

static void compare_outputs(struct golden_model *m, const struct lp_evaluation *e, size_t v, struct tally *tally)
{
    for (uint32_t i = 0; i < m->graph->output_count; i++) {
        size_t size = (size_t)lp_tensor_bytes(&m->graph->tensors[m->graph->outputs[i]]);
        compare_bytes(m, e->rounding == LP_ROUNDING_SINGLE ? "output in single rounding" : "output in double rounding", v,
                      lp_evaluate_output(e, i), golden_output(m, v, i, e->rounding), size);
        tally->bytes += size;
    }
}

/* Every intermediate tensor that was recorded, for vector 0 in double rounding. */
static void compare_tensors(struct golden_model *m, const struct lp_evaluation *e, struct tally *tally)
{
    for (uint32_t t = 0; t < m->graph->tensor_count; t++) {
        const struct lp_tensor *tensor = &m->graph->tensors[t];
        size_t size = 0;
        const uint8_t *expected = tensor->data == NULL ? golden_tensor(m, tensor->source_index, &size) : NULL;
        if (expected == NULL)
            continue;
        assert_int_equal(size, lp_tensor_bytes(tensor));
        compare_bytes(m, tensor->name, 0, lp_evaluate_tensor(e, (int32_t)t), expected, size);
        tally->tensors++;
    }
}

static void compare_model(struct golden_model *m, struct tally *tally)
{
    for (int r = LP_ROUNDING_SINGLE; r <= LP_ROUNDING_DOUBLE; r++) {
        struct lp_evaluation e;
        if (!golden_has_rounding(m, (enum lp_rounding)r))
            continue;
        if (lp_evaluate_open(&e, m->graph, (enum lp_rounding)r, &m->diag) != LP_OK)
            fail_msg("%s: %s", m->name, lp_text_get(&m->diag.errors));
        for (size_t v = 0; v < golden_vector_count(m); v++) {
            run_vector(m, &e, v);
            compare_outputs(m, &e, v, tally);
            if (v == 0 && r == LP_ROUNDING_DOUBLE)
                compare_tensors(m, &e, tally);
            tally->vectors++;
        }
        lp_evaluate_close(&e);
    }
    tally->models++;
}

static void compare_folder(const char *root, const json_t *index, struct tally *tally)
{
    for (size_t i = 0; i < json_array_size(json_object_get(index, "models")); i++) {
        struct golden_model m;
        lp_status status = golden_model_open(&m, root, index, i);
        if (golden_has_unknown_operator(&m)) {
            tally->other_operators++;
        } else if (status != LP_OK) {
            fail_msg("%s: %s", m.name, lp_text_get(&m.diag.errors));
        } else {
            compare_model(&m, tally);
        }
        golden_model_close(&m);
    }
    printf(
        "%s: %d models, %d vectors (both roundings), %zu output bytes and %d intermediate tensors are the same; %d models need "
        "operators that are not built\n",
        root, tally->models, tally->vectors, tally->bytes, tally->tensors, tally->other_operators);
}

static void own_vectors(void **state)
{
    (void)state;
    struct tally tally = {0};
    json_t *index = golden_open(GOLDEN_OWN);
    assert_non_null(index);
    compare_folder(GOLDEN_OWN, index, &tally);
    json_decref(index);
    assert_true(tally.models >= 60);
}

static int skipped;

static json_t *shared_index(const char *what)
{
    json_t *index = golden_open(GOLDEN_SHARED);
    if (index == NULL) {
        printf("SKIP %s: ../shared is not present\n", what);
        skipped++;
    }
    return index;
}

static void shared_vectors(void **state)
{
    (void)state;
    struct tally tally = {0};
    json_t *index = shared_index("vectors of further models");
    if (index == NULL)
        return;
    compare_folder(GOLDEN_SHARED, index, &tally);
    json_decref(index);
    assert_true(tally.models >= 70);
    assert_true(tally.tensors >= 50);
}

/* What others count in these models. */
static const struct {
    const char *name;
    int64_t macs, constants_bytes;
} figures[] = {
    {"ad01_int8", 264192, 270880},
    {"kws_ref_model", 2656768, 24368},
    {"vww_96_int8", 7489664, 219064},
    {"pretrainedResnet_quant", 12501632, 78744},
};

static void macs_and_constants_of_known_models(void **state)
{
    (void)state;
    json_t *index = shared_index("figures of known models");
    if (index == NULL)
        return;
    size_t found = 0;
    for (size_t i = 0; i < json_array_size(json_object_get(index, "models")); i++) {
        struct golden_model m;
        lp_status status = golden_model_open(&m, GOLDEN_SHARED, index, i);
        for (size_t f = 0; f < LP_COUNT(figures); f++) {
            if (strcmp(figures[f].name, m.name) != 0)
                continue;
            assert_int_equal(status, LP_OK);
            int64_t macs = 0;
            int64_t bytes = 0;
            for (uint32_t o = 0; o < m.graph->op_count; o++) {
                macs += lp_op_macs(m.graph, &m.graph->ops[o]);
                bytes += lp_op_constants_bytes(m.graph, &m.graph->ops[o]);
            }
            assert_int_equal(macs, figures[f].macs);
            assert_int_equal(bytes, figures[f].constants_bytes);
            found++;
        }
        golden_model_close(&m);
    }
    json_decref(index);
    assert_int_equal(found, LP_COUNT(figures));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_vectors),
        cmocka_unit_test(shared_vectors),
        cmocka_unit_test(macs_and_constants_of_known_models),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed != 0 ? failed : skipped != 0 ? 77 : 0;
}
