#include "tests/support/streaming_model.h"

#include <string.h>

enum { ADD = 0, CONCATENATION = 2, FULLY_CONNECTED = 9, SLICE = 65 };
enum { CALL_ONCE = 129, VAR_HANDLE = 142, READ_VARIABLE = 143, ASSIGN_VARIABLE = 144, RESOURCE = 13 };
enum { ROW = STREAM_CHANNELS, PAST = (STREAM_WINDOW - 1) * STREAM_CHANNELS, ALL = STREAM_WINDOW * STREAM_CHANNELS, ZERO = 3 };

static const float scale = 0.5f, weight_scale = 0.25f, class_scale = 0.125f;
static const int32_t zero = ZERO, no_zero = 0;
static int8_t first_values[PAST], weights[STREAM_CLASSES * ALL];

static void fill_constants(void)
{
    for (int i = 0; i < PAST; i++)
        first_values[i] = (int8_t)(i * 7 % 41 - 20);
    for (int i = 0; i < STREAM_CLASSES * ALL; i++)
        weights[i] = (int8_t)(i * 5 % 3 - 1);
}

static int32_t add_rows(struct lp_tw *w, const char *name, int32_t rows)
{
    return lp_tw_add_tensor(w, name, LP_ELEMENT_INT8, 3, (int32_t[]){1, rows, ROW}, &scale, &zero);
}

static int32_t add_handle(struct lp_tw *w, const char *name)
{
    int32_t handle = lp_tw_add_tensor(w, name, LP_ELEMENT_INT32, 0, NULL, NULL, NULL);
    w->tensors[handle].other_type = RESOURCE;
    return handle;
}

static void make_handle(struct lp_tw *w, const char *name, int32_t handle)
{
    lp_tw_add_op(w, VAR_HANDLE, 111, 0, NULL, handle)->text = name;
}

static void assign(struct lp_tw *w, int32_t handle, int32_t value)
{
    lp_tw_add_op(w, ASSIGN_VARIABLE, 113, 2, (int32_t[]){handle, value}, -1)->output_count = 0;
}

static int32_t add_numbers(struct lp_tw *w, const char *name, const int32_t *numbers)
{
    int32_t tensor = lp_tw_add_tensor(w, name, LP_ELEMENT_INT32, 1, (int32_t[]){3}, NULL, NULL);
    lp_tw_set_data(w, tensor, numbers, 3 * sizeof *numbers);
    return tensor;
}

static int32_t add_window(struct lp_tw *w, int32_t input, int32_t past, int32_t handle)
{
    static const int32_t begin[3] = {0, 1, 0}, size[3] = {1, STREAM_WINDOW - 1, ROW};
    int32_t value = add_rows(w, "past", STREAM_WINDOW - 1), window = add_rows(w, "window", STREAM_WINDOW);
    int32_t next = add_rows(w, "next", STREAM_WINDOW - 1);
    lp_tw_add_op(w, READ_VARIABLE, 112, 1, &handle, value);
    struct lp_tw_op *op = lp_tw_add_op(w, CONCATENATION, 10, 2, (int32_t[]){value, input}, window);
    op->fields[0] = (struct lp_tw_field){4, 1};
    lp_tw_add_op(w, SLICE, 0, 3, (int32_t[]){window, add_numbers(w, "begin", begin), add_numbers(w, "size", size)}, next);
    assign(w, handle, next);
    lp_tw_set_data(w, past, first_values, sizeof first_values);
    return window;
}

