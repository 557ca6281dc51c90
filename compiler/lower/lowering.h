/* What the lowering of one operator works with. One file per operator family in cpu/ uses exactly these functions. */
#ifndef LP_LOWER_LOWERING_H
#define LP_LOWER_LOWERING_H

#include "compiler/lower/lower.h"

/* A tensor whose memory an epoch's first output may take over. */
struct lp_takeover {
    int32_t tensor; /* LP_NO_TENSOR: none */
    uint32_t gap_bytes;
};

enum { LP_MAX_TAKEOVERS = 2 };

struct lp_lowering {
    const struct lp_lower_options *options;
    struct lp_arena *arena;
    struct lp_diag *diag;
    const struct lp_graph *graph;
    struct lp_program *program;
    int64_t *constant_offset; /* by graph tensor: where its raw bytes lie in the weights, -1 when they do not */
    struct lp_takeover (*takeovers)[LP_MAX_TAKEOVERS]; /* by epoch */
};

/* Hardware that takes whole operators. Each function gets what `begin` left in *state. */
struct lp_lower_backend {
    lp_status (*begin)(struct lp_lowering *l, void **state);
    /* Adds the epochs of one operator: its own, or calls lp_lower_on_cpu. */
    lp_status (*lower)(struct lp_lowering *l, void *state, const struct lp_op *op);
    lp_status (*end)(struct lp_lowering *l, void *state); /* behind the last operator, before states move */
};

/* One row per operator in cpu/table.c. */
typedef lp_status lp_lower_op(struct lp_lowering *l, const struct lp_op *op);
extern lp_lower_op *const lp_lower_cpu_table[LP_OP_KIND_COUNT];

/* Opens an epoch that calls `symbol` with a copy of `args` (its structure, pointers null). Valid until the next epoch. */
lp_status lp_lower_epoch(struct lp_lowering *l, const struct lp_op *op, const char *symbol, const void *args, int64_t macs,
                         struct lp_sw_epoch **out);

/* The operator on CPU kernels. */
lp_status lp_lower_on_cpu(struct lp_lowering *l, const struct lp_op *op);

/* Opens an epoch that hardware runs. Valid until the next epoch. */
lp_status lp_lower_hw_epoch(struct lp_lowering *l, const struct lp_op *op, const struct lp_hw_epoch *hw, int64_t macs,
                            struct lp_sw_epoch **out);

/* New memory in the arena for what only lowering knows; block number in *block. */
lp_status lp_lower_temporary(struct lp_lowering *l, uint32_t size_bytes, uint32_t align_bytes, uint32_t *block);

/* Adds an operand without a member; one for the same place is used again. *index: its place in the epoch's operands. */
lp_status lp_lower_operand(struct lp_lowering *l, struct lp_sw_epoch *epoch, struct lp_operand operand, uint32_t *index);

/* Where a tensor lies: its block (made when it has none), or its constant in the weights. */
lp_status lp_lower_place(struct lp_lowering *l, struct lp_sw_epoch *epoch, int32_t tensor, struct lp_operand *out);

/* Binds a pointer member to a tensor: in the arena, or in the weights when it is constant (stored once, cause
 * model-constants). LP_NO_TENSOR leaves the member null. */
lp_status lp_lower_read(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t field_offset, int32_t tensor);
lp_status lp_lower_write(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t field_offset, int32_t tensor);

/* Binds a pointer member to bytes that lowering made. `data` must live as long as the program. */
lp_status lp_lower_constant(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t field_offset, struct lp_item item);

/* The first output may overwrite `tensor`, which dies here, when it begins at least gap_bytes below it; 0: the kernel reads each
 * element before it writes there. At most LP_MAX_TAKEOVERS tensors an epoch. */
void lp_lower_overlap(struct lp_lowering *l, const struct lp_sw_epoch *epoch, int32_t tensor, uint32_t gap_bytes);

/* The operator moves no byte: its output is its input under another shape. A constant input is copied by an epoch. */
lp_status lp_lower_alias(struct lp_lowering *l, const struct lp_op *op);

/* The tensor `out` is the tensor `in` under another name; a constant is copied. */
lp_status lp_lower_rename(struct lp_lowering *l, const struct lp_op *op, int32_t in, int32_t out);

/* An epoch that moves a tensor; whoever reads it from there on, under whatever name, finds it in its new block. */
lp_status lp_lower_move(struct lp_lowering *l, const struct lp_move_before *move);

/* Epochs that hold the operator's shape operands to the values that it is compiled for. */
lp_status lp_lower_expected(struct lp_lowering *l, const struct lp_op *op);

/* Epochs behind the last operator that make the new states the old ones, and constants for their first values. */
lp_status lp_lower_states(struct lp_lowering *l);

/* Accounts for the epoch table, the argument structures and the network's descriptions as the target's C compiler lays
 * them out. Emitted C asserts the same sizes. */
lp_status lp_lower_tables(struct lp_lowering *l);

/* Name of an item in the emitted C: what it is and the layer it belongs to, "weight_3". */
const char *lp_lower_item_name(struct lp_lowering *l, const char *what, const struct lp_op *op);

#endif
