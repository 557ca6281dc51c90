/* The whole compiler on one small model of the project, and without memory at every place where it asks for some. */
#include "compiler/pipeline.h"

#include "compiler/base/file.h"
#include "compiler/report/report.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char model_path[] = "tests/vectors/models/net_inverted_residual.tflite";

/* Stands in for the device half: what emission asks for, with nothing in it. */
enum { MAX_SOURCES = 64 };
static struct lp_source_file sources[MAX_SOURCES];
static size_t source_count;

static const uint8_t *model;
static size_t model_bytes;
static struct lp_arena model_arena;
static struct lp_target target;

static struct lp_unit unit_with(struct lp_arena *arena, struct lp_diag *diag)
{
    return (struct lp_unit){.model_path = model_path,
                            .model = model,
                            .model_bytes = model_bytes,
                            .version = "1.2.3",
                            .target = &target,
                            .sources = sources,
                            .source_count = source_count,
                            .diag = diag,
                            .arena = arena};
}

static void add_source(const char *path)
{
    for (size_t i = 0; i < source_count; i++)
        if (strcmp(sources[i].path, path) == 0)
            return;
    assert_true(source_count < MAX_SOURCES);
    sources[source_count++] = (struct lp_source_file){path, "", 0};
}

static int open_model(void **state)
{
    (void)state;
    static const char *const always[] = {"runtime/epoch/network.c", "contract/kernel_args.h", "runtime/kernels/kernels.h",
                                         "runtime/ports/cortex-m/port.c"};
    static const char text[] = "[target]\ntitle = t\npointer_bytes = 4\narena_align_bytes = 4\nblob_align_bytes = 4\n"
                               "[pool ram]\nsize_bytes = 65536\nwritable = yes\n";
    struct lp_diag diag = {0};
    struct lp_unit unit = unit_with(&model_arena, &diag);
    unit.last_stage = "plan";
    bool is_there = lp_file_read(&model_arena, &diag, model_path, 0, &unit.model, &unit.model_bytes) == LP_OK &&
                    lp_target_parse(&model_arena, &diag, "targets/small.ini", text, strlen(text), &target) == LP_OK &&
                    lp_compile(&unit) == LP_OK;
    if (!is_there)
        fprintf(stderr, "%s", lp_text_get(&diag.errors));
    model = unit.model;
    model_bytes = unit.model_bytes;
    for (size_t i = 0; i < LP_COUNT(always); i++)
        add_source(always[i]);
    for (uint32_t e = 0; is_there && e < unit.program->epoch_count; e++) {
        add_source(unit.program->epochs[e].kernel->source_file);
        for (uint32_t i = 0; i < unit.program->epochs[e].stage_count; i++)
            add_source(unit.program->epochs[e].stages[i].kernel->source_file);
    }
    lp_diag_free(&diag);
    return is_there ? 0 : -1;
}

static int close_model(void **state)
{
    (void)state;
    lp_arena_free(&model_arena);
    return 0;
}

