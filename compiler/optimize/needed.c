/* Which classes of channels are needed: from the graph's outputs backwards, through the filters that stay, to the channels
 * that they multiply with weights other than zero. What nobody asks for goes. */
#include "compiler/optimize/channels.h"

struct search {
    struct lp_channels *c;
    uint32_t *waiting; /* classes to be looked at */
    uint32_t count;
    bool **leaves; /* by operator: by tap, whether some position doesn't see it: it leaves the map, or has another phase */
};

static void ask(struct search *s, uint32_t slot, uint8_t why)
{
    uint32_t class = lp_channels_class(s->c, slot);
    if (s->c->need[class] == 0)
        s->waiting[s->count++] = class;
    s->c->need[class] |= why;
}

/* A value that never changes goes into the bias, unless padding shows another value where the filter looks. `weight`: of one
 * input channel at the first tap. */
static uint8_t need_of(const struct search *s, uint32_t op, const int8_t *weight, struct lp_interval value)
{
    const struct lp_weighted_view *v = s->c->ranges->ops[op].view;
    bool is_constant = value.low == value.high;
    uint8_t need = 0;
    for (int32_t t = 0; t < v->kernel_h * v->kernel_w; t++) {
        if (weight[(int64_t)t * v->tap_stride] == 0)
            continue;
        if (!is_constant)
            return LP_NEED_VALUE;
        if (value.low != v->in_zero && s->leaves[op][t])
            need = LP_NEED_AT_BORDER;
    }
    return need;
}

static void ask_inputs(struct search *s, uint32_t op, int32_t filter)
{
    const struct lp_weighted_view *v = s->c->ranges->ops[op].view;
    int32_t in = s->c->graph->ops[op].inputs[v->input];
    if (s->c->period[in] == 0)
        return;
    const int8_t *weight = v->weight + filter * v->filter_stride;
    int32_t first = lp_weighted_first_input(v, filter);
    for (int32_t i = 0; i < v->filter_c; i++) {
        uint32_t slot = lp_channels_slot(s->c, in, (uint32_t)(first + i));
        const struct lp_interval value = s->c->ranges->ops[op].inputs[first + i];
        /* What every earlier filter has asked for already: nothing more can be wanted of what changes. */
        if (value.low != value.high && (s->c->need[lp_channels_class(s->c, slot)] & LP_NEED_VALUE) != 0)
            continue;
        uint8_t need = need_of(s, op, weight + i, value);
        if (need != 0)
            ask(s, slot, need);
    }
}

/* A slot stands for several filters where all of them stay. */
static void ask_inputs_of_slot(struct search *s, uint32_t op, uint32_t slot)
{
    int32_t out = s->c->tensor_of[slot];
    for (uint32_t o = slot - s->c->first[out]; o < (uint32_t)s->c->ranges->ops[op].view->out_c; o += s->c->period[out])
        ask_inputs(s, op, (int32_t)o);
}

static void work_off(struct search *s)
{
    struct lp_channels *c = s->c;
    while (s->count != 0) {
        uint32_t class = s->waiting[--s->count];
        uint32_t slot = class;
        do {
            int32_t producer = c->producer[c->tensor_of[slot]];
            if (producer >= 0 && c->ranges->ops[producer].view != NULL)
                ask_inputs_of_slot(s, (uint32_t)producer, slot);
            slot = c->next[slot];
        } while (slot != class);
    }
}

static lp_status find_leaves(struct search *s)
{
    const struct lp_channels *c = s->c;
    for (uint32_t i = 0; i < c->graph->op_count; i++) {
        const struct lp_weighted_view *v = c->ranges->ops[i].view;
        if (v == NULL)
            continue;
        s->leaves[i] = LP_NEW_ARRAY(c->arena, (size_t)v->kernel_h * (size_t)v->kernel_w, bool);
        if (s->leaves[i] == NULL)
            return lp_no_memory(c->diag);
        for (int32_t t = 0; t < v->kernel_h * v->kernel_w; t++)
            s->leaves[i][t] = v->is_transposed ||
                              lp_tap_leaves(t / v->kernel_w, v->in_h, v->out_h, v->stride_h, v->dilation_h, v->pad_top) ||
                              lp_tap_leaves(t % v->kernel_w, v->in_w, v->out_w, v->stride_w, v->dilation_w, v->pad_left);
    }
    return LP_OK;
}

static uint32_t count_left(const struct lp_channels *c, uint32_t tensor)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < c->period[tensor]; i++)
        left += lp_channels_stays(c, (int32_t)tensor, i * c->inner[tensor]);
    return left;
}

/* A tensor keeps one channel even when nobody needs any. */
static void keep_one_everywhere(struct search *s)
{
    struct lp_channels *c = s->c;
    for (uint32_t i = 0; i < c->graph->op_count; i++)
        for (uint32_t k = 0; k < c->graph->ops[i].output_count && c->is_needed[i]; k++) {
            int32_t out = c->graph->ops[i].outputs[k];
            if (c->period[out] != 0 && count_left(c, (uint32_t)out) == 0) {
                ask(s, c->first[out], LP_NEED_AS_LAST);
                work_off(s);
            }
        }
}

