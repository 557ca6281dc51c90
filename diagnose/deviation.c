#include "diagnose/deviation.h"

#include "compiler/semantics/semantics.h"

#include <math.h>
#include <string.h>

enum { MOST_ROWS = 24, DRAWS = 16 };

/* The rest of a log may hold what some draws on some rows did not: a false alarm is worse than a fault that stays unseen. */
static const double margin = 2;

struct shaking {
    const struct lp_case *c;
    void *run;
    uint64_t state;
};

static uint32_t next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

/* Operators that only move bytes are exact on the NPU as well, and so are the CPU's. */
static bool is_rounded(enum lp_op_kind kind)
{
    static const enum lp_op_kind kinds[] = {LP_OP_CONV_2D, LP_OP_DEPTHWISE_CONV_2D, LP_OP_FULLY_CONNECTED,
                                            LP_OP_MEAN,    LP_OP_AVERAGE_POOL_2D,   LP_OP_ADD,
                                            LP_OP_QUANTIZE};
    for (size_t i = 0; i < LP_COUNT(kinds); i++)
        if (kinds[i] == kind)
            return true;
    return false;
}

static void shake(void *user, uint32_t op)
{
    struct shaking *s = user;
    const struct lp_op *o = &s->c->graph->ops[op];
    const struct lp_tensor *t = lp_op_output(s->c->graph, o, 0);
    if (!is_rounded(o->kind) || t->element != LP_ELEMENT_INT8)
        return;
    int8_t *values = (int8_t *)s->c->runner->tensor(s->run, o->outputs[0]);
    for (int64_t i = 0; i < lp_tensor_elements(t); i++) {
        uint32_t roll = next(&s->state) % 20; /* executed layers differ in 0.3 to 9 of 100 values */
        int value = values[i] + (roll == 0) - (roll == 1);
        values[i] = (int8_t)(value > INT8_MAX ? INT8_MAX : value < INT8_MIN ? INT8_MIN : value);
    }
}

static lp_status shake_row(struct shaking *s, size_t n, double *values, double *room, double *largest)
{
    const struct lp_case *c = s->c;
    const uint8_t *inputs[UINT8_MAX];
    lp_status status = LP_OK;
    lp_case_values(c->graph, c->reference + n * c->output_bytes, values);
    lp_case_input_pointers(c->graph, c->inputs + n * c->input_bytes, inputs);
    for (int draw = 0; draw < DRAWS && status == LP_OK; draw++) {
        double *to = room;
        status = c->runner->run(s->run, inputs, shake, s, c->diag);
        for (uint32_t o = 0; o < c->graph->output_count && status == LP_OK; o++) {
            const struct lp_tensor *t = &c->graph->tensors[c->graph->outputs[o]];
            const uint8_t *data = c->runner->tensor(s->run, c->graph->outputs[o]);
            for (int64_t i = 0; i < lp_tensor_elements(t); i++)
                *to++ = lp_case_element(t->element, data, i);
        }
        for (size_t i = 0; i < c->output_elements && status == LP_OK; i++)
            *largest = fmax(*largest, fabs(room[i] - values[i]));
    }
    return status;
}

/* Large models are shaken on fewer rows, on four at least. */
static size_t rows_to_shake(const struct lp_case *c)
{
    const int64_t most_macs = INT64_C(1000000000);
    int64_t macs = 1000;
    for (uint32_t i = 0; i < c->graph->op_count; i++)
        macs += lp_op_macs(c->graph, &c->graph->ops[i]);
    int64_t rows = most_macs / (macs * DRAWS);
    rows = rows < 4 ? 4 : rows > MOST_ROWS ? MOST_ROWS : rows;
    return (size_t)rows < c->count ? (size_t)rows : c->count;
}

lp_status lp_deviation_find(const struct lp_case *c, double *tolerance)
{
    struct shaking s = {.c = c, .state = 1};
    double *values = LP_NEW_ARRAY(c->arena, c->output_elements, double),
           *room = LP_NEW_ARRAY(c->arena, c->output_elements, double);
    if (values == NULL || room == NULL)
        return lp_no_memory(c->diag);
    lp_status status = c->runner->open(c->graph, c->rounding, c->diag, &s.run);
    if (status != LP_OK)
        return status;
    *tolerance = 1;
    size_t rows = rows_to_shake(c);
    for (size_t k = 0; k < rows && status == LP_OK; k++)
        status = shake_row(&s, k * c->count / rows, values, room, tolerance);
    c->runner->close(s.run);
    *tolerance *= margin;
    return status;
}
