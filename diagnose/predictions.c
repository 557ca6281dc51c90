#include "diagnose/predictions.h"

#include <math.h>
#include <string.h>

static const struct lp_tensor *first_input(const struct lp_case *c)
{
    return &c->graph->tensors[c->graph->inputs[0]];
}

static const uint8_t *input_of(const struct lp_case *c, size_t n)
{
    return c->inputs + n * c->input_bytes;
}

/* uint8 values, zero point 128 higher: the top bit is the other one. */
static bool as_uint8(const struct lp_case *c, size_t n, int32_t parameter, uint8_t *bytes)
{
    (void)parameter;
    if (first_input(c)->element != LP_ELEMENT_INT8)
        return false;
    for (size_t i = 0; i < c->input_bytes; i++)
        bytes[i] = input_of(c, n)[i] ^ 0x80;
    return true;
}

static float real_value(const struct lp_case *c, size_t n, size_t i)
{
    const struct lp_tensor *t = first_input(c);
    size_t elements = (size_t)lp_tensor_elements(t);
    if (c->real_inputs != NULL)
        return c->real_inputs[n * elements + i];
    return t->quant.scale[0] * (float)(lp_case_element(t->element, input_of(c, n), (int64_t)i) - t->quant.zero_point[0]);
}

/* 0: floats copied over the buffer, which takes the first quarter of them. 1: floats converted without scale. 2: the same
 * with a scale but without the zero point. */
static bool as_float(const struct lp_case *c, size_t n, int32_t parameter, uint8_t *bytes)
{
    const struct lp_tensor *t = first_input(c);
    if (t->element != LP_ELEMENT_INT8 || t->quant.count != 1 || (parameter == 2 && t->quant.zero_point[0] == 0))
        return false;
    memcpy(bytes, input_of(c, n), c->input_bytes);
    size_t elements = (size_t)lp_tensor_elements(t);
    for (size_t i = 0; i < elements; i++) {
        float value = real_value(c, n, parameter == 0 ? i / 4 : i);
        if (parameter == 0) {
            memcpy(&bytes[i], (const uint8_t *)&value + i % 4, 1);
            continue;
        }
        double q = parameter == 1 ? trunc((double)value) : nearbyint((double)(value / t->quant.scale[0]));
        bytes[i] = (uint8_t)(int8_t)(q < INT8_MIN ? INT8_MIN : q > INT8_MAX ? INT8_MAX : q);
    }
    return true;
}

/* Channels first: [.., y, x, c] written as [c, .., y, x]. 1: width and height exchanged. */
static bool as_channel_first(const struct lp_case *c, size_t n, int32_t parameter, uint8_t *bytes)
{
    const struct lp_tensor *t = first_input(c);
    if (t->rank < 2 || lp_element_bytes(t->element) != 1)
        return false;
    size_t channels = (size_t)t->dims[t->rank - 1], elements = (size_t)lp_tensor_elements(t), pixels = elements / channels;
    size_t width = t->rank < 3 ? pixels : (size_t)t->dims[t->rank - 2], height = t->rank < 4 ? 1 : (size_t)t->dims[t->rank - 3];
    const uint8_t *from = input_of(c, n);
    if ((parameter == 0 && (channels == 1 || pixels == 1)) || (parameter == 1 && (width == 1 || height == 1)))
        return false;
    memcpy(bytes, from, c->input_bytes);
    for (size_t i = 0; i < elements; i++) {
        size_t pixel = i / channels, ch = i % channels, image = pixel / (width * height), at = pixel % (width * height);
        size_t to = parameter == 0 ? (image * channels + ch) * (width * height) + at
                                   : (image * width * height + at % width * height + at / width) * channels + ch;
        bytes[to] = from[i];
    }
    return true;
}

/* Bytes that memory holds before anybody writes: erased, cleared, the patterns of debuggers and of poison fills. */
static const uint8_t fills[] = {0x00, 0xff, 0xa5, 0xcd, 0x5a, 0xaa, 0x55, 0x80};

static bool as_fill(const struct lp_case *c, size_t n, int32_t parameter, uint8_t *bytes)
{
    (void)n;
    memset(bytes, fills[parameter], c->input_bytes);
    return true;
}

