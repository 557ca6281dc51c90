#include "diagnose/judge.h"

#define BIT(cause) ((lp_trouble_set)1 << LP_TROUBLE_##cause)

/* Of several causes that were seen directly, the one that brings the others about. */
static const enum lp_trouble root_order[] = {
    LP_TROUBLE_POOL_ASLEEP,          LP_TROUBLE_POOL_FIREWALLED,     LP_TROUBLE_WEIGHTS_WRONG_ADDRESS,
    LP_TROUBLE_WEIGHTS_MISSING,      LP_TROUBLE_WEIGHTS_CORRUPT,     LP_TROUBLE_NETWORK_NOT_RESET,
    LP_TROUBLE_NPU_TIMEOUT,          LP_TROUBLE_RESET_TOO_EARLY,     LP_TROUBLE_INPUT_WRONG_ADDRESS,
    LP_TROUBLE_OUTPUT_WRONG_ADDRESS, LP_TROUBLE_INPUT_TYPE_MISMATCH, LP_TROUBLE_INPUT_LAYOUT,
    LP_TROUBLE_CACHE_LINE_SHARED,    LP_TROUBLE_INPUT_NOT_CLEANED,   LP_TROUBLE_OUTPUT_NOT_INVALIDATED,
    LP_TROUBLE_OUTPUT_SCALE_WRONG,   LP_TROUBLE_SOFTMAX_TWICE,       LP_TROUBLE_ACCUMULATOR_SATURATES,
    LP_TROUBLE_INPUT_RANGE_MISMATCH, LP_TROUBLE_OUTPUT_SATURATED,    LP_TROUBLE_MODEL_INSENSITIVE,
};

static lp_trouble_set found(const struct lp_findings *f, enum lp_opinion opinion, bool with_model)
{
    lp_trouble_set set = lp_found(f, LP_SOURCE_TRACE, opinion) | lp_found(f, LP_SOURCE_LOG, opinion);
    return with_model ? set | lp_found(f, LP_SOURCE_MODEL, opinion) : set;
}

static enum lp_trouble root_of(lp_trouble_set set)
{
    for (unsigned i = 0; i < sizeof root_order / sizeof root_order[0]; i++)
        if (lp_trouble_has(set, root_order[i]))
            return root_order[i];
    return LP_TROUBLE_UNEXPLAINED;
}

/* The most frequent one: causes are numbered in that order. */
static enum lp_trouble first_of(lp_trouble_set set)
{
    for (uint32_t i = 0; i < LP_TROUBLES; i++)
        if (lp_trouble_has(set, (enum lp_trouble)i))
            return (enum lp_trouble)i;
    return LP_TROUBLE_UNEXPLAINED;
}

static void decide(struct lp_verdict *v, enum lp_trouble cause, lp_trouble_set ties, double confidence)
{
    uint32_t count = lp_trouble_count(ties);
    v->cause = cause;
    v->ties = ties;
    v->confidence = count > 1 ? confidence / count : confidence;
}

/* What outputs leave, less what trace and log rule out; what the log itself points to comes first. */
static lp_trouble_set candidates(const struct lp_findings *f)
{
    lp_trouble_set set = lp_found(f, LP_SOURCE_OUTPUTS, LP_OPINION_POSSIBLE), pointed = found(f, LP_OPINION_POSSIBLE, false);
    set &= ~found(f, LP_OPINION_REFUTED, false);
    if (!f->outputs_differ)
        return pointed;
    return (set & pointed) != 0 ? set & pointed : set;
}

/* The last of many that outputs alone would allow, all others ruled out and nothing that points to it. */
static bool is_left_over(const struct lp_findings *f, lp_trouble_set open)
{
    return lp_trouble_count(open) == 1 && lp_trouble_count(lp_found(f, LP_SOURCE_OUTPUTS, LP_OPINION_POSSIBLE)) > 1 &&
           (open & found(f, LP_OPINION_POSSIBLE, false)) == 0;
}

