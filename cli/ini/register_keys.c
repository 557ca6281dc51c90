#include "cli/ini/register_keys.h"

lp_status lp_ini_register_format(struct lp_ini *ini, struct lp_ini_section *section, struct lp_register_format *format)
{
    static const char *const types[] = {"int16", "uint16", "int32", "uint32", "float32"};
    static const char *const orders[] = {"ABCD", "CDAB", "BADC", "DCBA"};
    int type = (int)format->type, order = (int)format->order;
    lp_status status = lp_ini_choice(ini, section, "type", types, LP_COUNT(types), &type);
    if (status == LP_OK)
        status = lp_ini_choice(ini, section, "order", orders, LP_COUNT(orders), &order);
    if (status == LP_OK)
        status = lp_ini_real(ini, section, "scale", -1e12, 1e12, &format->scale);
    if (status == LP_OK)
        status = lp_ini_real(ini, section, "offset", -1e12, 1e12, &format->offset);
    format->type = (enum lp_register_type)type;
    format->order = (enum lp_register_order)order;
    if (status == LP_OK && format->scale == 0.0)
        status = lp_ini_bad_value(ini, lp_ini_key(ini, section, "scale"), "any number but 0");
    return status;
}

lp_status lp_ini_serial(struct lp_ini *ini, struct lp_ini_section *section, uint32_t *baud, char *parity, uint8_t *stop_bits)
{
    static const char *const parities[] = {"none", "even", "odd"};
    static const char letters[] = {'N', 'E', 'O'};
    int64_t speed = *baud, stops = *stop_bits;
    int choice = *parity == 'N' ? 0 : *parity == 'E' ? 1 : 2;
    lp_status status = lp_ini_whole(ini, section, "baud", 300, 4000000, &speed);
    if (status == LP_OK)
        status = lp_ini_choice(ini, section, "parity", parities, LP_COUNT(parities), &choice);
    if (status == LP_OK)
        status = lp_ini_whole(ini, section, "stop_bits", 1, 2, &stops);
    *baud = (uint32_t)speed;
    *parity = letters[choice];
    *stop_bits = (uint8_t)stops;
    return status;
}
