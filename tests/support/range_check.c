#include "tests/support/range_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static int64_t value_at(const struct lp_tensor *t, const void *values, int64_t i)
{
    switch (t->element) {
    case LP_ELEMENT_INT8: return ((const int8_t *)values)[i];
    case LP_ELEMENT_UINT8: return ((const uint8_t *)values)[i];
    case LP_ELEMENT_INT16: return ((const int16_t *)values)[i];
    case LP_ELEMENT_INT64: return ((const int64_t *)values)[i];
    default: return ((const int32_t *)values)[i];
    }
}

size_t range_check_tensor(const struct lp_ranges *ranges, int32_t tensor, const void *values, const char *who)
{
    const struct lp_tensor *t = &ranges->graph->tensors[tensor];
    if (ranges->tensors[tensor].period == 0)
        return 0;
    for (int64_t i = 0; i < lp_tensor_elements(t); i++) {
        struct lp_interval range = lp_range_at(ranges, tensor, i);
        int64_t value = value_at(t, values, i);
        if (value < range.low || value > range.high)
            fail_msg("%s: tensor %d ('%s') element %lld is %lld, its range is %d to %d", who, (int)tensor, t->name, (long long)i,
                     (long long)value, (int)range.low, (int)range.high);
    }
    return (size_t)lp_tensor_elements(t);
}

/* One sum: its operands by plain indices of the .tflite layouts. */
struct position {
    const struct lp_graph *graph;
    const struct lp_op *op;
    const void *in;
    int32_t batch, y, x, channel;
};

struct map {
    int32_t h, w, c;
};

static struct map map_of(const struct lp_tensor *t, bool is_flat, int32_t row)
{
    return is_flat ? (struct map){1, 1, row} : (struct map){t->dims[1], t->dims[2], t->dims[3]};
}

static const void *values_of(const struct lp_graph *g, void *const *values, int32_t tensor)
{
    return g->tensors[tensor].data != NULL ? g->tensors[tensor].data : values[tensor];
}

static uint32_t data_input(const struct lp_op *op)
{
    return op->kind == LP_OP_TRANSPOSE_CONV ? 2 : 0;
}

/* Where a tap of the kernel finds its input, along one side. */
struct place {
    int32_t at;
    bool is_in_step; /* false: TRANSPOSE_CONV has no input there at all, as the stride jumps over it */
};

static struct place place_of(const struct position *p, int32_t out, int32_t k, bool is_row)
{
    const struct lp_window *win = &p->op->as.window;
    int32_t stride = is_row ? win->stride_h : win->stride_w;
    int32_t pad = is_row ? win->pad_top : win->pad_left;
    if (p->op->kind != LP_OP_TRANSPOSE_CONV)
        return (struct place){out * stride - pad + k * (is_row ? win->dilation_h : win->dilation_w), true};
    int32_t from = out + pad - k;
    return (struct place){from < 0 ? -1 : from / stride, from % stride == 0};
}

