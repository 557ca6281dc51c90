/* ADD, SUB, MUL, MINIMUM and MAXIMUM: ARITH with two inputs (NEURAL-ART.md 12.7). The first input is a whole map, from memory or as it streams out of
 * the unit before; the second one too, or a value a channel, or one number, or another part of the map, which an engine repeats. */
#include <math.h>
#include <stdlib.h>

#include "compiler/lower/neural-art/choice.h"
#include "compiler/lower/neural-art/repeat.h"
#include "compiler/semantics/semantics.h"

/* A factor as 16 bits: value * 2^-shift, |value| in [2^14, 2^15). */
struct factor {
    int32_t value, shift;
};

enum {
    MOST_FACTOR_SHIFT = 31,
    MOST_SUM_SHIFT = 14,
    LARGEST_STEP = 255,
    PRODUCT_SHIFT = 1, /* after which the product of two steps fits into 16 bits */
    LARGEST_PRODUCT = (LARGEST_STEP * LARGEST_STEP + 1) >> PRODUCT_SHIFT,
    PRODUCT_UNITS = 2 /* multiplication and scale; each zero point other than 0 takes one more */
};

static struct factor normalized(double real)
{
    struct factor f = {0, 0};
    while (f.shift < MOST_FACTOR_SHIFT && fabs(rint(ldexp(real, f.shift + 1))) <= INT16_MAX)
        f.shift++;
    f.value = (int32_t)rint(ldexp(real, f.shift));
    return f;
}

enum form { WHOLE, CHANNELS, NUMBER, REPEATED, NO_FORM };

struct operand {
    int32_t tensor;
    enum form form;
    struct lp_npu_repeat repeat; /* of REPEATED */
    double factor;               /* its scale to the output's, negative for what is subtracted */
    int32_t zero_point;
};

struct binary {
    struct lp_npu_work *w;
    const struct lp_op *op;
    struct lp_npu_map map;
    struct operand x, y;
    int8_t act_min, act_max;
};

static enum form form_of(const struct lp_tensor *t, const struct lp_tensor *out, struct lp_npu_repeat *repeat)
{
    int64_t count = lp_tensor_elements(t);
    if (lp_tensors_same_shape(t, out) && t->data == NULL)
        return WHOLE;
    if (count == 1)
        return NUMBER;
    bool is_vector = t->rank > 0 && count == t->dims[t->rank - 1] && out->rank > 0 && count == out->dims[out->rank - 1];
    if (is_vector || lp_tensors_same_shape(t, out))
        return is_vector ? CHANNELS : WHOLE;
    return lp_npu_repeat_of(t, out, repeat) ? REPEATED : NO_FORM;
}

static struct operand operand_of(const struct lp_graph *g, const struct lp_op *op, uint32_t i)
{
    const struct lp_tensor *t = lp_op_input(g, op, i), *out = lp_op_output(g, op, 0);
    double factor = (double)t->quant.scale[0] / (double)out->quant.scale[0];
    struct operand x = {.tensor = op->inputs[i],
                        .factor = op->kind == LP_OP_SUB && i == 1 ? -factor : factor,
                        .zero_point = t->quant.zero_point[0]};
    x.form = form_of(t, out, &x.repeat);
    return x;
}

/* The tail goes first, else what is whole. */
static struct binary open_binary(struct lp_npu_work *w, const struct lp_op *op)
{
    const struct lp_tensor *out = lp_op_output(w->l->graph, op, 0);
    struct binary p = {.w = w, .op = op, .map = lp_npu_map_of(out)};
    p.x = operand_of(w->l->graph, op, 0);
    p.y = operand_of(w->l->graph, op, 1);
    bool is_second = p.y.form == WHOLE &&
                     (p.x.form != WHOLE || (w->tail.build != NULL && op->inputs[1] == w->tail.op->outputs[0]));
    if (is_second) {
        const struct operand x = p.x;
        p.x = p.y;
        p.y = x;
    }
    lp_activation_range(op->activation, out, &p.act_min, &p.act_max);
    return p;
}