void streaming_model_make(struct lp_tw *w)
{
    fill_constants();
    int32_t input = add_rows(w, "moment", 1), first = add_rows(w, "first", STREAM_WINDOW - 1);
    int32_t ring = add_handle(w, "ring"), one = add_handle(w, "one"), two = add_handle(w, "two");
    int32_t now = add_rows(w, "now", 1), one_before = add_rows(w, "one before", 1), two_before = add_rows(w, "two before", 1);
    int32_t sum = add_rows(w, "sum", 1);
    int32_t classes = lp_tw_add_tensor(w, "classes", LP_ELEMENT_INT8, 2, (int32_t[]){1, STREAM_CLASSES}, &class_scale, &zero);
    int32_t weight = lp_tw_add_tensor(w, "weights", LP_ELEMENT_INT8, 2, (int32_t[]){STREAM_CLASSES, ALL}, &weight_scale,
                                      &no_zero);
    lp_tw_set_data(w, weight, weights, sizeof weights);
    struct lp_tw_op *once = lp_tw_add_op(w, CALL_ONCE, 103, 0, NULL, -1);
    once->output_count = 0;
    once->fields[0] = (struct lp_tw_field){4, 1};
    make_handle(w, "ring", ring);
    make_handle(w, "one", one);
    make_handle(w, "two", two);
    int32_t window = add_window(w, input, first, ring);
    lp_tw_add_op(w, READ_VARIABLE, 112, 1, &one, one_before);
    lp_tw_add_op(w, READ_VARIABLE, 112, 1, &two, two_before);
    assign(w, two, one_before);
    assign(w, one, input);
    lp_tw_add_op(w, READ_VARIABLE, 112, 1, &one, now);
    lp_tw_add_op(w, FULLY_CONNECTED, 8, 2, (int32_t[]){window, weight}, classes);
    lp_tw_add_op(w, ADD, 11, 2, (int32_t[]){now, two_before}, sum);
    make_handle(w, "ring", ring);
    assign(w, ring, first);
    w->once_ops = 2;
    w->inputs[w->input_count++] = input;
    w->outputs[w->output_count++] = classes;
    w->outputs[w->output_count++] = sum;
    w->outputs[w->output_count++] = two_before;
}

static int8_t clamped(int32_t value)
{
    return (int8_t)(value < -128 ? -128 : value > 127 ? 127 : value);
}

void streaming_naive_run(struct streaming_naive *n, const int8_t *input, int8_t *classes, int8_t *sum, int8_t *old)
{
    fill_constants();
    if (!n->is_going) {
        memcpy(n->past, first_values, sizeof n->past);
        memset(n->one_before, ZERO, ROW);
        memset(n->two_before, ZERO, ROW);
        n->is_going = 1;
    }
    int8_t window[ALL];
    memcpy(window, n->past, PAST);
    memcpy(window + PAST, input, ROW);
    /* 0.5 times 0.25 is the output's scale. */
    for (int c = 0; c < STREAM_CLASSES; c++) {
        int32_t total = ZERO;
        for (int i = 0; i < ALL; i++)
            total += (window[i] - ZERO) * weights[c * ALL + i];
        classes[c] = clamped(total);
    }
    for (int i = 0; i < ROW; i++)
        sum[i] = clamped(input[i] + n->two_before[i] - ZERO);
    memcpy(old, n->two_before, ROW);
    memcpy(n->two_before, n->one_before, ROW);
    memcpy(n->one_before, input, ROW);
    memcpy(n->past, window + ROW, PAST);
}

/* ---- SVDF ---- */

enum { SVDF = 27, SOFTMAX = 25, SVDF_IN = 10, SVDF_UNITS = 6, SVDF_RANK = 2, SVDF_MEMORY = 4, SVDF_CLASSES = 4 };
enum { SVDF_FILTERS = SVDF_UNITS * SVDF_RANK };

static int8_t features[2][SVDF_FILTERS * SVDF_IN], dense[SVDF_CLASSES * SVDF_UNITS];
static int16_t times[2][SVDF_FILTERS * SVDF_MEMORY];
static int32_t biases[2][SVDF_UNITS];
static const float in_scale = 0.05f, feature_scale = 0.01f, time_scale = 0.0005f, state_scale = 0.002f, out_scale = 0.08f;
static const float dense_scale = 0.02f, softmax_scale = 1.0f / 256;
static const int32_t in_zero = -5, out_zero = 7, lowest = -128;

