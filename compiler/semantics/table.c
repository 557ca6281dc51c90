/* Functions of one byte: the compiler computes all 256 results, each as TensorFlow Lite's kernel does. */
#include "compiler/semantics/multiplier.h"
#include "compiler/semantics/operands.h"
#include "contract/fixed_point.h"

#include <math.h>

enum { BYTES = 256, INPUT_INTEGER_BITS = 4 };

struct table_work {
    const struct lp_place_of_op *at;
    const struct lp_tensor *in, *out;
    enum lp_rounding rounding;
    int8_t *table;
};

typedef lp_status fill_table(const struct table_work *w);

/* The input of entry i, minus the zero point. */
static int32_t input_of(const struct table_work *w, int32_t i)
{
    return i + INT8_MIN - lp_zero_point_of(w->in);
}

static int8_t to_byte(int32_t value)
{
    return (int8_t)lp_clamp_s32(value, INT8_MIN, INT8_MAX);
}

/* LOGISTIC and TANH: the input in Q4, and the radius beyond which the result no longer changes (CalculateInputRadius in
 * tensorflow/lite/kernels/internal/quantization_util.cc, with 4 integer bits of 31). */
struct q4_input {
    int32_t multiplier, radius;
    int8_t shift;
};

static lp_status q4_of(const struct table_work *w, struct q4_input *q4)
{
    double factor = (double)lp_scale_of(w->in) * (1 << (31 - INPUT_INTEGER_BITS));
    if (!(factor > 1))
        return lp_op_error(w->at, LP_UNSUPPORTED, "the input's scale %g is too small: every output would be the same",
                           (double)lp_scale_of(w->in));
    if (factor >= 1073741824.0) {
        /* The radius is below 1, which the reference rounds down: even the zero point lies beyond. */
        *q4 = (struct q4_input){.radius = 0};
        return LP_OK;
    }
    lp_status status = lp_need_multiplier(w->at, factor, w->rounding, &q4->multiplier, &q4->shift);
    if (status == LP_OK)
        q4->radius = (int32_t)(((int64_t)((1 << INPUT_INTEGER_BITS) - 1) << (31 - INPUT_INTEGER_BITS)) >> q4->shift);
    return status;
}

static lp_status need_output(const struct table_work *w, float scale, int32_t zero_point)
{
    if (fabsf(lp_scale_of(w->out) - scale) <= 0.001f * scale && lp_zero_point_of(w->out) == zero_point)
        return LP_OK;
    return lp_op_error(w->at, LP_UNSUPPORTED, "the output has scale %g and zero point %ld, they have to be %g and %ld",
                       (double)lp_scale_of(w->out), (long)lp_zero_point_of(w->out), (double)scale, (long)zero_point);
}

/* A fixed-point function that is Q4 -> Q0, with `bits` bits of the result kept. */
static void fill_fixed(const struct table_work *w, const struct q4_input *q4, int32_t (*function)(int32_t), int32_t bits,
                       int32_t zero_point)
{
    for (int32_t i = 0; i < BYTES; i++) {
        int32_t x = input_of(w, i);
        if (x <= -q4->radius)
            w->table[i] = INT8_MIN;
        else if (x >= q4->radius)
            w->table[i] = INT8_MAX;
        else
            w->table[i] = to_byte(
                lp_divide_by_pot(function(lp_requantize(x, q4->multiplier, q4->shift, (uint8_t)w->rounding)), 31 - bits) +
                zero_point);
    }
}

static lp_status fill_logistic(const struct table_work *w)
{
    struct q4_input q4;
    lp_status status = need_output(w, 1.0f / 256, INT8_MIN);
    if (status == LP_OK)
        status = q4_of(w, &q4);
    if (status == LP_OK)
        fill_fixed(w, &q4, lp_fixed_logistic, 8, INT8_MIN);
    return status;
}

static lp_status fill_tanh(const struct table_work *w)
{
    struct q4_input q4;
    lp_status status = need_output(w, 1.0f / 128, 0);
    if (status == LP_OK)
        status = q4_of(w, &q4);
    if (status == LP_OK)
        fill_fixed(w, &q4, lp_fixed_tanh, 7, 0);
    return status;
}

