/* Internal to neural-art/: what registers and members have in common, for both directions (ec_units.c reads registers,
 * ec_encode.c writes them). */
#ifndef LP_NEURAL_ART_EC_RULES_H
#define LP_NEURAL_ART_EC_RULES_H

#include "neural-art/ec.h"
#include "neural-art/program.h"

/* How a field stands for a member. */
enum lp_ec_way {
    LP_EC_PLAIN,
    LP_EC_INVERTED, /* the register says what is not done */
    LP_EC_SIGNED,   /* two's complement of the field's width */
    LP_EC_BIASED,   /* shifts of inputs: 16 stands for none, less for a shift to the left */
    LP_EC_BIT_0,    /* of a rounding mode: the mode itself */
    LP_EC_BIT_1     /* of a rounding mode: negative results become zero */
};

struct lp_ec_rule {
    const char *reg, *field; /* null: the whole register */
    const char *member;
    enum lp_ec_way way;
};

struct lp_ec_rules {
    const struct lp_ec_rule *rules;
    size_t count;
};

/* By enum lp_npu_unit_type: members that are a register field each. */
extern const struct lp_ec_rules lp_ec_rules_of[LP_NPU_UNIT_TYPES];

/* Numbers of the operations in the registers, by enum lp_npu_arith_operation and lp_npu_pool_operation; -1: none. */
extern const int32_t lp_ec_arith_codes[LP_NPU_ARITH_CLIP + 1];
extern const int32_t lp_ec_pool_codes[LP_NPU_POOL_GAVG + 1];

/* Ports of one unit type in the numbering of the switch; `ports` of them a unit. */
struct lp_ec_port_range {
    uint32_t first, count, ports;
    int32_t type;
};
enum { LP_EC_PORT_RANGES = 5 };
extern const struct lp_ec_port_range lp_ec_destinations[LP_EC_PORT_RANGES], lp_ec_sources[LP_EC_PORT_RANGES];

/* Null when the page has no register, or the register no field, of that name. */
const struct lp_ec_register *lp_ec_register_find(uint32_t page, const char *name);
const struct lp_ec_field *lp_ec_field_find(const struct lp_ec_register *reg, const char *name);

#endif
