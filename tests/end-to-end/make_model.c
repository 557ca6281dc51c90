/* Writes a small model that no converter would be asked for to standard output: make_model KIND > FILE. */
#include "tests/support/families.h"
#include "tests/support/random_model.h"
#include "tests/support/streaming_model.h"

#include <stdio.h>
#include <string.h>

static const float scale = 0.5f;
static const int32_t zero = 3;

static int32_t add_vector(struct lp_tw *w, const char *name, enum lp_element element, int32_t elements)
{
    return lp_tw_add_tensor(w, name, element, 2, (int32_t[]){1, elements}, element == LP_ELEMENT_FLOAT32 ? NULL : &scale, &zero);
}

/* What a user gets who forgot to quantize. */
static void make_float(struct lp_tw *w)
{
    static const float weights[8] = {1, -2, 3, -4, 5, -6, 7, -8};
    int32_t in = add_vector(w, "in", LP_ELEMENT_FLOAT32, 4);
    int32_t out = add_vector(w, "out", LP_ELEMENT_FLOAT32, 2);
    int32_t weight = lp_tw_add_tensor(w, "weights", LP_ELEMENT_FLOAT32, 2, (int32_t[]){2, 4}, NULL, NULL);
    lp_tw_set_data(w, weight, weights, sizeof weights);
    lp_tw_add_op(w, TW_FULLY_CONNECTED, 8, 2, (int32_t[]){in, weight}, out);
    w->inputs[w->input_count++] = in;
    w->outputs[w->output_count++] = out;
}

/* sum = left + right and the larger of left and zero: two inputs, two outputs. */
static void make_two_ports(struct lp_tw *w)
{
    int32_t left = add_vector(w, "left", LP_ELEMENT_INT8, 4);
    int32_t right = add_vector(w, "right", LP_ELEMENT_INT8, 4);
    int32_t sum = add_vector(w, "sum", LP_ELEMENT_INT8, 4);
    int32_t positive = add_vector(w, "positive", LP_ELEMENT_INT8, 4);
    lp_tw_add_op(w, TW_ADD, 11, 2, (int32_t[]){left, right}, sum);
    lp_tw_add_op(w, TW_RELU, 0, 1, &left, positive);
    w->inputs[w->input_count++] = left;
    w->inputs[w->input_count++] = right;
    w->outputs[w->output_count++] = sum;
    w->outputs[w->output_count++] = positive;
}

/* Takes a picture of 6 x 4 pixels and gives the largest value of each 2 x 2 square and colour. */
static void make_image(struct lp_tw *w)
{
    static const float unit = 1.0f;
    static const int32_t low = -128;
    int32_t in = lp_tw_add_tensor(w, "picture", LP_ELEMENT_INT8, 4, (int32_t[]){1, 4, 6, 3}, &unit, &low);
    int32_t out = lp_tw_add_tensor(w, "largest", LP_ELEMENT_INT8, 4, (int32_t[]){1, 2, 3, 3}, &unit, &low);
    struct lp_tw_op *op = lp_tw_add_op(w, TW_MAX_POOL_2D, 5, 1, &in, out);
    const int32_t values[6] = {1, 2, 2, 2, 2, 0}; /* padding valid, stride, window, no activation */
    for (int i = 0; i < 6; i++)
        op->fields[i] = (struct lp_tw_field){i == 0 || i == 5 ? 1 : 4, values[i]};
    w->inputs[w->input_count++] = in;
    w->outputs[w->output_count++] = out;
}

/* Three operators of which the first and the last can't be compiled. */
static void make_unsupported(struct lp_tw *w)
{
    int32_t in = add_vector(w, "in", LP_ELEMENT_INT8, 4);
    int32_t first = add_vector(w, "magnitude", LP_ELEMENT_INT8, 4);
    int32_t second = add_vector(w, "middle", LP_ELEMENT_INT8, 4);
    int32_t third = add_vector(w, "custom", LP_ELEMENT_INT8, 4);
    lp_tw_add_op(w, 66, 0, 1, &in, first); /* SIN */
    lp_tw_add_op(w, TW_RELU, 0, 1, &first, second);
    lp_tw_add_op(w, 108, 0, 1, &second, third); /* COS */
    w->inputs[w->input_count++] = in;
    w->outputs[w->output_count++] = third;
}