/* Term n of the sum; false beyond the last. A term outside the map is 0 and `is_inside` false. */
static bool term(const struct position *p, int64_t n, int64_t *value, bool *is_inside)
{
    const struct lp_tensor *in = lp_op_input(p->graph, p->op, data_input(p->op));
    const struct lp_tensor *filter = lp_op_input(p->graph, p->op, 1);
    bool is_flat = p->op->kind == LP_OP_FULLY_CONNECTED;
    bool is_depthwise = p->op->kind == LP_OP_DEPTHWISE_CONV_2D;
    int32_t kernel_w = is_flat ? 1 : filter->dims[2];
    int32_t taps = is_flat ? 1 : filter->dims[1] * kernel_w;
    int32_t depth = is_depthwise ? 1 : filter->dims[filter->rank - 1];
    struct map m = map_of(in, is_flat, depth);
    if (n >= (int64_t)taps * depth)
        return false;
    int32_t tap = (int32_t)(n / depth);
    int32_t i = (int32_t)(n % depth);
    struct place y = is_flat ? (struct place){0, true} : place_of(p, p->y, tap / kernel_w, true);
    struct place x = is_flat ? (struct place){0, true} : place_of(p, p->x, tap % kernel_w, false);
    int32_t groups = is_depthwise || is_flat ? 1 : m.c / depth;
    int32_t outputs = is_depthwise ? filter->dims[3] : filter->dims[0];
    int32_t channel = is_depthwise ? p->channel / (outputs / m.c) : p->channel / (outputs / groups) * depth + i;
    const int8_t *weight = filter->data;
    int64_t at = is_depthwise ? (int64_t)tap * outputs + p->channel : ((int64_t)p->channel * taps + tap) * depth + i;
    bool is_above = y.at >= 0 && y.at < m.h, is_beside = x.at >= 0 && x.at < m.w;
    *is_inside = (is_above || !y.is_in_step) && (is_beside || !x.is_in_step);
    *value = 0;
    if (is_above && is_beside && y.is_in_step && x.is_in_step)
        *value = (int64_t)(value_at(in, p->in, (((int64_t)p->batch * m.h + y.at) * m.w + x.at) * m.c + channel) -
                           in->quant.zero_point[0]) *
                 weight[at];
    return true;
}

static void need_inside(struct lp_wide_interval range, int64_t value, const char *what, const struct position *p, const char *who)
{
    if (value < range.low || value > range.high)
        fail_msg("%s: operator %u, channel %d at %d,%d: %s is %lld, its range is %lld to %lld", who,
                 (unsigned)p->op->source_index, (int)p->channel, (int)p->y, (int)p->x, what, (long long)value,
                 (long long)range.low, (long long)range.high);
}

static void check_position(const struct lp_accumulator_range *range, const struct position *p, const char *who)
{
    const struct lp_tensor *bias = lp_op_input(p->graph, p->op, data_input(p->op) == 0 ? 2 : 3);
    int64_t start = bias == NULL ? 0 : value_at(bias, bias->data, p->channel);
    int64_t sum = 0;
    int64_t every_third = 0;
    int64_t value = 0;
    bool is_inside = true;
    bool all_inside = true;
    for (int64_t n = 0; term(p, n, &value, &is_inside); n++) {
        sum += value;
        every_third += n % 3 == 0 ? value : 0;
        all_inside = all_inside && is_inside;
        need_inside(range->partial, sum, "a partial sum without bias", p, who);
        need_inside(range->partial, start + sum, "a partial sum with bias", p, who);
        need_inside(range->partial, start + every_third, "a sum of some terms", p, who);
    }
    need_inside(range->anywhere, start + sum, "the sum", p, who);
    if (all_inside)
        need_inside(range->interior, start + sum, "a sum inside the map", p, who);
}

static size_t check_filter_sums(const struct lp_ranges *ranges, uint32_t op_index, void *const *values, const char *who)
{
    const struct lp_graph *g = ranges->graph;
    const struct lp_op *op = &g->ops[op_index];
    const struct lp_tensor *out = lp_op_output(g, op, 0);
    const void *in = values_of(g, values, op->inputs[data_input(op)]);
    const struct lp_op_range *range = &ranges->ops[op_index];
    bool is_flat = op->kind == LP_OP_FULLY_CONNECTED;
    int32_t channels = (int32_t)range->count;
    int64_t rows = lp_tensor_elements(out) / channels;
    int32_t h = is_flat ? 1 : out->dims[1];
    int32_t w = is_flat ? 1 : out->dims[2];
    for (int64_t r = 0; r < rows; r++) {
        struct position p = {g, op, in, (int32_t)(r / ((int64_t)h * w)), (int32_t)(r / w % h), (int32_t)(r % w), 0};
        for (; p.channel < channels; p.channel++)
            check_position(&range->of[p.channel], &p, who);
    }
    return (size_t)lp_tensor_elements(out);
}

