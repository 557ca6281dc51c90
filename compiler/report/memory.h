/* What lies where in memory, and when: buffers of a target over its epochs. */
#ifndef LP_REPORT_MEMORY_H
#define LP_REPORT_MEMORY_H

#include "compiler/report/report.h"

struct lp_report_buffer {
    const char *name;      /* of the tensor; "scratch" for what a kernel needs besides */
    const char *kind;      /* "input", "output", "state" (kept between inferences), "activation", "scratch" */
    int32_t pool;          /* of the target; -1: its only arena */
    uint64_t offset_bytes; /* in the pool */
    uint64_t size_bytes;
    uint32_t first_epoch, last_epoch; /* both included; outputs live on after the last epoch */
};

/* Buffers with bytes, in the order of the blocks. Null when there is no memory. */
struct lp_report_buffer *lp_report_buffers(const struct lp_report_target *target, struct lp_arena *arena, uint32_t *count);

/* Bytes that hold something in this epoch; where an output lies over its input they count once. */
uint64_t lp_report_live_bytes(const struct lp_report_buffer *buffers, uint32_t count, uint32_t epoch);

/* The first of the epochs in which most bytes are alive. */
uint32_t lp_report_peak_epoch(const struct lp_report_target *target, const struct lp_report_buffer *buffers, uint32_t count);

/* Adds "memory_map": {"epochs": [{"index", "layer", "op", "runs_on", "alive_bytes", "cycles"}], "peak": {"epoch", "alive_bytes",
 * "tensors": [names]}, "buffers": [{"name", "kind", "pool", "offset_bytes", "size_bytes", "first_epoch", "last_epoch"}]}. */
void lp_report_memory_json(const struct lp_report_target *target, struct lp_arena *arena, json_t *out);

void lp_report_memory_text(const struct lp_report_target *target, struct lp_arena *arena, struct lp_text *out);

#endif
