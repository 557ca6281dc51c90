/* What the importer does not take it refuses by name: one file for each cause, and files with several. */
#include "tests/support/import_bench.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const float bad_scales[] = {0, -1, INFINITY, NAN};
static const float two_scales[] = {0.5f, 0.25f};
static const int32_t two_zeros[] = {0, 0};
static const int32_t too_low = -129;
static const int32_t too_high = 256;
static const int32_t one = 1;
static const int32_t nine_axes[9];
static const int8_t bytes[32];

/* A unary operator (RELU) unless the case begins anew: tensor 0 is its input, tensor 1 its output. */
#define CASE(name, statement)                                                                   \
    static void damage_##name(struct lp_tw *w, struct lp_tw_tensor *input, struct lp_tw_op *op) \
    {                                                                                           \
        (void)w;                                                                                \
        (void)input;                                                                            \
        (void)op;                                                                               \
        statement;                                                                              \
    }

CASE(version, w->other_schema_version = 2)
CASE(subgraphs, w->second_subgraph = 1)
CASE(no_operators, w->op_count = 0)
CASE(no_outputs, w->output_count = 0)
CASE(input_index, w->inputs[0] = 2)
CASE(output_index, w->outputs[0] = -1)
CASE(operator_input, op->inputs[0] = 2)
CASE(operator_output, op->outputs[0] = -2)
CASE(many_inputs, op->input_count = 2)
CASE(many_outputs, (op->outputs[1] = 1, op->output_count = 2))
CASE(few_inputs, op->input_count = 0)
CASE(written_input, op->outputs[0] = 0)
CASE(never_written, (w->outputs[0] = 2, w->tensor_count = 3, w->tensors[2] = w->tensors[1]))
CASE(negative_code, op->builtin_code = -5)
CASE(unknown_code, op->builtin_code = 5000)
CASE(known_code, op->builtin_code = 118)
CASE(late_code, op->builtin_code = 151)
CASE(custom, (op->builtin_code = CODE_CUSTOM, op->custom_code = "TFLite_Detection_PostProcess"))
CASE(options_type, (op->builtin_code = CODE_SOFTMAX, op->options_type = 1))
CASE(activation, (op->builtin_code = CODE_AVERAGE_POOL_2D, op->options_type = 5, import_bench_option(op, 5, 1, 4)))
CASE(padding, (op->builtin_code = CODE_MAX_POOL_2D, op->options_type = 5, import_bench_option(op, 0, 1, 2)))
CASE(beta, (op->builtin_code = CODE_SOFTMAX, op->options_type = 9))
CASE(beta_nan, (op->builtin_code = CODE_SOFTMAX, op->options_type = 9, import_bench_option(op, 0, 4, lp_tw_float_bits(NAN))))
CASE(shuffled, (op->builtin_code = CODE_FULLY_CONNECTED, op->options_type = 8, import_bench_option(op, 1, 1, 1)))
CASE(too_many_axes, (op->builtin_code = CODE_SQUEEZE, op->options_type = 30, op->list = nine_axes, op->list_count = 9))
CASE(variable, input->is_variable = 1)
CASE(sparse, input->is_sparse = 1)
CASE(other_file, input->external_buffer = 1)
CASE(int4, input->other_type = 17)
CASE(float16, input->other_type = 1)
CASE(string, input->other_type = 5)
CASE(no_type, input->other_type = 60)
CASE(negative_type, input->other_type = 0x80)
CASE(rank, (input->rank = 9, input->dims[8] = 1))
CASE(open_dimension, input->dims[0] = -1)
CASE(zero_dimension, input->dims[2] = 0)
CASE(negative_dimension, input->dims[2] = -7)
CASE(huge, (input->dims[0] = 65536, input->dims[1] = 32768))
CASE(wide_huge, (input->element = LP_ELEMENT_INT64, input->dims[0] = 1 << 28))
CASE(scale_zero, input->scales = &bad_scales[0])
CASE(scale_negative, input->scales = &bad_scales[1])
CASE(scale_infinite, input->scales = &bad_scales[2])
CASE(scale_nan, input->scales = &bad_scales[3])
CASE(zero_point_low, input->zero_points = &too_low)
CASE(zero_point_high, (input->element = LP_ELEMENT_UINT8, input->zero_points = &too_high))
CASE(few_zero_points, input->few_zero_points = 1)
CASE(scale_count, (input->scales = two_scales, input->zero_points = two_zeros, input->scale_count = 2, input->axis = 1))
CASE(scale_axis, (input->scales = two_scales, input->zero_points = two_zeros, input->scale_count = 2, input->axis = 400000000))
CASE(negative_axis, (input->scales = two_scales, input->zero_points = two_zeros, input->scale_count = 2, input->axis = -1))
CASE(details, input->quantization_details = 1)
CASE(buffer_index, input->other_buffer = 3)
CASE(short_data, (input->data = bytes, input->data_bytes = 31))
CASE(constant_input, (input->data = bytes, input->data_bytes = 32))
CASE(bias_zero_point, (input->element = LP_ELEMENT_INT32, input->dims[1] = input->dims[2] = 1, input->dims[3] = 8,
                       input->zero_points = &one, input->data = bytes, input->data_bytes = 32, w->input_count = 0))