static lp_status check_form(const struct binary *p, struct lp_refusal *no)
{
    struct lp_lowering *l = p->w->l;
    char shape[64];
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < 2 && status == LP_OK && no->rule == NULL; i++)
        status = lp_npu_need_element(p->w, lp_op_input(l->graph, p->op, i), LP_ELEMENT_INT8, no);
    if (status == LP_OK && no->rule == NULL)
        status = lp_npu_need_int8(p->w, p->op, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    if (p->x.form != NO_FORM && p->y.form != NO_FORM)
        return LP_OK;
    const struct lp_tensor *t = &l->graph->tensors[p->x.form == NO_FORM ? p->x.tensor : p->y.tensor];
    return lp_npu_refuse(l, no, LP_NPU_RULE_SHAPES, lp_arena_printf(l->arena, "%s", lp_shape_text(t, shape, sizeof shape)),
                         "operands of one shape");
}

/* ---- operands ---- */

/* An operand in the order of a stream of frames [height][width][depth] by rising channel; what repeats, in one frame. */
static struct lp_npu_port feed_operand(struct lp_npu_build *b, const struct binary *p, const struct operand *x, int32_t depth)
{
    if (x->form == WHOLE)
        return lp_npu_feed(b, x->tensor, &p->map, depth).port;
    if (x->form == REPEATED)
        return lp_npu_feed_repeated(b, x->tensor, &x->repeat);
    struct lp_npu_streng *s = lp_npu_engine(b, 0, lp_npu_read_tensor(b, x->tensor), 0);
    uint32_t pixels = (uint32_t)p->map.width * (uint32_t)p->map.height;
    uint32_t groups = (uint32_t)(p->map.channels / depth);
    if (x->form == NUMBER) {
        lp_npu_engine_raw(s, 1, 1, pixels * (uint32_t)p->map.channels);
        s->frame_loop_cnt = 1;
    } else {
        lp_npu_engine_raw(s, (uint32_t)depth, 1, pixels * groups);
        s->frame_loop_cnt = groups == 1 ? 1 : pixels;
        s->frame_offset = groups == 1 ? s->frame_offset : 0;
        s->loop_offset = groups == 1 ? 0 : (uint32_t)depth;
    }
    lp_npu_busy(b, (int64_t)pixels * p->map.channels);
    return lp_npu_port(LP_NPU_STRENG, s, 0);
}

static bool needs_one_frame(const struct binary *p)
{
    return p->x.form != WHOLE || p->y.form == REPEATED;
}

/* The first operand: the open tail, or memory. */
static lp_status open_first(struct lp_npu_work *w, const struct binary *p, struct lp_npu_build **b, struct lp_npu_stream *x)
{
    if (!needs_one_frame(p) || w->tail.build != NULL)
        return lp_npu_open(w, p->op, p->x.tensor, b, x);
    lp_status status = lp_npu_begin(w->l, p->op, b);
    if (status == LP_OK)
        *x = (struct lp_npu_stream){.port = feed_operand(*b, p, &p->x, p->map.channels),
                                    .width = p->map.width,
                                    .height = p->map.height,
                                    .depth = p->map.channels,
                                    .frames = 1,
                                    .step = p->x.form == WHOLE ? 0 : p->map.channels};
    return status;
}

/* ---- sums ---- */

/* (A*x >> ax) + (B*y >> by) + (C << cs), rounded by `shift`. */
struct sum {
    int32_t shift;
    struct factor a, b;
    int32_t constant, constant_shift;
    double deviation;
};