/* One side of a convolution in groups: `size` channels of a tensor in each group. */
struct group_side {
    int32_t tensor;
    uint32_t size;
};

static uint32_t count_in_group(const struct search *s, const struct group_side *side, uint32_t group)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < side->size; i++)
        count += lp_channels_stays(s->c, side->tensor, group * side->size + i);
    return count;
}

static void fill_group(struct search *s, const struct group_side *side, uint32_t group, uint32_t wanted)
{
    uint32_t count = count_in_group(s, side, group);
    for (uint32_t i = 0; i < side->size && count < wanted; i++)
        if (!lp_channels_stays(s->c, side->tensor, group * side->size + i)) {
            ask(s, lp_channels_slot(s->c, side->tensor, group * side->size + i), LP_NEED_OF_GROUP);
            count++;
        }
    work_off(s);
}

/* Groups of which nothing is left go; the others are filled up to the largest. True when a group was filled. */
static bool balance(struct search *s, const struct group_side sides[2], uint32_t groups)
{
    uint32_t most[2] = {1, 1};
    bool is_any = false;
    for (uint32_t g = 0; g < groups; g++)
        for (uint32_t k = 0; k < 2; k++) {
            uint32_t count = count_in_group(s, &sides[k], g);
            most[k] = count > most[k] ? count : most[k];
        }
    for (uint32_t g = 0; g < groups; g++) {
        if (count_in_group(s, &sides[0], g) + count_in_group(s, &sides[1], g) == 0)
            continue;
        for (uint32_t k = 0; k < 2; k++) {
            is_any = is_any || count_in_group(s, &sides[k], g) < most[k];
            fill_group(s, &sides[k], g, most[k]);
        }
    }
    return is_any;
}

static bool is_grouped(const struct lp_op *op, const struct lp_weighted_view *v)
{
    return op->kind == LP_OP_DEPTHWISE_CONV_2D || (op->kind == LP_OP_CONV_2D && v->filter_c != v->in_c);
}

static bool balance_all(struct search *s)
{
    bool is_any = false;
    for (uint32_t i = 0; i < s->c->graph->op_count; i++) {
        const struct lp_op *op = &s->c->graph->ops[i];
        const struct lp_weighted_view *v = s->c->ranges->ops[i].view;
        if (!s->c->is_needed[i] || v == NULL || !is_grouped(op, v) || s->c->period[op->inputs[0]] == 0)
            continue;
        const struct group_side sides[2] = {{op->inputs[0], (uint32_t)v->filter_c}, {op->outputs[0], (uint32_t)v->group_c}};
        is_any = balance(s, sides, (uint32_t)(v->in_c / v->filter_c)) || is_any;
    }
    return is_any;
}

/* Dead channels stay until the rest of the tensor's is a multiple. True when one did. */
static bool fill_up(struct search *s, uint32_t tensor)
{
    struct lp_channels *c = s->c;
    uint32_t left = count_left(c, tensor);
    bool is_any = false;
    for (uint32_t i = 0; i < c->period[tensor] && left % c->multiple != 0; i++) {
        if (lp_channels_stays(c, (int32_t)tensor, i * c->inner[tensor]))
            continue;
        ask(s, c->first[tensor] + i, LP_NEED_OF_TILING);
        work_off(s);
        is_any = true;
        /* What was asked for may have brought further ones with it. */
        if (++left % c->multiple == 0)
            left = count_left(c, tensor);
    }
    return is_any;
}

static bool fill_up_all(struct search *s)
{
    bool is_any = false;
    for (uint32_t t = 0; t < s->c->graph->tensor_count && s->c->multiple > 1; t++)
        is_any = fill_up(s, t) || is_any;
    return is_any;
}

lp_status lp_channels_find_needed(struct lp_channels *c)
{
    struct search s = {.c = c};
    s.waiting = LP_NEW_ARRAY(c->arena, c->slot_count, uint32_t);
    s.leaves = LP_NEW_ARRAY(c->arena, c->graph->op_count, bool *);
    if (s.waiting == NULL || s.leaves == NULL)
        return lp_no_memory(c->diag);
    lp_status status = find_leaves(&s);
    if (status != LP_OK)
        return status;
    for (uint32_t slot = 0; slot < c->slot_count; slot++)
        if (lp_channels_class(c, slot) == slot && c->need[slot] != 0)
            s.waiting[s.count++] = slot;
    work_off(&s);
    do
        keep_one_everywhere(&s);
    while (balance_all(&s) || fill_up_all(&s));
    c->left = LP_NEW_ARRAY(c->arena, c->graph->tensor_count, uint32_t);
    if (c->left == NULL)
        return lp_no_memory(c->diag);
    for (uint32_t t = 0; t < c->graph->tensor_count; t++)
        c->left[t] = count_left(c, t);
    return LP_OK;
}