/* A requantized line on either side of zero. */
static lp_status fill_lines(const struct table_work *w, double negative, double positive, bool is_mirrored)
{
    int32_t multiplier[2];
    int8_t shift[2];
    lp_status status = lp_need_multiplier(w->at, negative, w->rounding, &multiplier[0], &shift[0]);
    if (status == LP_OK)
        status = lp_need_multiplier(w->at, positive, w->rounding, &multiplier[1], &shift[1]);
    for (int32_t i = 0; i < BYTES && status == LP_OK; i++) {
        int32_t x = input_of(w, i);
        int32_t side = x >= 0;
        x = is_mirrored && x < 0 ? -x : x;
        w->table[i] = to_byte(
            lp_add_wrapping(lp_requantize(x, multiplier[side], shift[side], (uint8_t)w->rounding), lp_zero_point_of(w->out)));
    }
    return status;
}

/* The reference computes these factors in float32. */
static void leaky_relu_factors(const struct lp_op *op, const struct lp_tensor *in, const struct lp_tensor *out, double *negative,
                               double *positive)
{
    const float scaled_alpha = lp_scale_of(in) * op->as.leaky_relu.alpha;
    const float slope = scaled_alpha / lp_scale_of(out);
    const float identity = lp_scale_of(in) / lp_scale_of(out);
    *negative = (double)slope;
    *positive = (double)identity;
}

static lp_status fill_leaky_relu(const struct table_work *w)
{
    double negative, positive;
    leaky_relu_factors(w->at->op, w->in, w->out, &negative, &positive);
    return fill_lines(w, negative, positive, false);
}

lp_status lp_leaky_relu_s16_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding,
                                   struct lp_diag *diag, struct lp_leaky_relu_s16 *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct lp_tensor *in = lp_op_input(graph, op, 0);
    const struct lp_tensor *result = lp_op_output(graph, op, 0);
    double negative, positive;
    lp_status status = lp_need_small(&at, in, "input");
    if (status == LP_OK)
        status = lp_need_small(&at, result, "output");
    if (status == LP_OK && in->element != result->element)
        return lp_op_error(&at, LP_UNSUPPORTED, "its input is %s and its output %s, they have to be of one type",
                           lp_element_name(in->element), lp_element_name(result->element));
    if (status == LP_OK)
        status = lp_need_same_size(&at, in, result);
    if (status != LP_OK)
        return status;
    leaky_relu_factors(op, in, result, &negative, &positive);
    *out = (struct lp_leaky_relu_s16){.count = (int32_t)lp_tensor_elements(in), .rounding = (uint8_t)rounding};
    status = lp_need_multiplier(&at, negative, rounding, &out->negative_multiplier, &out->negative_shift);
    return status == LP_OK ? lp_need_multiplier(&at, positive, rounding, &out->positive_multiplier, &out->positive_shift)
                           : status;
}

static lp_status fill_abs(const struct table_work *w)
{
    const float factor = lp_scale_of(w->in) / lp_scale_of(w->out);
    return fill_lines(w, (double)factor, (double)factor, true);
}

/* What TensorFlow Lite's LUTPopulate makes of a function of float32; halves away from zero. */
static lp_status fill_real(const struct table_work *w, float (*function)(const struct table_work *w, float x))
{
    const float inverse = 1 / lp_scale_of(w->out);
    if (!isfinite(inverse) || !isfinite(lp_scale_of(w->in) * 255))
        return lp_op_error(w->at, LP_UNSUPPORTED, "the scales %g and %g of its input and output are at the limits of float32",
                           (double)lp_scale_of(w->in), (double)lp_scale_of(w->out));
    for (int32_t i = 0; i < BYTES; i++) {
        const float y = function(w, lp_scale_of(w->in) * (float)input_of(w, i));
        const float steps = roundf(y * inverse) + (float)lp_zero_point_of(w->out);
        w->table[i] = steps >= INT8_MAX ? INT8_MAX : steps > INT8_MIN ? (int8_t)steps : INT8_MIN;
    }
    return LP_OK;
}

