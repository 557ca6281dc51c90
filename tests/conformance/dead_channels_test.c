/* Reachable ranges and the removal of dead channels on models with recorded inputs and outputs: no value leaves its range, no
 * output changes in either rounding, and the figures of known models. */
#include "cli/graph_runner.h"
#include "compiler/optimize/optimize.h"
#include "compiler/semantics/semantics.h"
#include "evaluate/evaluate.h"
#include "tests/support/golden.h"
#include "tests/support/range_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct tally {
    int models, smaller, vectors;
    size_t values, sums;
};

static void need_ok(lp_status status, const struct golden_model *m)
{
    if (status != LP_OK)
        fail_msg("%s: %s", m->name, lp_text_get(&m->diag.errors));
}

static void check_values(struct golden_model *m, const struct lp_ranges *ranges, const struct lp_evaluation *e,
                         struct tally *tally)
{
    for (uint32_t t = 0; t < m->graph->tensor_count; t++)
        if (m->graph->tensors[t].data == NULL)
            tally->values += range_check_tensor(ranges, (int32_t)t, lp_evaluate_tensor(e, (int32_t)t), m->name);
    for (uint32_t i = 0; i < m->graph->op_count; i++)
        if (lp_op_macs(m->graph, &m->graph->ops[i]) < 300000)
            tally->sums += range_check_accumulators(ranges, i, e->values, m->name);
}

static void check_vector(struct golden_model *m, const struct lp_removal *removal, const struct lp_ranges *ranges, size_t v,
                         struct tally *tally)
{
    struct lp_evaluation e;
    const uint8_t *inputs[8];
    uint8_t *outputs[8];
    assert_true(m->graph->input_count <= 8 && m->graph->output_count <= 8);
    need_ok(lp_evaluate_open(&e, m->graph, ranges->rounding, &m->diag), m);
    for (uint32_t i = 0; i < m->graph->input_count; i++) {
        inputs[i] = golden_input(m, v, i);
        assert_int_equal(
            lp_evaluate_set_input(&e, i, inputs[i], (size_t)lp_tensor_bytes(&m->graph->tensors[m->graph->inputs[i]])), LP_OK);
    }
    need_ok(lp_evaluate_run(&e, &m->diag), m);
    check_values(m, ranges, &e, tally);
    lp_evaluate_close(&e);
    for (uint32_t i = 0; i < m->graph->output_count; i++) {
        outputs[i] = lp_arena_alloc(&m->arena, (size_t)lp_tensor_bytes(&m->graph->tensors[m->graph->outputs[i]]), 1);
        assert_non_null(outputs[i]);
    }
    need_ok(lp_pc_runner.run(NULL, removal->after, ranges->rounding, 1, inputs, outputs, &m->diag), m);
    for (uint32_t i = 0; i < m->graph->output_count; i++)
        if (memcmp(outputs[i], golden_output(m, v, i, ranges->rounding),
                   (size_t)lp_tensor_bytes(&m->graph->tensors[m->graph->outputs[i]])) != 0)
            fail_msg("%s, vector %zu, rounding %d: output %u of the smaller graph differs", m->name, v, (int)ranges->rounding,
                     (unsigned)i);
    tally->vectors++;
}

/* Removes what is constant in one rounding. */
static struct lp_removal *remove_dead(struct golden_model *m, enum lp_rounding rounding, struct lp_ranges **ranges)
{
    struct lp_removal *removal = NULL;
    need_ok(lp_ranges_find(&m->arena, &m->diag, m->graph, rounding, NULL, ranges), m);
    const struct lp_optimize_options options = {.ranges = *ranges};
    need_ok(lp_optimize(&m->arena, &m->diag, m->graph, &options, &removal), m);
    return removal;
}