static struct sum sum_of(const struct binary *p)
{
    const struct lp_tensor *out = lp_op_output(p->w->l->graph, p->op, 0);
    struct sum s = {.shift = MOST_SUM_SHIFT};
    double constant = out->quant.zero_point[0] - p->x.factor * p->x.zero_point - p->y.factor * p->y.zero_point;
    double largest = fmax(fabs(p->x.factor), fabs(p->y.factor));
    while (s.shift > 0 && ldexp(largest, s.shift) > INT16_MAX)
        s.shift--;
    while (fabs(rint(ldexp(constant, s.shift - s.constant_shift))) > INT16_MAX)
        s.constant_shift++;
    s.constant = (int32_t)rint(ldexp(constant, s.shift - s.constant_shift));
    /* Halves go away from zero, those of the reference upwards; and products are cut downwards. */
    s.constant += s.shift - s.constant_shift >= LP_NPU_FINE_BITS && abs(s.constant) < INT16_MAX;
    s.a = normalized(ldexp(p->x.factor, s.shift));
    s.b = normalized(ldexp(p->y.factor, s.shift));
    /* Floors of the products, roundings of the factors over all steps, and that of the constant. */
    double factors = ldexp(0.5 * LARGEST_STEP, -s.a.shift) + ldexp(0.5 * LARGEST_STEP, -s.b.shift);
    s.deviation = ldexp(2 + factors + ldexp(1.5, s.constant_shift), -s.shift);
    return s;
}

static struct lp_npu_arith *add_pair(struct lp_npu_build *b, const struct binary *p, enum lp_npu_arith_operation operation,
                                     int32_t bytes)
{
    struct lp_npu_arith *u = lp_npu_arith(b);
    u->operation = (int32_t)operation;
    u->scalar = 1;
    u->dualinput = 1;
    u->bcast = LP_NPU_BCAST_SCALAR;
    u->inbytes_x = u->outbytes_x = u->inbytes_y = u->outbytes_y = bytes;
    u->rounding_o = u->saturation_o = u->round_mode_o = 1;
    u->outbytes_o = bytes;
    u->fWidth = p->map.width;
    u->fHeight = p->map.height;
    u->fChannels = u->batchDepth = p->map.channels;
    return u;
}

static struct lp_npu_stream add_sum(struct lp_npu_build *b, const struct binary *p, struct lp_npu_stream x)
{
    const struct sum s = sum_of(p);
    struct lp_npu_port y = feed_operand(b, p, &p->y, x.depth);
    struct lp_npu_arith *u = add_pair(b, p, LP_NPU_ARITH_AFFINE, 1);
    u->shift_o = s.shift;
    u->A_scalar = s.a.value;
    u->Ax_shift = s.a.shift;
    u->B_scalar = s.b.value;
    u->By_shift = s.b.shift;
    u->C_scalar = s.constant;
    u->C_shift = s.constant_shift;
    u->clipout = p->act_min > INT8_MIN || p->act_max < INT8_MAX;
    u->clipmin = u->clipout ? p->act_min : 0;
    u->clipmax = u->clipout ? p->act_max : 0;
    lp_npu_route(b, x.port, lp_npu_port(LP_NPU_ARITH, u, 0));
    lp_npu_route(b, y, lp_npu_port(LP_NPU_ARITH, u, 1));
    x.port = lp_npu_port(LP_NPU_ARITH, u, 0);
    return x;
}

/* ---- products ---- */

static struct lp_npu_requant *scale_of_product(const struct binary *p)
{
    const struct lp_graph *g = p->w->l->graph;
    const struct lp_tensor *out = lp_op_output(g, p->op, 0);
    double factor = p->x.factor * (double)lp_op_input(g, p->op, 1)->quant.scale[0];
    if (p->x.tensor == p->op->inputs[1])
        factor = p->x.factor * (double)lp_op_input(g, p->op, 0)->quant.scale[0];
    struct lp_npu_requant *q = lp_npu_one_requant(p->w, ldexp(factor, PRODUCT_SHIFT), out->quant.zero_point[0], LARGEST_PRODUCT);
    if (q != NULL)
        q->deviation += ldexp(factor, PRODUCT_SHIFT - 1); /* the product is rounded */
    return q;
}

static int32_t units_of_product(const struct binary *p)
{
    return PRODUCT_UNITS + (p->x.zero_point != 0) + (p->y.zero_point != 0);
}

