#include "tests/support/planted.h"

#include "tests/support/naive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A convolution or matrix product of the model, seen as filters of taps. */
struct weighted {
    int8_t *weight;
    int32_t *bias; /* null: none */
    int32_t filters, rows, columns, inputs;
    bool is_depthwise;
};

static bool is_weighted(const struct lp_tw_op *op)
{
    return op->builtin_code == TW_CONV_2D || op->builtin_code == TW_DEPTHWISE_CONV_2D || op->builtin_code == TW_FULLY_CONNECTED ||
           op->builtin_code == TW_TRANSPOSE_CONV;
}

/* The data were made by random_model.c on the heap; only the writer sees them as constant. */
static struct weighted weighted_of(const struct random_model *m, const struct lp_tw_op *op)
{
    const struct lp_tw_tensor *filter = &m->file.tensors[op->inputs[1]];
    struct weighted w = {.weight = (int8_t *)(uintptr_t)filter->data, .rows = 1, .columns = 1};
    w.is_depthwise = op->builtin_code == TW_DEPTHWISE_CONV_2D;
    /* TRANSPOSE_CONV: output shape, filter, input, bias. */
    uint32_t bias = op->builtin_code == TW_TRANSPOSE_CONV ? 3 : 2;
    if (op->input_count > bias && op->inputs[bias] >= 0)
        w.bias = (int32_t *)(uintptr_t)m->file.tensors[op->inputs[bias]].data;
    if (filter->rank == 4) {
        w.rows = filter->dims[1];
        w.columns = filter->dims[2];
    }
    w.filters = w.is_depthwise ? filter->dims[3] : filter->dims[0];
    w.inputs = w.is_depthwise ? 1 : filter->dims[filter->rank - 1];
    return w;
}

static int8_t *weight_at(const struct weighted *w, int32_t filter, int32_t row, int32_t column, int32_t input)
{
    int32_t tap = row * w->columns + column;
    return w->is_depthwise ? &w->weight[tap * w->filters + filter]
                           : &w->weight[(filter * w->rows * w->columns + tap) * w->inputs + input];
}

/* -1 stands for all. */
static void clear(const struct weighted *w, int32_t filter, int32_t row, int32_t column, int32_t input)
{
    for (int32_t f = 0; f < w->filters; f++)
        for (int32_t y = 0; y < w->rows; y++)
            for (int32_t x = 0; x < w->columns; x++)
                for (int32_t i = 0; i < w->inputs; i++)
                    if ((filter < 0 || f == filter) && (row < 0 || y == row) && (column < 0 || x == column) &&
                        (input < 0 || i == input))
                        *weight_at(w, f, y, x, i) = 0;
}

static void plant_filter(struct random_model *m, const struct weighted *w, int32_t filter, struct planted_counts *counts)
{
    const int32_t far = 50000000;
    int32_t choice = random_between(m, 0, 3);
    if (choice == 3 && w->bias != NULL) {
        w->bias[filter] = random_between(m, 0, 1) != 0 ? far : -far;
        counts->saturated++;
        return;
    }
    clear(w, filter, -1, -1, -1);
    if (w->bias != NULL)
        w->bias[filter] = choice == 0 ? 0 : random_between(m, -3000, 3000);
    counts->zero_filters += w->bias == NULL || choice == 0;
    counts->zero_filters_with_bias += w->bias != NULL && choice != 0;
}

static void plant_into(struct random_model *m, const struct weighted *w, int32_t step, int32_t rest,
                       struct planted_counts *counts)
{
    for (int32_t f = 0; f < w->filters; f++)
        if (f % step == rest)
            plant_filter(m, w, f, counts);
    if (random_between(m, 0, 3) == 0) {
        int32_t input = random_between(m, 0, w->inputs - 1);
        clear(w, -1, -1, -1, input);
        counts->unread_inputs++;
    }
    if (w->rows > 1 && random_between(m, 0, 2) == 0) {
        clear(w, -1, random_between(m, 0, 1) != 0 ? 0 : w->rows - 1, -1, -1);
        counts->zero_rows++;
    }
    if (w->columns > 1 && random_between(m, 0, 2) == 0) {
        clear(w, -1, -1, random_between(m, 0, 1) != 0 ? 0 : w->columns - 1, -1);
        counts->zero_columns++;
    }
}

void plant_dead(struct random_model *m, struct planted_counts *counts)
{
    int32_t step = random_between(m, 1, 4);
    int32_t rest = random_between(m, 0, step - 1);
    for (uint32_t i = 0; i < m->file.op_count; i++) {
        if (!is_weighted(&m->file.ops[i]))
            continue;
        struct weighted w = weighted_of(m, &m->file.ops[i]);
        /* Now and then a layer is left alone: its inputs die and it lives on. */
        if (random_between(m, 0, 3) != 0)
            plant_into(m, &w, step, rest, counts);
    }
}

void planted_run(struct random_model *m, bool is_double_rounding, int kind, int8_t **values)
{
    for (uint32_t t = 0; t < m->file.tensor_count; t++) {
        values[t] = calloc(1, tw_tensor_elements(&m->file.tensors[t]) + 1);
        if (values[t] == NULL)
            abort();
    }
    for (uint32_t k = 0; k < m->file.input_count; k++) {
        int32_t tensor = m->file.inputs[k];
        for (size_t i = 0; i < tw_tensor_elements(&m->file.tensors[tensor]); i++)
            values[tensor][i] = (int8_t)(kind == 0   ? random_between(m, -128, 127)
                                         : kind == 1 ? random_between(m, 0, 1) * 255 - 128
                                         : kind == 2 ? -128
                                                     : 127);
    }
    naive_run(&m->file, is_double_rounding, values);
}

void planted_free(const struct random_model *m, int8_t **values)
{
    for (uint32_t t = 0; t < m->file.tensor_count; t++)
        free(values[t]);
}
