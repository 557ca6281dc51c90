#include "runtime/kernels/helium/edge_s8.h"

#include <arm_mve.h>
#include <stddef.h>

#include "runtime/kernels/reference/output_s8.h"

/* A row of the window: bytes [first, end) lie in the map, byte 0 would lie at `from`. */
struct row {
    const int8_t *from;
    int32_t first, end;
};

static struct row row_of(const struct lp_conv2d_s8 *p, const int8_t *in, int32_t y, int32_t x)
{
    const int32_t bytes = p->kernel_w * p->in_c, left = x * p->in_c, width = p->in_w * p->in_c;
    struct row r = {in + y * width + left, left < 0 ? -left : 0, width - left < bytes ? width - left : bytes};
    if (y < 0 || y >= p->in_h || r.first >= r.end)
        r.first = r.end = 0;
    return r;
}

/* Bytes [at, at + 16) of a row, of which the `active` ones are read, and the padding's value where the map has none. */
static int8x16_t values_at(const struct row *r, int32_t at, mve_pred16_t active, int8x16_t pad)
{
    if (at >= r->first && at + LP_LANES <= r->end)
        return vldrbq_z_s8(r->from + at, active);
    /* Lanes before `end`, less those before `first`. */
    const mve_pred16_t before_end = vctp8q(r->end > at ? (uint32_t)(r->end - at) : 0);
    const mve_pred16_t before_first = vctp8q(r->first > at ? (uint32_t)(r->first - at) : 0);
    const mve_pred16_t inside = active & before_end & (mve_pred16_t)~before_first;
    return inside == 0 ? pad : vpselq_s8(vldrbq_z_s8(r->from + at, inside), pad, inside);
}

/* Adds the products of a window with `channels` filters, of which each vector of weights follows the other's. Returns what is
 * behind the weights. */
static const int8_t *add_window(const struct lp_conv2d_s8 *p, const int8_t *in, int32_t y, int32_t x, const int8_t *weight,
                                int32_t channels, int32_t *sums)
{
    const int8x16_t pad = vdupq_n_s8((int8_t)p->pad_value);
    const int32_t bytes = p->kernel_w * p->in_c;
    for (int32_t ky = 0; ky < p->kernel_h; ky++, y += p->dilation_h) {
        const struct row r = row_of(p, in, y, x);
        for (int32_t at = 0; at < bytes; at += LP_LANES) {
            const int32_t lanes = bytes - at < LP_LANES ? bytes - at : LP_LANES;
            const mve_pred16_t active = vctp8q((uint32_t)lanes);
            const int8x16_t values = values_at(&r, at, active, pad);
            for (int32_t c = 0; c < channels; c++, weight += lanes)
                sums[c] = vmladavaq_s8(sums[c], values, vldrbq_z_s8(weight, active));
        }
    }
    return weight;
}

static int32_t plain_shift(int8_t packed, uint8_t rounding)
{
    return rounding == LP_ROUNDING_SINGLE ? packed - 1 : packed;
}

void lp_helium_edge(const struct lp_conv2d_s8 *p, const int8_t *in, int32_t y, int32_t x, int8_t *out)
{
    struct lp_output_s8 output = {p->multiplier, p->shift, p->out_offset, p->act_min, p->act_max, p->per_channel, p->rounding};
    const int8_t *constants = p->weight;
    for (int32_t channel = 0; channel < p->out_c;) {
        const int32_t left = p->out_c - channel, count = left < LP_GROUP ? left : LP_GROUP;
        const int32_t *words = (const int32_t *)(const void *)constants;
        int32_t sums[LP_GROUP];
        int8_t shift[LP_GROUP];
        for (int32_t c = 0; c < count; c++)
            sums[c] = words[c];
        constants += 4 * count;
        if (p->per_channel) {
            output.multiplier = words + count;
            output.shift = shift;
            constants += 4 * count;
            for (int32_t c = 0; c < count; c++)
                shift[c] = (int8_t)(left < LP_GROUP ? constants[c] : plain_shift(constants[c], p->rounding));
            constants += LP_GROUP;
        }
        /* The last channels, fewer than a group, have their weights one after the other. */
        for (int32_t c = 0; left < LP_GROUP && c < count; c++)
            constants = add_window(p, in, y, x, constants, 1, sums + c);
        if (left >= LP_GROUP)
            constants = add_window(p, in, y, x, constants, LP_GROUP, sums);
        for (int32_t c = 0; c < count; c++)
            out[channel + c] = lp_output_s8(&output, sums[c], c);
        channel += count;
    }
}
