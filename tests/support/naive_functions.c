/* Functions of one byte, in the integers of the published sources: gemmlowp's fixed point, and 16 bits for HARD_SWISH. */
#include "tests/support/naive_parts.h"
#include "tests/support/random_model.h"

#include <math.h>
#include <stddef.h>

static const int64_t one = 2147483647; /* 1.0 with no integer bit */

static int64_t power_of_two(int exponent)
{
    return (int64_t)1 << exponent;
}

static int64_t saturate(int64_t value, int bits)
{
    return naive_clamp(value, -power_of_two(bits - 1), power_of_two(bits - 1) - 1);
}

/* Halves away from zero. */
static int64_t divide(int64_t value, int exponent)
{
    int64_t half = exponent == 0 ? 0 : power_of_two(exponent - 1);
    return value < 0 ? -((-value + half) / power_of_two(exponent)) : (value + half) / power_of_two(exponent);
}

/* The product of two fractions of `bits` bits; halves upwards. */
static int64_t multiply(int64_t a, int64_t b, int bits)
{
    int64_t product = a * b;
    int64_t nudge = product >= 0 ? power_of_two(bits - 2) : 1 - power_of_two(bits - 2);
    return saturate((product + nudge) / power_of_two(bits - 1), bits);
}

static int64_t times(int64_t a, int64_t b)
{
    return multiply(a, b, 32);
}

