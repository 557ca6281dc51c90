/* Thousands of random models with dead channels planted: the graph without them must give what the naive evaluation of the
 * model gives, in both roundings, byte for byte; and what was planted must really be gone. */
#include "cli/graph_runner.h"
#include "compiler/analyze/ranges.h"
#include "compiler/analyze/shapes.h"
#include "compiler/import/import.h"
#include "compiler/optimize/optimize.h"
#include "tests/support/planted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MODELS = 4000 };

struct totals {
    struct planted_counts planted;
    uint64_t dead[LP_DEAD_REASON_COUNT], kept[LP_KEPT_REASON_COUNT], trimmed, gone, shortened;
    int64_t bytes, bytes_after, macs, macs_after;
};

struct found {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_graph *graph;
    struct lp_ranges *ranges;
    struct lp_removal *removal;
};

static void need_ok(lp_status status, const struct found *f, uint64_t seed)
{
    if (status != LP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, lp_text_get(&f->diag.errors));
}

/* rounding < 0: only what is constant in both. */
static void remove_from(struct found *f, struct random_model *m, int rounding, uint64_t seed)
{
    size_t size_bytes = 0;
    const uint8_t *bytes = lp_tw_finish(&m->file, &size_bytes);
    struct lp_ranges *other = NULL;
    memset(f, 0, sizeof *f);
    need_ok(lp_import(&f->arena, &f->diag, "random.tflite", bytes, size_bytes, &f->graph), f, seed);
    need_ok(lp_analyze_shapes(f->graph, &f->diag), f, seed);
    enum lp_rounding first = rounding == LP_ROUNDING_DOUBLE ? LP_ROUNDING_DOUBLE : LP_ROUNDING_SINGLE;
    need_ok(lp_ranges_find(&f->arena, &f->diag, f->graph, first, NULL, &f->ranges), f, seed);
    if (rounding < 0) {
        need_ok(lp_ranges_find(&f->arena, &f->diag, f->graph, LP_ROUNDING_DOUBLE, NULL, &other), f, seed);
        need_ok(lp_ranges_join(&f->arena, &f->diag, f->ranges, other, &f->ranges), f, seed);
    }
    struct lp_optimize_options options = {.ranges = f->ranges, .only_tflite = seed % 3 == 0};
    /* Now and then for a target that likes several channels together, or all. */
    options.multiple = seed % 5 != 0 ? 0 : seed % 25 == 0 ? UINT32_MAX : 2 + (uint32_t)(seed / 5 % 7);
    need_ok(lp_optimize(&f->arena, &f->diag, f->graph, &options, &f->removal), f, seed);
}

static void compare_run(const struct found *f, struct random_model *m, enum lp_rounding rounding, int kind, uint64_t seed)
{
    int8_t *values[LP_TW_MAX_TENSORS];
    const uint8_t *inputs[LP_TW_MAX_LIST];
    uint8_t *outputs[LP_TW_MAX_LIST];
    struct lp_diag diag = {0};
    planted_run(m, rounding == LP_ROUNDING_DOUBLE, kind, values);
    for (uint32_t i = 0; i < m->file.input_count; i++)
        inputs[i] = (const uint8_t *)values[m->file.inputs[i]];
    for (uint32_t i = 0; i < m->file.output_count; i++) {
        outputs[i] = malloc(tw_tensor_elements(&m->file.tensors[m->file.outputs[i]]));
        assert_non_null(outputs[i]);
    }
    if (lp_pc_runner.run(NULL, f->removal->after, rounding, 1, inputs, outputs, &diag) != LP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, lp_text_get(&diag.errors));
    for (uint32_t i = 0; i < m->file.output_count; i++) {
        int32_t tensor = m->file.outputs[i];
        if (memcmp(outputs[i], values[tensor], tw_tensor_elements(&m->file.tensors[tensor])) != 0)
            fail_msg("seed %llu, %s rounding, inputs of kind %d: output %u differs", (unsigned long long)seed,
                     rounding == LP_ROUNDING_DOUBLE ? "double" : "single", kind, (unsigned)i);
        free(outputs[i]);
    }
    planted_free(m, values);
}

static void count(const struct found *f, struct totals *t)
{
    for (uint32_t i = 0; i < f->graph->op_count; i++) {
        const struct lp_removed_layer *l = &f->removal->layers[i];
        for (int r = 0; r < LP_DEAD_REASON_COUNT; r++)
            t->dead[r] += l->dead[r];
        for (int r = 0; r < LP_KEPT_REASON_COUNT; r++)
            t->kept[r] += l->kept[r];
        t->trimmed += (uint64_t)(l->trimmed_rows + l->trimmed_columns);
        t->gone += l->is_gone;
        t->bytes += l->constants_bytes;
        t->bytes_after += l->constants_bytes_after;
        t->macs += l->macs;
        t->macs_after += l->macs_after;
        assert_true(l->macs_after <= l->macs);
    }
    t->shortened += f->removal->is_changed;
}

/* Graph inputs and outputs keep their shapes. */
static void check_ends(const struct found *f)
{
    const struct lp_graph *a = f->removal->before;
    const struct lp_graph *b = f->removal->after;
    assert_int_equal(a->input_count, b->input_count);
    assert_int_equal(a->output_count, b->output_count);
    for (uint32_t i = 0; i < a->input_count; i++)
        assert_true(lp_tensors_same_shape(&a->tensors[a->inputs[i]], &b->tensors[b->inputs[i]]));
    for (uint32_t i = 0; i < a->output_count; i++)
        assert_true(lp_tensors_same_shape(&a->tensors[a->outputs[i]], &b->tensors[b->outputs[i]]));
}

