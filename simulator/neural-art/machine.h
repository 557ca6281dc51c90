/* The state of a running epoch: units as nodes, frames in the queues between them. Internal to simulator/neural-art/. */
#ifndef LP_SIMULATOR_NEURAL_ART_MACHINE_H
#define LP_SIMULATOR_NEURAL_ART_MACHINE_H

#include "simulator/neural-art/executor.h"
#include "simulator/neural-art/units.h"

/* A frame on its way; every queue that holds it counts as one reference. */
struct lp_sim_frame {
    uint32_t references;
    size_t count, capacity; /* words */
    struct lp_sim_frame *next_free;
    int32_t words[];
};

struct lp_sim_queue {
    struct lp_sim_frame **slots; /* a ring */
    size_t capacity, head, count;
    uint64_t words; /* in all frames, less those of the first that were taken already */
    size_t taken;   /* words of the first frame that a counting reader has taken */
};

/* Bytes that arrive in pieces and leave in others. */
struct lp_sim_bytes {
    uint8_t *data;
    size_t capacity, start, end;
};

enum { LP_SIM_ROOM_FRAMES = 3 }; /* frames that a port holds before an input engine waits */

struct lp_sim_node;

struct lp_sim_link {
    const struct lp_npu_route *route;
    struct lp_sim_node *to;
    int32_t port;
    uint64_t frames_seen; /* of the source, for the switch contexts */
};

struct lp_sim_node {
    int32_t type, index;
    const void *config;
    struct lp_sim_queue ports[LP_NPU_MOST_PORTS];
    struct lp_sim_link links[LP_SIM_MOST_UNITS_OF_EPOCH * 2];
    uint32_t link_count;
    uint64_t frames;                     /* engine: transferred; compute unit: given */
    const struct lp_sim_node *waits_for; /* input engine: writer whose frame must be stored first */
    struct lp_sim_bytes bytes;           /* CONVACC: kernel stream; output engine: frame in the making */
    uint64_t surplus_words;              /* output engine: arrived after the last frame */
    struct lp_sim_frame *held;           /* CONVACC with fstat */
    uint32_t held_uses;
    uint64_t elements; /* ARITH: elements given in this epoch */
    void *scratch;
    uint64_t scratch_bytes;
    struct lp_sim_coefficients *coefficients;
    struct lp_sim_activ_tables *tables;
    struct lp_sim_unit_report *report;
};

struct lp_sim_machine {
    const struct lp_npu_epoch *epoch;
    const struct lp_sim_memory *memory;
    const struct lp_sim_options *options;
    struct lp_sim_findings *findings;
    struct lp_sim_node *nodes;
    uint32_t node_count;
    struct lp_sim_frame *free_frames;
    uint64_t queued_words, transferred_words;
    lp_status status; /* the first failure; nothing moves any more once it is set */
};

/* ---- queues and buffers (queue.c). A false or null answer has set machine->status. ---- */
struct lp_sim_frame *lp_sim_frame_new(struct lp_sim_machine *m, uint64_t count);
void lp_sim_frame_release(struct lp_sim_machine *m, struct lp_sim_frame *frame);
bool lp_sim_queue_add(struct lp_sim_machine *m, struct lp_sim_queue *queue, struct lp_sim_frame *frame);
struct lp_sim_frame *lp_sim_queue_first(const struct lp_sim_queue *queue);
/* Takes the first frame out; the caller releases it. */
struct lp_sim_frame *lp_sim_queue_take(struct lp_sim_machine *m, struct lp_sim_queue *queue);
/* Takes `count` words, across frames. The queue has that many. */
void lp_sim_queue_take_words(struct lp_sim_machine *m, struct lp_sim_queue *queue, int32_t *words, size_t count);
/* Room for `count` more bytes at the end; null when there is no memory. */
uint8_t *lp_sim_bytes_add(struct lp_sim_machine *m, struct lp_sim_bytes *bytes, size_t count);
void lp_sim_machine_free(struct lp_sim_machine *m);

/* ---- steps (steps.c): each does one piece of work if it can, and says whether it did. ---- */
bool lp_sim_step(struct lp_sim_machine *m, struct lp_sim_node *node);
/* Total frames an engine transfers are done. */
bool lp_sim_engine_is_done(const struct lp_sim_node *node);
/* Reads coefficient and function tables at the start of the epoch. */
lp_status lp_sim_load_tables(struct lp_sim_machine *m, struct lp_sim_node *node, struct lp_arena *arena);

/* ---- stalls (stalls.c): what is left when nothing moves. ---- */
void lp_sim_explain_stall(struct lp_sim_machine *m);

/* An error at a unit; stops the machine. */
void lp_sim_fail(struct lp_sim_machine *m, const struct lp_sim_node *node, const char *field, const char *allowed,
                 const char *found, ...) __attribute__((format(printf, 5, 6)));

#endif