CASE(int16, input->element = LP_ELEMENT_INT16)
CASE(float_output, w->tensors[1].element = LP_ELEMENT_FLOAT32)
CASE(dequantize_float, (op->builtin_code = CODE_DEQUANTIZE, input->element = LP_ELEMENT_FLOAT32))
CASE(quantize_to_float, (op->builtin_code = CODE_QUANTIZE, w->tensors[1].element = LP_ELEMENT_FLOAT32))

static const struct {
    void (*damage)(struct lp_tw *w, struct lp_tw_tensor *input, struct lp_tw_op *op);
    lp_status status;
    const char *sentence;
} cases[] = {
    {damage_version, LP_UNSUPPORTED, "has schema version 2; version 3 can be read"},
    {damage_subgraphs, LP_UNSUPPORTED, "has 2 subgraphs; models with one, and those that CALL_ONCE"},
    {damage_no_operators, LP_BAD_INPUT, "has no operators"},
    {damage_no_outputs, LP_BAD_INPUT, "has no outputs"},
    {damage_input_index, LP_BAD_INPUT, "its list of inputs or outputs names tensor 2, it has 2"},
    {damage_output_index, LP_BAD_INPUT, "its list of inputs or outputs names tensor -1, it has 2"},
    {damage_operator_input, LP_BAD_INPUT, "operator 0 (RELU 'result'): it names tensor 2, the model has 2"},
    {damage_operator_output, LP_BAD_INPUT, "operator 0 (RELU ''): it names tensor -2, the model has 2"},
    {damage_many_inputs, LP_BAD_INPUT, "operator 0 (RELU 'result'): it has 2 inputs, at most 1 are allowed"},
    {damage_many_outputs, LP_BAD_INPUT, "operator 0 (RELU ''): it has 2 outputs, at most 1 are allowed"},
    {damage_few_inputs, LP_BAD_INPUT, "operator 0 (RELU 'result') breaks the rule: it has as many inputs as its kind takes"},
    {damage_written_input, LP_BAD_INPUT, "operator 0 (RELU 'input') breaks the rule: a tensor is written once"},
    {damage_never_written, LP_BAD_INPUT, "tensor 2 ('result') breaks the rule: an output is computed"},
    {damage_negative_code, LP_BAD_INPUT, "operator 0 has the operator code -5, which is none"},
    {damage_unknown_code, LP_UNSUPPORTED, "operator 0 ('result') is an operator with the builtin code 5000"},
    {damage_known_code, LP_UNSUPPORTED, "operator 0 ('result') is IF, which can't be compiled yet"},
    {damage_late_code, LP_UNSUPPORTED, "operator 0 ('result') is DYNAMIC_UPDATE_SLICE, which can't be compiled yet"},
    {damage_custom, LP_UNSUPPORTED, "operator 0 ('result') is the custom operator 'TFLite_Detection_PostProcess'"},
    {damage_options_type, LP_BAD_INPUT, "operator 0 (SOFTMAX 'result'): its options are of type 1, 9 belongs to it"},
    {damage_activation, LP_UNSUPPORTED, "operator 0 (AVERAGE_POOL_2D 'result'): its fused activation is 4"},
    {damage_padding, LP_BAD_INPUT, "operator 0 (MAX_POOL_2D 'result'): its padding is 2"},
    {damage_beta, LP_BAD_INPUT, "operator 0 (SOFTMAX 'result'): its beta is 0"},
    {damage_beta_nan, LP_BAD_INPUT, "operator 0 (SOFTMAX 'result'): its beta is"},
    {damage_shuffled, LP_UNSUPPORTED, "operator 0 (FULLY_CONNECTED 'result'): its weights are shuffled"},
    {damage_too_many_axes, LP_UNSUPPORTED, "operator 0 (SQUEEZE 'result'): it names 9 dimensions, at most 8"},
    {damage_variable, LP_UNSUPPORTED, "tensor 0 ('input'): it is a variable"},
    {damage_sparse, LP_UNSUPPORTED, "tensor 0 ('input'): it is stored sparse"},
    {damage_other_file, LP_UNSUPPORTED, "tensor 0 ('input'): its values lie in another file"},
    {damage_int4, LP_UNSUPPORTED, "tensor 0 ('input'): its elements are int4;"},
    {damage_float16, LP_UNSUPPORTED, "tensor 0 ('input'): its elements are float16;"},
    {damage_string, LP_UNSUPPORTED, "tensor 0 ('input'): its elements are string;"},
    {damage_no_type, LP_BAD_INPUT, "tensor 0 ('input'): its elements are of type 60, 0 to 22 exist"},
    {damage_negative_type, LP_BAD_INPUT, "tensor 0 ('input'): its elements are of type -128"},
    {damage_rank, LP_UNSUPPORTED, "tensor 0 ('input'): it has 9 dimensions, at most 8"},
    {damage_open_dimension, LP_UNSUPPORTED, "tensor 0 ('input'): its dimension 0 is unknown (-1)"},
    {damage_zero_dimension, LP_BAD_INPUT, "tensor 0 ('input'): its dimension 2 is 0"},
    {damage_negative_dimension, LP_BAD_INPUT, "tensor 0 ('input'): its dimension 2 is -7"},
    {damage_huge, LP_UNSUPPORTED, "tensor 0 ('input'): it has more than 2,147,483,647 bytes"},
    {damage_wide_huge, LP_UNSUPPORTED, "tensor 0 ('input'): it has more than 2,147,483,647 bytes"},
    {damage_scale_zero, LP_BAD_INPUT, "tensor 0 ('input'): its scale 0 is 0, a finite number above 0 is allowed"},
    {damage_scale_negative, LP_BAD_INPUT, "tensor 0 ('input'): its scale 0 is -1"},
    {damage_scale_infinite, LP_BAD_INPUT, "tensor 0 ('input'): its scale 0 is inf"},
    {damage_scale_nan, LP_BAD_INPUT, "tensor 0 ('input'): its scale 0 is nan"},
    {damage_zero_point_low, LP_BAD_INPUT, "tensor 0 ('input'): its zero point 0 is -129, int8 allows -128 to 127"},
    {damage_zero_point_high, LP_BAD_INPUT, "tensor 0 ('input'): its zero point 0 is 256, uint8 allows 0 to 255"},
    {damage_few_zero_points, LP_BAD_INPUT, "tensor 0 ('input'): it has 1 scales and 0 zero points"},
    {damage_scale_count, LP_BAD_INPUT, "tensor 0 ('input'): it has 2 scales along dimension 1"},
    {damage_scale_axis, LP_BAD_INPUT, "tensor 0 ('input'): it has 2 scales along dimension 400000000"},
    {damage_negative_axis, LP_BAD_INPUT, "tensor 0 ('input'): it has 2 scales along dimension -1"},
    {damage_details, LP_UNSUPPORTED, "tensor 0 ('input'): it has custom or block-wise quantization"},
    {damage_buffer_index, LP_BAD_INPUT, "tensor 0 ('input'): it names buffer 3, the model has 3"},
    {damage_short_data, LP_BAD_INPUT, "tensor 0 ('input'): its buffer has 31 bytes, its shape 1x4x4x2 of int8 needs 32"},
    {damage_constant_input, LP_BAD_INPUT, "tensor 0 ('input') breaks the rule: an input is not a constant"},
    {damage_bias_zero_point, LP_BAD_INPUT, "tensor 0 ('input'): it is a constant of int32 with zero point 1, 0 is allowed"},
    {damage_int16, LP_UNSUPPORTED, "operator 0 (RELU 'result'): its input is int16; it can be compiled for int8"},
    {damage_float_output, LP_UNSUPPORTED, "operator 0 (RELU 'result'): its output is float32; it can be compiled for int8"},
    {damage_dequantize_float, LP_UNSUPPORTED, "its input is float32; it can be compiled for int8, uint8, int16"},
    {damage_quantize_to_float, LP_UNSUPPORTED, "its output is float32; it can be compiled for int8, uint8, int16, int32"},
};