/* ---- operators without a filter: every output element has its own sum ---- */

struct sums {
    const struct lp_accumulator_range *of;
    uint32_t count;
    int64_t start; /* what is added in the place of a bias */
    const char *who;
    const char *op;
};

/* Terms of output element `element`, in any order; a window that is cut off at the border is not `whole`. */
static void check_terms(const struct sums *s, int64_t element, const int64_t *terms, size_t count, bool whole)
{
    const struct lp_accumulator_range *range = &s->of[element % s->count];
    int64_t sum = 0, every_third = 0;
    for (size_t n = 0; n < count; n++) {
        sum += terms[n];
        every_third += n % 3 == 0 ? terms[n] : 0;
        const int64_t parts[] = {sum, s->start + sum, every_third, s->start + every_third};
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
            if (parts[i] < range->partial.low || parts[i] > range->partial.high)
                fail_msg("%s: %s, element %lld: a partial sum is %lld, its range is %lld to %lld", s->who, s->op,
                         (long long)element, (long long)parts[i], (long long)range->partial.low, (long long)range->partial.high);
    }
    const struct lp_wide_interval all = whole ? range->interior : range->anywhere;
    sum += s->start;
    if (sum < all.low || sum > all.high || sum < range->anywhere.low || sum > range->anywhere.high)
        fail_msg("%s: %s, element %lld: the sum is %lld, its range is %lld to %lld", s->who, s->op, (long long)element,
                 (long long)sum, (long long)all.low, (long long)all.high);
}

static size_t check_average_pool(const struct sums *s, const struct lp_graph *g, const struct lp_op *op, void *const *values)
{
    const struct lp_tensor *in = lp_op_input(g, op, 0), *out = lp_op_output(g, op, 0);
    const struct lp_window *win = &op->as.window;
    const void *data = values_of(g, values, op->inputs[0]);
    const int32_t h = in->dims[1], w = in->dims[2], c = in->dims[3];
    int64_t *terms = calloc((size_t)win->kernel_h * (size_t)win->kernel_w, sizeof *terms);
    assert_non_null(terms);
    for (int64_t i = 0; i < lp_tensor_elements(out); i++) {
        const int64_t channel = i % c, x = i / c % out->dims[2], y = i / c / out->dims[2] % out->dims[1];
        const int64_t batch = i / c / out->dims[2] / out->dims[1];
        size_t count = 0;
        for (int32_t ky = 0; ky < win->kernel_h; ky++)
            for (int32_t kx = 0; kx < win->kernel_w; kx++) {
                const int64_t row = y * win->stride_h - win->pad_top + ky, column = x * win->stride_w - win->pad_left + kx;
                if (row >= 0 && row < h && column >= 0 && column < w)
                    terms[count++] = value_at(in, data, ((batch * h + row) * w + column) * c + channel);
            }
        check_terms(s, i, terms, count, count == (size_t)win->kernel_h * (size_t)win->kernel_w);
    }
    free(terms);
    return (size_t)lp_tensor_elements(out);
}

static bool is_averaged(const struct lp_tensor *axes, uint32_t d, uint32_t rank)
{
    for (int64_t i = 0; i < lp_tensor_elements(axes); i++) {
        const int64_t axis = value_at(axes, axes->data, i);
        if ((axis < 0 ? axis + rank : axis) == d)
            return true;
    }
    return false;
}

