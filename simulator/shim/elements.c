/* Operators on elements: functions of one value, combinations of several tensors. */
#include <math.h>

#include "simulator/shim/operators.h"

/* ---- functions of one value ---- */

struct parameters {
    double alpha, beta, gamma, min, max, slope;
};
typedef double function(const struct parameters *p, double x);

static double relu(const struct parameters *p, double x)
{
    (void)p;
    return x > 0 ? x : 0;
}
static double prelu(const struct parameters *p, double x)
{
    return x >= 0 ? x : p->slope * x;
}
static double thresholded_relu(const struct parameters *p, double x)
{
    return x > p->alpha ? x : 0;
}
static double elu(const struct parameters *p, double x)
{
    return x >= 0 ? x : p->alpha * expm1(x);
}
static double selu(const struct parameters *p, double x)
{
    return p->gamma * (x > 0 ? x : p->alpha * expm1(x));
}
static double clip(const struct parameters *p, double x)
{
    return fmin(fmax(x, p->min), p->max);
}
static double sigmoid(const struct parameters *p, double x)
{
    (void)p;
    return 1 / (1 + exp(-x));
}
static double hard_sigmoid(const struct parameters *p, double x)
{
    return fmax(0, fmin(1, p->alpha * x + p->beta));
}
static double hard_swish(const struct parameters *p, double x)
{
    (void)p;
    return x * fmax(0, fmin(1, x / 6 + 0.5));
}
static double swish(const struct parameters *p, double x)
{
    (void)p;
    return x / (1 + exp(-x));
}
static double gelu(const struct parameters *p, double x)
{
    (void)p;
    return 0.5 * x * (1 + erf(x / sqrt(2)));
}
static double soft_sign(const struct parameters *p, double x)
{
    (void)p;
    return x / (1 + fabs(x));
}
static double soft_plus(const struct parameters *p, double x)
{
    (void)p;
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}
static double negative(const struct parameters *p, double x)
{
    (void)p;
    return -x;
}
static double reciprocal(const struct parameters *p, double x)
{
    (void)p;
    return 1 / x;
}
static double sign_of(const struct parameters *p, double x)
{
    (void)p;
    return (x > 0) - (x < 0);
}

/* By NodeType: either an own function or one of the C library. `round` goes to the even neighbour. */
static const struct {
    NodeType type;
    function *own;
    double (*from_libm)(double);
} functions[] = {{LL_SW_RELU, relu, NULL},
                 {LL_SW_PRELU, prelu, NULL},
                 {LL_SW_THRESHOLDEDRELU, thresholded_relu, NULL},
                 {LL_SW_ELU, elu, NULL},
                 {LL_SW_SELU, selu, NULL},
                 {LL_SW_CLIP, clip, NULL},
                 {LL_SW_SIGMOID, sigmoid, NULL},
                 {LL_SW_HARDSIGMOID, hard_sigmoid, NULL},
                 {LL_SW_HARDSWISH, hard_swish, NULL},
                 {LL_SW_SWISH, swish, NULL},
                 {LL_SW_GELU, gelu, NULL},
                 {LL_SW_SOFTSIGN, soft_sign, NULL},
                 {LL_SW_SOFTPLUS, soft_plus, NULL},
                 {LL_SW_NEG, negative, NULL},
                 {LL_SW_RECIPROCAL, reciprocal, NULL},
                 {LL_SW_SIGN, sign_of, NULL},
                 {LL_SW_ABS, NULL, fabs},
                 {LL_SW_ATAN, NULL, atan},
                 {LL_SW_ATANH, NULL, atanh},
                 {LL_SW_ACOS, NULL, acos},
                 {LL_SW_ACOSH, NULL, acosh},
                 {LL_SW_ASIN, NULL, asin},
                 {LL_SW_ASINH, NULL, asinh},
                 {LL_SW_TAN, NULL, tan},
                 {LL_SW_TANH, NULL, tanh},
                 {LL_SW_COS, NULL, cos},
                 {LL_SW_COSH, NULL, cosh},
                 {LL_SW_SIN, NULL, sin},
                 {LL_SW_SINH, NULL, sinh},
                 {LL_SW_SQRT, NULL, sqrt},
                 {LL_SW_CEIL, NULL, ceil},
                 {LL_SW_FLOOR, NULL, floor},
                 {LL_SW_ROUND, NULL, nearbyint},
                 {LL_SW_EXP, NULL, exp},
                 {LL_SW_LOG, NULL, log},
                 {LL_SW_ERF, NULL, erf}};

static bool is_function(struct lp_shim_session *s, const char *name, NodeType type)
{
    for (size_t i = 0; i < LP_COUNT(functions); i++)
        if (functions[i].type == type)
            return true;
    lp_shim_op_lacks_type(s, name, type);
    return false;
}

static double value_of(NodeType type, const struct parameters *p, double x)
{
    size_t i = 0;
    while (functions[i].type != type)
        i++;
    return functions[i].own != NULL ? functions[i].own(p, x) : functions[i].from_libm(x);
}

