/* Level 1: nothing but inputs and outputs. Mistakes that fix the output are tried one by one; what remains is told apart by
 * how the outputs follow each other. */
#include "diagnose/evidence.h"
#include "diagnose/predictions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BIT(cause) ((lp_trouble_set)1 << LP_TROUBLE_##cause)

/* What looks alike when only outputs are known; docs/diagnose.md gives the reasons. */
#define STUCK                                                                                                   \
    (BIT(NETWORK_NOT_RESET) | BIT(OUTPUT_NOT_INVALIDATED) | BIT(INPUT_NOT_CLEANED) | BIT(INPUT_WRONG_ADDRESS) | \
     BIT(RESET_TOO_EARLY) | BIT(NPU_TIMEOUT) | BIT(CACHE_LINE_SHARED))
#define LATE                                                                                                    \
    (BIT(INPUT_NOT_CLEANED) | BIT(INPUT_WRONG_ADDRESS) | BIT(OUTPUT_NOT_INVALIDATED) | BIT(CACHE_LINE_SHARED) | \
     BIT(RESET_TOO_EARLY))
#define NOT_WRITTEN                                                                                                         \
    (BIT(OUTPUT_NOT_INVALIDATED) | BIT(OUTPUT_WRONG_ADDRESS) | BIT(RESET_TOO_EARLY) | BIT(NPU_TIMEOUT) | BIT(POOL_ASLEEP) | \
     BIT(POOL_FIREWALLED) | BIT(CACHE_LINE_SHARED))
#define BLIND                                                                                                             \
    (BIT(INPUT_NOT_CLEANED) | BIT(INPUT_WRONG_ADDRESS) | BIT(POOL_ASLEEP) | BIT(POOL_FIREWALLED) | BIT(WEIGHTS_MISSING) | \
     BIT(WEIGHTS_WRONG_ADDRESS) | BIT(WEIGHTS_CORRUPT))
/* An output that is not invalidated shows what the CPU wrote there before, where it shares its memory with an input. */
#define GARBLED                                                                                                  \
    (BIT(WEIGHTS_CORRUPT) | BIT(WEIGHTS_WRONG_ADDRESS) | BIT(WEIGHTS_MISSING) | BIT(INPUT_NOT_CLEANED) |         \
     BIT(INPUT_WRONG_ADDRESS) | BIT(OUTPUT_NOT_INVALIDATED) | BIT(OUTPUT_WRONG_ADDRESS) | BIT(RESET_TOO_EARLY) | \
     BIT(CACHE_LINE_SHARED) | BIT(POOL_ASLEEP) | BIT(POOL_FIREWALLED))
#define MODEL_CAUSES (BIT(MODEL_INSENSITIVE) | BIT(OUTPUT_SATURATED) | BIT(INPUT_RANGE_MISMATCH) | BIT(ACCUMULATOR_SATURATES))
#define DEVICE_CAUSES (((lp_trouble_set)1 << LP_TROUBLES) - 1 - MODEL_CAUSES)

struct weighing {
    const struct lp_case *c;
    const struct lp_vendor_study *study;
    struct lp_findings *f;
    void *run;
    bool *is_right; /* by inference: within the tolerance of what is expected */
    size_t wrong, first_wrong;
    uint8_t *input, *output; /* room for one inference */
    double *values, *first_values;
};

static const double *observed(const struct weighing *w, size_t n)
{
    return w->c->observed_values + n * w->c->output_elements;
}

static const double *expected(const struct weighing *w, size_t n)
{
    return w->c->expected_values + n * w->c->output_elements;
}

static bool near(const struct weighing *w, const double *a, const double *b)
{
    for (size_t i = 0; i < w->c->output_elements; i++)
        if (!(fabs(a[i] - b[i]) <= w->c->tolerance + 0.25))
            return false;
    return true;
}

static bool equal(const struct weighing *w, const double *a, const double *b)
{
    for (size_t i = 0; i < w->c->output_elements; i++)
        if (!(fabs(a[i] - b[i]) < 0.25))
            return false;
    return true;
}

