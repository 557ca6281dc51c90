#include "evaluate/check/rules.h"

#include "compiler/graph/graph.h"

#include <stdarg.h>
#include <stdio.h>

/* Products of one kernel call; more than any network that fits on a microcontroller has in all its layers. */
static const int64_t most_work = (int64_t)1 << 33;

static void found(struct lp_kernel_checking *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void found(struct lp_kernel_checking *c, const char *format, ...)
{
    va_list list;
    if (c->why[0] != '\0')
        return;
    va_start(list, format);
    (void)vsnprintf(c->why, LP_KERNEL_WHY_BYTES, format, list);
    va_end(list);
}

void lp_check_range(struct lp_kernel_checking *c, const char *member, int64_t value, int64_t least, int64_t most)
{
    if (value < least || value > most)
        found(c, "%s is %lld; allowed are %lld to %lld", member, (long long)value, (long long)least, (long long)most);
}

int64_t lp_check_product(struct lp_kernel_checking *c, const char *what, const int64_t *sizes, size_t count)
{
    int64_t product = 1;
    for (size_t i = 0; i < count; i++) {
        if (sizes[i] < 1 || sizes[i] > LP_CHECK_MOST / product) {
            found(c, "the sizes of %s: %lld is below 1 or makes it larger than %d elements", what, (long long)sizes[i],
                  (int)LP_CHECK_MOST);
            return 0;
        }
        product *= sizes[i];
    }
    return product;
}

int64_t lp_check_dims(struct lp_kernel_checking *c, const char *what, const int32_t *dims, uint32_t rank)
{
    int64_t product = 1;
    for (uint32_t i = 0; i < rank; i++)
        product = LP_CHECK_PRODUCT(c, what, product, dims[i]);
    return product;
}

void lp_check_work(struct lp_kernel_checking *c, int64_t steps, int64_t each)
{
    if (each > 0 && steps > most_work / each)
        found(c, "%lld times %lld steps of work; allowed are %lld", (long long)steps, (long long)each, (long long)most_work);
}

void lp_check_memory(struct lp_kernel_checking *c, const char *member, const void *pointer, int64_t elements,
                     uint32_t element_bytes)
{
    if (c->why[0] != '\0')
        return;
    if (pointer == NULL) {
        found(c, "%s is null", member);
        return;
    }
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->memory[i].data != pointer)
            continue;
        if ((uint64_t)elements * element_bytes > c->memory[i].size_bytes)
            found(c, "%s needs %llu bytes, its buffer has %zu", member, (unsigned long long)((uint64_t)elements * element_bytes),
                  c->memory[i].size_bytes);
        return;
    }
    found(c, "%s has no buffer", member);
}

int64_t lp_check_reach(struct lp_kernel_checking *c, const char *what, const int32_t *dims, const int32_t *strides, uint32_t rank)
{
    int64_t reach = 1;
    for (uint32_t i = 0; i < rank; i++) {
        int64_t steps = (int64_t)dims[i] - 1;
        if (steps < 0 || (steps > 0 && strides[i] < 0) || steps * strides[i] > LP_CHECK_MOST - reach) {
            found(c, "%s: %d steps of %d elements", what, (int)dims[i], (int)strides[i]);
            return 0;
        }
        reach += steps * strides[i];
    }
    return reach;
}

void lp_check_in_offset(struct lp_kernel_checking *c, int32_t offset)
{
    lp_check_range(c, "in_offset", offset, -127, 128);
}

void lp_check_out_offset(struct lp_kernel_checking *c, int32_t offset)
{
    lp_check_range(c, "out_offset", offset, -128, 127);
}

void lp_check_shift(struct lp_kernel_checking *c, const char *member, int32_t shift, int32_t least)
{
    lp_check_range(c, member, shift, least, 30);
}

void lp_check_rounding(struct lp_kernel_checking *c, uint8_t rounding)
{
    lp_check_range(c, "rounding", rounding, LP_ROUNDING_SINGLE, LP_ROUNDING_DOUBLE);
}

uint32_t lp_check_element(struct lp_kernel_checking *c, const char *member, uint8_t element, uint32_t allowed)
{
    if (element <= LP_ELEMENT_BOOL && (allowed >> element & 1) != 0)
        return lp_element_bytes((enum lp_element)element);
    found(c, "%s is %u, which is no type that this kernel takes", member, (unsigned)element);
    return 0;
}

/* No input can bring the sum of a channel out of int32: inputs less their zero point are -255 to 255. */
static void check_sums(struct lp_kernel_checking *c, const struct lp_check_weights *w)
{
    for (int64_t o = 0; o < w->channels && c->why[0] == '\0'; o++) {
        int64_t sum = w->bias == NULL ? 0 : w->bias[o] < 0 ? -(int64_t)w->bias[o] : w->bias[o];
        for (int64_t i = 0; i < w->taps; i++) {
            int8_t weight = w->weight[o * w->channel_stride + i * w->tap_stride];
            sum += 255 * (weight < 0 ? -weight : weight);
        }
        if (sum > INT32_MAX)
            found(c, "the sums of channel %lld can leave int32", (long long)o);
    }
}

void lp_check_weights(struct lp_kernel_checking *c, const struct lp_check_weights *w)
{
    int64_t factors = w->per_channel ? w->channels : 1;
    lp_check_range(c, "per_channel", w->per_channel, 0, 1);
    lp_check_rounding(c, w->rounding);
    lp_check_in_offset(c, w->in_offset);
    lp_check_out_offset(c, w->out_offset);
    lp_check_memory(c, "weight", w->weight, LP_CHECK_PRODUCT(c, "weight", w->channels, w->taps), 1);
    lp_check_memory(c, "multiplier", w->multiplier, factors, sizeof *w->multiplier);
    lp_check_memory(c, "shift", w->shift, factors, 1);
    if (w->bias != NULL)
        lp_check_memory(c, "bias", w->bias, w->channels, sizeof *w->bias);
    if (c->why[0] != '\0')
        return;
    for (int64_t i = 0; i < factors; i++)
        lp_check_shift(c, "shift", w->shift[i], -31);
    check_sums(c, w);
}
