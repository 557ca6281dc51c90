/* Operators that combine two tensors element by element. */
#include "compiler/analyze/range_rules.h"
#include "compiler/semantics/semantics.h"

/* One input on the common scale; its factor is below 1 and positive, so order is kept and nothing overflows. */
static struct lp_wide_interval to_common_scale(const struct lp_add_s8 *p, struct lp_interval value, int32_t offset,
                                               int32_t multiplier, int32_t shift)
{
    int32_t low = (value.low + offset) * ((int32_t)1 << p->left_shift);
    int32_t high = (value.high + offset) * ((int32_t)1 << p->left_shift);
    return (struct lp_wide_interval){lp_requantize(low, multiplier, shift, p->rounding),
                                     lp_requantize(high, multiplier, shift, p->rounding)};
}

static struct lp_interval add(const struct lp_add_s8 *p, struct lp_interval value1, struct lp_interval value2)
{
    struct lp_wide_interval a = to_common_scale(p, value1, p->in1_offset, p->in1_multiplier, p->in1_shift);
    struct lp_wide_interval b = to_common_scale(p, value2, p->in2_offset, p->in2_multiplier, p->in2_shift);
    const struct lp_range_scaling s = {p->out_multiplier, p->out_shift, p->out_offset, p->act_min, p->act_max, p->rounding};
    return lp_range_requantize(&s, (struct lp_wide_interval){a.low + b.low, a.high + b.high});
}

/* Without broadcast, both periods at once as long as that is short; else the channels. */
static uint32_t output_period(const struct lp_range_work *w)
{
    const struct lp_tensor *in1 = lp_op_input(w->graph, w->op, 0);
    const struct lp_tensor *in2 = lp_op_input(w->graph, w->op, 1);
    const struct lp_tensor *out = lp_op_output(w->graph, w->op, 0);
    uint32_t channels = lp_range_channels(out);
    if (!lp_tensors_same_shape(in1, in2))
        return channels;
    uint64_t a = lp_range_input(w, 0)->period;
    uint64_t b = lp_range_input(w, 1)->period;
    uint64_t both = a;
    while (both % b != 0 && both <= LP_RANGE_LONGEST_PERIOD)
        both += a;
    return both <= LP_RANGE_LONGEST_PERIOD && both % channels == 0 ? (uint32_t)both : channels;
}

/* Both inputs at every index of the output's period. */
static lp_status fold_inputs(struct lp_range_work *w, uint32_t period, struct lp_interval *folded[2])
{
    const struct lp_tensor *out_tensor = lp_op_output(w->graph, w->op, 0);
    bool is_broadcast = !lp_tensors_same_shape(lp_op_input(w->graph, w->op, 0), lp_op_input(w->graph, w->op, 1));
    for (uint32_t i = 0; i < 2; i++) {
        /* An input that is repeated along the channels has one interval for all of them. */
        uint32_t own = lp_range_channels(lp_op_input(w->graph, w->op, i));
        bool is_repeated = is_broadcast && own != lp_range_channels(out_tensor);
        folded[i] = lp_range_input_folded(w, i, is_repeated ? 1 : period);
        if (folded[i] == NULL)
            return LP_OUT_OF_MEMORY;
        if (is_repeated && period > 1) {
            struct lp_interval one = folded[i][0];
            folded[i] = lp_range_scratch(w, period);
            for (uint32_t c = 0; folded[i] != NULL && c < period; c++)
                folded[i][c] = one;
        }
        if (folded[i] == NULL)
            return LP_OUT_OF_MEMORY;
    }
    return LP_OK;
}

lp_status lp_range_add(struct lp_range_work *w)
{
    struct lp_add_s8 p;
    if (lp_op_input(w->graph, w->op, 0)->element != LP_ELEMENT_INT8)
        return lp_range_binary(w);
    lp_status status = lp_add_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    struct lp_interval *folded[2];
    uint32_t period = status == LP_OK ? output_period(w) : 0;
    if (status == LP_OK)
        status = fold_inputs(w, period, folded);
    if (status != LP_OK)
        return status;
    struct lp_interval *out = lp_range_output(w, period);
    for (uint32_t c = 0; out != NULL && c < period; c++)
        out[c] = add(&p, folded[0][c], folded[1][c]);
    return out == NULL ? LP_OUT_OF_MEMORY : LP_OK;
}