static lp_status open_weighing(struct weighing *w)
{
    const struct lp_case *c = w->c;
    w->is_right = LP_NEW_ARRAY(c->arena, c->count, bool);
    w->input = lp_arena_alloc(c->arena, c->input_bytes, 1);
    w->output = lp_arena_alloc(c->arena, c->output_bytes, 1);
    w->values = LP_NEW_ARRAY(c->arena, c->output_elements, double);
    w->first_values = LP_NEW_ARRAY(c->arena, c->output_elements, double);
    if (w->is_right == NULL || w->input == NULL || w->output == NULL || w->values == NULL || w->first_values == NULL)
        return lp_no_memory(c->diag);
    w->first_wrong = c->count;
    for (size_t n = 0; n < c->count; n++) {
        w->is_right[n] = near(w, observed(w, n), expected(w, n));
        w->wrong += !w->is_right[n];
        if (!w->is_right[n] && w->first_wrong == c->count)
            w->first_wrong = n;
    }
    return c->runner->open(c->graph, c->rounding, c->diag, &w->run);
}

/* ---- mistakes that change the input ---- */

enum { MOST_TRIED = 64 }; /* inferences that a mistake is tried on */

struct trial {
    bool matches, varies;
};

/* Late forms need an inference before them. */
static lp_status try_mistake(struct weighing *w, const struct lp_input_mistake *m, int32_t parameter, struct trial *out)
{
    size_t start = m->per_line ? 1 : 0, tried = 0;
    *out = (struct trial){true, false};
    /* The wrong ones first: most mistakes are ruled out by a single inference. */
    for (size_t i = 0; i < w->c->count + 1 && tried < MOST_TRIED; i++) {
        size_t n = i == 0 ? w->first_wrong : i - 1;
        if (n < start || n >= w->c->count)
            continue;
        if (!m->make(w->c, n, parameter, w->input)) {
            out->matches = false;
            return LP_OK;
        }
        lp_status status = lp_case_expect(w->c, w->run, w->input, w->output);
        if (status != LP_OK)
            return status;
        lp_case_values(w->c->graph, w->output, w->values);
        if (!near(w, w->values, observed(w, n))) {
            out->matches = false;
            return LP_OK;
        }
        if (tried++ == 0)
            memcpy(w->first_values, w->values, w->c->output_elements * sizeof *w->values);
        out->varies = out->varies || !near(w, w->values, w->first_values);
    }
    out->matches = tried != 0;
    return LP_OK;
}

/* Values of the parameter to try; a long input has many lines, of which some are tried. */
static int32_t last_parameter(const struct weighing *w, const struct lp_input_mistake *m, int32_t *step)
{
    enum { MOST_LINES = 48 };
    int32_t lines = (int32_t)((w->c->input_bytes + LP_CACHE_LINE_BYTES - 1) / LP_CACHE_LINE_BYTES);
    *step = m->per_line && lines > MOST_LINES ? lines / MOST_LINES : 1;
    return m->per_line ? lines - 1 : m->last;
}

/* found: causes of mistakes whose outputs change with the input and are those observed. fixed: the same for mistakes that
 * make the output constant, which is weaker. */
static lp_status try_inputs(struct weighing *w, lp_trouble_set *found, lp_trouble_set *fixed)
{
    for (uint32_t m = 0; m < lp_input_mistake_count; m++) {
        const struct lp_input_mistake *mistake = &lp_input_mistakes[m];
        int32_t step, last = last_parameter(w, mistake, &step);
        for (int32_t p = mistake->first; p <= last; p += step) {
            struct trial trial;
            lp_status status = try_mistake(w, mistake, p, &trial);
            if (status != LP_OK)
                return status;
            if (!trial.matches)
                continue;
            *(trial.varies ? found : fixed) |= mistake->causes;
            lp_find_all(w->f, LP_SOURCE_OUTPUTS, mistake->causes, LP_OPINION_POSSIBLE, "%s would give %s outputs", mistake->what,
                        trial.varies ? "exactly these" : "this constant as all");
            if (trial.varies)
                lp_tell(w->f, "The outputs are those that %s would give.", mistake->what);
            break;
        }
    }
    return LP_OK;
}

/* ---- the vendor's shifts ---- */

