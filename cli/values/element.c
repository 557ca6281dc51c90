#define _POSIX_C_SOURCE 200809L
#include "cli/values/element.h"

#include <float.h>
#include <math.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "files of values are little-endian and are copied as they are: this needs a little-endian machine"
#endif

static const struct {
    int64_t low, high;
} ranges[] = {
    [LP_ELEMENT_INT8] = {INT8_MIN, INT8_MAX},
    [LP_ELEMENT_UINT8] = {0, UINT8_MAX},
    [LP_ELEMENT_INT16] = {INT16_MIN, INT16_MAX},
    [LP_ELEMENT_INT32] = {INT32_MIN, INT32_MAX},
    [LP_ELEMENT_INT64] = {INT64_MIN, INT64_MAX},
    [LP_ELEMENT_FLOAT32] = {0, 0},
    [LP_ELEMENT_BOOL] = {0, 1},
};

bool lp_value_range(enum lp_element element, int64_t *low, int64_t *high)
{
    *low = ranges[element].low;
    *high = ranges[element].high;
    return element != LP_ELEMENT_FLOAT32;
}

enum lp_value_result lp_value_store_raw(const struct lp_tensor *tensor, int64_t value, uint8_t *out)
{
    int64_t low, high;
    if (!lp_value_range(tensor->element, &low, &high) || value < low || value > high)
        return LP_VALUE_OUT_OF_RANGE;
    /* Little-endian: the low bytes of the integer are the narrower integer. */
    memcpy(out, &value, lp_element_bytes(tensor->element));
    return LP_VALUE_OK;
}

static enum lp_value_result store_float32(double value, uint8_t *out)
{
    if (isfinite(value) && fabs(value) > (double)FLT_MAX)
        return LP_VALUE_OUT_OF_RANGE;
    float narrow = (float)value;
    memcpy(out, &narrow, sizeof narrow);
    return LP_VALUE_OK;
}

enum lp_value_result lp_value_store_real(const struct lp_tensor *tensor, double value, uint8_t *out)
{
    if (isnan(value))
        return LP_VALUE_NOT_A_NUMBER;
    if (tensor->element == LP_ELEMENT_FLOAT32)
        return store_float32(value, out);
    double bounded = fmin(fmax(value, -(double)FLT_MAX), (double)FLT_MAX);
    float steps = rintf((float)bounded / tensor->quant.scale[0]); /* to even: nobody changes the rounding mode */
    int64_t low, high;
    lp_value_range(tensor->element, &low, &high);
    double integer = fmin(fmax((double)steps + tensor->quant.zero_point[0], (double)low), (double)high);
    return lp_value_store_raw(tensor, (int64_t)integer, out);
}

lp_status lp_value_takes_real(struct lp_diag *diag, const char *path, const struct lp_tensor *tensor)
{
    if (tensor->element == LP_ELEMENT_FLOAT32)
        return LP_OK;
    bool can = tensor->element != LP_ELEMENT_INT64 && tensor->element != LP_ELEMENT_BOOL && tensor->quant.count == 1;
    if (can)
        return LP_OK;
    return lp_error(
        diag, LP_BAD_INPUT,
        "%s: real values, but the tensor \"%s\" is %s with %u scales; real values need float32, or int8, uint8, int16 "
        "or int32 with one scale: use integers and --raw",
        path, tensor->name, lp_element_name(tensor->element), (unsigned)tensor->quant.count);
}

int64_t lp_value_load_raw(const struct lp_tensor *tensor, const uint8_t *element)
{
    switch (tensor->element) {
    case LP_ELEMENT_INT8: return (int8_t)*element;
    case LP_ELEMENT_UINT8:
    case LP_ELEMENT_BOOL: return *element;
    case LP_ELEMENT_INT16: {
        int16_t value;
        memcpy(&value, element, sizeof value);
        return value;
    }
    case LP_ELEMENT_INT32: {
        int32_t value;
        memcpy(&value, element, sizeof value);
        return value;
    }
    case LP_ELEMENT_INT64: {
        int64_t value;
        memcpy(&value, element, sizeof value);
        return value;
    }
    case LP_ELEMENT_FLOAT32: break;
    }
    return 0;
}

float lp_value_load_real(const struct lp_tensor *tensor, const uint8_t *element)
{
    if (tensor->element == LP_ELEMENT_FLOAT32) {
        float value;
        memcpy(&value, element, sizeof value);
        return value;
    }
    return tensor->quant.scale[0] * (float)(lp_value_load_raw(tensor, element) - tensor->quant.zero_point[0]);
}
