/* What the lowering of one operator to the NPU works with. One file per operator family; table.c says which serves which.
 *
 * A family's function looks whether the NPU takes the operator. If so it adds epochs (build.h) and leaves `no` alone; if not it
 * adds nothing and fills in `no` by lp_npu_refuse, and the operator becomes software epochs. */
#ifndef LP_LOWER_NEURAL_ART_WORK_H
#define LP_LOWER_NEURAL_ART_WORK_H

#include "compiler/lower/neural-art/build.h"
#include "compiler/lower/neural-art/rules.h"

/* Results that a unit has not stored yet: the epoch is still open, so that the next operator can take them as they come. */
struct lp_npu_tail {
    struct lp_npu_build *build;  /* null: none */
    const struct lp_op *op;      /* whose first output it is */
    struct lp_npu_stream stream; /* 8-bit results, frames by rising channel */
    int32_t channels;
    int64_t macs;
};

struct lp_npu_work {
    struct lp_lowering *l;
    const struct lp_ranges *ranges; /* of the graph, wide enough for results that differ by 1 at every operator */
    uint32_t *readers;              /* by tensor: operators and graph outputs that read it */
    bool *is_joined;                /* by tensor: stored where the CONCATENATION that reads it wants it */
    struct lp_npu_tail tail;
    const struct lp_op *op; /* at work */
    struct lp_npu_candidates {
        struct lp_npu_candidate *of;
        uint32_t count, room;
    } candidates; /* of weighted_plan.c, whose memory serves one operator after the other */
};

typedef lp_status lp_npu_lower_op(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no);

/* Whether the operator can begin with the open tail instead of memory. */
typedef bool lp_npu_can_follow(const struct lp_npu_work *w, const struct lp_op *op);

struct lp_npu_row {
    lp_npu_lower_op *lower;
    /* Null: never. `lower` is called with the tail still open only when this says yes; it refuses before it takes the tail. */
    lp_npu_can_follow *can_follow;
};
extern const struct lp_npu_row lp_npu_table[LP_OP_KIND_COUNT];

/* `op` has one result as a stream that ends in `b`. It is left open when the next operator alone reads it; lp_npu_close_tail
 * stores it. */
lp_status lp_npu_leave_open(struct lp_npu_work *w, struct lp_npu_tail tail);
/* The epoch of the open tail, for an operator that follows; its stream in *stream. */
struct lp_npu_build *lp_npu_take_tail(struct lp_npu_work *w, struct lp_npu_stream *stream);
/* The operator that alone reads a tensor; null when there are several, or the caller reads it. */
const struct lp_op *lp_npu_sole_reader(const struct lp_npu_work *w, int32_t tensor);
/* Stores an open tail in its tensor's memory and ends its epoch. */
lp_status lp_npu_close_tail(struct lp_npu_work *w);

/* Stores frames of [height][width][depth], channel group by channel group, in a canonical tensor of `channels` channels, from
 * channel `first` on. Geometry of a part of the map: its first pixel and steps. */
struct lp_npu_target {
    struct lp_npu_memory memory;
    int32_t channels;  /* of the whole tensor */
    int32_t map_width; /* of the whole tensor */
    int32_t first_channel;
    int32_t y, x, step_y, step_x; /* of the first result, in pixels */
    int64_t before_bytes;         /* other results before this map */
};
/* All of a tensor's memory: its own, or its place in the result of the CONCATENATION that alone reads it. */
struct lp_npu_target lp_npu_target_of(struct lp_npu_work *w, struct lp_npu_build *b, int32_t tensor);
void lp_npu_store(struct lp_npu_build *b, const struct lp_npu_stream *stream, const struct lp_npu_target *target);

/* The ARITH stage for a requantization of a stream of so many bytes a word, whose frames hold `depth` of the channels each; its
 * result as a stream.
 * act_min, act_max: clamp of the result. `name_op`: whose parameters these are. */
struct lp_npu_requant;
struct lp_npu_stream lp_npu_add_requant(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_stream *in,
                                        int32_t bytes, const struct lp_npu_requant *q, int32_t act_min, int32_t act_max);

/* The same for whole sums of 24 bits, stored in a block frame by frame as the stream says: `q` is made for sums shifted by
 * LP_NPU_LOW_BITS, with offsets of 16 bits. */
enum { LP_NPU_LOW_BITS = 8, LP_NPU_SUM_BYTES = 3 };
struct lp_npu_stream lp_npu_scale_whole_sums(struct lp_npu_build *b, const struct lp_op *op, struct lp_npu_memory sums,
                                             const struct lp_npu_stream *stream, const struct lp_npu_requant *q, int32_t act_min,
                                             int32_t act_max);

/* The same for two or four sums of 16 bits that are one sum together; four are halved on the way, so `q` is made for halves. All
 * in the order of `stream`. */
struct lp_npu_stream lp_npu_scale_sums_together(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_port *sums,
                                                int32_t count, const struct lp_npu_stream *stream, const struct lp_npu_requant *q,
                                                int32_t act_min, int32_t act_max);

/* CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED. */
lp_npu_lower_op lp_npu_lower_weighted;
lp_npu_lower_op lp_npu_lower_binary;     /* ADD, SUB, MUL, MINIMUM, MAXIMUM */
lp_npu_lower_op lp_npu_lower_scale;      /* QUANTIZE, RELU and its kin */
lp_npu_lower_op lp_npu_lower_activation; /* LOGISTIC, TANH, LEAKY_RELU and other functions of a byte */
lp_npu_lower_op lp_npu_lower_moves;      /* CONCATENATION, SLICE, SPLIT, TRANSPOSE and their kin */
lp_npu_lower_op lp_npu_lower_pad;        /* PAD, PADV2 */
lp_npu_lower_op lp_npu_lower_max_pool;
lp_npu_lower_op lp_npu_lower_largest;        /* MAX_POOL_2D of windows that lp_npu_lower_max_pool leaves to it */
lp_npu_lower_op lp_npu_lower_reduce_largest; /* REDUCE_MAX, REDUCE_MIN */
lp_npu_lower_op lp_npu_lower_resize_nearest; /* RESIZE_NEAREST_NEIGHBOR */
lp_npu_lower_op lp_npu_lower_prelu;
lp_npu_lower_op lp_npu_lower_average_pool;
lp_npu_lower_op lp_npu_lower_mean;
lp_npu_can_follow lp_npu_pool_can_follow, lp_npu_binary_can_follow, lp_npu_scale_can_follow, lp_npu_activation_can_follow;
bool lp_npu_is_pool(enum lp_op_kind kind);
/* Whether lp_npu_lower_moves takes the operator. */
bool lp_npu_can_move(struct lp_npu_work *w, const struct lp_op *op);
/* Of one operator. */
enum { LP_NPU_MOST_EPOCHS = 64 };
/* Channels that the pooling unit was seen to take together, and words of a line of them that it can hold. */
enum { LP_NPU_POOL_DEPTH = 8, LP_NPU_POOL_LINE = 4095 };

#endif
