/* The emitted C on emulated Cortex-M boards against the recorded outputs of TensorFlow Lite Micro, byte by byte, in both
 * roundings: the project's own vectors, and those of ../shared where that folder is present. */
#include "tests/support/board_batch.h"
#include "tests/support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { TIMEOUT_S = 200, LARGEST_MODEL_BYTES = 64 << 20 };

struct tally {
    int models, refused;
    size_t inferences;
};

static struct board_batch batch;
static int skipped;

/* What the compiler has to refuse: operators that are not built, and int16 where only int8 kernels exist. */
static bool must_be_refused(const struct golden_model *m)
{
    return golden_has_unknown_operator(m) || m->graph == NULL;
}

/* All vectors back to back, each with all inputs or all outputs. */
static uint8_t *gather(struct golden_model *m, const struct lp_graph *graph, bool is_input, enum lp_rounding rounding)
{
    uint32_t count = is_input ? graph->input_count : graph->output_count;
    const int32_t *ports = is_input ? graph->inputs : graph->outputs;
    size_t bytes = is_input ? board_input_bytes(graph) : board_output_bytes(graph);
    uint8_t *data = lp_arena_alloc(&m->arena, golden_vector_count(m), bytes);
    uint8_t *to = data;
    assert_non_null(data);
    for (size_t v = 0; v < golden_vector_count(m); v++)
        for (uint32_t i = 0; i < count; i++) {
            size_t size = (size_t)lp_tensor_bytes(&graph->tensors[ports[i]]);
            memcpy(to, is_input ? golden_input(m, v, i) : golden_output(m, v, i, rounding), size);
            to += size;
        }
    return data;
}

static void add_rounding(struct golden_model *m, const uint8_t *model, size_t model_bytes, enum lp_rounding rounding,
                         struct tally *tally)
{
    struct lp_unit unit;
    const char *what = lp_arena_printf(&m->arena, "%s, rounding %s", m->name,
                                       rounding == LP_ROUNDING_DOUBLE ? "double" : "single");
    assert_non_null(what);
    if (board_batch_compile(&batch, what, model, model_bytes, rounding, &unit) != LP_OK)
        fail_msg("%s", lp_text_get(&batch.session.diag.errors));
    uint32_t vectors = (uint32_t)golden_vector_count(m);
    board_batch_add(&batch, what, &unit, gather(m, m->graph, true, rounding), gather(m, m->graph, false, rounding), vectors);
    tally->inferences += vectors;
}

static void expect_refusal(const struct golden_model *m, const uint8_t *model, size_t model_bytes)
{
    struct lp_unit unit;
    struct lp_diag *diag = &batch.session.diag;
    if (board_batch_compile(&batch, m->name, model, model_bytes, LP_ROUNDING_SINGLE, &unit) != LP_UNSUPPORTED)
        fail_msg("%s is not refused as unsupported: %s", m->name, lp_text_get(&diag->errors));
    lp_diag_free(diag);
    *diag = (struct lp_diag){0};
}

static void add_model(struct golden_model *m, struct tally *tally)
{
    const uint8_t *model = NULL;
    size_t model_bytes = 0;
    const char *path = lp_arena_printf(&batch.session.arena, "%s/%s", m->root,
                                       json_string_value(json_object_get(m->json, "model")));
    assert_non_null(path);
    /* The batch reads it again at the end, so it must outlive the golden model. */
    assert_int_equal(lp_file_read(&batch.session.arena, &batch.session.diag, path, LARGEST_MODEL_BYTES, &model, &model_bytes),
                     LP_OK);
    if (must_be_refused(m)) {
        expect_refusal(m, model, model_bytes);
        tally->refused++;
        return;
    }
    for (int r = LP_ROUNDING_SINGLE; r <= LP_ROUNDING_DOUBLE; r++)
        if (golden_has_rounding(m, (enum lp_rounding)r))
            add_rounding(m, model, model_bytes, (enum lp_rounding)r, tally);
    tally->models++;
}

