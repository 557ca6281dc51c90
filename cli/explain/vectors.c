/* Vectors of factors and constants, known by their proportions: how many bits a version of the compiler gives them differs, the
 * ratios between the channels of a layer do not. */
#include "cli/explain/search.h"

#include "compiler/analyze/weighted_view.h"
#include "diagnose/vendor_layer.h"

#include <math.h>

enum {
    FEWEST_CHANNELS = 4, /* with fewer, proportions say too little: the exponent must be the compiler's own */
    LOOSE_EXPONENTS = 12,
    MOST_ROW_LANES = 128
};

/* What the channels' real values are multiplied with, and in how many bytes they are stored. */
struct form {
    const double *real;
    int32_t count;
    int32_t element_bytes;
    int64_t largest;    /* that the elements hold */
    bool is_normalized; /* the exponent is the largest that fits */
    bool is_in_rows;    /* [count / lanes][width][lanes] */
    int32_t lanes, width;
};

static int64_t element_at(const uint8_t *bytes, int32_t element_bytes)
{
    uint32_t value = 0;
    for (int32_t i = element_bytes; i-- > 0;)
        value = value << 8 | bytes[i];
    return element_bytes == 2 ? (int16_t)value : (int32_t)value;
}

/* Where channel c lies for the first time. */
static int64_t position(const struct form *f, int32_t c)
{
    return f->is_in_rows ? ((int64_t)(c / f->lanes) * f->width * f->lanes + c % f->lanes) : c;
}

/* One unit for rounding to integers; 2^-20 of the value where the scales went through 24 bits of a float on their way. */
static bool is_near(int64_t value, double expected)
{
    return fabs((double)value - expected) <= 1 + ldexp(fabs(expected), -20);
}

static bool repeats(const struct form *f, const uint8_t *bytes)
{
    for (int32_t block = 0; block < f->count; block += f->lanes)
        for (int32_t x = 1; x < f->width; x++)
            for (int32_t i = 0; i < f->lanes; i++) {
                int64_t first = (int64_t)block * f->width + i;
                if (element_at(bytes + first * f->element_bytes, f->element_bytes) !=
                    element_at(bytes + (first + (int64_t)x * f->lanes) * f->element_bytes, f->element_bytes))
                    return false;
            }
    return true;
}

static bool holds(const struct form *f, const uint8_t *bytes, int32_t exponent)
{
    for (int32_t c = 0; c < f->count; c++) {
        int64_t value = element_at(bytes + position(f, c) * f->element_bytes, f->element_bytes);
        if (!is_near(value, ldexp(f->real[c], exponent)))
            return false;
    }
    return !f->is_in_rows || repeats(f, bytes);
}

static double largest_of(const double *real, int32_t count)
{
    double largest = 0;
    for (int32_t c = 0; c < count; c++)
        largest = fmax(largest, fabs(real[c]));
    return largest;
}

static uint64_t form_bytes(const struct form *f)
{
    return (uint64_t)f->count * (uint64_t)f->element_bytes * (f->is_in_rows ? (uint64_t)f->width : 1);
}

static lp_status find(struct lp_search *s, const struct form *f, struct lp_build_param param, bool *found)
{
    double largest = largest_of(f->real, f->count);
    int32_t most = largest > 0 ? (int32_t)floor(log2((double)f->largest / largest)) + 1 : 0;
    int32_t looseness = f->count < FEWEST_CHANNELS && f->is_normalized ? 0 : LOOSE_EXPONENTS;
    param.size_bytes = form_bytes(f);
    if (!(largest > 0) || *found)
        return LP_OK;
    while (round(ldexp(largest, most)) > (double)f->largest)
        most--;
    for (int32_t exponent = most; exponent >= most - looseness; exponent--)
        for (size_t i = 0; i < s->place_count; i++) {
            const struct lp_build_image *image = &s->folder->images[s->places[i].image];
            const uint8_t *bytes = image->bytes + s->places[i].offset;
            /* The cheap question first. */
            if (param.size_bytes > image->size_bytes - s->places[i].offset ||
                !is_near(element_at(bytes, f->element_bytes), ldexp(f->real[0], exponent)) || !holds(f, bytes, exponent) ||
                lp_search_free(s, &s->places[i], param.size_bytes) == NULL)
                continue;
            *found = true;
            return lp_search_add(s, &s->places[i], param);
        }
    return LP_OK;
}

