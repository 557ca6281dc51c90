#include "compiler/semantics/one_op_test.h"

#include <math.h>
#include <stdio.h>

enum { ROUNDS = 4400 };

static const enum lp_op_kind kinds[] = {LP_OP_ABS, LP_OP_ELU,      LP_OP_EXP,   LP_OP_GELU, LP_OP_HARD_SWISH, LP_OP_LEAKY_RELU,
                                        LP_OP_LOG, LP_OP_LOGISTIC, LP_OP_RSQRT, LP_OP_SQRT, LP_OP_TANH};

static uint32_t random_state = 7;

static double random_unit(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (double)(random_state >> 8) / (double)(1 << 24);
}

static double truth_of(enum lp_op_kind kind, double x, double alpha)
{
    switch (kind) {
    case LP_OP_ABS: return fabs(x);
    case LP_OP_ELU: return x < 0 ? expm1(x) : x;
    case LP_OP_EXP: return exp(x);
    case LP_OP_GELU: return x * erfc(-x / sqrt(2)) / 2;
    case LP_OP_HARD_SWISH: return x * fmin(fmax(x / 6 + 0.5, 0), 1);
    case LP_OP_LEAKY_RELU: return x < 0 ? alpha * x : x;
    case LP_OP_LOG: return x > 0 ? log(x) : -1e9;
    case LP_OP_LOGISTIC: return 1 / (1 + exp(-x));
    case LP_OP_RSQRT: return x > 0 ? 1 / sqrt(x) : 1e9;
    case LP_OP_SQRT: return x > 0 ? sqrt(x) : 0;
    default: return tanh(x);
    }
}

/* In steps of the output: fixed point and both roundings stay within one step of the truth; HARD_SWISH with its 16 bits and
 * LOGISTIC and TANH, which are cut off at 15/16 of 16, within two. */
static void every_entry_is_near_the_truth(void **state)
{
    (void)state;
    int checked = 0;
    for (int round = 0; round < ROUNDS; round++) {
        enum lp_op_kind kind = kinds[(size_t)round % LP_COUNT(kinds)];
        bool is_fixed = kind == LP_OP_LOGISTIC || kind == LP_OP_TANH;
        float in_scale = (float)exp2(-9 + 6 * random_unit());
        float out_scale = kind == LP_OP_LOGISTIC ? 1.0f / 256
                          : kind == LP_OP_TANH   ? 1.0f / 128
                                                 : in_scale * (float)(0.5 + random_unit());
        int32_t in_zero = (int32_t)(random_unit() * 256) - 128;
        int32_t out_zero = kind == LP_OP_LOGISTIC ? -128 : kind == LP_OP_TANH ? 0 : (int32_t)(random_unit() * 256) - 128;
        struct one_op o;
        one_op_open(&o, kind);
        (void)one_op_shape(&o, 0, LP_ELEMENT_INT8, DIMS(2, 3), out_scale, out_zero);
        (void)one_op_input(&o, LP_ELEMENT_INT8, DIMS(2, 3), in_scale, in_zero);
        if (kind == LP_OP_LEAKY_RELU)
            o.op.as.leaky_relu.alpha = (float)random_unit();
        int8_t table[LP_TABLE_BYTES];
        struct lp_table_s8 args;
        assert_int_equal(lp_table_params(&o.graph, &o.op, (enum lp_rounding)(round & 1), &o.diag, table, &args), LP_OK);
        assert_int_equal(args.count, 6);
        for (int32_t i = 0; i < LP_TABLE_BYTES; i++) {
            double x = (double)in_scale * (i - 128 - in_zero);
            double steps = truth_of(kind, x, (double)o.op.as.leaky_relu.alpha) / (double)out_scale + out_zero;
            steps = fmin(fmax(steps, -128), 127);
            double limit = is_fixed || kind == LP_OP_HARD_SWISH ? 2 : 1;
            if (fabs(table[i] - steps) > limit)
                fail_msg("%s of %g: %d, expected %g", lp_op_kind_table[kind].name, x, table[i], steps);
            checked++;
        }
        one_op_close(&o);
    }
    assert_int_equal(checked, ROUNDS * LP_TABLE_BYTES);
}

/* Limits of float32, in both roundings: a table or an error, and nothing undefined on the way. */
static void scales_at_the_limits_end_well(void **state)
{
    (void)state;
    static const float scales[] = {1e-38f, 1e-20f, 1e-8f, 0.1f, 1.0f, 1e8f, 1e20f, 3e38f};
    for (size_t k = 0; k < LP_COUNT(kinds); k++) {
        const enum lp_op_kind kind = kinds[k];
        for (uint32_t s = 0; s < 8 * 8 * 2; s++) {
            struct one_op o;
            one_op_open(&o, kind);
            bool is_fixed = kind == LP_OP_LOGISTIC || kind == LP_OP_TANH;
            float out = kind == LP_OP_LOGISTIC ? 1.0f / 256 : kind == LP_OP_TANH ? 1.0f / 128 : scales[s / 8 % 8];
            (void)one_op_shape(&o, 0, LP_ELEMENT_INT8, DIMS(1), out, is_fixed ? (kind == LP_OP_TANH ? 0 : -128) : 127);
            (void)one_op_input(&o, LP_ELEMENT_INT8, DIMS(1), scales[s % 8], -128);
            if (kind == LP_OP_LEAKY_RELU)
                o.op.as.leaky_relu.alpha = scales[s % 8];
            int8_t table[LP_TABLE_BYTES];
            struct lp_table_s8 args;
            lp_status status = lp_table_params(&o.graph, &o.op, (enum lp_rounding)(s / 64), &o.diag, table, &args);
            assert_true(status == LP_OK || status == LP_UNSUPPORTED);
            assert_int_equal(o.diag.error_count, status == LP_OK ? 0 : 1);
            lp_diag_free(&o.diag);
            lp_arena_free(&o.arena);
        }
    }
}

/* From an input scale of 8 on the radius is 0: the reference asks for inputs at or below minus the radius first, so that the
 * zero point is still low, and everything above it high. */
static void coarse_inputs_step_at_the_zero_point(void **state)
{
    (void)state;
    static const float scales[] = {8, 9.5f, 100};
    for (uint32_t n = 0; n < 2 * LP_COUNT(scales); n++) {
        struct one_op o;
        const bool is_tanh = n % 2 == 1;
        one_op_open(&o, is_tanh ? LP_OP_TANH : LP_OP_LOGISTIC);
        (void)one_op_shape(&o, 0, LP_ELEMENT_INT8, DIMS(1), is_tanh ? 1.0f / 128 : 1.0f / 256, is_tanh ? 0 : -128);
        (void)one_op_input(&o, LP_ELEMENT_INT8, DIMS(1), scales[n / 2], 5);
        int8_t table[LP_TABLE_BYTES];
        struct lp_table_s8 args;
        assert_int_equal(lp_table_params(&o.graph, &o.op, LP_ROUNDING_DOUBLE, &o.diag, table, &args), LP_OK);
        for (int32_t i = 0; i < LP_TABLE_BYTES; i++)
            assert_int_equal(table[i], i + INT8_MIN <= 5 ? INT8_MIN : INT8_MAX);
        one_op_close(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_is_near_the_truth),
        cmocka_unit_test(scales_at_the_limits_end_well),
        cmocka_unit_test(coarse_inputs_step_at_the_zero_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