static void the_emitted_files_are_those_that_are_promised(void **state)
{
    (void)state;
    static const char *const names[] = {"net_inverted_residual.c", "net_inverted_residual.h", "net_inverted_residual_weights.c",
                                        "net_inverted_residual_weights.h", "net_inverted_residual_example.c"};
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_unit unit = unit_with(&arena, &diag);
    assert_int_equal(lp_compile(&unit), LP_OK);
    assert_int_equal(unit.output.count, LP_COUNT(names) + source_count + 1);
    for (size_t i = 0; i < LP_COUNT(names); i++)
        assert_string_equal(unit.output.files[i].path, names[i]);
    assert_string_equal(unit.output.files[unit.output.count - 1].path, "net_inverted_residual.sources");
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

static void a_stage_that_does_not_exist_is_named(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_unit unit = unit_with(&arena, &diag);
    unit.dump_after = "optimise";
    assert_int_equal(lp_compile(&unit), LP_BAD_ARGUMENT);
    assert_non_null(strstr(lp_text_get(&diag.errors), "there is no stage 'optimise'"));
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

static void missing_sources_are_an_error_of_ours(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_unit unit = unit_with(&arena, &diag);
    unit.source_count = 1;
    assert_int_equal(lp_compile(&unit), LP_INTERNAL);
    assert_non_null(strstr(lp_text_get(&diag.errors), "is not embedded in this program"));
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

static const char *const top_keys[] = {"limpid", "model", "targets"};
static const char *const model_keys[] = {"file", "sha256", "format", "operators", "macs", "constants_bytes", "inputs", "outputs"};
static const char *const tensor_keys[] = {"name", "shape", "dtype", "scale", "zero_point"};
static const char *const target_keys[] = {
    "target", "weights_bytes", "program_bytes", "code_bytes", "activations_bytes", "activations_lower_bound_bytes", "macs",
    "epochs", "ledger",        "layers",        "memory"};
static const char *const layer_keys[] = {"index",         "op",     "name", "runs_on", "reason", "constants_bytes",
                                         "weights_bytes", "ledger", "macs"};
static const char *const memory_keys[] = {"pool", "base", "size_bytes", "weights_bytes", "activations_bytes"};

static void has_keys(const json_t *object, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (json_object_get(object, keys[i]) == NULL)
            fail_msg("the key %s is missing", keys[i]);
}

static json_int_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static json_int_t ledger_sum(const json_t *object)
{
    json_int_t sum = 0;
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(object, "ledger"), i, row) sum += number(row, "bytes");
    return sum;
}

static void the_report_has_the_keys_of_the_manual(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_unit unit = unit_with(&arena, &diag);
    assert_int_equal(lp_compile(&unit), LP_OK);
    const struct lp_report_model m = {.version = "1.2.3", .file = "x.tflite", .sha256 = unit.model_sha256, .graph = unit.graph};
    const struct lp_report_target t = {.graph = unit.graph, .program = unit.program, .plan = &unit.plan, .code_bytes = -1};
    json_t *json = lp_report_json(&m, &t, 1);
    assert_non_null(json);
    const json_t *model_json = json_object_get(json, "model");
    const json_t *target_json = json_array_get(json_object_get(json, "targets"), 0);
    has_keys(json, top_keys, LP_COUNT(top_keys));
    has_keys(model_json, model_keys, LP_COUNT(model_keys));
    has_keys(json_array_get(json_object_get(model_json, "inputs"), 0), tensor_keys, LP_COUNT(tensor_keys));
    has_keys(json_array_get(json_object_get(model_json, "outputs"), 0), tensor_keys, LP_COUNT(tensor_keys));
    has_keys(target_json, target_keys, LP_COUNT(target_keys));
    has_keys(json_array_get(json_object_get(target_json, "memory"), 0), memory_keys, LP_COUNT(memory_keys));
    assert_true(json_is_null(json_object_get(target_json, "code_bytes")));
    assert_int_equal(number(target_json, "weights_bytes"), unit.program->weights.size_bytes);
    assert_int_equal(ledger_sum(target_json), unit.program->weights.size_bytes);
    assert_int_equal(number(target_json, "activations_bytes"), unit.plan.peak_bytes);
    json_int_t weights = 0;
    size_t i;
    json_t *layer;
    json_array_foreach(json_object_get(target_json, "layers"), i, layer)
    {
        has_keys(layer, layer_keys, LP_COUNT(layer_keys));
        assert_int_equal(ledger_sum(layer), number(layer, "weights_bytes"));
        weights += number(layer, "weights_bytes");
    }
    assert_int_equal(i, number(model_json, "operators"));
    /* What no layer answers for: the gap at the end. */
    assert_true(number(target_json, "weights_bytes") - weights < 8);
    json_decref(json);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

static void names_that_are_not_utf_8_get_through(void **state)
{
    (void)state;
    json_t *json = lp_report_name_json("a\xff\x01z");
    assert_string_equal(json_string_value(json), "a?\x01z");
    json_decref(json);
}

static size_t allocations;
static size_t fails_at; /* counted from 0; SIZE_MAX: never */
static bool goes_on;    /* every later one fails, too */

static void *counting(size_t count, size_t size_bytes)
{
    size_t this = allocations++;
    return this == fails_at || (goes_on && this > fails_at) ? NULL : calloc(count, size_bytes);
}

static lp_status compile_once(size_t limit_bytes, size_t *used_bytes)
{
    struct lp_arena arena = {.limit_bytes = limit_bytes};
    struct lp_diag diag = {0};
    struct lp_unit unit = unit_with(&arena, &diag);
    allocations = 0;
    lp_allocate = counting;
    lp_status status = lp_compile(&unit);
    lp_allocate = calloc;
    *used_bytes = arena.used_bytes;
    assert_int_equal(diag.first, status);
    lp_text_free(&unit.dump);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    size_t used = 0;
    goes_on = false;
    fails_at = SIZE_MAX;
    assert_int_equal(compile_once(0, &used), LP_OK);
    size_t total = allocations;
    assert_true(total > 20);
    for (int on = 0; on <= 1; on++)
        for (fails_at = 0; fails_at < total; fails_at++) {
            goes_on = on != 0;
            assert_int_equal(compile_once(0, &used), LP_OUT_OF_MEMORY);
        }
    goes_on = false;
}

/* The arena asks for memory in large pieces; a limit stops it inside of them, too. */
static void every_size_of_memory_may_be_too_small(void **state)
{
    (void)state;
    enum { STEPS = 500 };
    size_t used = 0;
    size_t part = 0;
    fails_at = SIZE_MAX;
    assert_int_equal(compile_once(0, &used), LP_OK);
    assert_int_equal(compile_once(used, &part), LP_OK);
    assert_int_equal(part, used);
    for (size_t i = 0; i < STEPS; i++) {
        assert_int_equal(compile_once(1 + (used - 2) * i / STEPS, &part), LP_OUT_OF_MEMORY);
        assert_true(part <= 1 + (used - 2) * i / STEPS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_emitted_files_are_those_that_are_promised), cmocka_unit_test(a_stage_that_does_not_exist_is_named),
        cmocka_unit_test(missing_sources_are_an_error_of_ours),          cmocka_unit_test(the_report_has_the_keys_of_the_manual),
        cmocka_unit_test(names_that_are_not_utf_8_get_through),          cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(every_size_of_memory_may_be_too_small),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
