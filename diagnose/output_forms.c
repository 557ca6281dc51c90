/* Mistakes that lie behind the network: right integers that are read or converted wrongly. */
#include "diagnose/evidence.h"
#include "diagnose/predictions.h"

#include <math.h>

#define BIT(cause) ((lp_trouble_set)1 << LP_TROUBLE_##cause)

static const double *row(const struct lp_output_view *v, const double *values, size_t n)
{
    return values + n * v->c->output_elements;
}

/* ---- scale and zero point ---- */

/* An int8 read as uint8. */
static double as_unsigned(double q)
{
    return q < 0 ? q + 256 : q;
}

static double as_signed(double q)
{
    return q;
}

struct line {
    double slope, offset, spread, largest_miss;
};

/* The straight line that fits observed = slope * expected + offset best. */
static struct line fit(const struct lp_output_view *v, double (*of)(double))
{
    size_t count = v->c->count * v->c->output_elements;
    double mx = 0, my = 0, xx = 0, xy = 0;
    for (size_t i = 0; i < count; i++) {
        mx += of(v->c->expected_values[i]) / (double)count;
        my += v->c->observed_values[i] / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        double x = of(v->c->expected_values[i]) - mx;
        xx += x * x;
        xy += x * (v->c->observed_values[i] - my);
    }
    struct line l = {.slope = xx > 0 ? xy / xx : 0, .spread = sqrt(xx / (double)count)};
    l.offset = my - l.slope * mx;
    for (size_t i = 0; i < count; i++)
        l.largest_miss = fmax(l.largest_miss, fabs(v->c->observed_values[i] - l.offset - l.slope * of(v->c->expected_values[i])));
    return l;
}

enum { TELLING_VALUES = 6 };

/* So many different values do not come to lie on a line by chance, however much the NPU may deviate. */
static bool is_exact(const struct lp_output_view *v, const struct line *l)
{
    double seen[TELLING_VALUES];
    size_t count = 0;
    for (size_t i = 0; i < v->c->count * v->c->output_elements && count < TELLING_VALUES; i++) {
        size_t k = 0;
        while (k < count && seen[k] != v->c->expected_values[i])
            k++;
        if (k == count)
            seen[count++] = v->c->expected_values[i];
    }
    return count == TELLING_VALUES && 8 * l->largest_miss <= fabs(l->slope) * l->spread;
}

/* The line that fits, with what it means; null: none does. */
static const char *try_scale(const struct lp_output_view *v, struct line *found)
{
    static const struct {
        double (*of)(double);
        const char *what;
    } forms[] = {{as_signed, "other scale or zero point"}, {as_unsigned, "the integers read as uint8"}};
    for (int i = 0; i < 2; i++) {
        struct line l = fit(v, forms[i].of);
        double allowed = fabs(l.slope) * (v->c->tolerance + 0.6) + 0.05;
        bool is_other = fabs(l.slope - 1) > 0.05 || fabs(l.offset) > 1.5; /* else the line says nothing */
        if (!isfinite(l.slope) || !is_other || fabs(l.slope) < 1e-4 || l.largest_miss > allowed)
            continue;
        if (fabs(l.slope) * l.spread < 1.5 * allowed && !is_exact(v, &l))
            continue;
        *found = l;
        return forms[i].what;
    }
    return NULL;
}

static void tell_scale(const struct lp_output_view *v, const struct line *l, const char *what)
{
    lp_find(v->f, LP_SOURCE_OUTPUTS, LP_TROUBLE_OUTPUT_SCALE_WRONG, LP_OPINION_POSSIBLE,
            "%s explains every output: observed = %.4g * expected %+.4g LSB", what, l->slope, l->offset);
    lp_tell(v->f,
            "Every output lies on one straight line over the expected one: scale wrong by a factor of %.4g, offset %+.4g "
            "LSB.",
            l->slope, l->offset);
}

/* ---- softmax ---- */

static void softmax(double *values, size_t count)
{
    double largest = values[0], sum = 0;
    for (size_t i = 1; i < count; i++)
        largest = fmax(largest, values[i]);
    for (size_t i = 0; i < count; i++)
        sum += values[i] = exp(values[i] - largest);
    for (size_t i = 0; i < count; i++)
        values[i] /= sum;
}