/* The first `parameter` lines are new, all others old: from inference 0. */
static void mix(const struct lp_case *c, size_t n, const uint8_t *old, int32_t lines, bool new_first, uint8_t *bytes)
{
    size_t edge = (size_t)lines * LP_CACHE_LINE_BYTES;
    for (size_t i = 0; i < c->input_bytes; i++)
        bytes[i] = (i < edge) == new_first ? input_of(c, n)[i] : old == NULL ? 0 : old[i];
}

static bool first_lines_new(const struct lp_case *c, size_t n, int32_t parameter, uint8_t *bytes)
{
    mix(c, n, input_of(c, 0), parameter, true, bytes);
    return true;
}

static bool first_lines_zero(const struct lp_case *c, size_t n, int32_t parameter, uint8_t *bytes)
{
    mix(c, n, NULL, parameter, false, bytes);
    return true;
}

static bool last_lines_zero(const struct lp_case *c, size_t n, int32_t parameter, uint8_t *bytes)
{
    mix(c, n, NULL, parameter, true, bytes);
    return true;
}

static bool first_lines_late(const struct lp_case *c, size_t n, int32_t parameter, uint8_t *bytes)
{
    mix(c, n, n == 0 ? NULL : input_of(c, n - 1), parameter, false, bytes);
    return true;
}

static bool last_lines_late(const struct lp_case *c, size_t n, int32_t parameter, uint8_t *bytes)
{
    mix(c, n, n == 0 ? NULL : input_of(c, n - 1), parameter, true, bytes);
    return true;
}

/* The buffer begins `parameter` words of four bytes too early or too late. */
static bool shifted(const struct lp_case *c, size_t n, int32_t parameter, uint8_t *bytes)
{
    int64_t by = 4 * (int64_t)parameter, size = (int64_t)c->input_bytes;
    if (parameter == 0 || by >= size || -by >= size)
        return false;
    memset(bytes, 0, c->input_bytes);
    for (int64_t i = 0; i < size; i++)
        if (i - by >= 0 && i - by < size)
            bytes[i] = input_of(c, n)[i - by];
    return true;
}

#define BIT(cause) ((lp_trouble_set)1 << LP_TROUBLE_##cause)

const struct lp_input_mistake lp_input_mistakes[] = {
    {BIT(INPUT_TYPE_MISMATCH), "the same values as uint8", as_uint8, 0, 0, false},
    {BIT(INPUT_TYPE_MISMATCH), "float bytes, or floats without scale or zero point", as_float, 0, 2, false},
    {BIT(INPUT_LAYOUT), "the elements channel-first, or rows and columns exchanged", as_channel_first, 0, 1, false},
    {BIT(INPUT_NOT_CLEANED) | BIT(INPUT_WRONG_ADDRESS) | BIT(POOL_ASLEEP) | BIT(POOL_FIREWALLED), "an input of zeros", as_fill, 0,
     0, false},
    {BIT(INPUT_NOT_CLEANED) | BIT(INPUT_WRONG_ADDRESS), "memory that nobody wrote as the input", as_fill, 1,
     (int32_t)(sizeof fills) - 1, false},
    {BIT(INPUT_NOT_CLEANED) | BIT(CACHE_LINE_SHARED), "cache lines at the end that never change", first_lines_new, 1, 0, true},
    {BIT(INPUT_NOT_CLEANED) | BIT(CACHE_LINE_SHARED), "cache lines at the beginning that stay zero", first_lines_zero, 1, 0,
     true},
    {BIT(INPUT_NOT_CLEANED) | BIT(CACHE_LINE_SHARED), "cache lines at the end that stay zero", last_lines_zero, 1, 0, true},
    {BIT(INPUT_NOT_CLEANED) | BIT(CACHE_LINE_SHARED), "cache lines at the beginning of the inference before", first_lines_late, 1,
     0, true},
    {BIT(INPUT_NOT_CLEANED) | BIT(CACHE_LINE_SHARED), "cache lines at the end of the inference before", last_lines_late, 1, 0,
     true},
    {BIT(INPUT_WRONG_ADDRESS), "the input some words too early or too late", shifted, -16, 16, false},
};
const uint32_t lp_input_mistake_count = sizeof lp_input_mistakes / sizeof lp_input_mistakes[0];