static void every_cause_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < LP_COUNT(cases); i++) {
        struct import_bench b;
        struct lp_tw_op *op = import_bench_begin(&b, CODE_RELU, 0, 1);
        cases[i].damage(&b.file, &b.file.tensors[0], op);
        import_bench_write(&b);
        lp_status status = import_bench_read(&b);
        const char *errors = lp_text_get(&b.diag.errors);
        if (status != cases[i].status || b.diag.first != status || strstr(errors, cases[i].sentence) == NULL)
            fail_msg("case %zu: status %d, expected '%s', found '%s'", i, (int)status, cases[i].sentence, errors);
        import_bench_end(&b);
    }
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

/* Operators that are not built, types that are not, activations that are not: one run names all of them. */
static void one_run_lists_everything(void **state)
{
    (void)state;
    const int32_t dims[] = {1, 4, 4, 2};
    struct import_bench b;
    (void)import_bench_begin(&b, 118, 0, 1);
    int32_t real = lp_tw_add_tensor(&b.file, "real", LP_ELEMENT_FLOAT32, 4, dims, NULL, NULL);
    int32_t tiny = lp_tw_add_tensor(&b.file, "tiny", LP_ELEMENT_INT8, 4, dims, NULL, NULL);
    int32_t half = lp_tw_add_tensor(&b.file, "half", LP_ELEMENT_INT8, 4, dims, NULL, NULL);
    b.file.tensors[tiny].other_type = 17;
    b.file.tensors[half].other_type = 1;
    (void)lp_tw_add_op(&b.file, CODE_DEQUANTIZE, 0, 1, (int32_t[]){1}, real);
    (void)lp_tw_add_op(&b.file, CODE_RELU, 0, 1, (int32_t[]){real}, tiny);
    (void)lp_tw_add_op(&b.file, 151, 0, 1, (int32_t[]){tiny}, half);
    struct lp_tw_op *add = lp_tw_add_op(&b.file, CODE_ADD, 11, 2, (int32_t[]){half, tiny}, real);
    import_bench_option(add, 0, 1, 5);
    import_bench_write(&b);
    assert_int_equal(import_bench_read(&b), LP_UNSUPPORTED);
    static const char *const sentences[] = {
        "test.tflite: operator 0 ('result') is IF, which can't be compiled yet\n",
        "test.tflite: operator 3 ('half') is DYNAMIC_UPDATE_SLICE, which can't be compiled yet\n",
        "test.tflite: operator 4 (ADD 'real'): its fused activation is 5;",
        "test.tflite: tensor 3 ('tiny'): its elements are int4;",
        "test.tflite: tensor 4 ('half'): its elements are float16;",
        "test.tflite: operator 2 (RELU 'tiny'): its input is float32; it can be compiled for int8\n",
        "test.tflite: operator 4 (ADD 'real'): its output is float32; it can be compiled for int8, int16, int32, int64\n",
        "test.tflite: 2 of 5 operators can't be compiled: build the model from ADD, ",
        "test.tflite: 2 of 5 operators compute with a type that can't be compiled: quantize the whole model to int8",
    };
    const char *errors = lp_text_get(&b.diag.errors);
    for (size_t i = 0; i < LP_COUNT(sentences); i++)
        if (strstr(errors, sentences[i]) == NULL)
            fail_msg("expected '%s', found '%s'", sentences[i], errors);
    assert_int_equal(b.diag.error_count, LP_COUNT(sentences));
    import_bench_end(&b);
}