/* Where a layer had to keep a channel that nobody needs, a second pass may find other ways. */
static bool keeps_constants(const struct lp_removal *r)
{
    for (uint32_t i = 0; i < r->before->op_count; i++)
        for (int k = 0; k < LP_KEPT_FOR_ALL; k++)
            if (r->layers[i].kept[k] != 0)
                return true;
    return false;
}

/* A second pass finds nothing more. */
static void check_settled(const struct found *f, uint64_t seed)
{
    if (seed % 5 == 0 || keeps_constants(f->removal))
        return;
    struct lp_ranges *ranges = NULL;
    struct lp_removal *again = NULL;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    lp_status status = lp_ranges_find(&arena, &diag, f->removal->after, f->ranges->rounding, NULL, &ranges);
    const struct lp_optimize_options options = {.ranges = ranges, .only_tflite = seed % 3 == 0};
    if (status == LP_OK)
        status = lp_optimize(&arena, &diag, f->removal->after, &options, &again);
    if (status != LP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, lp_text_get(&diag.errors));
    if (again->is_changed)
        fail_msg("seed %llu: a second pass removes more", (unsigned long long)seed);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

/* What is left of a tensor's channels is a multiple where that was asked for, or all of them; nothing goes for 'all'. */
static void check_multiple(const struct found *f, uint64_t seed)
{
    if (seed % 5 != 0)
        return;
    uint32_t multiple = seed % 25 == 0 ? UINT32_MAX : 2 + (uint32_t)(seed / 5 % 7);
    for (uint32_t t = 0; t < f->graph->tensor_count; t++) {
        const struct lp_kept_channels *kept = &f->removal->kept[t];
        uint32_t left = 0;
        for (uint32_t i = 0; i < kept->period; i++)
            left += kept->is_kept[i];
        if (left % multiple != 0)
            fail_msg("seed %llu: tensor %u has %u of %u channels, not a multiple of %u", (unsigned long long)seed, (unsigned)t,
                     (unsigned)left, (unsigned)kept->period, (unsigned)multiple);
    }
}

static void check_model(uint64_t seed, int rounding, struct totals *t)
{
    struct random_model *m = random_model_make(seed);
    struct found f;
    if (seed % 8 != 0)
        plant_dead(m, &t->planted);
    remove_from(&f, m, rounding, seed);
    check_ends(&f);
    for (int kind = 0; kind < 4; kind++) {
        if (rounding != LP_ROUNDING_DOUBLE)
            compare_run(&f, m, LP_ROUNDING_SINGLE, kind, seed);
        if (rounding != LP_ROUNDING_SINGLE)
            compare_run(&f, m, LP_ROUNDING_DOUBLE, kind, seed);
    }
    if (rounding >= 0)
        check_settled(&f, seed);
    check_multiple(&f, seed);
    need_ok(lp_rewrite_check(&f.diag, f.removal->before, f.removal->after, f.ranges,
                             rounding < 0 ? LP_ROUNDING_SINGLE : (enum lp_rounding)rounding, &lp_pc_runner),
            &f, seed);
    count(&f, t);
    random_model_free(m);
    lp_diag_free(&f.diag);
    lp_arena_free(&f.arena);
}

static void no_output_changes(void **state)
{
    (void)state;
    struct totals t = {0};
    for (uint64_t seed = 1; seed <= MODELS; seed++)
        check_model(seed, (int)(seed % 3) - 1, &t);
    printf(
        "planted: %u all-zero filters, %u with a bias, %u saturated channels, %u unread inputs, %u zero rows, %u zero columns\n",
        t.planted.zero_filters, t.planted.zero_filters_with_bias, t.planted.saturated, t.planted.unread_inputs,
        t.planted.zero_rows, t.planted.zero_columns);
    printf("%d models, %llu smaller: removed %llu all-zero filters, %llu by range, %llu unused, %llu operators, %llu rows and "
           "columns; kept %llu constants that show at borders, %llu with others, %llu as the last, %llu for a tiling, %llu of "
           "outputs; "
           "bytes %lld -> %lld, MACs %lld -> %lld\n",
           MODELS, (unsigned long long)t.shortened, (unsigned long long)t.dead[0], (unsigned long long)t.dead[1],
           (unsigned long long)t.dead[2], (unsigned long long)t.gone, (unsigned long long)t.trimmed,
           (unsigned long long)t.kept[0], (unsigned long long)t.kept[1], (unsigned long long)t.kept[2],
           (unsigned long long)t.kept[3], (unsigned long long)t.kept[4], (long long)t.bytes, (long long)t.bytes_after,
           (long long)t.macs, (long long)t.macs_after);
    for (int r = 0; r < LP_DEAD_REASON_COUNT; r++)
        assert_true(t.dead[r] > 500);
    for (int r = 0; r < LP_KEPT_REASON_COUNT; r++)
        assert_true(t.kept[r] > 100);
    assert_true(t.trimmed > 200);
    assert_true(t.shortened > MODELS / 4);
    assert_true(t.bytes_after < t.bytes && t.macs_after < t.macs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_output_changes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
