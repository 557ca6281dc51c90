/* Streams of whole tensors: what operators without weights are made of. */
#ifndef LP_LOWER_NEURAL_ART_FLOW_H
#define LP_LOWER_NEURAL_ART_FLOW_H

#include "compiler/lower/neural-art/requant.h"
#include "compiler/lower/neural-art/work.h"

/* A tensor with channels last as the units see it: batches and further dimensions are lines. */
struct lp_npu_map {
    int32_t width, height, channels;
};
struct lp_npu_map lp_npu_map_of(const struct lp_tensor *tensor);

/* All of a tensor, `depth` channels a frame, by rising channel; a number that divides the channels. */
struct lp_npu_stream lp_npu_feed(struct lp_npu_build *b, int32_t tensor, const struct lp_npu_map *map, int32_t depth);
struct lp_npu_stream lp_npu_feed_memory(struct lp_npu_build *b, struct lp_npu_memory memory, const struct lp_npu_map *map,
                                        int32_t depth);

/* A whole tensor for an operator that computes element by element: the open tail when it ends in that tensor, else from memory, in
 * frames that the operator behind this one can take as they come. */
lp_status lp_npu_open(struct lp_npu_work *w, const struct lp_op *op, int32_t tensor, struct lp_npu_build **b,
                      struct lp_npu_stream *stream);
/* Whether the open tail is the operator's first input. */
bool lp_npu_follows(const struct lp_npu_work *w, const struct lp_op *op);

/* What a reduction takes together: whole lines, columns, or both of maps with channels last. */
struct lp_npu_reduced {
    struct lp_npu_map map; /* of one batch */
    int32_t batches;
    struct lp_window window;
};
/* False: it reduces other dimensions, too. */
bool lp_npu_reduced_sides(const struct lp_tensor *in, const struct lp_tensor *axes, struct lp_npu_reduced *out);

/* Channels of a frame that the pooling unit takes: as many as were seen together, a line of them within the unit's 12 bits. */
int32_t lp_npu_pool_depth(const struct lp_npu_map *map);

/* value + offset, in 16 bits; the stream as it is for 0. */
struct lp_npu_stream lp_npu_add_offset(struct lp_npu_work *w, struct lp_npu_build *b, const struct lp_op *op,
                                       const struct lp_npu_stream *in, int32_t offset);

/* clamp(value + offset, low, high), in 16 bits. */
struct lp_npu_stream lp_npu_add_part(struct lp_npu_work *w, struct lp_npu_build *b, const struct lp_op *op,
                                     const struct lp_npu_stream *in, int32_t offset, int32_t low, int32_t high);

/* Two parts of a value as a result of 8 bits: (above * x + below[channel] * y) / 2^shift + offset. `below`: one factor, or one a
 * channel. */
struct lp_npu_parts {
    int16_t above;
    const int16_t *below;
    uint32_t count;
    int32_t shift, offset;
};
struct lp_npu_stream lp_npu_add_parts(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_stream *x,
                                      struct lp_npu_port y, const struct lp_npu_parts *parts);

/* Ends the operator with this stream, which holds all of its result. */
lp_status lp_npu_result(struct lp_npu_work *w, struct lp_npu_build *b, const struct lp_op *op,
                        const struct lp_npu_stream *stream);

/* First input and output are int8, and small enough for an engine. Otherwise `no` says so. */
lp_status lp_npu_need_int8(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no);

/* The same of one tensor and another element type of 8 bits. */
lp_status lp_npu_need_element(struct lp_npu_work *w, const struct lp_tensor *tensor, enum lp_element element,
                              struct lp_refusal *no);

/* Refuses when results could be off by more than one step. */
lp_status lp_npu_need_precision(struct lp_npu_work *w, double deviation, struct lp_refusal *no);

/* One factor and one offset: result = value * factor + offset, |value| <= most. Null: no memory. */
struct lp_npu_requant *lp_npu_one_requant(struct lp_npu_work *w, double factor, double offset, int64_t most);

#endif