/* What could not be read is told once, and not judged a second time by the operators that use it. */
static void an_unreadable_tensor_is_told_once(void **state)
{
    (void)state;
    struct import_bench b;
    (void)import_bench_begin(&b, CODE_DEQUANTIZE, 0, 1);
    b.file.tensors[1].other_type = 1;
    import_bench_write(&b);
    assert_int_equal(import_bench_read(&b), LP_UNSUPPORTED);
    assert_int_equal(b.diag.error_count, 1);
    assert_non_null(strstr(lp_text_get(&b.diag.errors), "tensor 1 ('result'): its elements are float16;"));
    import_bench_end(&b);
}

/* Values behind the tables, in a file that was cut: inside them, and before them. */
static void values_beyond_the_end_are_refused(void **state)
{
    (void)state;
    static const size_t cuts_bytes[] = {1, 32, 33};
    for (size_t i = 0; i < LP_COUNT(cuts_bytes); i++) {
        struct import_bench b;
        (void)import_bench_begin(&b, CODE_RELU, 0, 1);
        lp_tw_set_data(&b.file, 0, bytes, 32);
        b.file.tensors[0].lies_behind = 1;
        import_bench_write(&b);
        b.size_bytes -= cuts_bytes[i];
        assert_int_equal(import_bench_read(&b), LP_BAD_INPUT);
        assert_non_null(strstr(lp_text_get(&b.diag.errors), "tensor 0 ('input'): its values end at byte"));
        import_bench_end(&b);
    }
}