/* Plain first; then int16 values repeated along a row of the output. */
static lp_status find_with_rows(struct lp_search *s, struct form f, struct lp_build_param param, int32_t width, bool *found)
{
    lp_status status = find(s, &f, param, found);
    f.element_bytes = 2;
    f.largest = INT16_MAX;
    f.is_in_rows = true;
    f.width = width;
    for (f.lanes = 1; f.lanes <= MOST_ROW_LANES && f.lanes <= f.count && !*found && status == LP_OK; f.lanes++)
        if (f.count % f.lanes == 0 && f.count >= FEWEST_CHANNELS)
            status = find(s, &f, param, found);
    return status;
}

struct reals {
    double *factor[LP_VENDOR_FORMS]; /* two-stage: scales of the sum; fused: divided by the output's */
    double *constant[3];             /* in units of the output: with zero point, without; in real units */
};

static lp_status reals_of(struct lp_search *s, const struct lp_op *op, const struct lp_weighted_view *v, struct reals *out)
{
    const struct lp_graph *g = s->graph;
    const struct lp_quant *weights = &lp_op_input(g, op, 1)->quant, *to = &lp_op_output(g, op, 0)->quant;
    double in_scale = (double)lp_op_input(g, op, 0)->quant.scale[0], out_scale = (double)to->scale[0];
    double *all = LP_NEW_ARRAY(&s->session->arena, 5 * (size_t)v->out_c, double);
    if (all == NULL)
        return lp_no_memory(&s->session->diag);
    for (int i = 0; i < 5; i++)
        *(i < 2 ? &out->factor[i] : &out->constant[i - 2]) = all + (size_t)i * (size_t)v->out_c;
    for (int32_t o = 0; o < v->out_c; o++) {
        double scale = in_scale * (double)weights->scale[weights->count == 1 ? 0 : o];
        double bias = (double)lp_weighted_bias(v, o) * scale;
        out->factor[LP_VENDOR_TWO_STAGE][o] = scale;
        out->factor[LP_VENDOR_FUSED][o] = scale / out_scale;
        out->constant[0][o] = bias / out_scale + to->zero_point[0];
        out->constant[1][o] = bias / out_scale;
        out->constant[2][o] = bias;
    }
    return LP_OK;
}

lp_status lp_search_vectors(struct lp_search *s, const struct lp_op *op, const char *layer)
{
    struct lp_weighted_view v;
    struct lp_channel_scales unused;
    struct reals r;
    bool has_factor = false, has_constant = false;
    struct lp_build_param param = {.name = layer, .layer = layer, .kind = LP_BUILD_SCALE};
    lp_status status = lp_weighted_view_of(&s->session->arena, &s->session->diag, s->graph, op, LP_ROUNDING_SINGLE, &v, &unused);
    if (status == LP_OK)
        status = reals_of(s, op, &v, &r);
    for (int i = LP_VENDOR_FORMS; i-- > 0 && status == LP_OK;) {
        struct form f = {.real = r.factor[i], .count = v.out_c, .element_bytes = 2, .largest = INT16_MAX, .is_normalized = true};
        status = find_with_rows(s, f, param, v.out_w, &has_factor);
    }
    param.kind = LP_BUILD_BIAS;
    for (size_t i = 0; i < LP_COUNT(r.constant) && status == LP_OK; i++) {
        struct form f = {.real = r.constant[i], .count = v.out_c, .element_bytes = 4, .largest = INT32_MAX};
        status = find_with_rows(s, f, param, v.out_w, &has_constant);
    }
    return status;
}
