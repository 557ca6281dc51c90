/* Thousands of random models: the compiled program, on the kernels and the memory plan that the emitted C gets, must give
 * what the naive evaluation of the published formulas gives, in both roundings, byte for byte. */
#include "compiler/pipeline.h"
#include "evaluate/evaluate.h"
#include "evaluate/load.h"
#include "tests/support/naive.h"
#include "tests/support/random_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MODELS = 6000, INPUTS = 2 };

static const struct lp_target target = {
    .name = "test", .title = "test", .pointer_bytes = 4, .arena_align_bytes = 4, .blob_align_bytes = 4};

struct expected {
    int8_t *values[LP_TW_MAX_TENSORS];
};

static void make_expected(struct random_model *m, struct expected *e, int is_double, int extreme)
{
    for (uint32_t t = 0; t < m->file.tensor_count; t++) {
        e->values[t] = calloc(1, tw_tensor_elements(&m->file.tensors[t]) + 1);
        assert_non_null(e->values[t]);
    }
    int8_t *input = e->values[m->file.inputs[0]];
    for (size_t i = 0; i < tw_tensor_elements(&m->file.tensors[m->file.inputs[0]]); i++)
        input[i] = (int8_t)(extreme ? random_between(m, 0, 1) * 255 - 128 : random_between(m, -128, 127));
    naive_run(&m->file, is_double, e->values);
}

static void free_expected(struct random_model *m, struct expected *e)
{
    for (uint32_t t = 0; t < m->file.tensor_count; t++)
        free(e->values[t]);
}

struct check {
    const struct random_model *model;
    const struct expected *expected;
    const struct lp_removal *removal; /* channels that the compiled program does not have */
    uint64_t seed;
    int compared, shortened;
};

static void check_tensor(const struct check *c, const char *who, int32_t tensor, const void *data)
{
    const struct lp_tw_tensor *t = &c->model->file.tensors[tensor];
    if (memcmp(c->expected->values[tensor], data, tw_tensor_elements(t)) == 0)
        return;
    for (size_t i = 0; i < tw_tensor_elements(t); i++)
        if (c->expected->values[tensor][i] != ((const int8_t *)data)[i])
            fail_msg("%s, seed %llu: tensor %d '%s' element %zu is %d, expected %d", who, (unsigned long long)c->seed,
                     (int)tensor, t->name, i, ((const int8_t *)data)[i], c->expected->values[tensor][i]);
}

static void seen(void *user, int32_t tensor, const void *data)
{
    struct check *c = user;
    if ((uint32_t)tensor >= c->model->file.tensor_count) /* a rewrite added it */
        return;
    size_t elements = tw_tensor_elements(&c->model->file.tensors[tensor]);
    int8_t *left = malloc(elements);
    assert_non_null(left);
    size_t count = lp_removal_gather(c->removal, tensor, c->expected->values[tensor], left);
    if (count == elements)
        check_tensor(c, "compiled program", tensor, data);
    else if (memcmp(left, data, count) != 0)
        fail_msg("seed %llu: tensor %d without its dead channels differs", (unsigned long long)c->seed, (int)tensor);
    c->shortened += count != elements;
    c->compared++;
    free(left);
}

static void check_reference(const struct check *c, const struct lp_graph *graph, enum lp_rounding rounding)
{
    struct lp_evaluation evaluation;
    struct lp_diag diag = {0};
    int32_t input = c->model->file.inputs[0];
    assert_int_equal(lp_evaluate_open(&evaluation, graph, rounding, &diag), LP_OK);
    assert_int_equal(
        lp_evaluate_set_input(&evaluation, 0, c->expected->values[input], tw_tensor_elements(&c->model->file.tensors[input])),
        LP_OK);
    assert_int_equal(lp_evaluate_run(&evaluation, &diag), LP_OK);
    for (uint32_t i = 0; i < c->model->file.op_count; i++)
        check_tensor(c, "reference evaluation", c->model->file.ops[i].outputs[0],
                     lp_evaluate_tensor(&evaluation, c->model->file.ops[i].outputs[0]));
    lp_evaluate_close(&evaluation);
}

