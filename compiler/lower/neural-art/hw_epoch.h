/* An epoch of the NPU before anybody knows addresses: unit structures, and which of their members receive which. */
#ifndef LP_LOWER_NEURAL_ART_HW_EPOCH_H
#define LP_LOWER_NEURAL_ART_HW_EPOCH_H

#include "neural-art/program.h"

/* A 32-bit member of a unit structure that becomes the device address of an operand of the epoch, plus an addend. */
struct lp_npu_relocation {
    uint8_t type;           /* enum lp_npu_unit_type */
    uint8_t position;       /* in the epoch's array of that type */
    uint16_t member_offset; /* offsetof(structure, member) */
    uint32_t operand;       /* in the operands of the struct lp_sw_epoch */
    uint32_t addend;
};

struct lp_hw_epoch {
    struct lp_npu_epoch epoch; /* id, cache operations and addresses are filled in when it is linked */
    const struct lp_npu_relocation *relocations;
    uint32_t relocation_count;
};

#endif
