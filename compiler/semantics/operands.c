#include "compiler/semantics/operands.h"

#include "compiler/semantics/multiplier.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

lp_status lp_op_error(const struct lp_place_of_op *at, lp_status status, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return lp_error(at->diag, status, "operator %u (%s '%s'): %s", (unsigned)at->op->source_index,
                    lp_op_kind_table[at->op->kind].name, lp_op_name(at->graph, at->op), text);
}

static lp_status need_tensor(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role)
{
    if (tensor == NULL)
        return lp_op_error(at, LP_BAD_INPUT, "the %s is missing; the model file is damaged", role);
    return LP_OK;
}

lp_status lp_need_element(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role,
                          enum lp_element element)
{
    lp_status status = need_tensor(at, tensor, role);
    if (status == LP_OK && tensor->element != element)
        return lp_op_error(at, LP_UNSUPPORTED, "the %s is %s, only %s is supported; quantize the model to int8", role,
                           lp_element_name(tensor->element), lp_element_name(element));
    return status;
}

static void range_of(enum lp_element element, int32_t *min, int32_t *max)
{
    switch (element) {
    case LP_ELEMENT_INT8: *min = INT8_MIN, *max = INT8_MAX; break;
    case LP_ELEMENT_UINT8: *min = 0, *max = UINT8_MAX; break;
    case LP_ELEMENT_INT16: *min = INT16_MIN, *max = INT16_MAX; break;
    default: *min = INT32_MIN, *max = INT32_MAX; break;
    }
}

lp_status lp_need_scale(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role)
{
    lp_status status = need_tensor(at, tensor, role);
    if (status != LP_OK)
        return status;
    if (tensor->quant.count != 1)
        return lp_op_error(at, LP_UNSUPPORTED, "the %s has %u scales, exactly one is supported; quantize it per tensor", role,
                           (unsigned)tensor->quant.count);
    if (!isfinite(lp_scale_of(tensor)) || lp_scale_of(tensor) <= 0)
        return lp_op_error(at, LP_BAD_INPUT, "the %s has scale %g, a scale has to be finite and above 0", role,
                           (double)lp_scale_of(tensor));
    int32_t min = 0;
    int32_t max = 0;
    range_of(tensor->element, &min, &max);
    if (lp_zero_point_of(tensor) < min || lp_zero_point_of(tensor) > max)
        return lp_op_error(at, LP_BAD_INPUT, "the %s has zero point %ld, %s allows %ld to %ld", role,
                           (long)lp_zero_point_of(tensor), lp_element_name(tensor->element), (long)min, (long)max);
    return LP_OK;
}

lp_status lp_need_int8(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role)
{
    lp_status status = lp_need_element(at, tensor, role, LP_ELEMENT_INT8);
    return status == LP_OK ? lp_need_scale(at, tensor, role) : status;
}

lp_status lp_need_int16(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role)
{
    lp_status status = lp_need_element(at, tensor, role, LP_ELEMENT_INT16);
    if (status == LP_OK)
        status = lp_need_scale(at, tensor, role);
    if (status == LP_OK && lp_zero_point_of(tensor) != 0)
        return lp_op_error(at, LP_UNSUPPORTED, "the %s is int16 with zero point %ld, only 0 is supported", role,
                           (long)lp_zero_point_of(tensor));
    return status;
}

lp_status lp_need_small(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role)
{
    return tensor != NULL && tensor->element == LP_ELEMENT_INT16 ? lp_need_int16(at, tensor, role)
                                                                 : lp_need_int8(at, tensor, role);
}

/* TensorFlow Lite compares with the same tolerance: converters write one scale twice, computed on two ways. */
lp_status lp_need_same_meaning(const struct lp_place_of_op *at, const struct lp_tensor *in, const struct lp_tensor *out)
{
    if (in->element != out->element)
        return lp_op_error(at, LP_BAD_INPUT, "the input is %s and the output %s, they have to be of one type",
                           lp_element_name(in->element), lp_element_name(out->element));
    if (in->quant.count == 0 && out->quant.count == 0)
        return LP_OK;
    lp_status status = lp_need_scale(at, in, "input");
    if (status == LP_OK)
        status = lp_need_scale(at, out, "output");
    if (status != LP_OK)
        return status;
    if (fabsf(lp_scale_of(in) - lp_scale_of(out)) > 1e-6f || lp_zero_point_of(in) != lp_zero_point_of(out))
        return lp_op_error(
            at, LP_UNSUPPORTED,
            "input (scale %g, zero point %ld) and output (scale %g, zero point %ld) have to be quantized alike; put a "
            "QUANTIZE behind it",
            (double)lp_scale_of(in), (long)lp_zero_point_of(in), (double)lp_scale_of(out), (long)lp_zero_point_of(out));
    return LP_OK;
}

