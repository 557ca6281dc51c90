/* What a run loop did: return codes and blocks, inference by inference. */
#ifndef LP_DIAGNOSE_TRACE_H
#define LP_DIAGNOSE_TRACE_H

#include "compiler/base/arena.h"
#include "diagnose/records.h"

enum { LP_TRACE_FILE_BYTES = 256 << 20, LP_TRACE_INFERENCES = 1 << 22 };

struct lp_trace_inference {
    uint32_t resets, resets_refused, resets_early; /* early: the network had begun and not returned DONE */
    uint32_t early_block;                          /* where it stood at the first early reset */
    uint64_t run_calls, waits;                     /* waits: calls that returned WFE */
    uint32_t blocks_run;                           /* different blocks at which a call began and did not return DONE */
    uint32_t highest_block;
    uint32_t timeouts, timeout_block;
    char timeout_unit[24]; /* "" when not stated */
    bool is_done, has_error;
};

struct lp_trace {
    struct lp_trace_inference *items;
    uint32_t count, capacity;
    uint32_t blocks; /* of the network; 0: not stated */
    bool has_runs;   /* at least one `run` record */
    bool is_cut;     /* no `end` */
};

/* Reads "limpid-trace 1". `out` lives in `arena`. Errors name path, line, found, allowed. */
lp_status lp_trace_read(struct lp_arena *arena, struct lp_diag *diag, const char *path, const void *data, size_t size_bytes,
                        struct lp_trace *out);

/* For device logs: handles a record that both formats have; *taken false when it is none of them. */
lp_status lp_trace_record(struct lp_arena *arena, struct lp_record_reader *reader, struct lp_trace *trace, bool *taken);

#endif
