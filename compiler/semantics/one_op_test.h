/* A graph of one operator, put together by hand. Only tests of this folder include it. */
#ifndef LP_SEMANTICS_ONE_OP_TEST_H
#define LP_SEMANTICS_ONE_OP_TEST_H

#include "compiler/semantics/semantics.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

enum { ONE_OP_TENSORS = 5 };

struct one_op {
    struct lp_graph graph;
    struct lp_op op;
    struct lp_tensor tensors[ONE_OP_TENSORS]; /* 0: the output, then the inputs */
    float scales[ONE_OP_TENSORS];
    int32_t zero_points[ONE_OP_TENSORS];
    int32_t inputs[ONE_OP_TENSORS];
    int32_t outputs[1];
    struct lp_diag diag;
    struct lp_arena arena;
};

static inline void one_op_open(struct one_op *o, enum lp_op_kind kind)
{
    memset(o, 0, sizeof *o);
    o->graph = (struct lp_graph){.tensors = o->tensors, .ops = &o->op, .tensor_count = 1, .op_count = 1};
    o->op = (struct lp_op){.kind = kind, .source_index = 3, .inputs = o->inputs, .outputs = o->outputs, .output_count = 1};
    o->tensors[0].name = "layer";
}

/* dims end with 0; scale 0: not quantized. */
static inline struct lp_tensor *one_op_shape(struct one_op *o, uint32_t i, enum lp_element element, const int32_t *dims,
                                             float scale, int32_t zero_point)
{
    struct lp_tensor *t = &o->tensors[i];
    t->name = i == 0 ? "layer" : "";
    t->element = element;
    for (t->rank = 0; dims[t->rank] != 0; t->rank++)
        t->dims[t->rank] = dims[t->rank];
    o->scales[i] = scale;
    o->zero_points[i] = zero_point;
    t->quant = (struct lp_quant){.count = scale > 0, .scale = &o->scales[i], .zero_point = &o->zero_points[i]};
    return t;
}

static inline struct lp_tensor *one_op_input(struct one_op *o, enum lp_element element, const int32_t *dims, float scale,
                                             int32_t zero_point)
{
    uint32_t i = o->graph.tensor_count++;
    o->inputs[o->op.input_count++] = (int32_t)i;
    return one_op_shape(o, i, element, dims, scale, zero_point);
}

/* Closes; the error has this status and mentions the operator and `words`. */
static inline void one_op_expect_error(struct one_op *o, lp_status found, lp_status expected, const char *words)
{
    assert_int_equal(found, expected);
    assert_int_equal(o->diag.error_count, 1);
    const char *text = lp_text_get(&o->diag.errors);
    if (strstr(text, words) == NULL || strstr(text, "operator 3") == NULL || strstr(text, "'layer'") == NULL)
        fail_msg("'%s' does not mention the operator and '%s'", text, words);
    lp_diag_free(&o->diag);
    lp_arena_free(&o->arena);
}

static inline void one_op_close(struct one_op *o)
{
    assert_int_equal(o->diag.error_count, 0);
    lp_diag_free(&o->diag);
    lp_arena_free(&o->arena);
}

#define DIMS(...) ((const int32_t[]){__VA_ARGS__, 0})

#endif
