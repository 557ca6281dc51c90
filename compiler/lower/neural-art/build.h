/* Making one epoch of the NPU: units, links between them, memory that they read and write.
 *
 * An epoch in the making keeps the first thing that went wrong; every function may be called after that, and does nothing.
 * Who makes an epoch asks once, at the end. */
#ifndef LP_LOWER_NEURAL_ART_BUILD_H
#define LP_LOWER_NEURAL_ART_BUILD_H

#include "compiler/lower/lowering.h"
#include "compiler/lower/neural-art/hw_epoch.h"

struct lp_npu_build {
    struct lp_lowering *l;
    struct lp_sw_epoch step; /* operands gather here until the epoch is complete */
    struct lp_hw_epoch *hw;
    struct lp_npu_relocation *relocations;
    uint32_t relocation_capacity;
    int64_t macs;          /* of operators whose results stream on within the epoch */
    int64_t busiest_words; /* of all ports so far: what decides the epoch's time */
    lp_status status;
    union {
        struct lp_npu_streng streng;
        struct lp_npu_convacc convacc;
        struct lp_npu_arith arith;
        struct lp_npu_pool pool;
        struct lp_npu_activ activ;
    } spare; /* handed out when a unit could not be had */
};

/* Memory of an operand: which one, and its size as a whole. */
struct lp_npu_memory {
    uint32_t operand;
    uint32_t size_bytes;
};

/* Where a stream comes from, and how its words are ordered: `frames` frames of [height][width][depth]. */
struct lp_npu_stream {
    struct lp_npu_port port;
    int32_t width, height, depth;
    int64_t frames;
    int32_t
        step; /* channels from frame to frame when they overlap; 0: depth, they follow each other. Of a single frame it says, when
                     not 0, that the source gives the map in other portions, which the pooling unit does not take */
    int32_t run; /* n > 1: the source gives n times as many frames, of every n only the last is one */
};

lp_status lp_npu_begin(struct lp_lowering *l, const struct lp_op *op, struct lp_npu_build **out);

/* A copy of an epoch in the making, to come back to. Null: no memory. */
struct lp_npu_build *lp_npu_build_copy(const struct lp_npu_build *b);

/* Adds the epoch to the program. `op`: whose outputs it stores. */
lp_status lp_npu_end(struct lp_npu_build *b, const struct lp_op *op, int64_t macs);

/* ---- memory ---- */
struct lp_npu_memory lp_npu_read_tensor(struct lp_npu_build *b, int32_t tensor);
struct lp_npu_memory lp_npu_write_tensor(struct lp_npu_build *b, int32_t tensor);
/* A block of lp_lower_temporary. */
struct lp_npu_memory lp_npu_block(struct lp_npu_build *b, uint32_t block, bool is_written);
/* Parameters: put into the weights section, or found there when the operator has stored the same bytes already. */
struct lp_npu_memory lp_npu_parameters(struct lp_npu_build *b, struct lp_item item);

/* ---- units: zeroed but for their number ---- */
struct lp_npu_convacc *lp_npu_convacc(struct lp_npu_build *b);
struct lp_npu_arith *lp_npu_arith(struct lp_npu_build *b);
struct lp_npu_pool *lp_npu_pool(struct lp_npu_build *b);
struct lp_npu_activ *lp_npu_activ(struct lp_npu_build *b);
/* How many of a type are left. */
int32_t lp_npu_units_left(const struct lp_npu_build *b, enum lp_npu_unit_type type);

/* A coefficient table of `arith`: member_offset is that of A_vector, B_vector or C_vector. */
void lp_npu_point(struct lp_npu_build *b, enum lp_npu_unit_type type, const void *unit, size_t member_offset,
                  struct lp_npu_memory memory);

/* ---- stream engines ---- */
/* From memory to a stream (dir 0) or back (dir 1), starting addend_bytes into it; 8 bits wide, geometry left to the caller. */
struct lp_npu_streng *lp_npu_engine(struct lp_npu_build *b, int32_t dir, struct lp_npu_memory memory, uint32_t addend_bytes);
/* frame_count elements a frame, frames back to back. */
void lp_npu_engine_raw(struct lp_npu_streng *s, uint32_t frame_elements, uint32_t element_bytes, uint32_t frames);

/* ---- links ---- */
struct lp_npu_port lp_npu_port(enum lp_npu_unit_type type, const void *unit, int32_t port);
void lp_npu_route(struct lp_npu_build *b, struct lp_npu_port from, struct lp_npu_port to);
/* Of every `run` frames only the last passes. */
void lp_npu_route_last(struct lp_npu_build *b, struct lp_npu_port from, struct lp_npu_port to, int32_t run);
/* The first `frames` (at most 255) pass, no others. */
void lp_npu_route_counted(struct lp_npu_build *b, struct lp_npu_port from, struct lp_npu_port to, int32_t frames);

/* Words that pass some port during the epoch. */
void lp_npu_busy(struct lp_npu_build *b, int64_t words);

#endif
