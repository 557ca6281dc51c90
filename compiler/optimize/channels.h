/* Channels as things that stay or go, private to the folder.
 *
 * A slot is one channel of one tensor: the elements i with i / inner % period == slot number; inner is 1 where the channels are
 * the last dimension. Operators that work channel by channel tie slots together, which can only stay or go as one: a class.
 * Convolutions and matrix products decide which classes are needed. */
#ifndef LP_OPTIMIZE_CHANNELS_H
#define LP_OPTIMIZE_CHANNELS_H

#include "compiler/optimize/optimize.h"

/* Why a class stays; bits. */
enum {
    LP_NEED_OF_GRAPH = 1,  /* an input or output of the graph, or an operator that must see all channels */
    LP_NEED_VALUE = 2,     /* somebody multiplies its changing value with a weight */
    LP_NEED_AT_BORDER = 4, /* its value is constant, but padding shows a different one */
    LP_NEED_AS_LAST = 8,   /* a tensor has at least one channel */
    LP_NEED_OF_GROUP = 16, /* groups of a convolution have as many channels each */
    LP_NEED_OF_TILING = 32 /* so that a tensor's channels are a multiple of what the target works on together */
};

/* Longer lists of channels than any network has are not looked at one by one, so that a small file costs little memory.
 * Convolutions and matrix products have as many as they like: each has weights in the file. */
enum { LP_MOST_CHANNELS = 1 << 16 };

struct lp_channels {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const struct lp_graph *graph;
    const struct lp_ranges *ranges;
    bool *is_needed;   /* by operator */
    int32_t *producer; /* by tensor: operator, or -1 */
    uint32_t *period;  /* by tensor; 0: no slots (constants, tensors of operators that nobody needs) */
    uint32_t *inner;   /* by tensor: elements that follow each other in one slot */
    uint32_t *first;   /* by tensor: its first slot */
    uint32_t slot_count, slot_capacity;
    bool only_tflite;      /* operators keep forms that a .tflite has */
    uint32_t multiple;     /* tensors keep a multiple of so many channels, or all; 0 and 1: any number */
    bool is_out_of_memory; /* opening slots failed */
    int32_t *tensor_of;    /* by slot */
    uint32_t *parent;      /* by slot: towards the class's representative */
    uint32_t *next;        /* by slot: the next one of its class, a ring */
    uint8_t *need;         /* by representative: LP_NEED_* */
    uint32_t *left;        /* by tensor: slots that stay; filled in by lp_channels_find_needed */
};

/* Slots and classes of a graph. */
lp_status lp_channels_make(struct lp_channels *c);

/* Which classes are needed. */
lp_status lp_channels_find_needed(struct lp_channels *c);

uint32_t lp_channels_class(const struct lp_channels *c, uint32_t slot);
void lp_channels_tie(struct lp_channels *c, uint32_t a, uint32_t b);
void lp_channels_pin(struct lp_channels *c, int32_t tensor);
void lp_channels_pin_slot(struct lp_channels *c, uint32_t slot);

/* Element i of the tensor stays; i may exceed a row of channels. Tensors without slots stay as they are. */
bool lp_channels_stays(const struct lp_channels *c, int32_t tensor, uint32_t i);

static inline uint32_t lp_last_dim(const struct lp_tensor *t)
{
    return t->rank == 0 ? 1 : (uint32_t)t->dims[t->rank - 1];
}

/* links.c: gives the operator's outputs their slots and ties them to the inputs. */
lp_status lp_channels_link(struct lp_channels *c, const struct lp_op *op);

/* Gives a tensor slots: inner 1, or any that lp_channels_dim finds a dimension for. */
void lp_channels_open(struct lp_channels *c, int32_t tensor, uint32_t period);
void lp_channels_open_at(struct lp_channels *c, int32_t tensor, uint32_t inner, uint32_t period);
/* Gives a tensor a single slot, which stays. */
void lp_channels_open_whole(struct lp_channels *c, int32_t tensor);

/* The dimension that gets smaller when slots of such channels go; -1 when there is none. */
int32_t lp_channels_dim(const struct lp_tensor *tensor, uint32_t inner, uint32_t period);

/* The slot of element i, which may exceed a row of channels. */
static inline uint32_t lp_channels_slot(const struct lp_channels *c, int32_t tensor, uint32_t i)
{
    return c->first[tensor] + i / c->inner[tensor] % c->period[tensor];
}

#endif
