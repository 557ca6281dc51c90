#include "tests/support/seeing_model.h"

#include "compiler/analyze/shapes.h"
#include "compiler/import/import.h"
#include "tests/support/faulty_device.h"
#include "tests/support/random_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TW_SOFTMAX = 25 };

int32_t seeing_between(struct seeing_model *m, int32_t low, int32_t high)
{
    return low + (int32_t)(faulty_random(&m->state) % (uint32_t)(high - low + 1));
}

static void *block(struct seeing_model *m, size_t count, size_t size)
{
    assert_true(m->block_count < LP_COUNT(m->blocks));
    return m->blocks[m->block_count++] = calloc(count, size);
}

static int32_t activation(struct seeing_model *m, int32_t rank, const int32_t *dims, double scale, int32_t zero)
{
    float *s = block(m, 1, sizeof *s);
    int32_t *z = block(m, 1, sizeof *z);
    *s = (float)scale;
    *z = zero;
    return lp_tw_add_tensor(&m->file, "t", LP_ELEMENT_INT8, rank, dims, s, z);
}

static int32_t weights(struct seeing_model *m, int32_t rank, const int32_t *dims, size_t count)
{
    static const float scale = 0.01f;
    static const int32_t zero = 0;
    int8_t *data = block(m, count, 1);
    for (size_t i = 0; i < count; i++)
        data[i] = (int8_t)(m->flaw == SEEING_BALANCED ? (i % 2 == 0 ? 1 : -1) * seeing_between(m, 40, 127)
                                                      : seeing_between(m, -60, 60));
    int32_t t = lp_tw_add_tensor(&m->file, "w", LP_ELEMENT_INT8, rank, dims, &scale, &zero);
    lp_tw_set_data(&m->file, t, data, count);
    return t;
}

static double scale_of(const struct seeing_model *m, int32_t t)
{
    return (double)m->file.tensors[t].scales[0];
}

/* The output's scale is such that sums of `terms` random products fill its range. */
static double output_scale(const struct seeing_model *m, int32_t in, int terms)
{
    return scale_of(m, in) * 0.01 * 35 * 60 * sqrt(terms) / 40;
}

/* Sums so large that every output stands at a limit. */
static int32_t large_biases(struct seeing_model *m, int32_t count)
{
    int32_t *data = block(m, (size_t)count, sizeof *data);
    for (int32_t i = 0; i < count; i++)
        data[i] = seeing_between(m, 0, 1) == 0 ? 1 << 26 : -(1 << 26);
    int32_t t = lp_tw_add_tensor(&m->file, "b", LP_ELEMENT_INT32, 1, &count, NULL, NULL);
    lp_tw_set_data(&m->file, t, data, sizeof *data * (size_t)count);
    return t;
}

static int32_t dense(struct seeing_model *m, int32_t in, int32_t in_count, int32_t out_count, int relu)
{
    int32_t w = weights(m, 2, (int32_t[]){out_count, in_count}, (size_t)in_count * (size_t)out_count);
    /* The layer that loses the change: a scale so coarse that all of it is less than half an LSB. */
    bool is_coarse = m->flaw == SEEING_INSENSITIVE && m->dense_count++ == 0;
    double scale = output_scale(m, in, in_count) * (is_coarse ? 500 : m->flaw == SEEING_BALANCED ? 20 : relu ? 0.5 : 1);
    int32_t out = activation(m, 2, (int32_t[]){1, out_count}, scale, relu ? -128 : 3);
    bool is_saturated = m->flaw == SEEING_SATURATED && !relu;
    int32_t b = is_saturated ? large_biases(m, out_count) : -1;
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_FULLY_CONNECTED, 8, is_saturated ? 3 : 2, (int32_t[]){in, w, b}, out);
    op->fields[0] = (struct lp_tw_field){1, relu};
    return out;
}

static int32_t convolution(struct seeing_model *m, int32_t in, int32_t size, int32_t in_c, int32_t out_c)
{
    int32_t w = weights(m, 4, (int32_t[]){out_c, 3, 3, in_c}, (size_t)(9 * in_c * out_c));
    int32_t out = activation(m, 4, (int32_t[]){1, size - 2, size - 2, out_c}, output_scale(m, in, 9 * in_c) * 0.5, -128);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_CONV_2D, 1, 2, (int32_t[]){in, w}, out);
    const int32_t values[6] = {1, 1, 1, 1, 1, 1}; /* valid, strides, ReLU, dilations */
    for (int i = 0; i < 6; i++)
        op->fields[i] = (struct lp_tw_field){i == 0 || i == 3 ? 1 : 4, values[i]};
    return out;
}