static bool ends_in_softmax(const struct lp_graph *g)
{
    for (uint32_t i = 0; i < g->op_count; i++)
        if (g->ops[i].kind == LP_OP_SOFTMAX && g->ops[i].outputs[0] == g->outputs[0])
            return true;
    return false;
}

/* Softmax `times` times over the real outputs, in LSB of the output: how far the observed ones are from it, and how far apart
 * its values are. */
struct softmax_fit {
    double miss, spread;
};

static struct softmax_fit fit_softmax(const struct lp_output_view *v, int times, double *room)
{
    const struct lp_tensor *t = &v->c->graph->tensors[v->c->graph->outputs[0]];
    double scale = (double)t->quant.scale[0], zero = t->quant.zero_point[0], low = INFINITY, high = -INFINITY;
    struct softmax_fit found = {0};
    for (size_t n = 0; n < v->c->count; n++) {
        for (size_t i = 0; i < v->c->output_elements; i++)
            room[i] = scale * (row(v, v->c->expected_values, n)[i] - zero);
        for (int k = 0; k < times; k++)
            softmax(room, v->c->output_elements);
        for (size_t i = 0; i < v->c->output_elements; i++) {
            low = fmin(low, room[i] / scale);
            high = fmax(high, room[i] / scale);
            found.miss = fmax(found.miss, fabs(row(v, v->c->observed_values, n)[i] - room[i] / scale - zero));
        }
    }
    found.spread = high - low;
    return found;
}

static lp_status try_softmax(const struct lp_output_view *v, struct softmax_fit *found)
{
    const struct lp_graph *g = v->c->graph;
    const struct lp_tensor *t = &g->tensors[g->outputs[0]];
    *found = (struct softmax_fit){.miss = INFINITY};
    if (g->output_count != 1 || t->quant.count != 1 || v->c->output_elements < 2)
        return LP_OK;
    double *room = LP_NEW_ARRAY(v->c->arena, v->c->output_elements, double);
    if (room == NULL)
        return lp_no_memory(v->c->diag);
    *found = fit_softmax(v, ends_in_softmax(g) ? 1 : 2, room);
    return LP_OK;
}

static void tell_softmax(const struct lp_output_view *v)
{
    lp_find(v->f, LP_SOURCE_OUTPUTS, LP_TROUBLE_SOFTMAX_TWICE, LP_OPINION_POSSIBLE,
            "softmax of the model's probabilities gives exactly these outputs");
    lp_tell(v->f, "The outputs are softmax of what the model gives, which are probabilities already.");
}

/* Softmax of probabilities is nearly a straight line: where the deviation allowed to the NPU hides the bend, both fit. */
static lp_status weigh_values(const struct lp_output_view *v, lp_trouble_set *found)
{
    struct softmax_fit twice;
    const double rounding = 1.1; /* the second softmax may have been quantized, up or down */
    double allowed = v->c->tolerance + rounding;
    lp_status status = try_softmax(v, &twice);
    if (status != LP_OK)
        return status;
    struct line line = {0};
    const char *scale = try_scale(v, &line);
    bool fits = twice.miss <= allowed,
         is_bent = twice.miss <= rounding && (scale == NULL || line.largest_miss > 1.5 * twice.miss);
    if (fits && (is_bent || twice.spread > 2 * allowed + 2 || scale != NULL) && twice.spread > rounding) {
        *found |= BIT(SOFTMAX_TWICE);
        tell_softmax(v);
    }
    if (scale != NULL && !((*found & BIT(SOFTMAX_TWICE)) != 0 && is_bent)) {
        *found |= BIT(OUTPUT_SCALE_WRONG);
        tell_scale(v, &line, scale);
    }
    return LP_OK;
}

/* ---- addresses ---- */

/* observed[i] = expected[i + by] wherever both exist. */
static bool is_shifted(const struct lp_output_view *v, int64_t by)
{
    int64_t count = (int64_t)v->c->output_elements;
    bool differs = false;
    for (size_t n = 0; n < v->c->count; n++)
        for (int64_t i = 0; i < count; i++) {
            if (i + by < 0 || i + by >= count)
                continue;
            double want = row(v, v->c->expected_values, n)[i + by];
            if (!(fabs(row(v, v->c->observed_values, n)[i] - want) <= v->c->tolerance + 0.25))
                return false;
            differs = differs || fabs(want - row(v, v->c->expected_values, 0)[i + by]) > 2 * v->c->tolerance + 1;
        }
    return differs;
}

