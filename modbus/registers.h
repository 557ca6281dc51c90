/* What the 16-bit words of a device mean: types, orders of bytes, scale and offset. The same code on PC and device. */
#ifndef LP_MODBUS_REGISTERS_H
#define LP_MODBUS_REGISTERS_H

#include <stdint.h>

enum lp_register_type { LP_REGISTER_INT16, LP_REGISTER_UINT16, LP_REGISTER_INT32, LP_REGISTER_UINT32, LP_REGISTER_FLOAT32 };

/* The order in which the bytes A (most significant) to D of a 32-bit value come over the line. Two bytes are one register.
 * 16-bit types have only A and B: BADC and DCBA swap them. */
enum lp_register_order { LP_ORDER_ABCD, LP_ORDER_CDAB, LP_ORDER_BADC, LP_ORDER_DCBA };

struct lp_register_format {
    enum lp_register_type type;
    enum lp_register_order order;
    double scale; /* real value = raw * scale + offset; not 0 */
    double offset;
};

/* Registers of one value: 1 or 2. */
uint16_t lp_register_words(enum lp_register_type type);

/* The real value, rounded once to float. A float32 register may hold NaN or an infinity: it comes out as it is. */
float lp_register_decode(const struct lp_register_format *format, const uint16_t *words);

/* The inverse, rounded to the nearest raw value, halves to even, and saturated at the ends of integer types; NaN gives raw 0
 * there. Writes lp_register_words() words. */
void lp_register_encode(const struct lp_register_format *format, double value, uint16_t *words);

#endif
