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

enum { LP_MAX_OPERANDS = 20 };

enum lp_place { LP_PLACE_ARENA, LP_PLACE_WEIGHTS };

struct lp_hw_epoch; /* what a unit of the target executes by itself; known to the target's own folder only */

/* A pointer member of the argument structure, and what it will point to. A member without an operand stays null. */
struct lp_operand {
    uint16_t field_offset; /* offsetof(args struct of the PC, member); 0 in hardware epochs, which count operands instead */
    uint8_t place;         /* enum lp_place */
    bool is_written;       /* by the kernel; in the arena only */
    uint32_t index;        /* arena: block; weights: byte offset */
    int32_t tensor;        /* graph tensor, LP_NO_TENSOR for what lowering made */
};

/* One call of one kernel, or one run of the target's hardware. */
struct lp_sw_epoch {
    const struct lp_kernel_info *kernel; /* null in hardware */
    void *args;                          /* the kernel's argument structure as the PC lays it out, pointers null */
    const struct lp_hw_epoch *hw;        /* null in software */
    struct lp_operand operands[LP_MAX_OPERANDS];
    uint32_t operand_count;
    /* Of a kernel that calls others: their epochs, whose operands are their own; `operands` are those of all in the arena. */
    const struct lp_sw_epoch *stages;
    uint32_t stage_count;
    uint32_t op; /* operator of the graph whose outputs it computes; the last one when it computes several */
    int64_t macs;
    int64_t cycles; /* of the hardware, by the target's model; 0 when nobody knows */
};

/* The operator's part of the epoch's products. */
static inline int64_t lp_epoch_macs_of(const struct lp_sw_epoch *epoch, uint32_t op)
{
    int64_t macs = 0;
    for (uint32_t i = 0; i < epoch->stage_count; i++)
        macs += epoch->stages[i].op == op ? epoch->stages[i].macs : 0;
    return epoch->stage_count == 0 && epoch->op == op ? epoch->macs : macs;
}

/* Why hardware does not take an operator: the first rule that failed. All null when it does, or when there is none. */
struct lp_refusal {
    const char *rule;    /* what `limpid rules` calls it */
    const char *found;   /* "a dilation of 3" */
    const char *allowed; /* "1 or 2" */
    const char *change;  /* the smallest change of the model that would pass */
};

/* Where one of the graph's states lies, and its first value. */
struct lp_state_memory {
    uint32_t block;
    bool is_even; /* all bytes are `fill`; else they lie in the weights */
    uint8_t fill;
    uint32_t weights_offset_bytes;
};

struct lp_program {
    const struct lp_target *target;
    enum lp_rounding rounding;
    struct lp_arena *arena;
    struct lp_sw_epoch *epochs;
    uint32_t epoch_count, epoch_capacity;
    struct lp_block *blocks; /* what the planner places */
    uint32_t block_count, block_capacity;
    struct lp_overlap *overlaps;
    uint32_t overlap_count;
    struct lp_overlap move; /* of the tensor that changes its place, LP_ANYWHERE; among the overlaps as well; gap 0: none does */
    /* By state of the graph. */
    struct lp_state_memory *states;

    int32_t *block_of_tensor;     /* by graph tensor; -1 when it needs no memory */
    struct lp_section weights;    /* parameter blob */
    int64_t shared_bytes;         /* of parameters that were not stored again, as equal ones stood there already */
    struct lp_section tables;     /* epoch table and argument structures, sizes as on the target */
    struct lp_refusal *refusals;  /* by operator; null for targets without hardware for whole operators */
    bool *is_fused;               /* by operator: its results stream on to an operator that follows, in the same epoch */
    double *deviation;            /* by operator: by how much hardware can miss the exact result before it is rounded, at most */
    const char **evidence;        /* by operator: how well the form that hardware runs is proven; null as above */
    const char *weakest_evidence; /* of them all, and the first operator that has it; null: nothing runs in hardware */
    uint32_t weakest_op;
};

#endif