static size_t check_mean(const struct lp_graph *g, const struct lp_op *op, void *const *values, struct sums *s)
{
    const struct lp_tensor *in = lp_op_input(g, op, 0), *out = lp_op_output(g, op, 0), *axes = lp_op_input(g, op, 1);
    const void *data = values_of(g, values, op->inputs[0]);
    const size_t elements = (size_t)lp_tensor_elements(in), results = (size_t)lp_tensor_elements(out), each = elements / results;
    int64_t *terms = calloc(elements, sizeof *terms);
    size_t *filled = calloc(results, sizeof *filled);
    assert_non_null(terms);
    assert_non_null(filled);
    s->start = -(int64_t)each * in->quant.zero_point[0];
    for (size_t i = 0; i < elements; i++) {
        size_t rest = i, at = 0, step = 1;
        for (uint32_t d = in->rank; d-- > 0; rest /= (size_t)in->dims[d])
            if (!is_averaged(axes, d, in->rank)) {
                at += rest % (size_t)in->dims[d] * step;
                step *= (size_t)in->dims[d];
            }
        terms[at * each + filled[at]++] = value_at(in, data, (int64_t)i);
    }
    for (size_t i = 0; i < results; i++)
        check_terms(s, (int64_t)i, terms + i * each, each, true);
    free(terms);
    free(filled);
    return results;
}

/* Place of a batch of `out` in an operand whose batches may be fewer. */
static int64_t batch_of(const struct lp_tensor *t, const struct lp_tensor *out, int64_t batch)
{
    int64_t at = 0, step = 1;
    for (uint32_t back = 3; back <= out->rank; back++) {
        const int64_t here = out->dims[out->rank - back], index = batch % here;
        const int64_t own = back <= t->rank ? t->dims[t->rank - back] : 1;
        at += (own == 1 ? 0 : index) * step;
        step *= own;
        batch /= here;
    }
    return at;
}

static size_t check_matmul(const struct sums *s, const struct lp_graph *g, const struct lp_op *op, void *const *values)
{
    const struct lp_tensor *a = lp_op_input(g, op, 0), *b = lp_op_input(g, op, 1), *out = lp_op_output(g, op, 0);
    const void *left = values_of(g, values, op->inputs[0]), *right = values_of(g, values, op->inputs[1]);
    const int64_t rows = out->dims[out->rank - 2], columns = out->dims[out->rank - 1];
    const int64_t depth = a->dims[op->as.batch_matmul.adjoint_1 ? a->rank - 2 : a->rank - 1];
    int64_t *terms = calloc((size_t)depth, sizeof *terms);
    assert_non_null(terms);
    for (int64_t i = 0; i < lp_tensor_elements(out); i++) {
        const int64_t column = i % columns, row = i / columns % rows, batch = i / columns / rows;
        const int64_t of_a = batch_of(a, out, batch) * rows * depth, of_b = batch_of(b, out, batch) * depth * columns;
        for (int64_t k = 0; k < depth; k++) {
            const int64_t at_a = op->as.batch_matmul.adjoint_1 ? k * rows + row : row * depth + k;
            const int64_t at_b = op->as.batch_matmul.adjoint_2 ? column * depth + k : k * columns + column;
            terms[k] = (value_at(a, left, of_a + at_a) - a->quant.zero_point[0]) *
                       (value_at(b, right, of_b + at_b) - b->quant.zero_point[0]);
        }
        check_terms(s, i, terms, (size_t)depth, true);
    }
    free(terms);
    return (size_t)lp_tensor_elements(out);
}

size_t range_check_accumulators(const struct lp_ranges *ranges, uint32_t op_index, void *const *values, const char *who)
{
    const struct lp_graph *g = ranges->graph;
    const struct lp_op *op = &g->ops[op_index];
    const struct lp_op_range *range = &ranges->ops[op_index];
    struct sums s = {range->of, range->count, 0, who, lp_op_kind_table[op->kind].name};
    if (range->view != NULL)
        return check_filter_sums(ranges, op_index, values, who);
    switch (op->kind) {
    case LP_OP_AVERAGE_POOL_2D: return check_average_pool(&s, g, op, values);
    case LP_OP_MEAN: return check_mean(g, op, values, &s);
    case LP_OP_BATCH_MATMUL: return check_matmul(&s, g, op, values);
    default: return 0;
    }
}
