/* Operators that move elements, or pick some of them: an output's interval is the hull of the inputs that may be there. */
#include "compiler/analyze/range_rules.h"
#include "compiler/semantics/semantics.h"

/* Elements that are looked at one by one; beyond, all of a tensor get one interval. */
enum { MOST_STEPS = 1 << 22 };

struct hulls {
    const struct lp_tensor_range *in; /* of the part at work */
    uint32_t period;
    struct lp_interval *of; /* low above high: nothing was there yet */
    bool is_exact;          /* no slot got two intervals that differ */
};

static void add_element(void *user, int64_t in, int64_t out)
{
    struct hulls *h = user;
    struct lp_interval value = h->in->of[in % h->in->period];
    struct lp_interval *slot = &h->of[out % h->period];
    if (slot->low > slot->high) {
        *slot = value;
        return;
    }
    h->is_exact = h->is_exact && slot->low == value.low && slot->high == value.high;
    *slot = lp_range_hull(*slot, value);
}

/* Drops loops whose every turn meets the same slots again; returns the number of steps that are left. */
static int64_t drop_repetitions(struct lp_move_part *part, uint32_t in_period, uint32_t out_period)
{
    int64_t steps = 1;
    for (uint32_t i = 0; i < part->loop_count; i++) {
        struct lp_move_loop *loop = &part->loops[i];
        if (loop->in_stride % in_period == 0 && loop->out_stride % out_period == 0)
            loop->size = 1;
        steps = steps > MOST_STEPS ? steps : steps * loop->size;
    }
    return steps;
}

static lp_status add_part(struct lp_range_work *w, uint32_t i, struct hulls *h)
{
    struct lp_move_part part;
    lp_status status = lp_move_part_of(w->graph, w->op, i, w->diag, &part);
    if (status != LP_OK)
        return status;
    h->in = lp_range_input(w, part.input);
    if (drop_repetitions(&part, h->in->period, h->period) <= MOST_STEPS) {
        lp_move_walk(&part, add_element, h);
        return LP_OK;
    }
    struct lp_interval all = h->in->of[0];
    for (uint32_t k = 1; k < h->in->period; k++)
        all = lp_range_hull(all, h->in->of[k]);
    for (uint32_t k = 0; k < h->period; k++)
        h->of[k] = h->of[k].low > h->of[k].high ? all : lp_range_hull(h->of[k], all);
    h->is_exact = false;
    return LP_OK;
}

/* All parts that make output `output`, folded to `period`. */
static lp_status make_output(struct lp_range_work *w, uint32_t output, uint32_t period, struct hulls *h)
{
    lp_status status = LP_OK;
    *h = (struct hulls){.period = period, .of = lp_range_scratch(w, period), .is_exact = true};
    if (h->of == NULL)
        return LP_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < period; i++)
        h->of[i] = (struct lp_interval){1, 0};
    bool is_joined = w->op->output_count == 1;
    uint32_t first = is_joined ? 0 : output;
    uint32_t end = is_joined ? lp_move_part_count(w->op) : output + 1;
    for (uint32_t i = first; i < end && status == LP_OK; i++)
        status = add_part(w, i, h);
    if (status == LP_OK)
        w->ranges->tensors[w->op->outputs[output]] = (struct lp_tensor_range){period, h->of};
    return status;
}

static bool is_known(const struct lp_range_work *w)
{
    for (uint32_t i = 0; i < w->op->input_count; i++)
        if (!lp_op_is_instruction(w->op->kind, i) && lp_range_input(w, i)->period == 0)
            return false;
    return true;
}

/* By channel where that loses nothing, else by element unless the tensor is too large. */
lp_status lp_range_move(struct lp_range_work *w)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < w->op->output_count && status == LP_OK && is_known(w); i++) {
        const struct lp_tensor *out = lp_op_output(w->graph, w->op, i);
        struct hulls h;
        status = make_output(w, i, lp_range_channels(out), &h);
        if (status == LP_OK && !h.is_exact && lp_tensor_elements(out) <= LP_RANGE_LONGEST_PERIOD)
            status = make_output(w, i, (uint32_t)lp_tensor_elements(out), &h);
    }
    return status;
}

