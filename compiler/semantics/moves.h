/* Private to compiler/semantics: one rule for each operator that only moves elements. moves.c has the table. */
#ifndef LP_SEMANTICS_MOVES_H
#define LP_SEMANTICS_MOVES_H

#include "compiler/semantics/operands.h"

typedef lp_status lp_move_rule(const struct lp_place_of_op *at, uint32_t part, struct lp_move_part *out);

lp_move_rule lp_move_concatenation, lp_move_pack, lp_move_split, lp_move_split_v, lp_move_unpack; /* moves_join.c */
lp_move_rule lp_move_transpose, lp_move_reverse, lp_move_tile, lp_move_broadcast, lp_move_fill;   /* moves_order.c */
lp_move_rule lp_move_depth_to_space, lp_move_space_to_depth;                                      /* moves_order.c */
lp_move_rule lp_move_slice, lp_move_strided_slice;                                                /* moves_slice.c */

/* Room for lp_shape_text. */
enum { LP_SHAPE_BYTES = 100 };

/* The output's shape gets a further dimension, inside the others. */
void lp_move_add_dim(struct lp_move_part *part, int64_t size);
/* A further loop inside the others. */
void lp_move_add_loop(struct lp_move_part *part, int64_t size, int64_t in_stride, int64_t out_stride);
/* Outputs that are dense in the order of the loops: fills in their strides. */
void lp_move_dense_output(struct lp_move_part *part);

/* Elements of the dimensions [first, end) of a tensor. */
int64_t lp_move_elements(const struct lp_tensor *tensor, uint32_t first, uint32_t end);

#endif
