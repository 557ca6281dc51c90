#include "compiler/analyze/fold.h"

enum { MOST_OPERANDS = 2 };

typedef bool calculate(int64_t a, int64_t b, int64_t *result);

static bool add(int64_t a, int64_t b, int64_t *result)
{
    return !__builtin_add_overflow(a, b, result);
}

static bool subtract(int64_t a, int64_t b, int64_t *result)
{
    return !__builtin_sub_overflow(a, b, result);
}

static bool multiply(int64_t a, int64_t b, int64_t *result)
{
    return !__builtin_mul_overflow(a, b, result);
}

static bool larger(int64_t a, int64_t b, int64_t *result)
{
    *result = a > b ? a : b;
    return true;
}

static bool smaller(int64_t a, int64_t b, int64_t *result)
{
    *result = a < b ? a : b;
    return true;
}

static bool divide(int64_t a, int64_t b, int64_t *result)
{
    if (b == 0 || (a == INT64_MIN && b == -1))
        return false;
    *result = a / b;
    return true;
}

static bool floor_divide(int64_t a, int64_t b, int64_t *result)
{
    if (!divide(a, b, result))
        return false;
    *result -= a % b != 0 && (a < 0) != (b < 0);
    return true;
}

/* Has the sign of the divisor. */
static bool floor_remainder(int64_t a, int64_t b, int64_t *result)
{
    int64_t quotient = 0;
    if (!floor_divide(a, b, &quotient))
        return false;
    *result = a - quotient * b;
    return true;
}

/* One row per operator. */
static calculate *const rules[LP_OP_KIND_COUNT] = {
    [LP_OP_ADD] = add,        [LP_OP_DIV] = divide,      [LP_OP_FLOOR_DIV] = floor_divide, [LP_OP_FLOOR_MOD] = floor_remainder,
    [LP_OP_MAXIMUM] = larger, [LP_OP_MINIMUM] = smaller, [LP_OP_MUL] = multiply,           [LP_OP_SUB] = subtract,
};

bool lp_fold_is_arithmetic(enum lp_op_kind kind)
{
    return rules[kind] != NULL;
}

/* Where element i of the output lies in an operand, which is repeated along dimensions of 1 and those that it lacks. */
static int64_t operand_index(const struct lp_tensor *out, const struct lp_tensor *operand, int64_t i)
{
    int64_t index = 0;
    int64_t stride = 1;
    for (uint32_t d = 0; d < operand->rank; d++) {
        int32_t size = operand->dims[operand->rank - 1 - d];
        int32_t out_size = out->dims[out->rank - 1 - d];
        index += size == 1 ? 0 : i % out_size * stride;
        i /= out_size;
        stride *= size;
    }
    return index;
}

lp_status lp_fold_arithmetic(struct lp_shape_work *w, void *data)
{
    const struct lp_tensor *out = lp_op_output(w->graph, w->op, 0);
    const struct lp_tensor *in[MOST_OPERANDS];
    for (uint32_t i = 0; i < MOST_OPERANDS; i++) {
        in[i] = lp_op_input(w->graph, w->op, i);
        if (in[i]->element != out->element)
            return lp_shape_error(w, LP_BAD_INPUT, "input %u is %s and its output %s; both must be of one type", (unsigned)i,
                                  lp_element_name(in[i]->element), lp_element_name(out->element));
    }
    lp_status status = LP_OK;
    for (int64_t i = 0; i < lp_tensor_elements(out) && status == LP_OK; i++) {
        int64_t a = lp_fold_number(in[0], operand_index(out, in[0], i));
        int64_t b = lp_fold_number(in[1], operand_index(out, in[1], i));
        int64_t result = 0;
        if (!rules[w->op->kind](a, b, &result))
            return lp_shape_error(w, LP_BAD_INPUT, "%lld and %lld have no result that fits 64 bits", (long long)a, (long long)b);
        status = lp_fold_put(w, data, i, result);
    }
    return status;
}