typedef struct lp_interval combine(const struct lp_binary *p, struct lp_interval a, struct lp_interval b);

static struct lp_interval scale(const struct lp_binary *p, struct lp_wide_interval value, int32_t multiplier, int32_t shift)
{
    const struct lp_range_scaling s = {multiplier, shift, p->out_offset, p->act_min, p->act_max, p->rounding};
    return lp_range_requantize(&s, value);
}

static struct lp_interval shifted(struct lp_interval value, int32_t offset)
{
    return (struct lp_interval){value.low + offset, value.high + offset};
}

static struct lp_wide_interval common(const struct lp_binary *p, struct lp_interval value, int32_t multiplier, int32_t shift)
{
    return (struct lp_wide_interval){lp_requantize(value.low * ((int32_t)1 << p->left_shift), multiplier, shift, p->rounding),
                                     lp_requantize(value.high * ((int32_t)1 << p->left_shift), multiplier, shift, p->rounding)};
}

static struct lp_interval combine_sum(const struct lp_binary *p, struct lp_interval x, struct lp_interval y)
{
    struct lp_wide_interval a = common(p, shifted(x, p->in1_offset), p->in1_multiplier, p->in1_shift);
    struct lp_wide_interval b = common(p, shifted(y, p->in2_offset), p->in2_multiplier, p->in2_shift);
    return scale(p, (struct lp_wide_interval){a.low + b.low, a.high + b.high}, p->out_multiplier, p->out_shift);
}

static struct lp_interval combine_difference(const struct lp_binary *p, struct lp_interval x, struct lp_interval y)
{
    struct lp_wide_interval a = common(p, shifted(x, p->in1_offset), p->in1_multiplier, p->in1_shift);
    struct lp_wide_interval b = common(p, shifted(y, p->in2_offset), p->in2_multiplier, p->in2_shift);
    return scale(p, (struct lp_wide_interval){a.low - b.high, a.high - b.low}, p->out_multiplier, p->out_shift);
}

static int64_t common_of(const struct lp_binary *p, int32_t value, int32_t offset, int32_t multiplier, int8_t shift)
{
    return common(p, shifted((struct lp_interval){value, value}, offset), multiplier, shift).low;
}

/* Of any value of x and any of y: neither need come to the other's exactly. Both rise, so that one walk along them is enough. */
static int64_t least_difference(const struct lp_binary *p, struct lp_interval x, struct lp_interval y)
{
    int64_t least = INT64_MAX;
    while (x.low <= x.high && y.low <= y.high && least != 0) {
        const int64_t difference = common_of(p, x.low, p->in1_offset, p->in1_multiplier, p->in1_shift) -
                                   common_of(p, y.low, p->in2_offset, p->in2_multiplier, p->in2_shift);
        const int64_t distance = difference < 0 ? -difference : difference;
        least = distance < least ? distance : least;
        if (difference < 0)
            x.low++;
        else
            y.low++;
    }
    return least;
}

static struct lp_interval combine_squared_difference(const struct lp_binary *p, struct lp_interval x, struct lp_interval y)
{
    struct lp_wide_interval a = common(p, shifted(x, p->in1_offset), p->in1_multiplier, p->in1_shift);
    struct lp_wide_interval b = common(p, shifted(y, p->in2_offset), p->in2_multiplier, p->in2_shift);
    const int64_t low = a.low - b.high, high = a.high - b.low;
    const int64_t least = low > 0 ? low : high < 0 ? -high : least_difference(p, x, y);
    const int64_t most = high > -low ? high : -low;
    return scale(p, (struct lp_wide_interval){least * least, most * most}, p->out_multiplier, p->out_shift);
}