static void check_folder(const char *root, const json_t *index, struct tally *tally)
{
    for (size_t i = 0; i < json_array_size(json_object_get(index, "models")); i++) {
        struct golden_model m;
        lp_status status = golden_model_open(&m, root, index, i);
        struct lp_evaluation probe;
        /* What the kernels do not take is none of this test's business. */
        if (status == LP_OK && !golden_has_unknown_operator(&m) &&
            lp_evaluate_open(&probe, m.graph, LP_ROUNDING_SINGLE, &m.diag) == LP_OK) {
            lp_evaluate_close(&probe);
            for (int r = LP_ROUNDING_SINGLE; r <= LP_ROUNDING_DOUBLE; r++) {
                struct lp_ranges *ranges = NULL;
                if (!golden_has_rounding(&m, (enum lp_rounding)r))
                    continue;
                struct lp_removal *removal = remove_dead(&m, (enum lp_rounding)r, &ranges);
                for (size_t v = 0; v < golden_vector_count(&m); v++)
                    check_vector(&m, removal, ranges, v, tally);
                tally->smaller += removal->is_changed;
            }
            tally->models++;
        }
        golden_model_close(&m);
    }
    printf("%s: %d models, %d vectors, %zu values and %zu accumulators in their ranges; smaller in one rounding: %d\n", root,
           tally->models, tally->vectors, tally->values, tally->sums, tally->smaller);
}

static void own_models(void **state)
{
    (void)state;
    struct tally tally = {0};
    json_t *index = golden_open(GOLDEN_OWN);
    assert_non_null(index);
    check_folder(GOLDEN_OWN, index, &tally);
    json_decref(index);
    assert_true(tally.models >= 60 && tally.smaller >= 2 && tally.values > 10000 && tally.sums > 1000);
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

static void shared_models(void **state)
{
    (void)state;
    struct tally tally = {0};
    json_t *index = shared_index("further models");
    if (index == NULL)
        return;
    check_folder(GOLDEN_SHARED, index, &tally);
    json_decref(index);
}

/* The smallest that is left: counted apart from this project. */
static const struct {
    const char *name;
    int64_t constants_bytes, macs;
    bool has_dead;
} figures[] = {
    {"ad01_int8", 270880, 264192, false},
    {"kws_ref_model", 24368, 2656768, false},
    {"pretrainedResnet_quant", 78744, 12501632, false},
    {"vww_96_int8", 33200, 3750000, true},
};

static double milliseconds(clock_t from)
{
    return 1000.0 * (double)(clock() - from) / CLOCKS_PER_SEC;
}

static double check_figures(struct golden_model *m, size_t f)
{
    double best = 1e9;
    struct lp_removal *removal = NULL;
    for (int n = 0; n < 3; n++) {
        struct lp_ranges *ranges = NULL;
        clock_t from = clock();
        removal = remove_dead(m, n == 1 ? LP_ROUNDING_DOUBLE : LP_ROUNDING_SINGLE, &ranges);
        best = milliseconds(from) < best ? milliseconds(from) : best;
    }
    int64_t constants = 0;
    int64_t macs = 0;
    for (uint32_t i = 0; i < m->graph->op_count; i++) {
        constants += removal->layers[i].constants_bytes_after;
        macs += removal->layers[i].macs_after;
    }
    printf("%s: %lld bytes of constants, %lld MACs left, %.1f ms\n", m->name, (long long)constants, (long long)macs, best);
    assert_int_equal(removal->is_changed, figures[f].has_dead);
    assert_true(constants <= figures[f].constants_bytes && macs <= figures[f].macs);
    return best;
}

static void figures_of_known_models(void **state)
{
    (void)state;
    json_t *index = shared_index("figures of known models");
    if (index == NULL)
        return;
    size_t found = 0;
    double all_milliseconds = 0;
    for (size_t i = 0; i < json_array_size(json_object_get(index, "models")); i++) {
        struct golden_model m;
        lp_status status = golden_model_open(&m, GOLDEN_SHARED, index, i);
        for (size_t f = 0; f < LP_COUNT(figures); f++) {
            if (strcmp(figures[f].name, m.name) != 0)
                continue;
            need_ok(status, &m);
            all_milliseconds += check_figures(&m, f);
            found++;
        }
        golden_model_close(&m);
    }
    json_decref(index);
    assert_int_equal(found, LP_COUNT(figures));
#if !defined(__SANITIZE_ADDRESS__)
    if (all_milliseconds >= 100)
        fail_msg("ranges and removal of the four models take %.1f ms", all_milliseconds);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(own_models), cmocka_unit_test(shared_models),
                                       cmocka_unit_test(figures_of_known_models)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed != 0 ? failed : skipped != 0 ? 77 : 0;
}
