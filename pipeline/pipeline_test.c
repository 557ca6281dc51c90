#include "pipeline/pipeline.h"

#include "pipeline/quantize.h"
#include "pipeline/softmax.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { T = 4, F = 2, CLASSES = 3 };

static const float mean[F] = {10.0f, -5.0f}, deviation[F] = {2.0f, 0.5f};

static struct lp_pipeline_config config(void)
{
    return (struct lp_pipeline_config){
        .window = {T, F, 2, 1, 100, LP_GAP_HOLD},
        .mean = mean,
        .deviation = deviation,
        .input_scale = 0.5f,
        .input_zero_point = 3,
        .output_scale = 0.25f,
        .output_zero_point = -4,
        .classes = CLASSES,
        .decide = {.min_confidence = 0.5f, .needed = 1, .of = 2},
    };
}

static void samples_become_integers_in_the_network_order(void **state)
{
    (void)state;
    struct lp_pipeline_config c = config();
    struct lp_pipeline p;
    float values[(T + 1) * F];
    uint16_t missing_run[F];
    int8_t input[T * F];
    assert_int_equal(lp_pipeline_open(&p, &c, values, (T + 1) * F, missing_run), LP_OK);
    static const float samples[T][F] = {{10, -5}, {12, -4.5f}, {NAN, INFINITY}, {8, -1000}};
    static const int8_t want[T * F] = {3, 3, 5, 5, 5, 5, 1, -128}; /* the third sample holds the second */
    for (uint32_t i = 0; i < T; i++) {
        assert_false(lp_pipeline_next(&p, input));
        lp_pipeline_push(&p, i * 100, samples[i]);
    }
    assert_true(lp_pipeline_next(&p, input));
    assert_memory_equal(input, want, sizeof want);
    assert_false(lp_pipeline_next(&p, input));
}

static void a_network_with_softmax_gets_no_second_one(void **state)
{
    (void)state;
    struct lp_pipeline_config c = config();
    c.network_has_softmax = true;
    c.output_scale = 1.0f / 256.0f;
    c.output_zero_point = -128;
    struct lp_pipeline p;
    float values[(T + 1) * F], probabilities[CLASSES];
    uint16_t missing_run[F];
    struct lp_decision decision;
    assert_int_equal(lp_pipeline_open(&p, &c, values, (T + 1) * F, missing_run), LP_OK);
    const int8_t output[CLASSES] = {-128, 64, -64};
    lp_pipeline_decide(&p, output, probabilities, &decision);
    assert_true(probabilities[0] == 0.0f && probabilities[1] == 0.75f && probabilities[2] == 0.25f);
    assert_int_equal(decision.window_class, 1);
    assert_int_equal(decision.decided_class, 1);
    assert_true(decision.confidence == 0.75f);

    c.network_has_softmax = false;
    lp_pipeline_decide(&p, output, probabilities, &decision);
    double e0 = exp(-0.75), e2 = exp(-0.5);
    assert_true(fabs((double)probabilities[1] - 1 / (1 + e0 + e2)) < 1e-6);
    assert_true(decision.confidence < 0.5f);
}

static void a_restart_forgets_the_votes(void **state)
{
    (void)state;
    struct lp_pipeline_config c = config();
    c.decide.needed = 2;
    struct lp_pipeline p;
    float values[(T + 1) * F], probabilities[CLASSES], sample[F] = {1, 1};
    uint16_t missing_run[F];
    int8_t input[T * F];
    struct lp_decision decision;
    const int8_t output[CLASSES] = {100, -100, -100};
    assert_int_equal(lp_pipeline_open(&p, &c, values, (T + 1) * F, missing_run), LP_OK);
    uint32_t windows = 0;
    for (uint32_t i = 0; i < 16; i++) {
        uint32_t late_ms = i >= 8 ? 300 : 0; /* three samples lost, one may be */
        lp_pipeline_push(&p, i * 100 + late_ms, sample);
        while (lp_pipeline_next(&p, input)) {
            lp_pipeline_decide(&p, output, probabilities, &decision);
            bool first = windows == 0 || windows == 3;
            assert_int_equal(decision.decided_class, first ? LP_NO_CLASS : 0);
            assert_int_equal(decision.time_ms, i * 100 + late_ms);
            windows++;
        }
    }
    assert_int_equal(windows, 6);
    assert_int_equal(p.window.counters.restarts, 1);
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    static const float bad_deviation[F] = {1.0f, 0.0f}, bad_mean[F] = {NAN, 0.0f};
    struct lp_pipeline p;
    float values[(T + 1) * F];
    uint16_t missing_run[F];
    for (int i = 0; i < 11; i++) {
        struct lp_pipeline_config c = config();
        switch (i) {
        case 0: c.mean = NULL; break;
        case 1: c.deviation = NULL; break;
        case 2: c.deviation = bad_deviation; break;
        case 3: c.mean = bad_mean; break;
        case 4: c.classes = 0; break;
        case 5: c.input_scale = 0.0f; break;
        case 6: c.output_scale = INFINITY; break;
        case 7: c.input_zero_point = 128; break;
        case 8: c.output_zero_point = -129; break;
        case 9: c.decide.of = 0; break;
        default: c.window.stride = 0; break;
        }
        assert_int_equal(lp_pipeline_open(&p, &c, values, (T + 1) * F, missing_run), LP_BAD_ARGUMENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_become_integers_in_the_network_order),
        cmocka_unit_test(a_network_with_softmax_gets_no_second_one),
        cmocka_unit_test(a_restart_forgets_the_votes),
        cmocka_unit_test(numbers_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
