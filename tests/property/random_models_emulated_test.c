/* Random models on the emulated boards: the emitted C, compiled for the processor, must give what the naive evaluation of the
 * published formulas gives, byte for byte, and use its arena to the last byte and no further. */
#include "tests/support/board_batch.h"
#include "tests/support/naive.h"
#include "tests/support/random_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Under a sanitizer only this PC's half is watched, which the tests on the host do with thousands of models. */
#ifdef __SANITIZE_ADDRESS__
enum { MODELS = 10, MODELS_OF_OTHERS = 5 };
#else
enum { MODELS = 100, MODELS_OF_OTHERS = 40 };
#endif

enum { INPUTS = 3, FIRST_SEED = 100001, TIMEOUT_S = 120 };

static struct board_batch batch;

/* Random values; only the ends of the range; all the same. */
static void fill_input(struct random_model *m, int8_t *input, size_t elements, int kind)
{
    int32_t same = random_between(m, -128, 127);
    for (size_t i = 0; i < elements; i++) {
        int32_t random = kind == 1 ? random_between(m, 0, 1) * 255 - 128 : random_between(m, -128, 127);
        input[i] = (int8_t)(kind == 2 ? same : random);
    }
}

/* One inference: `input` is made up, `output` is what the formulas give. */
static void make_inference(struct random_model *m, enum lp_rounding rounding, int kind, uint8_t *input, uint8_t *output)
{
    int8_t *values[LP_TW_MAX_TENSORS];
    for (uint32_t t = 0; t < m->file.tensor_count; t++) {
        values[t] = calloc(1, tw_tensor_elements(&m->file.tensors[t]) + 1);
        assert_non_null(values[t]);
    }
    size_t input_elements = tw_tensor_elements(&m->file.tensors[m->file.inputs[0]]);
    fill_input(m, values[m->file.inputs[0]], input_elements, kind);
    naive_run(&m->file, rounding == LP_ROUNDING_DOUBLE, values);
    memcpy(input, values[m->file.inputs[0]], input_elements);
    for (uint32_t o = 0; o < m->file.output_count; o++) {
        size_t bytes = tw_tensor_elements(&m->file.tensors[m->file.outputs[o]]);
        memcpy(output, values[m->file.outputs[o]], bytes);
        output += bytes;
    }
    for (uint32_t t = 0; t < m->file.tensor_count; t++)
        free(values[t]);
}

static void add_model(uint64_t seed)
{
    struct random_model *m = random_model_make(seed);
    struct lp_unit unit;
    size_t model_bytes;
    enum lp_rounding rounding = seed % 2 == 0 ? LP_ROUNDING_SINGLE : LP_ROUNDING_DOUBLE;
    const uint8_t *model = lp_tw_finish(&m->file, &model_bytes);
    char what[60];
    snprintf(what, sizeof what, "seed_%llu.tflite", (unsigned long long)seed);
    if (board_batch_compile(&batch, what, model, model_bytes, rounding, &unit) != LP_OK)
        fail_msg("%s", lp_text_get(&batch.session.diag.errors));
    size_t input_bytes = board_input_bytes(unit.graph), output_bytes = board_output_bytes(unit.graph);
    uint8_t *input = malloc(INPUTS * input_bytes), *output = malloc(INPUTS * output_bytes);
    assert_non_null(input);
    assert_non_null(output);
    for (int n = 0; n < INPUTS; n++)
        make_inference(m, rounding, n, input + (size_t)n * input_bytes, output + (size_t)n * output_bytes);
    board_batch_add(&batch, what, &unit, input, output, INPUTS);
    free(input);
    free(output);
    random_model_free(m);
}

static void run_models(const char *target, int models)
{
    board_batch_open(&batch, target);
    for (int i = 0; i < models; i++)
        add_model(FIRST_SEED + (uint64_t)i);
    board_batch_run(&batch, TIMEOUT_S);
    printf("%s: %zu random models in one program, %d inferences each, %zu output bytes are the same, every arena is used to its "
           "end\n",
           target, batch.count, INPUTS, batch.output_bytes);
}

static void on_the_cortex_m55(void **state)
{
    (void)state;
    run_models("cortex-m55", MODELS);
}

static void on_the_cortex_m4(void **state)
{
    (void)state;
    run_models("cortex-m4", MODELS_OF_OTHERS);
}

static void on_the_cortex_m0plus(void **state)
{
    (void)state;
    run_models("cortex-m0plus", MODELS_OF_OTHERS);
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
        printf("SKIP random models on emulated boards: %s\n", lp_text_get(&diag.errors));
        lp_diag_free(&diag);
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(on_the_cortex_m55, tear_down),
        cmocka_unit_test_teardown(on_the_cortex_m4, tear_down),
        cmocka_unit_test_teardown(on_the_cortex_m0plus, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