/* What tests/vectors/neural-art/network computes: float to int8, four channels to four for two pixels, and back. */
static void make_network(struct lp_tw *w)
{
    static const float in_scale = 0.05f, out_scale = 0.25f, weight_scale = 0.625f;
    static const int32_t in_zero = -3, out_zero = 5, weight_zero = 0, dims[4] = {1, 1, 2, 4}, kernel_dims[4] = {4, 1, 1, 4};
    static const int8_t kernels[16] = {1, -2, 3, 4, -5, 6, 7, 8, 9, -10, 11, 12, 127, -128, 100, -100};
    static const int32_t bias[4] = {16, 16, 16, 16}, channels = 4;
    const int32_t values[6] = {1, 1, 1, 0, 1, 1}; /* valid, strides, no activation, dilations */
    int32_t in = lp_tw_add_tensor(w, "in", LP_ELEMENT_FLOAT32, 4, dims, NULL, NULL);
    int32_t whole = lp_tw_add_tensor(w, "whole", LP_ELEMENT_INT8, 4, dims, &in_scale, &in_zero);
    int32_t weights = lp_tw_add_tensor(w, "weights", LP_ELEMENT_INT8, 4, kernel_dims, &weight_scale, &weight_zero);
    int32_t biases = lp_tw_add_tensor(w, "biases", LP_ELEMENT_INT32, 1, &channels, NULL, NULL);
    int32_t sum = lp_tw_add_tensor(w, "sum", LP_ELEMENT_INT8, 4, dims, &out_scale, &out_zero);
    int32_t out = lp_tw_add_tensor(w, "out", LP_ELEMENT_FLOAT32, 4, dims, NULL, NULL);
    lp_tw_set_data(w, weights, kernels, sizeof kernels);
    lp_tw_set_data(w, biases, bias, sizeof bias);
    lp_tw_add_op(w, TW_QUANTIZE, 0, 1, &in, whole);
    struct lp_tw_op *op = lp_tw_add_op(w, TW_CONV_2D, 1, 3, (int32_t[]){whole, weights, biases}, sum);
    for (int i = 0; i < 6; i++)
        op->fields[i] = (struct lp_tw_field){i == 0 || i == 3 ? 1 : 4, values[i]};
    lp_tw_add_op(w, 6, 0, 1, &sum, out); /* DEQUANTIZE */
    w->inputs[w->input_count++] = in;
    w->outputs[w->output_count++] = out;
}

static const struct {
    const char *kind;
    void (*make)(struct lp_tw *);
} kinds[] = {
    {"float", make_float},     {"two-ports", make_two_ports},       {"image", make_image},    {"unsupported", make_unsupported},
    {"network", make_network}, {"streaming", streaming_model_make}, {"svdf", svdf_model_make}};

static int write(struct lp_tw *w)
{
    size_t size_bytes;
    const uint8_t *bytes = lp_tw_finish(w, &size_bytes);
    int failed = fwrite(bytes, 1, size_bytes, stdout) != size_bytes || fflush(stdout) != 0;
    lp_tw_free(w);
    return failed;
}

int main(int argc, char **argv)
{
    static struct lp_tw w;
    for (size_t i = 0; i < family_count; i++)
        if (argc == 2 && strcmp(argv[1], families[i].name) == 0) {
            families[i].make(&w);
            return write(&w);
        }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (argc != 2 || strcmp(argv[1], kinds[i].kind) != 0)
            continue;
        kinds[i].make(&w);
        return write(&w);
    }
    fprintf(stderr, "make_model: one of float, two-ports, image, unsupported, network, streaming, svdf, or a family of "
                    "tests/support/families.c\n");
    return 2;
}
