/* ADD: one ARITH with two inputs, or with one when the other is a number (NEURAL-ART.md 12.7). */
#include "compiler/lower/neural-art/flow.h"
#include "compiler/semantics/semantics.h"

#include <math.h>

/* A factor as 16 bits: value * 2^-shift, |value| in [2^14, 2^15). */
struct factor {
    int32_t value, shift;
};

enum { MOST_FACTOR_SHIFT = 31, MOST_SUM_SHIFT = 14, LARGEST_STEP = 255 };

static struct factor normalized(double real)
{
    struct factor f = {0, 0};
    while (f.shift < MOST_FACTOR_SHIFT && fabs(rint(ldexp(real, f.shift + 1))) <= INT16_MAX)
        f.shift++;
    f.value = (int32_t)rint(ldexp(real, f.shift));
    return f;
}

/* One operand: a stream, or a number when it is a constant of one element. */
struct operand {
    int32_t tensor;
    double ratio; /* its scale to the output's */
    double zero_point;
    bool is_number;
    double number;
};

struct sum {
    struct operand of[2];
    const struct operand *x, *y; /* streams; y null when the other is a number */
    int32_t shift;               /* of the rounded result */
    struct factor a, b;
    int32_t constant, constant_shift;
    double deviation;
};

static struct operand operand_of(const struct lp_graph *g, const struct lp_op *op, uint32_t i)
{
    const struct lp_tensor *t = lp_op_input(g, op, i), *out = lp_op_output(g, op, 0);
    struct operand o = {.tensor = op->inputs[i],
                        .ratio = (double)t->quant.scale[0] / (double)out->quant.scale[0],
                        .zero_point = t->quant.zero_point[0],
                        .is_number = t->data != NULL && lp_tensor_elements(t) == 1};
    o.number = o.is_number ? *(const int8_t *)t->data : 0;
    return o;
}

static lp_status check_form(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    const struct lp_graph *g = w->l->graph;
    const struct lp_tensor *out = lp_op_output(g, op, 0);
    uint32_t numbers = 0;
    char found[64];
    for (uint32_t i = 0; i < 2; i++) {
        const struct lp_tensor *t = lp_op_input(g, op, i);
        if (t->element != LP_ELEMENT_INT8 || out->element != LP_ELEMENT_INT8)
            return lp_npu_refuse(w->l, no, LP_NPU_RULE_TYPE, lp_element_name(t->element), "a model with int8 activations");
        bool is_number = t->data != NULL && lp_tensor_elements(t) == 1;
        numbers += is_number;
        if (!is_number && !lp_tensors_same_shape(t, out))
            return lp_npu_refuse(w->l, no, LP_NPU_RULE_SHAPES,
                                 lp_arena_printf(w->l->arena, "%s", lp_shape_text(t, found, sizeof found)),
                                 "operands of one shape");
    }
    return numbers < 2 ? LP_OK : lp_npu_refuse(w->l, no, LP_NPU_RULE_SHAPES, "two numbers", "one operand that is computed");
}

/* (A*x >> ax) + (B*y >> by) + (C << cs), rounded by `shift`. */
static struct sum sum_of(const struct lp_graph *g, const struct lp_op *op)
{
    struct sum s = {.of = {operand_of(g, op, 0), operand_of(g, op, 1)}, .shift = MOST_SUM_SHIFT};
    double constant = lp_op_output(g, op, 0)->quant.zero_point[0];
    double largest = 0;
    for (uint32_t i = 0; i < 2; i++) {
        const struct operand *o = &s.of[i];
        constant += o->ratio * ((o->is_number ? o->number : 0) - o->zero_point);
        largest = o->is_number ? largest : fmax(largest, o->ratio);
    }
    while (s.shift > 0 && ldexp(largest, s.shift) > INT16_MAX)
        s.shift--;
    while (fabs(rint(ldexp(constant, s.shift - s.constant_shift))) > INT16_MAX)
        s.constant_shift++;
    s.constant = (int32_t)rint(ldexp(constant, s.shift - s.constant_shift));
    return s;
}

static void choose_streams(struct sum *s)
{
    s->x = s->of[0].is_number ? &s->of[1] : &s->of[0];
    s->y = s->of[0].is_number || s->of[1].is_number ? NULL : &s->of[1];
    s->a = normalized(ldexp(s->x->ratio, s->shift));
    if (s->y != NULL)
        s->b = normalized(ldexp(s->y->ratio, s->shift));
    /* Floors of the products, roundings of the factors over all steps, and that of the constant. */
    double factors = ldexp(0.5 * LARGEST_STEP, -s->a.shift) + (s->y == NULL ? 0 : ldexp(0.5 * LARGEST_STEP, -s->b.shift));
    s->deviation = ldexp(2 + factors + ldexp(0.5, s->constant_shift), -s->shift);
}

static struct lp_npu_arith *add_unit(struct lp_npu_build *b, const struct sum *s, const struct lp_npu_map *map, int8_t min,
                                     int8_t max)
{
    struct lp_npu_arith *u = lp_npu_arith(b);
    u->operation = LP_NPU_ARITH_AFFINE;
    u->scalar = 1;
    u->dualinput = s->y != NULL;
    u->bcast = LP_NPU_BCAST_SCALAR;
    u->inbytes_x = u->outbytes_x = u->inbytes_y = u->outbytes_y = 1;
    u->rounding_o = u->saturation_o = u->round_mode_o = 1;
    u->outbytes_o = 1;
    u->shift_o = s->shift;
    u->A_scalar = s->a.value;
    u->Ax_shift = s->a.shift;
    u->B_scalar = s->b.value;
    u->By_shift = s->b.shift;
    u->C_scalar = s->constant;
    u->C_shift = s->constant_shift;
    u->fWidth = map->width;
    u->fHeight = map->height;
    u->fChannels = u->batchDepth = map->channels;
    u->clipout = min > INT8_MIN || max < INT8_MAX;
    u->clipmin = u->clipout ? min : 0;
    u->clipmax = u->clipout ? max : 0;
    return u;
}

lp_status lp_npu_lower_sum(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    const struct lp_tensor *out = lp_op_output(w->l->graph, op, 0);
    const struct lp_npu_map map = lp_npu_map_of(out);
    struct lp_npu_build *b = NULL;
    int8_t min, max;
    lp_status status = check_form(w, op, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    struct sum s = sum_of(w->l->graph, op);
    choose_streams(&s);
    status = lp_npu_need_precision(w, s.deviation, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    status = lp_npu_begin(w->l, op, &b);
    if (status != LP_OK)
        return status;
    lp_activation_range(op->activation, out, &min, &max);
    struct lp_npu_stream x = lp_npu_feed(b, s.x->tensor, &map, map.channels), result = x;
    struct lp_npu_arith *unit = add_unit(b, &s, &map, min, max);
    lp_npu_route(b, x.port, lp_npu_port(LP_NPU_ARITH, unit, 0));
    if (s.y != NULL)
        lp_npu_route(b, lp_npu_feed(b, s.y->tensor, &map, map.channels).port, lp_npu_port(LP_NPU_ARITH, unit, 1));
    result.port = lp_npu_port(LP_NPU_ARITH, unit, 0);
    return lp_npu_result(w, b, op, &result);
}