static bool try_shift(const struct lp_output_view *v)
{
    int64_t most = (int64_t)v->c->output_elements * 2 / 3;
    for (int64_t by = 1; by <= most && by <= 512; by++)
        for (int sign = -1; sign <= 1; sign += 2) {
            if (!is_shifted(v, sign * by))
                continue;
            lp_find(v->f, LP_SOURCE_OUTPUTS, LP_TROUBLE_OUTPUT_WRONG_ADDRESS, LP_OPINION_POSSIBLE,
                    "read %lld elements %s, the outputs are right", (long long)by, sign < 0 ? "later" : "earlier");
            lp_tell(v->f, "The outputs are the right ones, moved by %lld elements.", (long long)by);
            return true;
        }
    return false;
}

/* ---- cache lines of the output ---- */

enum line_state { LINE_RIGHT, LINE_OLD, LINE_WRONG };

enum { FEWEST_ELEMENTS = 4 }; /* a shorter piece of a line is right or old by chance */

/* Elements [from, to) of inference n: as expected, as observed before (or untouched: all of one value), or neither. */
static enum line_state state_of(const struct lp_output_view *v, size_t n, size_t from, size_t to)
{
    const double *got = row(v, v->c->observed_values, n), *want = row(v, v->c->expected_values, n);
    bool right = true, old = n > 0, fill = true;
    for (size_t i = from; i < to; i++) {
        right = right && fabs(got[i] - want[i]) <= v->c->tolerance + 0.25;
        old = old && fabs(got[i] - row(v, v->c->observed_values, n - 1)[i]) < 0.25;
        fill = fill && got[i] == got[from];
    }
    return right ? LINE_RIGHT : old || (fill && to - from >= FEWEST_ELEMENTS) ? LINE_OLD : LINE_WRONG;
}

/* Lines begin at element `start` and every 32 behind it. Some are always right, others old. */
static bool lines_fit(const struct lp_output_view *v, size_t start, bool *only_edges)
{
    size_t count = v->c->output_elements, right = 0, old = 0;
    *only_edges = true;
    for (size_t n = 0; n < v->c->count; n++)
        for (size_t from = 0, to = start == 0 ? LP_CACHE_LINE_BYTES : start; from < count; from = to, to += LP_CACHE_LINE_BYTES) {
            enum line_state state = state_of(v, n, from, to < count ? to : count);
            if (state == LINE_WRONG)
                return false;
            right += state == LINE_RIGHT && !v->is_right[n];
            old += state == LINE_OLD;
            if (state == LINE_OLD && from != 0 && to < count)
                *only_edges = false;
        }
    return right != 0 && old != 0;
}

bool lp_weigh_output_lines(const struct lp_output_view *v, lp_trouble_set *found)
{
    bool only_edges;
    if (v->c->output_bytes != v->c->output_elements)
        return false;
    for (size_t start = 0; start < LP_CACHE_LINE_BYTES && start + FEWEST_ELEMENTS <= v->c->output_elements; start++) {
        if (start != 0 && start < FEWEST_ELEMENTS)
            continue;
        if (!lines_fit(v, start, &only_edges))
            continue;
        *found |= BIT(OUTPUT_NOT_INVALIDATED) | (only_edges ? BIT(CACHE_LINE_SHARED) : 0);
        lp_find_all(v->f, LP_SOURCE_OUTPUTS, *found & (BIT(OUTPUT_NOT_INVALIDATED) | BIT(CACHE_LINE_SHARED)), LP_OPINION_POSSIBLE,
                    "some lines of 32 bytes of the output are new, others old");
        lp_tell(v->f, "Of the output some cache lines (32 bytes) are new and right, others are old%s.",
                only_edges ? ", at its edge" : "");
        return true;
    }
    return false;
}

lp_status lp_weigh_output_forms(const struct lp_output_view *v, lp_trouble_set *found)
{
    lp_status status = weigh_values(v, found);
    if (status == LP_OK && *found == 0 && try_shift(v))
        *found |= BIT(OUTPUT_WRONG_ADDRESS);
    return status;
}