static void make_outputs(const struct random_model *m, uint8_t **outputs)
{
    for (uint32_t o = 0; o < m->file.output_count; o++) {
        outputs[o] = malloc(tw_tensor_elements(&m->file.tensors[m->file.outputs[o]]));
        assert_non_null(outputs[o]);
    }
}

static void free_outputs(const struct random_model *m, uint8_t **outputs)
{
    for (uint32_t o = 0; o < m->file.output_count; o++)
        free(outputs[o]);
}

static void check_outputs(const struct check *c, const char *who, uint8_t *const *outputs)
{
    for (uint32_t o = 0; o < c->model->file.output_count; o++)
        check_tensor(c, who, c->model->file.outputs[o], outputs[o]);
}

/* The arena filled with two patterns must not show in the outputs, and its last byte must be needed. */
static void check_poisoned(const struct check *c, struct lp_loaded *loaded, const struct lp_unit *unit)
{
    struct lp_diag diag = {0};
    const uint8_t *input = (const uint8_t *)c->expected->values[c->model->file.inputs[0]];
    uint8_t *results[LP_TW_MAX_LIST];
    bool touched_end = false;
    make_outputs(c->model, results);
    for (int pattern = 0; pattern < 2; pattern++) {
        memset(loaded->desc.arena, pattern == 0 ? 0xa5 : 0x5a, unit->plan.peak_bytes);
        assert_int_equal(lp_loaded_run(loaded, &diag, &input, results), LP_OK);
        check_outputs(c, "poisoned arena", results);
        touched_end = touched_end || loaded->desc.arena[unit->plan.peak_bytes - 1] != (pattern == 0 ? 0xa5 : 0x5a);
    }
    if (!touched_end)
        fail_msg("seed %llu: the last byte of the arena is never written", (unsigned long long)c->seed);
    free_outputs(c->model, results);
}

static int check_model(uint64_t seed, enum lp_rounding rounding)
{
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct random_model *m = random_model_make(seed);
    struct lp_unit unit = {.model_path = "random.tflite",
                           .target = &target,
                           .options = {.rounding = rounding},
                           .last_stage = "plan",
                           .arena = &arena,
                           .diag = &diag};
    struct check c = {.model = m, .seed = seed};
    unit.model = lp_tw_finish(&m->file, &unit.model_bytes);
    if (lp_compile(&unit) != LP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, lp_text_get(&diag.errors));
    struct lp_loaded loaded;
    c.removal = unit.removal;
    assert_int_equal(lp_load(&arena, &diag, unit.graph, unit.program, unit.plan.peak_bytes, &loaded), LP_OK);
    for (int n = 0; n < INPUTS; n++) {
        struct expected expected;
        make_expected(m, &expected, rounding == LP_ROUNDING_DOUBLE, n == 1);
        c.expected = &expected;
        struct lp_tensor_watch watch = {seen, &c};
        const uint8_t *input = (const uint8_t *)expected.values[m->file.inputs[0]];
        uint8_t *outputs[LP_TW_MAX_LIST];
        make_outputs(m, outputs);
        assert_int_equal(lp_loaded_run_watched(&loaded, &diag, &input, outputs, &watch), LP_OK);
        check_outputs(&c, "output", outputs);
        check_reference(&c, unit.model_graph, rounding);
        check_poisoned(&c, &loaded, &unit);
        free_outputs(m, outputs);
        free_expected(m, &expected);
    }
    random_model_free(m);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return c.compared;
}

static void random_models_give_what_the_formulas_give(void **state)
{
    (void)state;
    int compared = 0;
    for (uint64_t seed = 1; seed <= MODELS; seed++)
        compared += check_model(seed, seed % 2 == 0 ? LP_ROUNDING_SINGLE : LP_ROUNDING_DOUBLE);
    printf("%d models, %d tensors compared\n", MODELS, compared);
    assert_true(compared > 2 * MODELS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_models_give_what_the_formulas_give)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
