#include "simulator/neural-art/units.h"

/* An element of `from` bits where a stream or memory expects `to` bits. */
static inline int32_t change_width(const struct lp_npu_streng *s, int32_t value, int from, int to)
{
    if (s->align_right)
        return s->nbits_unsigned ? lp_sim_unsigned(value, from / 8) : lp_sim_signed(value, from / 8);
    if (to > from)
        return (int32_t)((uint32_t)value << (to - from));
    if (to < from && !s->mem_lsb)
        return lp_sim_unsigned(value, from / 8) >> (from - to);
    return value;
}

void lp_sim_streng_to_words(const struct lp_npu_streng *s, const uint8_t *bytes, size_t count, int32_t *words)
{
    bool is_signed = s->align_right && !s->nbits_unsigned;
    if (s->nbits_in == 8 && is_signed) {
        for (size_t i = 0; i < count; i++)
            words[i] = (int8_t)bytes[i];
    } else if (s->nbits_in == 8 && s->nbits_out == 8) {
        for (size_t i = 0; i < count; i++)
            words[i] = bytes[i];
    } else if (s->nbits_in == 8) {
        for (size_t i = 0; i < count; i++)
            words[i] = change_width(s, bytes[i], 8, s->nbits_out);
    } else if (s->nbits_in == 16) {
        for (size_t i = 0; i < count; i++)
            words[i] = change_width(s, bytes[2 * i] | bytes[2 * i + 1] << 8, 16, s->nbits_out);
    } else {
        for (size_t i = 0; i < count; i++)
            words[i] = change_width(s, bytes[3 * i] | bytes[3 * i + 1] << 8 | bytes[3 * i + 2] << 16, 24, s->nbits_out);
    }
}

void lp_sim_streng_to_bytes(const struct lp_npu_streng *s, const int32_t *words, size_t count, uint8_t *bytes)
{
    size_t element = (size_t)s->nbits_out / 8;
    if (element == 1 && s->nbits_in == 8) {
        for (size_t i = 0; i < count; i++)
            bytes[i] = (uint8_t)words[i];
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t value = (uint32_t)words[i];
        if (s->nbits_in != s->nbits_out)
            value = (uint32_t)change_width(s, words[i], s->nbits_in, s->nbits_out);
        for (size_t k = 0; k < element; k++)
            bytes[i * element + k] = (uint8_t)(value >> (8 * k));
    }
}
