#include "runtime/kernels/helium/dot_s8.h"
#include "runtime/kernels/kernels.h"

/* in: batches of in_c bytes behind each other; two at a time share the weights, the last one is alone. */
static inline void run(const struct lp_fully_connected_s8 *p, lp_helium_dot_run *pair, lp_helium_dot_run *one)
{
    const int32_t rest = p->out_c % LP_GROUP;
    const int32_t scale_bytes = p->per_channel ? 5 : 0;
    struct lp_helium_dot dot = {
        .in = {p->in, p->in + p->in_c},
        .out = {p->out, p->out + p->out_c},
        .groups = p->weight,
        .groups_end = p->weight + (p->out_c - rest) * (p->in_c + 4 + scale_bytes),
        .rows = 1,
        .row_vectors = p->in_c / LP_LANES,
        .row_tail_bytes = p->in_c % LP_LANES,
        .per_channel = p->per_channel,
        .out_offset = p->out_offset,
        .act_min = p->act_min,
        .act_max = p->act_max,
        .multiplier = p->per_channel ? 0 : *p->multiplier,
        .shift = p->per_channel ? 0 : lp_packed_shift(*p->shift, p->rounding),
    };
    if (p->out_c >= LP_GROUP) {
        if (p->batches > 1) {
            dot.places = p->batches / 2;
            dot.in_step_bytes = 2 * p->in_c;
            dot.out_step_bytes = p->out_c + rest;
            pair(&dot);
        }
        dot.places = 1;
        if (p->batches % 2 != 0)
            one(&dot);
    }
    if (rest == 0)
        return;
    const struct lp_helium_rest last = {
        .constants = dot.groups_end,
        .channels = rest,
        .row_bytes = p->in_c,
        .rows = 1,
        .out_offset = p->out_offset,
        .multiplier = dot.multiplier,
        .shift = p->per_channel ? 0 : *p->shift,
        .act_min = p->act_min,
        .act_max = p->act_max,
        .per_channel = p->per_channel,
        .rounding = p->rounding,
    };
    for (int32_t b = 0; b < p->batches; b++)
        lp_helium_dot_rest(&last, p->in + b * p->in_c, p->out + (b + 1) * p->out_c - rest);
}

lp_status lp_fully_connected_s8_single__helium(const void *args)
{
    run(args, lp_helium_dot_pair_single, lp_helium_dot_one_single);
    return LP_OK;
}

lp_status lp_fully_connected_s8_double__helium(const void *args)
{
    run(args, lp_helium_dot_pair_double, lp_helium_dot_one_double);
    return LP_OK;
}
