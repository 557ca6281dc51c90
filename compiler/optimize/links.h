/* The rules that tie channels, private to the folder: links.c has the table. */
#ifndef LP_OPTIMIZE_LINKS_H
#define LP_OPTIMIZE_LINKS_H

#include "compiler/optimize/channels.h"

/* Gives the operator's outputs their slots and ties them to the inputs. */
typedef lp_status lp_link_rule(struct lp_channels *c, const struct lp_op *op);

/* All channels are seen together: none may go, neither in nor out. */
lp_link_rule lp_link_all;
/* links_move.c */
lp_link_rule lp_link_blocks, lp_link_concatenation, lp_link_gather, lp_link_pack, lp_link_pad, lp_link_reverse, lp_link_slice,
    lp_link_split, lp_link_strided_slice, lp_link_tile, lp_link_transpose, lp_link_unpack;

/* Entry i of an int32 or int64 constant. */
int64_t lp_link_number(const struct lp_tensor *numbers, int64_t i);

#endif
