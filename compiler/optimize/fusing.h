/* What the fusions of lp_fuse share. Internal to optimize. */
#ifndef LP_OPTIMIZE_FUSING_H
#define LP_OPTIMIZE_FUSING_H

#include "compiler/base/arena.h"
#include "compiler/graph/graph.h"

enum { LP_NO_OPERATOR = -1, LP_MOST_PADDING = UINT16_MAX };

struct lp_fusing {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const struct lp_graph *before;
    struct lp_graph *after; /* operators at the places that they have in `before` */
    int32_t *reader;        /* by tensor of `before`: the only operator that reads it, LP_NO_OPERATOR for no or several readers */
    uint32_t *readers;      /* by tensor; a graph's output counts */
    bool *is_gone;          /* by operator */
    bool is_changed;
};

/* The operator that alone reads the result of operator `op`, as its first input. */
int32_t lp_fusing_next(const struct lp_fusing *f, int32_t op);

/* RESHAPE, EXPAND_DIMS or SQUEEZE; false for LP_NO_OPERATOR. */
bool lp_fusing_changes_shape(const struct lp_fusing *f, int32_t op);

/* Dimensions of `small`, with one of 1 at `at`, are those of `large`. */
bool lp_fusing_is_expanded(const struct lp_tensor *small, const struct lp_tensor *large, uint32_t at);

/* A tensor of four dimensions in place of `like`, which keeps its number for whoever compares tensors: the dimensions of `sizes`
 * with one of 1 at `one_at`. */
int32_t lp_fusing_add_map(struct lp_fusing *f, int32_t like, const struct lp_tensor *sizes, uint32_t one_at);

/* The operator of `after` becomes a RESHAPE. */
lp_status lp_fusing_set_reshape(struct lp_fusing *f, struct lp_op *op, int32_t in, int32_t out);

/* The operator of `after` reads and writes these instead of its first input and output. */
lp_status lp_fusing_set_lists(struct lp_fusing *f, struct lp_op *op, int32_t in, int32_t out);

/* Before and behind a border, and where the convolution reads it, an integer is the same real number. A change of shape between
 * them, which only moves bytes, may say otherwise. */
bool lp_fusing_means_the_same(const struct lp_graph *g, const struct lp_op *border, const struct lp_op *conv);

/* Windows of `out` results and `pad` lines before the map, `reach` lines from the first to the last tap: each touches the map. */
bool lp_fusing_touches(int32_t in, int32_t out, int32_t stride, int64_t reach, int64_t pad);

/* PAD of rows and columns with the zero point becomes padding of the convolution behind it, also across a change of shape. */
lp_status lp_fuse_padding(struct lp_fusing *f, int32_t pad);

#endif
