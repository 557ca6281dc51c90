#include "modbus/registers.h"

#include <stdbool.h>
#include <string.h>

uint16_t lp_register_words(enum lp_register_type type)
{
    return type == LP_REGISTER_INT16 || type == LP_REGISTER_UINT16 ? 1 : 2;
}

static bool bytes_are_swapped(enum lp_register_order order)
{
    return order == LP_ORDER_BADC || order == LP_ORDER_DCBA;
}

static bool words_are_swapped(enum lp_register_order order)
{
    return order == LP_ORDER_CDAB || order == LP_ORDER_DCBA;
}

static uint16_t swap_bytes(uint16_t word)
{
    return (uint16_t)((word << 8 | word >> 8) & 0xffff);
}

/* Two's complement without the conversion that C leaves to the implementation. */
static double signed_value(uint32_t raw, uint32_t sign_bit)
{
    return (raw & sign_bit) != 0 ? -(double)((~raw & (sign_bit - 1u)) + 1u) : (double)raw;
}

static double raw_value(const struct lp_register_format *format, const uint16_t *words)
{
    bool swap = bytes_are_swapped(format->order);
    uint16_t first = swap ? swap_bytes(words[0]) : words[0];
    if (lp_register_words(format->type) == 1)
        return format->type == LP_REGISTER_INT16 ? signed_value(first, 0x8000u) : (double)first;
    uint16_t second = swap ? swap_bytes(words[1]) : words[1];
    uint32_t raw = words_are_swapped(format->order) ? (uint32_t)second << 16 | first : (uint32_t)first << 16 | second;
    if (format->type == LP_REGISTER_FLOAT32) {
        float real;
        memcpy(&real, &raw, sizeof real);
        return (double)real;
    }
    return format->type == LP_REGISTER_INT32 ? signed_value(raw, 0x80000000u) : (double)raw;
}

float lp_register_decode(const struct lp_register_format *format, const uint16_t *words)
{
    return (float)(raw_value(format, words) * format->scale + format->offset);
}

/* Nearest integer within low..high, halves to even. */
static int64_t nearest(double value, double low, double high)
{
    if (!(value >= low)) /* also NaN */
        return value < low ? (int64_t)low : 0;
    if (value >= high)
        return (int64_t)high;
    int64_t whole = (int64_t)value;
    double fraction = value - (double)whole;
    bool odd = whole % 2 != 0;
    if (fraction > 0.5 || (fraction == 0.5 && odd))
        return whole + 1;
    if (fraction < -0.5 || (fraction == -0.5 && odd))
        return whole - 1;
    return whole;
}

static uint32_t raw_bits(enum lp_register_type type, double raw)
{
    float real = (float)raw;
    uint32_t bits;
    switch (type) {
    case LP_REGISTER_INT16: return (uint32_t)(uint64_t)nearest(raw, -32768.0, 32767.0) & 0xffffu;
    case LP_REGISTER_UINT16: return (uint32_t)nearest(raw, 0.0, 65535.0);
    case LP_REGISTER_INT32: return (uint32_t)(uint64_t)nearest(raw, -2147483648.0, 2147483647.0);
    case LP_REGISTER_UINT32: return (uint32_t)nearest(raw, 0.0, 4294967295.0);
    default: memcpy(&bits, &real, sizeof bits); return bits;
    }
}

void lp_register_encode(const struct lp_register_format *format, double value, uint16_t *words)
{
    uint32_t bits = raw_bits(format->type, (value - format->offset) / format->scale);
    bool swap = bytes_are_swapped(format->order);
    uint16_t high = (uint16_t)(bits >> 16), low = (uint16_t)(bits & 0xffff);
    if (swap) {
        high = swap_bytes(high);
        low = swap_bytes(low);
    }
    if (lp_register_words(format->type) == 1) {
        words[0] = low;
        return;
    }
    words[0] = words_are_swapped(format->order) ? low : high;
    words[1] = words_are_swapped(format->order) ? high : low;
}