struct lp_wide_interval lp_range_product(struct lp_interval a, struct lp_interval b)
{
    const int64_t corners[4] = {(int64_t)a.low * b.low, (int64_t)a.low * b.high, (int64_t)a.high * b.low,
                                (int64_t)a.high * b.high};
    struct lp_wide_interval result = {corners[0], corners[0]};
    for (uint32_t i = 1; i < 4; i++) {
        result.low = corners[i] < result.low ? corners[i] : result.low;
        result.high = corners[i] > result.high ? corners[i] : result.high;
    }
    return result;
}

static struct lp_interval combine_product(const struct lp_binary *p, struct lp_interval x, struct lp_interval y)
{
    return scale(p, lp_range_product(shifted(x, p->in1_offset), shifted(y, p->in2_offset)), p->out_multiplier, p->out_shift);
}

static struct lp_interval combine_prelu(const struct lp_binary *p, struct lp_interval x, struct lp_interval y)
{
    struct lp_interval value = shifted(x, p->in1_offset);
    struct lp_wide_interval above = {value.low > 0 ? value.low : 0, value.high};
    struct lp_interval below = {value.low, value.high < 0 ? value.high : -1};
    struct lp_interval slope = shifted(y, p->in2_offset);
    if (value.low >= 0)
        return scale(p, above, p->in1_multiplier, p->in1_shift);
    struct lp_interval negative = scale(p, lp_range_product(below, slope), p->in2_multiplier, p->in2_shift);
    return value.high < 0 ? negative : lp_range_hull(negative, scale(p, above, p->in1_multiplier, p->in1_shift));
}

static struct lp_interval combine_maximum(const struct lp_binary *p, struct lp_interval x, struct lp_interval y)
{
    (void)p;
    return (struct lp_interval){x.low > y.low ? x.low : y.low, x.high > y.high ? x.high : y.high};
}

static struct lp_interval combine_minimum(const struct lp_binary *p, struct lp_interval x, struct lp_interval y)
{
    (void)p;
    return (struct lp_interval){x.low < y.low ? x.low : y.low, x.high < y.high ? x.high : y.high};
}

/* One row per operator. */
static combine *const combinations[LP_OP_KIND_COUNT] = {
    [LP_OP_SQUARED_DIFFERENCE] = combine_squared_difference,
    [LP_OP_ADD] = combine_sum,
    [LP_OP_MAXIMUM] = combine_maximum,
    [LP_OP_MINIMUM] = combine_minimum,
    [LP_OP_MUL] = combine_product,
    [LP_OP_PRELU] = combine_prelu,
    [LP_OP_SUB] = combine_difference,
};

static struct lp_interval combine_with_itself(combine *rule, const struct lp_binary *p, struct lp_interval value)
{
    struct lp_interval all = {INT32_MAX, INT32_MIN};
    for (int32_t v = value.low; v <= value.high; v++)
        all = lp_range_hull(all, rule(p, (struct lp_interval){v, v}, (struct lp_interval){v, v}));
    return all;
}

lp_status lp_range_binary(struct lp_range_work *w)
{
    struct lp_binary p;
    lp_status status = lp_binary_params(w->graph, w->op, w->ranges->rounding, w->diag, &p);
    struct lp_interval *folded[2];
    uint32_t period = status == LP_OK ? output_period(w) : 0;
    if (status == LP_OK)
        status = fold_inputs(w, period, folded);
    if (status != LP_OK)
        return status;
    combine *rule = combinations[w->op->kind];
    /* A tensor with itself: both values are the same one. */
    bool is_square = w->op->inputs[0] == w->op->inputs[1] && p.element == LP_ELEMENT_INT8;
    struct lp_interval *out = lp_range_output(w, period);
    for (uint32_t c = 0; out != NULL && c < period; c++)
        out[c] = is_square ? combine_with_itself(rule, &p, folded[0][c]) : rule(&p, folded[0][c], folded[1][c]);
    return out == NULL ? LP_OUT_OF_MEMORY : LP_OK;
}
