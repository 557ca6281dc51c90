#include "compiler/semantics/operands.h"

#include <string.h>

struct padded {
    int32_t size[LP_MAX_RANK], before[LP_MAX_RANK], after[LP_MAX_RANK];
    uint32_t rank;
};

/* Appends a dimension further inside. One without padding is merged into the one outside it, whose elements grow. */
static void append(struct padded *p, int32_t size, int32_t before, int32_t after)
{
    uint32_t last = p->rank - 1;
    if (p->rank != 0 && before == 0 && after == 0) {
        p->size[last] *= size;
        p->before[last] *= size;
        p->after[last] *= size;
        return;
    }
    bool is_empty = p->rank == 1 && p->size[0] == 1 && p->before[0] == 0 && p->after[0] == 0;
    if (is_empty) /* a single outer element without padding adds nothing */
        p->rank = 0;
    p->size[p->rank] = size;
    p->before[p->rank] = before;
    p->after[p->rank] = after;
    p->rank++;
}

static lp_status merge(const struct lp_place_of_op *at, const struct lp_tensor *in, const struct lp_tensor *bordered,
                       struct padded *p)
{
    int32_t pads[2 * LP_MAX_RANK];
    uint32_t count = 0;
    lp_status status = lp_need_numbers(at, lp_op_input(at->graph, at->op, 1), "paddings", pads, 2 * LP_MAX_RANK, &count);
    if (status != LP_OK)
        return status;
    if (count != 2u * in->rank || bordered->rank != in->rank)
        return lp_op_error(at, LP_BAD_INPUT, "the input has %u dimensions, so the paddings have to be %u numbers; there are %u",
                           (unsigned)in->rank, 2u * in->rank, (unsigned)count);
    for (uint32_t d = 0; d < in->rank; d++) {
        int32_t before = pads[2 * d];
        int32_t after = pads[2 * d + 1];
        if (before < 0 || after < 0 || (int64_t)in->dims[d] + before + after != bordered->dims[d])
            return lp_op_error(at, LP_BAD_INPUT, "paddings %ld and %ld don't turn size %ld into %ld (dimension %u)", (long)before,
                               (long)after, (long)in->dims[d], (long)bordered->dims[d], (unsigned)d);
        append(p, in->dims[d], before, after);
    }
    if (p->rank == 0)
        append(p, 1, 0, 0);
    if (p->rank > LP_PAD_RANK)
        return lp_op_error(at, LP_UNSUPPORTED, "%u dimensions are padded, at most %d are supported", (unsigned)p->rank,
                           LP_PAD_RANK);
    return LP_OK;
}

/* PADV2 says what the border is made of; PAD means the zero point. */
static lp_status border_value(const struct lp_place_of_op *at, const struct lp_tensor *bordered, uint32_t *value)
{
    *value = bordered->quant.count == 1 ? (uint32_t)lp_zero_point_of(bordered) : 0;
    if (at->op->kind != LP_OP_PADV2)
        return LP_OK;
    const struct lp_tensor *constant = lp_op_input(at->graph, at->op, 2);
    lp_status status = lp_need_constant(at, constant, "value of the border");
    if (status == LP_OK)
        status = lp_need_element(at, constant, "value of the border", bordered->element);
    if (status == LP_OK && lp_tensor_elements(constant) != 1)
        status = lp_op_error(at, LP_BAD_INPUT, "the value of the border has %lld elements, it has to be a single number",
                             (long long)lp_tensor_elements(constant));
    if (status == LP_OK) {
        *value = 0;
        memcpy(value, constant->data, lp_element_bytes(constant->element));
    }
    return status;
}

lp_status lp_pad_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag, struct lp_pad *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *bordered = lp_op_output(graph, op, 0);
    struct padded p = {.rank = 0};
    const uint32_t element_bytes = lp_element_bytes(in->element);
    if (element_bytes > sizeof out->value || in->element == LP_ELEMENT_BOOL)
        return lp_op_error(&at, LP_UNSUPPORTED, "the input is %s; int8, uint8, int16, int32 and float32 are supported",
                           lp_element_name(in->element));
    lp_status status = lp_need_same_meaning(&at, in, bordered);
    if (status == LP_OK)
        status = merge(&at, in, bordered, &p);
    uint32_t value = 0;
    if (status == LP_OK)
        status = border_value(&at, bordered, &value);
    if (status != LP_OK)
        return status;
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < LP_PAD_RANK; i++) {
        out->in_dims[i] = i < p.rank ? p.size[i] : 1;
        out->before[i] = i < p.rank ? p.before[i] : 0;
        out->after[i] = i < p.rank ? p.after[i] : 0;
    }
    out->rank = (uint8_t)p.rank;
    out->element_bytes = (uint8_t)element_bytes;
    out->value = value;
    return LP_OK;
}

lp_status lp_mirror_pad_params(const struct lp_graph *graph, const struct lp_op *op, struct lp_diag *diag,
                               struct lp_mirror_pad *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    int32_t pads[2 * LP_MAX_RANK];
    uint32_t count = 0;
    lp_status status = lp_need_same_meaning(&at, in, lp_op_output(graph, op, 0));
    if (status == LP_OK)
        status = lp_need_numbers(&at, lp_op_input(graph, op, 1), "paddings", pads, 2 * LP_MAX_RANK, &count);
    if (status != LP_OK)
        return status;
    memset(out, 0, sizeof *out);
    uint32_t rank = in->rank;
    out->run_bytes = lp_element_bytes(in->element);
    /* Innermost dimensions without a border are one element of the one outside them. */
    while (rank > 1 && pads[2 * rank - 2] == 0 && pads[2 * rank - 1] == 0)
        out->run_bytes *= (uint32_t)in->dims[--rank];
    for (uint32_t d = 0; d < LP_MIRROR_PAD_RANK; d++) {
        out->in_dims[d] = d < rank ? in->dims[d] : 1;
        out->before[d] = d < rank ? pads[2 * d] : 0;
        out->after[d] = d < rank ? pads[2 * d + 1] : 0;
    }
    out->rank = (uint8_t)(rank == 0 ? 1 : rank);
    out->is_symmetric = op->as.mirror_pad.is_symmetric;
    return LP_OK;
}