static struct lp_npu_stream add_product(struct lp_npu_build *b, const struct binary *p, struct lp_npu_stream x,
                                        const struct lp_npu_requant *q)
{
    struct lp_npu_stream y = x;
    y.port = feed_operand(b, p, &p->y, x.depth);
    x = lp_npu_add_offset(p->w, b, p->op, &x, -p->x.zero_point);
    y = lp_npu_add_offset(p->w, b, p->op, &y, -p->y.zero_point);
    struct lp_npu_arith *u = add_pair(b, p, LP_NPU_ARITH_MUL, 2);
    u->inbytes_x = p->x.zero_point == 0 ? 1 : 2;
    u->inbytes_y = p->y.zero_point == 0 ? 1 : 2;
    u->shift_o = PRODUCT_SHIFT;
    lp_npu_route(b, x.port, lp_npu_port(LP_NPU_ARITH, u, 0));
    lp_npu_route(b, y.port, lp_npu_port(LP_NPU_ARITH, u, 1));
    x.port = lp_npu_port(LP_NPU_ARITH, u, 0);
    return lp_npu_add_requant(b, p->op, &x, 2, q, p->act_min, p->act_max);
}

/* ---- smaller and larger values ---- */

/* Scales and zero points are the same everywhere: the integers decide. */
static struct lp_npu_stream add_choice(struct lp_npu_build *b, const struct binary *p, struct lp_npu_stream x)
{
    const struct lp_npu_port y[2] = {feed_operand(b, p, &p->y, x.depth), feed_operand(b, p, &p->y, x.depth)};
    return lp_npu_add_choice(b, &x, y, p->op->kind == LP_OP_MAXIMUM, p->act_min, p->act_max);
}

/* ---- all ---- */

static bool is_choice(const struct lp_op *op)
{
    return op->kind == LP_OP_MAXIMUM || op->kind == LP_OP_MINIMUM;
}

bool lp_npu_binary_can_follow(const struct lp_npu_work *w, const struct lp_op *op)
{
    const struct lp_npu_stream *s = &w->tail.stream;
    struct lp_npu_work copy = *w;
    const struct binary p = open_binary(&copy, op);
    int32_t units = op->kind == LP_OP_MUL ? units_of_product(&p) : is_choice(op) ? LP_NPU_CHOICE_UNITS : 1;
    int32_t engines = is_choice(op) ? LP_NPU_CHOICE_UNITS + 1 : 2; /* with the one that stores */
    if (needs_one_frame(&p) && s->frames != 1)
        return false;
    return w->tail.op->outputs[0] == p.x.tensor && p.x.form == WHOLE && s->step == 0 && s->depth * s->frames == p.map.channels &&
           (int64_t)s->width * s->height == (int64_t)p.map.width * p.map.height &&
           lp_npu_units_left(w->tail.build, LP_NPU_ARITH) >= units && lp_npu_units_left(w->tail.build, LP_NPU_STRENG) >= engines;
}

lp_status lp_npu_lower_binary(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    const struct binary p = open_binary(w, op);
    bool is_product = op->kind == LP_OP_MUL;
    struct lp_npu_requant *q = NULL;
    struct lp_npu_build *b = NULL;
    struct lp_npu_stream x;
    lp_status status = check_form(&p, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    if (is_product && (q = scale_of_product(&p)) == NULL)
        return lp_no_memory(w->l->diag);
    status = lp_npu_need_precision(w, is_product ? q->deviation : is_choice(op) ? 0 : sum_of(&p).deviation, no);
    if (status == LP_OK && no->rule == NULL)
        status = open_first(w, &p, &b, &x);
    if (status != LP_OK || no->rule != NULL)
        return status;
    x = is_product ? add_product(b, &p, x, q) : is_choice(op) ? add_choice(b, &p, x) : add_sum(b, &p, x);
    return lp_npu_result(w, b, op, &x);
}
