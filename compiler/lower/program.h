/* What lowering makes of a graph: epochs in order, the memory they want, and the constants they read.
 *
 * Nothing here has an address yet: an epoch's operands are blocks of the arena (placed later by the planner) or offsets in
 * the weights section. Emission turns it into C, evaluate/ loads it into the memory of the PC; both from this one form. */
#ifndef LP_LOWER_PROGRAM_H
#define LP_LOWER_PROGRAM_H

#include "compiler/account/section.h"
#include "compiler/graph/graph.h"
#include "compiler/lower/kernel_fields.h"
#include "compiler/plan/plan.h"
#include "compiler/target/target.h"
#include "contract/requantize.h"

enum { LP_MAX_OPERANDS = 10 };

enum lp_place { LP_PLACE_ARENA, LP_PLACE_WEIGHTS };

/* A pointer member of the argument structure, and what it will point to. A member without an operand stays null. */
struct lp_operand {
    uint16_t field_offset; /* offsetof(args struct of the PC, member) */
    uint8_t place;         /* enum lp_place */
    bool is_written;       /* by the kernel; in the arena only */
    uint32_t index;        /* arena: block; weights: byte offset */
    int32_t tensor;        /* graph tensor, LP_NO_TENSOR for what lowering made */
};

/* One call of one kernel. */
struct lp_sw_epoch {
    const struct lp_kernel_info *kernel;
    void *args; /* the kernel's argument structure as the PC lays it out, pointers null */
    struct lp_operand operands[LP_MAX_OPERANDS];
    uint32_t operand_count;
    uint32_t op; /* operator of the graph whose outputs it computes */
    int64_t macs;
};

struct lp_program {
    const struct lp_target *target;
    enum lp_rounding rounding;
    struct lp_arena *arena;
    struct lp_sw_epoch *epochs;
    uint32_t epoch_count, epoch_capacity;
    struct lp_block *blocks; /* what the planner places */
    uint32_t block_count;
    struct lp_overlap *overlaps;
    uint32_t overlap_count;
    int32_t *block_of_tensor;  /* by graph tensor; -1 when it needs no memory */
    struct lp_section weights; /* parameter blob */
    struct lp_section tables;  /* epoch table and argument structures, sizes as on the target */
};

#endif
