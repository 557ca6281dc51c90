/* Registers of the units as configurations: what a program of the epoch controller has written, in the structures of
 * units.h. */
#ifndef LP_NEURAL_ART_EC_UNITS_H
#define LP_NEURAL_ART_EC_UNITS_H

#include "neural-art/ec.h"
#include "neural-art/program.h"

enum {
    LP_EC_PAGE_WORDS = 1024,
    LP_EC_SWITCH_PAGE = 4,
    LP_EC_ARITH_PAGE = 23,
    LP_EC_COEFFICIENT_WORDS = 256, /* coefficient memory, ROMs: words of a page from here on */
    LP_EC_COEFFICIENTS = 512,
    /* Of the tables in memory that stand for what a unit holds inside: A, B (16 bits) and C (32 bits) of each ARITH, both
     * ROMs of each ACTIV. */
    LP_EC_ARITH_TABLE_BYTES = 8 * LP_EC_COEFFICIENTS,
    LP_EC_ACTIV_TABLE_BYTES = 512,
    LP_EC_TABLE_BYTES = LP_NPU_ARITH_UNITS * LP_EC_ARITH_TABLE_BYTES + LP_NPU_ACTIV_UNITS * LP_EC_ACTIV_TABLE_BYTES
};

struct lp_ec_registers {
    uint32_t page[LP_EC_PAGES][LP_EC_PAGE_WORDS];
    uint32_t coefficients[LP_NPU_ARITH_UNITS][LP_EC_COEFFICIENTS][2]; /* B:A, C */
};

/* Page of a unit's registers. */
uint32_t lp_ec_page_of(enum lp_npu_unit_type type, int32_t index);

/* As after the reset of one page (LP_EC_PAGES: of all). */
void lp_ec_registers_reset(struct lp_ec_registers *r, uint32_t page);

/* Value of a field, of the whole register when `field` is null. The names are those of lp_ec_pages. */
uint32_t lp_ec_field_value(const struct lp_ec_registers *r, uint32_t page, const char *reg, const char *field);

/* Fills `unit`, the structure of `type`, from the registers. Tables that the unit holds inside are written to `tables`
 * (LP_EC_TABLE_BYTES), which will lie at device address table_address. What has no known meaning is an error. */
lp_status lp_ec_unit(struct lp_diag *diag, const char *label, const struct lp_ec_registers *r, enum lp_npu_unit_type type,
                     int32_t index, uint8_t *tables, uint32_t table_address, void *unit);

/* The links of the stream switch; at most LP_EC_MOST_ROUTES. */
enum { LP_EC_MOST_ROUTES = 41 };
lp_status lp_ec_routes(struct lp_diag *diag, const char *label, const struct lp_ec_registers *r, struct lp_npu_route *routes,
                       uint32_t *route_count);

#endif