static bool is_listed(const json_t *index, const char *name)
{
    size_t i = 0;
    const json_t *model = NULL;
    json_array_foreach(json_object_get(index, "models"), i, model)
    {
        if (strcmp(json_string_value(json_object_get(model, "name")), name) == 0)
            return true;
    }
    return false;
}

/* `known`: models that another batch has; null for none. */
static struct tally run_folder(const char *target, const char *root, const json_t *index, const json_t *known)
{
    struct tally tally = {0};
    board_batch_open(&batch, target);
    for (size_t i = 0; i < json_array_size(json_object_get(index, "models")); i++) {
        struct golden_model m;
        lp_status status = golden_model_open(&m, root, index, i);
        if (!golden_has_unknown_operator(&m) && status != LP_OK)
            fail_msg("%s: %s", m.name, lp_text_get(&m.diag.errors));
        if (known == NULL || !is_listed(known, m.name))
            add_model(&m, &tally);
        golden_model_close(&m);
    }
    board_batch_run(&batch, TIMEOUT_S);
    printf("%s, %s: %d models in both roundings, %zu inferences in one program, %zu output bytes are the same; %d models are "
           "refused\n",
           target, root, tally.models, tally.inferences, batch.output_bytes, tally.refused);
    board_batch_close(&batch);
    return tally;
}

static void own_vectors_on(const char *target)
{
    json_t *index = golden_open(GOLDEN_OWN);
    assert_non_null(index);
    struct tally tally = run_folder(target, GOLDEN_OWN, index, NULL);
    json_decref(index);
    assert_true(tally.models >= 60);
}

static void shared_vectors_on(const char *target)
{
    json_t *index = golden_open(GOLDEN_SHARED);
    if (index == NULL) {
        printf("SKIP vectors of further models on %s: ../shared is not present\n", target);
        skipped++;
        return;
    }
    json_t *own = golden_open(GOLDEN_OWN);
    struct tally tally = run_folder(target, GOLDEN_SHARED, index, own);
    json_decref(own);
    json_decref(index);
    assert_true(tally.models >= 6);
}

static void own_vectors_on_the_cortex_m55(void **state)
{
    (void)state;
    own_vectors_on("cortex-m55");
}

static void own_vectors_on_the_cortex_m4(void **state)
{
    (void)state;
    own_vectors_on("cortex-m4");
}

static void own_vectors_on_the_cortex_m0plus(void **state)
{
    (void)state;
    own_vectors_on("cortex-m0plus");
}

static void shared_vectors_on_the_cortex_m55(void **state)
{
    (void)state;
    shared_vectors_on("cortex-m55");
}

static void shared_vectors_on_the_cortex_m4(void **state)
{
    (void)state;
    shared_vectors_on("cortex-m4");
}

static void shared_vectors_on_the_cortex_m0plus(void **state)
{
    (void)state;
    shared_vectors_on("cortex-m0plus");
}

static int tear_down(void **state)
{
    (void)state;
    board_batch_close(&batch);
    return 0;
}

int main(void)
{
    struct lp_diag diag = {0};
    if (lp_emulate_available(&diag) != LP_OK) {
        printf("SKIP golden models on emulated boards: %s\n", lp_text_get(&diag.errors));
        lp_diag_free(&diag);
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(own_vectors_on_the_cortex_m55, tear_down),
        cmocka_unit_test_teardown(shared_vectors_on_the_cortex_m55, tear_down),
        cmocka_unit_test_teardown(own_vectors_on_the_cortex_m4, tear_down),
        cmocka_unit_test_teardown(shared_vectors_on_the_cortex_m4, tear_down),
        cmocka_unit_test_teardown(own_vectors_on_the_cortex_m0plus, tear_down),
        cmocka_unit_test_teardown(shared_vectors_on_the_cortex_m0plus, tear_down),
    };
    /* A sanitizer watches this PC's half only, which is the same for every board. */
#ifdef __SANITIZE_ADDRESS__
    size_t count = 2;
#else
    size_t count = LP_COUNT(tests);
#endif
    int failed = _cmocka_run_group_tests("golden models on emulated boards", tests, count, NULL, NULL);
    return failed != 0 ? failed : skipped != 0 ? 77 : 0;
}