/* e^a, a <= 0 with `integer_bits`. */
static int64_t exponential(int64_t a, int integer_bits)
{
    static const int64_t powers[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int64_t quarter = power_of_two(31 - integer_bits - 2);
    if (a == 0)
        return one;
    int64_t rest = (a % quarter + quarter) % quarter - quarter;
    int64_t left = rest - a;
    int64_t x = rest * power_of_two(integer_bits) + power_of_two(28);
    int64_t square = times(x, x);
    int64_t tail = times(divide(times(square, square), 2) + times(square, x), 715827883) + square;
    int64_t result = 1895147668 + times(1895147668, x + divide(tail, 1));
    for (int i = 0; i < integer_bits + 2; i++)
        if (left / (quarter * power_of_two(i)) % 2 != 0)
            result = times(result, powers[i]);
    return result;
}

/* 1 / ((1 + a) / 2) with 2 integer bits. */
static int64_t inverse(int64_t a)
{
    int64_t half = (a + one + 1) / 2;
    int64_t x = 1515870810 + times(half, -1010580540);
    for (int step = 0; step < 3; step++)
        x += saturate(times(x, power_of_two(29) - times(half, x)) * 4, 32);
    return x;
}

static int64_t logistic(int64_t a)
{
    if (a == 0)
        return power_of_two(30);
    int64_t positive = saturate(inverse(exponential(a < 0 ? a : -a, 4)) * 2, 32);
    return a > 0 ? positive : one - positive;
}

static int64_t tangent(int64_t a)
{
    if (a == 0)
        return 0;
    /* Twice the argument, in a format with one more integer bit. */
    int64_t positive = saturate((inverse(exponential(a < 0 ? a : -a, 5)) - power_of_two(29)) * 4, 32);
    return a > 0 ? positive : -positive;
}

struct byte_work {
    const struct lp_tw_tensor *in, *out;
    const struct lp_tw_op *op;
    int is_double;
};

static int64_t fixed(const struct byte_work *w, int64_t x, int64_t (*function)(int64_t a), int bits)
{
    const double q4_one = 134217728.0;
    struct naive_factor f = naive_factor_of((double)w->in->scales[0] * q4_one, w->is_double);
    int shift = 0;
    (void)frexp((double)w->in->scales[0] * q4_one, &shift);
    int64_t radius = (int64_t)floor(ldexp(15.0 * q4_one, -shift));
    if (x <= -radius)
        return -128;
    if (x >= radius)
        return 127;
    return divide(function(naive_scale_by(x, f, w->is_double)), 31 - bits) + naive_zero(w->out);
}

static int64_t line(const struct byte_work *w, int64_t x, float factor)
{
    return naive_scale_by(x, naive_factor_of((double)factor, w->is_double), w->is_double) + naive_zero(w->out);
}

static int64_t elu(const struct byte_work *w, int64_t x)
{
    float inverse_scale = 1 / w->out->scales[0];
    float real = w->in->scales[0] * (float)x;
    float result = real < 0.0f ? expf(real) - 1.0f : real;
    return (int64_t)(roundf(result * inverse_scale) + (float)naive_zero(w->out));
}

/* Functions that a table of float32 results serves, and SQRT, which is cut off instead of rounded. */
static int64_t real_function(const struct byte_work *w, int64_t x)
{
    const float real = w->in->scales[0] * (float)x;
    const float inverse_scale = 1 / w->out->scales[0];
    float result = 0;
    switch (w->op->builtin_code) {
    case TW_EXP: result = expf(real); break;
    case TW_LOG: result = x > 0 ? logf(real) : (float)(-128 - naive_zero(w->out)) * w->out->scales[0]; break;
    case TW_SQRT: return (int64_t)(sqrtf(x > 0 ? real : 0) / w->out->scales[0]) + naive_zero(w->out);
    default:
        if (w->op->fields[0].value != 0)
            result = 0.5f * real * (1.0f + tanhf(0.79788456f * (real + 0.044715f * real * real * real)));
        else
            result = 0.5f * real * (1.0f + erff(real * 0.70710678f));
    }
    /* What no integer holds is cut off, as conversions of ARM processors do. */
    return (int64_t)fminf(roundf(result * inverse_scale) + (float)naive_zero(w->out), 1000.0f);
}

/* 1 / sqrt(x) for 1..255 by the published iteration: five steps from 1, numbers with 3 integer bits. */
static struct naive_factor inverse_root(int64_t x)
{
    int64_t root = power_of_two(28);
    int right = 11;
    if (x == 1)
        return (struct naive_factor){one, 0};
    while (x < power_of_two(27)) {
        x *= 4;
        right--;
    }
    for (int step = 0; step < 5; step++) {
        int64_t cube = saturate(times(times(root, root), root) * 64, 32);
        root = saturate((times(power_of_two(28) + power_of_two(27), root) - times(divide(x / 2, 1), cube)) * 8, 32);
    }
    root = times(root, 1518500250);
    return right < 0 ? (struct naive_factor){root * power_of_two(-right), 0} : (struct naive_factor){root, -right};
}

static int64_t reciprocal_root(const struct byte_work *w, int64_t x)
{
    float product = sqrtf(w->in->scales[0]) * w->out->scales[0];
    struct naive_factor root, scale = naive_factor_of(1.0 / (double)product, w->is_double);
    if (x <= 0)
        return 127;
    root = inverse_root(x);
    root.shift += 20;
    scale.shift -= 20;
    return naive_scale_by(naive_scale_by(1, root, w->is_double), scale, w->is_double) + naive_zero(w->out);
}

/* The upper half of a multiplier, rounded. */
static int64_t narrow(int64_t multiplier)
{
    return multiplier >= one - 32768 ? 32767 : (multiplier + 32768) / 65536;
}

static int64_t hard_swish(const struct byte_work *w, int64_t x)
{
    float fine_scale = 1.0f / 128.0f * w->in->scales[0];
    float gate_scale = 3.0f / 32768.0f;
    float to_output = fine_scale / w->out->scales[0];
    float to_gate = fine_scale / gate_scale;
    struct naive_factor out = naive_factor_of((double)to_output, w->is_double);
    struct naive_factor gate = naive_factor_of((double)to_gate, w->is_double);
    int64_t fine = x * 128;
    int64_t value = multiply(fine, narrow(out.multiplier), 16);
    int64_t share = fine;
    if (gate.shift > 0)
        share = saturate(share * power_of_two(gate.shift - 1), 16);
    share = multiply(share, narrow(gate.multiplier), 16);
    if (gate.shift > 0)
        share = saturate(share * 2, 16);
    if (gate.shift < 0)
        share = divide(share, -gate.shift);
    share = (share + 32768) / 2;
    return divide(saturate(share * value / 32768, 16), -out.shift) + naive_zero(w->out);
}

static int64_t value_of(const struct byte_work *w, int64_t x)
{
    float same = w->in->scales[0] / w->out->scales[0];
    uint32_t bits = (uint32_t)w->op->fields[0].value;
    union {
        uint32_t bits;
        float value;
    } alpha = {bits};
    float bent = w->in->scales[0] * alpha.value / w->out->scales[0];
    switch (w->op->builtin_code) {
    case TW_ABS: return line(w, x < 0 ? -x : x, same);
    case TW_ELU: return elu(w, x);
    case TW_EXP:
    case TW_GELU:
    case TW_LOG:
    case TW_SQRT: return real_function(w, x);
    case TW_RSQRT: return reciprocal_root(w, x);
    case TW_HARD_SWISH: return hard_swish(w, x);
    case TW_LEAKY_RELU: return line(w, x, x < 0 ? bent : same);
    case TW_LOGISTIC: return fixed(w, x, logistic, 8);
    default: return fixed(w, x, tangent, 7);
    }
}

bool naive_function(const struct naive *n, const struct lp_tw_op *op)
{
    static const int32_t codes[] = {TW_ABS, TW_ELU,      TW_EXP,   TW_GELU, TW_HARD_SWISH, TW_LEAKY_RELU,
                                    TW_LOG, TW_LOGISTIC, TW_RSQRT, TW_SQRT, TW_TANH};
    bool is_known = false;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        is_known = is_known || codes[i] == op->builtin_code;
    if (!is_known)
        return false;
    const struct byte_work w = {naive_tensor(n, op->inputs[0]), naive_tensor(n, op->outputs[0]), op, n->is_double};
    for (size_t i = 0; i < tw_tensor_elements(w.in); i++)
        n->values[op->outputs[0]][i] = (int8_t)naive_clamp(value_of(&w, n->values[op->inputs[0]][i] - naive_zero(w.in)), -128,
                                                           127);
    return true;
}