static int32_t add_layer(struct lp_tw *w, int layer, int32_t in, int32_t in_c, const float *units_scale,
                         const int32_t *zero_point)
{
    for (int i = 0; i < SVDF_FILTERS * in_c; i++)
        features[layer][i] = (int8_t)((i * 37 + layer * 11) % 255 - 127);
    for (int i = 0; i < SVDF_FILTERS * SVDF_MEMORY; i++)
        times[layer][i] = (int16_t)((i * 7919 + layer * 101) % 65535 - 32767);
    for (int i = 0; i < SVDF_UNITS; i++)
        biases[layer][i] = i * 3000 - 9000;
    int32_t feature = lp_tw_add_tensor(w, "features", LP_ELEMENT_INT8, 2, (int32_t[]){SVDF_FILTERS, in_c}, &feature_scale,
                                       &no_zero);
    int32_t time = lp_tw_add_tensor(w, "times", LP_ELEMENT_INT16, 2, (int32_t[]){SVDF_FILTERS, SVDF_MEMORY}, &time_scale,
                                    &no_zero);
    int32_t bias = lp_tw_add_tensor(w, "biases", LP_ELEMENT_INT32, 1, (int32_t[]){SVDF_UNITS}, NULL, NULL);
    int32_t state = lp_tw_add_tensor(w, "memory", LP_ELEMENT_INT16, 2, (int32_t[]){1, SVDF_FILTERS * SVDF_MEMORY}, &state_scale,
                                     &no_zero);
    int32_t out = lp_tw_add_tensor(w, "units", LP_ELEMENT_INT8, 2, (int32_t[]){1, SVDF_UNITS}, units_scale, zero_point);
    w->tensors[state].is_variable = 1;
    lp_tw_set_data(w, feature, features[layer], (size_t)(SVDF_FILTERS * in_c));
    lp_tw_set_data(w, time, times[layer], sizeof times[layer]);
    lp_tw_set_data(w, bias, biases[layer], sizeof biases[layer]);
    struct lp_tw_op *op = lp_tw_add_op(w, SVDF, 6, 5, (int32_t[]){in, feature, time, layer == 0 ? bias : -1, state}, out);
    op->fields[0] = (struct lp_tw_field){4, SVDF_RANK};
    return out;
}

void svdf_model_make(struct lp_tw *w)
{
    for (int i = 0; i < SVDF_CLASSES * SVDF_UNITS; i++)
        dense[i] = (int8_t)(i * 29 % 255 - 127);
    int32_t in = lp_tw_add_tensor(w, "moment", LP_ELEMENT_INT8, 2, (int32_t[]){1, SVDF_IN}, &in_scale, &in_zero);
    int32_t first = add_layer(w, 0, in, SVDF_IN, &out_scale, &out_zero);
    int32_t second = add_layer(w, 1, first, SVDF_UNITS, &out_scale, &lowest);
    int32_t weight = lp_tw_add_tensor(w, "dense", LP_ELEMENT_INT8, 2, (int32_t[]){SVDF_CLASSES, SVDF_UNITS}, &dense_scale,
                                      &no_zero);
    int32_t scores = lp_tw_add_tensor(w, "scores", LP_ELEMENT_INT8, 2, (int32_t[]){1, SVDF_CLASSES}, &out_scale, &out_zero);
    int32_t classes = lp_tw_add_tensor(w, "classes", LP_ELEMENT_INT8, 2, (int32_t[]){1, SVDF_CLASSES}, &softmax_scale, &lowest);
    lp_tw_set_data(w, weight, dense, sizeof dense);
    lp_tw_add_op(w, FULLY_CONNECTED, 8, 2, (int32_t[]){second, weight}, scores);
    struct lp_tw_op *op = lp_tw_add_op(w, SOFTMAX, 9, 1, &scores, classes);
    op->fields[0] = (struct lp_tw_field){4, lp_tw_float_bits(1.0f)};
    w->inputs[w->input_count++] = in;
    w->outputs[w->output_count++] = first;
    w->outputs[w->output_count++] = classes;
}