static int32_t reshape(struct seeing_model *m, int32_t in, int32_t count)
{
    int32_t *dims = block(m, 2, sizeof *dims);
    dims[0] = 1;
    dims[1] = count;
    int32_t shape = lp_tw_add_tensor(&m->file, "shape", LP_ELEMENT_INT32, 1, (int32_t[]){2}, NULL, NULL);
    lp_tw_set_data(&m->file, shape, dims, 2 * sizeof *dims);
    int32_t out = activation(m, 2, dims, scale_of(m, in), m->file.tensors[in].zero_points[0]);
    lp_tw_add_op(&m->file, TW_RESHAPE, 0, 2, (int32_t[]){in, shape}, out);
    return out;
}

static int32_t softmax(struct seeing_model *m, int32_t in, int32_t count)
{
    int32_t out = activation(m, 2, (int32_t[]){1, count}, 1.0 / 256, -128);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_SOFTMAX, 9, 1, &in, out);
    op->fields[0] = (struct lp_tw_field){4, lp_tw_float_bits(1.0f)};
    return out;
}

/* 0: two dense layers. 1: a convolution and a dense layer over it. 2: many outputs. Odd seeds of 0 and 1 end in softmax. */
struct seeing_model *seeing_model_make(uint64_t seed, enum seeing_flaw flaw, bool needs_channels, bool needs_softmax)
{
    struct seeing_model *m = calloc(1, sizeof *m);
    m->flaw = flaw;
    m->state = seed * UINT64_C(0x2545f4914f6cdd1d) + 77;
    for (int i = 0; i < 8; i++)
        faulty_random(&m->state);
    int kind = flaw == SEEING_BALANCED ? 0 : needs_channels ? 1 : needs_softmax ? (int)(seed % 2) : (int)(seed % 3);
    int32_t outputs = kind == 2 ? seeing_between(m, 66, 120) : seeing_between(m, 4, 10), in, out;
    double scale = 0.02 + 0.001 * seeing_between(m, 0, 40);
    if (kind == 1) {
        int32_t size = seeing_between(m, 6, 8), channels = seeing_between(m, 2, 4), hidden = seeing_between(m, 2, 4),
                left = size - 2;
        in = activation(m, 4, (int32_t[]){1, size, size, channels}, scale, seeing_between(m, -40, 40));
        out = reshape(m, convolution(m, in, size, channels, hidden), left * left * hidden);
        out = dense(m, out, left * left * hidden, outputs, 0);
    } else {
        int32_t inputs = seeing_between(m, 70, 130), hidden = seeing_between(m, 12, 20);
        in = activation(m, 2, (int32_t[]){1, inputs}, scale, seeing_between(m, -40, 40));
        out = flaw == SEEING_BALANCED ? dense(m, in, inputs, outputs, 0)
                                      : dense(m, dense(m, in, inputs, hidden, 1), hidden, outputs, 0);
    }
    if (needs_softmax || (kind != 2 && flaw == SEEING_NO_FLAW && seed % 4 == 1)) {
        /* logits of a few units, so that probabilities are neither flat nor all or nothing */
        *(float *)(uintptr_t)m->file.tensors[out].scales = 0.02f;
        out = softmax(m, out, outputs);
    }
    m->file.inputs[m->file.input_count++] = in;
    m->file.outputs[m->file.output_count++] = out;
    m->bytes = lp_tw_finish(&m->file, &m->byte_count);
    lp_status status = lp_import(&m->arena, &m->diag, "made.tflite", m->bytes, m->byte_count, &m->graph);
    if (status == LP_OK)
        status = lp_analyze_shapes(m->graph, &m->diag);
    if (status != LP_OK)
        fail_msg("%s", lp_text_get(&m->diag.errors));
    return m;
}

void seeing_model_free(struct seeing_model *m)
{
    lp_diag_free(&m->diag);
    lp_arena_free(&m->arena);
    lp_tw_free(&m->file);
    for (size_t i = 0; i < m->block_count; i++)
        free(m->blocks[i]);
    free(m);
}