static void try_vendor(struct weighing *w, lp_trouble_set *found)
{
    static const char *const names[LP_VENDOR_FORMS] = {"two-stage", "fused"};
    if (w->study == NULL || !w->study->saturates)
        return;
    for (int form = 0; form < LP_VENDOR_FORMS; form++) {
        bool matches = w->study->wrong_share[form] > 0;
        for (size_t n = 0; n < w->c->count && matches; n++) {
            lp_case_values(w->c->graph, w->study->outputs[form] + n * w->c->output_bytes, w->values);
            matches = near(w, w->values, observed(w, n));
        }
        if (!matches)
            continue;
        *found |= BIT(ACCUMULATOR_SATURATES);
        lp_find(w->f, LP_SOURCE_OUTPUTS, LP_TROUBLE_ACCUMULATOR_SATURATES, LP_OPINION_POSSIBLE,
                "the vendor's shifts with the %s requantization give exactly these outputs", names[form]);
        lp_tell(w->f, "The outputs are those of the vendor's shift rule with the %s requantization.", names[form]);
    }
}

/* ---- how outputs follow each other ---- */

static bool is_constant(const struct weighing *w)
{
    for (size_t n = w->first_wrong; n < w->c->count; n++)
        if (!w->is_right[n] && !equal(w, observed(w, n), observed(w, w->first_wrong)))
            return false;
    return true;
}

static bool repeats_the_one_before(const struct weighing *w)
{
    for (size_t n = w->first_wrong; n < w->c->count; n++)
        if (!w->is_right[n] && (n == 0 || !equal(w, observed(w, n), observed(w, n - 1))))
            return false;
    return true;
}

static bool is_one_late(const struct weighing *w)
{
    size_t seen = 0;
    for (size_t n = 1; n < w->c->count; n++) {
        if (!w->is_right[n] && !near(w, observed(w, n), expected(w, n - 1)))
            return false;
        seen += !w->is_right[n];
    }
    return seen > 0;
}

static bool is_one_value(const double *values, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (values[i] != values[0])
            return false;
    return true;
}

/* Every operator reads one computed tensor: a tensor that is lost makes everything behind it constant. */
static bool is_chain(const struct lp_graph *g)
{
    for (uint32_t i = 0; i < g->op_count; i++) {
        uint32_t computed = 0;
        for (uint32_t k = 0; k < g->ops[i].input_count; k++)
            computed += g->ops[i].inputs[k] != LP_NO_TENSOR && g->tensors[g->ops[i].inputs[k]].data == NULL;
        if (computed > 1)
            return false;
    }
    return g->input_count == 1;
}

/* One value in every element also comes from weights that are all zero: the zero point, a limit, or equal probabilities. On the
 * NPU scales and biases lie beside the weights: all erased they are -1, and so is what they make of any sum, or 0. */
static bool weights_may_give(const struct weighing *w, double value)
{
    if (!w->c->expects_exact_bits && (fabs(value + 1) < 0.25 || fabs(value) < 0.25))
        return true;
    const struct lp_tensor *t = &w->c->graph->tensors[w->c->graph->outputs[0]];
    double zero = t->quant.count == 1 ? t->quant.zero_point[0] : 0, scale = t->quant.count == 1 ? (double)t->quant.scale[0] : 1;
    double even = 1 / (scale * (double)w->c->output_elements) + zero, room = w->c->tolerance + 1.25;
    return fabs(value - zero) <= room || value <= INT8_MIN || value >= INT8_MAX || fabs(value - even) <= room;
}

static void weigh_constant(const struct weighing *w, lp_trouble_set fixed)
{
    const double *value = observed(w, w->first_wrong);
    bool is_fill = is_one_value(value, w->c->output_elements) && w->c->output_elements > 1;
    lp_trouble_set set = is_fill ? NOT_WRITTEN : BLIND | NOT_WRITTEN;
    if (is_fill && weights_may_give(w, value[0]))
        set |= BIT(WEIGHTS_MISSING) | BIT(WEIGHTS_WRONG_ADDRESS) | BIT(WEIGHTS_CORRUPT); /* all zero, or all at a limit */
    if (w->c->output_elements == 1)
        set |= BLIND;
    set |= fixed;
    lp_find_all(w->f, LP_SOURCE_OUTPUTS, set, LP_OPINION_POSSIBLE, "would leave an output that no input changes");
    if (is_fill)
        lp_tell(w->f, "All %zu wrong outputs are the same, with %g in every element: nobody wrote them.", w->wrong, value[0]);
    else
        lp_tell(w->f, "All %zu wrong outputs are the same, and belong to none of the inputs.", w->wrong);
    if (fixed != 0)
        lp_tell(w->f, "It is the output for an input of one repeated byte: the network does not see what was written.");
}

