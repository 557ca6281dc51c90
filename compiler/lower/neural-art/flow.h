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

/* Ends the operator with this stream, which holds all of its result. */
lp_status lp_npu_result(struct lp_npu_work *w, struct lp_npu_build *b, const struct lp_op *op,
                        const struct lp_npu_stream *stream);

/* Input and output are int8 and computed. Otherwise `no` says so. */
lp_status lp_npu_need_int8(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no);

/* Refuses when results could be off by more than one step. */
lp_status lp_npu_need_precision(struct lp_npu_work *w, double deviation, struct lp_refusal *no);

/* One factor and one offset: result = value * factor + offset, |value| <= most. Null: no memory. */
struct lp_npu_requant *lp_npu_one_requant(struct lp_npu_work *w, double factor, double offset, int64_t most);

#endif
