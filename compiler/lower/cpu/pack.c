#include "compiler/lower/cpu/pack.h"

#include "contract/packing.h"

/* Where the next byte goes; null while only counting. */
struct writer {
    int8_t *out;
    size_t count;
};

static void put(struct writer *w, int32_t byte)
{
    if (w->out != NULL)
        w->out[w->count] = (int8_t)byte;
    w->count++;
}

static void put_word(struct writer *w, int32_t word)
{
    uint32_t bits = (uint32_t)word;
    for (int i = 0; i < 4; i++, bits >>= 8)
        put(w, (int8_t)(uint8_t)bits);
}

static void put_zeros(struct writer *w, size_t count)
{
    while (count-- > 0)
        put(w, 0);
}

static int32_t weight(const struct lp_pack *p, int32_t channel, int32_t k)
{
    return p->weights[(size_t)channel * (size_t)p->channel_stride + (size_t)k * (size_t)p->tap_stride];
}

static int32_t multiplier_of(const struct lp_pack *p, int32_t channel)
{
    return p->multiplier[p->is_single_scale ? 0 : channel];
}

static int32_t shift_of(const struct lp_pack *p, int32_t channel)
{
    return p->shift[p->is_single_scale ? 0 : channel];
}

static void put_words(struct writer *w, const int32_t *words, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        put_word(w, words[i]);
}

static void put_group(struct writer *w, const struct lp_pack *p, int32_t first)
{
    put_words(w, p->bias + first, LP_GROUP);
    if (p->per_channel) {
        for (int32_t c = first; c < first + LP_GROUP; c++)
            put_word(w, multiplier_of(p, c));
        for (int32_t c = first; c < first + LP_GROUP; c++)
            put(w, lp_packed_shift(shift_of(p, c), p->rounding));
    }
    for (int32_t row = 0; row < p->rows; row++)
        for (int32_t start = 0; start < p->row_bytes; start += LP_LANES)
            for (int32_t c = first; c < first + LP_GROUP; c++)
                for (int32_t i = start; i < start + LP_LANES && i < p->row_bytes; i++)
                    put(w, weight(p, c, row * p->row_bytes + i));
}

static void put_rest(struct writer *w, const struct lp_pack *p, int32_t first)
{
    int32_t count = p->channels - first;
    put_words(w, p->bias + first, count);
    if (p->per_channel) {
        for (int32_t c = first; c < p->channels; c++)
            put_word(w, multiplier_of(p, c));
        for (int32_t c = first; c < p->channels; c++)
            put(w, shift_of(p, c));
        put_zeros(w, (size_t)(LP_GROUP - count));
    }
    for (int32_t c = first; c < p->channels; c++)
        for (int32_t k = 0; k < p->rows * p->row_bytes; k++)
            put(w, weight(p, c, k));
}

size_t lp_pack_groups(const struct lp_pack *p, int8_t *out)
{
    struct writer w = {out, 0};
    const int32_t whole = p->channels - p->channels % LP_GROUP;
    const size_t tail = (size_t)(p->row_bytes % LP_LANES);
    for (int32_t c = 0; c < whole; c += LP_GROUP)
        put_group(&w, p, c);
    /* The last vector of the last group is read whole. */
    size_t read_bytes = whole != 0 && tail != 0 ? w.count - tail + LP_LANES : 0;
    if (whole != p->channels)
        put_rest(&w, p, whole);
    if (w.count < read_bytes)
        put_zeros(&w, read_bytes - w.count);
    return w.count;
}

static void put_block(struct writer *w, const struct lp_pack *p, int32_t first, int32_t lanes)
{
    int32_t channel[LP_LANES];
    int32_t at_place[LP_LANES];
    for (int32_t lane = 0; lane < LP_LANES; lane++) {
        channel[lane] = lane < lanes ? (first + lane) % p->channels : -1;
        at_place[lp_block_place(lane)] = channel[lane];
    }
    for (int32_t i = 0; i < LP_LANES; i++)
        put(w, at_place[i] < 0 ? 0 : lp_packed_shift(shift_of(p, at_place[i]), p->rounding));
    for (int32_t i = 0; i < LP_LANES; i++)
        put_word(w, at_place[i] < 0 ? 0 : p->bias[at_place[i]]);
    for (int32_t i = 0; i < LP_LANES; i++)
        put_word(w, at_place[i] < 0 ? 0 : multiplier_of(p, at_place[i]));
    for (int32_t k = 0; k < p->taps; k++)
        for (int32_t lane = 0; lane < lanes; lane++)
            put(w, weight(p, channel[lane], k));
}

size_t lp_pack_blocks(const struct lp_pack *p, int8_t *out)
{
    struct writer w = {out, 0};
    const int32_t lanes = p->channels * p->repeat;
    for (int32_t first = 0; first < lanes; first += LP_LANES)
        put_block(&w, p, first, lanes - first < LP_LANES ? lanes - first : LP_LANES);
    return w.count;
}