lp_status lp_need_same_size(const struct lp_place_of_op *at, const struct lp_tensor *in, const struct lp_tensor *out)
{
    if (lp_tensor_elements(in) != lp_tensor_elements(out))
        return lp_op_error(at, LP_BAD_INPUT, "the input has %lld elements and the output %lld", (long long)lp_tensor_elements(in),
                           (long long)lp_tensor_elements(out));
    return LP_OK;
}

lp_status lp_need_rank(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role, uint8_t rank)
{
    lp_status status = need_tensor(at, tensor, role);
    if (status == LP_OK && tensor->rank != rank)
        return lp_op_error(at, LP_UNSUPPORTED, "the %s has %u dimensions, it has to have %u", role, (unsigned)tensor->rank,
                           (unsigned)rank);
    return status;
}

lp_status lp_need_constant(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role)
{
    lp_status status = need_tensor(at, tensor, role);
    if (status == LP_OK && tensor->data == NULL)
        return lp_op_error(at, LP_UNSUPPORTED, "the %s is computed at run time, it has to be a constant of the model", role);
    return status;
}

lp_status lp_need_numbers(const struct lp_place_of_op *at, const struct lp_tensor *tensor, const char *role, int32_t *numbers,
                          uint32_t capacity, uint32_t *count)
{
    lp_status status = lp_need_constant(at, tensor, role);
    if (status != LP_OK)
        return status;
    if (tensor->element != LP_ELEMENT_INT32 && tensor->element != LP_ELEMENT_INT64)
        return lp_op_error(at, LP_UNSUPPORTED, "the %s are %s, only int32 and int64 are supported", role,
                           lp_element_name(tensor->element));
    int64_t elements = lp_tensor_elements(tensor);
    if (elements > capacity)
        return lp_op_error(at, LP_BAD_INPUT, "the %s are %lld numbers, at most %u are allowed", role, (long long)elements,
                           (unsigned)capacity);
    for (int64_t i = 0; i < elements; i++) {
        int64_t number = tensor->element == LP_ELEMENT_INT32 ? ((const int32_t *)tensor->data)[i]
                                                             : ((const int64_t *)tensor->data)[i];
        if (number < INT32_MIN || number > INT32_MAX)
            return lp_op_error(at, LP_BAD_INPUT, "the %s contain %lld, which does not fit 32 bits", role, (long long)number);
        numbers[i] = (int32_t)number;
    }
    *count = (uint32_t)elements;
    return LP_OK;
}

lp_status lp_need_multiplier(const struct lp_place_of_op *at, double factor, enum lp_rounding rounding, int32_t *multiplier,
                             int8_t *shift)
{
    if (!lp_quantize_multiplier(factor, rounding, multiplier, shift))
        return lp_op_error(at, LP_UNSUPPORTED,
                           "its scales give the factor %g, allowed is 0 to below 2^30; check the scales of its tensors", factor);
    return LP_OK;
}

lp_status lp_need_wide_shift(const struct lp_place_of_op *at, int8_t shift)
{
    enum { MOST = 7 };
    if (shift > MOST)
        return lp_op_error(at, LP_UNSUPPORTED,
                           "its scales give a factor of %g or more, int16 allows below %g; check the scales of its tensors",
                           ldexp(1, shift - 1), ldexp(1, MOST));
    return LP_OK;
}

lp_status lp_need_axis(const struct lp_place_of_op *at, int64_t axis, uint32_t rank, uint32_t *out)
{
    if (axis < -(int64_t)rank || axis >= (int64_t)rank)
        return lp_op_error(at, LP_BAD_INPUT, "axis %lld is out of range for %u dimensions", (long long)axis, (unsigned)rank);
    *out = (uint32_t)(axis < 0 ? axis + rank : axis);
    return LP_OK;
}
