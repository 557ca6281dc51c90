#include "runtime/kernels/helium/dot_s8.h"
#include "runtime/kernels/kernels.h"

/* Batches lie behind each other: two at a time share the weights, the last one is alone. */
static void run(const struct lp_fully_connected_s8 *p, lp_helium_dot_run *pair, lp_helium_dot_run *one)
{
    struct lp_helium_dot dot;
    struct lp_helium_rest rest;
    rest.channels = p->out_c % LP_GROUP;
    dot.groups = p->weight;
    dot.groups_end = p->weight + (p->out_c - rest.channels) * (p->in_c + (p->per_channel ? 9 : 4));
    dot.rows = rest.rows = 1;
    dot.row_vectors = p->in_c / LP_LANES;
    dot.row_tail_bytes = p->in_c % LP_LANES;
    dot.per_channel = p->per_channel;
    dot.out_offset = p->out_offset;
    dot.act_min = p->act_min;
    dot.act_max = p->act_max;
    if (!p->per_channel) {
        dot.multiplier = *p->multiplier;
        dot.shift = lp_packed_shift(*p->shift, p->rounding);
    }
    rest.constants = dot.groups_end;
    rest.row_bytes = p->in_c;
    rest.output = (struct lp_output_s8){p->multiplier, p->shift,       p->out_offset, p->act_min,
                                        p->act_max,    p->per_channel, p->rounding};
    const int8_t *in = p->in;
    int8_t *out = p->out;
    for (int32_t batches = p->batches; batches > 0; batches -= 2, in += 2 * p->in_c, out += 2 * p->out_c) {
        dot.in[0] = in;
        dot.in[1] = in + p->in_c;
        dot.out[0] = out;
        dot.out[1] = out + p->out_c;
        dot.places = 1;
        if (batches == 1) { /* the last one: both are the same */
            dot.in[1] = dot.in[0];
            dot.out[1] = dot.out[0];
        }
        if (p->out_c >= LP_GROUP)
            (batches > 1 ? pair : one)(&dot);
        if (rest.channels == 0)
            continue;
        lp_helium_dot_rest(&rest, in, out + p->out_c - rest.channels);
        if (batches > 1)
            lp_helium_dot_rest(&rest, in + p->in_c, out + 2 * p->out_c - rest.channels);
    }
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

/* With few weights it is not worth the flash of a second loop: the loop for pairs makes the only batch twice. */
lp_status lp_fully_connected_small_s8_single__helium(const void *args)
{
    run(args, lp_helium_dot_pair_single, lp_helium_dot_pair_single);
    return LP_OK;
}

lp_status lp_fully_connected_small_s8_double__helium(const void *args)
{
    run(args, lp_helium_dot_pair_double, lp_helium_dot_pair_double);
    return LP_OK;
}

/* Rare: the loop for pairs does for single batches as well. */
lp_status lp_fully_connected_scaled_s8_single__helium(const void *args)
{
    run(args, lp_helium_dot_pair_scaled_single, lp_helium_dot_pair_scaled_single);
    return LP_OK;
}