static float elu(const struct table_work *w, float x)
{
    (void)w;
    return x < 0.0f ? expf(x) - 1.0f : x;
}

static float exponential(const struct table_work *w, float x)
{
    (void)w;
    return expf(x);
}

/* Both formulas of TensorFlow Lite Micro's gelu.cc, in float32. */
static float gelu(const struct table_work *w, float x)
{
    const float root_of_half = 0.70710678118654752f, root_of_two_over_pi = 0.79788456080286536f;
    if (w->at->op->as.gelu.is_approximate)
        return 0.5f * x * (1.0f + tanhf(root_of_two_over_pi * (x + 0.044715f * x * x * x)));
    return 0.5f * x * (1.0f + erff(x * root_of_half));
}

/* The logarithm of what has none is the least output. */
static float logarithm(const struct table_work *w, float x)
{
    return x > 0.0f ? logf(x) : (float)(INT8_MIN - lp_zero_point_of(w->out)) * lp_scale_of(w->out);
}

static lp_status fill_elu(const struct table_work *w)
{
    return fill_real(w, elu);
}

static lp_status fill_exp(const struct table_work *w)
{
    return fill_real(w, exponential);
}

static lp_status fill_gelu(const struct table_work *w)
{
    return fill_real(w, gelu);
}

static lp_status fill_log(const struct table_work *w)
{
    return fill_real(w, logarithm);
}

/* Rounded towards zero. Below zero the reference stops with an error; here the result is that of zero. */
static lp_status fill_sqrt(const struct table_work *w)
{
    for (int32_t i = 0; i < BYTES; i++) {
        const int32_t x = input_of(w, i);
        const float steps = sqrtf(lp_scale_of(w->in) * (float)(x > 0 ? x : 0)) / lp_scale_of(w->out);
        w->table[i] = steps > 2 * BYTES ? INT8_MAX : to_byte((int32_t)steps + lp_zero_point_of(w->out));
    }
    return LP_OK;
}

/* 1 / sqrt of the integer with 20 fractional bits, then the scales. Zero gives the largest output; below zero the reference
 * stops with an error, and here the result is that of zero. */
static lp_status fill_rsqrt(const struct table_work *w)
{
    enum { FRACTION_BITS = 20, MOST_RIGHT_SHIFT = 31 };
    const float product = sqrtf(lp_scale_of(w->in)) * lp_scale_of(w->out);
    int32_t multiplier = 0;
    int8_t shift = 0;
    lp_status status = lp_need_multiplier(w->at, 1.0 / (double)product, w->rounding, &multiplier, &shift);
    if (status != LP_OK)
        return status;
    if (shift - FRACTION_BITS < -MOST_RIGHT_SHIFT)
        return lp_op_error(w->at, LP_UNSUPPORTED, "the output's scale %g is too large for the input's scale %g",
                           (double)lp_scale_of(w->out), (double)lp_scale_of(w->in));
    for (int32_t i = 0; i < BYTES; i++) {
        const int32_t x = input_of(w, i);
        int32_t root_multiplier = 0, root_shift = 0;
        lp_fixed_inverse_root(x > 0 ? x : 0, &root_multiplier, &root_shift);
        const int32_t fine = lp_requantize(1, root_multiplier, root_shift + FRACTION_BITS, (uint8_t)w->rounding);
        const int32_t steps = lp_requantize(fine, multiplier, shift - FRACTION_BITS, (uint8_t)w->rounding);
        w->table[i] = x > 0 ? to_byte(steps + lp_zero_point_of(w->out)) : INT8_MAX;
    }
    return LP_OK;
}

/* HARD_SWISH computes with 16 bits. */
static int32_t narrow(int32_t multiplier)
{
    return multiplier >= INT32_MAX - (1 << 15) ? INT16_MAX : (multiplier + (1 << 15)) >> 16;
}

static int32_t clamp_16(int32_t value)
{
    return lp_clamp_s32(value, INT16_MIN, INT16_MAX);
}

/* Halves away from zero. */
static int32_t high_mul_16(int32_t a, int32_t b)
{
    int32_t product = a * b;
    int32_t nudge = product >= 0 ? 1 << 14 : 1 - (1 << 14);
    return clamp_16((product + nudge) / (1 << 15));
}

