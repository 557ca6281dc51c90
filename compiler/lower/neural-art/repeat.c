#include "compiler/lower/neural-art/repeat.h"

enum { RUN, REPEATS, ROUNDS, PASSES, LOOPS, MOST_COUNT = UINT16_MAX };

static int32_t dim_from_end(const struct lp_tensor *t, uint32_t from_end)
{
    return from_end < t->rank ? t->dims[t->rank - 1 - from_end] : 1;
}

/* Dimensions of the result from the innermost: those that the operand has are counted in RUN or ROUNDS, others in REPEATS or
 * PASSES. */
bool lp_npu_repeat_of(const struct lp_tensor *t, const struct lp_tensor *out, struct lp_npu_repeat *repeat)
{
    int64_t counts[LOOPS] = {1, 1, 1, 1};
    uint32_t at = RUN;
    for (uint32_t i = 0; i < out->rank; i++) {
        int32_t dim = dim_from_end(out, i);
        bool repeats = dim_from_end(t, i) == 1;
        if (dim == 1)
            continue;
        while (at < LOOPS && repeats != (at == REPEATS || at == PASSES))
            at++;
        if (at == LOOPS)
            return false;
        counts[at] *= dim;
    }
    for (int i = 0; i < LOOPS; i++)
        if (counts[i] > MOST_COUNT)
            return false;
    *repeat = (struct lp_npu_repeat){(int32_t)counts[RUN], (int32_t)counts[REPEATS], (int32_t)counts[ROUNDS],
                                     (int32_t)counts[PASSES]};
    return true;
}

struct lp_npu_port lp_npu_feed_repeated(struct lp_npu_build *b, int32_t tensor, const struct lp_npu_repeat *repeat)
{
    struct lp_npu_streng *s = lp_npu_engine(b, 0, lp_npu_read_tensor(b, tensor), 0);
    s->batch_depth = (uint32_t)repeat->run;
    s->fwidth = (uint32_t)repeat->repeats;
    s->batch_offset = 0;
    s->fheight = (uint32_t)repeat->rounds;
    s->line_offset = (uint32_t)repeat->run;
    s->frame_tot_cnt = (uint32_t)repeat->passes;
    s->frame_loop_cnt = 1; /* and a loop offset of 0: the same frame again */
    lp_npu_busy(b, (int64_t)repeat->run * repeat->repeats * repeat->rounds * repeat->passes);
    return lp_npu_port(LP_NPU_STRENG, s, 0);
}