void lp_shim_op_activ(struct lp_shim_session *s, const void *info)
{
    const Activ_sw_info *op = info;
    const Tensor_info *from = &op->general.input;
    struct parameters p = {(double)op->alpha, (double)op->beta, (double)op->gamma, (double)op->min, (double)op->max, 0};
    const double *in = lp_shim_floats(s, from);
    if (in == NULL || !is_function(s, "activ", op->general.type))
        return;
    for (size_t i = 0; i < lp_shim_count(from); i++) {
        if (op->general.type == LL_SW_PRELU) /* a slope a channel */
            p.slope = (double)lp_shim_scale_at(s, &op->operand, i % lp_shim_extent(from->dim.tensor_c));
        lp_shim_put_float(s, &op->general.output, i, (float)value_of(op->general.type, &p, in[i]));
    }
}

void lp_shim_op_activ_integer(struct lp_shim_session *s, const void *info)
{
    const Activ_integer_sw_info *op = info;
    const Tensor_info *from = &op->general.input;
    struct parameters p = {(double)op->alpha, 0, (double)op->gamma, (double)op->min, (double)op->max, 0};
    const double *in = lp_shim_reals(s, from, &op->is, &op->izp), *slopes = NULL;
    bool has_slopes = op->general.type == LL_SW_PRELU;
    if (in == NULL || !is_function(s, "activ_integer", op->general.type))
        return;
    if (has_slopes && (slopes = lp_shim_reals(s, &op->operand, &op->operand_s, &op->operand_zp)) == NULL)
        return;
    for (size_t i = 0; i < lp_shim_count(from); i++) {
        if (has_slopes)
            p.slope = slopes[lp_shim_broadcast(&op->operand, from, i)];
        lp_shim_put_real(s, &op->general.output, i, value_of(op->general.type, &p, in[i]), &op->os, &op->ozp);
    }
}

void lp_shim_op_sign(struct lp_shim_session *s, const void *info)
{
    const Sign_sw_info *op = info;
    const double *in = lp_shim_floats(s, &op->general.input);
    for (size_t i = 0; in != NULL && i < lp_shim_count(&op->general.input); i++)
        lp_shim_put_float(s, &op->general.output, i, (float)sign_of(NULL, in[i]));
}

/* ---- combinations ---- */

typedef double combination(double a, double b);

static double sum(double a, double b)
{
    return a + b;
}
static double difference(double a, double b)
{
    return a - b;
}
static double product(double a, double b)
{
    return a * b;
}
static double quotient(double a, double b)
{
    return a / b;
}

static const struct {
    NodeType type;
    combination *of;
} combinations[] = {{LL_SW_ARITHADD, sum},     {LL_SW_ARITHSUM, sum},      {LL_SW_ARITHSUB, difference},
                    {LL_SW_ARITHMUL, product}, {LL_SW_ARITHDIV, quotient}, {LL_SW_POW, pow},
                    {LL_SW_MIN, fmin},         {LL_SW_MAX, fmax},          {LL_SW_MOD, fmod}};

static combination *combination_of(struct lp_shim_session *s, const char *name, NodeType type)
{
    for (size_t i = 0; i < LP_COUNT(combinations); i++)
        if (combinations[i].type == type)
            return combinations[i].of;
    lp_shim_op_lacks_type(s, name, type);
    return NULL;
}

void lp_shim_op_arith(struct lp_shim_session *s, const void *info)
{
    enum { MOST = 4 };
    const Arith_sw_info *op = info;
    const Tensor_info *to = &op->general.output,
                      *tensors[MOST] = {&op->general.input, &op->operand, &op->operand1, &op->operand2};
    const double *values[MOST] = {NULL};
    size_t count = op->num_of_inputs < 2 ? 2 : op->num_of_inputs;
    combination *of = combination_of(s, "arith", op->general.type);
    if (of == NULL)
        return;
    if (count > MOST) {
        lp_shim_op_lacks(s, "arith", "num_of_inputs", (int)count);
        return;
    }
    for (size_t k = 0; k < count; k++)
        if (!lp_shim_fits_broadcast(s, "arith", tensors[k], to) || (values[k] = lp_shim_floats(s, tensors[k])) == NULL)
            return;
    for (size_t i = 0; i < lp_shim_count(to); i++) {
        double value = values[0][lp_shim_broadcast(tensors[0], to, i)];
        for (size_t k = 1; k < count; k++)
            value = (double)(float)of(value, values[k][lp_shim_broadcast(tensors[k], to, i)]);
        lp_shim_put_float(s, to, i, (float)value);
    }
}

void lp_shim_op_eltwise_integer(struct lp_shim_session *s, const void *info)
{
    const Eltwise_integer_sw_info *op = info;
    const Tensor_info *from = &op->general.input, *to = &op->general.output;
    combination *of = combination_of(s, "eltwise_integer", op->general.type);
    if (of == NULL)
        return;
    if (op->num_of_inputs > 2) {
        lp_shim_op_lacks(s, "eltwise_integer", "num_of_inputs", (int)op->num_of_inputs);
        return;
    }
    const double *a = lp_shim_reals(s, from, &op->is, &op->izp),
                 *b = lp_shim_reals(s, &op->operand, &op->operand_s, &op->operand_zp);
    if (a == NULL || b == NULL || !lp_shim_fits_broadcast(s, "eltwise_integer", from, to) ||
        !lp_shim_fits_broadcast(s, "eltwise_integer", &op->operand, to))
        return;
    for (size_t i = 0; i < lp_shim_count(to); i++)
        lp_shim_put_real(s, to, i, of(a[lp_shim_broadcast(from, to, i)], b[lp_shim_broadcast(&op->operand, to, i)]), &op->os,
                         &op->ozp);
}