static lp_trouble_set weigh_sequence(const struct weighing *w, lp_trouble_set fixed)
{
    if (repeats_the_one_before(w)) {
        lp_find_all(w->f, LP_SOURCE_OUTPUTS, STUCK, LP_OPINION_POSSIBLE, "would repeat an output that was right once");
        size_t from = w->first_wrong; /* it may repeat long before the model's own output moves far enough away */
        while (from > 1 && equal(w, observed(w, from - 1), observed(w, from - 2)))
            from--;
        lp_tell(w->f,
                "From inference %zu on the output repeats the one of inference %zu, which was right; the model's own output "
                "changes, and %zu of %zu are wrong by now.",
                from, from - 1, w->wrong, w->c->count);
        return STUCK;
    }
    if (is_one_late(w)) {
        lp_find_all(w->f, LP_SOURCE_OUTPUTS, LATE, LP_OPINION_POSSIBLE, "would give the output of the inference before");
        lp_tell(w->f, "Each wrong output is the right one for the input before: everything is one inference late.");
        return LATE;
    }
    if (is_constant(w)) {
        weigh_constant(w, fixed);
        return lp_found(w->f, LP_SOURCE_OUTPUTS, LP_OPINION_POSSIBLE);
    }
    lp_trouble_set set = 0;
    struct lp_output_view view = {w->c, w->f, w->is_right, w->wrong};
    if (lp_weigh_output_lines(&view, &set))
        return set;
    set = GARBLED;
    if (is_chain(w->c->graph))
        set &= ~(BIT(POOL_ASLEEP) | BIT(POOL_FIREWALLED));
    lp_find_all(w->f, LP_SOURCE_OUTPUTS, set, LP_OPINION_POSSIBLE, "would give outputs that change with the input and are wrong");
    lp_tell(w->f, "%zu of %zu outputs are wrong; they change from inference to inference.", w->wrong, w->c->count);
    return set;
}

static lp_status weigh_wrong(struct weighing *w)
{
    lp_trouble_set found = 0, fixed = 0, forms = 0;
    struct lp_output_view view = {w->c, w->f, w->is_right, w->wrong};
    try_vendor(w, &found);
    lp_status status = try_inputs(w, &found, &fixed);
    if (status == LP_OK && found == 0)
        status = lp_weigh_output_forms(&view, &forms);
    if (status != LP_OK)
        return status;
    found |= forms;
    if (found == 0)
        found = weigh_sequence(w, fixed);
    lp_find_all(w->f, LP_SOURCE_OUTPUTS, (DEVICE_CAUSES | MODEL_CAUSES) & ~found, LP_OPINION_REFUTED,
                "would give other outputs than these");
    return w->f->status;
}

lp_status lp_weigh_outputs(const struct lp_case *c, const struct lp_vendor_study *study, struct lp_findings *f)
{
    struct weighing w = {.c = c, .study = study, .f = f};
    lp_status status = open_weighing(&w);
    if (status != LP_OK)
        return status;
    f->outputs_match = w.wrong == 0;
    f->outputs_differ = w.wrong != 0;
    if (w.wrong == 0) {
        lp_find_all(f, LP_SOURCE_OUTPUTS, DEVICE_CAUSES, LP_OPINION_REFUTED, "all %zu outputs are what the model gives",
                    c->count);
        lp_tell(f, "All %zu observed outputs are what the %s gives%s.", c->count,
                c->device == NULL ? "model" : "device's own program",
                c->tolerance > 0 ? ", within the deviation that the NPU may have" : ", bit for bit");
    } else {
        status = weigh_wrong(&w);
    }
    c->runner->close(w.run);
    return status;
}