static void a_long_list_ends_after_a_hundred(void **state)
{
    (void)state;
    struct import_bench b;
    (void)import_bench_begin(&b, 118, 0, 1);
    for (int i = 1; i < 128; i++)
        (void)lp_tw_add_op(&b.file, 118, 0, 1, (int32_t[]){0}, 1);
    import_bench_write(&b);
    assert_int_equal(import_bench_read(&b), LP_UNSUPPORTED);
    const char *errors = lp_text_get(&b.diag.errors);
    assert_int_equal(count_of(errors, " is IF, which can't be compiled yet\n"), 100);
    assert_non_null(strstr(errors, "operator 99 ('result') is IF"));
    assert_int_equal(count_of(errors, "128 of 128 operators can't be compiled"), 1);
    assert_int_equal(count_of(errors, "of 128 causes the first 100 are named"), 1);
    import_bench_end(&b);
    (void)import_bench_begin(&b, CODE_RELU, 0, 1);
    b.file.tensors[0].element = LP_ELEMENT_INT16;
    for (int i = 1; i < 128; i++)
        (void)lp_tw_add_op(&b.file, CODE_RELU, 0, 1, (int32_t[]){0}, 1);
    import_bench_write(&b);
    assert_int_equal(import_bench_read(&b), LP_UNSUPPORTED);
    errors = lp_text_get(&b.diag.errors);
    assert_int_equal(count_of(errors, " (RELU 'result'): its input is int16;"), 100);
    assert_int_equal(count_of(errors, "128 of 128 operators compute with a type"), 1);
    assert_int_equal(count_of(errors, "of 128 causes the first 100 are named"), 1);
    import_bench_end(&b);
}

