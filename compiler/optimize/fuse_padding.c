/* A border of zero points around the map that a convolution alone reads is what the convolution's own padding means. The border
 * then takes no memory and no pass over the map. */
#include "compiler/optimize/fusing.h"

#include "compiler/analyze/weighted_view.h"
#include "compiler/semantics/semantics.h"

enum { MOST_LINES = 8 }; /* hardware that pads by itself takes no more; a wider border stays an operator of its own */

/* PADV2 names the border's value. */
static bool is_zero_point(const struct lp_graph *g, const struct lp_op *pad, const struct lp_op *conv)
{
    const struct lp_tensor *in = lp_op_input(g, pad, 0), *value = lp_op_input(g, pad, 2);
    if (in->element != LP_ELEMENT_INT8 || !lp_fusing_means_the_same(g, pad, conv))
        return false;
    return pad->kind == LP_OP_PAD || (value != NULL && value->data != NULL && value->element == LP_ELEMENT_INT8 &&
                                      *(const int8_t *)value->data == in->quant.zero_point[0]);
}

/* The operators that take part. */
struct padding {
    const struct lp_op *pad;
    int32_t expand; /* between PAD and the convolution, or LP_NO_OPERATOR */
    int32_t conv;
    uint32_t one_at;   /* the dimension that `expand` adds */
    int32_t border[4]; /* lines at the top, at the bottom, left, right */
};

static bool find_convolution(const struct lp_fusing *f, int32_t pad, struct padding *p)
{
    const struct lp_graph *g = f->before;
    p->pad = &g->ops[pad];
    p->expand = LP_NO_OPERATOR;
    p->conv = lp_fusing_next(f, pad);
    if (lp_fusing_changes_shape(f, p->conv)) {
        p->expand = p->conv;
        p->conv = lp_fusing_next(f, p->expand);
    }
    if (p->conv == LP_NO_OPERATOR || (g->ops[p->conv].kind != LP_OP_CONV_2D && g->ops[p->conv].kind != LP_OP_DEPTHWISE_CONV_2D))
        return false;
    const struct lp_tensor *padded = lp_op_output(g, p->pad, 0), *map = lp_op_input(g, &g->ops[p->conv], 0);
    p->one_at = lp_fusing_is_expanded(padded, map, 1) ? 1 : 2;
    return p->expand == LP_NO_OPERATOR ? padded->rank == 4 : padded->rank == 3 && lp_fusing_is_expanded(padded, map, p->one_at);
}

/* False: other dimensions have a border too. */
static bool read_border(const struct lp_graph *g, struct padding *p)
{
    const struct lp_tensor *in = lp_op_input(g, p->pad, 0), *pads = lp_op_input(g, p->pad, 1);
    if (pads->data == NULL || lp_tensor_elements(pads) != 2 * (int64_t)in->rank)
        return false;
    for (uint32_t i = 0; i < 2u * in->rank; i++) {
        int32_t lines = lp_tensor_number(pads, i);
        uint32_t side = i < 2 || i >= 2u * in->rank - 2 ? UINT32_MAX : i - 2;
        if (lines < 0 || lines > MOST_LINES || (side == UINT32_MAX && lines != 0))
            return false;
        if (side != UINT32_MAX) /* one side only: rows, unless the rows are what is added */
            p->border[p->expand != LP_NO_OPERATOR && p->one_at == 1 ? side + 2 : side] = lines;
    }
    return true;
}

/* The convolution's window with the border; false when some windows would not touch the map. */
static bool widen(const struct lp_graph *g, const struct padding *p, struct lp_window *w)
{
    const struct lp_op *conv = &g->ops[p->conv];
    const struct lp_tensor *padded = lp_op_input(g, conv, 0), *out = lp_op_output(g, conv, 0);
    const int32_t in_h = padded->dims[1] - p->border[0] - p->border[1], in_w = padded->dims[2] - p->border[2] - p->border[3];
    *w = conv->as.window;
    w->padding = LP_PADDING_EXPLICIT;
    w->pad_top += p->border[0];
    w->pad_bottom += p->border[1];
    w->pad_left += p->border[2];
    w->pad_right += p->border[3];
    return w->pad_top <= LP_MOST_PADDING && w->pad_bottom <= LP_MOST_PADDING && w->pad_left <= LP_MOST_PADDING &&
           w->pad_right <= LP_MOST_PADDING &&
           lp_fusing_touches(in_h, out->dims[1], w->stride_h, (int64_t)(w->kernel_h - 1) * w->dilation_h, w->pad_top) &&
           lp_fusing_touches(in_w, out->dims[2], w->stride_w, (int64_t)(w->kernel_w - 1) * w->dilation_w, w->pad_left);
}

lp_status lp_fuse_padding(struct lp_fusing *f, int32_t pad)
{
    const struct lp_graph *g = f->before;
    struct padding p = {0};
    struct lp_window window;
    if (!find_convolution(f, pad, &p) || !is_zero_point(g, p.pad, &g->ops[p.conv]) || !read_border(g, &p) ||
        !widen(g, &p, &window))
        return LP_OK;
    const struct lp_op *conv = &g->ops[p.conv];
    int32_t in = p.pad->inputs[0];
    lp_status status = LP_OK;
    if (p.expand != LP_NO_OPERATOR) {
        int32_t map = lp_fusing_add_map(f, conv->inputs[0], &g->tensors[in], p.one_at);
        status = lp_fusing_set_reshape(f, &f->after->ops[p.expand], in, map);
        in = map;
    }
    if (status == LP_OK)
        status = lp_fusing_set_lists(f, &f->after->ops[p.conv], in, conv->outputs[0]);
    f->after->ops[p.conv].as.window = window;
    f->is_gone[pad] = f->is_changed = true;
    return status;
}
