/* Level 2: the run loop's return codes say directly whether the network ran. */
#include "diagnose/evidence.h"

struct loop_facts {
    uint32_t idle, first_idle;   /* DONE without a block */
    uint32_t early, first_early; /* reset before DONE */
    uint32_t timed_out, first_timed_out;
    uint32_t unfinished, first_unfinished; /* neither DONE, nor a time-out, nor an early reset */
    uint32_t errors;
};

static void count(uint32_t *counter, uint32_t *first, uint32_t n)
{
    if ((*counter)++ == 0)
        *first = n;
}

static struct loop_facts facts_of(const struct lp_trace *t)
{
    struct loop_facts facts = {0};
    for (uint32_t n = 0; n < t->count; n++) {
        const struct lp_trace_inference *i = &t->items[n];
        bool is_last_of_cut = t->is_cut && n + 1 == t->count;
        facts.errors += i->has_error;
        if (i->is_done && i->blocks_run == 0)
            count(&facts.idle, &facts.first_idle, n);
        else if (i->timeouts != 0)
            count(&facts.timed_out, &facts.first_timed_out, n);
        else if (i->resets_early != 0)
            count(&facts.early, &facts.first_early, n);
        else if (!i->is_done && !is_last_of_cut)
            count(&facts.unfinished, &facts.first_unfinished, n);
    }
    return facts;
}

static void weigh_reset(const struct lp_trace *t, const struct loop_facts *l, enum lp_source source, struct lp_findings *f)
{
    if (l->idle != 0) {
        lp_find(f, source, LP_TROUBLE_NETWORK_NOT_RESET, LP_OPINION_CONFIRMED,
                "inference %u returned DONE at once and ran no block, as %u of %u did", l->first_idle, l->idle, t->count);
        lp_tell(f, "The run of inference %u returned DONE at once: no epoch block ran (the same in %u of %u inferences).",
                l->first_idle, l->idle, t->count);
    } else {
        lp_find(f, source, LP_TROUBLE_NETWORK_NOT_RESET, LP_OPINION_REFUTED, "every inference of the trace ran epoch blocks");
    }
    if (l->early != 0) {
        const struct lp_trace_inference *i = &t->items[l->first_early];
        lp_find(f, source, LP_TROUBLE_RESET_TOO_EARLY, LP_OPINION_CONFIRMED,
                "inference %u was reset at block %u, before DONE, as %u of %u were", l->first_early, i->early_block, l->early,
                t->count);
        lp_tell(f, "Inference %u was reset at block %u, before it returned DONE (%u of %u inferences).", l->first_early,
                i->early_block, l->early, t->count);
    }
}

static void weigh_end(const struct lp_trace *t, const struct loop_facts *l, enum lp_source source, struct lp_findings *f)
{
    if (l->timed_out != 0) {
        const struct lp_trace_inference *i = &t->items[l->first_timed_out];
        lp_find(f, source, LP_TROUBLE_NPU_TIMEOUT, LP_OPINION_CONFIRMED, "inference %u gave up at block %u%s%s",
                l->first_timed_out, i->timeout_block, i->timeout_unit[0] == '\0' ? "" : ": unfinished is ", i->timeout_unit);
        lp_tell(f, "Block %u of inference %u did not end within its time%s%s (%u of %u inferences).", i->timeout_block,
                l->first_timed_out, i->timeout_unit[0] == '\0' ? "" : "; unfinished is ", i->timeout_unit, l->timed_out,
                t->count);
    }
    if (l->unfinished != 0) {
        lp_find(f, source, LP_TROUBLE_NPU_TIMEOUT, LP_OPINION_POSSIBLE, "inference %u did not return DONE", l->first_unfinished);
        lp_find(f, source, LP_TROUBLE_RESET_TOO_EARLY, LP_OPINION_POSSIBLE, "the loop left inference %u before DONE",
                l->first_unfinished);
        lp_tell(f, "Inference %u ended without DONE (%u of %u inferences).", l->first_unfinished, l->unfinished, t->count);
        return;
    }
    lp_find(f, source, LP_TROUBLE_NPU_TIMEOUT, LP_OPINION_REFUTED, "no inference of the trace timed out");
    lp_find(f, source, LP_TROUBLE_RESET_TOO_EARLY, LP_OPINION_REFUTED, "no reset before DONE");
}

void lp_weigh_trace(const struct lp_trace *t, enum lp_source source, struct lp_findings *f)
{
    if (!t->has_runs && t->count != 0) {
        bool has_timeout = false;
        for (uint32_t n = 0; n < t->count; n++)
            has_timeout = has_timeout || t->items[n].timeouts != 0;
        if (!has_timeout)
            return; /* a log without run records says nothing about the loop */
    }
    struct loop_facts facts = facts_of(t);
    weigh_reset(t, &facts, source, f);
    weigh_end(t, &facts, source, f);
    if (facts.errors != 0)
        lp_tell(f, "The run function returned an error in %u of %u inferences.", facts.errors, t->count);
    if (t->is_cut)
        lp_tell(f, "The %s has no end: it was cut, and what it holds was used.",
                source == LP_SOURCE_TRACE ? "trace" : "device log");
}
