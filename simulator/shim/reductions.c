/* Reductions along one axis. */
#include <math.h>

#include "simulator/shim/operators.h"

/* One run of `a`, its first element at `in`. */
static double reduced(NodeType type, const struct lp_shim_axis *a, const double *in)
{
    double sum = 0, product = 1, most = -INFINITY, least = INFINITY, exponentials = 0;
    for (size_t k = 0; k < a->depth; k++) {
        double v = in[k * a->inner];
        sum += v;
        product *= v;
        most = fmax(most, v);
        least = fmin(least, v);
    }
    for (size_t k = 0; k < a->depth; k++)
        exponentials += exp(in[k * a->inner] - most);
    switch (type) {
    case LL_SW_REDUCESUM: return sum;
    case LL_SW_REDUCEMEAN: return sum / (double)a->depth;
    case LL_SW_REDUCEMAX: return most;
    case LL_SW_REDUCEMIN: return least;
    case LL_SW_REDUCEPROD: return product;
    default: return most + log(exponentials);
    }
}

/* The output holds one value for each run. */
static bool fits(struct lp_shim_session *s, const char *name, const General *general, const struct lp_shim_axis *a)
{
    bool good = lp_shim_count(&general->output) == a->inner * a->outer;
    if (!good)
        lp_shim_fail(s, LP_BAD_INPUT, "ll_sw_forward_%s gives %zu values; its output has %zu", name, a->inner * a->outer,
                     lp_shim_count(&general->output));
    return good;
}

void lp_shim_op_reduce(struct lp_shim_session *s, const void *info)
{
    static const NodeType known[] = {LL_SW_REDUCESUM, LL_SW_REDUCEMEAN, LL_SW_REDUCEMAX,
                                     LL_SW_REDUCEMIN, LL_SW_REDUCEPROD, LL_SW_REDUCELOGSUMEXP};
    const Reduce_sw_info *op = info;
    const struct lp_shim_axis a = lp_shim_axis_of(&op->general.input, op->axis);
    const double *in = lp_shim_floats(s, &op->general.input);
    bool is_known = false;
    for (size_t i = 0; i < LP_COUNT(known); i++)
        is_known = is_known || known[i] == op->general.type;
    if (!is_known)
        lp_shim_op_lacks_type(s, "reduce", op->general.type);
    if (in == NULL || !is_known || !fits(s, "reduce", &op->general, &a))
        return;
    for (size_t i = 0; i < a.outer * a.inner; i++)
        lp_shim_put_float(s, &op->general.output, i,
                          (float)reduced(op->general.type, &a, in + i / a.inner * a.depth * a.inner + i % a.inner));
}

/* Indices are int32. */
static void arg(struct lp_shim_session *s, const char *name, const Argmax_sw_info *op, const double *in, double sign)
{
    const struct lp_shim_axis a = lp_shim_axis_of(&op->general.input, op->axis);
    if (in == NULL || !fits(s, name, &op->general, &a))
        return;
    for (size_t i = 0; i < a.outer * a.inner; i++) {
        const double *run = in + i / a.inner * a.depth * a.inner + i % a.inner;
        size_t best = 0;
        for (size_t k = 1; k < a.depth; k++) {
            double ahead = sign * (run[k * a.inner] - run[best * a.inner]);
            if (ahead > 0 || (ahead == 0 && op->select_last_index != 0))
                best = k;
        }
        lp_shim_put_int32(s, &op->general.output, i, (int32_t)best);
    }
}

void lp_shim_op_argmax(struct lp_shim_session *s, const void *info)
{
    const Argmax_sw_info *op = info;
    arg(s, "argmax", op, lp_shim_floats(s, &op->general.input), 1);
}

void lp_shim_op_argmin(struct lp_shim_session *s, const void *info)
{
    const Argmin_sw_info *op = info;
    arg(s, "argmin", op, lp_shim_floats(s, &op->general.input), -1);
}

void lp_shim_op_argmax_integer(struct lp_shim_session *s, const void *info)
{
    const Argmax_integer_sw_info *op = info;
    arg(s, "argmax_integer", op, lp_shim_bytes(s, &op->general.input), 1);
}

void lp_shim_op_argmin_integer(struct lp_shim_session *s, const void *info)
{
    const Argmin_integer_sw_info *op = info;
    arg(s, "argmin_integer", op, lp_shim_bytes(s, &op->general.input), -1);
}
