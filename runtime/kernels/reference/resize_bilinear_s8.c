#include "runtime/kernels/kernels.h"

#include <stdbool.h>

enum { ONE = 1 << 10 };

/* Two neighbours along one axis and the weight of the second, in 1/1024. */
struct neighbours {
    int32_t first, second;
    int32_t weight;
};

/* Divisions are toward zero: an output in front of the map lies on its first element, with weights that add up to one. */
static struct neighbours neighbours_of(int32_t i, int32_t scale, int32_t offset, int32_t size)
{
    int32_t at = i * scale + offset;
    int32_t first = at / ONE < 0 ? 0 : at / ONE;
    int32_t second = (at + ONE - 1) / ONE;
    /* Scales are rounded: far out, an output may lie beyond the map. */
    first = first < size ? first : size - 1;
    return (struct neighbours){first, second < size ? second : size - 1, at - first * ONE};
}

/* Halves upwards in single rounding, away from zero in double rounding. */
static int8_t blend(int8_t top_left, int8_t bottom_left, int8_t top_right, int8_t bottom_right, int32_t y, int32_t x,
                    bool is_away)
{
    int64_t left = (int64_t)top_left * (ONE - y) + (int64_t)bottom_left * y;
    int64_t right = (int64_t)top_right * (ONE - y) + (int64_t)bottom_right * y;
    int64_t sum = left * (ONE - x) + right * x;
    return (int8_t)((sum + (1 << 19) - (is_away && sum <= 0)) >> 20);
}

lp_status lp_resize_bilinear_s8__reference(const void *args)
{
    const struct lp_resize_bilinear_s8 *p = args;
    const int8_t *in = p->in;
    int8_t *out = p->out;
    for (int32_t b = 0; b < p->batches; b++) {
        for (int32_t y = 0; y < p->out_h; y++) {
            struct neighbours row = neighbours_of(y, p->scale_h, p->offset_h, p->in_h);
            const int8_t *top = in + row.first * p->in_w * p->channels;
            const int8_t *bottom = in + row.second * p->in_w * p->channels;
            for (int32_t x = 0; x < p->out_w; x++) {
                struct neighbours column = neighbours_of(x, p->scale_w, p->offset_w, p->in_w);
                int32_t left = column.first * p->channels;
                int32_t right = column.second * p->channels;
                for (int32_t c = 0; c < p->channels; c++)
                    *out++ = blend(top[left + c], bottom[left + c], top[right + c], bottom[right + c], row.weight, column.weight,
                                   p->rounding == LP_ROUNDING_DOUBLE);
            }
        }
        in += p->in_h * p->in_w * p->channels;
    }
    return LP_OK;
}
