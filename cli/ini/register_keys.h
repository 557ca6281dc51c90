/* Keys that mean the same wherever Modbus is configured. Each leaves its results alone when a key is absent. */
#ifndef LP_CLI_INI_REGISTER_KEYS_H
#define LP_CLI_INI_REGISTER_KEYS_H

#include "cli/ini/ini_file.h"
#include "modbus/registers.h"

/* type, order, scale, offset. */
lp_status lp_ini_register_format(struct lp_ini *ini, struct lp_ini_section *section, struct lp_register_format *format);

/* baud, parity ('N', 'E', 'O'), stop_bits. */
lp_status lp_ini_serial(struct lp_ini *ini, struct lp_ini_section *section, uint32_t *baud, char *parity, uint8_t *stop_bits);

#endif
