/* A network with variables: a long sequence of inferences gives what plain arithmetic gives, operator by operator and compiled,
 * also after a reset in its midst. */
#include "compiler/pipeline.h"
#include "evaluate/evaluate.h"
#include "evaluate/load.h"
#include "runtime/epoch/states.h"
#include "tests/support/streaming_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOMENTS = 200, RESET_AT = 77 };

static const struct lp_target target = {
    .name = "test", .title = "test", .pointer_bytes = 4, .arena_align_bytes = 4, .blob_align_bytes = 4};

struct outputs {
    int8_t classes[STREAM_CLASSES], sum[STREAM_CHANNELS], old[STREAM_CHANNELS];
};

struct bench {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_tw file;
    struct lp_unit unit;
};

static void open_bench(struct bench *b, enum lp_rounding rounding)
{
    memset(b, 0, sizeof *b);
    streaming_model_make(&b->file);
    b->unit = (struct lp_unit){.model_path = "streaming.tflite",
                               .target = &target,
                               .options = {.rounding = rounding},
                               .last_stage = "plan",
                               .arena = &b->arena,
                               .diag = &b->diag};
    b->unit.model = lp_tw_finish(&b->file, &b->unit.model_bytes);
    if (lp_compile(&b->unit) != LP_OK)
        fail_msg("%s", lp_text_get(&b->diag.errors));
    assert_int_equal(b->unit.graph->state_count, 3);
}

static void close_bench(struct bench *b)
{
    lp_tw_free(&b->file);
    lp_diag_free(&b->diag);
    lp_arena_free(&b->arena);
}

static void make_moment(uint32_t moment, int8_t *input)
{
    for (uint32_t i = 0; i < STREAM_CHANNELS; i++)
        input[i] = (int8_t)((moment * 2654435761u + i * 40503u) >> 13);
}

static void compare(const struct outputs *found, const struct outputs *expected, uint32_t moment)
{
    if (memcmp(found, expected, sizeof *found) != 0)
        fail_msg("moment %u differs", (unsigned)moment);
}

static void evaluated(struct bench *b, enum lp_rounding rounding)
{
    struct lp_evaluation e;
    struct streaming_naive naive = {0};
    assert_int_equal(lp_evaluate_open(&e, b->unit.model_graph, rounding, &b->diag), LP_OK);
    for (uint32_t m = 0; m < MOMENTS; m++) {
        int8_t input[STREAM_CHANNELS];
        struct outputs expected, found;
        if (m == RESET_AT) {
            lp_evaluate_reset(&e);
            naive = (struct streaming_naive){0};
        }
        make_moment(m, input);
        streaming_naive_run(&naive, input, expected.classes, expected.sum, expected.old);
        assert_int_equal(lp_evaluate_set_input(&e, 0, input, sizeof input), LP_OK);
        assert_int_equal(lp_evaluate_run(&e, &b->diag), LP_OK);
        memcpy(found.classes, lp_evaluate_output(&e, 0), sizeof found.classes);
        memcpy(found.sum, lp_evaluate_output(&e, 1), sizeof found.sum);
        memcpy(found.old, lp_evaluate_output(&e, 2), sizeof found.old);
        compare(&found, &expected, m);
    }
    lp_evaluate_close(&e);
}

static void compiled(struct bench *b)
{
    struct lp_loaded loaded;
    struct streaming_naive naive = {0};
    assert_int_equal(lp_load(&b->arena, &b->diag, b->unit.graph, b->unit.program, b->unit.plan.peak_bytes, &loaded), LP_OK);
    for (uint32_t m = 0; m < MOMENTS; m++) {
        int8_t input[STREAM_CHANNELS];
        const uint8_t *inputs[1] = {(const uint8_t *)input};
        struct outputs expected, found;
        uint8_t *const outputs[3] = {(uint8_t *)found.classes, (uint8_t *)found.sum, (uint8_t *)found.old};
        if (m == RESET_AT) {
            assert_int_equal(lp_network_reset(&loaded.net), LP_OK);
            naive = (struct streaming_naive){0};
        }
        make_moment(m, input);
        streaming_naive_run(&naive, input, expected.classes, expected.sum, expected.old);
        assert_int_equal(lp_loaded_run(&loaded, &b->diag, inputs, outputs), LP_OK);
        compare(&found, &expected, m);
    }
}

static void a_sequence_gives_what_arithmetic_gives(void **state)
{
    (void)state;
    for (int rounding = LP_ROUNDING_SINGLE; rounding <= LP_ROUNDING_DOUBLE; rounding++) {
        struct bench b;
        open_bench(&b, (enum lp_rounding)rounding);
        evaluated(&b, (enum lp_rounding)rounding);
        compiled(&b);
        close_bench(&b);
    }
}

/* Cut anywhere, and with any byte changed, the file is refused or compiled, never more. */
static void damaged_files_are_survived(void **state)
{
    (void)state;
    struct lp_tw file = {0};
    size_t bytes = 0;
    streaming_model_make(&file);
    const uint8_t *whole = lp_tw_finish(&file, &bytes);
    uint8_t *copy = malloc(bytes);
    assert_non_null(copy);
    for (size_t at = 0; at < bytes; at++)
        for (int flip = 0; flip < 3; flip++) {
            struct lp_arena arena = {0};
            struct lp_diag diag = {0};
            memcpy(copy, whole, bytes);
            copy[at] ^= (uint8_t)(flip == 0 ? 1 : flip == 1 ? 0x80 : 0xff);
            struct lp_unit unit = {.model_path = "damaged.tflite",
                                   .target = &target,
                                   .last_stage = "plan",
                                   .arena = &arena,
                                   .diag = &diag,
                                   .model = copy,
                                   .model_bytes = flip == 2 ? at : bytes};
            if (lp_compile(&unit) != LP_OK)
                assert_int_not_equal(diag.error_count, 0);
            lp_diag_free(&diag);
            lp_arena_free(&arena);
        }
    free(copy);
    lp_tw_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sequence_gives_what_arithmetic_gives),
        cmocka_unit_test(damaged_files_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