static void find_verdict(const struct lp_case *c, const struct lp_findings *f, struct lp_verdict *v)
{
    bool is_exact = c->tolerance == 0;
    lp_trouble_set direct = found(f, LP_OPINION_CONFIRMED, false), model = lp_found(f, LP_SOURCE_MODEL, LP_OPINION_CONFIRMED);
    lp_trouble_set open = candidates(f);
    if (f->outputs_match && c->device == NULL)
        model &= ~BIT(ACCUMULATOR_SATURATES); /* the outputs are right, so it does not saturate where they were made */
    if (direct != 0)
        decide(v, root_of(direct), lp_trouble_bit(root_of(direct)), 0.99);
    else if (f->outputs_differ && open == 0)
        decide(v, LP_TROUBLE_UNEXPLAINED, 0, 0);
    else if (f->outputs_differ)
        decide(v, first_of(open), open, is_left_over(f, open) ? 0.5 : is_exact ? 0.95 : 0.8);
    else if (open != 0)
        decide(v, first_of(open), open, 0.8);
    else if (model != 0)
        decide(v, root_of(model), lp_trouble_bit(root_of(model)), f->outputs_match ? 0.97 : 0.9);
    else
        decide(v, LP_TROUBLE_HEALTHY, 0, f->outputs_match ? (is_exact ? 0.99 : 0.9) : 0.6);
}

static const struct lp_finding *strongest(const struct lp_findings *f, enum lp_trouble cause, enum lp_opinion opinion)
{
    for (int source = LP_SOURCES - 1; source >= 0; source--)
        if (f->by[source][cause].opinion == opinion)
            return &f->by[source][cause];
    return NULL;
}

static struct lp_consideration consider(const struct lp_findings *f, const struct lp_verdict *v, enum lp_trouble cause)
{
    static const enum lp_opinion for_match[] = {LP_OPINION_CONFIRMED, LP_OPINION_POSSIBLE, LP_OPINION_REFUTED};
    static const enum lp_opinion against[] = {LP_OPINION_REFUTED, LP_OPINION_CONFIRMED, LP_OPINION_POSSIBLE};
    bool matches = lp_trouble_has(v->ties, cause);
    for (int i = 0; i < 3; i++) {
        const struct lp_finding *finding = strongest(f, cause, matches ? for_match[i] : against[i]);
        if (finding != NULL)
            return (struct lp_consideration){matches, finding->why};
    }
    bool in_model = cause >= LP_TROUBLE_ACCUMULATOR_SATURATES;
    return (struct lp_consideration){matches, in_model ? "nothing of this model and log points to it"
                                                       : "needs more to be seen: --observed, --trace or --device-log"};
}

static const char *experiment_for(const struct lp_verdict *v)
{
    const lp_trouble_set loop = BIT(NETWORK_NOT_RESET) | BIT(RESET_TOO_EARLY) | BIT(NPU_TIMEOUT);
    const lp_trouble_set cache = BIT(INPUT_NOT_CLEANED) | BIT(OUTPUT_NOT_INVALIDATED) | BIT(CACHE_LINE_SHARED);
    bool is_proved = v->confidence >= 0.95 && v->cause < LP_TROUBLE_ACCUMULATOR_SATURATES;
    if (is_proved)
        return "Do that and diagnose again: the verdict must become healthy.";
    if (lp_trouble_count(v->ties) <= 1)
        return lp_trouble_texts[v->cause].experiment;
    if (v->level < 2 && (v->ties & loop) != 0)
        return "Record the run loop's return codes and block numbers and give them with --trace: it proves or rules out "
               "network-not-reset, reset-too-early and npu-timeout (docs/formats.md).";
    if ((v->ties & ~cache) == 0)
        return "Run once with the data cache off (SCB_DisableDCache): if it is right then, print the device log (--device-log) "
               "to "
               "see which of the cache calls is missing.";
    if (v->level < 3)
        return "Print the device log (addresses, CRC of input, epochs and output, self-test of the pools) and give it with "
               "--device-log: it tells all of these apart (docs/formats.md).";
    return lp_trouble_texts[v->cause].experiment;
}

void lp_judge(const struct lp_case *c, const struct lp_findings *f, struct lp_verdict *out)
{
    *out = (struct lp_verdict){.level = c->log != NULL ? 3 : c->trace != NULL ? 2 : 1};
    find_verdict(c, f, out);
    out->remedy = lp_trouble_texts[out->cause].remedy;
    out->experiment = experiment_for(out);
    for (uint32_t i = 0; i < LP_TROUBLES; i++)
        out->considered[i] = consider(f, out, (enum lp_trouble)i);
}
