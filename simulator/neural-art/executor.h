/* Runs programs of the Neural-ART NPU: checks an epoch's configuration, then moves frames between its units until nothing
 * moves. Results are those of the machine bit for bit; what it would cost is counted beside. */
#ifndef LP_SIMULATOR_NEURAL_ART_EXECUTOR_H
#define LP_SIMULATOR_NEURAL_ART_EXECUTOR_H

#include "simulator/neural-art/check.h"
#include "simulator/neural-art/memory.h"

enum { LP_SIM_MOST_UNITS_OF_EPOCH = 22 };

struct lp_sim_options {
    struct lp_sim_check_options check;
    uint64_t most_words;     /* words that may wait between units at any time; 0: 2^28 */
    uint64_t most_transfers; /* words that engines may read in one epoch; 0: no limit */
    void *observer;          /* first argument of the three below; each may be null */
    /* A compute unit gave a frame. The low bytes of each word count, see arithmetic.h. */
    void (*saw_frame)(void *observer, const struct lp_npu_epoch *epoch, int32_t unit_type, int32_t index, const int32_t *words,
                      size_t count);
    void (*saw_epoch)(void *observer, const struct lp_npu_epoch *epoch); /* all of it is stored */
    /* Software epochs. Null: such an epoch is an error that names it. */
    lp_status (*run_software)(void *observer, const struct lp_npu_epoch *epoch, const struct lp_sim_memory *memory);
};

struct lp_sim_unit_report {
    int32_t unit_type, index;
    uint64_t words_in[LP_NPU_MOST_PORTS]; /* by port */
    uint64_t words_out, frames_out;
    uint64_t saturations; /* values that the unit clamped */
    uint64_t macs;        /* CONVACC: products summed, padding and zero weights included */
    uint64_t cycles;      /* cycles.c states the model */
};

struct lp_sim_epoch_report {
    int32_t id;
    enum lp_npu_epoch_kind kind;
    struct lp_sim_unit_report units[LP_SIM_MOST_UNITS_OF_EPOCH];
    uint32_t unit_count;
    uint64_t cycles; /* of the whole epoch, start and drain included */
    uint32_t pool_count;
    struct lp_sim_pool_traffic *pools;
    uint64_t unwritten_bytes; /* read although nobody wrote them */
};

struct lp_sim_report {
    struct lp_sim_findings findings;
    struct lp_sim_epoch_report *epochs;
    uint32_t epoch_count; /* those that ran */
};

/* Runs all epochs. LP_OK: no finding is an error. LP_BAD_INPUT: the check or the run found an error, the report says which;
 * epochs before it have run. LP_OUT_OF_MEMORY, or what run_software returned. The report lives in `arena`. */
lp_status lp_sim_run(struct lp_arena *arena, const struct lp_npu_program *program, const struct lp_sim_memory *memory,
                     const struct lp_sim_options *options, struct lp_sim_report *report);

/* One hardware epoch, for who has its own run loop. `report->findings.arena` is set by the caller; what it finds is added.
 * program may be null (no check against buffers). */
lp_status lp_sim_run_epoch(const struct lp_npu_program *program, const struct lp_npu_epoch *epoch,
                           const struct lp_sim_memory *memory, const struct lp_sim_options *options,
                           struct lp_sim_findings *findings, struct lp_sim_epoch_report *report);

/* Cycles of a unit and of an epoch by the model that docs/simulator.md states. */
uint64_t lp_sim_unit_cycles(const struct lp_sim_unit_report *unit);
uint64_t lp_sim_epoch_cycles(const struct lp_sim_epoch_report *epoch);

#endif