/* Every allocation fails once: the importer says so, and what it has taken so far goes with the arena. */
static void too_little_memory_is_an_error(void **state)
{
    (void)state;
    struct import_bench b;
    (void)import_bench_begin(&b, CODE_RELU, 0, 1);
    import_bench_write(&b);
    assert_int_equal(import_bench_read(&b), LP_OK);
    size_t needed_bytes = b.arena.used_bytes;
    for (size_t limit_bytes = 1; limit_bytes < needed_bytes; limit_bytes += 16) {
        struct lp_arena arena = {.limit_bytes = limit_bytes};
        struct lp_diag diag = {0};
        struct lp_graph *graph = NULL;
        assert_int_equal(lp_import(&arena, &diag, "test.tflite", b.bytes, b.size_bytes, &graph), LP_OUT_OF_MEMORY);
        assert_int_equal(diag.error_count, 1);
        assert_null(graph);
        lp_diag_free(&diag);
        lp_arena_free(&arena);
    }
    import_bench_end(&b);
}

/* All offsets name one tensor with many scales: a small file must not become large in memory. */
static void shared_tables_cannot_grow_without_bound(void **state)
{
    (void)state;
    static float scales[LP_TW_MAX_SCALES];
    const int32_t dims[] = {LP_TW_MAX_SCALES};
    struct import_bench b;
    for (size_t i = 0; i < LP_COUNT(scales); i++)
        scales[i] = 1;
    (void)import_bench_begin(&b, CODE_ADD, 0, 2);
    while (b.file.tensor_count < LP_TW_MAX_TENSORS) {
        int32_t t = lp_tw_add_tensor(&b.file, "", LP_ELEMENT_INT8, 1, dims, NULL, NULL);
        if (t % 2 == 0 && b.file.op_count < LP_TW_MAX_OPS)
            (void)lp_tw_add_op(&b.file, CODE_ADD, 0, 2, (int32_t[]){t - 1, t}, 2);
    }
    lp_tw_set_channel_scales(&b.file, LP_TW_MAX_TENSORS - 1, scales, NULL, LP_TW_MAX_SCALES, 0);
    import_bench_write(&b);
    uint8_t *offsets = b.bytes + b.file.tensors_at;
    uint32_t last;
    memcpy(&last, offsets + 4 * (LP_TW_MAX_TENSORS - 1), 4);
    for (uint32_t i = 0; i + 1 < LP_TW_MAX_TENSORS; i++) {
        uint32_t offset = last + 4 * (LP_TW_MAX_TENSORS - 1 - i);
        memcpy(offsets + 4 * (size_t)i, &offset, 4);
    }
    assert_int_equal(import_bench_read(&b), LP_BAD_INPUT);
    assert_non_null(strstr(lp_text_get(&b.diag.errors), "take more than 16 times the file"));
    assert_true(b.arena.used_bytes < 20 * b.size_bytes);
    import_bench_end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cause_is_named),
        cmocka_unit_test(one_run_lists_everything),
        cmocka_unit_test(an_unreadable_tensor_is_told_once),
        cmocka_unit_test(values_beyond_the_end_are_refused),
        cmocka_unit_test(a_long_list_ends_after_a_hundred),
        cmocka_unit_test(too_little_memory_is_an_error),
        cmocka_unit_test(shared_tables_cannot_grow_without_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