/* The channels stay where they are; `has_border`: a value of its own may be among them. */
static lp_status keep_channels(struct lp_range_work *w, bool are_kept, bool has_border, int32_t border)
{
    const struct lp_tensor_range *in = lp_range_input(w, 0);
    uint32_t period = are_kept ? lp_range_channels(lp_op_input(w->graph, w->op, 0)) : 1;
    if (in->period == 0)
        return LP_OK;
    struct lp_interval *out = lp_range_output(w, period);
    if (out == NULL)
        return LP_OUT_OF_MEMORY;
    lp_range_refold(in, period, out);
    for (uint32_t i = 0; i < period && has_border; i++)
        out[i] = lp_range_hull(out[i], (struct lp_interval){border, border});
    return LP_OK;
}

lp_status lp_range_gather(struct lp_range_work *w)
{
    struct lp_gather p;
    lp_status status = lp_gather_params(w->graph, w->op, w->diag, &p);
    const struct lp_tensor *in = lp_op_input(w->graph, w->op, 0);
    int32_t axis = w->op->as.along.axis;
    bool picks_channels = axis == in->rank - 1 || axis == -1;
    return status == LP_OK ? keep_channels(w, !picks_channels, false, 0) : status;
}

lp_status lp_range_mirror_pad(struct lp_range_work *w)
{
    struct lp_mirror_pad p;
    lp_status status = lp_mirror_pad_params(w->graph, w->op, w->diag, &p);
    if (status != LP_OK)
        return status;
    /* Runs of more than one element hold all channels. */
    return keep_channels(w, p.run_bytes > lp_element_bytes(lp_op_input(w->graph, w->op, 0)->element), false, 0);
}

lp_status lp_range_resize(struct lp_range_work *w)
{
    struct lp_resize_nearest p;
    lp_status status = lp_resize_nearest_params(w->graph, w->op, w->diag, &p);
    return status == LP_OK ? keep_channels(w, true, false, 0) : status;
}

/* Where padding fills a part, its value is one of the channel's. */
lp_status lp_range_space_batch(struct lp_range_work *w)
{
    struct lp_space_batch p;
    lp_status status = lp_space_batch_params(w->graph, w->op, w->diag, &p);
    if (status != LP_OK)
        return status;
    const struct lp_tensor *in = lp_op_input(w->graph, w->op, 0);
    const struct lp_tensor *out = lp_op_output(w->graph, w->op, 0);
    bool are_kept = in->rank > lp_tensor_elements(lp_op_input(w->graph, w->op, 1)) + 1;
    bool has_border = w->op->kind == LP_OP_SPACE_TO_BATCH_ND && lp_tensor_elements(out) != lp_tensor_elements(in);
    return keep_channels(w, are_kept, has_border, out->quant.count == 1 ? out->quant.zero_point[0] : 0);
}

/* A number that the output's type holds stays; anything else may wrap around to any value. */
lp_status lp_range_cast(struct lp_range_work *w)
{
    const struct lp_tensor_range *in = lp_range_input(w, 0);
    struct lp_interval all;
    if (!lp_range_of_element(lp_op_output(w->graph, w->op, 0)->element, &all))
        return LP_OK;
    struct lp_interval *out = lp_range_output(w, in->period == 0 ? 1 : in->period);
    for (uint32_t i = 0; out != NULL && i < (in->period == 0 ? 1 : in->period); i++) {
        bool fits = in->period != 0 && in->of[i].low >= all.low && in->of[i].high <= all.high;
        out[i] = fits ? in->of[i] : all;
    }
    return out == NULL ? LP_OUT_OF_MEMORY : LP_OK;
}