struct hard_swish {
    int32_t out_multiplier, gate_multiplier;
    int32_t out_shift, gate_shift;
};

/* x * clamp(x / 6 + 1/2, 0, 1), x with 7 more bits; the gate runs from -1 to 1 before it is halved. */
static int32_t hard_swish(const struct hard_swish *p, int32_t x)
{
    int32_t fine = clamp_16(x * 128);
    int32_t product = high_mul_16(fine, p->out_multiplier);
    int32_t gate = fine;
    if (p->gate_shift > 0)
        gate = clamp_16(gate * (1 << (p->gate_shift > 16 ? 16 : p->gate_shift - 1)));
    gate = high_mul_16(gate, p->gate_multiplier);
    if (p->gate_shift > 0)
        gate = clamp_16(gate * 2);
    if (p->gate_shift < 0)
        gate = lp_divide_by_pot(gate, -p->gate_shift);
    gate = (gate + (1 << 15)) >> 1;
    return lp_divide_by_pot(clamp_16(gate * product / (1 << 15)), -p->out_shift);
}

static lp_status fill_hard_swish(const struct table_work *w)
{
    const float fine_scale = 1.0f / 128.0f * lp_scale_of(w->in);
    const float gate_scale = 3.0f / 32768.0f;
    const float out_factor = fine_scale / lp_scale_of(w->out);
    const float gate_factor = fine_scale / gate_scale;
    struct hard_swish p;
    int8_t out_shift = 0;
    int8_t gate_shift = 0;
    lp_status status = lp_need_multiplier(w->at, (double)out_factor, w->rounding, &p.out_multiplier, &out_shift);
    if (status == LP_OK)
        status = lp_need_multiplier(w->at, (double)gate_factor, w->rounding, &p.gate_multiplier, &gate_shift);
    if (status != LP_OK)
        return status;
    if (out_shift > 0)
        return lp_op_error(w->at, LP_UNSUPPORTED, "the output's scale %g is too small for the input's scale %g",
                           (double)lp_scale_of(w->out), (double)lp_scale_of(w->in));
    p = (struct hard_swish){narrow(p.out_multiplier), narrow(p.gate_multiplier), out_shift, gate_shift};
    for (int32_t i = 0; i < BYTES; i++)
        w->table[i] = to_byte(hard_swish(&p, input_of(w, i)) + lp_zero_point_of(w->out));
    return LP_OK;
}

/* One row per operator. */
static fill_table *const rules[LP_OP_KIND_COUNT] = {
    [LP_OP_ABS] = fill_abs,
    [LP_OP_ELU] = fill_elu,
    [LP_OP_EXP] = fill_exp,
    [LP_OP_GELU] = fill_gelu,
    [LP_OP_HARD_SWISH] = fill_hard_swish,
    [LP_OP_LEAKY_RELU] = fill_leaky_relu,
    [LP_OP_LOG] = fill_log,
    [LP_OP_LOGISTIC] = fill_logistic,
    [LP_OP_RSQRT] = fill_rsqrt,
    [LP_OP_SQRT] = fill_sqrt,
    [LP_OP_TANH] = fill_tanh,
};

lp_status lp_table_params(const struct lp_graph *graph, const struct lp_op *op, enum lp_rounding rounding, struct lp_diag *diag,
                          int8_t table[LP_TABLE_BYTES], struct lp_table_s8 *out)
{
    const struct lp_place_of_op at = {graph, op, diag};
    const struct table_work w = {&at, lp_op_input(graph, op, 0), lp_op_output(graph, op, 0), rounding, table};
    lp_status status = lp_need_int8(&at, w.in, "input");
    if (status == LP_OK)
        status = lp_need_int8(&at, w.out, "output");
    if (status == LP_OK)
        status = lp_need_same_size(&at, w.in, w.out);
    if (status == LP_OK)
        status = rules[op->kind](&w);
    if (status == LP_OK)
        *out = (struct lp_table_s8){.count = (int32_t)lp_tensor_elements(w.in)};
    return status;
}
